/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid - a screen in memory. */
#include "tools/ioamp-top/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

int grid_resize(struct grid *g, unsigned int rows, unsigned int cols)
{
	struct grid_cell *v = calloc((size_t)rows * cols + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	free(g->v);
	g->v = v;
	g->rows = rows;
	g->cols = cols;
	grid_clear(g);
	return 0;
}

void grid_free(struct grid *g)
{
	free(g->v);
	memset(g, 0, sizeof(*g));
}

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < (size_t)g->rows * g->cols; i++)
		g->v[i] = (struct grid_cell){ ' ', STYLE_PLAIN };
}

static void set_cell(struct grid *g, unsigned int y, unsigned int x, uint32_t ch,
		     enum grid_style style)
{
	struct grid_cell *c = &g->v[(size_t)y * g->cols + x];

	/* a wide character loses its other half, too */
	if (!c->ch && x)
		c[-1].ch = ' ';
	if (x + 1 < g->cols && !c[1].ch)
		c[1].ch = ' ';
	*c = (struct grid_cell){ ch, (uint8_t)style };
}

unsigned int grid_put(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		      const char *text, enum grid_style style)
{
	size_t used = 0, cells;
	uint32_t ch;

	if (y >= g->rows || x >= g->cols)
		return 0;
	if (width > g->cols - x)
		width = g->cols - x;
	for (; *text; used += cells) {
		text += utf8_next(text, &ch, &cells);
		if (used + cells > width)
			break;
		if (g->ascii && ch >= 0x80)
			ch = '?';
		for (unsigned int i = 0; i < cells; i++)	/* none for a combining mark */
			set_cell(g, y, x + (unsigned int)used + i, i && ch != '?' ? 0 : ch, style);
	}
	return (unsigned int)used;
}

void grid_field(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		const char *text, bool right, enum grid_style style)
{
	unsigned int need = (unsigned int)utf8_columns(text), pad = need < width ? width - need : 0;

	grid_fill(g, y, x, width, " ", style);
	grid_put(g, y, x + (right ? pad : 0), width - (right ? pad : 0), text, style);
}

void grid_fill(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
	       const char *ch, enum grid_style style)
{
	for (unsigned int i = 0; i < width; i++)
		grid_put(g, y, x + i, 1, ch, style);
}

void grid_restyle(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		  enum grid_style style)
{
	for (unsigned int i = x; y < g->rows && i < g->cols && i - x < width; i++)
		g->v[(size_t)y * g->cols + i].style = (uint8_t)style;
}

void grid_clip(const struct grid *g, char *text, size_t size, unsigned int width, bool keep_tail)
{
	utf8_clip(text, size, width, g->ascii ? "..." : "\xe2\x80\xa6", keep_tail);
}

void grid_dump(const struct grid *g, FILE *f)
{
	char out[UTF8_MAX];

	for (unsigned int y = 0; y < g->rows; y++) {
		const struct grid_cell *line = &g->v[(size_t)y * g->cols];
		unsigned int last = g->cols;

		while (last && line[last - 1].ch == ' ')
			last--;
		for (unsigned int x = 0; x < last; x++)
			if (line[x].ch)
				fwrite(out, 1, utf8_encode(out, line[x].ch), f);
		fputc('\n', f);
	}
}
