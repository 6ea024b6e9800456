/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_json - a summary as one line of JSON, in the shape of summary.schema.json. */
#include "report/out.h"

#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "ledger/amp.h"
#include "ledger/ledger_disks.h"
#include "report/json.h"
#include "base/units.h"
#include "base/utf8.h"

static void put_maybe(struct json *j, const char *key, struct maybe m)
{
	if (m.known)
		json_u64(j, key, m.v);
	else
		json_null(j, key);
}

static void put_seconds(struct json *j, const char *key, double s)
{
	if (s >= 0)
		json_double(j, key, s);
	else
		json_null(j, key);
}

static void put_io_members(struct json *j, const struct io *io)
{
	json_u64(j, "ops", io->ops);
	json_u64(j, "bytes", io->bytes);
	put_maybe(j, "ns", (struct maybe){ io->ns, io->has_ns });
}

static void put_io(struct json *j, const char *key, const struct io *io)
{
	json_open(j, key, '{');
	put_io_members(j, io);
	json_close(j, '}');
}

/* An array of names without the exact bytes in base64. */
static void put_names(struct json *j, const char *key, const char *const *names, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, names[i]);
	json_close(j, ']');
}

static void put_interfaces(struct json *j, const struct row *row)
{
	for (int i = IFACE_NONE + 1; i < IFACE_MAX; i++) {
		if (!row->app.iface[i].ops)
			continue;
		json_open(j, names_iface((enum iface)i), '{');
		put_io_members(j, &row->app.iface[i]);
		if (names_iface_is_estimate((enum iface)i))
			json_bool(j, "estimate", true);
		json_close(j, '}');
	}
}

static void put_figure(struct json *j, const struct figures_entry *f, const struct row *row)
{
	char name[FIGURES_NAME];
	struct io io;

	if (f->kind == FIGURE_IFACES) {
		put_interfaces(j, row);
		return;
	}
	figures_member(name, f);
	if (f->kind == FIGURE_IO || f->kind == FIGURE_DERIVED) {
		io = figures_io(f, row);
		put_io(j, name, &io);
	} else {
		put_maybe(j, name, figures_bytes(f, row));
	}
}

static bool same_group(const struct figures_entry *a, const struct figures_entry *b)
{
	return a->group == b->group || (a->group && b->group && !strcmp(a->group, b->group));
}

/* The figures of a layer; each group is an object. */
static void put_layer(struct json *j, const struct row *row, enum layer layer)
{
	const struct figures_entry *last = NULL;

	json_open(j, names_layer(layer), '{');
	for (size_t i = 0; i < figures_nr; i++) {
		const struct figures_entry *f = &figures_list[i];

		if (f->layer != layer || figures_hidden(f))
			continue;
		if (last && last->group && !same_group(last, f))
			json_close(j, '}');
		if (f->group && (!last || !same_group(last, f)))
			json_open(j, f->group, '{');
		put_figure(j, f, row);
		last = f;
	}
	if (last && last->group)
		json_close(j, '}');
	json_close(j, '}');
}

static void put_amplification(struct json *j, const char *key, const struct amplification *amp)
{
	json_open(j, key, '{');
	if (amp->has_bytes)
		json_double(j, "bytes", amp->bytes);
	else
		json_null(j, "bytes");
	if (amp->has_ops)
		json_double(j, "ops", amp->ops);
	else
		json_null(j, "ops");
	json_open(j, "chain", '[');
	for (size_t i = 0; i < amp->steps; i++) {
		json_open(j, NULL, '{');
		json_str(j, "from", names_layer(amp->chain[i].from));
		json_str(j, "to", names_layer(amp->chain[i].to));
		if (amp->chain[i].known)
			json_double(j, "factor", amp->chain[i].factor);
		else
			json_null(j, "factor");
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void put_amplifications(struct json *j, const struct row *row,
			       const struct layer_state layers[LAYER_MAX])
{
	struct amplification amp;

	json_open(j, "amplification", '{');
	amp_compute(row, layers, OP_WRITE, &amp);
	put_amplification(j, "write", &amp);
	amp_compute(row, layers, OP_READ, &amp);
	put_amplification(j, "read", &amp);
	json_close(j, '}');
}

static void put_identity(struct json *j, const struct row *row)
{
	json_str(j, "kind", row_kind_name(row->kind));
	json_str(j, "by", row_by_name(row->by));
	json_name(j, "system", row->system);
	json_name(j, "instance", row->instance);
	json_name(j, "role", row->role);
	put_maybe(j, "pid", (struct maybe){ row->pid, row->has_pid });
	json_name(j, "comm", row->comm);
	json_name(j, "cgroup", row->cgroup);
	json_name(j, "container", row->container);
	json_name(j, "file", row->file);
	json_name(j, "disk", row->disk);
}

static void put_row(struct json *j, const char *key, const struct row *row,
		    const struct layer_state layers[LAYER_MAX])
{
	json_open(j, key, '{');
	put_identity(j, row);
	for (enum layer l = 0; l < LAYER_MAX; l++) {
		if (row_has_layer(row, layers, l))
			put_layer(j, row, l);
		else
			json_null(j, names_layer(l));
	}
	put_amplifications(j, row, layers);
	json_close(j, '}');
}

static void put_unexplained(struct json *j, const char *key, const struct disk_row *d, bool write)
{
	if (write ? d->kernel_write_bytes.known : d->kernel_read_bytes.known)
		json_i64(j, key, ledger_disk_unexplained(d, write));
	else
		json_null(j, key);
}

static void put_disk(struct json *j, const struct disk_row *d)
{
	size_t parents = 0;

	while (parents < sizeof(d->parents) / sizeof(*d->parents) && d->parents[parents])
		parents++;
	json_open(j, NULL, '{');
	json_name(j, "name", d->name);
	json_u64(j, "major", d->major);
	json_u64(j, "minor", d->minor);
	json_bool(j, "leaf", d->leaf);
	put_names(j, "parents", d->parents, parents);
	json_u64(j, "read_bytes", d->read_bytes);
	json_u64(j, "write_bytes", d->write_bytes);
	put_maybe(j, "kernel_read_bytes", d->kernel_read_bytes);
	put_maybe(j, "kernel_write_bytes", d->kernel_write_bytes);
	put_unexplained(j, "unexplained_read_bytes", d, false);
	put_unexplained(j, "unexplained_write_bytes", d, true);
	json_open(j, "write_by_kind", '{');
	for (int k = 0; k < ROW_KIND_MAX; k++)
		json_u64(j, row_kind_name((enum row_kind)k), d->write_by_kind[k]);
	json_close(j, '}');
	json_u64(j, "error_bytes", d->error_bytes);
	json_u64(j, "zeroes_bytes", d->zeroes_bytes);
	if (d->kernel_reason)
		json_str(j, "kernel_reason", d->kernel_reason);
	json_close(j, '}');
}

/*
 * Exact bytes of command.argv are in a member beside `command`, since the schema allows no other
 * member inside. An element is null where argv is exact.
 */
static void put_command(struct json *j, char *const *argv, int exit_status)
{
	bool exact = true;
	size_t n = 0;

	if (!argv) {
		json_null(j, "command");
		return;
	}
	for (; argv[n]; n++)
		exact = exact && utf8_valid(argv[n]);
	json_open(j, "command", '{');
	put_names(j, "argv", (const char *const *)argv, n);
	put_maybe(j, "exit_status", (struct maybe){ (uint64_t)exit_status, exit_status >= 0 });
	json_close(j, '}');
	if (exact)
		return;
	json_open(j, "argv_b64", '[');
	for (size_t i = 0; i < n; i++) {
		if (utf8_valid(argv[i]))
			json_null(j, NULL);
		else
			json_b64(j, NULL, argv[i]);
	}
	json_close(j, ']');
}

static void put_layers(struct json *j, const struct layer_state layers[LAYER_MAX])
{
	json_open(j, "layers", '{');
	for (enum layer l = 0; l < LAYER_MAX; l++) {
		json_open(j, names_layer(l), '{');
		json_bool(j, "available", layers[l].available);
		json_str(j, "via", layers[l].available ? layers[l].via : NULL);
		json_str(j, "reason", layers[l].reason);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void put_losses(struct json *j, const struct losses *l)
{
	json_open(j, "losses", '{');
	for (int i = 0; i < LOSSES_KINDS; i++)
		json_u64(j, losses_kinds[i].name, l->n[i]);
	json_close(j, '}');
}

static void put_head(struct json *j, const struct summary *s)
{
	char start[UNITS_MAX];

	units_rfc3339(start, s->start.s, s->start.ns);
	json_str(j, "schema", "ioamp.summary/1");
	json_str(j, "tool", s->tool);
	json_str(j, "version", s->version);
	json_str(j, "kernel", s->kernel);
	json_str(j, "start", start);
	json_double(j, "duration_s", s->duration_s);
	put_seconds(j, "settle_s", s->settle_s);
	put_seconds(j, "interval_s", s->interval_s);
	json_bool(j, "complete", s->complete);
	if (!s->complete)
		json_str(j, "incomplete_reason", s->incomplete_reason);
	json_str(j, "types", s->types);
	put_layers(j, s->layers);
	put_losses(j, &s->losses);
}

int out_summary_json(FILE *f, const struct summary *s, out_members *more)
{
	struct json j = { .f = f };

	errno = 0;
	json_open(&j, NULL, '{');
	put_head(&j, s);
	json_open(&j, "rows", '[');
	for (size_t i = 0; i < s->nr_rows; i++)
		put_row(&j, NULL, &s->rows[i], s->layers);
	json_close(&j, ']');
	put_row(&j, "totals", &s->totals, s->layers);
	json_open(&j, "devices", '[');
	for (size_t i = 0; i < s->nr_disks; i++)
		put_disk(&j, &s->disks[i]);
	json_close(&j, ']');
	if (more)
		more(&j, s);
	put_command(&j, s->argv, s->exit_status);
	json_close(&j, '}');
	fputc('\n', f);
	return stream_finish(f);
}
