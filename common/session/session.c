/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session - one measurement from attach to summary. */
#include "session/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/pid_ns.h"
#include "tables/seed.h"
#include "session/session_internal.h"

static void on_cgroup(void *ctx, const struct cgroup_key *key, const char *path)
{
	cgroups_add(ctx, key, path);
}

void session_learn_cgroups(struct session *s)
{
	struct cgroup_key key;
	const char *path;
	bool more = false;

	sample_cgroups(&s->engine, on_cgroup, s->cgroups);
	cgroups_stale(s->cgroups);
	if (s->ask.engine.targeted != TARGET_CGROUPS)
		return;
	/* below a wanted one the kernel side knows it already */
	while (cgroups_next_wanted(s->cgroups, &s->cgroups_seeded, &key, &path)) {
		more |= !seed_cgroup(&s->engine, &key);
		seed_cgroup_path(&s->engine, path);
	}
	if (more)
		seed_judge_again(&s->engine);
}

static int seed_all(struct session *s, const struct symbols *symbols)
{
	const struct session_request *o = &s->ask;
	int err = seed_calls(&s->engine);

	/* who is in the target was told before the probes were attached */
	if (!err)
		err = seed_symbols(&s->engine, symbols);
	if (!err)
		err = seed_mounts(&s->engine, &s->storage.mounts);
	if (!err)
		err = seed_stacks(&s->engine, &s->storage.disks);
	if (!err) {
		/* once more: some may have come before the first probe, and after the first look */
		cgroups_scan(s->cgroups);
		session_learn_cgroups(s);
		err = seed_config(&s->engine, CFG_MIN_NS, o->min_ns);
	}
	if (!err)
		err = seed_config(&s->engine, CFG_EVENT_LAYERS, o->engine.layers);
	if (!err)
		err = seed_waits(&s->engine);
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

/* Filters that match nothing, and layers that all stayed dark, are said before anything runs. */
static int check_wishes(struct session *s, struct failure *f)
{
	const struct session_request *o = &s->ask;
	bool any = false;

	for (int i = 0; i < LAYER_MAX; i++)
		any |= s->layers[i].available;
	if (!any) {
		log_failure_set(f, ERR_NO_LAYER,
			    "leave out --attach and --layer, or see -v for each probe's reason", "%s",
			    s->layers[LAYER_VFS].reason && (o->engine.layers & 1u << LAYER_VFS) ?
			    s->layers[LAYER_VFS].reason : "no hook of the kind asked for");
		return -ENOENT;
	}
	any = !o->target.nr_disks;
	for (size_t i = 0; i < s->storage.disks.n; i++)
		any |= session_disk_selected(&o->target, s->storage.disks.v[i].name);
	if (!any) {
		log_failure_set(f, ERR_NO_DISK, "lsblk -d -o NAME    shows the names of disks",
			    "-d %s: none of /sys/block matches (partitions count with their disk)", o->target.disks[0]);
		return -ENOENT;
	}
	return 0;
}

/* --cgroup and --container name what exists now; who it is may be judged in the kernel. */
static int choose_cgroups(struct session *s, struct failure *f)
{
	const struct session_request *o = &s->ask;
	struct cgroup_found found;

	if (!o->target.cgroup && !o->target.container)
		return 0;
	cgroups_filter(s->cgroups, o->target.cgroup, NULL, &found);
	if (o->target.cgroup && !found.groups) {
		log_failure_set(f, ERR_NO_CGROUP,
			    "cat /proc/PID/cgroup    shows the path of a process",
			    "--cgroup %s: neither version 2 nor blkio, memory or name=systemd has it",
			    o->target.cgroup);
		return -ENOENT;
	}
	cgroups_filter(s->cgroups, o->target.cgroup, o->target.container, &found);
	if (o->target.container && !found.groups) {
		log_failure_set(f, ERR_NO_CONTAINER,
			    "ioamp-stat -a --by container --duration 5    lists those that do I/O",
			    "--container %s: no cgroup%s%s belongs to one of this id or name",
			    o->target.container, o->target.cgroup ? " below " : "", o->target.cgroup ? o->target.cgroup : "");
		return -ENOENT;
	}
	if (found.second) {
		log_failure_set(f, ERR_MANY_CONTAINERS, "write more of the id",
			    "--container %s: %s and %s, at least", o->target.container, found.first, found.second);
		return -EINVAL;
	}
	if (s->ask.engine.targeted == TARGET_ALL && !o->target.all && found.judged) {
		s->ask.engine.targeted = TARGET_CGROUPS;
		s->ask.engine.text.cgroups = true;
		s->ask.engine.text.io_hierarchy = cgroups_hierarchy(s->cgroups, CGROUP_IO);
		s->ask.engine.text.memory_hierarchy = cgroups_hierarchy(s->cgroups, CGROUP_MEMORY);
	}
	return 0;
}

int session_open(struct session **out, const struct session_request *o, struct failure *f)
{
	struct session *s = calloc(1, sizeof(*s));
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	struct engine_start start;
	int err = s && symbols ? 0 : -ENOMEM;

	if (err)
		goto out;
	engine_none(&s->engine);
	s->ask = *o;
	s->storage.keep_gone = o->engine.text.by_file;
	s->ask.engine.targeted = o->target.command && !o->target.all ? TARGET_TREE :
			       o->target.nr_pids ? TARGET_PIDS : TARGET_ALL;
	s->ask.engine.text.pid_ns = pid_ns_number();
	if (o->target.tid) {
		s->ask.engine.text.tid = o->target.tid;
		s->ask.engine.targeted = TARGET_PIDS;
		s->ask.target.nr_pids = 1;
		s->ask.target.pids[0] = process_of(o->target.tid);
	}
	s->ask.engine.pids = s->ask.target.pids;
	s->ask.engine.nr_pids = s->ask.target.nr_pids;
	uname(&s->uts);
	err = cgroups_open(&s->cgroups, "");
	if (!err)
		err = choose_cgroups(s, f);
	if (!err)
		err = session_systems_open(s, f);
	if (err)
		goto out;
	err = engine_begin(&s->engine, &s->ask.engine, &start);
	/* two processors: look around while the child compiles */
	if (!err && symbols_read(symbols) == -EPERM)
		log_notice("kernel addresses are hidden (kernel.kptr_restrict): classes of I/O are guessed from pages");
	if (!err)
		systems_scan(s->systems);
	if (!err)
		err = disks_scan(&s->storage.disks);
	if (!err)
		err = storage_read_mounts(&s->storage);
	if (!err)
		err = engine_finish(&s->engine, &start, f);
	else
		engine_abandon(&s->engine, &start);
	if (!err)
		err = seed_all(s, symbols);
out:
	free(symbols);
	if (err) {
		if (!f->status)
			log_failure_set(f, ERR_SETUP,
				    "run it again with -vv", "%s", strerror(-err));
		session_close(s);
		return err;
	}
	engine_layers(&s->engine, &s->ask.engine, s->layers, s->reasons);
	err = check_wishes(s, f);
	if (err) {
		session_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	engine_close(&s->engine);
	snapshot_free(&s->base);
	snapshot_free(&s->end);
	waits_free(&s->waits);
	latency_free(&s->latency);
	retired_free(&s->retired);
	ledger_free(&s->ledger);
	free(s->lines.v);
	free(s->ledger_disks);
	free(s->actors);
	free(s->names);
	counts_free(&s->window);
	kept_shares_free(&s->kept_shares);
	departed_free(&s->departed);
	idle_free(&s->idle);
	free(s->shares.v);
	free(s->txns);
	pending_free(&s->pending);
	storage_free(&s->storage);
	session_files_free(s);
	session_systems_close(s);
	cgroups_close(s->cgroups);
	free(s);
}

const struct engine *session_engine(const struct session *s)
{
	return &s->engine;
}

const struct storage *session_storage(const struct session *s)
{
	return &s->storage;
}

int session_target(struct session *s, uint32_t pid)
{
	return seed_actor(&s->engine, pid, ACTOR_PENDING);
}

static void read_losses(const struct session *s, struct losses_counters *c)
{
	for (int i = 0; i < LOSS_MAX; i++)
		c->n[i] = sample_loss(&s->engine, i);
	c->n[LOSS_RECURSION] = sample_recursion(&s->engine);
}

int session_begin(struct session *s)
{
	int err = snapshot_take(&s->engine, &s->storage.disks, SNAPSHOT_TRIES, &s->base);

	if (!err)
		err = waits_begin(&s->waits, &s->engine);
	read_losses(s, &s->lost_before);
	/* last: what disks do between the two is counted, as caused before */
	if (!err)
		err = seed_config(&s->engine, CFG_ACTIVE, 1);
	clock_gettime(CLOCK_MONOTONIC, &s->began);
	clock_gettime(CLOCK_REALTIME, &s->wall);
	return err;
}

int session_next(struct session *s)
{
	int err = kept_shares_next(&s->kept_shares, &s->engine);

	if (err)
		return err;
	snapshot_free(&s->base);
	s->base = s->end;
	memset(&s->end, 0, sizeof(s->end));
	waits_next(&s->waits);
	retired_free(&s->retired);
	memset(&s->retired, 0, sizeof(s->retired));
	s->lost_before = s->lost_then;
	s->began = s->ended;
	s->wall = s->wall_ended;
	memset(&s->ran, 0, sizeof(s->ran));
	err = session_trim(s);
	return err ? err : waits_retire(&s->waits, &s->engine, &s->departed);
}

void session_run_over(struct session *s)
{
	clock_gettime(CLOCK_MONOTONIC, &s->ran);
}

/* What questions are answered from points at the disks: the same ones, found again. */
static void renew_disks(struct session *s)
{
	uint32_t *devs = calloc(s->nr_ledger_disks ? s->nr_ledger_disks : 1, sizeof(*devs));

	for (size_t i = 0; devs && i < s->nr_ledger_disks; i++)
		devs[i] = s->ledger_disks[i].disk->dev;
	if (devs && !disks_scan(&s->storage.disks)) {
		seed_stacks(&s->engine, &s->storage.disks);
		for (size_t i = 0; i < s->nr_ledger_disks; i++)
			s->ledger_disks[i].disk = disks_by_dev(&s->storage.disks, devs[i]);
	}
	free(devs);
}

void session_tick(struct session *s)
{
	size_t many;

	if (!storage_read_mounts(&s->storage))
		seed_mounts(&s->engine, &s->storage.mounts);
	renew_disks(s);
	session_learn_cgroups(s);
	/* their shares must not fill a small table */
	many = s->engine.text.actor_entries / 16;
	retired_transactions(&s->retired, &s->engine, &s->base.counts, many < RETIRED_MANY ? many : RETIRED_MANY);
}

int session_end(struct session *s, bool last)
{
	/* of an interval the next one counts what moved while this was read */
	int err = snapshot_take(&s->engine, &s->storage.disks, last ? SNAPSHOT_TRIES : 3, &s->end);

	if (!err)
		err = waits_end(&s->waits, &s->engine);
	clock_gettime(CLOCK_MONOTONIC, &s->ended);
	clock_gettime(CLOCK_REALTIME, &s->wall_ended);
	read_losses(s, &s->lost_then);
	if (!s->ran.tv_sec && !s->ran.tv_nsec)
		s->ran = s->ended;
	s->collected = false;
	return err;
}

static bool in_target(const struct session *s, uint32_t actor)
{
	if (s->ask.target.all)
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
	struct share_list shares;
	int err = kept_shares_read(&s->kept_shares, &s->engine, &shares);

	for (size_t i = 0; !err && i < shares.n; i++) {
		uint32_t pool = shares.v[i].key.pool;

		if (POOL_KIND(pool) != POOL_META || !in_target(s, shares.v[i].key.actor))
			continue;
		for (size_t j = 0; !err && j < s->storage.mounts.n; j++)
			if (POOL_DEV(s->storage.mounts.v[j].dev) == POOL_INDEX(pool))
				err = dev_add(devs, n, s->storage.mounts.v[j].dev);
	}
	free(shares.v);
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
	err = retired_add(&s->retired, &c);
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

void session_flight_add(const struct session *s, struct flight *f, const struct agg_key *k,
			const struct agg_val *v)
{
	if (!in_target(s, k->actor))
		return;
	if (k->layer == LAYER_CACHE)
		f->replaced |= k->op == CACHE_REPLACED;
	else if (k->layer == LAYER_BLOCK && k->op == OP_WRITE)
		f->bytes += (int64_t)v->bytes;
	/* done by the disk it was queued on; what that one sent down is the same bytes */
	else if (k->layer == LAYER_DEVICE && k->op == OP_WRITE && !(k->flags & KEY_BELOW))
		f->bytes -= (int64_t)v->bytes;
}

/*
 * Bytes of the target that were submitted for writing and have not completed.
 * -ENOTSUP: that is not known.
 */
static int in_flight(struct session *s, uint64_t *bytes)
{
	/* since the probes were attached: what was queued in one interval is done in another */
	struct flight f = s->flight;
	struct counts c;
	int err = sample_counts(&s->engine, &c);

	if (err)
		return err;
	for (size_t i = 0; i < c.n; i++)
		session_flight_add(s, &f, &c.v[i].key, &c.v[i].val);
	counts_free(&c);
	*bytes = f.bytes > 0 ? (uint64_t)f.bytes : 0;
	return f.replaced ? -ENOTSUP : 0;
}

int session_pending(struct session *s, uint64_t *bytes)
{
	struct pending_list p;
	int err = pending_read(&s->engine, &p);

	*bytes = 0;
	/* what is dirty first: it may be submitted, and done, before the counters are read */
	if (!err)
		err = in_flight(s, bytes);
	for (size_t i = 0; !err && i < p.n; i++)
		if (in_target(s, p.v[i].actor))
			*bytes += p.v[i].bytes;
	pending_free(&p);
	return err;
}
