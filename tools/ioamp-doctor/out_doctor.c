/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_doctor - a diagnosis as text and as JSON. */
#include "tools/ioamp-doctor/out_doctor.h"

#include <string.h>

#include "base/names.h"
#include "base/units.h"
#include "base/utf8.h"
#include "report/prose.h"
#include "report/style.h"
#include "report/tint.h"
#include "tools/ioamp-doctor/out_page.h"

#define NAME_COLUMN	11
#define TEXT_COLUMN	27
#define PROBE_COLUMN	32	/* the names of probes are longer */
#define FIX_COLUMN	16	/* after "fix: " */

static enum tint tint_for(enum verdict v)
{
	return v == VERDICT_OK ? TINT_GOOD : v == VERDICT_LIMIT ? TINT_FAIR :
	       v == VERDICT_MISSING ? TINT_BAD : TINT_NONE;
}

/* Wraps text at column `column`, where the line already is. `joint` ends each line but the last. */
static void put_wrapped(FILE *f, const char *text, size_t column, const char *joint,
			const struct out_style *style)
{
	size_t line = style_line_width(style) - strlen(joint), used = column;
	char word[sizeof(((struct finding *)0)->fix)];

	for (bool first = true; *text; first = false) {
		size_t n = strcspn(text, " "), columns;

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		columns = utf8_columns(word);
		if (!first && used + 1 + columns > line) {
			fprintf(f, "%s\n%*s", joint, (int)column, "");
			used = column;
		} else if (!first) {
			fputc(' ', f);
			used++;
		}
		fputs(word, f);
		used += columns;
		text += n;
		text += *text == ' ';
	}
	fputc('\n', f);
}

/* The lines of a wrapped command end with a backslash, so that they can be pasted into a shell. */
static bool is_command(const char *text)
{
	static const char *const first[] = { "sudo ", "docker ", "echo ", "for ", "printf ",
					     "grep ", "ls ", "cat " };

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (!strncmp(text, first[i], strlen(first[i])))
			return true;
	return false;
}

/* "COMMAND    (REMARK)": the remark is printed on a new line, so that the command can be copied. */
static void put_fix(FILE *f, const char *fix, const struct out_style *style)
{
	const char *remark = strstr(fix, "    ");
	size_t n = remark ? (size_t)(remark - fix) : strlen(fix);
	char command[sizeof(((struct finding *)0)->fix)], safe[2 * sizeof(command)];

	snprintf(command, sizeof(command), "%.*s", (int)n, fix);
	fprintf(f, "%*sfix: ", NAME_COLUMN, "");
	utf8_safe(safe, sizeof(safe), command);
	put_wrapped(f, safe, FIX_COLUMN, is_command(command) ? " \\" : "", style);
	if (!remark)
		return;
	utf8_safe(safe, sizeof(safe), remark + strspn(remark, " "));
	fprintf(f, "%*s", FIX_COLUMN, "");
	put_wrapped(f, safe, FIX_COLUMN, "", style);
}

/* A line of the report, and the lines it wraps to. */
struct entry {
	enum verdict verdict;
	const char *name, *detail;
	int column;		/* of the detail */
};

static void put_entry(FILE *f, const struct entry *e, const struct out_style *style)
{
	char safe[2 * sizeof(((struct finding *)0)->detail)];

	fputs("  ", f);
	tint_begin(f, tint_for(e->verdict), style);
	fputs(finding_verdict_name(e->verdict), f);
	tint_end(f, tint_for(e->verdict), style);
	fprintf(f, "%*s%-*s", (int)(NAME_COLUMN - 2 - strlen(finding_verdict_name(e->verdict))), "",
		e->column - NAME_COLUMN, e->name);
	utf8_safe(safe, sizeof(safe), e->detail);
	put_wrapped(f, safe, (size_t)e->column, "", style);
}

static void put_remedied(FILE *f, const struct finding *c, const struct out_style *style)
{
	put_entry(f, &(struct entry){ c->verdict, c->name, c->detail, TEXT_COLUMN }, style);
	if (*c->fix)
		put_fix(f, c->fix, style);
}

static bool is_wrong(enum verdict v)
{
	return v == VERDICT_LIMIT || v == VERDICT_MISSING;
}

static void layer_text(const struct plan *p, enum layer layer, char *out, size_t size)
{
	const struct layer_state *s = &p->layers[layer];

	snprintf(out, size, "%s%s%s", s->available ? s->via : "not seen",
		 s->reason ? ": " : "", s->reason ? s->reason : "");
}

static void put_layers(FILE *f, const struct plan *p, bool quiet, const struct out_style *style)
{
	char text[320];

	for (int i = 0; i < LAYER_MAX; i++) {
		enum verdict v = doctor_layer_verdict(p, (enum layer)i);

		if (quiet && !is_wrong(v))
			continue;
		layer_text(p, (enum layer)i, text, sizeof(text));
		put_entry(f, &(struct entry){ v, names_layer((enum layer)i), text, TEXT_COLUMN }, style);
		if (*p->fixes[i])
			put_fix(f, p->fixes[i], style);
	}
}

static void put_probes(FILE *f, const struct plan *p, const struct out_style *style)
{
	char text[320];

	fputs("Probes\n", f);
	for (size_t i = 0; i < p->nr_probes; i++) {
		const struct plan_probe *q = &p->probes[i];

		if (q->via)
			snprintf(text, sizeof(text), "%s %s", q->via, q->point);
		else if (q->wanted)
			snprintf(text, sizeof(text), "%s; costs: %s",
				 *q->why ? q->why : "no reason known", q->lost);
		else
			snprintf(text, sizeof(text), "%s", q->why);
		put_entry(f, &(struct entry){
			q->via ? VERDICT_OK : q->wanted ? VERDICT_LIMIT : VERDICT_INFO, q->name, text,
			PROBE_COLUMN,
		}, style);
	}
}

static void put_verdict(FILE *f, const struct diagnosis *d, const struct out_style *style)
{
	size_t limits = doctor_count(d, VERDICT_LIMIT), missing = doctor_count(d, VERDICT_MISSING);
	enum tint tint = missing ? TINT_BAD : limits ? TINT_FAIR : TINT_GOOD;
	struct prose t = { 0 };

	tint_begin(f, tint, style);
	if (missing)
		prose_add(&t, "The tools cannot trace here: %zu missing. Each has its fix above.", missing);
	else if (limits)
		prose_add(&t, "Usable, with %zu limit%s. Proof by known I/O: sudo ioamp-doctor"
			  " --selftest", limits, limits == 1 ? "" : "s");
	else
		prose_add(&t, "Usable, no limits. Proof by known I/O: sudo ioamp-doctor --selftest");
	prose_print(f, &t, style);
	tint_end(f, tint, style);
}

int out_doctor_text(FILE *f, const struct diagnosis *d, bool quiet, bool probes,
		    const struct out_style *style)
{
	char host[UNITS_MAX * 3];

	if (!quiet) {
		utf8_safe(host, sizeof(host), d->host);
		fprintf(f, "ioamp-doctor %s on %s\n", d->version, host);
	}
	for (size_t i = 0; i < d->checks.n; i++) {
		const struct finding *c = &d->checks.v[i];

		if (!quiet || is_wrong(c->verdict))
			put_remedied(f, c, style);
	}
	if (d->plan.made) {
		if (!quiet)
			fprintf(f, "Layers (types from %s; compiled and attached in %.1f s)\n",
				d->plan.types, d->plan.seconds);
		put_layers(f, &d->plan, quiet, style);
		if (probes)
			put_probes(f, &d->plan, style);
	} else if (!quiet) {
		fputs("Layers\n", f);
		put_entry(f, &(struct entry){
			VERDICT_UNKNOWN, "attach plan", "not made, because a check above failed", TEXT_COLUMN,
		}, style);
	}
	if (!quiet)
		put_verdict(f, d, style);
	return stream_finish(f);
}

/* ---- JSON ---- */

static void json_text(struct json *j, const char *key, const char *text)
{
	json_str(j, key, text && *text ? text : NULL);
}

static void json_checks(struct json *j, const struct findings *c)
{
	json_open(j, "checks", '[');
	for (size_t i = 0; i < c->n; i++) {
		json_open(j, NULL, '{');
		json_str(j, "name", c->v[i].name);
		json_str(j, "verdict", finding_verdict_name(c->v[i].verdict));
		json_str(j, "detail", c->v[i].detail);
		json_text(j, "fix", c->v[i].fix);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_layers(struct json *j, const struct plan *p)
{
	if (!p->made) {
		json_null(j, "layers");
		return;
	}
	json_open(j, "layers", '{');
	for (int i = 0; i < LAYER_MAX; i++) {
		const struct layer_state *s = &p->layers[i];

		json_open(j, names_layer((enum layer)i), '{');
		json_bool(j, "available", s->available);
		json_str(j, "via", s->via);
		json_str(j, "reason", s->reason);
		json_text(j, "fix", p->fixes[i]);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void json_probes(struct json *j, const struct plan *p)
{
	if (!p->made) {
		json_null(j, "probes");
		return;
	}
	json_open(j, "probes", '[');
	for (size_t i = 0; i < p->nr_probes; i++) {
		const struct plan_probe *q = &p->probes[i];

		json_open(j, NULL, '{');
		json_str(j, "name", q->name);
		json_bool(j, "wanted", q->wanted);
		json_str(j, "via", q->via);
		json_str(j, "point", q->point);
		json_text(j, "reason", q->via ? NULL : q->why);
		json_open(j, "serves", '[');
		for (int l = 0; l < LAYER_MAX; l++)
			if (q->layers & 1u << l)
				json_str(j, NULL, names_layer((enum layer)l));
		json_close(j, ']');
		json_str(j, "lost", q->lost);
		json_close(j, '}');
	}
	json_close(j, ']');
}

int out_doctor_json(FILE *f, const struct diagnosis *d)
{
	struct json w, *j = &w;

	out_page_begin(j, f, "ioamp.doctor/1", d->version);
	json_str(j, "host", d->host);
	json_str(j, "kernel", d->kernel);
	json_str(j, "machine", d->arch);
	json_str(j, "system", d->system);
	json_bool(j, "usable", !doctor_status(d));
	json_u64(j, "limits", doctor_count(d, VERDICT_LIMIT));
	json_u64(j, "missing", doctor_count(d, VERDICT_MISSING));
	json_checks(j, &d->checks);
	json_str(j, "types", d->plan.made ? d->plan.types : NULL);
	if (d->plan.made)
		json_double(j, "attach_s", d->plan.seconds);
	else
		json_null(j, "attach_s");
	json_layers(j, &d->plan);
	json_probes(j, &d->plan);
	return out_page_end(j);
}
