/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * opt_def - an option as data. Parsing, ranges, --help, bash completion and the check of the
 * manuals follow from tables of them.
 */
#ifndef IOAMP_OPT_DEF_H
#define IOAMP_OPT_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct options;
struct tool;

/*
 * How opt.c takes the value. FLAG sets a bool, COUNT adds 1 to an int, TEXT sets a const char *,
 * NUMBER an unsigned int, CHOICE an enum. FORMAT chooses the writer by the option's value, or by
 * its name. CALL calls `take`.
 */
enum opt_kind {
	OPT_FLAG, OPT_COUNT, OPT_TEXT, OPT_NUMBER, OPT_CHOICE, OPT_FORMAT, OPT_CALL,
	OPT_HELP, OPT_VERSION,
};

struct opt_choice {
	const char *name;	/* NULL ends a list */
	int value;
};

struct opt_def {
	char letter;		/* 0: none */
	const char *name;	/* NULL ends a table */
	const char *arg;	/* what --help calls the value; NULL: the option takes none */
	/* Ends with ':': the values follow, the first is the default. */
	const char *help;
	enum opt_kind kind;
	bool measuring;		/* only tools that measure a target have this option */
	bool own;		/* sets a member of the tool's own options, not of struct options */
	size_t offset;		/* of that member */
	uint64_t min, max;
	const struct opt_choice *choices;
	/* The i-th value, where `choices` would repeat another list; NULL after the last. */
	const char *(*value)(const struct tool *tool, size_t i);
	/* Prints the list for the value "help"; the exit status, 0 or 1. NULL: no such value. */
	int (*list)(FILE *f);
	/* 0, or -EINVAL after its message. */
	int (*take)(struct options *o, const struct opt_def *d, const char *value);
};

/* For tables: the member that an option sets, of struct options or of the tool's own `type`. */
#define OPT_SETS(member)		.offset = offsetof(struct options, member)
#define OPT_SETS_OWN(type, member)	.own = true, .offset = offsetof(type, member)
#define OPT_RANGE(lo, hi)		.min = (lo), .max = (hi)

#define OPT_MAX 64	/* options of a tool; more are ignored, and unit.help fails */

/* Fills `list` with the options of a tool in the order of --help; returns their number. */
size_t opt_def_list(const struct tool *tool, const struct opt_def *list[OPT_MAX]);

/* The i-th value of an option with a list of values; NULL after the last. */
const char *opt_def_value(const struct tool *tool, const struct opt_def *d, size_t i);

/* The member that an option sets. */
void *opt_def_member(struct options *o, const struct opt_def *d);

#endif
