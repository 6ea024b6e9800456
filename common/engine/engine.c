/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine - the tool's side: starts the compiler process, keeps the descriptors it sends. */
#include "engine/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/loader.h"
#include "engine/message.h"

static void forget_programs(struct engine *e)
{
	for (size_t i = 0; i < e->nr_programs; i++) {
		close(e->programs[i].keeper);
		close(e->programs[i].prog);
	}
	e->nr_programs = 0;
}

void engine_none(struct engine *e)
{
	memset(e, 0, sizeof(*e));
	for (int i = 0; i < MAP_COUNT; i++)
		e->maps[i] = -1;
}

void engine_close(struct engine *e)
{
	forget_programs(e);
	for (int i = 0; i < MAP_COUNT; i++)
		if (e->maps[i] >= 0)
			close(e->maps[i]);
	free(e->programs);
	free(e->probes);
	engine_none(e);
}

static void take_map(struct engine *e, int index, int fd)
{
	/* the first map: of a second compile, which replaces all maps and programs of the first */
	if (index == 0)
		forget_programs(e);
	if (e->maps[index] >= 0)
		close(e->maps[index]);
	e->maps[index] = fd;
}

static void take_program(struct engine *e, const struct message *m, const int *fds, size_t nfds)
{
	if (nfds == 2)
		e->programs[e->nr_programs++] = (struct engine_program){
			.probe = (unsigned int)m->index, .role = m->role, .prog = fds[0], .keeper = fds[1],
		};
}

static void take_probe(struct engine *e, const struct message *m, const int *fds, size_t nfds)
{
	struct probe_state *s = &e->probes[m->index];

	s->hook = m->hook;
	s->code = m->reason;
	snprintf(s->why, sizeof(s->why), "%.*s", (int)sizeof(s->why) - 1, m->text);
	if (nfds != 2)
		return;
	s->via = m->via;
	take_program(e, m, fds, nfds);
}

static int converse(struct engine *e, int sock, struct failure *f)
{
	struct message m;
	int fds[MESSAGE_FDS];
	size_t nfds;

	while (message_receive(sock, &m, fds, &nfds) > 0) {
		switch (m.kind) {
		case MSG_MAP:
			take_map(e, m.index, fds[0]);
			break;
		case MSG_PROBE:
			take_probe(e, &m, fds, nfds);
			break;
		case MSG_PROGRAM:
			take_program(e, &m, fds, nfds);
			break;
		case MSG_NOTICE:
			log_notice("%s", m.text);
			break;
		case MSG_DONE:
			e->types = m.types;
			e->text = m.config;
			return 0;
		case MSG_FAIL:
			*f = m.failure;
			return -EIO;
		}
	}
	log_failure_set(f, ERR_COMPILER_ENDED,
		    "run it again; with -vv it shows libbcc's own words", "it was killed (out of memory?) or crashed");
	return -EIO;
}

static int possible_cpus(void)
{
	FILE *fp = fopen("/sys/devices/system/cpu/possible", "re");
	int last = 0, n;
	char sep;

	if (!fp)
		return (int)sysconf(_SC_NPROCESSORS_CONF);
	/* "0-3" or "0,2-5": values of a per-CPU map are an array up to the last number */
	while ((n = fscanf(fp, "%d%c", &last, &sep)) == 2 && sep != '\n')
		;
	fclose(fp);
	return last + 1;
}

static int engine_alloc(struct engine *e)
{
	unsigned int programs = 0;

	engine_none(e);
	for (unsigned int i = 0; i < probe_catalog_count; i++)
		programs += probe_programs(&probe_catalog[i]);
	e->probes = calloc(probe_catalog_count, sizeof(*e->probes));
	e->programs = calloc(programs, sizeof(*e->programs));
	if (!e->probes || !e->programs)
		return -ENOMEM;
	for (unsigned int i = 0; i < probe_catalog_count; i++)
		e->probes[i].hook = -1;
	e->nr_cpus = (unsigned int)possible_cpus();
	return 0;
}

int engine_begin(struct engine *e, const struct engine_request *rq, struct engine_start *start)
{
	int sock[2], err, pid, parent = getpid();

	start->pid = start->sock = -1;
	err = engine_alloc(e);
	if (!err && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		err = -errno;
	if (err)
		goto out;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(sock[0]);
		loader_run(rq, sock[1], parent);
	}
	if (pid < 0) {
		err = -errno;
		close(sock[0]);
	} else {
		start->pid = pid;
		start->sock = sock[0];
	}
	close(sock[1]);
out:
	if (err)
		engine_close(e);
	return err;
}

static void child_end(struct engine_start *start)
{
	if (start->sock >= 0)
		close(start->sock);
	/* it has sent its result; killing it frees LLVM's memory at once */
	if (start->pid > 0) {
		kill(start->pid, SIGKILL);
		while (waitpid(start->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	start->pid = start->sock = -1;
}

int engine_finish(struct engine *e, struct engine_start *start, struct failure *f)
{
	int err = converse(e, start->sock, f);

	child_end(start);
	if (err)
		engine_close(e);
	return err;
}

void engine_abandon(struct engine *e, struct engine_start *start)
{
	child_end(start);
	engine_close(e);
}

/* The state of one layer: every probe it needs, or one of its group, is attached. */
static void one_layer(const struct engine *e, const struct engine_request *rq, unsigned int layer,
		      struct layer_state *s, char reason[LAYER_REASON])
{
	const struct probe_state *missing = NULL;
	enum attach_via via = VIA_NONE;
	bool group = false, group_ok = false, lacks = false;

	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe *p = &probe_catalog[i];
		const struct probe_state *ps = &e->probes[i];

		if (!(p->layers & (1u << layer)) || p->need == NEED_HELP)
			continue;
		if (p->need == NEED_GROUP) {
			group = true;
			group_ok |= ps->hook >= 0;
		} else if (ps->hook < 0) {
			lacks = true;
		}
		/* the last probe of the catalog decides: it is the layer's own */
		if (ps->hook >= 0)
			via = ps->via;
		else if (!missing || p->need == NEED_LAYER)
			missing = ps;
	}
	reason[0] = 0;
	*s = (struct layer_state){ .available = false };
	if (!(rq->layers & (1u << layer))) {
		s->code = REASON_NOT_ASKED;
		snprintf(reason, LAYER_REASON, "not asked for (--layer)");
	} else if (lacks || (group && !group_ok)) {
		s->code = missing ? missing->code : REASON_REFUSED;
		snprintf(reason, LAYER_REASON, "%s", missing && *missing->why ? missing->why : "no probe could be attached");
	} else {
		s->available = true;
		s->via = via == VIA_NONE ? NULL : attach_via_name(via);
		if (group && via == VIA_KPROBE)
			snprintf(reason, LAYER_REASON, "kprobes see the entry: bytes are as asked for");
	}
	s->reason = *reason ? reason : NULL;
}

void engine_layers(const struct engine *e, const struct engine_request *rq,
		   struct layer_state layers[LAYER_MAX], char reasons[LAYER_MAX][LAYER_REASON])
{
	for (unsigned int i = 0; i < LAYER_MAX; i++)
		one_layer(e, rq, i, &layers[i], reasons[i]);
}

bool engine_tells(const struct engine *e, unsigned int what)
{
	for (unsigned int i = 0; i < probe_catalog_count; i++)
		if (e->probes[i].hook >= 0 && probe_catalog[i].tells & what)
			return true;
	return false;
}

int engine_text(const struct engine_request *rq, char **out, struct failure *f)
{
	struct text_config tc = rq->text;
	struct ktypes *kt;
	int err = ktypes_open(&kt, rq->types, 0, f);

	if (err)
		return err;
	/* --ebpf shows every alternative: only an attempt tells which ones the kernel loads */
	tc.direct = tc.direct && ktypes_have_btf(kt);
	tc.task_btf = tc.direct;
	tc.vfs_fentry = rq->attach != ATTACH_KPROBE;
	tc.vfs_kprobe = rq->attach == ATTACH_AUTO || rq->attach == ATTACH_KPROBE;
	program_text_round(&tc);
	err = program_text_build(&tc, ktypes_preamble(kt), NULL, out);
	ktypes_close(kt);
	return err;
}
