/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - a streaming JSON writer: commas, escapes and nothing else. Keys are
 * plain ASCII identifiers; NULL as key: an element of an array. What it writes
 * is valid for any byte string. Errors stay in the stream (ferror).
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

/* NULL: null. Every byte that is no UTF-8 prints as U+FFFD. */
void json_str(struct json *j, const char *key, const char *s);
/* Exact bytes in base64. */
void json_b64(struct json *j, const char *key, const char *s);
/* json_str and, where that lost bytes, the sister field key_b64. */
void json_name(struct json *j, const char *key, const char *s);

/* For the CSV writer, which keeps to the same rule. */
#define UTF8_REPLACEMENT	"\xef\xbf\xbd"
void base64_write(FILE *f, const char *s);

#endif
