/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_name - what rows are called in tables, and the head of such a column. Pure. */
#ifndef IOAMP_ROW_NAME_H
#define IOAMP_ROW_NAME_H

#include <stddef.h>

#include "ledger/row.h"

const char *row_name_head(enum row_by by);	/* "COMM", "SYSTEM", ... */

/* The name without role and instance: process, system, path or kind. Not made safe; NULL unknown. */
const char *row_name_word(const struct row *row);

/* "etcd", "etcd wal", with an instance "etcd/INSTANCE wal", as -S takes it; safe. */
void row_name_system(char *buf, size_t size, const struct row_names *n, const char *instance);

/*
 * Does one of `n` rows name another instance of the same system? `first`: the names of the first
 * row, `stride`: bytes from one row to the next.
 */
bool row_name_has_sister(const struct row_names *of, const struct row_names *first, size_t n,
			 size_t stride);

/* Cuts the ids of containers in the path of a cgroup to 12 digits, in place. */
void row_name_shorten_ids(char *path);

#endif
