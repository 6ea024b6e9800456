/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_line - for tests: parses command lines of the real tools, with what they print caught. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/opt.h"
#include "tool/tool.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define TEXT		8192
#define OWN_MAX		64

/* See one_tool.c. */
typedef const struct tool *get_tool(void);
get_tool tool_ioamp_stat, tool_iosnoop_amp, tool_ioamp_top, tool_iolatency_layers, tool_ioamp_doctor;

struct run {
	struct options o;
	max_align_t own[OWN_MAX];
	int err, status;
	char out[TEXT], errors[TEXT];
	char line[1024];	/* the words of argv */
	char *argv[256];
	int argc;
};

static inline int catch(int fd, int *saved)
{
	int file = memfd_create("caught", MFD_CLOEXEC);

	assert_true(file >= 0);
	fflush(NULL);
	*saved = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	dup2(file, fd);
	return file;
}

static inline void release(int fd, int saved, int file, char *text)
{
	ssize_t n;

	fflush(NULL);
	dup2(saved, fd);
	close(saved);
	n = pread(file, text, TEXT - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	close(file);
}

static inline void parse_argv(struct run *r, get_tool *tool)
{
	int saved[2], file[2];

	r->status = -1;
	r->argv[r->argc] = NULL;
	file[0] = catch(STDOUT_FILENO, &saved[0]);
	file[1] = catch(STDERR_FILENO, &saved[1]);
	memset(r->own, 0, sizeof(r->own));
	assert_true(tool()->own_size <= sizeof(r->own));
	r->o.own = r->own;
	r->err = opt_parse(tool(), &r->o, r->argc, r->argv, &r->status);
	release(STDOUT_FILENO, saved[0], file[0], r->out);
	release(STDERR_FILENO, saved[1], file[1], r->errors);
}

/* `line` is split at spaces; '' is an empty word. */
static inline void parse(struct run *r, get_tool *tool, const char *line)
{
	char *save = NULL;

	snprintf(r->line, sizeof(r->line), "TOOL %.1000s", line);
	r->argc = 0;
	for (char *w = strtok_r(r->line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		r->argv[r->argc++] = strcmp(w, "''") ? w : w + 2;
	parse_argv(r, tool);
}

static inline void parse_good(struct run *r, get_tool *tool, const char *line)
{
	parse(r, tool, line);
	if (r->err || *r->errors)
		print_error("%s: %s", line, r->errors);
	assert_int_equal(r->err, 0);
	assert_int_equal(r->status, -1);
	assert_string_equal(r->errors, "");
	assert_string_equal(r->out, "");
}

/* --help and the like: they print and end the tool with status 0. */
static inline void say(struct run *r, get_tool *tool, const char *line)
{
	parse(r, tool, line);
	assert_int_equal(r->err, 1);
	assert_int_equal(r->status, 0);
	assert_string_equal(r->errors, "");
}

#endif
