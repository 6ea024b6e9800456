/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch - a file system of our own: image, loop device, mkfs, private mount. */
#include "tools/ioamp-doctor/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOP_TRIES	16
#define GUARD_FDS	256	/* more than we ever open */
#define MIB		(1l << 20)
#define NAME		"ioamp-selftest.XXXXXX"

/*
 * Kinds in the order they are tried, with what their mkfs accepts at least. Lazy
 * initialisation would write while we measure.
 */
static const struct kind {
	const char *name, *mkfs;
	long bytes;
	const char *args[8];
} kinds[] = {
	{ "ext4", "mkfs.ext4", 64 * MIB,
	  { "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0" } },
	{ "xfs", "mkfs.xfs", 320 * MIB, { "-q", "-f" } },
	{ "btrfs", "mkfs.btrfs", 128 * MIB, { "-q", "-f" } },
};

/* ---- the guard ---- */

static void remove_tree(const char *path)
{
	struct dirent *de;
	DIR *d = opendir(path);

	while (d && (de = readdir(d)))
		if (strcmp(de->d_name, ".") && strcmp(de->d_name, ".."))
			unlinkat(dirfd(d), de->d_name, 0);
	if (d)
		closedir(d);
	rmdir(path);
}

/* A process that waits until we end, also by SIGKILL, and then removes the image or directory. */
static int guard_start(struct scratch *s, const char *path)
{
	int fds[2];
	char byte;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	s->guard_pid = fork();
	if (!s->guard_pid) {
		prctl(PR_SET_NAME, "ioamp-guard");
		setsid();
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		/* close our output: its reader must see the end when the tool ends */
		dup2(fds[0], 0);
		for (int fd = 1; fd < GUARD_FDS; fd++)
			close(fd);
		if (chdir("/"))
			_exit(1);
		while (read(0, &byte, 1) < 0 && errno == EINTR)
			;
		if (unlink(path))
			remove_tree(path);
		_exit(0);
	}
	close(fds[0]);
	s->guard = fds[1];
	return s->guard_pid < 0 ? -errno : 0;
}

/* ---- the image and its loop device ---- */

static int make_image(struct scratch *s, const char *where)
{
	char path[PATH_MAX];
	int err;

	if (!where) {
		s->image = memfd_create("ioamp-selftest", MFD_CLOEXEC);
		return s->image < 0 ? -errno : 0;
	}
	if (snprintf(path, sizeof(path), "%s/" NAME, where) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	s->image = mkostemp(path, O_CLOEXEC);
	if (s->image < 0)
		return -errno;
	err = guard_start(s, path);
	if (err)
		unlink(path);
	return err;
}

/* LOOP_CONFIGURE exists since 5.8; before, configuring takes two calls. */
static int configure(int loop, int image)
{
	struct loop_config c = { .fd = (__u32)image };

	c.info.lo_flags = LO_FLAGS_AUTOCLEAR;
	if (!ioctl(loop, LOOP_CONFIGURE, &c))
		return 0;
	if (errno != EINVAL && errno != ENOTTY)
		return -errno;
	if (ioctl(loop, LOOP_SET_FD, image))
		return -errno;
	if (!ioctl(loop, LOOP_SET_STATUS64, &c.info))
		return 0;
	ioctl(loop, LOOP_CLR_FD, 0);
	return -errno;
}

static int attach_loop(struct scratch *s, char *why, size_t size)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), err = 0;
	char path[64];

	if (control < 0) {
		snprintf(why, size, "/dev/loop-control: %s", strerror(errno));
		return -errno;
	}
	for (int i = 0; i < LOOP_TRIES; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		err = number < 0 ? -errno : 0;
		if (err)
			break;
		snprintf(path, sizeof(path), "/dev/loop%d", number);
		s->loop = open(path, O_RDWR | O_CLOEXEC);
		err = s->loop < 0 ? -errno : configure(s->loop, s->image);
		if (!err)
			break;
		if (s->loop >= 0)
			close(s->loop);
		s->loop = -1;
		/* another program took the same free device */
		if (err != -EBUSY)
			break;
	}
	close(control);
	if (err)
		snprintf(why, size, "no loop device: %s", strerror(-err));
	else
		snprintf(s->disk, sizeof(s->disk), "%.60s", path + strlen("/dev/"));
	return err;
}

/* ---- mkfs, mount ---- */

static int run_mkfs(const struct kind *k, const char *device)
{
	const char *argv[10] = { k->mkfs };
	char path[PATH_MAX];
	int n = 1, status, parent = getpid();
	pid_t pid;

	for (; k->args[n - 1]; n++)
		argv[n] = k->args[n - 1];
	argv[n] = device;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		/* sudo and cron may leave us a PATH without the folders of mkfs */
		snprintf(path, sizeof(path), "%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
			 getenv("PATH") ? getenv("PATH") : "");
		setenv("PATH", path, 1);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status))
		return -EINTR;
	return WEXITSTATUS(status) == 127 ? -ENOENT : WEXITSTATUS(status) ? -EIO : 0;
}

static void why_add(char *why, size_t size, const char *what, const char *reason)
{
	size_t n = strlen(why);

	snprintf(why + n, size - n, "%s%s: %s", n ? "; " : "", what, reason);
}

/*
 * The mount is private, so any directory can be the mount point, except one above the
 * image: the tools look up the file below a loop device by its path.
 */
static int mount_somewhere(struct scratch *s, const char *device, const char *type,
			   const char *where)
{
	static const char *const places[] = { "/mnt", "/media", "/srv", "/opt", "/tmp", "/var/tmp" };
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t n = strlen(places[i]);

		if (where && !strncmp(where, places[i], n) && (!where[n] || where[n] == '/'))
			continue;
		if (!mount(device, places[i], type, MS_NOATIME | MS_NOSUID | MS_NODEV, NULL)) {
			s->mount = places[i];
			return open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		}
		err = -errno;
		if (err != -ENOENT && err != -ENOTDIR)
			break;
	}
	return err;
}

static int make_filesystem(struct scratch *s, const char *where, char *why, size_t size)
{
	char device[80];
	int err = -ENOENT;

	snprintf(device, sizeof(device), "/dev/%s", s->disk);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];

		err = ftruncate(s->image, k->bytes) || ioctl(s->loop, LOOP_SET_CAPACITY) ? -errno :
		      run_mkfs(k, device);
		if (err) {
			why_add(why, size, k->mkfs, err == -ENOENT ? "not installed" : err == -EIO ?
				"failed" : strerror(-err));
			continue;
		}
		s->dir = mount_somewhere(s, device, k->name, where);
		if (s->dir >= 0) {
			s->filesystem = k->name;
			return 0;
		}
		err = s->dir;
		why_add(why, size, k->name, strerror(-err));
	}
	return err;
}

static int open_loop(struct scratch *s, const char *where, char *why, size_t size)
{
	int err = make_image(s, where);

	if (err) {
		snprintf(why, size, "no image: %s", strerror(-err));
		return err;
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		snprintf(why, size, "no mount name space: %s", strerror(errno));
		return -errno;
	}
	err = attach_loop(s, why, size);
	if (!err)
		err = make_filesystem(s, where, why, size);
	if (!err) {
		s->memory = !where;
		snprintf(s->place, sizeof(s->place), "%s over %s%.200s", s->disk,
			 where ? "a file in " : "memory", where ? where : "");
	}
	return err;
}

/* ---- a directory as it is ---- */

static const char *type_of(int dir)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} list[] = {
		{ 0xef53, "ext4" }, { 0x58465342, "xfs" }, { 0x9123683e, "btrfs" },
		{ 0x794c7630, "overlay" }, { 0x01021994, "tmpfs" },
	};
	struct statfs st;

	for (size_t i = 0; !fstatfs(dir, &st) && i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i].magic == ((unsigned long)st.f_type & 0xffffffff))
			return list[i].name;
	return "another file system";
}

static int open_plain(struct scratch *s, const char *where)
{
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];
	int err;

	if (!where)
		where = tmp && *tmp ? tmp : "/var/tmp";
	if (snprintf(path, sizeof(path), "%s/" NAME, where) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (!mkdtemp(path))
		return -errno;
	err = guard_start(s, path);
	if (err) {
		rmdir(path);
		return err;
	}
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->filesystem = s->dir < 0 ? NULL : type_of(s->dir);
	snprintf(s->place, sizeof(s->place), "directory %.280s", where);
	if (s->dir < 0)
		return -errno;
	/* no byte of tmpfs reaches a disk */
	return strcmp(s->filesystem, "tmpfs") ? 0 : -ENODEV;
}

static void let_go(struct scratch *s)
{
	if (s->dir >= 0)
		close(s->dir);
	if (s->mount)
		umount2(s->mount, MNT_DETACH);
	if (s->loop >= 0)
		close(s->loop);
	if (s->image >= 0)
		close(s->image);
	if (s->guard >= 0)
		close(s->guard);
	while (s->guard_pid > 0 && waitpid(s->guard_pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->dir = s->loop = s->image = s->guard = -1;
	s->guard_pid = 0;
}

static void nothing(struct scratch *s)
{
	memset(s, 0, sizeof(*s));
	s->dir = s->image = s->loop = s->guard = -1;
}

int scratch_open(struct scratch *s, const char *where, struct failure *f)
{
	char real[PATH_MAX], why[sizeof(s->why_plain)] = "";
	int err;

	nothing(s);
	if (where && (!realpath(where, real) || access(real, W_OK | X_OK))) {
		log_failure_set(f, ERR_SCRATCH,
			    "name a directory that can be written with --scratch", "%s: %s", where,
			    strerror(errno));
		return -errno;
	}
	if (!open_loop(s, where ? real : NULL, why, sizeof(why)))
		return 0;
	let_go(s);
	nothing(s);
	err = open_plain(s, where ? real : NULL);
	snprintf(s->why_plain, sizeof(s->why_plain), "%s", why);
	if (err)
		let_go(s);
	if (err)
		log_failure_set(f, ERR_NO_SCRATCH,
			    "sudo ioamp-doctor --selftest --scratch DIR    (DIR on a disk)",
			    "no file system of its own (%s), and no directory: %s", why,
			    err == -ENODEV ? "that is tmpfs, which no disk holds" : strerror(-err));
	return err;
}

void scratch_close(struct scratch *s)
{
	let_go(s);
}
