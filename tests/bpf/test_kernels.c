/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_kernels - asks kernels without booting them: the program text of each set of switches
 * compiles with the types of each kernel, from BTF, from headers with BTF beside them, and from
 * headers alone; then its instructions are read for what that kernel's verifier refuses.
 *
 * The environment names the kernels, IOAMP_TEST_KERNELS=DIR. DIR has a folder for each, its name
 * begins with the version; in it the file vmlinux (as /sys/kernel/btf/vmlinux) and usr/src of the
 * unpacked header packages. tests/vm/get-kernels makes such a folder. `test_kernels WORD`: only cases
 * with WORD in their name. Needs root. Exit 0, 1, or 77 with a reason.
 */
#include <dirent.h>
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

#include "engine/bcc.h"
#include "engine/place.h"
#include "engine/program.h"
#include "tests/bpf/matrix.h"

#define V(major, minor) ((major) * 1000 + (minor))

struct switches {
	const char *name;
	bool events, times, latency, by_file, lanes;
};

static const struct switches sets[] = {
	{ .name = "plain" },
	{ .name = "events", .events = true, .times = true },
	{ .name = "latency", .latency = true },
	{ .name = "by file and role", .by_file = true, .lanes = true },
};

/* Where the types come from, and what is attached with them. */
struct source {
	const char *name;
	bool btf, headers, direct;
};

static const struct source sources[] = {
	{ "BTF", true, false, true },
	{ "BTF, no typed pointers", true, false, false },
	{ "headers beside BTF", true, true, true },
	{ "headers alone", false, true, false },
};

struct kernel {
	char name[64], dir[512];
	int version;
};

struct compiled {
	const struct kernel *k;
	const struct source *from;
	struct text_config text;
	struct program *program;
	size_t longest, with_atomics;
};

/* ---- instructions ---- */

/* Results of atomics, and all but the plain add, are encoded in `imm`: since 5.12. */
static bool new_atomic(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_STX && BPF_MODE(i->code) == BPF_ATOMIC && i->imm;
}

static void read_instructions(struct compiled *x, const char *name)
{
	const int last_helper_of_5_10 = 155;
	size_t count = 0, atomics = 0;
	const struct bpf_insn *insns = program_function(x->program, name, &count);

	for (size_t i = 0; i < count; i++) {
		bool wide = insns[i].code == (BPF_LD | BPF_IMM | BPF_DW);

		atomics += new_atomic(&insns[i]);
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
		    insns[i].imm > last_helper_of_5_10 && x->k->version < V(5, 11))
			fail("%s calls helper %d", name, insns[i].imm);
		i += wide;
	}
	if (atomics && x->k->version < V(5, 12) && !x->with_atomics++)
		fail("%s has %zu atomics that kernels before 5.12 refuse", name, atomics);
	if (count > x->longest)
		x->longest = count;
}

static void read_probe(struct compiled *x, const struct probe *p)
{
	char name[96];

	for (int j = 0; j < PROBE_HOOKS && p->hooks[j].point; j++) {
		place_function(p, &p->hooks[j], name, sizeof(name));
		read_instructions(x, name);
	}
	for (int j = 0; j < PROBE_CONTINUATIONS && p->continuations[j].program; j++)
		read_instructions(x, p->continuations[j].program);
	if (p->understudy.program)
		read_instructions(x, p->understudy.program);
}

/* ---- one text ---- */

/* What only a source lacks is no fault of another one: HAVE_ lines are compared by hand, with this. */
static void show_preamble(const struct ktypes *kt)
{
	if (getenv("SHOW_PREAMBLE"))
		printf("%s", ktypes_preamble(kt));
}

static void compile(struct compiled *x, struct ktypes *kt)
{
	char dir[256] = "", words[WORDS], *text = NULL;
	struct failure e = { 0 };
	struct bcc *bcc;
	int saved, out, file, err;

	if (bcc_open(&bcc, &e) || ktypes_materialize(kt, "/tmp/types", dir, sizeof(dir), &e)) {
		fail("%s", e.why);
		return;
	}
	show_preamble(kt);
	err = program_text_build(&x->text, ktypes_preamble(kt), NULL, &text);
	file = words_begin(&saved);
	out = dup(STDOUT_FILENO);
	dup2(file, STDOUT_FILENO);
	if (!err)
		err = bcc_compile(bcc, text, ktypes_cflags(kt), dir);
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	words_end(file, saved, words);
	if (err)
		fail("it does not compile: %s", words);
	else if (program_of(&x->program, bcc))
		fail("maps and functions cannot be taken from libbcc");
	for (unsigned int i = 0; x->program && i < probe_catalog_count; i++)
		read_probe(x, &probe_catalog[i]);
	if (x->with_atomics > 1)
		fail("and %zu other programs", x->with_atomics - 1);
}

/* The headers of the package, as their own Makefiles name each other: below /usr/src. */
static bool headers_of(const struct kernel *k, char *dir, size_t size)
{
	char src[600];
	glob_t g;

	snprintf(src, sizeof(src), "%s/usr/src", k->dir);
	if (mount(src, "/usr/src", NULL, MS_BIND, NULL) ||
	    glob("/usr/src/linux-headers-*/include/generated/autoconf.h", 0, NULL, &g))
		return false;
	snprintf(dir, size, "%.*s", (int)(strstr(g.gl_pathv[0], "/include/") - g.gl_pathv[0]), g.gl_pathv[0]);
	globfree(&g);
	return true;
}

static bool own_mounts(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Space that goes away with the process. */
static bool scratch(void)
{
	return !mount("ioamp", "/tmp", "tmpfs", 0, "mode=0700") && !mkdir("/tmp/types", 0700) && !chdir("/");
}

static void child(struct compiled *x)
{
	char headers[512] = "";
	struct ktypes_paths paths = {
		.btf_dir = x->from->btf ? x->k->dir : "/nonexistent", .modules_dir = "/nonexistent",
		.kheaders = "/nonexistent", .os_release = "/etc/os-release", .release = "0",
		.source_env = headers,
	};
	struct failure e = { 0 };
	struct ktypes *kt;

	if (!own_mounts())
		fail("no mounts of our own: %s", strerror(errno));
	else if (x->from->headers && !headers_of(x->k, headers, sizeof(headers)))
		fail("no headers in %s", x->k->dir);
	else if (ktypes_open_at(&kt, x->from->headers ? KTYPES_HEADERS : KTYPES_BTF, 0, &paths, &e))
		fail("types: %s", e.why);
	else if (!scratch())
		fail("no scratch space: %s", strerror(errno));
	else
		compile(x, kt);
	if (!failures)
		printf("ok: %s (longest program %zu)\n", current, x->longest);
	fflush(NULL);
	_exit(failures != 0);
}

static void one_text(const struct kernel *k, const struct source *from, const struct switches *s)
{
	struct compiled x = { .k = k, .from = from };
	int status = -1;
	pid_t pid;

	program_text_default(&x.text);
	x.text.direct = from->direct;
	x.text.task_btf = from->direct && k->version >= V(5, 15);
	x.text.atomics = k->version >= V(5, 12);
	x.text.vfs_fentry = from->direct;
	x.text.vfs_kprobe = !from->direct;
	x.text.events = s->events;
	x.text.times = s->times;
	x.text.latency = s->latency;
	x.text.by_file = s->by_file;
	x.text.lanes = s->lanes;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		failures = 0;
		child(&x);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		failures++;	/* it said why */
}

static void one_kernel(const struct kernel *k, const char *word)
{
	char name[256];

	for (size_t i = 0; i < COUNT(sources); i++)
		for (size_t j = 0; j < COUNT(sets); j++) {
			snprintf(name, sizeof(name), "%s, %s, %s", k->name, sources[i].name, sets[j].name);
			current = name;
			if (!word || strstr(name, word))
				one_text(k, &sources[i], &sets[j]);
		}
}

int main(int argc, char **argv)
{
	const char *root = getenv("IOAMP_TEST_KERNELS");
	struct dirent **list;
	int n = root ? scandir(root, &list, NULL, alphasort) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (n <= 0 || geteuid()) {
		printf("SKIP: IOAMP_TEST_KERNELS names no folder of kernels, or this is not root\n");
		return SKIP_STATUS;
	}
	for (int i = 0; i < n; i++) {
		struct kernel k = { .version = 0 };
		int major, minor;

		if (sscanf(list[i]->d_name, "%d.%d", &major, &minor) != 2)
			continue;
		k.version = V(major, minor);
		snprintf(k.name, sizeof(k.name), "%.63s", list[i]->d_name);
		snprintf(k.dir, sizeof(k.dir), "%.200s/%.200s", root, list[i]->d_name);
		one_kernel(&k, argc > 1 ? argv[1] : NULL);
	}
	printf("%u failures\n", failures);
	return failures != 0;
}
