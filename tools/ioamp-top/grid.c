/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid - a screen in memory. */
#include "tools/ioamp-top/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/units.h"

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

/* One character: its bytes, what is shown for it, and its cells (0: nothing, a combining mark). */
static size_t next_char(const struct grid *g, const char *text, uint32_t *ch, unsigned int *cells)
{
	size_t len = utf8_decode(text, ch);
	int width = len ? wcwidth((wchar_t)*ch) : -1;

	if (width < 0 || (g->ascii && *ch >= 0x80)) {
		*ch = '?';
		width = 1;
	}
	*cells = (unsigned int)width;
	return len ? len : 1;
}

static void set_cell(struct grid *g, unsigned int y, unsigned int x, uint32_t ch,
		     enum grid_style style)
{
	struct grid_cell *c = &g->v[(size_t)y * g->cols + x];

	/* half of a wide character is none */
	if (!c->ch && x)
		c[-1].ch = ' ';
	if (x + 1 < g->cols && !c[1].ch)
		c[1].ch = ' ';
	*c = (struct grid_cell){ ch, (uint8_t)style };
}

unsigned int grid_put(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		      const char *text, enum grid_style style)
{
	unsigned int used = 0, cells;
	uint32_t ch;

	if (y >= g->rows || x >= g->cols)
		return 0;
	if (width > g->cols - x)
		width = g->cols - x;
	while (*text) {
		text += next_char(g, text, &ch, &cells);
		if (!cells)
			continue;
		if (used + cells > width)
			break;
		set_cell(g, y, x + used, ch, style);
		if (cells == 2) {
			set_cell(g, y, x + used + 1, ' ', style);
			g->v[(size_t)y * g->cols + x + used + 1].ch = 0;
		}
		used += cells;
	}
	return used;
}

void grid_field(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		const char *text, bool right, enum grid_style style)
{
	unsigned int need = grid_columns(g, text), pad = need < width ? width - need : 0;

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

unsigned int grid_columns(const struct grid *g, const char *text)
{
	unsigned int sum = 0, cells;
	uint32_t ch;

	while (*text) {
		text += next_char(g, text, &ch, &cells);
		sum += cells;
	}
	return sum;
}

void grid_clip(const struct grid *g, char *text, size_t size, unsigned int width, bool keep_tail)
{
	const char *dots = g->ascii ? "..." : "\xe2\x80\xa6";
	unsigned int room = grid_columns(g, dots), have = grid_columns(g, text), cells;
	char *p = text;
	uint32_t ch;

	if (have <= width)
		return;
	if (width < room)
		dots = "";
	room = width < room ? width : width - room;
	if (keep_tail) {
		while (have > room) {
			p += next_char(g, p, &ch, &cells);
			have -= cells;
		}
		/* the sign for what went may need more bytes than that */
		while (*p && p < text + strlen(dots))
			p += next_char(g, p, &ch, &cells);
		memmove(text + strlen(dots), p, strlen(p) + 1);
		memcpy(text, dots, strlen(dots));
		return;
	}
	for (unsigned int used = 0; *p; used += cells) {
		size_t n = next_char(g, p, &ch, &cells);

		if (used + cells > room)
			break;
		p += n;
	}
	snprintf(p, size - (size_t)(p - text), "%s", dots);
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
