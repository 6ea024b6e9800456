/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_screen - session, terminal and state of ioamp-top together. */
#include "tools/ioamp-top/top_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/elapsed.h"
#include "session/session.h"
#include "tables/sample.h"
#include "tools/ioamp-top/term.h"
#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_layout.h"
#include "tools/ioamp-top/top_export.h"
#include "tools/ioamp-top/top_keys.h"
#include "tools/ioamp-top/top_render.h"
#include "tools/ioamp-top/top_wish.h"

struct screen {
	struct top top;
	struct grid grid;
	bool containers;	/* instead of control groups */
	char host[64], kernel[80], target[128], clock[16], reasons[LAYER_MAX][256], incomplete[256];
	struct timespec began, then;	/* CLOCK_MONOTONIC: the start; when our own cost was last measured */
	double cpu_s;		/* CPU time of this process so far */
	uint64_t bpf_ns;	/* time of our BPF programs so far */
	bool opened;
};

/* ---- our own cost ---- */

static double own_cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Does the kernel measure the run time of BPF programs? */
static bool has_bpf_stats(void)
{
	FILE *f = fopen("/proc/sys/kernel/bpf_stats_enabled", "re");
	bool on = f && fgetc(f) == '1';

	if (f)
		fclose(f);
	return on;
}

static uint64_t own_bpf_ns(const struct session *s)
{
	struct program_cost c;
	uint64_t sum = 0;

	for (size_t i = 0; !sample_cost(session_engine(s), i, &c); i++)
		sum += c.ns;
	return sum;
}

static void measure_cost(struct screen *x, const struct session *s)
{
	struct top_facts *f = &x->top.facts;
	double wall = seconds_since(&x->then), cpu = own_cpu_s();
	bool stats = has_bpf_stats();
	uint64_t ns = stats ? own_bpf_ns(s) : 0;

	if (wall <= 0)
		return;
	f->own_cpu = 100 * (cpu - x->cpu_s) / wall;
	f->own_bpf = stats && x->bpf_ns ? 100 * (double)(ns - x->bpf_ns) / 1e9 / wall : -1;
	x->cpu_s = cpu;
	x->bpf_ns = ns;
	clock_gettime(CLOCK_MONOTONIC, &x->then);
}

/* ---- the facts around the table ---- */

static void say_time(struct screen *x)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	localtime_r(&now, &tm);
	strftime(x->clock, sizeof(x->clock), "%H:%M:%S", &tm);
	x->top.facts.up_s = seconds_since(&x->began);
}

static void take_facts(struct screen *x, const struct summary *s)
{
	struct top_facts *f = &x->top.facts;
	size_t disks = 0;

	snprintf(x->kernel, sizeof(x->kernel), "%s", s->kernel);
	snprintf(x->target, sizeof(x->target), "%s", s->target);
	snprintf(x->incomplete, sizeof(x->incomplete), "%s",
		 s->incomplete_reason ? s->incomplete_reason : "");
	f->complete = s->complete;
	losses_add(&f->lost_ever, &s->losses);
	for (int i = 0; i < LAYER_MAX; i++) {
		f->layers[i] = s->layers[i];
		if (!s->layers[i].reason)
			continue;
		snprintf(x->reasons[i], sizeof(x->reasons[i]), "%s", s->layers[i].reason);
		f->layers[i].reason = x->reasons[i];
	}
	for (size_t i = 0; i < s->nr_disks; i++)
		disks += s->disks[i].leaf;
	f->disks = disks;
}

/* ---- drawing ---- */

/* Draws the lines without making them anew. */
static int show(struct screen *x)
{
	unsigned int rows, cols;
	int err = 0;

	term_size(&rows, &cols);
	if (rows != x->grid.rows || cols != x->grid.cols)
		err = grid_resize(&x->grid, rows, cols);
	if (err)
		return err;
	say_time(x);
	top_render(&x->top, &x->grid);
	term_show(&x->grid, x->top.layout.scheme);
	return 0;
}

static int draw(struct screen *x)
{
	int err = top_lines_make(&x->top);

	return err ? err : show(x);
}

/* ---- open, close ---- */

static enum top_tab first_tab(const struct options *o)
{
	switch (o->ask.by) {
	case BY_ROLE: return TAB_ROLES;
	case BY_FILE: return TAB_FILES;
	case BY_DEVICE: return TAB_DEVICES;
	case BY_PROCESS: return TAB_PROCESSES;
	case BY_CGROUP: case BY_CONTAINER: return TAB_CGROUPS;
	default: return TAB_SYSTEMS;
	}
}

/* Options override the saved layout. */
static void set_layout(struct screen *x, const struct options *o)
{
	const struct top_wish *wish = o->own;
	struct top *t = &x->top;

	t->layout.tab = first_tab(o);
	top_layout_load(&t->layout, t->message, sizeof(t->message));
	if (o->by_given)
		t->layout.tab = first_tab(o);
	if (wish->sort) {
		t->layout.sort = top_columns_find(wish->sort);
		t->layout.reverse = false;
	}
	if (o->style.raw)
		t->layout.raw = true;
	if (o->style.wide)
		t->layout.pids = true;
	t->facts.interval_s = o->interval_given || !(t->layout.interval_s > 0) ? o->interval_s :
			      t->layout.interval_s;
	t->maxrows = wish->maxrows;
}

static void close_screen(void *ctx)
{
	struct screen *x = ctx;

	if (!x)
		return;
	if (x->opened)
		term_close();
	top_free(&x->top);
	grid_free(&x->grid);
	free(x);
}

static int open_screen(void **ctx, const struct options *o, struct failure *f)
{
	const struct top_wish *own = o->own;
	const struct term_wish wish = {
		.mouse = !own->no_mouse,
		.color = o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && !getenv("NO_COLOR")),
	};
	struct screen *x = calloc(1, sizeof(*x));
	int err;

	if (!x)
		return -ENOMEM;
	err = term_open(&wish, f);
	x->opened = !err;
	if (err) {
		close_screen(x);
		return err;
	}
	top_init(&x->top);
	x->containers = o->ask.by == BY_CONTAINER;
	x->top.facts.version = IOAMP_VERSION;
	x->top.facts.host = x->host;
	x->top.facts.kernel = x->kernel;
	x->top.facts.target = x->target;
	x->top.facts.clock = x->clock;
	x->top.facts.incomplete_reason = x->incomplete;
	x->top.facts.complete = true;
	x->top.facts.by_file = o->ask.engine.text.by_file;
	gethostname(x->host, sizeof(x->host) - 1);
	snprintf(x->target, sizeof(x->target), "the whole machine");
	x->top.ascii = own->ascii || !term_is_utf8();
	set_layout(x, o);
	clock_gettime(CLOCK_MONOTONIC, &x->began);
	x->then = x->began;
	x->cpu_s = own_cpu_s();
	*ctx = x;
	return draw(x);
}

/* ---- intervals ---- */

static int ask_tab(struct screen *x, struct session *s, enum top_tab tab)
{
	enum row_by by = top_layout_tab_by(tab);
	struct summary sum;
	int err;

	if (tab == TAB_CGROUPS && x->containers)
		by = BY_CONTAINER;
	if (by == BY_FILE && !x->top.facts.by_file)
		return 0;
	err = session_rows(s, by, NULL, &sum);
	if (!err && tab == TAB_SYSTEMS)
		take_facts(x, &sum);
	return err ? err : top_feed_tab(&x->top, tab, &sum);
}

static int ask_level(struct screen *x, struct session *s, size_t level)
{
	const struct top_level *l = x->top.place.levels[level];
	struct summary sum;
	int err = session_rows(s, l->by, &l->only, &sum);

	return err ? err : top_feed_level(&x->top, level, &sum);
}

static int interval(void *ctx, struct session *s)
{
	struct screen *x = ctx;
	int err = 0;

	x->top.facts.rules = session_rules(s);
	for (int i = 0; !err && i < TAB_LAYERS; i++)
		err = ask_tab(x, s, (enum top_tab)i);
	for (size_t i = 0; !err && i < x->top.place.depth; i++)
		err = ask_level(x, s, i);
	measure_cost(x, s);
	return err ? err : draw(x);
}

static double interval_s(void *ctx)
{
	const struct screen *x = ctx;

	return x->top.paused ? 0 : x->top.facts.interval_s;
}

/* ---- keys ---- */

static void export(struct screen *x)
{
	char name[64];
	time_t now = time(NULL);
	struct tm tm = { 0 };
	FILE *f;
	int fd, err;

	localtime_r(&now, &tm);
	strftime(name, sizeof(name), "ioamp-top-%Y%m%d-%H%M%S.csv", &tm);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f) {
		top_say(&x->top, "%s: %s", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	err = top_export(&x->top, f);
	if (fclose(f) && !err)
		err = -errno;
	top_say(&x->top, err ? "%s: %s" : "%s written%s", name, err ? strerror(-err) : "");
}

static int act(struct screen *x, struct session *s, enum top_want want)
{
	struct top *t = &x->top;
	int err = 0;

	switch (want) {
	case WANT_ROWS:
		if (t->facts.once)
			err = ask_level(x, s, t->place.depth - 1);
		break;
	case WANT_SAVE:
		top_layout_save(&t->layout, t->message, sizeof(t->message));
		break;
	case WANT_EXPORT:
		export(x);
		break;
	default:
		break;
	}
	return err;
}

static int keys(void *ctx, struct session *s, bool *end)
{
	struct screen *x = ctx;
	unsigned int y, col;
	uint32_t key;
	int err = 0;

	while (!err && term_key(&key, &y, &col)) {
		enum top_want want = top_keys_press(&x->top, key, y, col);

		*end |= want == WANT_QUIT;
		err = act(x, s, want);
		/* the next key may need a row that this one added */
		if (!err)
			err = top_lines_make(&x->top);
	}
	return err ? err : show(x);
}

static void resize(void *ctx)
{
	draw(ctx);
}

static void leave(void *ctx)
{
	(void)ctx;
	term_leave();
}

static void come_back(void *ctx)
{
	term_return();
	draw(ctx);
}

static void child_ended(void *ctx, int status)
{
	struct screen *x = ctx;

	top_say(&x->top, "COMMAND has ended with status %d; q quits", status);
	draw(x);
}

static void target_ended(void *ctx)
{
	struct screen *x = ctx;

	top_say(&x->top, "the process of -p has ended; q quits");
	draw(x);
}

const struct tool_screen top_screen = {
	.open = open_screen,
	.close = close_screen,
	.interval = interval,
	.interval_s = interval_s,
	.keys = keys,
	.resize = resize,
	.leave = leave,
	.come_back = come_back,
	.child_ended = child_ended,
	.target_ended = target_ended,
};
