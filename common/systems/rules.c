/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules - the systems and roles that rule files describe. */
#include "systems/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "systems/rules_internal.h"

static const char *const kind_names[EVIDENCE_KINDS] = {
	"exe", "cmdline", "unit", "image", "openfile", "port", "comm", "parent",
};
static const char *const purpose_names[PURPOSES] = {
	"data", "wal", "journal", "checkpoint", "compaction", "flush", "spill", "meta", "scrub", "heal",
	"rebuild", "replication", "snapshot", "gc", "cache", "log", "index", "other",
};

const char *rules_evidence_name(enum evidence_kind kind)
{
	return kind_names[kind];
}

const char *rules_purpose_name(enum purpose purpose)
{
	return purpose_names[purpose];
}

static void patterns_free(struct patterns *list)
{
	for (size_t i = 0; i < list->n; i++)
		pattern_free(&list->v[i]);
	free(list->v);
}

static void role_free(struct rule_role *r)
{
	patterns_free(&r->file);
	patterns_free(&r->thread);
	patterns_free(&r->title);
	free(r->note);
}

static void system_free(struct rule_system *s)
{
	for (int i = 0; i < EVIDENCE_KINDS; i++) {
		patterns_free(&s->is[i]);
		patterns_free(&s->is_not[i]);
	}
	for (size_t i = 0; i < s->nr_instances; i++)
		pattern_free(&s->instances[i].pattern);
	for (size_t i = 0; i < s->nr_roles; i++)
		role_free(&s->roles[i]);
	free(s->instances);
	free(s->roles);
	free(s->label);
	free(s->expect);
	free(s->note);
	free(s->docs);
	free(s->frontdoor);
}

void rules_cut(struct rules *r, size_t n)
{
	while (r->n > n)
		system_free(&r->v[--r->n]);
}

void rules_free(struct rules *r)
{
	rules_cut(r, 0);
	free(r->v);
	memset(r, 0, sizeof(*r));
}

const struct rule_system *rules_find(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcasecmp(r->v[i].name, name))
			return &r->v[i];
	return NULL;
}

const struct rule_role *rules_role(const struct rule_system *s, const char *name)
{
	for (size_t i = 0; i < s->nr_roles; i++)
		if (!strcmp(s->roles[i].name, name))
			return &s->roles[i];
	return NULL;
}

bool rules_usual_writes(const struct rule_system *s, double *low, double *high)
{
	double from, to;
	int end = 0;

	if (!s->expect || sscanf(s->expect, "wa %lf-%lf%n", &from, &to, &end) != 2 || s->expect[end])
		return false;
	*low = from;
	*high = to;
	return true;
}
