/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matrix_compile - what cannot be attached here (fexit, kprobe) is compiled and shown to the
 * verifier; the text is compiled with the types of other kernels, too.
 */
#include <errno.h>
#include <glob.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/attach.h"
#include "engine/bcc.h"
#include "engine/place.h"
#include "engine/program.h"
#include "tests/bpf/matrix.h"

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
	if (!program_text_has(&x->text, p->only_with))
		return false;
	/* one of the two, by kernel: which is up to the types */
	return strncmp(h->point, "writeback_dirty_", 16) != 0;
}

/*
 * Kernels that take no program of this type still have a verifier: it sees it as
 * a raw tracepoint's, whose context is an array of numbers as well.
 */
static void load_as_tracepoint(const struct attach_program *p, const char *name)
{
	const struct hook raw = { HOOK_TP, p->hook->point };
	struct attach_program as_raw = *p;
	char why[256] = "";
	int fd;

	as_raw.hook = &raw;
	as_raw.direct = false;
	fd = attach_load(&as_raw, why, sizeof(why));
	if (fd >= 0)
		close(fd);
	else
		fail("%s is refused as a raw tracepoint: %s", name, why);
}

/* Through perf it is attached for real: nothing else does that where raw tracepoints work. */
static void attach_perf(const struct attach_program *p, const char *name)
{
	char why[256] = "";
	struct attached a;

	if (attach_hook(p, &a, why, sizeof(why))) {
		fail("%s does not attach through perf: %s", name, why);
		return;
	}
	if (a.via != VIA_TRACEPOINT)
		fail("%s says it is attached by %s", name, attach_via_name(a.via));
	close(a.link);
	close(a.prog);
}

static void load_program(const struct attach_program *p, const char *name)
{
	const struct hook *h = p->hook;
	char why[256] = "";
	int fd;

	if (h->kind == HOOK_TRACEPOINT) {
		attach_perf(p, name);
		return;
	}
	fd = attach_load(p, why, sizeof(why));
	if (fd >= 0)
		close(fd);
	else if (h->kind == HOOK_FEXIT && !can_fentry)
		load_as_tracepoint(p, name);
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
	struct attach_program a = {
		.hook = h, .bpf_name = "ioamp_test", .kt = x->kt,
		.direct = x->c->direct && h->kind != HOOK_KPROBE,
	};
	char name[96];

	place_function(p, h, name, sizeof(name));
	a.insns = program_function(x->program, name, &a.count);
	/* what only helps may need types that headers do not have */
	if (!a.insns && expected_program(x, p, h) && p->need != NEED_HELP)
		fail("no function %s", name);
	if (a.insns && x->c->load)
		load_program(&a, name);
	if (a.insns)
		check_back_edges(name, a.insns, a.count);
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
		if (program_text_has(&x->text, probe_maps[i].only_with) &&
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
	err = program_text_build(&x->text, ktypes_preamble(x->kt), NULL, &text);
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

	program_text_default(&x.text);
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
		fail("the compiler process ended with %d", status);
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

void run_compile_only(void)
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
