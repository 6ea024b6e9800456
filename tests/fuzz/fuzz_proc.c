/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_proc - the parsers of mountinfo, of /proc/PID/cgroup and of paths of containers on damaged text. */
#include "fuzz.h"

#include "machine/cgroup.h"
#include "machine/container_labels.h"
#include "machine/mounts.h"

#define INPUTS	20000
#define ROOM	16384

static const char mountinfo[] =
	"25 1 259:2 / / rw,relatime - ext4 /dev/nvme0n1p2 rw\n"
	"26 25 8:17 / /a\\040b rw shared:1 master:2 - xfs /dev/sdb1 rw\n"
	"27 25 0:40 /sub /b\\134\\011c rw - btrfs /dev/null rw,subvol=/\n"
	"28 25 0:21 / /proc rw - proc proc rw\n"
	"29 25 4095:1048575 / /x rw - ext4 /dev/x rw\n";
static const char cgroup[] =
	"12:cpu,cpuacct:/c\n3:blkio:/b/x y\n4:memory:/\n1:name=systemd:/s.slice\n0::/u:v\n";

static size_t damage(struct fuzz *z, char *text, const char *good)
{
	size_t len = strlen(good);

	memcpy(text, good, len);
	for (uint32_t n = fuzz_below(z, 30); n; n--)
		fuzz_mutate(z, text, &len, ROOM);
	/* now and then a line longer than PATH_MAX */
	if (fuzz_one_in(z, 16)) {
		size_t at = fuzz_below(z, (uint32_t)len + 1), n = 4000 + fuzz_below(z, 5000);

		memmove(text + at + n, text + at, len - at);
		memset(text + at, "x/ \\"[fuzz_below(z, 4)], n);
		len += n;
	}
	return len;
}

static FILE *open_text(char *text, size_t len)
{
	FILE *f = len ? fmemopen(text, len, "r") : fopen("/dev/null", "r");

	if (!f)
		abort();
	return f;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void try_mounts(struct fuzz *z, char *text)
{
	size_t len = damage(z, text, mountinfo);
	FILE *f = open_text(text, len);
	struct mounts m;

	FUZZ_CHECK(z, mounts_parse(&m, f) == 0, "mounts_parse");
	FUZZ_CHECK(z, m.n <= count_lines(text, len), "%zu mounts", m.n);
	for (size_t i = 0; i < m.n; i++)
		FUZZ_CHECK(z, strlen(m.v[i].path) < 4096, "mount %zu", i);
	mounts_free(&m);
	fclose(f);
}

static void try_cgroup(struct fuzz *z, char *text)
{
	size_t len = damage(z, text, cgroup), size = 2 + fuzz_below(z, 64);
	FILE *f = open_text(text, len);
	char *path = malloc(size);	/* exactly: the sanitizer guards its end */

	if (!path)
		abort();
	memset(path, 'x', size);
	cgroup_parse(f, path, size);
	FUZZ_CHECK(z, memchr(path, 0, size), "not terminated");
	FUZZ_CHECK(z, !strchr(path, '\n'), "a newline in '%s'", path);
	free(path);
	fclose(f);
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "12345678_9abc_def0_1234_56789abcdef0"

static void try_container(struct fuzz *z)
{
	static const char *const good[] = {
		"/kubepods.slice/kubepods-pod" UID ".slice/cri-containerd-" HEX ".scope",
		"/lxc.payload.web/system.slice/a\\x2db.service",
		"/kubepods-pod" UID ".slice:cri-containerd:" HEX,
		"/machine.slice/libpod-conmon-" HEX ".scope",
		"web_default_nginx-" HEX ".log",
	};
	const char *from = good[fuzz_below(z, sizeof(good) / sizeof(good[0]))];
	char text[ROOM], shown[40], *path;
	size_t len = strlen(from);
	struct container_label label;
	struct container c;

	memcpy(text, from, len);
	for (uint32_t n = fuzz_below(z, 12); n; n--)
		fuzz_mutate(z, text, &len, sizeof(text));
	path = malloc(len + 1);	/* exactly: the sanitizer guards its end */
	if (!path)
		abort();
	memcpy(path, text, len);
	path[len] = 0;
	container_parse(path, &c);
	FUZZ_CHECK(z, memchr(c.name, 0, sizeof(c.name)) && memchr(c.uid, 0, sizeof(c.uid)), "names");
	for (const char *s = c.name; *s; s++)
		FUZZ_CHECK(z, *s >= ' ' && *s < 0x7f, "name '%s'", c.name);
	FUZZ_CHECK(z, !*c.id || strlen(c.id) == CONTAINER_ID, "id '%s'", c.id);
	FUZZ_CHECK(z, container_matches(&c, NULL, path) == MATCH_NONE || c.kind, "matches none");
	if (container_labels_link(path, &label))
		FUZZ_CHECK(z, strlen(label.id) == CONTAINER_ID && *label.pod, "label of '%s'", path);
	container_text(&c, NULL, shown, sizeof(shown));
	FUZZ_CHECK(z, memchr(shown, 0, sizeof(shown)), "text");
	FUZZ_CHECK(z, !*shown == (c.kind == CONTAINER_NONE), "text '%s'", shown);
	free(path);
}

int main(int argc, char **argv)
{
	static char text[ROOM + 16384];
	struct fuzz z;

	fuzz_args(&z, argc, argv, INPUTS);
	for (uint64_t i = z.first; i <= z.last; i++) {
		fuzz_start(&z, i);
		try_mounts(&z, text);
		try_cgroup(&z, text);
		try_container(&z);
	}
	return 0;
}
