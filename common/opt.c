/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt - the options of all tools in one table: parsing, ranges and --help follow from it. */
#include "opt.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BOTH		(TOOL_STAT | TOOL_SNOOP)
#define PID_LIMIT	4194304		/* the kernel's PID_MAX_LIMIT */
#define US_LIMIT	3600000000u	/* an hour */
#define SHORTEST	1e-3		/* seconds; timers of less would round to "never" */
#define LONGEST		1e9
#define EXIT_USAGE	2

enum kind { KIND_FLAG, KIND_COUNT, KIND_TEXT, KIND_NUMBER, KIND_CHOICE, KIND_CALL, KIND_HELP,
	KIND_VERSION, KIND_LATER };

/* A value that part of the suite will know but this version does not. */
#define LATER (-1)

struct choice {
	const char *name;	/* NULL ends a list */
	int value;
};

struct def {
	char letter;		/* 0: none */
	const char *name;
	const char *arg;	/* NULL: takes none */
	unsigned int tools;	/* enum opt_tool */
	const char *help;	/* NULL: not in --help */
	enum kind kind;
	size_t offset;		/* of the member it sets */
	uint64_t min, max;
	const struct choice *choices;
	int (*take)(struct options *o, const struct def *d, const char *value);
};

/* ---- "did you mean" ---- */

#define WORD_MAX 32

struct nearest {
	const char *word, *best;
	unsigned int distance;
};

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Levenshtein; words too long for the row are as far away as can be. */
static unsigned int word_distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1], diagonal, above;
	size_t n = strlen(b);

	if (n > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (; *a; a++) {
		diagonal = row[0]++;
		for (size_t j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1, diagonal + (*a != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

/* Three letters off, or as many as the word has, is another word, not a slip. */
static struct nearest nearest_start(const char *word)
{
	return (struct nearest){ word, NULL, least(3, (unsigned int)strlen(word)) };
}

static void nearest_try(struct nearest *n, const char *candidate)
{
	bool prefix = !strncmp(n->word, candidate, strlen(n->word));
	unsigned int distance = prefix ? 0 : word_distance(n->word, candidate);

	if (distance < n->distance) {
		n->distance = distance;
		n->best = candidate;
	}
}

#define HINT(n, dashes) (n).best ? "; did you mean " dashes : "", (n).best ? (n).best : "", \
	(n).best ? "?" : ""

static void join(char *list, size_t size, const char *word)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", word);
}

/* ---- values ---- */

static int take_number(const struct def *d, const char *value, uint64_t *out)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(value, &end, 10);
	/* strtoull() alone would take "-1", " 1" and "" */
	if (!isdigit((unsigned char)*value) || *end || errno || v < d->min || v > d->max) {
		log_usage("--%s: '%s' is not a whole number from %llu to %llu", d->name, value,
			  (unsigned long long)d->min, (unsigned long long)d->max);
		return -EINVAL;
	}
	*out = v;
	return 0;
}

static double unit_seconds(const char *unit)
{
	static const struct { const char *name; double seconds; } units[] = {
		{ "", 1 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].seconds;
	return 0;
}

/* By hand, since strtod() follows the locale and takes "inf", "nan" and "0x1". */
static int take_time(const struct def *d, const char *value, double *out)
{
	const char *s = value;
	double number = 0, scale = 1;

	for (; isdigit((unsigned char)*s); s++)
		number = number * 10 + (*s - '0');
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++, scale *= 10)
			number = number * 10 + (*s - '0');
	number = number / scale * unit_seconds(s);
	/* no digits and no such unit are 0; the NaN of endless digits fails both comparisons */
	if (!(number >= SHORTEST && number <= LONGEST)) {
		log_usage("--%s: '%s' is not a time: a number of seconds, or one with ms, s, m or h"
			  " (1.5s), 1ms at least", d->name, value);
		return -EINVAL;
	}
	*out = number;
	return 0;
}

static int take_choice(struct options *o, const struct def *d, const char *value)
{
	struct nearest near = nearest_start(value);
	const struct choice *found = NULL;
	char list[128] = "";

	for (const struct choice *c = d->choices; c->name; c++) {
		if (!strcmp(c->name, value))
			found = c;
		if (c->value == LATER)
			continue;
		nearest_try(&near, c->name);
		join(list, sizeof(list), c->name);
	}
	if (found && found->value != LATER) {
		memcpy((char *)o + d->offset, &found->value, sizeof(found->value));
		return 0;
	}
	if (found)
		log_usage("--%s: '%s' is not supported by this version (supported here: %s)",
			  d->name, value, list);
	else
		log_usage("--%s: '%s' is unknown (supported here: %s)%s%s%s", d->name, value, list,
			  HINT(near, ""));
	return -EINVAL;
}

/* ---- lists ---- */

#define ITEM_MAX 256

typedef int take_item(struct options *o, const struct def *d, const char *item);

static int each_item(struct options *o, const struct def *d, const char *value, take_item *take)
{
	char item[ITEM_MAX];
	size_t n;
	int err = 0;

	for (;; value += n + 1) {
		n = strcspn(value, ",");
		if (!n || n >= sizeof(item)) {
			log_usage("--%s: %s in the list", d->name,
				  n ? "a name is too long" : "nothing before or after a comma");
			return -EINVAL;
		}
		memcpy(item, value, n);
		item[n] = '\0';
		err = take(o, d, item);
		if (err || !value[n])
			return err;
	}
}

static int too_many(const struct def *d, unsigned int limit)
{
	log_usage("--%s: more than %u in the list", d->name, limit);
	return -EINVAL;
}

static int one_pid(struct options *o, const struct def *d, const char *item)
{
	uint64_t pid;
	int err = take_number(d, item, &pid);

	if (err)
		return err;
	if (o->nr_pids == OPT_PIDS)
		return too_many(d, OPT_PIDS);
	o->pids[o->nr_pids++] = (uint32_t)pid;
	return 0;
}

static int take_pids(struct options *o, const struct def *d, const char *value)
{
	return each_item(o, d, value, one_pid);
}

/* Names are kept in disk_text one after the other, so that argv stays as it was typed. */
static int one_disk(struct options *o, const struct def *d, const char *item)
{
	const char *last = o->nr_disks ? o->disks[o->nr_disks - 1] : NULL;
	size_t used = last ? (size_t)(last - o->disk_text) + strlen(last) + 1 : 0, n;

	if (!strncmp(item, "/dev/", 5))
		item += 5;
	n = strlen(item) + 1;
	if (n == 1) {
		log_usage("--%s: /dev/ is no disk", d->name);
		return -EINVAL;
	}
	if (o->nr_disks == OPT_DISKS || n > sizeof(o->disk_text) - used)
		return too_many(d, OPT_DISKS);
	o->disks[o->nr_disks++] = memcpy(o->disk_text + used, item, n);
	return 0;
}

static int take_disks(struct options *o, const struct def *d, const char *value)
{
	return each_item(o, d, value, one_disk);
}

static int one_layer(struct options *o, const struct def *d, const char *item)
{
	static const struct choice shorts[] = {
		{ "sys", LAYER_APPLICATION }, { "fs", LAYER_FILESYSTEM }, { "blk", LAYER_BLOCK },
		{ "dev", LAYER_DEVICE }, { NULL, 0 },
	};
	struct nearest near = nearest_start(item);
	char list[128] = "";
	int found = -1;

	for (int l = 0; l < LAYER_MAX; l++) {
		if (!strcmp(item, layer_name((enum layer)l)))
			found = l;
		nearest_try(&near, layer_name((enum layer)l));
		join(list, sizeof(list), layer_name((enum layer)l));
	}
	for (const struct choice *c = shorts; c->name; c++)
		if (!strcmp(item, c->name))
			found = c->value;
	if (found < 0) {
		log_usage("--%s: '%s' is no layer (%s)%s%s%s", d->name, item, list, HINT(near, ""));
		return -EINVAL;
	}
	o->engine.layers |= 1u << found;
	return 0;
}

static int take_layers(struct options *o, const struct def *d, const char *value)
{
	return each_item(o, d, value, one_layer);
}

/* ---- values with a rule of their own ---- */

static int take_duration(struct options *o, const struct def *d, const char *value)
{
	return take_time(d, value, &o->duration_s);
}

static int take_settle(struct options *o, const struct def *d, const char *value)
{
	static const struct choice choices[] = {
		{ "sync", SETTLE_SYNC }, { "wait", SETTLE_WAIT }, { "none", SETTLE_NONE },
		{ NULL, 0 },
	};
	struct def plain = *d;

	o->settle_wait_s = 0;
	if (!strncmp(value, "wait:", 5)) {
		o->settle = SETTLE_WAIT;
		return take_time(d, value + 5, &o->settle_wait_s);
	}
	plain.choices = choices;
	return take_choice(o, &plain, value);
}

static int take_min_us(struct options *o, const struct def *d, const char *value)
{
	uint64_t us = 0;
	int err = take_number(d, value, &us);

	o->min_ns = us * 1000;
	return err;
}

/* The ring buffer is mapped by a mask: the kernel takes powers of two only. */
static int take_pages(struct options *o, const struct def *d, const char *value)
{
	uint64_t pages;
	int err = take_number(d, value, &pages);

	if (!err && pages & (pages - 1)) {
		log_usage("--%s: %s is not a power of two (1, 2, 4 ... %u)", d->name, value,
			  (unsigned int)d->max);
		return -EINVAL;
	}
	if (!err)
		o->buffer_pages = (unsigned int)pages;
	return err;
}

static int take_ready_fd(struct options *o, const struct def *d, const char *value)
{
	uint64_t fd;
	int err = take_number(d, value, &fd), mode;

	if (err)
		return err;
	mode = fcntl((int)fd, F_GETFD) < 0 ? -1 : fcntl((int)fd, F_GETFL);
	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY) {
		log_usage("--%s: descriptor %s is not open%s", d->name, value,
			  mode < 0 ? "" : " for writing");
		return -EINVAL;
	}
	o->ready_fd = (int)fd;
	return 0;
}

/* ---- the table ---- */

static const struct choice by_choices[] = {
	{ "process", BY_PROCESS }, { "cgroup", BY_CGROUP }, { "device", BY_DEVICE },
	{ "system", LATER }, { "role", LATER }, { "file", LATER }, { "container", LATER },
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

/* take_choice() and take_plain() store an int into members of these types. */
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

static const struct def defs[] = {
	{ 'p', "pid", "PID[,PID]", BOTH, "only these processes", CALL(take_pids),
	  RANGE(1, PID_LIMIT) },
	{ 't', "tid", "TID", BOTH, "only this thread", NUMBER(tid, 1, PID_LIMIT) },
	{ 'c', "comm", "GLOB", BOTH, "only processes of this name", TEXT(comm) },
	{ 'd', "disk", "DISK[,DISK]", BOTH, "only these disks; globs allowed", CALL(take_disks) },
	{ 'S', "system", "SYSTEM", BOTH, NULL, .kind = KIND_LATER },
	{ 0, "cgroup", "PATH", BOTH, "only processes in this cgroup", TEXT(cgroup) },
	{ 0, "container", "ID", BOTH, NULL, .kind = KIND_LATER },
	{ 'f', "filter", "EXPR", BOTH, NULL, .kind = KIND_LATER },
	{ 'a', "all", NULL, BOTH, "the whole machine", FLAG(all) },
	{ 0, "as", "USER", TOOL_STAT, "run COMMAND as USER", TEXT(as_user) },
	{ 0, "settle", "HOW", TOOL_STAT, "what to do about data still dirty at the end:"
	  " sync (default with COMMAND), wait[:TIME], none", CALL(take_settle), AT(settle) },
	{ 0, "duration", "TIME", BOTH, "stop after TIME: seconds, or with ms, s, m, h",
	  CALL(take_duration) },
	{ 0, "by", "WHAT", BOTH, "one row per process (default), cgroup or device",
	  CHOICE(by, by_choices) },
	{ 0, "layer", "L[,L]", BOTH, "attach only what these layers need: application, vfs, cache,"
	  " filesystem, block, device", CALL(take_layers) },
	{ 0, "min-us", "N", TOOL_SNOOP, "leave out events faster than N microseconds",
	  CALL(take_min_us), RANGE(0, US_LIMIT) },
	{ 'j', "json", NULL, BOTH, "JSON", FLAG(json) },
	{ 0, "csv", NULL, BOTH, "comma-separated values (RFC 4180)", FLAG(csv) },
	{ 0, "no-header", NULL, BOTH, "no header line", FLAG(no_header) },
	{ 0, "raw", NULL, BOTH, "exact bytes and nanoseconds", FLAG(raw) },
	{ 0, "color", "WHEN", BOTH, "auto (default), always or never",
	  CHOICE(color, color_choices) },
	{ 'w', "wide", NULL, BOTH, "do not fit lines to the terminal", FLAG(wide) },
	{ 'x', "extra", NULL, BOTH, "more columns", FLAG(extra) },
	{ 'T', "timestamp", NULL, BOTH, "print the time of day", FLAG(timestamp) },
	{ 'm', "milliseconds", NULL, BOTH, "latencies in milliseconds", FLAG(millis) },
	{ 'o', "output", "FILE", BOTH, "write the report to FILE", TEXT(output) },
	{ 'q', "quiet", NULL, BOTH, "errors only on stderr", FLAG(quiet) },
	{ 'v', "verbose", NULL, BOTH, "print the attach plan; -vv also the compiler's words",
	  COUNT(verbose) },
	{ 0, "strict", NULL, BOTH, "exit 4 when the result is incomplete or lines were lost",
	  FLAG(strict) },
	{ 0, "types", "SOURCE", BOTH, "kernel types from: auto (default), btf, headers, kheaders",
	  CHOICE(engine.types, types_choices) },
	{ 0, "attach", "KIND", BOTH, "insist on: auto (default), tracepoint, fentry, kprobe",
	  CHOICE(engine.attach, attach_choices) },
	{ 0, "ownership", "UNIT", BOTH, "remember who dirtied each: page (default), chunk, inode",
	  CHOICE(engine.text.ownership, ownership_choices) },
	{ 0, "map-size", "N", BOTH, "entries of the tables in the kernel",
	  NUMBER(map_size, 64, 16777216) },
	{ 0, "buffer-pages", "N", BOTH, "pages of the event buffer, a power of two",
	  CALL(take_pages), RANGE(1, 65536) },
	{ 0, "ready-fd", "FD", BOTH, "write one byte there when all probes are attached",
	  CALL(take_ready_fd), RANGE(0, INT32_MAX) },
	{ 0, "ebpf", NULL, BOTH, "print the program text and stop; needs no root",
	  FLAG(show_ebpf) },
	{ 0, "from", "FILE", BOTH, NULL, .kind = KIND_LATER },
	{ 'h', "help", NULL, BOTH, "print this and stop", .kind = KIND_HELP },
	{ 'V', "version", NULL, BOTH, "print the version and stop", .kind = KIND_VERSION },
};

#define NR_DEFS	(sizeof(defs) / sizeof(defs[0]))

/* ---- help ---- */

static const char *tool_name(enum opt_tool tool)
{
	return tool == TOOL_STAT ? "ioamp-stat" : "iosnoop-amp";
}

static const char *const stat_usage =
	"Usage: ioamp-stat [OPTIONS] [--] COMMAND [ARG...]\n"
	"       ioamp-stat [OPTIONS] {-p PID | --cgroup PATH | -a} [--duration TIME]\n"
	"Run COMMAND, or watch a target until --duration or Ctrl-C, and count the bytes\n"
	"and operations that its I/O became at each layer of the kernel.\n";
static const char *const stat_examples =
	"  ioamp-stat dd if=/dev/zero of=x bs=4k count=99   # what this dd costs a disk\n"
	"  ioamp-stat -j -o sum.json -- make                # JSON into a file\n"
	"  ioamp-stat -p 1234 --duration 10                 # a running process, 10 s\n"
	"  ioamp-stat --cgroup system.slice/cron.service    # a service, until Ctrl-C\n"
	"  ioamp-stat -a --by device --duration 1m          # the machine, by disk\n"
	"  ioamp-stat --settle none -- cp -r a b            # dirty data stays pending\n";
static const char *const snoop_usage =
	"Usage: iosnoop-amp [OPTIONS] [-- COMMAND [ARG...]]\n"
	"Print one line per I/O event at each layer of the kernel until --duration,\n"
	"Ctrl-C or the end of COMMAND, then a summary.\n";
static const char *const snoop_examples =
	"  iosnoop-amp                               # all I/O of the machine\n"
	"  iosnoop-amp -x -- dd if=/dev/zero of=x    # a command, more columns\n"
	"  iosnoop-amp -p 1234 --duration 10         # a running process, 10 seconds\n"
	"  iosnoop-amp --layer block,device -d sda   # two layers, one disk\n"
	"  iosnoop-amp --layer device --min-us 10000 # what took a device 10 ms or more\n"
	"  iosnoop-amp -j --duration 5s >io.json     # JSON Lines\n";

/* "-p, --pid PID[,PID]" */
static void option_words(const struct def *d, char *out, size_t size)
{
	const char letter[] = { '-', d->letter, ',', ' ', '\0' };

	snprintf(out, size, "%s--%s%s%s", d->letter ? letter : "", d->name, d->arg ? " " : "",
		 d->arg ? d->arg : "");
}

void opt_help(FILE *f, enum opt_tool tool)
{
	char words[64];

	for (const struct def *d = defs; d < defs + NR_DEFS; d++) {
		if (!(d->tools & tool) || !d->help)
			continue;
		option_words(d, words, sizeof(words));
		fprintf(f, "%s\t%s\n", words, d->help);
	}
}

#define HELP_COLUMN	27
#define HELP_WIDTH	(79 - HELP_COLUMN)

/* Text from HELP_COLUMN on, broken between words. */
static void print_wrapped(FILE *f, const char *text)
{
	size_t n;

	while (strlen(text) > HELP_WIDTH) {
		for (n = HELP_WIDTH; text[n] != ' '; n--)
			;
		fprintf(f, "%.*s\n%*s", (int)n, text, HELP_COLUMN, "");
		text += n + 1;
	}
	fprintf(f, "%s\n", text);
}

static int print_help(enum opt_tool tool)
{
	char words[64];

	printf("%s\nOptions:\n", tool == TOOL_STAT ? stat_usage : snoop_usage);
	for (const struct def *d = defs; d < defs + NR_DEFS; d++) {
		if (!(d->tools & tool) || !d->help)
			continue;
		option_words(d, words, sizeof(words));
		printf("  %s%-*s ", d->letter ? "" : "    ",
		       HELP_COLUMN - 3 - (d->letter ? 0 : 4), words);
		print_wrapped(stdout, d->help);
	}
	printf("\nExamples:\n%s", tool == TOOL_STAT ? stat_examples : snoop_examples);
	return fflush(stdout) ? 1 : 0;
}

static int print_version(enum opt_tool tool)
{
	printf("%s " IOAMP_VERSION "\n"
	       "License GPL-3.0-or-later <https://gnu.org/licenses/gpl.html>; no warranty.\n",
	       tool_name(tool));
	return fflush(stdout) ? 1 : 0;
}

/* ---- parsing ---- */

/* getopt's tables; `val` of an option is its place in defs. */
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
	for (const struct def *d = defs; d < defs + NR_DEFS; d++) {
		if (!(d->tools & tool))
			continue;
		*l++ = (struct option){ d->name, d->arg ? required_argument : no_argument, NULL,
					VAL_FIRST + (int)(d - defs) };
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
		return &defs[val - VAL_FIRST];
	for (const struct def *d = defs; val && d < defs + NR_DEFS; d++)
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
	for (const struct def *d = defs; d < defs + NR_DEFS; d++) {
		if (!(d->tools & tool))
			continue;
		matches += !strncmp(d->name, name, strlen(name));
		if (d->help)
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
		err = take_number(d, value, &number);
		if (!err)
			*(unsigned int *)member = (unsigned int)number;
	}
	return err;
}

static int take_one(struct options *o, const struct def *d, const char *value)
{
	const char letter[] = { '-', d->letter, ',', ' ', '\0' };

	if (d->kind == KIND_LATER) {
		log_usage("%s--%s is not supported by this version", d->letter ? letter : "",
			  d->name);
		return -EINVAL;
	}
	if (value && !*value) {
		log_usage("--%s: the value is empty", d->name);
		return -EINVAL;
	}
	if (d->kind == KIND_CHOICE)
		return take_choice(o, d, value);
	return d->kind == KIND_CALL ? d->take(o, d, value) : take_plain(o, d, value);
}

/* 0, 1 when *status says it all (help, version), or -EINVAL. */
static int take_all(struct options *o, enum opt_tool tool, int argc, char **argv, int *status)
{
	struct tables t;
	const struct def *d;
	int c, err, after = 1;

	tables_fill(&t, tool);
	opterr = 0;
	optind = 0;	/* glibc: forget an earlier scan, also inside "-abc" */
	while ((c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		d = c == ':' || c == '?' ? NULL : find(tool, c);
		if (!d)
			return say_refused(tool, c, argv);
		if (d->kind == KIND_HELP || d->kind == KIND_VERSION) {
			*status = d->kind == KIND_HELP ? print_help(tool) : print_version(tool);
			return 1;
		}
		err = take_one(o, d, optarg);
		if (err)
			return err;
		after = optind;
	}
	/* getopt stepped over "--" when it stands where the options ended */
	if (optind == argc && optind > after) {
		log_usage("no COMMAND after --");
		return -EINVAL;
	}
	if (optind < argc && optind == after && tool == TOOL_SNOOP) {
		log_usage("'%s' is no option; put -- before a command: %s -- %s ...", argv[optind],
			  tool_name(tool), argv[optind]);
		return -EINVAL;
	}
	o->command = optind < argc ? argv + optind : NULL;
	return 0;
}

/* What cannot be meant together; the first rule broken is said. */
static int check_together(const struct options *o, enum opt_tool tool)
{
	const char *target = o->nr_pids ? "--pid" : o->tid ? "--tid" : NULL;

	if (o->json && o->csv)
		log_usage("--json and --csv exclude each other");
	else if (o->command && target)
		log_usage("%s and a COMMAND exclude each other: COMMAND is the target", target);
	else if (o->all && (target || o->cgroup))
		log_usage("--all is the whole machine; it excludes %s",
			  target ? target : "--cgroup");
	else if (o->as_user && !o->command)
		log_usage("--as %s needs a COMMAND to run", o->as_user);
	else if (tool == TOOL_STAT && !o->command && !target && !o->cgroup && !o->comm &&
		 !o->all && !o->show_ebpf)
		log_usage("nothing to watch: give a COMMAND, -p PID, --cgroup PATH, or -a for the"
			  " whole machine");
	else
		return 0;
	return -EINVAL;
}

static void set_defaults(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->by = BY_PROCESS;
	o->ready_fd = -1;
	text_config_default(&o->engine.text);
}

/* What the program text needs to know, after all options are in. */
static void set_text(struct options *o, enum opt_tool tool)
{
	struct text_config *text = &o->engine.text;

	text->events = text->times = tool == TOOL_SNOOP;
	if (o->map_size)
		text->agg_entries = text->actor_entries = text->page_entries = o->map_size;
	if (o->buffer_pages)
		text->event_pages = o->buffer_pages;
	if (!o->engine.layers)
		o->engine.layers = (1u << LAYER_MAX) - 1;
}

int opt_parse(struct options *o, enum opt_tool tool, int argc, char **argv, int *status)
{
	int err;

	log_init(tool_name(tool), 0, false);
	set_defaults(o);
	err = take_all(o, tool, argc, argv, status);
	if (!err)
		err = check_together(o, tool);
	if (err < 0)
		*status = EXIT_USAGE;
	if (err)
		return err;
	set_text(o, tool);
	log_init(tool_name(tool), o->verbose, o->quiet);
	return 0;
}
