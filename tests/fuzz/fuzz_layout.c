/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_layout - damaged files of ioamp-top's layout: whatever they say, what is
 * taken is a layout that can be printed and read again, and that can be shown.
 */
#include "tools/ioamp-top/top_layout.h"
#include "tools/ioamp-top/top_render.h"
#include "fuzz.h"

#include <locale.h>

static const char good[] =
	"[ioamp-top]\ntab = files\nsort = dev-w\nmode = sum\nscheme = 1\nreverse = yes\ntree = no\n"
	"active = no\nops = yes\nraw = no\npids = yes\ninterval = 2.5\nhidden = vfs-r vfs-w trend\n";

static void show(struct fuzz *z, const struct top_layout *l)
{
	struct grid g = { 0 };
	struct top t;

	top_init(&t);
	t.layout = *l;
	t.facts.version = t.facts.host = t.facts.kernel = t.facts.target = t.facts.clock = "";
	FUZZ_CHECK(z, !grid_resize(&g, 1 + fuzz_below(z, 40), 1 + fuzz_below(z, 140)), "memory");
	FUZZ_CHECK(z, !top_lines_make(&t), "lines");
	top_render(&t, &g);
	grid_free(&g);
	top_free(&t);
}

static int parse(struct fuzz *z, struct top_layout *l, char *text, size_t len)
{
	FILE *f = fmemopen(text, len ? len : 1, "r");
	int line;

	FUZZ_CHECK(z, f, "stream");
	line = top_layout_parse(l, f);
	fclose(f);
	FUZZ_CHECK(z, line >= 0, "%d", line);
	return line;
}

static void once(struct fuzz *z)
{
	struct top_layout a = { .sort = COL_DEV_W }, b = { .sort = COL_DEV_W };
	char text[1024], *again = NULL;
	size_t len = sizeof(good) - 1;
	FILE *f;

	memcpy(text, good, sizeof(good));
	for (uint32_t n = fuzz_below(z, 12); n; n--)
		fuzz_mutate(z, text, &len, sizeof(text) - 1);
	text[len] = 0;
	parse(z, &a, text, len);
	FUZZ_CHECK(z, a.tab < TAB_MAX && a.sort < COL_TREND && a.scheme < TOP_SCHEMES &&
		   a.mode < MODE_MAX && !a.hidden[COL_NAME], "%s", text);
	FUZZ_CHECK(z, a.interval_s >= 0 && a.interval_s <= 86400, "%s", text);
	f = open_memstream(&again, &len);
	FUZZ_CHECK(z, f && !top_layout_print(&a, f) && !fclose(f), "stream");
	FUZZ_CHECK(z, !parse(z, &b, again, len) && !memcmp(&a, &b, sizeof(a)), "%s", again);
	free(again);
	show(z, &a);
}

int main(int argc, char **argv)
{
	struct fuzz z;

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	fuzz_args(&z, argc, argv, 20000);
	for (uint64_t i = z.first; i <= z.last; i++) {
		fuzz_start(&z, i);
		once(&z);
	}
	return 0;
}
