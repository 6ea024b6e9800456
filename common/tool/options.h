/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * opt - the options of all tools in one table: parsing, ranges, --help and the
 * manual's check follow from it. Pure but for printing help on a FILE.
 */
#ifndef IOAMP_OPT_H
#define IOAMP_OPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "session/request.h"
#include "session/settle.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Which tool is asking; an option names the tools that have it. */
enum opt_tool { TOOL_STAT = 1, TOOL_SNOOP = 2, TOOL_TOP = 4, TOOL_LATENCY = 8, TOOL_DOCTOR = 64 };

struct options {
	struct session_request ask;	/* target, rows, probes */
	const char *as_user;
	/* rows and numbers */
	bool json, csv, no_header, raw, wide, extra, timestamp, millis, quiet, strict, show_ebpf;
	enum color color;
	int verbose;
	const char *output;		/* -o FILE */
	unsigned int map_size, buffer_pages;	/* 0: default */
	double interval_s, duration_s;	/* 0: not given */
	bool by_given;			/* so is `by` */
	bool interval_given;		/* interval_s is the user's, not the tool's */
	unsigned int count;		/* [COUNT], 0: until stopped */
	enum settle settle;
	double settle_wait_s;		/* of wait[:T] */
	int ready_fd;			/* -1: none */
	/* ioamp-top */
	const char *sort;		/* name of a column, NULL: default */
	unsigned int maxrows;		/* 0: default */
	bool noclear, ascii, no_mouse;
	/* ioamp-doctor */
	bool selftest;
	const char *scratch;		/* directory, NULL: in memory */
	bool list_systems;		/* of all processes, or of pids[0] */
	const char *lint;		/* rule file */
};

/*
 * Fills `o` (text_config included). 0: go on. Otherwise the process should end
 * with *status: 0 after --help and --version, 2 after misuse (already said).
 */
int opt_parse(struct options *o, enum opt_tool tool, int argc, char **argv, int *status);

/* Is ioamp-top to be a screen, by its options and its terminal? */
bool opt_wants_screen(const struct options *o);

/* One line per option: "-p, --pid PID[,PID]<tab>text"; for --help and tests/doc. */
void opt_help(FILE *f, enum opt_tool tool);

#endif
