/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_event - one line per I/O event as text, JSON or CSV. */
#include "tools/iosnoop-amp/out_event.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/names.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/table.h"
#include "base/units.h"
#include "base/utf8.h"

/*
 * Swapped pages are data of their owner. Parity and unclassified bytes have no event type of their
 * own; they are bytes that the stack added, as metadata is.
 */
static const char *filesystem_name(unsigned int cls)
{
	switch (cls) {
	case CLASS_DATA: case CLASS_SWAP: return "FS_DATA";
	case CLASS_JOURNAL: return "FS_JOURNAL";
	default: return "FS_METADATA";
	}
}

const char *out_event_name(const struct ioamp_event *e)
{
	/* As in the figures, write-zeroes counts as discard, and a sync below vfs as flush. */
	static const char *const names[LAYER_MAX][OP_MAX] = {
		[LAYER_APPLICATION] = { "SYSCALL_READ", "SYSCALL_WRITE", "SYSCALL_SYNC" },
		[LAYER_VFS] = { "VFS_READ", "VFS_WRITE", "VFS_SYNC" },
		[LAYER_BLOCK] = { "BLOCK_READ", "BLOCK_WRITE", "BLOCK_FLUSH", "BLOCK_FLUSH",
				  "BLOCK_DISCARD", "BLOCK_DISCARD" },
		[LAYER_DEVICE] = { "DEVICE_READ", "DEVICE_WRITE", "DEVICE_FLUSH", "DEVICE_FLUSH",
				   "DEVICE_DISCARD", "DEVICE_DISCARD" },
	};

	if (e->layer == LAYER_FILESYSTEM)
		return filesystem_name(e->cls);
	if (e->layer >= LAYER_MAX || e->op >= OP_MAX || !names[e->layer][e->op])
		return "UNKNOWN";
	return names[e->layer][e->op];
}

/* A field's value: text (NULL: unknown) or a number. */
struct value {
	enum { V_TEXT, V_U64, V_I64, V_NONE } type;
	const char *s;
	uint64_t u;
	int64_t i;
};

enum field {
	E_TS, E_TIME, E_LAYER, E_EVENT, E_SYSTEM, E_ROLE, E_PID, E_TID, E_COMM, E_VIA, E_SIZE,
	E_OFFSET, E_LAT, E_RET, E_DISK, E_INODE, E_FILE, E_REQ, E_MAX,
};

static const char *const field_names[E_MAX] = {
	"ts_ns", "time", "layer", "event", "system", "role", "pid", "tid", "comm", "via", "size",
	"offset", "lat_ns", "ret", "disk", "inode", "file", "req",
};

static struct value text_value(const char *s)
{
	return (struct value){ .type = V_TEXT, .s = s };
}

static struct value number(uint64_t u, uint64_t unknown)
{
	return (struct value){ .type = u == unknown ? V_NONE : V_U64, .u = u };
}

static struct value always(uint64_t u)
{
	return (struct value){ .type = V_U64, .u = u };
}

/* A sync or flush of a whole file or disk has no offset. */
static struct value offset_value(const struct ioamp_event *e)
{
	bool whole = (e->op == OP_SYNC || e->op == OP_FLUSH) && !e->size && !e->offset;

	return number(whole ? UINT64_MAX : e->offset, UINT64_MAX);
}

static struct value value_of(const struct event *ev, enum field field, const char *time)
{
	const struct ioamp_event *e = ev->e;

	switch (field) {
	case E_TS: return always(e->ts_ns);
	case E_TIME: return text_value(time);
	case E_LAYER: return text_value(names_layer((enum layer)e->layer));
	case E_EVENT: return text_value(out_event_name(e));
	case E_SYSTEM: return text_value(ev->system);
	case E_ROLE: return text_value(ev->role);
	case E_PID: return number(ev->pid, 0);
	case E_TID: return number(e->tid, 0);
	case E_COMM: return text_value(ev->comm);
	case E_VIA: return text_value(ev->via);
	case E_SIZE: return always(e->size);
	case E_OFFSET: return offset_value(e);
	case E_LAT: return number(e->lat_ns, UINT64_MAX);
	case E_RET: return (struct value){ .type = e->flags & EVENT_F_NO_RET ? V_NONE : V_I64, .i = e->ret };
	case E_DISK: return text_value(ev->disk);
	case E_INODE: return number(e->inode, 0);
	case E_FILE: return text_value(ev->file);
	case E_REQ: return number(e->req, 0);
	case E_MAX: break;
	}
	return (struct value){ .type = V_NONE };
}

static int event_status(FILE *f)
{
	if (!ferror(f))
		return 0;
	return errno ? -errno : -EIO;
}

int out_event_json(FILE *f, const struct event *ev)
{
	struct json j = { .f = f };
	char time[UNITS_MAX];

	errno = 0;
	units_rfc3339(time, ev->wall_s, ev->wall_ns);
	json_open(&j, NULL, '{');
	json_str(&j, "type", "event");
	for (enum field i = 0; i < E_MAX; i++) {
		struct value v = value_of(ev, i, time);

		switch (v.type) {
		case V_TEXT: json_name(&j, field_names[i], v.s); break;
		case V_U64: json_u64(&j, field_names[i], v.u); break;
		case V_I64: json_i64(&j, field_names[i], v.i); break;
		case V_NONE: json_null(&j, field_names[i]); break;
		}
	}
	json_close(&j, '}');
	fputc('\n', f);
	return event_status(f);
}

int out_event_lost_json(FILE *f, uint64_t lost, uint64_t sent)
{
	struct json j = { .f = f };

	errno = 0;
	json_open(&j, NULL, '{');
	json_str(&j, "type", "lost");
	json_u64(&j, "events", lost);
	json_u64(&j, "sent", sent);
	json_close(&j, '}');
	fputc('\n', f);
	return event_status(f);
}

int out_event_csv_header(FILE *f)
{
	struct csv c = { .f = f };

	errno = 0;
	for (enum field i = 0; i < E_MAX; i++)
		csv_str(&c, field_names[i]);
	csv_str(&c, "comm_b64");
	csv_str(&c, "via_b64");
	csv_str(&c, "file_b64");
	csv_end(&c);
	return event_status(f);
}

int out_event_csv(FILE *f, const struct event *ev)
{
	struct csv c = { .f = f };
	char time[UNITS_MAX];

	errno = 0;
	units_rfc3339(time, ev->wall_s, ev->wall_ns);
	for (enum field i = 0; i < E_MAX; i++) {
		struct value v = value_of(ev, i, time);

		switch (v.type) {
		case V_TEXT: csv_str(&c, v.s); break;
		case V_U64: csv_u64(&c, v.u); break;
		case V_I64: csv_i64(&c, v.i); break;
		case V_NONE: csv_empty(&c); break;
		}
	}
	csv_b64(&c, ev->comm);
	csv_b64(&c, ev->via);
	csv_b64(&c, ev->file);
	csv_end(&c);
	return event_status(f);
}

struct line_column {
	enum field field;
	const char *head;
	int width;	/* negative: aligned left */
	bool extra;
};

static const struct line_column line_columns[] = {
	{ E_TIME, "TIME", -18, false }, { E_SYSTEM, "SYSTEM", -8, false },
	{ E_EVENT, "EVENT_TYPE", -14, false }, { E_PID, "PID", -7, false },
	{ E_TID, "TID", -7, false }, { E_COMM, "COMM", -15, false },
	{ E_SIZE, "SIZE", -8, false }, { E_OFFSET, "OFFSET", -12, false },
	{ E_LAT, "LAT(us)", -9, false }, { E_RET, "RET", -7, false },
	{ E_ROLE, "ROLE", -12, true }, { E_DISK, "DISK", -9, true },
	{ E_INODE, "INODE", -9, true }, { E_FILE, "FILE", -20, true },
	{ E_VIA, "VIA", -15, true }, { E_REQ, "REQ", -12, true },
};

static void put_padded(FILE *f, const char *s, int width, bool last)
{
	size_t have = utf8_columns(s), want = (size_t)-width;

	fputs(s, f);
	if (last)
		fputc('\n', f);
	else
		fprintf(f, "%*s", have < want ? (int)(want - have) + 1 : 1, "");
}

static bool is_last(size_t i, bool extra)
{
	size_t n = sizeof(line_columns) / sizeof(*line_columns);

	return i + 1 == n || (!extra && line_columns[i + 1].extra);
}

int out_event_header(FILE *f, const struct out_style *style)
{
	errno = 0;
	for (size_t i = 0; i < sizeof(line_columns) / sizeof(*line_columns); i++) {
		const struct line_column *c = &line_columns[i];
		bool millis = c->field == E_LAT && style->millis;

		if (style->no_header || (c->extra && !style->extra))
			break;
		put_padded(f, millis ? "LAT(ms)" : c->head, c->width, is_last(i, style->extra));
	}
	return event_status(f);
}

/* Local time. */
static void clock_text(char *buf, size_t size, const struct event *ev)
{
	time_t t = (time_t)ev->wall_s;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	snprintf(buf, size, "%02d:%02d:%02d.%09ld", tm.tm_hour, tm.tm_min, tm.tm_sec, ev->wall_ns);
}

static void field_text(char *buf, size_t size, const struct event *ev, enum field field,
		       bool millis)
{
	struct value v = value_of(ev, field, NULL);

	if (field == E_TIME)
		clock_text(buf, size, ev);
	else if (v.type == V_TEXT)
		utf8_safe(buf, size, v.s);
	else if (v.type == V_NONE)
		snprintf(buf, size, "-");
	else if (v.type == V_I64)
		snprintf(buf, size, "%" PRId64, v.i);
	else if (field == E_LAT)
		snprintf(buf, size, millis ? "%.3f" : "%.2f", (double)v.u / (millis ? 1e6 : 1e3));
	else
		snprintf(buf, size, "%" PRIu64, v.u);
}

int out_event_text(FILE *f, const struct event *ev, const struct out_style *style)
{
	char buf[TABLE_CELL];

	errno = 0;
	for (size_t i = 0; i < sizeof(line_columns) / sizeof(*line_columns); i++) {
		const struct line_column *c = &line_columns[i];

		if (c->extra && !style->extra)
			break;
		field_text(buf, sizeof(buf), ev, c->field, style->millis);
		put_padded(f, buf, c->width, is_last(i, style->extra));
	}
	return event_status(f);
}
