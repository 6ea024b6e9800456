/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - a streaming JSON writer. Keys are ASCII identifiers; a NULL key writes an element of an
 * array. The output is valid JSON for any byte string. Errors stay in the stream (ferror).
 */
#ifndef IOAMP_JSON_H
#define IOAMP_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *f;
	bool comma;	/* the next member needs one; zero-initialise */
};

/* bracket: '{' or '[', and what closes it */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);

void json_null(struct json *j, const char *key);
void json_bool(struct json *j, const char *key, bool v);
void json_u64(struct json *j, const char *key, uint64_t v);
void json_i64(struct json *j, const char *key, int64_t v);
void json_double(struct json *j, const char *key, double v);	/* nan, inf: null */

/* NULL: null. Each byte that is not UTF-8 becomes U+FFFD. */
void json_str(struct json *j, const char *key, const char *s);
/* Exact bytes in base64. */
void json_b64(struct json *j, const char *key, const char *s);
/* json_str() and, if that lost bytes, the exact bytes as KEY_b64. */
void json_name(struct json *j, const char *key, const char *s);

/* For the CSV writer. */
#define UTF8_REPLACEMENT	"\xef\xbf\xbd"
void json_base64(FILE *f, const char *s);

#endif
