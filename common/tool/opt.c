/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt - parses the command line of a tool by the tables that the tool names. */
#include "tool/opt.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "tool/opt_complete.h"
#include "tool/opt_help.h"
#include "tool/opt_value.h"
#include "tool/tool.h"

#define EXIT_USAGE	2
#define FILE_COUNTERS	4		/* counters by file: so many times those by process */
#define FILES_MAX	131072		/* 1.3 KB each */

/* ---- getopt ---- */

/* A command line that is being parsed. `val` of a long option is its place in `defs`. */
struct parser {
	const struct tool *tool;
	struct options *o;
	const struct opt_def *defs[OPT_MAX];
	size_t nr_defs;
	const struct opt_def *format;	/* the option that chose the format; NULL: none */
	int after;		/* place in argv after the last option or INTERVAL */
	struct option longs[OPT_MAX + 1];
	char shorts[2 * OPT_MAX + 3];
};

#define VAL_FIRST 256	/* no letter is that large */

static void parser_init(struct parser *p, const struct tool *tool, struct options *o)
{
	char *s = p->shorts;

	*p = (struct parser){ .tool = tool, .o = o, .after = 1 };
	p->nr_defs = opt_def_list(tool, p->defs);
	/* '+': stop at COMMAND, which has options of its own. ':': print no message. */
	*s++ = '+';
	*s++ = ':';
	for (size_t i = 0; i < p->nr_defs; i++) {
		const struct opt_def *d = p->defs[i];

		p->longs[i] = (struct option){ d->name, d->arg ? required_argument : no_argument,
					       NULL, VAL_FIRST + (int)i };
		if (!d->letter)
			continue;
		*s++ = d->letter;
		if (d->arg)
			*s++ = ':';
	}
	opterr = 0;
	optind = 0;	/* glibc: forget an earlier scan, also inside "-abc" */
}

/* The option for what getopt returned: a letter, or the number that parser_init() gave. */
static const struct opt_def *find(const struct parser *p, int val)
{
	if (val >= VAL_FIRST)
		return p->defs[val - VAL_FIRST];
	for (size_t i = 0; val && i < p->nr_defs; i++)
		if (p->defs[i]->letter == val)
			return p->defs[i];
	return NULL;
}

static void say_unknown_long(const struct parser *p, const char *arg)
{
	char name[WORD_MAX];
	struct nearest near;
	unsigned int matches = 0;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
	near = nearest_start(name);
	for (size_t i = 0; i < p->nr_defs; i++) {
		matches += !strncmp(p->defs[i]->name, name, strlen(name));
		nearest_try(&near, p->defs[i]->name);
	}
	if (matches > 1)
		log_usage("--%s may mean several options; give more of its name", name);
	else
		log_usage("unknown option --%s%s%s%s", name, HINT(near, "--"));
}

/* Says what getopt refused. `c` is ':' or '?'; optopt and optind say which word. */
static int say_refused(const struct parser *p, int c, char **argv)
{
	const struct opt_def *d = find(p, optopt);

	if (d)
		log_usage(c == ':' ? "--%s needs a value (%s)" : "--%s takes no value", d->name,
			  d->arg);
	else if (optopt)
		log_usage("unknown option -%c", optopt);
	else
		say_unknown_long(p, argv[optind - 1]);
	return -EINVAL;
}

/* ---- one option ---- */

/* "-j" and "--format json" mean the same. Two options that choose different formats are a mistake. */
static int take_format(struct parser *p, const struct opt_def *d, const char *value)
{
	const struct writer *w = writer_find(p->tool->writers, d->arg ? value : d->name);

	if (!w)
		return opt_value_unknown(p->tool, d, value);
	if (p->format && p->format != d && w != p->o->writer) {
		log_usage("--%s and --%s exclude each other", p->format->name, d->name);
		return -EINVAL;
	}
	p->format = d;
	p->o->writer = w;
	return 0;
}

static int take_number(struct options *o, const struct opt_def *d, const char *value)
{
	uint64_t number;
	int err = opt_value_number(d, value, &number);

	if (!err)
		*(unsigned int *)opt_def_member(o, d) = (unsigned int)number;
	return err;
}

/* 0; 1: the tool should end with *status; -EINVAL. */
static int take_one(struct parser *p, const struct opt_def *d, const char *value, int *status)
{
	struct options *o = p->o;

	if (value && !*value) {
		log_usage("--%s: the value is empty", d->name);
		return -EINVAL;
	}
	if (d->list && !strcmp(value, "help")) {
		*status = d->list(stdout);
		return 1;
	}
	switch (d->kind) {
	case OPT_FLAG: *(bool *)opt_def_member(o, d) = true; return 0;
	case OPT_COUNT: ++*(int *)opt_def_member(o, d); return 0;
	case OPT_TEXT: *(const char **)opt_def_member(o, d) = value; return 0;
	case OPT_NUMBER: return take_number(o, d, value);
	case OPT_CHOICE: return opt_value_choice(o, d, value);
	case OPT_FORMAT: return take_format(p, d, value);
	case OPT_CALL: return d->take(o, d, value);
	case OPT_HELP: *status = opt_help_print(stdout, p->tool); return 1;
	case OPT_VERSION: *status = opt_help_version(stdout, p->tool); return 1;
	}
	return -EINVAL;
}

/* ---- the command line ---- */

/* The next option; INTERVAL and COUNT may stand between options. -1: no option is left. */
static int next_option(struct parser *p, int argc, char **argv, int *err)
{
	int c;

	for (;;) {
		c = getopt_long(argc, argv, p->shorts, p->longs, NULL);
		/* getopt also ends at "--", and steps over it */
		if (c != -1 || !p->tool->intervals || optind == argc || optind != p->after)
			return c;
		*err = opt_value_interval(p->o, argv[optind]);
		if (*err)
			return -1;
		p->after = ++optind;
	}
}

/* Takes the words after the options: COMMAND, or the operands of this tool. */
static int take_rest(struct parser *p, int argc, char **argv)
{
	bool dashes = optind > p->after;	/* the options ended with "--" */

	if (optind == argc && dashes) {
		log_usage("no COMMAND after --");
		return -EINVAL;
	}
	if (optind == argc)
		return 0;
	if (p->tool->operands)
		return p->tool->operands(p->o, argc - optind, argv + optind);
	if (!dashes && p->tool->needs_dashes) {
		log_usage("'%s' is not an option; put -- before a command: %s -- %s ...", argv[optind],
			  p->tool->name, argv[optind]);
		return -EINVAL;
	}
	p->o->ask.target.command = argv + optind;
	return 0;
}

/* 0; 1: the tool should end with *status (help, version); -EINVAL. */
static int take_all(struct parser *p, int argc, char **argv, int *status)
{
	const struct opt_def *d;
	int c, err = 0;

	while ((c = next_option(p, argc, argv, &err)) != -1) {
		d = c == ':' || c == '?' ? NULL : find(p, c);
		if (!d)
			return say_refused(p, c, argv);
		err = take_one(p, d, optarg, status);
		if (err)
			return err;
		p->after = optind;
	}
	return err ? err : take_rest(p, argc, argv);
}

/* ---- after all options ---- */

/* Options that exclude each other in every tool. Reports the first broken rule. */
static int check_together(const struct options *o)
{
	const struct target_wish *t = &o->ask.target;
	const char *process = t->nr_pids ? "--pid" : t->tid ? "--tid" : NULL;

	if (t->command && process)
		log_usage("%s and a COMMAND exclude each other: COMMAND is the target", process);
	else if (t->all && (process || t->cgroup || t->container || t->nr_systems))
		log_usage("--all is the whole machine; it excludes %s", process ? process :
			  t->cgroup ? "--cgroup" : t->container ? "--container" : "--system");
	else if (o->as_user && !t->command)
		log_usage("--as %s needs a COMMAND to run", o->as_user);
	else
		return 0;
	return -EINVAL;
}

static void set_defaults(struct options *o, const struct tool *tool)
{
	*o = (struct options){ .own = o->own, .writer = tool->writers[0], .ready_fd = -1 };
	o->ask.by = BY_TOTAL;	/* not given */
	program_text_default(&o->ask.engine.text);
}

/* Without --by a row is a process if the user named processes, else a system. */
static void set_rows(struct session_request *ask)
{
	if (ask->by == BY_TOTAL)
		ask->by = ask->target.command || ask->target.nr_pids || ask->target.tid ?
			  BY_PROCESS : BY_SYSTEM;
	ask->engine.text.by_file = ask->by == BY_FILE || ask->by == BY_ROLE;
	ask->engine.text.lanes = ask->by == BY_ROLE;
	if (!ask->engine.layers)
		ask->engine.layers = (1u << LAYER_MAX) - 1;
}

static void set_sizes(const struct options *o, struct text_config *text)
{
	if (text->by_file)
		text->agg_entries *= FILE_COUNTERS;
	if (o->map_size) {
		text->agg_entries = text->actor_entries = text->page_entries = o->map_size;
		text->lat_entries = o->map_size;
		text->file_entries = o->map_size < FILES_MAX ? o->map_size : FILES_MAX;
	}
	if (o->buffer_pages)
		text->event_pages = o->buffer_pages;
}

int opt_parse(const struct tool *tool, struct options *o, int argc, char **argv, int *status)
{
	struct parser p;
	int err;

	log_init(tool->name, 0, false);
	/* only the build uses this option: --help and completion do not list it */
	if (argc == 2 && !strcmp(argv[1], "--bash-completion")) {
		*status = opt_complete_bash(stdout, tool);
		return 1;
	}
	set_defaults(o, tool);
	parser_init(&p, tool, o);
	err = take_all(&p, argc, argv, status);
	if (!err)
		err = check_together(o);
	if (!err && tool->check)
		err = tool->check(o);
	if (err < 0)
		*status = EXIT_USAGE;
	if (err)
		return err;
	o->by_given = o->ask.by != BY_TOTAL;
	o->interval_given = o->interval_s > 0;
	if (!o->interval_given)
		o->interval_s = tool->interval_s;
	set_rows(&o->ask);
	if (tool->needs)
		tool->needs(o);
	set_sizes(o, &o->ask.engine.text);
	log_init(tool->name, o->verbose, o->quiet);
	return 0;
}
