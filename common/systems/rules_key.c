/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules_key - the keys of systems and roles in rule files, and what their values may be. */
#include "systems/rules_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/nearest.h"

static const char *const source_names[INSTANCE_SOURCES] = {
	"openfile", "cmdline", "unit", "cwd", "exe", "container",
};

/* An unset pattern at the end of a list. NULL after an error. */
static struct pattern *pattern_new(struct parse *p, struct patterns *list)
{
	struct pattern *v = list->n < RULE_PATTERNS ? grow_by_one(list->v, list->n, sizeof(*v)) : NULL;

	if (!v) {
		rules_error_no_room(p, list->n < RULE_PATTERNS);
		return NULL;
	}
	list->v = v;
	return &v[list->n];
}

/* The pattern begins `skip` bytes behind the start of the value. */
static bool fill_pattern(struct parse *p, struct pattern *to, const char *value, unsigned int skip)
{
	char why[128];
	int err = pattern_set(to, value + skip, why, sizeof(why));

	if (err == -EINVAL)
		rules_error(p, p->ini.line, p->ini.value_column + skip, "%s", why);
	else if (err)
		p->err = err;
	return !err;
}

static void add_pattern(struct parse *p, struct patterns *list, const char *value)
{
	struct pattern *to = pattern_new(p, list);

	if (to && fill_pattern(p, to, value, 0))
		list->n++;
}

/* The kernel cuts the names of threads: a longer text never matches. */
static void add_thread(struct parse *p, struct patterns *list, const char *value)
{
	bool plain = strncmp(value, "re:", 3) && !value[strcspn(value, "*?[\\")];

	if (plain && strlen(value) > THREAD_NAME)
		rules_error(p, p->ini.line, p->ini.value_column,
			    "threads have names of %d characters; did you mean %.*s?", THREAD_NAME,
			    THREAD_NAME, value);
	else
		add_pattern(p, list, value);
}

static void add_port(struct parse *p, struct patterns *list, const char *value)
{
	char *end;
	unsigned long port = strtoul(value, &end, 10);
	struct pattern *to;

	if (!isdigit((unsigned char)*value) || *end || !port || port > UINT16_MAX) {
		rules_error(p, p->ini.line, p->ini.value_column, "'%s' is not a port: 1 to 65535", value);
		return;
	}
	to = pattern_new(p, list);
	if (!to || !fill_pattern(p, to, value, 0))
		return;
	to->port = (uint16_t)port;
	list->n++;
}

static void add_instance(struct parse *p, const char *value)
{
	struct rule_system *s = p->system;
	size_t n = strcspn(value, ":");
	struct nearest near;
	char word[WORD_MAX];
	struct rule_instance *v;

	snprintf(word, sizeof(word), "%.*s", (int)n, value);
	near = nearest_start(word);
	for (int i = 0; i < INSTANCE_SOURCES; i++) {
		nearest_try(&near, source_names[i]);
		if (value[n] != ':' || strcmp(word, source_names[i]))
			continue;
		v = s->nr_instances < RULE_PATTERNS ? grow_by_one(s->instances, s->nr_instances, sizeof(*v)) : NULL;
		if (!v) {
			rules_error_no_room(p, s->nr_instances < RULE_PATTERNS);
			return;
		}
		s->instances = v;
		v[s->nr_instances].source = (enum instance_source)i;
		if (fill_pattern(p, &v[s->nr_instances].pattern, value, (unsigned int)n + 1))
			s->nr_instances++;
		return;
	}
	rules_error(p, p->ini.line, p->ini.value_column, "an instance is SOURCE:PATTERN, SOURCE one of"
		    " openfile, cmdline, unit, cwd, exe, container%s%s%s", HINT(near, ""));
}

/* A repeated key continues the text. */
static void add_text(struct parse *p, char **text, const char *value)
{
	char *joined = NULL;

	if (asprintf(&joined, "%s%s%s", *text ? *text : "", *text ? " " : "", value) < 0) {
		p->err = -ENOMEM;
		return;
	}
	free(*text);
	*text = joined;
}

static void set_purpose(struct parse *p, const char *value)
{
	struct nearest near = nearest_start(value);

	if (p->role->purpose != PURPOSES) {
		rules_error(p, p->ini.line, p->ini.column, "a role has one purpose");
		return;
	}
	for (int i = 0; i < PURPOSES; i++) {
		nearest_try(&near, rules_purpose_name((enum purpose)i));
		if (!strcmp(value, rules_purpose_name((enum purpose)i)))
			p->role->purpose = (enum purpose)i;
	}
	if (p->role->purpose == PURPOSES)
		rules_error(p, p->ini.line, p->ini.value_column, "'%s' is not a purpose%s%s%s%s", value, HINT(near, ""),
			    near.best ? "" : " (data wal journal checkpoint compaction flush spill meta scrub"
			    " heal rebuild replication snapshot gc cache log index other)");
}

static const char *const role_keys[] = { "file", "thread", "title", "purpose", "note" };
static const char *const system_keys[] = { "label", "expect", "note", "docs", "frontdoor", "instance" };

static void unknown_key(struct parse *p, const char *name)
{
	const char *const *keys = p->role ? role_keys : system_keys;
	size_t n = p->role ? sizeof(role_keys) / sizeof(*role_keys) :
			     sizeof(system_keys) / sizeof(*system_keys);
	struct nearest near = nearest_start(name);
	char negated[EVIDENCE_KINDS][16];

	for (int i = 0; !p->role && i < EVIDENCE_KINDS; i++) {
		snprintf(negated[i], sizeof(negated[i]), "not-%s", rules_evidence_name((enum evidence_kind)i));
		nearest_try(&near, rules_evidence_name((enum evidence_kind)i));
		nearest_try(&near, negated[i]);
	}
	for (size_t i = 0; i < n; i++)
		nearest_try(&near, keys[i]);
	if (!strcmp(name, "cause"))
		near.best = "purpose";
	rules_error(p, p->ini.line, p->ini.column, "unknown key '%s' of a %s%s%s%s", name,
		    p->role ? "role" : "system", HINT(near, ""));
}

static void role_key(struct parse *p, const char *name, const char *value)
{
	struct rule_role *r = p->role;

	if (!strcmp(name, "file"))
		add_pattern(p, &r->file, value);
	else if (!strcmp(name, "thread"))
		add_thread(p, &r->thread, value);
	else if (!strcmp(name, "title"))
		add_pattern(p, &r->title, value);
	else if (!strcmp(name, "note"))
		add_text(p, &r->note, value);
	else if (!strcmp(name, "purpose"))
		set_purpose(p, value);
	else
		unknown_key(p, name);
}

static void evidence_key(struct parse *p, enum evidence_kind kind, bool not, const char *value)
{
	struct patterns *list = not ? &p->system->is_not[kind] : &p->system->is[kind];

	if (kind == EVIDENCE_PORT)
		add_port(p, list, value);
	else if (kind == EVIDENCE_COMM)
		add_thread(p, list, value);
	else
		add_pattern(p, list, value);
}

static void system_key(struct parse *p, const char *name, const char *value)
{
	struct rule_system *s = p->system;
	const struct {
		const char *name;
		char **text;
	} texts[] = { { "label", &s->label }, { "expect", &s->expect }, { "note", &s->note },
		      { "docs", &s->docs }, { "frontdoor", &s->frontdoor } };
	bool not = !strncmp(name, "not-", 4);

	for (int i = 0; i < EVIDENCE_KINDS; i++)
		if (!strcmp(name + (not ? 4 : 0), rules_evidence_name((enum evidence_kind)i))) {
			evidence_key(p, (enum evidence_kind)i, not, value);
			return;
		}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(name, texts[i].name)) {
			add_text(p, texts[i].text, value);
			return;
		}
	if (!strcmp(name, "instance"))
		add_instance(p, value);
	else
		unknown_key(p, name);
}

void rules_key(struct parse *p)
{
	const char *name = p->ini.name, *value = p->ini.value;

	if (!p->sections) {
		rules_error(p, p->ini.line, p->ini.column, "'%s' is above the first section", name);
		return;
	}
	if (!p->system && !p->role)
		return;	/* the section was refused */
	if (!*value)
		rules_error(p, p->ini.line, p->ini.value_column, "'%s' has no value", name);
	else if (p->role)
		role_key(p, name, value);
	else
		system_key(p, name, value);
}
