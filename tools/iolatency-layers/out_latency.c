/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_latency - waits in their parts for people: tables, a sentence, a histogram. */
#include "tools/iolatency-layers/out_latency.h"

#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "ledger/latency.h"
#include "report/out_text.h"
#include "report/prose.h"
#include "report/row_name.h"
#include "report/style.h"
#include "report/table.h"
#include "report/tint.h"
#include "base/units.h"
#include "base/utf8.h"

#define ROWS_SHOWN	24	/* fits a screen; -w shows all */
#define WIDE_ENOUGH	150	/* columns that a table with all parts needs */

enum column {
	C_PID, C_OP, C_INTERFACE, C_DISK, C_COUNT, C_AVG, C_P50, C_P99, C_MAX,
	C_PART,			/* one per part */
	C_NAME = C_PART + PART_MAX,
	C_ALL,
};

struct page {
	const struct latency *l;
	const struct out_style *style;
	enum row_by by;
	size_t shown;
	enum column columns[C_ALL];	/* of the current table */
};

const char *out_latency_interface(const struct latency_id *id)
{
	return id->iface != IFACE_NONE ? names_iface(id->iface) : NULL;
}

static const char *name_of(const struct page *p, const struct latency_id *id)
{
	switch (p->by) {
	case BY_PROCESS: return id->comm ? id->comm : id->background ? "[background]" : "[unattributed]";
	case BY_SYSTEM:
	case BY_ROLE: return id->system ? id->system : "[background]";
	case BY_CGROUP: return id->cgroup;
	case BY_CONTAINER: return id->container;
	default: return id->disk;
	}
}

static void put_name(char *buf, size_t size, const struct page *p, const struct latency_id *id)
{
	const struct latency_row *rows = p->l->rows;

	if (id->system && (p->by == BY_SYSTEM || p->by == BY_ROLE))
		row_name_system(buf, size, &id->names,
				row_name_has_sister(&id->names, &rows->id.names, p->l->nr_rows,
						    sizeof(*rows)) ? id->instance : NULL);
	else
		utf8_safe(buf, size, name_of(p, id));
}

/* Durations are printed in one unit, so that they compare by eye. */
static void put_duration(char *buf, size_t size, double ns, const struct out_style *style)
{
	if (style->raw)
		snprintf(buf, size, "%.0f", ns);
	else if (style->millis)
		snprintf(buf, size, "%.3f", ns / 1e6);
	else
		snprintf(buf, size, ns < 99950 ? "%.1f" : "%.0f", ns / 1e3);
}

static void put_share(char *buf, size_t size, uint64_t part, uint64_t whole)
{
	if (part)
		snprintf(buf, size, "%.1f%%", 100.0 * (double)part / (double)whole);
	else
		snprintf(buf, size, "0");
}

static double average(const struct latency_row *r)
{
	return r->count ? (double)r->wait_ns / (double)r->count : 0;
}

static enum tint cell(char *buf, size_t size, const void *ctx, size_t row, size_t col)
{
	const struct page *p = ctx;
	const struct latency_row *r = &p->l->rows[row];
	const struct out_style *style = p->style;
	enum column c = p->columns[col];

	switch (c) {
	case C_PID:
		snprintf(buf, size, "-");
		if (r->id.has_pid)
			snprintf(buf, size, "%u", r->id.pid);
		break;
	case C_OP: snprintf(buf, size, "%s", names_op(r->id.op)); break;
	case C_INTERFACE:
		snprintf(buf, size, "%s", r->id.background ? "[bg]" : out_latency_interface(&r->id) ? out_latency_interface(&r->id) : "-");
		break;
	case C_DISK: utf8_safe(buf, size, r->id.disk); break;
	case C_COUNT: units_count(buf, r->count, style->raw); break;
	case C_AVG: put_duration(buf, size, average(r), style); break;
	case C_P50: put_duration(buf, size, (double)hist_percentile(&r->hist, 500, r->max_ns), style); break;
	case C_P99: put_duration(buf, size, (double)hist_percentile(&r->hist, 990, r->max_ns), style); break;
	case C_MAX: put_duration(buf, size, (double)r->max_ns, style); break;
	case C_NAME: put_name(buf, size, p, &r->id); break;
	default: put_share(buf, size, r->part[c - C_PART], r->wait_ns); break;
	}
	return TINT_NONE;
}

static const char *head_of(const struct page *p, enum column c)
{
	static const char *const plain[C_ALL] = {
		[C_PID] = "PID", [C_OP] = "OP", [C_INTERFACE] = "INTERFACE", [C_DISK] = "DISK",
		[C_COUNT] = "COUNT", [C_AVG] = "AVG(us)", [C_P50] = "P50(us)", [C_P99] = "P99(us)",
		[C_MAX] = "MAX(us)", [C_PART + PART_ABOVE] = "ABOVE", [C_PART + PART_FILESYSTEM] = "FS",
		[C_PART + PART_JOURNAL] = "JRNL", [C_PART + PART_QUEUE] = "QUEUE",
		[C_PART + PART_STACK] = "STACK", [C_PART + PART_DEVICE] = "DEV",
		[C_PART + PART_RETURN] = "RET", [C_PART + PART_UNACCOUNTED] = "UNACC",
	};
	static const char *const ms[] = { "AVG(ms)", "P50(ms)", "P99(ms)", "MAX(ms)" };
	static const char *const ns[] = { "AVG(ns)", "P50(ns)", "P99(ns)", "MAX(ns)" };

	if (c == C_NAME)
		return row_name_head(p->by);
	if (c >= C_AVG && c <= C_MAX && p->style->raw)
		return ns[c - C_AVG];
	if (c >= C_AVG && c <= C_MAX && p->style->millis)
		return ms[c - C_AVG];
	return plain[c];
}

static bool wants(const struct page *p, enum column c, bool durations, bool parts)
{
	if (c == C_PID)
		return p->by == BY_PROCESS;
	/* the half with the parts has the same order of rows, and no room for names beside PIDs */
	if (c == C_NAME)
		return p->by != BY_DEVICE && (durations || p->by != BY_PROCESS);
	if (c == C_DISK)
		return durations || p->by == BY_DEVICE;
	if (c >= C_COUNT && c < C_PART)
		return durations;
	return c < C_PART || parts;
}

/* One table of the rows, with all columns or one half of them. */
static void put_table(FILE *f, struct page *p, bool durations, bool parts)
{
	struct table_column columns[C_ALL];
	struct table t = { .columns = columns, .nr_rows = p->shown, .cell = cell, .ctx = p };

	for (enum column c = 0; c < C_ALL; c++) {
		bool left = c == C_OP || c == C_INTERFACE || c == C_DISK || c == C_NAME;

		if (!wants(p, c, durations, parts))
			continue;
		p->columns[t.nr_columns] = c;
		columns[t.nr_columns++] = (struct table_column){
			head_of(p, c), c == C_PID ? 7 : c >= C_PART && c < C_NAME ? 5 : 0, left,
		};
	}
	t.keep_tail = p->by == BY_CGROUP;
	fputc('\n', f);
	table_print(f, &t, p->style);
}

static void put_tables(FILE *f, struct page *p)
{
	bool one = p->style->wide || style_line_width(p->style) >= WIDE_ENOUGH;

	if (!p->l->nr_rows)
		return;
	put_table(f, p, true, one);
	if (!one)
		put_table(f, p, false, true);
	if (p->shown < p->l->nr_rows)
		fprintf(f, "... and %zu more rows with less (-w shows all)\n", p->l->nr_rows - p->shown);
}

/* ---- the histogram ---- */

#define BAR	38

static void put_bar(FILE *f, uint64_t n, uint64_t most)
{
	size_t stars = most ? (size_t)(((double)n * BAR) / (double)most) : 0;

	fputc('|', f);
	for (size_t i = 0; i < BAR; i++)
		fputc(i < stars ? '*' : ' ', f);
	fputs("|\n", f);
}

static void put_histogram(FILE *f, const struct latency_row *r, const struct out_style *style)
{
	uint64_t rows[HIST_ROWS], most = 0;
	size_t first = 0, n = hist_fold(&r->hist, style->raw ? 1 : style->millis ? 1000000 : 1000, rows);

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		most = rows[i] > most ? rows[i] : most;
	while (!rows[first])
		first++;
	fprintf(f, "\n%10s %14s : count     distribution\n", style->raw ? "nsecs" : style->millis ? "msecs" :
		"usecs", "");
	for (size_t i = first; i < n; i++) {
		fprintf(f, "%10llu -> %-11llu : %-9llu ", i ? 1ULL << i : 0, (2ULL << i) - 1,
			(unsigned long long)rows[i]);
		put_bar(f, rows[i], most);
	}
}

static void put_total(FILE *f, const struct page *p)
{
	const struct latency_row *t = &p->l->total;
	struct prose text = { 0 };
	char avg[UNITS_MAX], p50[UNITS_MAX], p99[UNITS_MAX], max[UNITS_MAX], count[UNITS_MAX];
	const char *unit = p->style->raw ? "ns" : p->style->millis ? "ms" : "us";

	if (!t->count)
		return;
	units_count(count, t->count, p->style->raw);
	put_duration(avg, sizeof(avg), average(t), p->style);
	put_duration(p50, sizeof(p50), (double)hist_percentile(&t->hist, 500, t->max_ns), p->style);
	put_duration(p99, sizeof(p99), (double)hist_percentile(&t->hist, 990, t->max_ns), p->style);
	put_duration(max, sizeof(max), (double)t->max_ns, p->style);
	prose_add(&text, "%s waits, average %s %s, p50 %s, p99 %s, longest %s; of the time", count, avg,
		  unit, p50, p99, max);
	for (enum lat_part i = 0; i < PART_MAX; i++)
		if (t->part[i])
			prose_add(&text, "%s %s %.1f %%", i && text.buf[text.len - 1] == '%' ? "," : "",
				  names_part(i), 100.0 * (double)t->part[i] / (double)t->wait_ns);
	fputc('\n', f);
	prose_print(f, &text, p->style);
	put_histogram(f, t, p->style);
}

int out_latency_text(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct page p = { .l = s->latency, .style = style, .by = s->latency->by };
	struct prose note = { 0 };

	errno = 0;
	out_text_head(f, &(struct report){ s, style });
	p.shown = p.l->nr_rows > ROWS_SHOWN && !style->wide ? ROWS_SHOWN : p.l->nr_rows;
	put_tables(f, &p);
	put_total(f, &p);
	fputc('\n', f);
	if (!p.l->nr_rows)
		fputs("no I/O was seen\n", f);
	if (s->latency_note)
		prose_add(&note, "not seen: %s", s->latency_note);
	prose_print(f, &note, style);
	out_notes(f, s, style);
	return stream_finish(f);
}
