/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules_section - the headings of rule files, and what a section of a system or role needs. */
#include "systems/rules_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/nearest.h"

/* `system "NAME"` or `role "SYSTEM" "NAME"`: the words, at most three. */
struct heading {
	char word[3][RULE_NAME];
	unsigned int column[3], n;
};

static bool name_ok(const char *s)
{
	if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return true;
}

/* Takes a word; all but the first have quotes. Returns its end, or NULL after an error. */
static const char *take_word(struct parse *p, struct heading *h, const char *section, const char *s)
{
	const char *begin = s, *end;
	size_t n;

	h->column[h->n] = p->section_column + (unsigned int)(s - section) + 1;
	if (h->n && *s != '"') {
		rules_error(p, p->section_line, h->column[h->n], "a name in quotes is missing: [%s \"NAME\"]",
			    h->word[0]);
		return NULL;
	}
	begin += !!h->n;
	end = begin + (h->n ? strcspn(begin, "\"") : strcspn(begin, " \t\""));
	n = (size_t)(end - begin);
	if (h->n && *end != '"')
		rules_error(p, p->section_line, h->column[h->n], "this quote is not closed");
	else if (!n || n >= RULE_NAME)
		rules_error(p, p->section_line, h->column[h->n], n ? "the name is longer than %d" :
			    "the name is empty", RULE_NAME - 1);
	else {
		memcpy(h->word[h->n], begin, n);
		h->word[h->n++][n] = 0;
		return end + (h->n > 1);
	}
	return NULL;
}

static bool split_heading(struct parse *p, const char *section, struct heading *h)
{
	const char *s = section;

	h->n = 0;
	for (;;) {
		s += strspn(s, " \t");
		if (!*s)
			break;
		if (h->n == 3) {
			rules_error(p, p->section_line, p->section_column + (unsigned int)(s - section) + 1,
				    "too many words: a heading has at most two names");
			return false;
		}
		s = take_word(p, h, section, s);
		if (!s)
			return false;
	}
	if (!h->n)
		rules_error(p, p->section_line, p->section_column, "an empty section");
	return h->n;
}

static void begin_system(struct parse *p, const struct heading *h)
{
	struct rule_system *v;

	if (rules_find(p->rules, h->word[1])) {
		rules_error(p, p->section_line, h->column[1], "system '%s' is already described", h->word[1]);
		return;
	}
	v = p->rules->n < RULE_SYSTEMS ? grow_by_one(p->rules->v, p->rules->n, sizeof(*v)) : NULL;
	if (!v) {
		rules_error_no_room(p, p->rules->n < RULE_SYSTEMS);
		return;
	}
	p->rules->v = v;
	p->system = &v[p->rules->n++];
	memset(p->system, 0, sizeof(*p->system));
	memcpy(p->system->name, h->word[1], RULE_NAME);
}

static void begin_role(struct parse *p, const struct heading *h)
{
	struct nearest near = nearest_start(h->word[1]);
	struct rule_system *s = NULL;
	struct rule_role *v;

	for (size_t i = p->first; i < p->rules->n; i++) {
		nearest_try(&near, p->rules->v[i].name);
		if (!strcmp(p->rules->v[i].name, h->word[1]))
			s = &p->rules->v[i];
	}
	if (!s) {
		rules_error(p, p->section_line, h->column[1],
			    "no section above describes the system '%s'%s%s%s", h->word[1], HINT(near, ""));
		return;
	}
	for (size_t i = 0; i < s->nr_roles; i++)
		if (!strcmp(s->roles[i].name, h->word[2])) {
			rules_error(p, p->section_line, h->column[2], "role '%s' is already described",
				    h->word[2]);
			return;
		}
	v = s->nr_roles < RULE_ROLES ? grow_by_one(s->roles, s->nr_roles, sizeof(*v)) : NULL;
	if (!v) {
		rules_error_no_room(p, s->nr_roles < RULE_ROLES);
		return;
	}
	s->roles = v;
	p->role = &v[s->nr_roles++];
	memset(p->role, 0, sizeof(*p->role));
	memcpy(p->role->name, h->word[2], RULE_NAME);
	p->role->purpose = PURPOSES;
}

void rules_section_begin(struct parse *p, const char *section)
{
	struct heading h;
	struct nearest near;
	unsigned int want;

	if (!split_heading(p, section, &h))
		return;
	want = !strcmp(h.word[0], "system") ? 2 : !strcmp(h.word[0], "role") ? 3 : 0;
	if (!want) {
		near = nearest_start(h.word[0]);
		nearest_try(&near, "system");
		nearest_try(&near, "role");
		rules_error(p, p->section_line, h.column[0], "unknown section '%s' (system, role)%s%s%s",
			    h.word[0], HINT(near, ""));
		return;
	}
	if (h.n != want) {
		rules_error(p, p->section_line, p->section_column, want == 2 ?
			    "a system has one name: [system \"NAME\"]" :
			    "a role has two names: [role \"SYSTEM\" \"NAME\"]");
		return;
	}
	for (unsigned int i = 1; i < h.n; i++)
		if (!name_ok(h.word[i])) {
			rules_error(p, p->section_line, h.column[i],
				    "'%s' is not a name: small letters, digits, - _ and .", h.word[i]);
			return;
		}
	if (want == 2)
		begin_system(p, &h);
	else
		begin_role(p, &h);
}

void rules_section_end(struct parse *p)
{
	bool any = false;

	if (p->role) {
		const struct rule_role *r = p->role;

		if (r->purpose == PURPOSES)
			rules_error(p, p->section_line, p->section_column, "role '%s' has no purpose",
				    r->name);
		else if (!r->file.n && !r->thread.n && !r->title.n)
			rules_error(p, p->section_line, p->section_column,
				    "role '%s' needs a file, thread or title", r->name);
	} else if (p->system) {
		for (int i = 0; i < EVIDENCE_KINDS; i++)
			any |= p->system->is[i].n;
		if (!any)
			rules_error(p, p->section_line, p->section_column,
				    "system '%s' needs evidence (exe, cmdline, unit ...)",
				    p->system->name);
	}
	p->role = NULL;
	p->system = NULL;
}
