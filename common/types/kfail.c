/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kfail - messages about missing types: what is missing, why, and a command that helps. */
#include "types/kfail.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types/kfile.h"

/* Exit status of a child process that could not execute its program. */
#define NOT_FOUND 127

static void append(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

/* ID and ID_LIKE of os-release, as one string of words. */
static void distribution(const char *os_release, char *out, size_t size)
{
	char *text = kfile_read(os_release, ""), *save = NULL;

	*out = '\0';
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *value = strchr(line, '=');

		if (!value || (strncmp(line, "ID=", 3) != 0 && strncmp(line, "ID_LIKE=", 8) != 0))
			continue;
		value += 1 + (value[1] == '"');
		append(out, size, " %.*s ", (int)strcspn(value, "\""), value);
	}
	free(text);
}

static bool has_word(const char *words, const char *word)
{
	char padded[32];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(words, padded) != NULL;
}

/* "6.4.0-150600.23-default" -> "default"; "" without a dash */
static const char *flavour(const char *release)
{
	const char *dash = strrchr(release, '-');

	return dash ? dash + 1 : "";
}

/* The command that installs the headers of exactly this kernel. */
static void install_command(const struct ktypes_paths *paths, char *out, size_t size)
{
	const char *r = paths->release, *tail = flavour(r);
	char words[160];

	*out = '\0';
	distribution(paths->os_release, words, sizeof(words));
	if (has_word(words, "debian") || has_word(words, "ubuntu"))
		append(out, size, "sudo apt install linux-headers-%s", r);
	else if (has_word(words, "fedora") || has_word(words, "rhel"))
		append(out, size, "sudo dnf install kernel-devel-%s", r);
	else if (has_word(words, "suse") || has_word(words, "opensuse"))
		append(out, size, "sudo zypper install 'kernel-%s-devel=%.*s'",
		       *tail ? tail : "default", (int)(*tail ? tail - r - 1 : (long)strlen(r)), r);
	else if (has_word(words, "arch"))
		append(out, size, "sudo pacman -S linux%s%s-headers",
		       strcmp(tail, "lts") == 0 || strcmp(tail, "zen") == 0 ? "-" : "",
		       strcmp(tail, "lts") == 0 || strcmp(tail, "zen") == 0 ? tail : "");
	else if (has_word(words, "alpine"))
		append(out, size, "sudo apk add linux-%s-dev", *tail ? tail : "lts");
	else
		append(out, size, "install the header package of kernel %s", r);
}

/* Lists other kernels whose headers are installed. True: one is newer than the running kernel. */
static bool list_others(const struct ktypes_paths *paths, char *out, size_t size)
{
	DIR *d = opendir(paths->modules_dir);
	struct dirent *e;
	bool newer = false;

	*out = '\0';
	while (d && (e = readdir(d))) {
		char rel[NAME_MAX + 8];

		snprintf(rel, sizeof(rel), "%s/build", e->d_name);
		if (e->d_name[0] == '.' || strcmp(e->d_name, paths->release) == 0 ||
		    !kfile_exists(paths->modules_dir, rel))
			continue;
		append(out, size, "%s%s", *out ? ", " : "", e->d_name);
		newer |= strverscmp(e->d_name, paths->release) > 0;
	}
	if (d)
		closedir(d);
	return newer;
}

static int fail_wsl(const struct ktypes_paths *paths, struct failure *err)
{
	log_failure_begin(err, ERR_WSL, paths->release);
	snprintf(err->why, sizeof(err->why), "Microsoft does not publish headers as packages");
	snprintf(err->fix, sizeof(err->fix), "build them from the WSL2-Linux-Kernel sources and "
		 "set BCC_KERNEL_SOURCE, or enable CONFIG_IKHEADERS");
	return -ENOENT;
}

int kfail_no_headers(const struct ktypes_paths *paths, const char *found,
		     struct failure *err)
{
	char others[160], install[160];
	bool newer;

	if (strstr(paths->release, "microsoft"))
		return fail_wsl(paths, err);
	newer = list_others(paths, others, sizeof(others));
	install_command(paths, install, sizeof(install));
	log_failure_begin(err, ERR_NO_HEADERS, paths->release);
	if (found)
		snprintf(err->why, sizeof(err->why), "%s/%s/build has the headers of %s",
			 paths->modules_dir, paths->release, found);
	else
		snprintf(err->why, sizeof(err->why), "%s/%s/build is missing%s%s",
			 paths->modules_dir, paths->release,
			 *others ? "; headers are installed for " : "", others);
	*err->fix = '\0';
	append(err->fix, sizeof(err->fix), "%s%s",
	       newer ? "a newer kernel is installed but not booted: reboot, or  " : "", install);
	append(err->fix, sizeof(err->fix), "    elsewhere: set BCC_KERNEL_SOURCE=DIR; kernels built "
	       "with CONFIG_IKHEADERS need only: modprobe kheaders");
	return -ENOENT;
}

/* `advice` comes before the command that installs the headers. */
static int incomplete(const struct ktypes_paths *paths, const char *why, const char *advice,
		      struct failure *err)
{
	char install[160];

	install_command(paths, install, sizeof(install));
	log_failure_begin(err, ERR_HEADERS_INCOMPLETE, NULL);
	snprintf(err->why, sizeof(err->why), "%s", why);
	snprintf(err->fix, sizeof(err->fix), "%s%s", advice, install);
	return -ENOENT;
}

int kfail_incomplete(const struct ktypes_paths *paths, const char *why, struct failure *err)
{
	return incomplete(paths, why, "reinstall, with the -common package if there is one: ", err);
}

int kfail_dangling(const struct ktypes_paths *paths, const char *target, struct failure *err)
{
	char why[320];

	snprintf(why, sizeof(why), "build -> %.200s is a dangling link (container without /usr/src?)",
		 target);
	return incomplete(paths, why, "mount /usr/src read-only into the container, or  ", err);
}

int kfail_no_btf(const struct ktypes_paths *paths, struct failure *err)
{
	log_failure_begin(err, ERR_NO_BTF, paths->release);
	snprintf(err->why, sizeof(err->why), "%s/vmlinux is missing or cannot be read",
		 paths->btf_dir);
	snprintf(err->fix, sizeof(err->fix), "use --types headers or --types auto; kernels built "
		 "with CONFIG_DEBUG_INFO_BTF have it");
	return -ENOENT;
}

int kfail_no_kheaders(const struct ktypes_paths *paths, struct failure *err)
{
	log_failure_begin(err, ERR_NO_KHEADERS, paths->release);
	snprintf(err->why, sizeof(err->why), "%s is missing", paths->kheaders);
	snprintf(err->fix, sizeof(err->fix), "sudo modprobe kheaders   (kernels built with "
		 "CONFIG_IKHEADERS=m), or use --types auto");
	return -ENOENT;
}

void kfail_extract(const char *archive, int status, struct failure *err)
{
	log_failure_begin(err, ERR_KHEADERS_EXTRACT, NULL);
	if (status < 0)
		snprintf(err->why, sizeof(err->why), "tar -xJf %s: %s", archive, strerror(-status));
	else
		snprintf(err->why, sizeof(err->why), "tar -xJf %s: exit status %d", archive, status);
	snprintf(err->fix, sizeof(err->fix), "%s", status == NOT_FOUND ? "install tar and xz" :
		 "check that xz is installed and the temporary directory has 60 MB free");
}

int kfail_write(const char *scratch, int ret, struct failure *err)
{
	log_failure_begin(err, ERR_HEADER_TREE, NULL);
	snprintf(err->why, sizeof(err->why), "%.200s: %s", scratch, strerror(-ret));
	snprintf(err->fix, sizeof(err->fix), "set TMPDIR to a directory that can be written");
	return ret;
}

void kfail_none_left(const struct ktypes_paths *paths, struct failure *err)
{
	log_failure_begin(err, ERR_NO_TYPES, paths->release);
	snprintf(err->why, sizeof(err->why), "installed headers did not compile");
	snprintf(err->fix, sizeof(err->fix), "please report this, with the output of -vv");
}

void kfail_add_btf(bool have_btf, struct failure *err)
{
	append(err->why, sizeof(err->why), "; %s", have_btf ?
	       "the types from BTF did not compile" : "the kernel has no BTF and no kheaders");
}
