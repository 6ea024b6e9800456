/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_layers - the tab of layers: the totals from the application down to the device. */
#include "tools/ioamp-top/top_layers.h"

#include <string.h>

#include "base/names.h"
#include "base/units.h"
#include "ledger/amp.h"

#define NAME_CELLS	12
#define CELL		9
#define CELLS		7

/* The factor of the step that ends at a layer; "" for the first. */
static void step_text(char buf[UNITS_MAX], const struct row *r, const struct layer_state *layers,
		      enum layer layer, enum op op)
{
	struct amplification amp;

	buf[0] = 0;
	amp_compute(r, layers, op, &amp);
	for (size_t i = 0; i < amp.steps; i++)
		if (amp.chain[i].to == layer && amp.chain[i].known)
			units_factor(buf, amp.chain[i].factor);
}

static void put_layer(struct grid *g, unsigned int y, const struct top_totals *all, enum layer layer)
{
	const struct layer_io f = amp_layer_io(&all->row, all->layers, layer);
	char cells[CELLS][UNITS_MAX];

	top_columns_amount(cells[0], f.read, false, &all->scale);
	top_columns_amount(cells[1], f.read_ops, true, &all->scale);
	step_text(cells[2], &all->row, all->layers, layer, OP_READ);
	top_columns_amount(cells[3], f.write, false, &all->scale);
	top_columns_amount(cells[4], f.write_ops, true, &all->scale);
	step_text(cells[5], &all->row, all->layers, layer, OP_WRITE);
	top_columns_amount(cells[6], f.sync, true, &all->scale);
	grid_put(g, y, 0, NAME_CELLS, names_layer(layer), STYLE_PLAIN);
	for (unsigned int i = 0; i < CELLS; i++)
		grid_field(g, y, NAME_CELLS + i * CELL, CELL, cells[i], true, STYLE_PLAIN);
}

static void put_unavailable(struct grid *g, unsigned int y, const struct layer_state layers[LAYER_MAX])
{
	char text[512];

	for (int l = 0; l < LAYER_MAX && y + 1 < g->rows; l++) {
		const struct layer_state *s = &layers[l];

		if (s->available && !s->reason)
			continue;
		snprintf(text, sizeof(text), "%s: %s: %s", s->available ? "partly seen" : "not seen",
			 names_layer((enum layer)l), s->reason ? s->reason : "no reason is known");
		grid_clip(g, text, sizeof(text), g->cols, false);
		grid_put(g, y++, 0, g->cols, text, STYLE_ALERT);
	}
}

void top_layers_draw(const struct top *t, struct grid *g, unsigned int y)
{
	static const char *const heads[CELLS] = {
		"READ", "OPS", "STEP", "WRITE", "OPS", "STEP", "SYNC",
	};
	struct top_totals all;

	top_totals(t, &all);
	grid_fill(g, y, 0, g->cols, " ", STYLE_HEAD);
	grid_put(g, y, 0, NAME_CELLS, "LAYER", STYLE_HEAD);
	for (unsigned int i = 0; i < CELLS; i++)
		grid_field(g, y, NAME_CELLS + i * CELL, CELL, heads[i], true, STYLE_HEAD);
	for (int l = 0; l < LAYER_MAX && ++y + 1 < g->rows; l++)
		put_layer(g, y, &all, (enum layer)l);
	put_unavailable(g, y + 2, t->facts.layers);
}
