/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_matrix - every switch of the program text on this kernel: it compiles,
 * the verifier takes it, every probe the kernel has a hook for is attached, and
 * the maps have the declared sizes. What cannot be attached here (fexit, kprobe)
 * is compiled and shown to the verifier. Types of other kernels are compiled with:
 * header packages in /usr/src, and what the environment names,
 *   IOAMP_TEST_HEADERS=DIR[:DIR]  into which header packages were unpacked
 *   IOAMP_TEST_BTF=DIR[:DIR]      with a file vmlinux, as /sys/kernel/btf
 *
 * Needs root. Exit 0, 1, or 77 with a reason. `test_matrix WORD`: only cases with WORD in their name.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <glob.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/attach.h"
#include "engine/bcc.h"
#include "machine/may_trace.h"
#include "types/ktypes.h"
#include "engine/loader.h"
#include "engine/program.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define ALL_LAYERS	((1u << LAYER_MAX) - 1)
#define SKIP_STATUS	77
#define WORDS		4096

static unsigned int failures;
static const char *current;	/* the case */

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
	va_list ap;

	failures++;
	printf("FAIL: %s: ", current);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the machine ---- */

static struct ktypes *btf;	/* NULL: this kernel has none */
static bool can_fentry, can_kprobe, has_task_btf;

static void look_around(void)
{
	struct failure e = { 0 };
	char why[160];

	if (ktypes_open(&btf, KTYPES_BTF, 0, &e))
		btf = NULL;
	can_fentry = btf && attach_can_fentry(btf, why, sizeof(why));
	can_kprobe = attach_can_kprobe(why, sizeof(why));
	has_task_btf = attach_has_task_btf();
	printf("this kernel: BTF %d, fentry %d, kprobe %d, current task by BTF %d\n", !!btf,
	       can_fentry, can_kprobe, has_task_btf);
}

/* Is there something to attach this hook to? Without BTF: as its names were in 5.18 and later. */
static bool kernel_has(const struct hook *h)
{
	char module[64];

	if (h->kind == HOOK_FEXIT)
		return can_fentry;
	if (h->kind == HOOK_KPROBE)
		return can_kprobe;
	if (!btf)
		return strcmp(h->point, "writeback_dirty_page") != 0;
	return ktypes_btf_id(btf, "tp", h->point, module, sizeof(module)) >= 0;
}

/* ---- through the engine ---- */

struct matrix_case {
	const char *name;
	bool events, times, latency, no_device_times, no_direct, check, by_file, cgroups, lanes;
	unsigned int ownership, tid, entries, event_pages, layers;
	enum ktypes_source types;
};

static const struct matrix_case cases[] = {
	{ .name = "ioamp-stat's defaults" },
	{ .name = "iosnoop-amp's defaults", .events = true, .times = true },
	{ .name = "iolatency-layers' defaults", .latency = true },
	{ .name = "latency, no typed pointers", .latency = true, .no_direct = true },
	{ .name = "latency, ownership by inode, one thread", .latency = true, .ownership = OWN_INODE,
	  .tid = 4194304 },
	{ .name = "latency, small maps", .latency = true, .entries = 64 },
	{ .name = "latency, lanes, a set of cgroups", .latency = true, .lanes = true, .cgroups = true },
	{ .name = "offsets agree with BTF", .check = true },
	{ .name = "no switch at all", .no_device_times = true },
	{ .name = "events alone", .events = true, .no_device_times = true },
	{ .name = "times alone", .times = true, .no_device_times = true },
	{ .name = "ownership by chunk", .ownership = OWN_CHUNK },
	{ .name = "ownership by inode", .ownership = OWN_INODE },
	{ .name = "events, ownership by inode", .events = true, .times = true, .ownership = OWN_INODE },
	{ .name = "no typed pointers", .no_direct = true },
	{ .name = "no typed pointers, events", .no_direct = true, .events = true, .times = true },
	{ .name = "one thread", .tid = 4194304 },
	{ .name = "a set of cgroups", .cgroups = true },
	{ .name = "a set of cgroups, no typed pointers, events", .cgroups = true, .no_direct = true,
	  .events = true, .times = true },
	{ .name = "small maps", .events = true, .times = true, .entries = 64, .event_pages = 1 },
	{ .name = "odd sizes", .events = true, .entries = 1000, .event_pages = 5 },
	{ .name = "by file", .by_file = true },
	{ .name = "by file, events", .by_file = true, .events = true, .times = true },
	{ .name = "by role", .by_file = true, .lanes = true },
	{ .name = "by role, events, a set of cgroups", .by_file = true, .lanes = true, .events = true,
	  .times = true, .cgroups = true },
	{ .name = "lanes alone, no typed pointers, one thread", .lanes = true, .no_direct = true, .tid = 1 },
	{ .name = "by file, no typed pointers", .by_file = true, .no_direct = true },
	{ .name = "by file, ownership by inode", .by_file = true, .ownership = OWN_INODE },
	{ .name = "block and device alone", .layers = 1u << LAYER_BLOCK | 1u << LAYER_DEVICE },
	{ .name = "application alone", .layers = 1u << LAYER_APPLICATION },
	{ .name = "all together", .events = true, .times = true, .tid = 1, .ownership = OWN_CHUNK,
	  .no_direct = true, .entries = 64, .event_pages = 1 },
};
/* One more per source of types. */
static const struct matrix_case sources[] = {
	{ .name = "types from installed headers", .types = KTYPES_HEADERS },
	{ .name = "types from kheaders", .types = KTYPES_KHEADERS },
};

static void request_of(const struct matrix_case *c, struct engine_request *rq)
{
	memset(rq, 0, sizeof(*rq));
	text_config_default(&rq->text);
	rq->text.events = c->events;
	rq->text.times = c->times;
	rq->text.latency = c->latency;
	rq->text.device_times = !c->no_device_times;
	rq->text.direct = !c->no_direct;
	rq->text.ownership = c->ownership;
	rq->text.tid = c->tid;
	rq->text.by_file = c->by_file;
	rq->text.cgroups = c->cgroups;
	rq->text.lanes = c->lanes;
	if (c->entries)
		rq->text.agg_entries = rq->text.actor_entries = rq->text.page_entries = c->entries;
	if (c->event_pages)
		rq->text.event_pages = c->event_pages;
	rq->types = c->types;
	rq->layers = c->layers ? c->layers : ALL_LAYERS;
	/* nothing is counted while it is attached: the target is nobody */
	rq->targeted = TARGET_PIDS;
}

static void check_probe(const struct engine *e, const struct engine_request *rq, unsigned int i)
{
	const struct probe *p = &probe_catalog[i];
	const struct probe_state *s = &e->probes[i];
	bool wanted = false, possible = false;

	for (int h = 0; h < PROBE_HOOKS && p->hooks[h].point; h++) {
		bool want = loader_wants(rq, p, &p->hooks[h]);

		wanted |= want;
		/* what was cancelled is known by page only */
		possible |= want && kernel_has(&p->hooks[h]) &&
			(rq->text.ownership == OWN_PAGE || strcmp(p->name, "drop"));
	}
	if (possible && s->hook < 0)
		fail("%s is not attached: %s", p->name, s->why);
	if (!wanted && s->hook >= 0)
		fail("%s is attached though nobody asked", p->name);
	if ((s->hook < 0) != (s->code != REASON_NONE) ||
	    (possible && s->hook < 0 && s->code != REASON_REFUSED))
		fail("%s has reason %d", p->name, s->code);
	if (s->hook < 0 && !*s->why)
		fail("%s is not attached, without a reason", p->name);
	if (s->hook >= 0 && p->hooks[s->hook].kind == HOOK_TP &&
	    s->via != (e->text.direct ? VIA_TP_BTF : VIA_RAW_TRACEPOINT))
		fail("%s is attached via %s", p->name, attach_via_name(s->via));
}

static void check_probes(const struct engine *e, const struct engine_request *rq)
{
	size_t expected = 0;

	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		check_probe(e, rq, i);
		if (e->probes[i].hook >= 0)
			expected += probe_programs(&probe_catalog[i]);
	}
	if (e->nr_programs != expected)
		fail("%zu programs, not %zu as the catalog says", e->nr_programs, expected);
}

static unsigned int map_entries(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.max_entries;
}

static void check_maps(const struct engine *e, const struct engine_request *rq)
{
	const struct { enum probe_map_id map; unsigned int entries; } sizes[] = {
		{ MAP_AGG, rq->text.agg_entries }, { MAP_ACTORS, rq->text.actor_entries },
		{ MAP_ACTOR_IDS, rq->text.actor_entries }, { MAP_SHARES, rq->text.actor_entries },
		{ MAP_PAGES, e->text.page_entries }, { MAP_LOSSES, LOSS_MAX }, { MAP_CONFIG, CFG_MAX },
		{ MAP_FILES, rq->text.file_entries }, { MAP_FILE_IDS, rq->text.file_entries },
		{ MAP_EVENTS, e->text.event_pages * e->text.page_bytes },
	};

	for (int i = 0; i < MAP_COUNT; i++) {
		bool expected = text_config_has(&rq->text, probe_maps[i].only_with);

		if (expected != (e->maps[i] >= 0))
			fail("map %s is %s", probe_maps[i].name, expected ? "missing" : "there");
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		int fd = e->maps[sizes[i].map];

		if (fd >= 0 && map_entries(fd) != sizes[i].entries)
			fail("map %s has %u entries, not %u", probe_maps[sizes[i].map].name,
			     map_entries(fd), sizes[i].entries);
	}
}

static void check_text(const struct engine *e, const struct engine_request *rq)
{
	struct text_config expected = rq->text;

	text_config_round(&expected);
	expected.direct = expected.direct && btf;
	expected.task_btf = expected.direct && has_task_btf;
	expected.vfs_fentry = can_fentry && rq->layers & 1u << LAYER_VFS;
	expected.vfs_kprobe = can_kprobe && !can_fentry && rq->layers & 1u << LAYER_VFS;
	if (e->text.direct != expected.direct)
		fail("the text with typed pointers was given up");
	else if (memcmp(&e->text, &expected, sizeof(expected)))
		fail("compiled with other switches than asked for");
}

/* stderr into a memory file; undone by words_end(), which returns what was said. */
static int words_begin(int *saved)
{
	int file = memfd_create("words", MFD_CLOEXEC);

	fflush(NULL);
	*saved = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
	return file;
}

static void words_end(int file, int saved, char words[WORDS])
{
	ssize_t n;

	fflush(NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(file, words, WORDS - 1, 0);
	words[n > 0 ? n : 0] = 0;
	close(file);
}

static void run_case(const struct matrix_case *c)
{
	struct failure f = { 0 };
	struct engine_request rq;
	struct engine_start start;
	char words[WORDS];
	struct engine e;
	double begin = now();
	int saved, file, err;

	current = c->name;
	request_of(c, &rq);
	/* -vv compares offsets; then the words are timings */
	log_init("test_matrix", c->check ? 2 : 0, false);
	file = words_begin(&saved);
	err = engine_begin(&e, &rq, &start);
	if (!err)
		err = engine_finish(&e, &start, &f);
	words_end(file, saved, words);
	if (err) {
		fail("%s %s: %s", f.code, f.what, f.why);
		return;
	}
	if (*words && !c->check)
		fail("the loader complained: %s", words);
	check_text(&e, &rq);
	check_probes(&e, &rq);
	check_maps(&e, &rq);
	engine_close(&e);
	printf("ok: %s (%.1f s)\n", c->name, now() - begin);
}

static void run_sources(void)
{
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct failure e = { 0 };
		struct ktypes *kt;

		if (ktypes_open(&kt, sources[i].types, 0, &e)) {
			printf("SKIP: %s: %s\n", sources[i].name, e.why);
			continue;
		}
		ktypes_close(kt);
		run_case(&sources[i]);
	}
}

/* ---- texts that cannot be attached here ---- */

struct compile_case {
	const char *name;
	bool direct, task_btf, events, fentry, kprobe, times, by_file, latency;
	bool load;	/* offsets are this kernel's: the verifier may judge */
};

static const struct compile_case compile_cases[] = {
	{ .name = "vfs by fexit", .direct = true, .task_btf = true, .fentry = true, .load = true },
	{ .name = "vfs by fexit, events", .direct = true, .task_btf = true, .events = true,
	  .times = true, .fentry = true, .load = true },
	{ .name = "vfs by kprobe", .kprobe = true, .load = true },
	{ .name = "vfs by kprobe, events", .events = true, .times = true, .kprobe = true, .load = true },
	{ .name = "vfs by fexit, by file", .direct = true, .task_btf = true, .by_file = true,
	  .fentry = true, .load = true },
	{ .name = "vfs by kprobe, by file", .by_file = true, .kprobe = true, .load = true },
	{ .name = "what --ebpf prints", .direct = true, .task_btf = true, .fentry = true, .kprobe = true },
	{ .name = "typed pointers, current task without (5.10)", .direct = true, .load = true },
	{ .name = "the same, latency", .direct = true, .latency = true, .load = true },
};

struct compiled {
	const struct compile_case *c;
	struct text_config text;
	struct ktypes *kt;
	struct bcc *bcc;
	struct program *program;
};

static bool expected_program(const struct compiled *x, const struct probe *p, const struct hook *h)
{
	if (h->kind == HOOK_FEXIT)
		return x->c->fentry;
	if (h->kind == HOOK_KPROBE)
		return x->c->kprobe;
	if (!text_config_has(&x->text, p->only_with))
		return false;
	/* one of the two, by kernel: which is up to the types */
	return strncmp(h->point, "writeback_dirty_", 16) != 0;
}

/*
 * Kernels that take no program of this type still have a verifier: it sees it as
 * a raw tracepoint's, whose context is an array of numbers as well.
 */
static void load_as_tracepoint(const struct compiled *x, const struct hook *h, const char *name,
			       const struct bpf_insn *insns, size_t count)
{
	const struct hook raw = { HOOK_TP, h->point };
	char why[256] = "";
	int fd = attach_load_only(&raw, "ioamp_test", false, x->kt, insns, count, why, sizeof(why));

	if (fd >= 0)
		close(fd);
	else
		fail("%s is refused as a raw tracepoint: %s", name, why);
}

/* Through perf it is attached for real: nothing else does that where raw tracepoints work. */
static void attach_perf(const struct compiled *x, const struct hook *h, const char *name,
			const struct bpf_insn *insns, size_t count)
{
	char why[256] = "";
	struct attached a;

	if (attach_hook(h, "ioamp_test", x->c->direct, x->kt, insns, count, &a, why, sizeof(why))) {
		fail("%s does not attach through perf: %s", name, why);
		return;
	}
	if (a.via != VIA_TRACEPOINT)
		fail("%s says it is attached by %s", name, attach_via_name(a.via));
	close(a.link);
	close(a.prog);
}

static void load_program(const struct compiled *x, const struct hook *h, const char *name,
			 const struct bpf_insn *insns, size_t count)
{
	char why[256] = "";
	int fd;

	if (h->kind == HOOK_TRACEPOINT) {
		attach_perf(x, h, name, insns, count);
		return;
	}
	fd = attach_load_only(h, "ioamp_test", x->c->direct && h->kind != HOOK_KPROBE, x->kt, insns,
				  count, why, sizeof(why));

	if (fd >= 0)
		close(fd);
	else if (h->kind == HOOK_FEXIT && !can_fentry)
		load_as_tracepoint(x, h, name, insns, count);
	else if (kernel_has(h) || fd == -EACCES || fd == -E2BIG)
		fail("%s is refused: %s", name, why);
	else if (h->kind != HOOK_TP)
		printf("  %s was not seen by the verifier: %s\n", name, why);
}

/* Where an instruction leads by itself (0) or by jumping (1); -1: nowhere. */
static long leads_to(const struct bpf_insn *insn, long at, int by_jump)
{
	__u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	bool jump = (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL;

	if (!jump)
		return by_jump ? -1 : at + (insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1);
	if (op == BPF_EXIT || (op == BPF_JA && !by_jump))
		return -1;
	return by_jump ? at + insn->off + 1 : at + 1;
}

/*
 * Verifiers up to 6.1 and some later let a jump lead back into a loop, but not an instruction
 * that is followed by the loop's head. Today's does not mind; this walks as theirs does.
 */
static void check_back_edges(const char *name, const struct bpf_insn *insns, size_t count)
{
	enum { NEW, OPEN, DONE };
	struct { __u8 state, next; } *at = calloc(count, sizeof(*at));
	long *path = calloc(count, sizeof(*path));
	size_t depth = 0;

	if (!at || !path || !count)
		fail("%s: no memory, or no program", name);
	else
		at[path[depth++]].state = OPEN;
	while (depth) {
		long i = path[depth - 1], to;

		if (at[i].next == 2) {
			at[i].state = DONE;
			depth--;
			continue;
		}
		to = leads_to(&insns[i], i, at[i].next++);
		if (to < 0)
			continue;
		if ((size_t)to >= count) {
			fail("%s leaves itself at %ld", name, i);
		} else if (at[to].state == NEW) {
			at[to].state = OPEN;
			path[depth++] = to;
		} else if (at[to].state == OPEN && at[i].next == 1 &&
			   leads_to(&insns[i], i, 1) < 0) {
			fail("%s: kernels up to 6.1 refuse a back-edge from insn %ld to %ld", name, i, to);
		}
	}
	free(at);
	free(path);
}

static bool same_code(const struct program *a, const struct program *b, const char *name)
{
	size_t n = 0, m = 0;
	const struct bpf_insn *x = program_function(a, name, &n), *y = program_function(b, name, &m);

	if (!x || !y || n != m)
		return !x && !y;
	for (size_t i = 0; i < n; i++) {
		/* of a map's descriptor only the place in the code is the same */
		bool map = x[i].code == (BPF_LD | BPF_IMM | BPF_DW) && x[i].src_reg;

		if (x[i].code != y[i].code || x[i].dst_reg != y[i].dst_reg || x[i].src_reg != y[i].src_reg ||
		    x[i].off != y[i].off || (!map && x[i].imm != y[i].imm))
			return false;
	}
	return true;
}

/* What was written to a file and read again is what goes on being checked, and loaded. */
static void check_kept(struct compiled *x)
{
	struct program *again = NULL;
	FILE *f = tmpfile();
	size_t n;

	if (!f || program_write(x->program, f)) {
		fail("the program cannot be written");
	} else {
		rewind(f);
		if (program_read(&again, f))
			fail("the program that was written cannot be read");
	}
	if (f)
		fclose(f);
	if (!again)
		return;
	if (!program_function(again, "tp__block_bio_queue", &n) ||
	    !same_code(x->program, again, "tp__block_bio_queue") ||
	    !same_code(x->program, again, "tp__sys_exit"))
		fail("the program that was read is another one");
	program_free(x->program);
	x->program = again;
}

static void check_program(const struct compiled *x, const struct probe *p, const struct hook *h)
{
	const struct bpf_insn *insns;
	char name[96];
	size_t count = 0;

	loader_function(p, h, name, sizeof(name));
	insns = program_function(x->program, name, &count);
	/* what only helps may need types that headers do not have */
	if (!insns && expected_program(x, p, h) && p->need != NEED_HELP)
		fail("no function %s", name);
	if (insns && x->c->load)
		load_program(x, h, name, insns, count);
	if (insns)
		check_back_edges(name, insns, count);
}

static void check_programs(const struct compiled *x)
{
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe *p = &probe_catalog[i];
		const struct bpf_insn *insns;
		size_t count = 0;

		for (int j = 0; j < PROBE_HOOKS && p->hooks[j].point; j++)
			check_program(x, p, &p->hooks[j]);
		for (int j = 0; j < PROBE_CONTINUATIONS && p->continuations[j].program; j++) {
			insns = program_function(x->program, p->continuations[j].program, &count);
			if (insns)
				check_back_edges(p->continuations[j].program, insns, count);
		}
	}
	for (int i = 0; i < MAP_COUNT; i++)
		if (text_config_has(&x->text, probe_maps[i].only_with) &&
		    program_map(x->program, probe_maps[i].name, probe_maps[i].key_size,
				probe_maps[i].value_size) < 0)
			fail("map %s is missing or has another layout", probe_maps[i].name);
}

/* Space that goes away with the process. */
static bool scratch(void)
{
	return !mount("ioamp", "/tmp", "tmpfs", 0, "mode=0700") && !mkdir("/tmp/types", 0700) &&
	       !chdir("/");
}

static void compile(struct compiled *x)
{
	struct failure e = { 0 };
	char dir[256] = "", words[WORDS], *text = NULL;
	int saved, saved_out, file, err;
	struct failure f = { 0 };

	if (bcc_open(&x->bcc, &f)) {
		fail("%s", f.why);
		return;
	}
	if (ktypes_materialize(x->kt, "/tmp/types", dir, sizeof(dir), &e)) {
		fail("types: %s", e.why);
		return;
	}
	err = text_build(&x->text, ktypes_preamble(x->kt), NULL, &text);
	file = words_begin(&saved);
	saved_out = dup(STDOUT_FILENO);
	dup2(file, STDOUT_FILENO);
	if (!err)
		err = bcc_compile(x->bcc, text, ktypes_cflags(x->kt), dir);
	fflush(NULL);
	dup2(saved_out, STDOUT_FILENO);
	words_end(file, saved, words);
	free(text);
	if (err)
		fail("it does not compile: %s", words);
	else if (program_of(&x->program, x->bcc))
		fail("maps and functions cannot be taken from libbcc");
	else
		check_kept(x);
	if (x->program)
		check_programs(x);
}

/* Whose types a text is compiled with. */
enum whose { OURS, PACKAGES, BTF_DIR };

/* Directory of unpacked packages as /usr/src; their Makefiles name each other by that. */
static bool use_packages(const char *root)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/usr/src", root);
	return !strcmp(root, "/") || !mount(path, "/usr/src", NULL, MS_BIND, NULL);
}

/* The first tree in /usr/src that a kernel was configured for. */
static bool find_headers(char *dir, size_t size)
{
	glob_t g;

	if (glob("/usr/src/linux-headers-*/include/generated/autoconf.h", 0, NULL, &g))
		return false;
	snprintf(dir, size, "%.*s", (int)(strstr(g.gl_pathv[0], "/include/") - g.gl_pathv[0]),
		 g.gl_pathv[0]);
	globfree(&g);
	return true;
}

static int open_types(struct ktypes **kt, enum whose whose, const char *where, struct failure *e)
{
	char dir[512] = "";
	struct ktypes_paths paths = {
		.btf_dir = whose == BTF_DIR ? where : "/nonexistent", .modules_dir = "/nonexistent",
		.kheaders = "/nonexistent", .os_release = "/etc/os-release", .release = "0",
		.source_env = dir,
	};

	if (whose == OURS)
		return ktypes_open(kt, KTYPES_AUTO, 0, e);
	if (whose == PACKAGES && !find_headers(dir, sizeof(dir))) {
		snprintf(e->why, sizeof(e->why), "no header packages in %s", where);
		return -ENOENT;
	}
	return ktypes_open_at(kt, whose == PACKAGES ? KTYPES_HEADERS : KTYPES_BTF, 0, &paths, e);
}

static void compile_child(const struct compile_case *c, enum whose whose, const char *where)
{
	struct compiled x = { .c = c };
	struct failure e = { 0 };

	text_config_default(&x.text);
	x.text.direct = c->direct;
	x.text.task_btf = c->task_btf;
	x.text.events = c->events;
	x.text.times = c->times;
	x.text.latency = c->latency;
	x.text.by_file = c->by_file;
	x.text.vfs_fentry = c->fentry;
	x.text.vfs_kprobe = c->kprobe;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (whose == PACKAGES && !use_packages(where))) {
		fail("no mounts of our own: %s", strerror(errno));
	} else if (open_types(&x.kt, whose, where, &e)) {
		if (whose == PACKAGES && !*e.code) {
			printf("SKIP: headers of other kernels: %s\n", e.why);
			_exit(SKIP_STATUS);
		}
		fail("types: %s", e.why);
	} else if (!scratch()) {
		fail("no scratch space: %s", strerror(errno));
	} else {
		compile(&x);
	}
	fflush(NULL);
	_exit(failures != 0);
}

static void compile_only(const struct compile_case *c, enum whose whose, const char *where)
{
	double begin = now();
	int status = -1;
	pid_t pid;

	current = where ? where : c->name;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		failures = 0;
		compile_child(c, whose, where);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || (status && !WIFEXITED(status)))
		fail("the compiling child ended with %d", status);
	else if (!status)
		printf("ok: %s, compiled (%.1f s)\n", current, now() - begin);
	else if (WEXITSTATUS(status) != SKIP_STATUS)
		failures++;	/* it said why */
}

static void compile_list(const struct compile_case *c, enum whose whose, const char *variable)
{
	const char *list = getenv(variable);
	char *copy = list ? strdup(list) : NULL, *save = NULL;

	for (char *p = copy ? strtok_r(copy, ":", &save) : NULL; p; p = strtok_r(NULL, ":", &save))
		compile_only(c, whose, p);
	free(copy);
}

static void run_compile_only(void)
{
	/* what was compiled for another kernel is not for this verifier to judge */
	static const struct compile_case by_headers = { .kprobe = true, .events = true, .times = true };
	static const struct compile_case by_btf = { .direct = true, .fentry = true, .events = true,
		.times = true };

	for (size_t i = 0; i < COUNT(compile_cases); i++) {
		if (compile_cases[i].direct && !btf)
			printf("SKIP: %s: no BTF\n", compile_cases[i].name);
		else
			compile_only(&compile_cases[i], OURS, NULL);
	}
	compile_only(&by_headers, PACKAGES, "/");
	compile_list(&by_headers, PACKAGES, "IOAMP_TEST_HEADERS");
	compile_list(&by_btf, BTF_DIR, "IOAMP_TEST_BTF");
}

int main(int argc, char **argv)
{
	struct failure f = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (env_check(&(struct env_paths){ 0 }, "test_matrix", &f)) {
		printf("SKIP: %s: %s\n", f.what, f.why);
		return SKIP_STATUS;
	}
	look_around();
	for (size_t i = 0; i < COUNT(cases); i++)
		if (argc < 2 || strstr(cases[i].name, argv[1]))
			run_case(&cases[i]);
	if (argc < 2) {
		run_sources();
		run_compile_only();
	}
	ktypes_close(btf);
	printf("%u failures\n", failures);
	return failures != 0;
}
