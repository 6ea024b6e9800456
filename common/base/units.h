/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units - numbers, instants and names in the form that people, terminals and
 * strict parsers can take. Pure; every function fills a buffer of its caller,
 * always terminated.
 */
#ifndef IOAMP_UNITS_H
#define IOAMP_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNITS_MAX	32	/* holds every number and instant below */

/* IEC: 1023, 4.0K, 10.0M; raw: digits only. */
void units_bytes(char buf[UNITS_MAX], uint64_t bytes, bool raw);
void units_signed_bytes(char buf[UNITS_MAX], int64_t bytes, bool raw);
/* Decimal: exact below ten million, then 12.3M; raw: digits only. */
void units_count(char buf[UNITS_MAX], uint64_t n, bool raw);
/* 3.14x; two decimals below 100, none from there. */
void units_factor(char buf[UNITS_MAX], double factor);
/* 2026-11-23T08:00:00.123456789Z */
void units_rfc3339(char buf[UNITS_MAX], int64_t s, long ns);
/* The shortest decimal that reads back as the same double, in any locale. */
void units_double(char buf[UNITS_MAX], double v);

/*
 * Strict UTF-8 (no overlong form, surrogate, or code point above U+10FFFF):
 * length of the sequence at `s` and its code point; 0 when the byte is invalid.
 */
size_t utf8_decode(const char *s, uint32_t *code);
bool utf8_valid(const char *s);
/* The sequence of a code point, without a NUL; its length. */
#define UTF8_MAX	4
size_t utf8_encode(char out[UTF8_MAX], uint32_t code);

/*
 * A byte string for a terminal: what would move, colour or reorder it, and what
 * is no UTF-8, becomes \xNN. NULL becomes "-", the empty string "''". Cut where
 * the buffer ends, never inside a character.
 */
void name_safe(char *buf, size_t size, const char *name);
/* Columns a safe name takes. Sequences of 3 and 4 bytes count as two: most are
 * wide, and being wrong costs a blank, not a broken table. */
size_t name_columns(const char *safe);
/* Cuts a safe name to `columns` in place, with "..." for what went: at the end,
 * or at the front when the tail says more (paths). */
void name_clip(char *safe, size_t columns, bool keep_tail);

#endif
