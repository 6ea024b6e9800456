/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events - reads the events that the kernel sends, finds their names, and calls the writer. */
#include "tool/events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "session/file_roles.h"
#include "session/session.h"
#include "tables/event_files.h"
#include "tables/sample.h"
#include "tables/seed.h"
#include "tool/options.h"
#include "tool/output.h"
#include "tool/writer.h"

/*
 * Lines that one call writes. Without a limit, a kernel that sends events faster than this tool writes
 * them would keep it from its signals and from the end of --duration.
 */
#define ROUND_EVENTS 4096

static const char *fixed_name(uint32_t actor)
{
	switch (actor) {
	case ACTOR_SELF: return "[self]";
	case ACTOR_OUTSIDE: return "[outside]";
	case ACTOR_UNATTRIBUTED: return "[unattributed]";
	}
	return actor & ACTOR_POOL ? "[shared]" : "[background]";
}

/* `a` is NULL: the actor is not known, so an event cannot match a name, group or system. */
static bool is_wanted(const struct target_wish *t, const struct ioamp_event *e,
		      const struct ledger_actor *a)
{
	if (a ? !a->target : t->comm || t->cgroup || t->container || t->nr_systems)
		return false;
	return !t->tid || e->tid == t->tid;
}

static void set_time(struct event *ev, const struct timespec *wall_less_mono)
{
	int64_t ns = (int64_t)ev->e->ts_ns + wall_less_mono->tv_nsec;

	ev->wall_s = wall_less_mono->tv_sec + ns / 1000000000;
	ev->wall_ns = (long)(ns % 1000000000);
}

/* Fills `ev`. False: the user did not ask for this event. */
static bool resolve(struct events *es, const struct ioamp_event *e, struct event *ev)
{
	const struct ledger_actor *a = session_actor(es->session, e->actor);
	const struct disk *disk = storage_disk_of(session_storage(es->session), e->dev);
	const char *role;

	if (!is_wanted(&es->o->ask.target, e, a))
		return false;
	*ev = (struct event){
		.e = e, .system = !a ? NULL : a->system ? a->system : "other",
		.role = a ? a->role : NULL, .comm = a ? a->comm : fixed_name(e->actor),
		.pid = a ? a->tgid : 0, .via = e->via_comm, .disk = disk ? disk->name : NULL,
	};
	set_time(ev, &es->wall_less_mono);
	if (es->o->style.extra || es->o->writer->names_files)
		ev->file = event_files_name(es->files, e->dev, e->inode, ev->pid, e->fd);
	role = a && ev->file ? file_roles_of_path(session_rules(es->session), a->system, ev->file) : NULL;
	if (role)
		ev->role = role;
	return !ev->disk || target_has_disk(&es->o->ask.target, ev->disk);
}

static void write_event(struct events *es, const void *data)
{
	struct ioamp_event e;
	struct event ev;

	memcpy(&e, data, sizeof(e));
	e.via_comm[sizeof(e.via_comm) - 1] = 0;
	if (resolve(es, &e, &ev))
		output_event(es->out, &ev);
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct events *es = ctx;

	if (size >= sizeof(struct ioamp_event) && !output_over(es->out))
		write_event(es, data);
	return es->limited && ++es->round >= ROUND_EVENTS ? -EAGAIN : 0;	/* the event is consumed */
}

static struct timespec wall_less_mono(void)
{
	struct timespec wall, mono, less;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	less.tv_sec = wall.tv_sec - mono.tv_sec;
	less.tv_nsec = wall.tv_nsec - mono.tv_nsec;
	if (less.tv_nsec < 0) {
		less.tv_sec--;
		less.tv_nsec += 1000000000L;
	}
	return less;
}

int events_open(struct events *es, struct session *session, const struct options *o,
		struct output *out)
{
	const struct engine *engine = session_engine(session);
	int fd = engine->maps[MAP_EVENTS];

	*es = (struct events){
		.session = session, .o = o, .out = out, .wall_less_mono = wall_less_mono(),
	};
	es->ring = fd >= 0 ? ring_buffer__new(fd, on_event, es, NULL) : NULL;
	if (!es->ring)
		return -ENOMEM;
	return event_files_open(&es->files, engine->maps[MAP_NAMES], &session_storage(session)->disks);
}

void events_close(struct events *es)
{
	ring_buffer__free(es->ring);
	event_files_close(es->files);
}

int events_fd(const struct events *es)
{
	return es->ring ? ring_buffer__epoll_fd(es->ring) : -1;
}

void events_consume(struct events *es)
{
	if (!es->ring)
		return;
	es->limited = true;
	es->round = 0;
	ring_buffer__consume(es->ring);
}

void events_finish(struct events *es)
{
	if (!es->ring)
		return;
	seed_config(session_engine(es->session), CFG_EVENT_LAYERS, 0);
	es->limited = false;
	ring_buffer__consume(es->ring);
	events_report_lost(es);
}

void events_report_lost(struct events *es)
{
	uint64_t lost = es->ring ? sample_loss(session_engine(es->session), LOSS_EVENTS) : 0;

	if (lost == es->lost)
		return;
	output_lost(es->out, lost - es->lost,
		    sample_loss(session_engine(es->session), LOSS_EVENTS_SENT));
	es->lost = lost;
}
