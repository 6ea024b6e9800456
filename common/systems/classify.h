/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classify - which system a process belongs to, which instance of it, and which
 * role a file, thread or process has in it. Pure: evidence in, points out.
 */
#ifndef IOAMP_CLASSIFY_H
#define IOAMP_CLASSIFY_H

#include <limits.h>

#include "systems/rules.h"

#define POINTS_DETECTED	50	/* and more: it is that system */
#define POINTS_CANDIDATE 20	/* and more: costly evidence is looked for */
#define POINTS_NOT	100	/* each kind of not- evidence takes away */
#define POINTS_CLAIMED	45	/* at most, by what a process says of itself: cmdline and comm */
#define INSTANCE_MAX	256

/* What is known of one process. Strings are "" where nothing is known. */
struct evidence {
	uint32_t pid, ppid;
	uint64_t start_ticks;	/* since boot */
	bool kthread;
	char comm[32];
	char exe[PATH_MAX];	/* without " (deleted)" */
	char cmdline[4096];	/* words, each with its NUL */
	size_t cmdline_len;
	char title[4096];	/* the same with blanks, without those at its end */
	char cwd[PATH_MAX];
	char unit[256];		/* of systemd: the innermost .service or .scope */
	char container[768];	/* as in rows by container; not a service */
	char image[256];
	const char *parent;	/* system of the parent process, or "" */
	bool has_files;		/* the costly part was gathered */
	char **files;		/* what is open */
	size_t nr_files;
	uint16_t *ports;	/* that it listens on */
	size_t nr_ports;
};

/* How the points of one system came about. */
struct points {
	int total;
	struct {
		enum evidence_kind kind;
		bool not;		/* speaks against it */
		const char *pattern;
		const char *value;	/* what matched; in the evidence */
		int points;
	} v[2 * EVIDENCE_KINDS];
	size_t n;
};

/* Points of one system; `out` (NULL: not wanted) has the parts. */
int classify_score(const struct rule_system *s, const struct evidence *ev, struct points *out);
/* The system with most points, the first of equals; NULL: none has enough. *points is the most. */
const struct rule_system *classify(const struct rules *r, const struct evidence *ev, int *points);

/* Would open files or ports decide? Asked before they are gathered. */
bool classify_needs_files(const struct rules *r, const struct evidence *ev);

/*
 * The name of the instance, by the rules; else the container or unit; "" when nothing
 * tells. False: open files would, and were not gathered.
 */
bool classify_instance(const struct rule_system *s, const struct evidence *ev, char *buf, size_t size);

/* Children of a system belong to it, but not these and what they start: shells, shims of containers. */
bool classify_stops(const char *comm, const char *exe);

/* Roles; NULL: none. The path of a raw device is that of its node. */
const struct rule_role *classify_file(const struct rule_system *s, const char *path);
const struct rule_role *classify_thread(const struct rule_system *s, const char *comm);
const struct rule_role *classify_title(const struct rule_system *s, const char *title);

#endif
