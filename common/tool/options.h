/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options - the parsed command line. */
#ifndef IOAMP_OPTIONS_H
#define IOAMP_OPTIONS_H

#include <stdbool.h>

#include "report/style.h"
#include "session/request.h"
#include "session/settle.h"

struct writer;

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Strings are those of argv. */
struct options {
	struct session_request ask;	/* target, rows, probes */
	bool by_given;			/* the user chose ask.by */
	/* the target's command, and how long to measure */
	const char *as_user;
	enum settle settle;
	double settle_wait_s;		/* of wait[:T] */
	double interval_s, duration_s;	/* 0: not given */
	bool interval_given;		/* the user chose interval_s */
	unsigned int count;		/* [COUNT], 0: until stopped */
	/* the report */
	const struct writer *writer;	/* of the chosen format */
	struct out_style style;		/* output_open() sets width and color */
	enum color color;
	const char *output;		/* -o FILE */
	bool quiet, strict, show_ebpf;
	int verbose;
	unsigned int map_size, buffer_pages;	/* 0: default */
	int ready_fd;			/* -1: none */
	void *own;			/* the tool's own options: tool->own_size bytes */
};

#endif
