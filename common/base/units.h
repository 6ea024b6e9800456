/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units - formats numbers and instants for people and for strict parsers. Every function fills the
 * caller's buffer and terminates it. Pure.
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
/* 3.14x; no decimals from 100 on. */
void units_factor(char buf[UNITS_MAX], double factor);
/* 2026-11-23T08:00:00.123456789Z */
void units_rfc3339(char buf[UNITS_MAX], int64_t s, long ns);
/* The shortest decimal that reads back as the same double, in any locale. */
void units_double(char buf[UNITS_MAX], double v);

#endif
