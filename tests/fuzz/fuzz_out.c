/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_out - the writers with hostile names and extreme numbers: JSON and CSV
 * that a strict parser takes, text without a byte that a terminal would obey.
 */
#include "fuzz.h"

#include <locale.h>

#include "report/out.h"
#include "tools/iosnoop-amp/out_event.h"
#include "tools/iosnoop-amp/out_snoop.h"
#include "base/utf8.h"

#define INPUTS	3000
#define NAME	300
#define NAMES	160
#define ROWS	6
#define DISKS	4

static char names[NAMES][NAME];	/* of this input */
static size_t nr_names;

static const char *draw_name(struct fuzz *z)
{
	if (fuzz_one_in(z, 5) || nr_names == NAMES)
		return NULL;
	return fuzz_string(z, names[nr_names++], NAME);
}

/* What is never NULL. */
static const char *draw_word(struct fuzz *z)
{
	const char *name = draw_name(z);

	return name ? name : "x";
}

static struct io draw_io(struct fuzz *z)
{
	return (struct io){ fuzz_number(z), fuzz_number(z), fuzz_number(z), fuzz_one_in(z, 2) };
}

static struct maybe draw_maybe(struct fuzz *z)
{
	return (struct maybe){ fuzz_number(z), !fuzz_one_in(z, 4) };
}

static void draw_row(struct fuzz *z, struct row *r)
{
	*r = (struct row){
		.kind = (enum row_kind)fuzz_below(z, ROW_KIND_MAX),
		.by = (enum row_by)fuzz_below(z, BY_TOTAL + 1),
		.system = draw_name(z), .role = draw_name(z), .comm = draw_name(z),
		.cgroup = draw_name(z), .container = draw_name(z), .file = draw_name(z),
		.disk = draw_name(z), .has_pid = fuzz_one_in(z, 2), .pid = (uint32_t)fuzz_number(z),
		.absent = fuzz_one_in(z, 4) ? fuzz_below(z, 1 << LAYER_MAX) : 0,
		.app = { draw_io(z), draw_io(z), draw_io(z), { { 0 } } },
		.vfs = { draw_io(z), draw_io(z), draw_io(z) },
		.cache = { draw_maybe(z), draw_maybe(z), draw_maybe(z), draw_maybe(z), draw_maybe(z),
			   draw_maybe(z), fuzz_number(z), fuzz_number(z), fuzz_number(z), fuzz_number(z) },
		.block = { draw_io(z), draw_io(z), draw_io(z), draw_io(z) },
		.device = { draw_io(z), draw_io(z), draw_io(z), draw_io(z), { 0 }, fuzz_number(z) },
	};
	for (int i = 0; i < IFACE_MAX; i++)
		if (fuzz_one_in(z, 4))
			r->app.iface[i] = draw_io(z);
	for (int c = 0; c < CLASS_MAX; c++) {
		r->fs_read[c] = draw_io(z);
		r->fs_write[c] = draw_io(z);
		r->device.write_class[c] = fuzz_number(z);
	}
}

static void draw_disk(struct fuzz *z, struct disk_row *d)
{
	*d = (struct disk_row){
		.name = draw_word(z), .major = fuzz_below(z, 4096), .minor = fuzz_below(z, 1 << 20),
		.leaf = fuzz_one_in(z, 2), .read_bytes = fuzz_number(z), .write_bytes = fuzz_number(z),
		.kernel_read_bytes = draw_maybe(z), .kernel_write_bytes = draw_maybe(z),
		.kernel_reason = draw_name(z), .error_bytes = fuzz_number(z),
		.zeroes_bytes = fuzz_number(z),
	};
	for (uint32_t n = fuzz_below(z, 8), i = 0; i < n; i++)
		d->parents[i] = draw_word(z);
	for (int k = 0; k < ROW_KIND_MAX; k++)
		d->write_by_kind[k] = fuzz_number(z);
}

struct input {
	struct summary s;
	struct row rows[ROWS];
	struct disk_row disks[DISKS];
	char *argv[4];
	struct out_style style;
	struct ioamp_event event;
	struct event oe;
};

static void draw_layers(struct fuzz *z, struct summary *s)
{
	for (int l = 0; l < LAYER_MAX; l++) {
		bool available = !fuzz_one_in(z, 4);

		s->layers[l] = (struct layer_state){ .available = available,
			.via = available ? "tp_btf" : NULL,
			.reason = available && fuzz_one_in(z, 2) ? NULL : draw_word(z) };
	}
}

static void draw_summary(struct fuzz *z, struct input *x)
{
	struct summary *s = &x->s;

	*s = (struct summary){
		.tool = "ioamp-stat", .version = "1", .kernel = draw_word(z), .types = "btf",
		.start = { (int64_t)fuzz_below(z, 1u << 31), (long)fuzz_below(z, 1000000000) },
		.duration_s = (double)fuzz_number(z) / 1e6, .settle_s = fuzz_one_in(z, 2) ? -1 : 0.5,
		.interval_s = fuzz_one_in(z, 2) ? -1 : 1, .complete = fuzz_one_in(z, 2),
		.rows = x->rows, .nr_rows = fuzz_below(z, ROWS + 1),
		.disks = x->disks, .nr_disks = fuzz_below(z, DISKS + 1),
		.exit_status = (int)fuzz_below(z, 300) - 1,
	};
	s->incomplete_reason = s->complete ? NULL : draw_word(z);
	for (size_t i = 0; i < LOSSES_KINDS; i++)
		s->losses.n[i] = fuzz_number(z);
	draw_layers(z, s);
	for (size_t i = 0; i < s->nr_rows; i++)
		draw_row(z, &x->rows[i]);
	draw_row(z, &s->totals);
	s->totals.by = BY_TOTAL;
	for (size_t i = 0; i < s->nr_disks; i++)
		draw_disk(z, &x->disks[i]);
	for (uint32_t n = fuzz_below(z, 4), i = 0; i < n; i++)
		x->argv[i] = (char *)draw_word(z);
	s->argv = x->argv[0] ? x->argv : NULL;
}

static void draw_event(struct fuzz *z, struct input *x)
{
	struct ioamp_event *e = &x->event;

	*e = (struct ioamp_event){
		.ts_ns = fuzz_number(z), .size = fuzz_number(z), .offset = fuzz_number(z),
		.ret = (int64_t)fuzz_number(z), .lat_ns = fuzz_number(z), .req = fuzz_number(z),
		.inode = fuzz_number(z), .tid = (uint32_t)fuzz_number(z),
		.via_tid = (uint32_t)fuzz_number(z), .layer = (__u8)fuzz_below(z, LAYER_MAX + 1),
		.op = (__u8)fuzz_below(z, OP_MAX + 1), .cls = (__u8)fuzz_below(z, 256),
		.flags = (__u8)fuzz_below(z, 4), .fd = (int)fuzz_number(z),
	};
	x->oe = (struct event){
		.e = e, .wall_s = (int64_t)fuzz_below(z, 1u << 31),
		.wall_ns = (long)fuzz_below(z, 1000000000), .system = draw_name(z), .role = draw_name(z),
		.comm = draw_name(z), .via = draw_name(z), .disk = draw_name(z), .file = draw_name(z),
		.pid = (uint32_t)fuzz_number(z),
	};
}

static void draw_input(struct fuzz *z, struct input *x)
{
	static const unsigned int widths[] = { 0, 1, 20, 79, 80, 132, 100000 };

	memset(x, 0, sizeof(*x));
	nr_names = 0;
	draw_summary(z, x);
	draw_event(z, x);
	x->style = (struct out_style){
		.raw = fuzz_one_in(z, 2), .wide = fuzz_one_in(z, 2), .extra = fuzz_one_in(z, 2),
		.millis = fuzz_one_in(z, 2), .no_header = fuzz_one_in(z, 4),
		.timestamp = fuzz_one_in(z, 2),
		.width = widths[fuzz_below(z, sizeof(widths) / sizeof(*widths))],
	};
}

/* ---- JSON, strictly: RFC 8259 ---- */

static const char *json_value(const char *s);

static const char *json_string(const char *s)
{
	uint32_t code;
	size_t n;

	if (*s != '"')
		return NULL;
	for (s++; *s != '"'; s += n) {
		if (*s == '\\') {
			n = s[1] == 'u' ? 6 : 2;
			if (!s[1] || !strchr("\"\\/bfnrtu", s[1]) ||
			    (n == 6 && strspn(s + 2, "0123456789abcdefABCDEF") < 4))
				return NULL;
			continue;
		}
		n = utf8_decode(s, &code);
		if (!n || code < 0x20)
			return NULL;
	}
	return s + 1;
}

static const char *json_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (!n || (n > 1 && *s == '0'))
		return NULL;
	s += n;
	if (*s == '.') {
		n = strspn(++s, "0123456789");
		s += n;
	}
	if (n && (*s == 'e' || *s == 'E')) {
		s += 1 + (s[1] == '+' || s[1] == '-');
		n = strspn(s, "0123456789");
		s += n;
	}
	return n ? s : NULL;
}

static const char *json_list(const char *s, char end)
{
	if (*++s == end)
		return s + 1;
	for (;; s++) {
		if (end == '}') {
			s = json_string(s);
			if (!s || *s++ != ':')
				return NULL;
		}
		s = json_value(s);
		if (!s)
			return NULL;
		if (*s == end)
			return s + 1;
		if (*s != ',')
			return NULL;
	}
}

static const char *json_value(const char *s)
{
	static const char *const words[] = { "null", "true", "false" };

	if (*s == '{')
		return json_list(s, '}');
	if (*s == '[')
		return json_list(s, ']');
	if (*s == '"')
		return json_string(s);
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(s, words[i], strlen(words[i])))
			return s + strlen(words[i]);
	return json_number(s);
}

static void check_json(struct fuzz *z, const char *text)
{
	const char *end = json_value(text);

	FUZZ_CHECK(z, end && !strcmp(end, "\n"), "%s", text);
}

/* ---- CSV: RFC 4180, every record as long as the first ---- */

static const char *csv_record(const char *s, size_t *fields)
{
	for (*fields = 1;; s++, ++*fields) {
		if (*s == '"') {
			for (s++; *s && (*s != '"' || s[1] == '"'); s += 1 + (*s == '"'))
				;
			if (*s++ != '"')
				return NULL;
		} else {
			s += strcspn(s, ",\"\r\n");
		}
		if (*s == ',')
			continue;
		return s[0] == '\r' && s[1] == '\n' ? s + 2 : NULL;
	}
}

static void check_csv(struct fuzz *z, const char *text, size_t records)
{
	const char *s = text;
	size_t fields = 0, first = 0, n;

	FUZZ_CHECK(z, utf8_valid(text), "%s", text);
	for (n = 0; s && *s; n++) {
		s = csv_record(s, &fields);
		first = first ? first : fields;
		FUZZ_CHECK(z, s && fields == first, "record %zu: %zu of %zu fields in\n%s", n, fields, first,
			   text);
	}
	FUZZ_CHECK(z, n == records, "%zu records of %zu", n, records);
}

/* ---- text ---- */

/* Nothing that moves the cursor, colours, or turns the direction of writing. */
static void check_text(struct fuzz *z, const char *text)
{
	uint32_t code;
	size_t n;

	for (const char *s = text; *s; s += n) {
		n = utf8_decode(s, &code);
		FUZZ_CHECK(z, n && (code == '\n' || code >= 0x20) && (code < 0x7f || code > 0x9f) &&
			   (code < 0x202a || code > 0x202e) && (code < 0x2066 || code > 0x2069),
			   "U+%04X at %zu of\n%s", code, (size_t)(s - text), text);
	}
	n = strlen(text);
	FUZZ_CHECK(z, !n || text[n - 1] == '\n', "%s", text);
}

/* ---- all writers ---- */

enum writer { SUMMARY_JSON, EVENT_JSON, LOST_JSON, SUMMARY_CSV, EVENT_CSV, SUMMARY_TEXT, SNOOP_TABLE,
	NOTES, EVENT_TEXT, WRITER_MAX };

static int write_one(FILE *f, enum writer w, const struct input *x)
{
	int err = 0;

	switch (w) {
	case SUMMARY_JSON:
		return out_summary_json(f, &x->s, NULL);
	case EVENT_JSON:
		return out_event_json(f, &x->oe);
	case LOST_JSON:
		return out_event_lost_json(f, x->event.size, x->event.offset);
	case SUMMARY_CSV:
		return out_summary_csv(f, &x->s, &x->style);
	case EVENT_CSV:
		err = out_event_csv_header(f);
		return err ? err : out_event_csv(f, &x->oe);
	case SUMMARY_TEXT:
		return out_summary_text(f, &x->s, &x->style);
	case SNOOP_TABLE:
		return out_snoop_table(f, &x->s, &x->style);
	case NOTES:
		out_notes(f, &x->s, &x->style);
		return 0;
	default:
		err = out_event_header(f, &x->style);
		return err ? err : out_event_text(f, &x->oe, &x->style);
	}
}

static void try_writer(struct fuzz *z, enum writer w, const struct input *x)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	FUZZ_CHECK(z, write_one(f, w, x) == 0, "writer %d", w);
	fclose(f);
	FUZZ_CHECK(z, strlen(text) == size, "a NUL from writer %d", w);
	if (w <= LOST_JSON)
		check_json(z, text);
	else if (w <= EVENT_CSV)
		check_csv(z, text, w == EVENT_CSV ? 2 : x->s.nr_rows + 1 + !x->style.no_header);
	else
		check_text(z, text);
	free(text);
}

int main(int argc, char **argv)
{
	static struct input x;
	struct fuzz z;

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	fuzz_args(&z, argc, argv, INPUTS);
	for (uint64_t i = z.first; i <= z.last; i++) {
		fuzz_start(&z, i);
		draw_input(&z, &x);
		for (int w = 0; w < WRITER_MAX; w++)
			try_writer(&z, (enum writer)w, &x);
	}
	return 0;
}
