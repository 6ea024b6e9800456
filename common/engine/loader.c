/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loader - the child's half of the engine: compile, load, attach, send what came out. */
#include "engine/loader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/attach.h"
#include "engine/bcc.h"
#include "engine/program_cache.h"
#include "engine/program_key.h"

struct loader {
	const struct engine_request *rq;
	int sock;
	FILE *said;		/* what libbcc printed, on a memory file */
	struct bcc *bcc;	/* NULL until something must be compiled */
	struct program *program;
	int kept;		/* folder of programs of earlier starts, or -1 */
	struct ktypes *kt;
	struct text_config config;
	char scratch[64];
	struct timespec since;	/* end of the last phase */
	bool check;		/* compare offsets with BTF */
	char no_fentry[160], no_kprobe[160];
	char refused[200];	/* the last probe that attached nowhere, and why */
	struct failure failure;
};

static int send_msg(int sock, const struct loader_msg *m, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = (void *)m, .iov_len = sizeof(*m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	return sendmsg(sock, &h, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void notice(struct loader *l, const char *text)
{
	struct loader_msg m = { .kind = MSG_NOTICE };

	snprintf(m.text, sizeof(m.text), "%s", text);
	send_msg(l->sock, &m, NULL, 0);
}

/*
 * libbcc prints on stdout, changes directory and leaves files behind. It gets a
 * memory file for its words, and a /tmp of its own that goes away with it.
 */
static void isolate(struct loader *l)
{
	int words = memfd_create("libbcc", MFD_CLOEXEC);
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &all);	/* needed before 5.11 only; may be refused */
	if (words >= 0) {
		l->said = fdopen(words, "r+");
		if (log_verbosity() < 2) {
			dup2(words, STDOUT_FILENO);
			dup2(words, STDERR_FILENO);
		} else {
			dup2(STDERR_FILENO, STDOUT_FILENO);
		}
	}
	if (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("ioamp", "/tmp", "tmpfs", 0, "mode=0700")) {
		snprintf(l->scratch, sizeof(l->scratch), "/tmp/types");
		mkdir(l->scratch, 0700);
	} else {
		snprintf(l->scratch, sizeof(l->scratch), "/tmp/ioamp-XXXXXX");
		if (!mkdtemp(l->scratch))
			l->scratch[0] = 0;
	}
	/* the compiler adds -I. */
	if (chdir("/"))
		l->scratch[0] = 0;
}

/* The first line of libbcc's words that has `needle`, into `out`. */
static bool said(struct loader *l, const char *needle, char *out, size_t size)
{
	char line[1024];
	bool found = false;

	if (!l->said)
		return false;
	fflush(NULL);
	rewind(l->said);
	while (!found && fgets(line, sizeof(line), l->said)) {
		line[strcspn(line, "\n")] = 0;
		found = strstr(line, needle) != NULL;
	}
	if (found)
		snprintf(out, size, "%.*s", (int)size - 1, line);
	fseek(l->said, 0, SEEK_END);
	return found;
}

static void map_failure(struct loader *l, const char *why)
{
	log_failure_set(&l->failure, ERR_MAP,
		    "sudo sh -c 'ulimit -l unlimited; exec ioamp-stat ...'   (kernels before 5.11), or a smaller --map-size",
		    "%s", why);
}

/* With -vv: where the start's time goes. */
static void phase(struct loader *l, const char *what)
{
	struct timespec now;
	char text[128];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%s: %.0f ms", what,
		 (double)(now.tv_sec - l->since.tv_sec) * 1e3 +
		 (double)(now.tv_nsec - l->since.tv_nsec) / 1e6);
	l->since = now;
	if (log_verbosity() > 1)
		notice(l, text);
}

/*
 * Each ktcheck_N of the compiled text returns the offset of a field as the
 * compiler saw it; BTF knows what the kernel uses.
 */
static bool offsets_agree(struct loader *l)
{
	const struct bpf_insn *insns;
	const char *label;
	char name[32];
	size_t count;
	int want;

	for (int i = 0; i < ktypes_check_count(l->kt); i++) {
		snprintf(name, sizeof(name), "ktcheck_%d", i);
		want = ktypes_check_offset(l->kt, i, &label);
		insns = program_function(l->program, name, &count);
		if (want < 0 || !insns || insns[0].imm == want)
			continue;
		log_failure_set(&l->failure, ERR_FOREIGN_TYPES,
			    "use --types btf, or install the headers of the running kernel",
			    "%s is at %d for the compiler and at %d in the kernel", label,
			    insns[0].imm, want);
		return false;
	}
	return true;
}

/* Why libbcc did not take the text, in its own words. */
static void compile_failure(struct loader *l)
{
	char why[400] = "";

	if (said(l, "error: ", why, sizeof(why)))
		log_failure_set(&l->failure, ERR_COMPILE,
			    "try another source of types (--types btf, headers or kheaders), and report this with -vv",
			    "%s", why);
	else if (said(l, "could not open bpf map", why, sizeof(why)))
		map_failure(l, why);
	else
		log_failure_set(&l->failure, ERR_COMPILER_REFUSED,
			    "run it again with -vv to see libbcc's own words", "%s",
			    said(l, " ", why, sizeof(why)) ? why : "it gave no reason");
}

static int compile_text(struct loader *l, const char *text, const char *dir)
{
	int err = 0;

	if (!l->bcc) {
		err = bcc_open(&l->bcc, &l->failure);
		phase(l, "libbcc");
	}
	if (err)
		return err;
	err = bcc_compile(l->bcc, text, ktypes_cflags(l->kt), dir);
	if (err) {
		compile_failure(l);
		return err;
	}
	err = program_of(&l->program, l->bcc);
	phase(l, "compile");
	return err;
}

/* The text as a program: one that an earlier start compiled will do. */
static int compile(struct loader *l)
{
	struct failure e = { 0 };
	char dir[256] = "", *text, *key = NULL;
	size_t size = 0;
	int err = ktypes_materialize(l->kt, l->scratch, dir, sizeof(dir), &e);

	if (err) {
		l->failure = e;
		return err;
	}
	err = text_build(&l->config, ktypes_preamble(l->kt), l->check ? ktypes_check_text(l->kt) : NULL,
			 &text);
	if (err)
		return err;
	phase(l, "header tree and text");
	/* with -vv the compiler is to be heard */
	if (log_verbosity() < 2 && !loader_key(l->kt, text, dir, &key, &size)) {
		err = keep_find(l->kept, key, size, &l->program);
		if (!err && log_verbosity() > 0)
			notice(l, "the program was compiled by an earlier start");
		else if (err && err != -ENOENT)
			map_failure(l, strerror(-err));
	}
	if (!l->program && !l->failure.status) {
		err = compile_text(l, text, dir);
		if (!err && l->check && !offsets_agree(l))
			err = -EINVAL;
		if (!err && key)
			keep_put(l->kept, key, size, l->program);
	}
	free(text);
	free(key);
	return err;
}

bool loader_wants(const struct engine_request *rq, const struct probe *p, const struct hook *h)
{
	if (!(p->layers & rq->layers) || !text_config_has(&rq->text, p->only_with))
		return false;
	if (p->always)
		return true;
	switch (rq->attach) {
	case ATTACH_AUTO:
		return true;
	case ATTACH_TRACEPOINT:
		return h->kind == HOOK_TP || h->kind == HOOK_TRACEPOINT;
	case ATTACH_FENTRY:
		return h->kind == HOOK_FEXIT;
	case ATTACH_KPROBE:
		return h->kind == HOOK_KPROBE;
	}
	return false;
}

void loader_function(const struct probe *p, const struct hook *h, char *name, size_t size)
{
	const char *prefix = h->kind == HOOK_FEXIT ? "fexit__" : h->kind == HOOK_KPROBE ? "kprobe__" : "tp__";

	snprintf(name, size, "%s%s", prefix, p->program ? p->program : h->point);
}

/* Appends "reason" once; several hooks often fail for the same one. */
static void why_add(char *why, size_t size, const char *reason)
{
	size_t n = strlen(why);

	if (*reason && !strstr(why, reason))
		snprintf(why + n, size - n, "%s%s", n ? "; " : "", reason);
}

static bool load_continuation(struct loader *l, const struct probe *p, const struct continuation *c,
			      const struct hook *h, char *why, size_t size)
{
	struct loader_msg m = { .kind = MSG_PROGRAM, .index = p - probe_catalog, .role = PROGRAM_CONTINUATION };
	const struct bpf_insn *insns;
	size_t count = 0;
	int prog, map;

	map = program_map(l->program, c->map, sizeof(__u32), sizeof(__u32));
	insns = program_function(l->program, c->program, &count);
	prog = map < 0 || !insns ? -1 :
		attach_load_only(h, c->bpf_name, l->config.direct, l->kt, insns, count, why, size);
	if (prog < 0)
		return false;
	/* the map of programs keeps it, but only while somebody keeps the map */
	if (bpf_map_update_elem(map, &(__u32){ 0 }, &prog, BPF_ANY)) {
		snprintf(why, size, "%s", strerror(errno));
		close(prog);
		return false;
	}
	send_msg(l->sock, &m, (int[]){ prog, map }, 2);
	close(prog);
	return true;
}

/*
 * They must be there before the first one is attached. False, with `why`, if one is
 * refused: the probe is useless then.
 */
static bool load_continuations(struct loader *l, const struct probe *p, const struct hook *h, char *why,
			       size_t size)
{
	for (int i = 0; i < PROBE_CONTINUATIONS && p->continuations[i].program; i++)
		if (!load_continuation(l, p, &p->continuations[i], h, why, size))
			return false;
	return true;
}

/* What the kernel skips, because it interrupted the same program, is seen by a second one. */
static void attach_understudy(struct loader *l, const struct probe *p, const struct hook *h)
{
	struct loader_msg m = { .kind = MSG_PROGRAM, .index = p - probe_catalog, .role = PROGRAM_UNDERSTUDY };
	const struct understudy *u = &p->understudy;
	const struct bpf_insn *insns;
	struct attached a;
	char why[160];
	size_t count = 0;

	insns = u->program ? program_function(l->program, u->program, &count) : NULL;
	/* without it skipped runs are losses, and counted as such */
	if (!insns || attach_hook(h, u->bpf_name, l->config.direct, l->kt, insns, count, &a, why,
				  sizeof(why)))
		return;
	send_msg(l->sock, &m, (int[]){ a.prog, a.link }, 2);
	close(a.prog);
	close(a.link);
}

static bool try_hook(struct loader *l, const struct probe *p, int hook, struct loader_msg *m)
{
	const struct hook *h = &p->hooks[hook];
	const struct bpf_insn *insns;
	char name[96], why[160] = "";
	struct attached a;
	size_t count = 0;

	if (h->kind == HOOK_FEXIT && !l->config.vfs_fentry) {
		why_add(m->text, sizeof(m->text), l->no_fentry);
		return false;
	}
	if (h->kind == HOOK_KPROBE && !l->config.vfs_kprobe) {
		why_add(m->text, sizeof(m->text), l->no_kprobe);
		return false;
	}
	loader_function(p, h, name, sizeof(name));
	insns = program_function(l->program, name, &count);
	if (!insns) {
		why_add(m->text, sizeof(m->text), "these switches leave it out");
		return false;
	}
	snprintf(name, sizeof(name), "ioamp_%.9s", p->bpf_name ? p->bpf_name : p->name);
	if (!load_continuations(l, p, h, why, sizeof(why)) ||
	    attach_hook(h, name, l->config.direct, l->kt, insns, count, &a, why, sizeof(why))) {
		why_add(m->text, sizeof(m->text), why);
		return false;
	}
	m->hook = hook;
	m->via = a.via;
	m->reason = REASON_NONE;
	send_msg(l->sock, m, (int[]){ a.prog, a.link }, 2);
	close(a.prog);
	close(a.link);
	attach_understudy(l, p, h);
	return true;
}

/* Why the request has no use for any hook of a probe. */
static enum reason not_wanted(const struct loader *l, const struct probe *p, char *words, size_t size)
{
	if (!(p->layers & l->rq->layers)) {
		snprintf(words, size, "not asked for");
		return REASON_NOT_ASKED;
	}
	if (!text_config_has(&l->rq->text, p->only_with)) {
		snprintf(words, size, "not needed by these options");
		return REASON_NOT_NEEDED;
	}
	snprintf(words, size, "no hook of the kind asked for");
	return REASON_OTHER_KIND;
}

/* Tries the hooks of one probe in order; the result goes to the parent either way. */
static bool attach_probe(struct loader *l, int index)
{
	const struct probe *p = &probe_catalog[index];
	struct loader_msg m = { .kind = MSG_PROBE, .index = index, .hook = -1, .reason = REASON_REFUSED };
	bool wanted = false;

	for (int i = 0; i < PROBE_HOOKS && p->hooks[i].point; i++) {
		if (!loader_wants(l->rq, p, &p->hooks[i]))
			continue;
		wanted = true;
		if (try_hook(l, p, i, &m))
			return true;
	}
	if (!wanted)
		m.reason = not_wanted(l, p, m.text, sizeof(m.text));
	else if (p->need == NEED_LAYER)
		snprintf(l->refused, sizeof(l->refused), "%s: %.160s", p->name, m.text);
	send_msg(l->sock, &m, NULL, 0);
	return !wanted;
}

static bool needed(const struct probe *p, bool ok)
{
	return !ok && p->need == NEED_LAYER;
}

/* False: a probe that a layer stands on could not be attached. */
static bool attach_all(struct loader *l)
{
	bool good = true;

	for (unsigned int i = 0; i < probe_catalog_count; i++)
		if (needed(&probe_catalog[i], attach_probe(l, (int)i)))
			good = false;
	return good;
}

static int send_maps(struct loader *l)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct probe_map *map = &probe_maps[i];
		struct loader_msg m = { .kind = MSG_MAP, .index = i };
		int fd;

		if (!text_config_has(&l->config, map->only_with))
			continue;
		fd = program_map(l->program, map->name, map->key_size, map->value_size);
		if (fd < 0) {
			log_failure_set(&l->failure, ERR_LAYOUT,
				    "report this with the output of --ebpf", "map %s has another layout", map->name);
			return -EINVAL;
		}
		send_msg(l->sock, &m, &fd, 1);
	}
	return 0;
}

/* Who is who must be known before the first event: a process is judged once. */
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

/* Maps to the parent, then programs. False: a layer lacks a probe it stands on. */
static int send_all(struct loader *l, bool *good)
{
	int err = send_maps(l);

	if (err)
		return err;
	seed_early(l);
	*good = attach_all(l);
	phase(l, "load and attach");
	return 0;
}

static void drop_program(struct loader *l)
{
	program_free(l->program);
	l->program = NULL;
	if (l->bcc)
		bcc_drop(l->bcc);
}

/* One source of types: compile, and again without typed pointers if the kernel rejects those. */
static int try_source(struct loader *l)
{
	char text[256];
	bool good;
	int err;

	l->config = l->rq->text;
	text_config_round(&l->config);
	l->config.direct = l->config.direct && ktypes_have_btf(l->kt);
	l->config.task_btf = l->config.direct && attach_has_task_btf();
	l->config.vfs_fentry = (l->rq->layers & (1u << LAYER_VFS)) && l->rq->attach != ATTACH_KPROBE &&
		attach_can_fentry(l->kt, l->no_fentry, sizeof(l->no_fentry));
	l->config.vfs_kprobe = (l->rq->layers & (1u << LAYER_VFS)) && !l->config.vfs_fentry &&
		attach_can_kprobe(l->no_kprobe, sizeof(l->no_kprobe));
	err = compile(l);
	if (err)
		return err;
	err = send_all(l, &good);
	if (err || good || !l->config.direct)
		return err;
	/* Some kernels refuse direct loads here or there: everything through raw tracepoints then. */
	snprintf(text, sizeof(text), "typed tracepoints are refused (%s); using raw tracepoints",
		 l->refused);
	notice(l, text);
	drop_program(l);
	l->config.direct = false;
	l->config.task_btf = false;
	err = compile(l);
	return err ? err : send_all(l, &good);
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
		/* without a compiler, or room for maps, no other source helps */
		if (!err || !l->bcc || l->rq->types != KTYPES_AUTO)
			return err;
		snprintf(text, sizeof(text), "types from %s do not compile here; trying the next source",
			 ktypes_source_name(ktypes_source(l->kt)));
		notice(l, text);
		skip |= 1u << ktypes_source(l->kt);
		drop_program(l);
		ktypes_close(l->kt);
		l->kt = NULL;
	}
}

void loader_run(const struct engine_request *rq, int sock, int parent_pid)
{
	struct loader l = { .rq = rq, .sock = sock };
	struct loader_msg m = { .kind = MSG_DONE };
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent_pid)
		_exit(1);	/* it died before that */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_NAME, "ioamp-compile");
#ifdef IOAMP_DEBUG
	l.check = true;
#else
	l.check = log_verbosity() > 1;	/* -vv */
#endif
	clock_gettime(CLOCK_MONOTONIC, &l.since);
	l.kept = keep_open();
	isolate(&l);
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
	send_msg(sock, &m, NULL, 0);
	_exit(err ? 1 : 0);
}
