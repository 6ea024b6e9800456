/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kheaders - finds installed kernel headers, unpacks embedded ones, reads both. */
#include "types/kheaders.h"

#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "types/kfail.h"
#include "types/kfile.h"
#include "types/kscan.h"
#include "types/ktree.h"

static const char kconfig[] = "include/linux/kconfig.h";
static const char autoconf[] = "include/generated/autoconf.h";

/* The absolute path: the compiler runs in another directory. */
static int absolute(const char *path, char *out)
{
	char buf[PATH_MAX];

	if (!realpath(path, buf))
		return -errno;
	strcpy(out, buf);
	return 0;
}

/* ---- the version of headers ---- */

/*
 * The kernel release that `dir` was configured for; "" when no file tells. utsrelease.h is
 * read first: up to 6.1, Debian's kernel.release has the upstream version.
 */
static void headers_release(const char *dir, char *out, size_t size)
{
	char *text = kfile_read(dir, "include/generated/utsrelease.h");
	const char *p = text ? strstr(text, "UTS_RELEASE") : NULL;

	p = p ? strchr(p, '"') : NULL;
	if (p) {
		p++;
	} else {
		free(text);
		p = text = kfile_read(dir, "include/config/kernel.release");
	}
	snprintf(out, size, "%.*s", p ? (int)strcspn(p, "\"\r\n") : 0, p ? p : "");
	free(text);
}

/* ---- where headers are ---- */

/*
 * Debian builds in one directory and keeps the sources in another; the first
 * has a one-line Makefile that includes the second's.
 */
static int source_from_makefile(const char *build, char *out)
{
	char *text = kfile_read(build, "Makefile"), *p = text, path[PATH_MAX];
	int err = -ENOENT;

	if (p && strncmp(p, "include ", 8) != 0)
		p = strstr(p, "\ninclude ");
	if (p) {
		p = strchr(p, '/');
		snprintf(path, sizeof(path), "%.*s", p ? (int)strcspn(p, "\r\n") : 0, p ? p : "");
		p = strrchr(path, '/');
		if (p && strcmp(p, "/Makefile") == 0) {
			*p = '\0';
			err = kfile_exists(path, kconfig) ? absolute(path, out) : -ENOENT;
		}
	}
	free(text);
	return err;
}

/* `link` is the link `source` beside `build`; NULL: the user named the directory. */
static int find_source(struct kheaders *h, const char *link)
{
	if (kfile_exists(h->build, kconfig))
		return absolute(h->build, h->source);
	if (link && kfile_exists(link, kconfig))
		return absolute(link, h->source);
	return source_from_makefile(h->build, h->source);
}

static int complete(struct kheaders *h, const char *link, const struct ktypes_paths *paths,
		    struct failure *err)
{
	char why[320];

	if (find_source(h, link)) {
		snprintf(why, sizeof(why), "%.200s has no %s", h->build, kconfig);
		return kfail_incomplete(paths, why, err);
	}
	if (!kfile_exists(h->build, autoconf)) {
		snprintf(why, sizeof(why), "%.200s has no %s", h->build, autoconf);
		return kfail_incomplete(paths, why, err);
	}
	return 0;
}

/* The version of a directory that the user named is not checked. */
static int find_named(struct kheaders *out, const struct ktypes_paths *paths,
		      struct failure *err)
{
	char why[320];

	if (absolute(paths->source_env, out->build)) {
		snprintf(why, sizeof(why), "BCC_KERNEL_SOURCE=%.200s does not exist",
			 paths->source_env);
		return kfail_incomplete(paths, why, err);
	}
	return complete(out, NULL, paths, err);
}

static int fail_link(const char *link, const struct ktypes_paths *paths,
		     struct failure *err)
{
	char target[200];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return kfail_no_headers(paths, NULL, err);
	target[n] = '\0';
	return kfail_dangling(paths, target, err);
}

int kheaders_find(struct kheaders *out, const struct ktypes_paths *paths,
		  struct failure *err)
{
	char link[PATH_MAX], release[128];
	struct kheaders h = { 0 };
	int ret;

	/* an earlier compilation that failed may have left our own tree in the variable */
	if (paths->source_env && *paths->source_env &&
	    !kfile_exists(paths->source_env, KTREE_TYPES)) {
		ret = find_named(&h, paths, err);
		goto out;
	}
	snprintf(link, sizeof(link), "%s/%s/build", paths->modules_dir, paths->release);
	if (absolute(link, h.build))
		return fail_link(link, paths, err);
	headers_release(h.build, release, sizeof(release));
	if (*release && strcmp(release, paths->release) != 0)
		return kfail_no_headers(paths, release, err);
	snprintf(link, sizeof(link), "%s/%s/source", paths->modules_dir, paths->release);
	ret = complete(&h, link, paths, err);
out:
	if (!ret)
		*out = h;
	return ret;
}

/* ---- embedded headers ---- */

static int run_tar(const char *archive, const char *dir)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		/* the exit status is enough; messages of tar would mix with the tool's output */
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		/* thousands of files that no header of ours includes */
		execlp("tar", "tar", "-xJf", archive, "-C", dir, "--exclude=*include/config/*",
		       "--exclude=*include/dt-bindings/*", "--exclude=*include/sound/*",
		       "--exclude=*include/drm/*", "--exclude=*include/media/*", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int kheaders_extract(const char *archive, const char *dir, struct failure *err)
{
	int status = run_tar(archive, dir);

	if (status == 0 && kfile_exists(dir, kconfig))
		return 0;
	kfail_extract(archive, status, err);
	return status < 0 ? status : -EIO;
}

/* ---- what headers say ---- */

/* The headers that define structures which changed, in any kernel version. */
static const struct {
	const char *tag;
	const char *header;
} defined_in[] = {
	{ "bio", "include/linux/blk_types.h" },
	{ "bvec_iter", "include/linux/bvec.h" },
	{ "block_device", "include/linux/blk_types.h" },
	{ "block_device", "include/linux/fs.h" },
	{ "request", "include/linux/blk-mq.h" },
	{ "request", "include/linux/blkdev.h" },
	{ "request_queue", "include/linux/blkdev.h" },
	{ "task_struct", "include/linux/sched.h" },
	{ "dentry", "include/linux/dcache.h" },
	{ "inode", "include/linux/fs.h" },
	{ "page", "include/linux/mm_types.h" },
	{ "folio", "include/linux/mm_types.h" },
	{ "buffer_head", "include/linux/buffer_head.h" },
	{ "journal_s", "include/linux/jbd2.h" },
	{ "transaction_s", "include/linux/jbd2.h" },
	{ "io_kiocb", "include/linux/io_uring_types.h" },
	{ "block_device_operations", "include/linux/blkdev.h" },
	{ "io_uring_cqe", "include/uapi/linux/io_uring.h" },
	{ "io_uring_task", "include/linux/io_uring_types.h" },
};

static char *read_text(const char *dir, const char *name)
{
	char *text = kfile_read(dir, name);

	if (text)
		kscan_strip(text);
	return text;
}

/* `member` NULL: is the structure there at all. One without a line in the table is in no header. */
static bool ask(const char *dir, const char *tag, const char *member)
{
	bool yes = false;

	for (size_t i = 0; !yes && i < sizeof(defined_in) / sizeof(defined_in[0]); i++) {
		const char *body;
		size_t len = 0;
		char *text;

		if (strcmp(defined_in[i].tag, tag) != 0)
			continue;
		text = read_text(dir, defined_in[i].header);
		body = text ? kscan_body(text, tag, &len) : NULL;
		yes = body && (!member || kscan_member(body, len, member));
		free(text);
	}
	return yes;
}

bool kheaders_has_struct(const char *dir, const char *tag)
{
	return ask(dir, tag, NULL);
}

bool kheaders_has_member(const char *dir, const char *tag, const char *member)
{
	return ask(dir, tag, member);
}

static char *read_events(const char *dir, const char *file)
{
	char name[128];

	snprintf(name, sizeof(name), "include/trace/events/%s", file);
	return read_text(dir, name);
}

bool kheaders_has_tp(const char *dir, const char *file, const char *event)
{
	char *text = read_events(dir, file);
	bool found = text && kscan_tp(text, event);

	free(text);
	return found;
}

int kheaders_tp_arg(const char *dir, const char *file, const char *event, const char *tag)
{
	char *text = read_events(dir, file);
	int n = text ? kscan_tp_arg(text, event, tag) : -ENOENT;

	free(text);
	return n;
}

int kheaders_tp_nargs(const char *dir, const char *file, const char *event)
{
	char *text = read_events(dir, file);
	int n = text ? kscan_tp_nargs(text, event) : -ENOENT;

	free(text);
	return n;
}
