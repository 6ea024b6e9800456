/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence - reads from /proc what classify needs to know about a process. */
#include "systems/evidence.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"
#include "machine/cgroup.h"
#include "machine/container.h"
#include "machine/file_path.h"

#define KTHREAD		0x00200000	/* PF_KTHREAD */
#define FILES_MAX	4096		/* open files read per process */
#define LISTENS		" 0A "		/* TCP_LISTEN in /proc/net/tcp */

static FILE *open_at(const char *root, uint32_t pid, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/%u/%s", root, pid, name);
	return fopen(path, "re");
}

/* Reads at most size - 1 bytes and adds a NUL. The number of bytes; 0 if there is no file. */
static size_t slurp(FILE *f, char *buf, size_t size)
{
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	buf[n] = 0;
	if (f)
		fclose(f);
	return n;
}

static void link_text(const char *root, uint32_t pid, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/%u/%s", root, pid, name);
	n = readlink(path, buf, size - 1);
	buf[n > 0 ? n : 0] = 0;
	buf[file_path_length(buf)] = 0;
}

/* comm may contain any byte, also ')'. Parent, flags (9th field) and start (22nd) follow it. */
static int read_stat(const char *root, uint32_t pid, struct evidence *ev)
{
	char buf[1024], *name, *end;
	unsigned int flags = 0, ppid = 0;

	if (!slurp(open_at(root, pid, "stat"), buf, sizeof(buf)))
		return -ESRCH;
	name = strchr(buf, '(');
	end = strrchr(buf, ')');
	if (!name || !end || end < name)
		return -ESRCH;
	*end = 0;
	snprintf(ev->comm, sizeof(ev->comm), "%s", name + 1);
	sscanf(end + 1, " %*c %u %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
	       &ppid, &flags, &ev->start_ticks);
	ev->ppid = ppid;
	ev->kthread = flags & KTHREAD;
	return 0;
}

static void read_cmdline(const char *root, uint32_t pid, struct evidence *ev)
{
	size_t n = slurp(open_at(root, pid, "cmdline"), ev->cmdline, sizeof(ev->cmdline));

	ev->cmdline_len = n;
	memcpy(ev->title, ev->cmdline, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!ev->title[i])
			ev->title[i] = ' ';
	while (n && ev->title[n - 1] == ' ')
		ev->title[--n] = 0;
}

int evidence_title(const char *root, uint32_t pid, struct evidence *out)
{
	int err = read_stat(root, pid, out);

	if (!err)
		read_cmdline(root, pid, out);
	return err;
}

/* ---- control group: unit, container, image ---- */

static bool ends_in(const char *s, size_t n, const char *tail)
{
	size_t t = strlen(tail);

	return n > t && !strncmp(s + n - t, tail, t);
}

static void find_unit(const char *path, struct evidence *ev)
{
	size_t n;

	for (; *path; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (ends_in(path, n, ".service") || ends_in(path, n, ".scope"))
			snprintf(ev->unit, sizeof(ev->unit), "%.*s", (int)n, path);
	}
}

/* The string value of a member in JSON text. This is no JSON parser: the first match counts. */
static bool json_member(const char *json, const char *key, char *buf, size_t size)
{
	char quoted[96];
	const char *at = json;
	size_t n;

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	while ((at = strstr(at, quoted))) {
		at += strlen(quoted);
		at += strspn(at, " \t\n:");
		n = *at == '"' ? strcspn(at + 1, "\"\\") : 0;
		/* docker writes the digest of the image under the same name */
		if (n && n < size && strncmp(at + 1, "sha256:", 7)) {
			snprintf(buf, size, "%.*s", (int)n, at + 1);
			return true;
		}
	}
	return false;
}

/* Files of the container runtimes, and the member that names the image. */
static void find_image(const char *root, const char *id, struct evidence *ev)
{
	static const struct {
		const char *path, *key;
	} places[] = {
		{ "%s/var/lib/docker/containers/%s/config.v2.json", "Image" },
		{ "%s/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
		  "io.kubernetes.cri.image-name" },
		{ "%s/run/containers/storage/overlay-containers/%s/userdata/config.json",
		  "io.kubernetes.cri-o.ImageName" },
		{ "%s/var/lib/containers/storage/overlay-containers/%s/userdata/config.json",
		  "org.opencontainers.image.title" },
	};
	char path[PATH_MAX], *json = malloc(1 << 17);
	FILE *f;

	for (size_t i = 0; json && !*ev->image && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i].path, root, id);
		f = fopen(path, "re");
		if (f && slurp(f, json, 1 << 17))
			json_member(json, places[i].key, ev->image, sizeof(ev->image));
	}
	free(json);
}

static void read_cgroup(const char *root, uint32_t pid, struct evidence *ev)
{
	char path[PATH_MAX] = "";
	struct container c;
	FILE *f = open_at(root, pid, "cgroup");

	if (!f)
		return;
	cgroup_parse(f, path, sizeof(path));
	fclose(f);
	find_unit(path, ev);
	container_parse(path, &c);
	if (c.kind == CONTAINER_NONE || c.kind == CONTAINER_SYSTEMD)
		return;
	container_text(&c, NULL, ev->container, sizeof(ev->container));
	if (*c.id)
		find_image(root, c.id, ev);
}

int evidence_gather(const char *root, uint32_t pid, struct evidence *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->pid = pid;
	out->parent = "";
	err = evidence_title(root, pid, out);
	if (err || out->kthread)
		return err;
	link_text(root, pid, "exe", out->exe, sizeof(out->exe));
	/* a zombie, or a process that is ending: the kernel has freed its command line already */
	if (!*out->exe && !out->cmdline_len)
		return -ESRCH;
	link_text(root, pid, "cwd", out->cwd, sizeof(out->cwd));
	read_cgroup(root, pid, out);
	return 0;
}

/* ---- open files and ports ---- */

struct sockets {
	uint64_t *inode;
	size_t n;
};

static void add_file(struct evidence *ev, const char *text)
{
	char **v = grow_by_one(ev->files, ev->nr_files, sizeof(*v));
	char *copy = v ? strdup(text) : NULL;

	if (v)
		ev->files = v;
	if (copy)
		ev->files[ev->nr_files++] = copy;
}

static void add_socket(struct sockets *s, uint64_t inode)
{
	uint64_t *v = grow_by_one(s->inode, s->n, sizeof(*v));

	if (!v)
		return;
	s->inode = v;
	v[s->n++] = inode;
}

static void read_fds(const char *root, struct evidence *ev, struct sockets *s)
{
	char path[PATH_MAX], name[32], text[PATH_MAX];
	size_t left = FILES_MAX;
	struct dirent *de;
	uint64_t inode;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc/%u/fd", root, ev->pid);
	dir = opendir(path);
	while (dir && left && (de = readdir(dir))) {
		if (!isdigit((unsigned char)*de->d_name))
			continue;
		left--;
		snprintf(name, sizeof(name), "fd/%.20s", de->d_name);
		link_text(root, ev->pid, name, text, sizeof(text));
		if (sscanf(text, "socket:[%" SCNu64 "]", &inode) == 1)
			add_socket(s, inode);
		else if (*text == '/')
			add_file(ev, text);
	}
	if (dir)
		closedir(dir);
}

static bool owns(const struct sockets *s, uint64_t inode)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inode[i] == inode)
			return true;
	return false;
}

static void add_port(struct evidence *ev, uint16_t port)
{
	uint16_t *v = grow_by_one(ev->ports, ev->nr_ports, sizeof(*v));

	if (!v)
		return;
	ev->ports = v;
	v[ev->nr_ports++] = port;
}

/* "  0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  112  0 INODE ..." */
static void read_listeners(const char *root, struct evidence *ev, const char *table,
			   const struct sockets *s)
{
	FILE *f = open_at(root, ev->pid, table);
	char line[512];
	unsigned int port;
	uint64_t inode;

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, LISTENS) &&
		    sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*u %*u %" SCNu64, &port,
			   &inode) == 2 && owns(s, inode))
			add_port(ev, (uint16_t)port);
	if (f)
		fclose(f);
}

void evidence_gather_files(const char *root, struct evidence *ev)
{
	struct sockets s = { 0 };

	if (ev->has_files)
		return;
	ev->has_files = true;
	read_fds(root, ev, &s);
	if (s.n) {
		read_listeners(root, ev, "net/tcp", &s);
		read_listeners(root, ev, "net/tcp6", &s);
	}
	free(s.inode);
}

void evidence_free(struct evidence *ev)
{
	for (size_t i = 0; i < ev->nr_files; i++)
		free(ev->files[i]);
	free(ev->files);
	free(ev->ports);
	ev->files = NULL;
	ev->ports = NULL;
	ev->nr_files = ev->nr_ports = 0;
}

int evidence_processes(const char *root, void (*each)(void *ctx, uint32_t pid), void *ctx)
{
	char path[PATH_MAX], *end;
	struct dirent *de;
	unsigned long pid;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((de = readdir(dir))) {
		pid = isdigit((unsigned char)*de->d_name) ? strtoul(de->d_name, &end, 10) : 0;
		if (pid && !*end && pid <= UINT32_MAX)
			each(ctx, (uint32_t)pid);
	}
	closedir(dir);
	return 0;
}
