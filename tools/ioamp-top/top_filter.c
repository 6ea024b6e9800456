/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_filter - which rows are shown: words and comparisons joined by "and". */
#include "tools/ioamp-top/top_filter.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* One term: FIELD OP VALUE, or a VALUE alone. */
struct term {
	char field[32], op[3], value[128];
};

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " ");
}

/* Takes the next term from the text; false: there is none. */
static bool next_term(const char **text, struct term *t)
{
	const char *s = skip_blanks(*text), *end = strstr(s, " and "), *op;
	size_t n = end ? (size_t)(end - s) : strlen(s), field;

	memset(t, 0, sizeof(*t));
	if (!*s)
		return false;
	*text = end ? end + 5 : s + n;
	while (n && s[n - 1] == ' ')
		n--;
	field = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-/");
	op = skip_blanks(s + field);
	if (field && field < sizeof(t->field) && op < s + n && strchr("=!<>~", *op)) {
		size_t len = strspn(op, "=!<>~");
		const char *value = skip_blanks(op + len);

		memcpy(t->field, s, field);
		memcpy(t->op, op, len < sizeof(t->op) ? len : sizeof(t->op) - 1);
		snprintf(t->value, sizeof(t->value), "%.*s", (int)(s + n > value ? s + n - value : 0), value);
	} else {
		snprintf(t->value, sizeof(t->value), "%.*s", (int)n, s);
	}
	return true;
}

static bool text_match(const char *name, const char *pattern)
{
	if (!name)
		return false;
	if (strpbrk(pattern, "*?["))
		return !fnmatch(pattern, name, FNM_CASEFOLD);
	return strcasestr(name, pattern);
}

/* A name by its field; NULL with *known: the row has none. */
static const char *name_field(const struct row *r, const char *field, bool *known)
{
	const struct { const char *name, *value; } names[] = {
		{ "system", r->system }, { "role", r->role }, { "comm", r->comm },
		{ "cgroup", r->cgroup }, { "container", r->container }, { "file", r->file },
		{ "disk", r->disk }, { "dev", r->disk },
		{ "kind", row_kind_name(r->kind) },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(field, names[i].name)) {
			*known = true;
			return names[i].value;
		}
	*known = false;
	return NULL;
}

static double number_of(const char *value, const char **end)
{
	static const char units[] = "KMGT";
	char *e;
	double v = strtod(value, &e);
	const char *unit = *e ? strchr(units, toupper((unsigned char)*e)) : NULL;

	for (int i = 0; unit && i <= unit - units; i++)
		v *= 1024;
	*end = unit ? e + 1 : *e == 'x' || *e == '%' ? e + 1 : e;
	return v;
}

static bool compare(double a, const char *op, double b)
{
	switch (*op) {
	case '<': return op[1] == '=' ? a <= b : a < b;
	case '>': return op[1] == '=' ? a >= b : a > b;
	case '!': return a != b;
	default: return a == b;
	}
}

static bool any_name(const struct row *r, const char *pattern)
{
	const char *names[] = {
		r->system, r->role, r->comm, r->cgroup, r->container, r->file, r->disk,
		r->kind == ROW_OWNER ? NULL : row_kind_name(r->kind),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (text_match(names[i], pattern))
			return true;
	return false;
}

static bool term_match(const struct term *t, const struct row *r,
		       const struct layer_state layers[LAYER_MAX], const struct top_scale *scale)
{
	const char *name, *end;
	enum top_col col;
	bool known;
	double v;

	if (!*t->field)
		return any_name(r, t->value);
	name = name_field(r, t->field, &known);
	if (known)
		return text_match(name, t->value) != (*t->op == '!');
	col = top_columns_find(t->field);
	if (col == COL_MAX || col == COL_NAME || col == COL_TREND)
		return false;
	v = top_columns_key(col, r, layers, scale);
	return v >= 0 && compare(v, t->op, number_of(t->value, &end));
}

bool top_filter_match(const char *filter, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], const struct top_scale *scale)
{
	struct term t;

	while (next_term(&filter, &t))
		if (!term_match(&t, row, layers, scale))
			return false;
	return true;
}

const char *top_filter_wrong(const char *filter)
{
	static const struct row none;
	const char *end;
	struct term t;
	bool known;

	while (next_term(&filter, &t)) {
		if (!*t.field)
			continue;
		name_field(&none, t.field, &known);
		if (!*t.value)
			return "a comparison needs a value";
		if (known)
			continue;
		if (top_columns_find(t.field) == COL_MAX)
			return "no such name or column; a word alone looks in every name";
		number_of(t.value, &end);
		if (end == t.value || *end)
			return "a column is compared with a number (4K, 1.5M, 10x)";
	}
	return NULL;
}
