/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loader - conducts the compiler process: types, text, program, maps, probes. */
#include "engine/loader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/attach.h"
#include "engine/compile.h"
#include "engine/message.h"
#include "engine/place.h"

struct loader {
	const struct engine_request *rq;
	int sock;
	struct compiler compiler;
	struct ktypes *kt;
	struct text_config config;
	struct program *program;
	struct placement place;
	struct failure failure;
};

static int send_maps(struct loader *l)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct probe_map *map = &probe_maps[i];
		struct message m = { .kind = MSG_MAP, .index = i };
		int fd;

		if (!program_text_has(&l->config, map->only_with))
			continue;
		fd = program_map(l->program, map->name, map->key_size, map->value_size);
		if (fd < 0) {
			log_failure_set(&l->failure, ERR_LAYOUT,
				    "report this with the output of --ebpf", "map %s has another layout", map->name);
			return -EINVAL;
		}
		message_send(l->sock, &m, &fd, 1);
	}
	return 0;
}

/* The target must be known before the first event: a process is judged once. */
static void seed_early(struct loader *l)
{
	struct actor_ref self = { .id = ACTOR_SELF }, pending = { .id = ACTOR_PENDING };
	__u32 key = CFG_TARGETED, tool = (__u32)getppid();
	__u64 value = l->rq->targeted;
	int config = program_map(l->program, "config", sizeof(__u32), sizeof(__u64));
	int ids = program_map(l->program, l->config.pid_ns ? "wishes" : "actor_ids", sizeof(__u32),
			      sizeof(struct actor_ref));

	if (config < 0 || ids < 0)
		return;
	bpf_map_update_elem(config, &key, &value, BPF_ANY);
	bpf_map_update_elem(ids, &tool, &self, BPF_ANY);
	tool = (__u32)getpid();
	bpf_map_update_elem(ids, &tool, &self, BPF_ANY);
	for (unsigned int i = 0; i < l->rq->nr_pids; i++)
		bpf_map_update_elem(ids, &l->rq->pids[i], &pending, BPF_ANY);
}

/* One text: compiles it, sends its maps, attaches. *good false: a layer lacks a probe it needs. */
static int build(struct loader *l, bool *good)
{
	int err = compile_program(&l->compiler, l->kt, &l->config, &l->program);

	if (err) {
		/* of several sources the first one's reason is reported */
		if (!l->failure.status)
			l->failure = l->compiler.failure;
		return err;
	}
	err = send_maps(l);
	if (err)
		return err;
	seed_early(l);
	l->place.kt = l->kt;
	l->place.program = l->program;
	*good = place_all(&l->place);
	compile_phase(&l->compiler, "load and attach");
	return 0;
}

static void drop(struct loader *l)
{
	compile_drop(&l->compiler, l->program);
	l->program = NULL;
}

static void choose_switches(struct loader *l)
{
	struct text_config *tc = &l->config;
	struct placement *p = &l->place;
	bool vfs = l->rq->layers & (1u << LAYER_VFS);

	*tc = l->rq->text;
	program_text_round(tc);
	tc->direct = tc->direct && ktypes_have_btf(l->kt);
	tc->task_btf = tc->direct && attach_has_task_btf();
	tc->atomics = tc->atomics && attach_has_atomics();
	tc->vfs_fentry = vfs && l->rq->attach != ATTACH_KPROBE &&
		attach_can_fentry(l->kt, p->no_fentry, sizeof(p->no_fentry));
	tc->vfs_kprobe = vfs && !tc->vfs_fentry && attach_can_kprobe(p->no_kprobe, sizeof(p->no_kprobe));
}

/* One source of types: compile, and again without typed pointers if the kernel rejects those. */
static int try_source(struct loader *l)
{
	char text[256];
	bool good;
	int err;

	choose_switches(l);
	err = build(l, &good);
	if (err || good || !l->config.direct)
		return err;
	/* some kernels refuse direct loads in some programs: raw tracepoints for all of them then */
	snprintf(text, sizeof(text), "typed tracepoints are refused (%s); using raw tracepoints",
		 l->place.refused);
	message_notice(l->sock, text);
	drop(l);
	l->config.direct = false;
	l->config.task_btf = false;
	return build(l, &good);
}

static int try_sources(struct loader *l)
{
	unsigned int skip = 0;
	struct failure e = { 0 };
	char text[256];
	int err;

	for (;;) {
		err = ktypes_open(&l->kt, l->rq->types, skip, &e);
		if (err) {
			if (!l->failure.status)
				l->failure = e;
			return err;
		}
		err = try_source(l);
		/* no other source helps when libbcc is missing, or maps of a cached program are refused */
		if (!err || !l->compiler.bcc || l->rq->types != KTYPES_AUTO)
			return err;
		snprintf(text, sizeof(text), "types from %s do not compile here; trying the next source",
			 ktypes_source_name(ktypes_source(l->kt)));
		message_notice(l->sock, text);
		skip |= 1u << ktypes_source(l->kt);
		drop(l);
		ktypes_close(l->kt);
		l->kt = NULL;
	}
}

void loader_run(const struct engine_request *rq, int sock, int parent_pid)
{
	struct loader l = { .rq = rq, .sock = sock, .place = { .rq = rq, .sock = sock } };
	struct message m = { .kind = MSG_DONE };
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent_pid)
		_exit(1);	/* the tool ended before prctl() */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_NAME, "ioamp-compile");
	compile_begin(&l.compiler, sock);
	l.place.config = &l.config;
	err = try_sources(&l);
	if (err) {
		m.kind = MSG_FAIL;
		if (!l.failure.status)
			log_failure_set(&l.failure, ERR_PROBES,
				    "run it again with -vv", "%s", strerror(-err));
		m.failure = l.failure;
	} else {
		m.types = ktypes_source(l.kt);
		m.config = l.config;
	}
	message_send(sock, &m, NULL, 0);
	_exit(err ? 1 : 0);
}
