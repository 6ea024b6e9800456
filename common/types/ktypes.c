/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ktypes - kernel types for the run-time compiler, from BTF, headers or kheaders. */
#include "types/ktypes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "types/kbtf.h"
#include "types/kfail.h"
#include "types/kfields.h"
#include "types/kheaders.h"
#include "types/kpreamble.h"
#include "types/ktree.h"

/*
 * -O1 halves the compiler's work; libbcc optimises its output in any case.
 * -fms-extensions: kernels from 6.19 on use Microsoft's anonymous members.
 */
#define BASE_FLAGS "-fms-extensions", "-w", "-O1"
#define MAX_FLAGS 8

struct check {
	int field;
	int offset;
};

struct ktypes {
	enum ktypes_source source;
	char *release;
	char *archive;	/* kheaders only */
	struct kbtf *btf;	/* NULL when the kernel has none */
	struct kheaders headers;
	/* directory of headers that can be read for answers; NULL: none */
	const char *text_dir;
	char *preamble;
	char *check_text;
	struct check *checks;
	int nchecks;
	char *split_flags[4];
	const char *cflags[MAX_FLAGS];
};

/* ---- names ---- */

static const char *const source_names[] = {
	[KTYPES_AUTO] = "auto",
	[KTYPES_BTF] = "btf",
	[KTYPES_HEADERS] = "headers",
	[KTYPES_KHEADERS] = "kheaders",
};

#define NSOURCES ((int)(sizeof(source_names) / sizeof(source_names[0])))

const char *ktypes_source_name(enum ktypes_source source)
{
	return source_names[source];
}

/* ---- the text ---- */

static int make_preamble(struct ktypes *kt)
{
	struct kfacts facts = { kt->source, kt->btf, kt->text_dir };
	char *text = kpreamble_make(&facts);

	if (!text)
		return -ENOMEM;
	free(kt->preamble);
	kt->preamble = text;
	return 0;
}

static int make_checks(struct ktypes *kt)
{
	size_t size;
	FILE *f = open_memstream(&kt->check_text, &size);

	kt->checks = calloc((size_t)kfields_count, sizeof(*kt->checks));
	if (f && kt->checks) {
		for (int i = 0; kt->btf && i < kfields_count; i++) {
			const struct kfield *m = &kfields[i];
			int offset = kbtf_offset(kt->btf, m->type, m->member);

			if (offset < 0)
				continue;
			fprintf(f, "int ktcheck_%d(void *ctx) { return __builtin_offsetof(%s, %s); }\n",
				kt->nchecks, m->type, m->member);
			kt->checks[kt->nchecks++] = (struct check){ i, offset };
		}
	}
	if (!f || fclose(f) || !kt->checks)
		return -ENOMEM;
	return 0;
}

/* ---- compiler flags ---- */

/* libbcc uses the source directory; when the build directory is another one, these are added. */
static const char *const build_includes[] = {
	"arch/%s/include/generated",
	"include",
	"arch/%s/include/generated/uapi",
	"include/generated/uapi",
};

static const char *arch_dir(void)
{
#if defined(__aarch64__)
	return "arm64";
#else
	return "x86";
#endif
}

static int make_cflags(struct ktypes *kt)
{
	static const char *const base[] = { BASE_FLAGS };
	size_t n = 0;

	for (; n < sizeof(base) / sizeof(base[0]); n++)
		kt->cflags[n] = base[n];
	if (kt->source != KTYPES_HEADERS || strcmp(kt->headers.source, kt->headers.build) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(build_includes) / sizeof(build_includes[0]); i++) {
		char sub[64];

		snprintf(sub, sizeof(sub), build_includes[i], arch_dir());
		if (asprintf(&kt->split_flags[i], "-I%s/%s", kt->headers.build, sub) < 0) {
			kt->split_flags[i] = NULL;
			return -ENOMEM;
		}
		kt->cflags[n++] = kt->split_flags[i];
	}
	return 0;
}

/* ---- choosing a source ---- */

static int try_source(struct ktypes *kt, enum ktypes_source source,
		      const struct ktypes_paths *paths, struct failure *err)
{
	int ret = 0;

	kt->source = source;
	if (source == KTYPES_BTF)
		return kt->btf ? 0 : kfail_no_btf(paths, err);
	if (source == KTYPES_HEADERS) {
		ret = kheaders_find(&kt->headers, paths, err);
		kt->text_dir = ret ? NULL : kt->headers.source;
		return ret;
	}
	if (access(paths->kheaders, R_OK))
		return kfail_no_kheaders(paths, err);
	kt->archive = strdup(paths->kheaders);
	return kt->archive ? 0 : -ENOMEM;
}

static int choose(struct ktypes *kt, enum ktypes_source want, unsigned int skip,
		  const struct ktypes_paths *paths, struct failure *err)
{
	struct failure last, other;

	if (want != KTYPES_AUTO)
		return try_source(kt, want, paths, err);
	kfail_none_left(paths, &last);
	for (int s = KTYPES_BTF; s < NSOURCES; s++) {
		/* the user can install headers, so their failure is the one to report */
		if (!(skip & 1u << s) &&
		    try_source(kt, (enum ktypes_source)s, paths,
			       s == KTYPES_HEADERS ? &last : &other) == 0)
			return 0;
	}
	kfail_add_btf(kt->btf != NULL, &last);
	*err = last;
	return -ENOENT;
}

int ktypes_open_at(struct ktypes **out, enum ktypes_source want, unsigned int skip,
		   const struct ktypes_paths *paths, struct failure *err)
{
	struct ktypes *kt = calloc(1, sizeof(*kt));
	int ret = -ENOMEM;

	memset(err, 0, sizeof(*err));
	if (!kt)
		return -ENOMEM;
	kt->release = strdup(paths->release);
	if (!kt->release)
		goto out;
	/* also for the other sources: BTF knows best what the kernel's tracepoints pass */
	ret = kbtf_open(&kt->btf, paths->btf_dir);
	if (ret == -ENOMEM)
		goto out;
	ret = choose(kt, want, skip, paths, err);
	if (!ret)
		ret = make_cflags(kt);
	if (!ret)
		ret = make_preamble(kt);
	if (!ret)
		ret = make_checks(kt);
out:
	if (ret)
		ktypes_close(kt);
	else
		*out = kt;
	return ret;
}

int ktypes_open(struct ktypes **out, enum ktypes_source want, unsigned int skip,
		struct failure *err)
{
	struct utsname uts;
	struct ktypes_paths paths = {
		.btf_dir = "/sys/kernel/btf",
		.modules_dir = "/lib/modules",
		.kheaders = "/sys/kernel/kheaders.tar.xz",
		.os_release = "/etc/os-release",
		.release = uts.release,
		.source_env = getenv("BCC_KERNEL_SOURCE"),
	};

	if (uname(&uts))
		return -errno;
	return ktypes_open_at(out, want, skip, &paths, err);
}

int ktypes_look(enum ktypes_source source, const char *root, const char *release, char *where,
		size_t size, struct failure *err)
{
	char btf[PATH_MAX], modules[PATH_MAX], archive[PATH_MAX], os_release[PATH_MAX];
	const struct ktypes_paths paths = {
		.btf_dir = btf, .modules_dir = modules, .kheaders = archive,
		.os_release = os_release, .release = release,
		.source_env = *root ? NULL : getenv("BCC_KERNEL_SOURCE"),
	};
	struct kheaders headers;
	struct kbtf *kb;
	int ret;

	snprintf(btf, sizeof(btf), "%s/sys/kernel/btf", root);
	snprintf(modules, sizeof(modules), "%s/lib/modules", root);
	snprintf(archive, sizeof(archive), "%s/sys/kernel/kheaders.tar.xz", root);
	snprintf(os_release, sizeof(os_release), "%s/etc/os-release", root);
	memset(err, 0, sizeof(*err));
	switch (source) {
	case KTYPES_BTF:
		ret = kbtf_open(&kb, btf);
		if (ret)
			return kfail_no_btf(&paths, err);
		kbtf_close(kb);
		snprintf(where, size, "%s/vmlinux", btf + strlen(root));
		return 0;
	case KTYPES_HEADERS:
		ret = kheaders_find(&headers, &paths, err);
		if (!ret)
			snprintf(where, size, "%s", headers.build +
				 (strncmp(headers.build, root, strlen(root)) ? 0 : strlen(root)));
		return ret;
	default:
		if (access(archive, R_OK))
			return kfail_no_kheaders(&paths, err);
		snprintf(where, size, "%s", archive + strlen(root));
		return 0;
	}
}

void ktypes_close(struct ktypes *kt)
{
	if (!kt)
		return;
	for (size_t i = 0; i < sizeof(kt->split_flags) / sizeof(kt->split_flags[0]); i++)
		free(kt->split_flags[i]);
	kbtf_close(kt->btf);
	free(kt->checks);
	free(kt->check_text);
	free(kt->preamble);
	free(kt->archive);
	free(kt->release);
	free(kt);
}

/* ---- what the caller gets ---- */

enum ktypes_source ktypes_source(const struct ktypes *kt)
{
	return kt->source;
}

const char *ktypes_preamble(const struct ktypes *kt)
{
	return kt->preamble;
}

const char *const *ktypes_cflags(const struct ktypes *kt)
{
	return kt->cflags;
}

bool ktypes_have_btf(const struct ktypes *kt)
{
	return kt->btf != NULL;
}

int ktypes_materialize(struct ktypes *kt, const char *scratch, char *dir, size_t size,
		       struct failure *err)
{
	const char *where = kt->source == KTYPES_HEADERS ? kt->headers.source : scratch;
	int ret = 0;

	memset(err, 0, sizeof(*err));
	if (snprintf(dir, size, "%s", where) >= (int)size)
		return kfail_write(where, -ENAMETOOLONG, err);
	if (kt->source == KTYPES_BTF) {
		ret = ktree_write(kt->btf, kt->release, scratch);
		return ret ? kfail_write(scratch, ret, err) : 0;
	}
	if (kt->source == KTYPES_KHEADERS) {
		ret = kheaders_extract(kt->archive, scratch, err);
		if (ret)
			return ret;
		/* the headers can be read from now on */
		kt->text_dir = scratch;
		ret = make_preamble(kt);
		kt->text_dir = NULL;
	}
	return ret;
}

int ktypes_btf_id(const struct ktypes *kt, const char *kind, const char *name, char *module,
		  size_t module_size)
{
	return kt->btf ? kbtf_id(kt->btf, kind, name, module, module_size) : -ENOENT;
}

const char *ktypes_check_text(const struct ktypes *kt)
{
	return kt->check_text;
}

int ktypes_check_count(const struct ktypes *kt)
{
	return kt->nchecks;
}

int ktypes_check_offset(const struct ktypes *kt, int n, const char **label)
{
	if (n < 0 || n >= kt->nchecks)
		return -ENOENT;
	if (label)
		*label = kfields[kt->checks[n].field].label;
	return kt->checks[n].offset;
}
