/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt - the options of all tools in one table, and the parsing that follows from it. */
#include "tool/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/opt_internal.h"

#define LIVE		(TOOL_TOP | TOOL_LATENCY)	/* [INTERVAL [COUNT]] */
#define ALL		(TOOL_STAT | TOOL_SNOOP | LIVE)	/* what measures a target */
#define ANY		(ALL | TOOL_DOCTOR)
#define PID_LIMIT	4194304		/* the kernel's PID_MAX_LIMIT */
#define US_LIMIT	3600000000u	/* an hour */
#define EXIT_USAGE	2
#define FILE_COUNTERS	4		/* counters by file: so many times those by process */
#define FILES_MAX	131072		/* 1.3 KB each */

/* ---- the table ---- */

static const struct choice by_choices[] = {
	{ "process", BY_PROCESS }, { "system", BY_SYSTEM }, { "role", BY_ROLE }, { "cgroup", BY_CGROUP }, { "container", BY_CONTAINER },
	{ "file", BY_FILE }, { "device", BY_DEVICE },
	{ NULL, 0 },
};
static const struct choice color_choices[] = {
	{ "auto", COLOR_AUTO }, { "always", COLOR_ALWAYS }, { "never", COLOR_NEVER }, { NULL, 0 },
};
static const struct choice types_choices[] = {
	{ "auto", KTYPES_AUTO }, { "btf", KTYPES_BTF }, { "headers", KTYPES_HEADERS },
	{ "kheaders", KTYPES_KHEADERS }, { NULL, 0 },
};
static const struct choice attach_choices[] = {
	{ "auto", ATTACH_AUTO }, { "tracepoint", ATTACH_TRACEPOINT }, { "fentry", ATTACH_FENTRY },
	{ "kprobe", ATTACH_KPROBE }, { NULL, 0 },
};
static const struct choice ownership_choices[] = {
	{ "page", OWN_PAGE }, { "chunk", OWN_CHUNK }, { "inode", OWN_INODE }, { NULL, 0 },
};

/* opt_take_choice() and take_plain() store an int into members of these types. */
_Static_assert(sizeof(enum row_by) == sizeof(int) && sizeof(enum attach_want) == sizeof(int) &&
	       sizeof(unsigned int) == sizeof(int) && sizeof(uint32_t) == sizeof(int),
	       "members set by offset have the size of int");

#define AT(member)	.offset = offsetof(struct options, member)
#define FLAG(member)	.kind = KIND_FLAG, AT(member)
#define COUNT(member)	.kind = KIND_COUNT, AT(member)
#define TEXT(member)	.kind = KIND_TEXT, AT(member)
#define RANGE(lo, hi)	.min = (lo), .max = (hi)
#define NUMBER(member, lo, hi) .kind = KIND_NUMBER, AT(member), RANGE(lo, hi)
#define CHOICE(member, list) .kind = KIND_CHOICE, AT(member), .choices = (list)
#define CALL(function)	.kind = KIND_CALL, .take = (function)

const struct def opt_defs[] = {
	{ 0, "selftest", NULL, TOOL_DOCTOR, "run a workload whose I/O is known, and compare every"
	  " figure with it", FLAG(selftest) },
	{ 0, "scratch", "DIR", TOOL_DOCTOR, "with --selftest: its disk is a file in DIR, not in"
	  " memory", TEXT(scratch) },
	{ 0, "systems", NULL, TOOL_DOCTOR, "which system each process, or the one of a PID that"
	  " follows, belongs to, and why", FLAG(list_systems) },
	{ 0, "lint", "FILE", TOOL_DOCTOR, "check a file of rules for systems", TEXT(lint) },
	{ 'p', "pid", "PID[,PID]", ALL, "only these processes", CALL(opt_take_pids),
	  RANGE(1, PID_LIMIT) },
	{ 't', "tid", "TID", ALL, "only this thread", NUMBER(ask.target.tid, 1, PID_LIMIT) },
	{ 'c', "comm", "GLOB", ALL, "only processes of this name", TEXT(ask.target.comm) },
	{ 'd', "disk", "DISK[,DISK]", ALL, "only these disks; globs allowed",
	  CALL(opt_take_disks) },
	{ 'S', "system", "SYSTEM[,SYSTEM]", ALL, "only these systems, as NAME or NAME/INSTANCE;"
	  " ioamp-doctor --systems lists them", CALL(opt_take_systems) },
	{ 0, "cgroup", "PATH", ALL, "only processes in this cgroup", TEXT(ask.target.cgroup) },
	{ 0, "container", "ID", ALL, "only this container: the start of its id, or its name",
	  CALL(opt_take_container) },
	{ 'a', "all", NULL, ALL, "the whole machine", FLAG(ask.target.all) },
	{ 0, "as", "USER", TOOL_STAT | LIVE, "run COMMAND as USER", TEXT(as_user) },
	{ 0, "settle", "HOW", TOOL_STAT | LIVE, "what to do about data still dirty at the end:"
	  " sync (default with COMMAND), wait[:TIME], none", CALL(opt_take_settle), AT(settle) },
	{ 0, "duration", "TIME", ALL, "stop after TIME: seconds, or with ms, s, m, h",
	  CALL(opt_take_duration) },
	{ 's', "sort", "COLUMN", TOOL_TOP, "largest of this column first; help lists them",
	  CALL(opt_take_sort) },
	{ 'r', "maxrows", "N", TOOL_TOP, "at most N rows; without a screen 20 by default",
	  NUMBER(maxrows, 1, 1000000) },
	{ 'C', "noclear", NULL, TOOL_TOP, "no screen: one table after the other", FLAG(noclear) },
	{ 'U', "ascii", NULL, TOOL_TOP, "draw the screen with ASCII alone", FLAG(ascii) },
	{ 'M', "no-mouse", NULL, TOOL_TOP, "leave the mouse to the terminal", FLAG(no_mouse) },
	{ 0, "by", "WHAT", ALL, "one row per process (default with a command or PID), system (default without), role,"
	  " cgroup, container, file or device",
	  CHOICE(ask.by, by_choices) },
	{ 0, "layer", "L[,L]", ANY, "attach only what these layers need: application, vfs, cache,"
	  " filesystem, block, device", CALL(opt_take_layers) },
	{ 0, "min-us", "N", TOOL_SNOOP, "leave out events faster than N microseconds",
	  CALL(opt_take_min_us), RANGE(0, US_LIMIT) },
	{ 'j', "json", NULL, ANY, "JSON", FLAG(json) },
	{ 0, "csv", NULL, ALL, "comma-separated values (RFC 4180)", FLAG(csv) },
	{ 0, "no-header", NULL, ALL, "no header line", FLAG(no_header) },
	{ 0, "raw", NULL, ALL, "exact bytes and nanoseconds", FLAG(raw) },
	{ 0, "color", "WHEN", ANY, "auto (default), always or never",
	  CHOICE(color, color_choices) },
	{ 'w', "wide", NULL, ANY, "do not fit lines to the terminal", FLAG(wide) },
	{ 'x', "extra", NULL, ALL, "more columns", FLAG(extra) },
	{ 'T', "timestamp", NULL, ALL, "print the time of day", FLAG(timestamp) },
	{ 'm', "milliseconds", NULL, ALL, "latencies in milliseconds", FLAG(millis) },
	{ 'o', "output", "FILE", ANY, "write the report to FILE", TEXT(output) },
	{ 'q', "quiet", NULL, ALL, "errors only on stderr", FLAG(quiet) },
	{ 'q', "quiet", NULL, TOOL_DOCTOR, "only what is wrong", FLAG(quiet) },
	{ 'v', "verbose", NULL, ALL, "print the attach plan; -vv also the compiler's words",
	  COUNT(verbose) },
	{ 'v', "verbose", NULL, TOOL_DOCTOR, "each probe, too; -vv also the compiler's words",
	  COUNT(verbose) },
	{ 0, "strict", NULL, ALL, "exit 4 when the result is incomplete or lines were lost",
	  FLAG(strict) },
	{ 0, "types", "SOURCE", ANY, "kernel types from: auto (default), btf, headers, kheaders",
	  CHOICE(ask.engine.types, types_choices) },
	{ 0, "attach", "KIND", ANY, "insist on: auto (default), tracepoint, fentry, kprobe",
	  CHOICE(ask.engine.attach, attach_choices) },
	{ 0, "ownership", "UNIT", ANY, "remember who dirtied each: page (default), chunk, inode",
	  CHOICE(ask.engine.text.ownership, ownership_choices) },
	{ 0, "map-size", "N", ANY, "entries of the tables in the kernel",
	  NUMBER(map_size, 64, 16777216) },
	{ 0, "buffer-pages", "N", ALL, "pages of the event buffer, a power of two",
	  CALL(opt_take_pages), RANGE(1, 65536) },
	{ 0, "ready-fd", "FD", ALL, "write one byte there when all probes are attached",
	  CALL(opt_take_ready_fd), RANGE(0, INT32_MAX) },
	{ 0, "ebpf", NULL, ALL, "print the program text and stop; needs no root",
	  FLAG(show_ebpf) },
	{ 'h', "help", NULL, ANY, "print this and stop", .kind = KIND_HELP },
	{ 'V', "version", NULL, ANY, "print the version and stop", .kind = KIND_VERSION },
};

#define NR_DEFS	(sizeof(opt_defs) / sizeof(opt_defs[0]))

const size_t opt_ndefs = NR_DEFS;

/* ---- parsing ---- */

/* getopt's tables; `val` of an option is its place in opt_defs. */
struct tables {
	struct option longs[NR_DEFS + 1];
	char shorts[2 * NR_DEFS + 3];
};

#define VAL_FIRST 256	/* no letter is that large */

static void tables_fill(struct tables *t, enum opt_tool tool)
{
	struct option *l = t->longs;
	char *s = t->shorts;

	memset(t, 0, sizeof(*t));
	/* '+': stop at COMMAND, its options are its own. ':': the messages are ours. */
	*s++ = '+';
	*s++ = ':';
	for (const struct def *d = opt_defs; d < opt_defs + NR_DEFS; d++) {
		if (!(d->tools & tool))
			continue;
		*l++ = (struct option){ d->name, d->arg ? required_argument : no_argument, NULL,
					VAL_FIRST + (int)(d - opt_defs) };
		if (!d->letter)
			continue;
		*s++ = d->letter;
		if (d->arg)
			*s++ = ':';
	}
}

/* The option that getopt means: a letter, or what tables_fill() gave a long one. */
static const struct def *find(enum opt_tool tool, int val)
{
	if (val >= VAL_FIRST)
		return &opt_defs[val - VAL_FIRST];
	for (const struct def *d = opt_defs; val && d < opt_defs + NR_DEFS; d++)
		if (d->letter == val && d->tools & tool)
			return d;
	return NULL;
}

static void say_unknown_long(enum opt_tool tool, const char *arg)
{
	char name[WORD_MAX];
	struct nearest near;
	unsigned int matches = 0;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
	near = nearest_start(name);
	for (const struct def *d = opt_defs; d < opt_defs + NR_DEFS; d++) {
		if (!(d->tools & tool))
			continue;
		matches += !strncmp(d->name, name, strlen(name));
		nearest_try(&near, d->name);
	}
	if (matches > 1)
		log_usage("--%s may mean several options; write more of it", name);
	else
		log_usage("unknown option --%s%s%s%s", name, HINT(near, "--"));
}

/* What getopt refused: `c` is ':' or '?', the rest is in its globals. */
static int say_refused(enum opt_tool tool, int c, char **argv)
{
	const struct def *d = find(tool, optopt);

	if (d)
		log_usage(c == ':' ? "--%s needs a value (%s)" : "--%s takes no value", d->name,
			  d->arg);
	else if (optopt)
		log_usage("unknown option -%c", optopt);
	else
		say_unknown_long(tool, argv[optind - 1]);
	return -EINVAL;
}

/* The kinds that one assignment serves. */
static int take_plain(struct options *o, const struct def *d, const char *value)
{
	void *member = (char *)o + d->offset;
	uint64_t number;
	int err = 0;

	switch (d->kind) {
	case KIND_FLAG:
		*(bool *)member = true;
		break;
	case KIND_COUNT:
		++*(int *)member;
		break;
	case KIND_TEXT:
		*(const char **)member = value;
		break;
	default:	/* KIND_NUMBER */
		err = opt_take_number(d, value, &number);
		if (!err)
			*(unsigned int *)member = (unsigned int)number;
	}
	return err;
}

static int take_one(struct options *o, const struct def *d, const char *value)
{
	if (value && !*value) {
		log_usage("--%s: the value is empty", d->name);
		return -EINVAL;
	}
	if (d->kind == KIND_CHOICE)
		return opt_take_choice(o, d, value);
	return d->kind == KIND_CALL ? d->take(o, d, value) : take_plain(o, d, value);
}

/* What stands after the options of ioamp-doctor. */
static int take_systems_pid(struct options *o, int argc, char **argv)
{
	const struct def d = { .name = "PID", RANGE(1, PID_LIMIT) };

	if (o->list_systems && argc == 1 && !o->ask.target.nr_pids)
		return opt_take_pids(o, &d, argv[0]);
	log_usage("'%s': there is nothing but options to give%s", argv[o->list_systems],
		  o->list_systems ? ", and one PID" : "");
	return -EINVAL;
}

/* The next of getopt's options; INTERVAL and COUNT may stand between them. -1: none is left. */
static int next_option(struct options *o, enum opt_tool tool, const struct tables *t, int argc,
		       char **argv, int *after, int *err)
{
	int c;

	for (;;) {
		c = getopt_long(argc, argv, t->shorts, t->longs, NULL);
		/* "--" ends it, too: then getopt stepped over it */
		if (c != -1 || !(tool & LIVE) || optind == argc || optind != *after)
			return c;
		*err = opt_take_interval(o, argv[optind]);
		if (*err)
			return -1;
		*after = ++optind;
	}
}

/* What stands after the options: COMMAND, or what this tool does not take. */
static int take_rest(struct options *o, enum opt_tool tool, int argc, char **argv, int after)
{
	/* getopt stepped over "--" when it stands where the options ended */
	if (optind == argc && optind > after) {
		log_usage("no COMMAND after --");
		return -EINVAL;
	}
	if (optind < argc && tool == TOOL_DOCTOR)
		return take_systems_pid(o, argc - optind, argv + optind);
	if (optind < argc && optind == after && tool == TOOL_SNOOP) {
		log_usage("'%s' is no option; put -- before a command: %s -- %s ...", argv[optind],
			  opt_tool_name(tool), argv[optind]);
		return -EINVAL;
	}
	o->ask.target.command = optind < argc ? argv + optind : NULL;
	return 0;
}

/* 0, 1 when *status says it all (help, version), or -EINVAL. */
static int take_all(struct options *o, enum opt_tool tool, int argc, char **argv, int *status)
{
	struct tables t;
	const struct def *d;
	int c, err = 0, after = 1;

	tables_fill(&t, tool);
	opterr = 0;
	optind = 0;	/* glibc: forget an earlier scan, also inside "-abc" */
	while ((c = next_option(o, tool, &t, argc, argv, &after, &err)) != -1) {
		d = c == ':' || c == '?' ? NULL : find(tool, c);
		if (!d)
			return say_refused(tool, c, argv);
		if (d->kind == KIND_HELP || d->kind == KIND_VERSION) {
			*status = d->kind == KIND_HELP ? opt_print_help(stdout, tool) :
							 opt_print_version(stdout, tool);
			return 1;
		}
		err = take_one(o, d, optarg);
		if (err)
			return err;
		after = optind;
	}
	return err ? err : take_rest(o, tool, argc, argv, after);
}

/* What cannot be meant together; the first rule broken is said. */
static int check_together(const struct options *o, enum opt_tool tool)
{
	const char *target = o->ask.target.nr_pids ? "--pid" : o->ask.target.tid ? "--tid" : NULL;

	if (o->json && o->csv)
		log_usage("--json and --csv exclude each other");
	else if (o->ask.target.command && target)
		log_usage("%s and a COMMAND exclude each other: COMMAND is the target", target);
	else if (o->ask.target.all && (target || o->ask.target.cgroup || o->ask.target.container || o->ask.target.nr_systems))
		log_usage("--all is the whole machine; it excludes %s",
			  target ? target : o->ask.target.cgroup ? "--cgroup" : o->ask.target.container ? "--container" :
			  "--system");
	else if (o->as_user && !o->ask.target.command)
		log_usage("--as %s needs a COMMAND to run", o->as_user);
	else if (tool == TOOL_LATENCY && o->ask.by == BY_FILE)
		log_usage("--by file: a wait is of no file; iolatency-layers has process, system, role,"
			  " cgroup, container, device");
	else if (o->scratch && !o->selftest)
		log_usage("--scratch is for --selftest");
	else if (o->selftest + o->list_systems + !!o->lint > 1)
		log_usage("--selftest, --systems and --lint exclude each other");
	else if (tool == TOOL_STAT && !o->ask.target.command && !target && !o->ask.target.cgroup && !o->ask.target.container &&
		 !o->ask.target.comm && !o->ask.target.nr_systems && !o->ask.target.all && !o->show_ebpf)
		log_usage("nothing to watch: give a COMMAND, -p PID, -S SYSTEM, --cgroup PATH, --container"
			  " ID, or -a for the whole machine");
	else
		return 0;
	return -EINVAL;
}

static void set_defaults(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->ask.by = BY_TOTAL;	/* not given */
	o->ready_fd = -1;
	text_config_default(&o->ask.engine.text);
}

bool opt_wants_screen(const struct options *o)
{
	const char *type = getenv("TERM");

	return !o->noclear && !o->json && !o->csv && !o->output && !o->show_ebpf &&
	       isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) && !(type && !strcmp(type, "dumb"));
}

/* What ioamp-top takes for granted. */
static void set_top(struct options *o)
{
	o->ask.target.all |= !o->ask.target.command && !o->ask.target.nr_pids && !o->ask.target.tid && !o->ask.target.cgroup && !o->ask.target.container && !o->ask.target.comm &&
		  !o->ask.target.nr_systems;
}

/* What the program text needs to know, after all options are in. */
static void set_text(struct options *o, enum opt_tool tool)
{
	struct text_config *text = &o->ask.engine.text;
	bool screen = tool == TOOL_TOP && opt_wants_screen(o);	/* it can show everything */

	text->events = text->times = tool == TOOL_SNOOP;
	text->latency = tool == TOOL_LATENCY;
	o->by_given = o->ask.by != BY_TOTAL;
	if (!o->by_given)
		o->ask.by = o->ask.target.command || o->ask.target.nr_pids || o->ask.target.tid ? BY_PROCESS : BY_SYSTEM;
	/* waits are of no file */
	text->by_file = screen || (tool != TOOL_LATENCY && (o->ask.by == BY_FILE || o->ask.by == BY_ROLE));
	/* where roles are shown; an event has its file by itself */
	text->lanes = o->ask.by == BY_ROLE || screen ||
		      (tool == TOOL_SNOOP && (o->extra || o->json || o->csv));
	if (text->by_file)
		text->agg_entries *= FILE_COUNTERS;
	if (o->map_size) {
		text->agg_entries = text->actor_entries = text->page_entries = o->map_size;
		text->lat_entries = o->map_size;
		text->file_entries = o->map_size < FILES_MAX ? o->map_size : FILES_MAX;
	}
	if (o->buffer_pages)
		text->event_pages = o->buffer_pages;
	if (!o->ask.engine.layers)
		o->ask.engine.layers = (1u << LAYER_MAX) - 1;
}

int opt_parse(struct options *o, enum opt_tool tool, int argc, char **argv, int *status)
{
	int err;

	log_init(opt_tool_name(tool), 0, false);
	set_defaults(o);
	err = take_all(o, tool, argc, argv, status);
	if (!err)
		err = check_together(o, tool);
	if (err < 0)
		*status = EXIT_USAGE;
	if (err)
		return err;
	if (tool == TOOL_TOP)
		set_top(o);
	set_text(o, tool);
	log_init(opt_tool_name(tool), o->verbose, o->quiet);
	return 0;
}
