/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session - one measurement from attach to summary. */
#include "session.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "fold.h"
#include "seed.h"

#define BRACKET_TRIES 50	/* reads of counters until they did not move around the disks' */

/* A disk's kernel counter at one end of the window. */
struct stat_at {
	uint32_t dev;
	bool known;
	struct disk_stat stat;
};
struct snapshot {
	struct counts counts;
	struct stat_at *stats;
	size_t nr_stats;
};

struct session {
	struct options o;
	struct engine engine;
	struct disks disks;
	struct mounts mounts;
	struct cgroups *cgroups;
	const char *own_cgroup;
	struct snapshot base, end;
	struct fold fold;
	uint64_t base_losses[LOSS_MAX];	/* before the window */
	struct timespec began, ran, ended, wall;	/* monotonic thrice; realtime */
	struct utsname uts;
	struct actor_entry *actors;
	struct ledger_actor *names;
	size_t nr_actors;
	struct share *shares;
	size_t nr_shares;
	struct txn_entry *txns;
	size_t nr_txns;
	struct pending *pending;
	size_t nr_pending;
	struct ledger_disk *ledger_disks;
	struct ledger ledger;
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][256];
	char target[128];	/* for people */
	struct ledger_actor one;	/* session_actor()'s answer */
	struct actor one_raw;
};

static int seed_all(struct session *s, const struct symbols *symbols)
{
	const struct options *o = &s->o;
	int err = seed_calls(&s->engine);

	/* who is in the target was told before the probes were attached */
	if (!err)
		err = seed_symbols(&s->engine, symbols);
	if (!err)
		err = seed_mounts(&s->engine, &s->mounts);
	if (!err)
		err = seed_stacks(&s->engine, &s->disks);
	if (!err)
		err = seed_config(&s->engine, CFG_MIN_NS, o->min_ns);
	if (!err)
		err = seed_config(&s->engine, CFG_EVENT_LAYERS, o->engine.layers);
	return err;
}

/* The process of a thread; the thread's own number when it cannot be found. */
static uint32_t process_of(uint32_t tid)
{
	char path[64], line[128];
	uint32_t tgid = tid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &tgid) == 1)
			break;
	if (f)
		fclose(f);
	return tgid;
}

static bool disk_selected(const struct options *o, const char *name);

/* Filters that match nothing, and layers that all stayed dark, are said before anything runs. */
static int check_wishes(struct session *s, struct failure *f)
{
	const struct options *o = &s->o;
	bool any = false;

	for (int i = 0; i < LAYER_MAX; i++)
		any |= s->layers[i].available;
	if (!any) {
		failure_set(f, 3, "IOAMP-E131", "no probe for any of these layers can be attached here",
			    "leave out --attach and --layer, or see -v for each probe's reason", "%s",
			    s->layers[LAYER_VFS].reason && (o->engine.layers & 1u << LAYER_VFS) ?
			    s->layers[LAYER_VFS].reason : "no hook of the kind asked for");
		return -ENOENT;
	}
	any = !o->nr_disks;
	for (size_t i = 0; i < s->disks.n; i++)
		any |= disk_selected(o, s->disks.v[i].name);
	if (!any) {
		failure_set(f, 2, "IOAMP-E176", "no such disk", "lsblk -d -o NAME    shows the names of disks",
			    "-d %s: none of /sys/block matches (partitions count with their disk)", o->disks[0]);
		return -ENOENT;
	}
	if (o->cgroup && !cgroup_exists(o->cgroup)) {
		failure_set(f, 2, "IOAMP-E177", "no such cgroup",
			    "cat /proc/PID/cgroup    shows the path of a process",
			    "--cgroup %s: no hierarchy below /sys/fs/cgroup has it", o->cgroup);
		return -ENOENT;
	}
	return 0;
}

int session_open(struct session **out, const struct options *o, struct failure *f)
{
	struct session *s = calloc(1, sizeof(*s));
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	struct engine_start start;
	int err = s && symbols ? 0 : -ENOMEM;

	if (err)
		goto out;
	s->o = *o;
	s->o.engine.targeted = o->command && !o->all ? TARGET_TREE :
			       o->nr_pids ? TARGET_PIDS : TARGET_ALL;
	if (o->tid) {
		s->o.engine.text.tid = o->tid;
		s->o.engine.targeted = TARGET_PIDS;
		s->o.nr_pids = 1;
		s->o.pids[0] = process_of(o->tid);
	}
	s->o.engine.pids = s->o.pids;
	s->o.engine.nr_pids = s->o.nr_pids;
	uname(&s->uts);
	err = engine_begin(&s->engine, &s->o.engine, &start);
	/* two processors: look around while the child compiles */
	if (!err && symbols_read(symbols) == -EPERM)
		log_notice("kernel addresses are hidden (kernel.kptr_restrict): classes of I/O are guessed from pages");
	if (!err)
		err = disks_scan(&s->disks);
	if (!err)
		err = mounts_read(&s->mounts);
	if (!err)
		err = cgroups_open(&s->cgroups);
	if (!err) {
		s->own_cgroup = cgroups_path(s->cgroups, 0, (uint32_t)getpid(), "/");
		err = engine_finish(&s->engine, &start, f);
	} else {
		engine_abandon(&s->engine, &start);
	}
	if (!err)
		err = seed_all(s, symbols);
out:
	free(symbols);
	if (err) {
		if (!f->status)
			failure_set(f, 1, "IOAMP-E100", "the measurement could not be set up",
				    "run it again with -vv", "%s", strerror(-err));
		session_close(s);
		return err;
	}
	engine_layers(&s->engine, &s->o.engine, s->layers, s->reasons);
	err = check_wishes(s, f);
	if (err) {
		session_close(s);
		return err;
	}
	*out = s;
	return 0;
}

static void snapshot_free(struct snapshot *s)
{
	counts_free(&s->counts);
	free(s->stats);
	memset(s, 0, sizeof(*s));
}

void session_close(struct session *s)
{
	if (!s)
		return;
	engine_close(&s->engine);
	snapshot_free(&s->base);
	snapshot_free(&s->end);
	fold_free(&s->fold);
	ledger_free(&s->ledger);
	free(s->ledger_disks);
	free(s->actors);
	free(s->names);
	free(s->shares);
	free(s->txns);
	free(s->pending);
	disks_free(&s->disks);
	mounts_free(&s->mounts);
	cgroups_close(s->cgroups);
	free(s);
}

const struct engine *session_engine(const struct session *s)
{
	return &s->engine;
}

const struct disks *session_disks(const struct session *s)
{
	return &s->disks;
}

const struct mounts *session_mounts(const struct session *s)
{
	return &s->mounts;
}

const struct disk *session_disk_of(const struct session *s, uint32_t dev)
{
	const struct disk *d = disks_of_device(&s->disks, dev);

	/* btrfs and its like have a device number of their own */
	for (size_t i = 0; !d && !(dev >> 20) && i < s->mounts.n; i++)
		if (s->mounts.v[i].dev == dev && s->mounts.v[i].source)
			d = disks_of_device(&s->disks, s->mounts.v[i].source);
	return d;
}

int session_target(struct session *s, uint32_t pid)
{
	return seed_actor(&s->engine, pid, ACTOR_PENDING);
}

static int read_stats(const struct session *s, struct snapshot *snap)
{
	free(snap->stats);
	snap->nr_stats = 0;
	snap->stats = calloc(s->disks.n ? s->disks.n : 1, sizeof(*snap->stats));
	if (!snap->stats)
		return -ENOMEM;
	for (size_t i = 0; i < s->disks.n; i++) {
		struct stat_at *at = &snap->stats[snap->nr_stats++];

		at->dev = s->disks.v[i].dev;
		at->known = s->disks.v[i].iostats && !disk_stat_read(&s->disks.v[i], &at->stat);
	}
	return 0;
}

static bool same_devices(const struct counts *a, const struct counts *b)
{
	size_t i = 0, j = 0;

	/* both are sorted by key */
	for (;;) {
		while (i < a->n && a->v[i].key.layer != LAYER_DEVICE)
			i++;
		while (j < b->n && b->v[j].key.layer != LAYER_DEVICE)
			j++;
		if (i == a->n || j == b->n)
			return i == a->n && j == b->n;
		if (memcmp(&a->v[i], &b->v[j], sizeof(a->v[i])))
			return false;
		i++;
		j++;
	}
}

/*
 * Counters of ours and of the kernel at one instant: ours before and after the
 * kernel's must agree, else it is done again (a busy machine may never agree;
 * the difference then shows as unexplained).
 */
static int snapshot_take(const struct session *s, struct snapshot *snap)
{
	struct counts before;
	int err;

	for (int i = 0;; i++) {
		bool same;

		err = sample_counts(&s->engine, &before);
		if (err)
			return err;
		err = read_stats(s, snap);
		counts_free(&snap->counts);
		if (!err)
			err = sample_counts(&s->engine, &snap->counts);
		same = !err && same_devices(&before, &snap->counts);
		counts_free(&before);
		if (err || same || i == BRACKET_TRIES)
			return err;
	}
}

int session_begin(struct session *s)
{
	int err = snapshot_take(s, &s->base);

	for (int i = 0; i < LOSS_MAX; i++)
		s->base_losses[i] = sample_loss(&s->engine, i);
	clock_gettime(CLOCK_MONOTONIC, &s->began);
	clock_gettime(CLOCK_REALTIME, &s->wall);
	return err;
}

void session_run_over(struct session *s)
{
	clock_gettime(CLOCK_MONOTONIC, &s->ran);
}

void session_tick(struct session *s)
{
	struct mounts m;

	if (!mounts_read(&m)) {
		mounts_free(&s->mounts);
		s->mounts = m;
		seed_mounts(&s->engine, &s->mounts);
	}
	if (!disks_scan(&s->disks))
		seed_stacks(&s->engine, &s->disks);
	fold_finished(&s->fold, &s->engine, &s->base.counts, FOLD_MANY);
}

int session_end(struct session *s)
{
	int err = snapshot_take(s, &s->end);

	clock_gettime(CLOCK_MONOTONIC, &s->ended);
	if (!s->ran.tv_sec && !s->ran.tv_nsec)
		s->ran = s->ended;
	return err;
}

static bool in_target(const struct session *s, uint32_t actor)
{
	if (s->o.all)
		return actor != ACTOR_SELF;
	return actor >= ACTOR_FIRST && !(actor & ACTOR_POOL);
}

static int dev_add(uint32_t **v, size_t *n, uint32_t dev)
{
	uint32_t *p;

	for (size_t i = 0; i < *n; i++)
		if ((*v)[i] == dev)
			return 0;
	p = realloc(*v, (*n + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	*v = p;
	p[(*n)++] = dev;
	return 0;
}

/* Changes of metadata alone: file systems whose journal the target filled. */
static int journalled(struct session *s, uint32_t **devs, size_t *n)
{
	struct share *shares;
	size_t count;
	int err = sample_shares(&s->engine, &shares, &count);

	for (size_t i = 0; !err && i < count; i++) {
		uint32_t pool = shares[i].key.pool;

		if (POOL_KIND(pool) != POOL_META || !in_target(s, shares[i].key.actor))
			continue;
		for (size_t j = 0; !err && j < s->mounts.n; j++)
			if (POOL_DEV(s->mounts.v[j].dev) == POOL_INDEX(pool))
				err = dev_add(devs, n, s->mounts.v[j].dev);
	}
	free(shares);
	return err;
}

int session_written(struct session *s, uint32_t **devs, size_t *n)
{
	struct counts c;
	int err = sample_counts(&s->engine, &c);

	*devs = NULL;
	*n = 0;
	if (err)
		return err;
	counts_subtract(&c, &s->base.counts);
	for (size_t i = 0; !err && i < c.n; i++) {
		const struct agg_key *k = &c.v[i].key;
		bool wrote = (k->layer == LAYER_CACHE && k->op == CACHE_DIRTIED) ||
			     (k->layer == LAYER_APPLICATION && k->op != OP_READ);

		if (wrote && k->dev && in_target(s, k->actor))
			err = dev_add(devs, n, k->dev);
	}
	counts_free(&c);
	return err ? err : journalled(s, devs, n);
}

/* Bytes of the target that were submitted for writing and have not completed. */
static int in_flight(struct session *s, uint64_t *bytes)
{
	uint64_t queued = 0, done = 0;
	struct counts c;
	int err = sample_counts(&s->engine, &c);

	if (err)
		return err;
	counts_subtract(&c, &s->base.counts);
	for (size_t i = 0; i < c.n; i++) {
		const struct agg_key *k = &c.v[i].key;

		if (k->op != OP_WRITE || !in_target(s, k->actor))
			continue;
		if (k->layer == LAYER_BLOCK)
			queued += c.v[i].val.bytes;
		else if (k->layer == LAYER_DEVICE)
			done += c.v[i].val.bytes;
	}
	counts_free(&c);
	*bytes += queued > done ? queued - done : 0;
	return 0;
}

int session_pending(struct session *s, uint64_t *bytes)
{
	struct pending *p;
	size_t n;
	int err = sample_pending(&s->engine, &p, &n);

	*bytes = 0;
	for (size_t i = 0; !err && i < n; i++)
		if (in_target(s, p[i].actor))
			*bytes += p[i].bytes;
	free(p);
	return err ? err : in_flight(s, bytes);
}

static bool passes(const struct session *s, const struct ledger_actor *a)
{
	if (s->o.comm && fnmatch(s->o.comm, a->comm, 0))
		return false;
	if (s->o.cgroup) {
		size_t n = strlen(s->o.cgroup);

		if (!a->cgroup || strncmp(a->cgroup, s->o.cgroup, n) ||
		    (a->cgroup[n] && a->cgroup[n] != '/' && n > 1))
			return false;
	}
	return true;
}

/* The name of a process: it may hold anything but NUL. */
static void name_actor(struct session *s, __u32 id, const struct actor *a, struct ledger_actor *out)
{
	out->id = id;
	out->tgid = a->tgid;
	out->comm = a->comm;
	out->cgroup = cgroups_path(s->cgroups, a->cgroup, a->tgid,
				   s->o.command ? s->own_cgroup : NULL);
	out->target = passes(s, out);
}

const struct ledger_actor *session_actor(struct session *s, uint32_t id)
{
	if (id < ACTOR_FIRST || (id & ACTOR_POOL) || sample_actor(&s->engine, id, &s->one_raw))
		return NULL;
	s->one_raw.comm[sizeof(s->one_raw.comm) - 1] = 0;
	name_actor(s, id, &s->one_raw, &s->one);
	return &s->one;
}

static int name_all(struct session *s)
{
	int err = sample_actors(&s->engine, &s->actors, &s->nr_actors);

	if (err)
		return err;
	s->names = calloc(s->nr_actors ? s->nr_actors : 1, sizeof(*s->names));
	if (!s->names)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_actors; i++) {
		/* comm has room for 15 characters and a NUL; never trust the NUL */
		s->actors[i].a.comm[sizeof(s->actors[i].a.comm) - 1] = 0;
		name_actor(s, s->actors[i].id, &s->actors[i].a, &s->names[i]);
	}
	return 0;
}

static bool disk_selected(const struct options *o, const char *name)
{
	for (unsigned int i = 0; i < o->nr_disks; i++)
		if (!fnmatch(o->disks[i], name, 0))
			return true;
	return !o->nr_disks;
}

static const struct stat_at *stat_of(const struct snapshot *snap, uint32_t dev)
{
	for (size_t i = 0; i < snap->nr_stats; i++)
		if (snap->stats[i].dev == dev)
			return &snap->stats[i];
	return NULL;
}

static void compare_disk(const struct session *s, const struct disk *disk, struct ledger_disk *out)
{
	static const struct stat_at nothing = { .known = true };
	const struct stat_at *a = stat_of(&s->base, disk->dev), *b = stat_of(&s->end, disk->dev);

	out->disk = disk;
	out->selected = disk_selected(&s->o, disk->name);
	if (!a)
		a = &nothing;	/* it came during the window, and began with 0 */
	out->has_kernel = b && a->known && b->known;
	out->kernel_reason = !disk->iostats ? "queue/iostats is 0: the kernel does not count for this disk" :
			     "the disk's stat file could not be read";
	if (!out->has_kernel)
		return;
	out->kernel.read_bytes = b->stat.read_bytes - a->stat.read_bytes;
	out->kernel.write_bytes = b->stat.write_bytes - a->stat.write_bytes;
}

/* -d: leaves out what was asked of, or cached for, other disks. */
static void select_disks(struct session *s)
{
	struct counts *c = &s->end.counts;
	size_t w = 0;

	for (size_t i = 0; s->o.nr_disks && i < c->n; i++) {
		const struct agg_key *k = &c->v[i].key;
		const struct disk *d = k->layer < LAYER_BLOCK && k->dev ?
			session_disk_of(s, k->dev) : NULL;

		if (!d || disk_selected(&s->o, d->name))
			c->v[w++] = c->v[i];
	}
	if (s->o.nr_disks)
		c->n = w;
}

static int run_ledger(struct session *s)
{
	struct ledger_input in = { 0 };
	int err;

	counts_subtract(&s->end.counts, &s->base.counts);
	select_disks(s);
	err = fold_add(&s->fold, &s->end.counts);
	if (err)
		return err;
	s->ledger_disks = calloc(s->disks.n ? s->disks.n : 1, sizeof(*s->ledger_disks));
	if (!s->ledger_disks)
		return -ENOMEM;
	for (size_t i = 0; i < s->disks.n; i++)
		compare_disk(s, &s->disks.v[i], &s->ledger_disks[i]);
	err = name_all(s);
	if (!err)
		err = sample_shares(&s->engine, &s->shares, &s->nr_shares);
	if (!err)
		err = sample_txns(&s->engine, &s->txns, &s->nr_txns);
	if (err)
		return err;
	in.exact_pages = !sample_pending(&s->engine, &s->pending, &s->nr_pending);
	in.by = s->o.by;
	in.all = s->o.all;
	in.has_app = s->layers[LAYER_APPLICATION].available;
	in.has_times = s->engine.text.device_times || s->engine.text.times;
	in.counts = s->end.counts.v;
	in.nr_counts = s->end.counts.n;
	in.actors = s->names;
	in.nr_actors = s->nr_actors;
	in.shares = s->shares;
	in.nr_shares = s->nr_shares;
	in.txns = s->txns;
	in.nr_txns = s->nr_txns;
	in.pending = s->pending;
	in.nr_pending = s->nr_pending;
	in.disks = s->ledger_disks;
	in.nr_disks = s->disks.n;
	return ledger_build(&in, &s->ledger);
}

static double seconds(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

static const char *incomplete(const struct losses *l)
{
	if (l->map_full)
		return "a table of the kernel side was full; try a larger --map-size";
	if (l->missed_probes || l->recursion)
		return "the kernel skipped runs of a probe";
	if (l->owner_evicted)
		return "owners of some dirty pages found no room; try a larger --map-size";
	if (l->async_calls)
		return "io_uring or libaio was used: those bytes are missing from the application layer";
	if (l->compat_tasks)
		return "system calls of 32-bit programs are not counted";
	return NULL;
}

static uint64_t loss_since(const struct session *s, enum loss which)
{
	return sample_loss(&s->engine, which) - s->base_losses[which];
}

static const char *target_name(struct session *s)
{
	if (s->o.tid)
		snprintf(s->target, sizeof(s->target), "thread %u", s->o.tid);
	else if (s->o.nr_pids)
		snprintf(s->target, sizeof(s->target), "process %u%s", s->o.pids[0],
			 s->o.nr_pids > 1 ? " and others" : "");
	else if (s->o.cgroup)
		snprintf(s->target, sizeof(s->target), "cgroup %.100s", s->o.cgroup);
	else if (s->o.comm)
		snprintf(s->target, sizeof(s->target), "processes named %.90s", s->o.comm);
	else
		snprintf(s->target, sizeof(s->target), "the whole machine");
	return s->target;
}

int session_summary(struct session *s, char *const *argv, int exit_status, struct summary *out)
{
	int err = run_ledger(s);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	out->tool = log_tool();
	out->version = IOAMP_VERSION;
	out->kernel = s->uts.release;
	out->types = ktypes_source_name(s->engine.types);
	out->start.s = s->wall.tv_sec;
	out->start.ns = s->wall.tv_nsec;
	out->duration_s = seconds(&s->began, &s->ran);
	out->settle_s = argv ? seconds(&s->ran, &s->ended) : -1;
	out->interval_s = -1;
	memcpy(out->layers, s->layers, sizeof(out->layers));
	out->losses.events = loss_since(s, LOSS_EVENTS);
	out->losses.map_full = loss_since(s, LOSS_MAP_FULL);
	out->losses.owner_evicted = loss_since(s, LOSS_OWNER_EVICTED);
	out->losses.compat_tasks = loss_since(s, LOSS_COMPAT_TASKS);
	out->losses.async_calls = loss_since(s, LOSS_ASYNC_CALLS);
	out->losses.recursion = sample_recursion(&s->engine);
	out->incomplete_reason = incomplete(&out->losses);
	out->complete = !out->incomplete_reason;
	out->rows = s->ledger.rows;
	out->nr_rows = s->ledger.nr_rows;
	out->totals = s->ledger.totals;
	out->disks = s->ledger.disks;
	out->nr_disks = s->ledger.nr_disks;
	out->argv = argv;
	out->target = target_name(s);
	out->exit_status = exit_status;
	return 0;
}
