/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile - turns the text into a program, with libbcc or from the cache. */
#include "engine/compile.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/bcc.h"
#include "engine/message.h"
#include "engine/program_cache.h"
#include "engine/program_key.h"

/*
 * libbcc prints on stdout, changes directory and leaves files behind. It gets a memory file in
 * place of stdout and stderr, and a /tmp of its own that disappears with the process.
 */
static void isolate(struct compiler *c)
{
	int words = memfd_create("libbcc", MFD_CLOEXEC);
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &all);	/* needed before 5.11 only; may be refused */
	if (words >= 0) {
		c->words = fdopen(words, "r+");
		if (log_verbosity() < 2) {
			dup2(words, STDOUT_FILENO);
			dup2(words, STDERR_FILENO);
		} else {
			dup2(STDERR_FILENO, STDOUT_FILENO);
		}
	}
	if (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("ioamp", "/tmp", "tmpfs", 0, "mode=0700")) {
		snprintf(c->scratch, sizeof(c->scratch), "/tmp/types");
		mkdir(c->scratch, 0700);
	} else {
		snprintf(c->scratch, sizeof(c->scratch), "/tmp/ioamp-XXXXXX");
		if (!mkdtemp(c->scratch))
			c->scratch[0] = 0;
	}
	/* the compiler adds -I. : the working directory must have no headers */
	if (chdir("/"))
		c->scratch[0] = 0;
}

/* Copies the first line of libbcc's output that contains `needle`. False: there is none. */
static bool said(struct compiler *c, const char *needle, char *out, size_t size)
{
	char line[1024];
	bool found = false;

	if (!c->words)
		return false;
	fflush(NULL);
	rewind(c->words);
	while (!found && fgets(line, sizeof(line), c->words)) {
		line[strcspn(line, "\n")] = 0;
		found = strstr(line, needle) != NULL;
	}
	if (found)
		snprintf(out, size, "%.*s", (int)size - 1, line);
	fseek(c->words, 0, SEEK_END);
	return found;
}

static void map_failure(struct compiler *c, const char *why)
{
	log_failure_set(&c->failure, ERR_MAP,
		    "sudo sh -c 'ulimit -l unlimited; exec ioamp-stat ...'   (kernels before 5.11), or a smaller --map-size",
		    "%s", why);
}

void compile_phase(struct compiler *c, const char *what)
{
	struct timespec now;
	char text[128];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%s: %.0f ms", what,
		 (double)(now.tv_sec - c->since.tv_sec) * 1e3 +
		 (double)(now.tv_nsec - c->since.tv_nsec) / 1e6);
	c->since = now;
	if (log_verbosity() > 1)
		message_notice(c->sock, text);
}

/* Each function ktcheck_N of the text returns the compiler's offset of a field; BTF has the kernel's. */
static bool offsets_agree(struct compiler *c, const struct ktypes *kt, const struct program *program)
{
	const struct bpf_insn *insns;
	const char *label;
	char name[32];
	size_t count;
	int want;

	for (int i = 0; i < ktypes_check_count(kt); i++) {
		snprintf(name, sizeof(name), "ktcheck_%d", i);
		want = ktypes_check_offset(kt, i, &label);
		insns = program_function(program, name, &count);
		if (want < 0 || !insns || insns[0].imm == want)
			continue;
		log_failure_set(&c->failure, ERR_FOREIGN_TYPES,
			    "use --types btf, or install the headers of the running kernel",
			    "%s is at %d for the compiler and at %d in the kernel", label,
			    insns[0].imm, want);
		return false;
	}
	return true;
}

/* Why libbcc refused the text, in its own words. */
static void compile_failure(struct compiler *c)
{
	char why[400] = "";

	if (said(c, "error: ", why, sizeof(why)))
		log_failure_set(&c->failure, ERR_COMPILE,
			    "try another source of types (--types btf, headers or kheaders), and report this with -vv",
			    "%s", why);
	else if (said(c, "could not open bpf map", why, sizeof(why)))
		map_failure(c, why);
	else
		log_failure_set(&c->failure, ERR_COMPILER_REFUSED,
			    "run it again with -vv to see libbcc's own words", "%s",
			    said(c, " ", why, sizeof(why)) ? why : "it gave no reason");
}

static int compile_text(struct compiler *c, const struct ktypes *kt, const char *text, const char *dir,
			struct program **out)
{
	int err = 0;

	if (!c->bcc) {
		err = bcc_open(&c->bcc, &c->failure);
		compile_phase(c, "libbcc");
	}
	if (err)
		return err;
	err = bcc_compile(c->bcc, text, ktypes_cflags(kt), dir);
	if (err) {
		compile_failure(c);
		return err;
	}
	err = program_of(out, c->bcc);
	compile_phase(c, "compile");
	if (!err && c->check && !offsets_agree(c, kt, *out))
		err = -EINVAL;
	return err;
}

/* As program_cache_find(); a refused map fills the failure. */
static int find_cached(struct compiler *c, const char *key, size_t size, struct program **out)
{
	int err = program_cache_find(c->cache, key, size, out);

	if (!err && log_verbosity() > 0)
		message_notice(c->sock, "the program was compiled by an earlier start");
	else if (err && err != -ENOENT)
		map_failure(c, strerror(-err));
	return err;
}

int compile_program(struct compiler *c, struct ktypes *kt, const struct text_config *config,
		    struct program **out)
{
	char dir[256] = "", *text, *key = NULL;
	size_t size = 0;
	int err;

	memset(&c->failure, 0, sizeof(c->failure));
	err = ktypes_materialize(kt, c->scratch, dir, sizeof(dir), &c->failure);
	if (err)
		return err;
	err = program_text_build(config, ktypes_preamble(kt), c->check ? ktypes_check_text(kt) : NULL, &text);
	if (err)
		return err;
	compile_phase(c, "header tree and text");
	err = -ENOENT;
	/* with -vv the user wants the compiler's own words */
	if (log_verbosity() < 2 && !program_key(kt, text, dir, &key, &size))
		err = find_cached(c, key, size, out);
	if (err == -ENOENT) {
		err = compile_text(c, kt, text, dir, out);
		if (!err && key)
			program_cache_put(c->cache, key, size, *out);
	}
	free(text);
	free(key);
	return err;
}

void compile_begin(struct compiler *c, int sock)
{
	*c = (struct compiler){ .sock = sock };
#ifdef IOAMP_DEBUG
	c->check = true;
#else
	c->check = log_verbosity() > 1;	/* -vv */
#endif
	clock_gettime(CLOCK_MONOTONIC, &c->since);
	c->cache = program_cache_open();
	isolate(c);
}

void compile_drop(struct compiler *c, struct program *program)
{
	program_free(program);
	if (c->bcc)
		bcc_drop(c->bcc);
}
