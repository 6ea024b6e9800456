/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classify - decides from evidence which system and instance a process belongs to, and
 * which role a file, thread or process has in it. Pure.
 */
#ifndef IOAMP_CLASSIFY_H
#define IOAMP_CLASSIFY_H

#include <limits.h>

#include "systems/rules.h"

#define POINTS_DETECTED	50	/* at least: the process belongs to the system */
#define POINTS_CANDIDATE 20	/* at least: open files and ports are gathered */
#define POINTS_NOT	100	/* subtracted for each kind of not- evidence */
#define POINTS_CLAIMED	45	/* at most from what a process can write itself: cmdline and comm */
#define INSTANCE_MAX	256

/* Evidence about one process. Unknown strings are "". */
struct evidence {
	uint32_t pid, ppid;
	uint64_t start_ticks;	/* since boot */
	bool kthread;
	char comm[32];
	char exe[PATH_MAX];	/* without " (deleted)" */
	char cmdline[4096];	/* words, each ends with a NUL */
	size_t cmdline_len;
	char title[4096];	/* the words joined with blanks; no blanks at the end */
	char cwd[PATH_MAX];
	char unit[256];		/* of systemd: the innermost .service or .scope */
	char container[768];	/* as in rows by container; no services */
	char image[256];
	const char *parent;	/* system of the parent process, or "" */
	bool has_files;		/* open files and ports were gathered */
	char **files;		/* paths of open files */
	size_t nr_files;
	uint16_t *ports;	/* TCP ports it listens on */
	size_t nr_ports;
};

/* The points of one system, by kind of evidence. */
struct points {
	int total;
	struct {
		enum evidence_kind kind;
		bool not;		/* the key was not-KEY */
		const char *pattern;
		const char *value;	/* the text that matched; owned by the evidence */
		int points;
	} v[2 * EVIDENCE_KINDS];
	size_t n;
};

/* The points of one system. `out` gets the parts; it may be NULL. */
int classify_score(const struct rule_system *s, const struct evidence *ev, struct points *out);
/* The system with the most points, *points; of equals the first. NULL: none has POINTS_DETECTED. */
const struct rule_system *classify(const struct rules *r, const struct evidence *ev, int *points);

/* Could open files or ports change the decision? Call this before you gather them. */
bool classify_needs_files(const struct rules *r, const struct evidence *ev);

/*
 * The name of the instance by the rules, else the container or unit, else "". False: a rule
 * needs the open files, which were not gathered.
 */
bool classify_instance(const struct rule_system *s, const struct evidence *ev, char *buf, size_t size);

/* Does this program end inheritance from the parent? Shells and container shims do. */
bool classify_stops(const char *comm, const char *exe);

/* Roles; NULL: none. For a raw device, `path` is the path of its node. */
const struct rule_role *classify_file(const struct rule_system *s, const char *path);
const struct rule_role *classify_thread(const struct rule_system *s, const char *comm);
const struct rule_role *classify_title(const struct rule_system *s, const char *title);

#endif
