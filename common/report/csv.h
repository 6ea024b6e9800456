/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv - a streaming writer of RFC 4180 records: quoted where needed, CRLF ends.
 * An unknown field is empty. Errors stay in the stream (ferror).
 */
#ifndef IOAMP_CSV_H
#define IOAMP_CSV_H

#include <stdint.h>
#include <stdio.h>

struct csv {
	FILE *f;
	size_t fields;	/* of this record so far; zero-initialise */
};

void csv_empty(struct csv *c);
/* NULL: empty. Each byte that is not UTF-8 becomes U+FFFD. */
void csv_str(struct csv *c, const char *s);
/* The exact bytes in base64 if csv_str() loses some, else empty. */
void csv_b64(struct csv *c, const char *s);
void csv_u64(struct csv *c, uint64_t v);
void csv_i64(struct csv *c, int64_t v);
void csv_double(struct csv *c, double v);
void csv_end(struct csv *c);

#endif
