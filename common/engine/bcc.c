/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bcc - the only file that knows libbcc: loads it, compiles with it, reads maps and functions. */
#include "engine/bcc.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* bcc/bcc_common.h of 0.26; the same text up to 0.37. */
struct bcc_calls {
	void *(*create)(const char *text, unsigned int flags, const char *cflags[], int ncflags,
			bool allow_rlimit, const char *dev_name);
	void (*destroy)(void *module);
	void *(*function_start)(void *module, const char *name);
	size_t (*function_size)(void *module, const char *name);
	size_t (*functions)(void *module);
	const char *(*function_name)(void *module, size_t id);
	size_t (*tables)(void *module);
	const char *(*table_name)(void *module, size_t id);
	int (*table_fd)(void *module, size_t id);
};

struct bcc {
	void *library;
	void *module;
	struct bcc_calls call;
};

static bool resolve(struct bcc *b)
{
	const struct {
		void **slot;
		const char *name;
	} list[] = {
		{ (void **)&b->call.create, "bpf_module_create_c_from_string" },
		{ (void **)&b->call.destroy, "bpf_module_destroy" },
		{ (void **)&b->call.function_start, "bpf_function_start" },
		{ (void **)&b->call.function_size, "bpf_function_size" },
		{ (void **)&b->call.functions, "bpf_num_functions" },
		{ (void **)&b->call.function_name, "bpf_function_name" },
		{ (void **)&b->call.tables, "bpf_num_tables" },
		{ (void **)&b->call.table_name, "bpf_table_name" },
		{ (void **)&b->call.table_fd, "bpf_table_fd_id" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		*list[i].slot = dlsym(b->library, list[i].name);
		if (!*list[i].slot)
			return false;
	}
	return true;
}

int bcc_open(struct bcc **out, struct failure *f)
{
	const char *name = getenv("IOAMP_LIBBCC");
	struct bcc *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	if (!name || !*name)
		name = "libbcc.so.0";
	b->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!b->library) {
		log_failure_set(f, ERR_LIBBCC_MISSING,
			    "sudo apt-get install libbpfcc    (dnf, zypper: bcc; pacman: bcc; apk: bcc)",
			    "%s", dlerror());
		free(b);
		return -ENOENT;
	}
	if (!resolve(b)) {
		log_failure_set(f, ERR_LIBBCC_OLD,
			    "Debian 12, Ubuntu 24.04 and Fedora 38 have it; or set IOAMP_LIBBCC=PATH",
			    "%s lacks a function of the C interface", name);
		dlclose(b->library);
		free(b);
		return -ENOENT;
	}
	*out = b;
	return 0;
}

static int note_llvm(struct dl_phdr_info *info, size_t size, void *out)
{
	const char *name = strrchr(info->dlpi_name, '/');
	struct bcc_library *lib = out;

	(void)size;
	if (!name || strncmp(name, "/libLLVM", 8))
		return 0;
	snprintf(lib->llvm, sizeof(lib->llvm), "%.*s", (int)sizeof(lib->llvm) - 1, name + 1);
	return 1;
}

/* Only the name of the file tells the version: libbcc.so.0.26.0 */
static void describe(const struct bcc *b, struct bcc_library *lib)
{
	char real[PATH_MAX];
	const char *version;
	Dl_info info;

	memset(lib, 0, sizeof(*lib));
	dl_iterate_phdr(note_llvm, lib);
	if (!dladdr((void *)b->call.create, &info) || !realpath(info.dli_fname, real))
		return;
	snprintf(lib->path, sizeof(lib->path), "%.*s", (int)sizeof(lib->path) - 1, real);
	version = strstr(lib->path, ".so.");
	if (version && strchr(version + 4, '.'))
		snprintf(lib->version, sizeof(lib->version), "%.*s", (int)sizeof(lib->version) - 1,
			 version + 4);
}

int bcc_look(struct bcc_library *out, struct failure *f)
{
	struct answer {
		int err;
		struct bcc_library lib;
		struct failure f;
	} a = { .err = -EIO };
	struct bcc *b;
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return -errno;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		a.err = bcc_open(&b, &a.f);
		if (!a.err)
			describe(b, &a.lib);
		_exit(write(fds[1], &a, sizeof(a)) != sizeof(a));
	}
	close(fds[1]);
	if (pid < 0 || read(fds[0], &a, sizeof(a)) != sizeof(a))
		log_failure_set(&a.f, ERR_LIBBCC_CHECK,
			    "run it again with -vv", "the child that loads it ended early");
	close(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (a.err)
		*f = a.f;
	else
		*out = a.lib;
	return a.err;
}

void bcc_drop(struct bcc *b)
{
	if (b->module)
		b->call.destroy(b->module);
	b->module = NULL;
}

int bcc_compile(struct bcc *b, const char *text, const char *const *cflags, const char *source_dir)
{
	const char *users = getenv("BCC_KERNEL_SOURCE");
	int n = 0;

	while (cflags[n])
		n++;
	if (source_dir && *source_dir)
		setenv("BCC_KERNEL_SOURCE", source_dir, 1);
	b->module = b->call.create(text, 0, (const char **)cflags, n, true, NULL);
	/* a second compile must see the user's value, not this one */
	if (users)
		setenv("BCC_KERNEL_SOURCE", users, 1);
	else
		unsetenv("BCC_KERNEL_SOURCE");
	return b->module ? 0 : -EINVAL;
}

size_t bcc_map_count(struct bcc *b)
{
	return b->call.tables(b->module);
}

const char *bcc_map_name(struct bcc *b, size_t i)
{
	return b->call.table_name(b->module, i);
}

int bcc_map_fd(struct bcc *b, size_t i)
{
	return b->call.table_fd(b->module, i);
}

size_t bcc_function_count(struct bcc *b)
{
	return b->call.functions(b->module);
}

const char *bcc_function_name(struct bcc *b, size_t i)
{
	return b->call.function_name(b->module, i);
}

const struct bpf_insn *bcc_function(struct bcc *b, const char *name, size_t *insns)
{
	const struct bpf_insn *start = b->call.function_start(b->module, name);

	if (start)
		*insns = b->call.function_size(b->module, name) / sizeof(*start);
	return start;
}
