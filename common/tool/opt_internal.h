/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * opt_internal - what the opt*.c files share: the table's row, the values it
 * takes and the texts made of it. Nobody else includes this.
 */
#ifndef IOAMP_OPT_INTERNAL_H
#define IOAMP_OPT_INTERNAL_H

#include "base/nearest.h"
#include "tool/options.h"

#include <stddef.h>

/* How the value of an option is taken; CALL: by its own function. */
enum kind { KIND_FLAG, KIND_COUNT, KIND_TEXT, KIND_NUMBER, KIND_CHOICE, KIND_CALL, KIND_HELP,
	KIND_VERSION };

struct choice {
	const char *name;	/* NULL ends a list */
	int value;
};

/* One option. */
struct def {
	char letter;		/* 0: none */
	const char *name;
	const char *arg;	/* NULL: takes none */
	unsigned int tools;	/* enum opt_tool */
	const char *help;
	enum kind kind;
	size_t offset;		/* of the member it sets */
	uint64_t min, max;
	const struct choice *choices;
	int (*take)(struct options *o, const struct def *d, const char *value);
};

/* ---- opt.c: the table ---- */

extern const struct def opt_defs[];
extern const size_t opt_ndefs;

/*
 * ---- opt_value.c: values; 0, or -EINVAL after saying what is wrong with `value` ----
 *
 * `value` is not empty and is not kept. What they leave in `o` after an error is not to be used.
 */

/* A whole decimal number from d->min to d->max; *out is set only on 0. */
int opt_take_number(const struct def *d, const char *value, uint64_t *out);
/* One of d->choices, as an int into the member at d->offset. */
int opt_take_choice(struct options *o, const struct def *d, const char *value);

/* For the table: each knows its members. Lists add to what an earlier use of the option gave. */
int opt_take_pids(struct options *o, const struct def *d, const char *value);
int opt_take_disks(struct options *o, const struct def *d, const char *value);
int opt_take_systems(struct options *o, const struct def *d, const char *value);
int opt_take_layers(struct options *o, const struct def *d, const char *value);
int opt_take_duration(struct options *o, const struct def *d, const char *value);
/* d->offset is that of `settle`. */
int opt_take_settle(struct options *o, const struct def *d, const char *value);
/* Kept: it lies in argv. */
int opt_take_container(struct options *o, const struct def *d, const char *value);
/* 1 after the list that "help" asks for. */
int opt_take_sort(struct options *o, const struct def *d, const char *value);
int opt_take_min_us(struct options *o, const struct def *d, const char *value);
int opt_take_pages(struct options *o, const struct def *d, const char *value);
/* INTERVAL, then COUNT: they have no option of their own. */
int opt_take_interval(struct options *o, const char *value);
/* The descriptor must be open for writing; it stays the caller's. */
int opt_take_ready_fd(struct options *o, const struct def *d, const char *value);

/* ---- opt_help.c ---- */

const char *opt_tool_name(enum opt_tool tool);
/* What --help and --version print, flushed; the exit status: 0, or 1 when it cannot be written. */
int opt_print_help(FILE *f, enum opt_tool tool);
int opt_print_version(FILE *f, enum opt_tool tool);
/* The columns that -s knows; 0, or 1 when they cannot be written. */
int opt_print_columns(FILE *f);

#endif
