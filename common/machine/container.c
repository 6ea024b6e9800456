/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container - paths of control groups to containers and their names. */
#include "machine/container.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words of a path ---- */

/* One component of a path; not terminated. */
struct part {
	const char *s;
	size_t n;
};

static bool part_is(struct part p, const char *word)
{
	return p.n == strlen(word) && !memcmp(p.s, word, p.n);
}

static bool cut_head(struct part *p, const char *head)
{
	size_t n = strlen(head);

	if (p->n < n || memcmp(p->s, head, n))
		return false;
	p->s += n;
	p->n -= n;
	return true;
}

static bool cut_tail(struct part *p, const char *tail)
{
	size_t n = strlen(tail);

	if (p->n < n || memcmp(p->s + p->n - n, tail, n))
		return false;
	p->n -= n;
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool all_hex(const char *s, size_t n)
{
	while (n && is_hex(*s))
		s++, n--;
	return !n;
}

static bool is_id(struct part p)
{
	return p.n == CONTAINER_ID && all_hex(p.s, p.n);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static bool is_plain(int c)
{
	return c >= ' ' && c < 0x7f;
}

/*
 * systemd writes what a unit's name may not hold as \x2d; taken back where that is
 * a plain character. What is none of these becomes one of them.
 */
static void copy_name(char *out, size_t size, struct part p)
{
	size_t used = 0;

	for (size_t i = 0; i < p.n && used + 5 < size; i++) {
		int c = (unsigned char)p.s[i];

		if (c == '\\' && p.n - i >= 4 && p.s[i + 1] == 'x' && all_hex(p.s + i + 2, 2)) {
			int value = hex_value(p.s[i + 2]) << 4 | hex_value(p.s[i + 3]);

			if (is_plain(value)) {
				c = value;
				i += 3;
			}
		}
		if (is_plain(c))
			out[used++] = (char)c;
		else
			used += (size_t)snprintf(out + used, 5, "\\x%02x", (unsigned int)c);
	}
	out[used] = '\0';
}

/* ---- one component ---- */

static const struct {
	const char *word;
	enum container_kind kind;
} runtimes[] = {
	{ "docker", CONTAINER_DOCKER },
	{ "cri-containerd", CONTAINER_CONTAINERD },
	{ "containerd", CONTAINER_CONTAINERD },
	{ "nerdctl", CONTAINER_CONTAINERD },
	{ "crio", CONTAINER_CRIO },
	{ "libpod", CONTAINER_PODMAN },
	{ "libpod-payload", CONTAINER_PODMAN },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What stands between the last ':' but one, or the start, and the id. */
static enum container_kind runtime_of(struct part p)
{
	for (size_t i = p.n; i-- > 0;) {
		if (p.s[i] == ':') {
			p.s += i + 1;
			p.n -= i + 1;
			break;
		}
	}
	for (size_t i = 0; i < COUNT(runtimes); i++)
		if (part_is(p, runtimes[i].word))
			return runtimes[i].kind;
	return CONTAINER_NONE;
}

static void set_id(struct container *c, enum container_kind kind, struct part id)
{
	c->kind = kind;
	memcpy(c->id, id.s, id.n);
	c->id[id.n] = '\0';
	c->name[0] = '\0';
}

static void set_name(struct container *c, enum container_kind kind, struct part name)
{
	c->kind = kind;
	copy_name(c->name, sizeof(c->name), name);
	c->id[0] = c->uid[0] = '\0';
}

/* A monitor is no part of what it watches. */
static bool is_monitor(struct part p, struct part before)
{
	struct part name = p;

	if (cut_head(&name, "lxc.monitor.") || part_is(before, "lxc.monitor"))
		return true;
	cut_tail(&p, ".scope");
	return (cut_head(&p, "crio-conmon-") || cut_head(&p, "libpod-conmon-")) && is_id(p);
}

/* [RUNTIME-]ID[.scope], or SLICE:RUNTIME:ID where a runtime mistook the kubelet's driver. */
static bool take_id(struct container *c, struct part p, struct part before)
{
	struct part id, word;

	cut_tail(&p, ".scope");
	if (p.n < CONTAINER_ID)
		return false;
	id = (struct part){ p.s + p.n - CONTAINER_ID, CONTAINER_ID };
	if (!is_id(id))
		return false;
	if (p.n == CONTAINER_ID) {
		set_id(c, part_is(before, "docker") ? CONTAINER_DOCKER : CONTAINER_OCI, id);
		return true;
	}
	word = (struct part){ p.s, p.n - CONTAINER_ID - 1 };
	if ((p.s[word.n] != '-' && p.s[word.n] != ':') || runtime_of(word) == CONTAINER_NONE)
		return false;
	set_id(c, runtime_of(word), id);
	return true;
}

#define UID_LONG	36	/* 8-4-4-4-12 */
#define UID_SHORT	32	/* of a static pod: a checksum */

static bool is_uid(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool dash = n == UID_LONG && (i == 8 || i == 13 || i == 18 || i == 23);

		if (dash ? s[i] != '-' && s[i] != '_' : !is_hex(s[i]))
			return false;
	}
	return true;
}

/* "podUID", "kubepods-burstable-podUID.slice" with underscores for the dashes. */
static void take_pod(struct container *c, struct part p)
{
	static const size_t lengths[] = { UID_LONG, UID_SHORT };

	for (size_t at = 0; at + 3 < p.n; at++) {
		const char *uid = p.s + at + 3;

		if (memcmp(p.s + at, "pod", 3) || (at && p.s[at - 1] != '-'))
			continue;
		for (size_t i = 0; i < COUNT(lengths); i++) {
			size_t n = lengths[i], rest = p.n - at - 3;

			if (rest < n || !is_uid(uid, n) || (rest > n && uid[n] != '.' && uid[n] != ':'))
				continue;
			*c = (struct container){ .kind = CONTAINER_POD };
			for (size_t k = 0; k < n; k++)
				c->uid[k] = uid[k] == '_' ? '-' : uid[k];
			return;
		}
	}
}

static bool take_name(struct container *c, struct part p, struct part before)
{
	struct part name = p;

	if (cut_head(&name, "lxc.payload.") ? name.n != 0 :
	    part_is(before, "lxc") || part_is(before, "lxc.payload")) {
		set_name(c, CONTAINER_LXC, name);
		return true;
	}
	name = p;
	if ((cut_head(&name, "systemd-nspawn@") && cut_tail(&name, ".service") && name.n) ||
	    (name = p, part_is(before, "machine.slice") && cut_head(&name, "machine-") &&
	     cut_tail(&name, ".scope") && name.n) ||
	    (name = p, part_is(before, "machine") && cut_tail(&name, ".libvirt-qemu") && name.n)) {
		set_name(c, CONTAINER_MACHINE, name);
		return true;
	}
	return false;
}

/* ---- the path ---- */

static bool next_part(const char **at, struct part *p)
{
	*at += strspn(*at, "/");
	p->s = *at;
	p->n = strcspn(*at, "/");
	*at += p->n;
	return p->n;
}

void container_parse(const char *path, struct container *out)
{
	struct part p, before = { "", 0 }, unit = { "", 0 };
	bool kube = false, user = false;
	const char *at = path;

	memset(out, 0, sizeof(*out));
	while (next_part(&at, &p)) {
		struct part word = p;

		if (is_monitor(p, before)) {
			memset(out, 0, sizeof(*out));
			return;
		}
		kube |= cut_head(&word, "kubepods");
		if (kube)
			take_pod(out, p);
		if (!take_id(out, p, before))
			take_name(out, p, before);
		word = p;
		user |= part_is(p, "user.slice");
		if (!user && !unit.n && cut_tail(&word, ".service") && word.n)
			unit = p;
		before = p;
	}
	if (out->kind == CONTAINER_NONE && unit.n)
		set_name(out, CONTAINER_SYSTEMD, unit);
}

/* ---- text ---- */

static const char *const kind_names[] = {
	[CONTAINER_NONE] = "", [CONTAINER_DOCKER] = "docker", [CONTAINER_CONTAINERD] = "containerd",
	[CONTAINER_CRIO] = "crio", [CONTAINER_PODMAN] = "podman", [CONTAINER_OCI] = "container",
	[CONTAINER_POD] = "pod", [CONTAINER_LXC] = "lxc", [CONTAINER_MACHINE] = "machine",
	[CONTAINER_SYSTEMD] = "systemd",
};

static bool has_pod(const struct container_label *label)
{
	return label && *label->pod;
}

void container_text(const struct container *c, const struct container_label *label, char *buf,
		    size_t size)
{
	*buf = '\0';
	if (c->kind == CONTAINER_NONE)
		return;
	if (has_pod(label))
		snprintf(buf, size, "pod:%s/%s/%s", label->ns, label->pod, label->container);
	else if (*c->id)
		snprintf(buf, size, "%s:%.*s", kind_names[c->kind], CONTAINER_SHORT, c->id);
	else
		snprintf(buf, size, "%s:%s", kind_names[c->kind], *c->name ? c->name : c->uid);
}

/* ---- what --container asks for ---- */

bool container_want_valid(const char *want)
{
	const char *p = want;

	for (; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-:@/\\+", *p))
			return false;
	return p > want && p - want < 512;
}

static bool is_pod_name(const struct container_label *l, const char *want)
{
	char full[CONTAINER_TEXT + 8];

	if (!strcmp(want, l->pod) || !strcmp(want, l->container))
		return true;
	snprintf(full, sizeof(full), "%s/%s", l->ns, l->pod);
	if (!strcmp(want, full))
		return true;
	snprintf(full, sizeof(full), "%s/%s/%s", l->ns, l->pod, l->container);
	return !strcmp(want, full);
}

enum container_match container_matches(const struct container *c,
				       const struct container_label *label, const char *want)
{
	const char *kind = kind_names[c->kind];
	size_t n = strlen(kind);

	if (c->kind == CONTAINER_NONE)
		return MATCH_NONE;
	if (!strncmp(want, kind, n) && want[n] == ':')
		want += n + 1;
	else if ((has_pod(label) || *c->uid) && !strncmp(want, "pod:", 4))
		want += 4;
	n = strlen(want);
	if (!n)
		return MATCH_NONE;
	if (*c->id && n <= CONTAINER_ID && all_hex(want, n) && !memcmp(c->id, want, n))
		return MATCH_ID;
	if (!strcmp(want, c->name) || !strcmp(want, c->uid))
		return MATCH_NAME;
	if (c->kind == CONTAINER_SYSTEMD && !strncmp(want, c->name, n) && !strcmp(c->name + n, ".service"))
		return MATCH_NAME;
	if (label && (!strcmp(want, label->name) || (has_pod(label) && is_pod_name(label, want))))
		return MATCH_NAME;
	return MATCH_NONE;
}

/* ---- labels ---- */

struct container_labels {
	char root[PATH_MAX / 2];
	struct container_label *v;
	size_t n, cap;
};

/* False: that is no name. */
static bool copy_part(char *out, size_t size, struct part p)
{
	if (!p.n || p.n >= size)
		return false;
	for (size_t i = 0; i < p.n; i++)
		if (!is_plain((unsigned char)p.s[i]))
			return false;
	memcpy(out, p.s, p.n);
	out[p.n] = '\0';
	return true;
}

bool container_link(const char *link, struct container_label *out)
{
	struct part all = { link, strlen(link) }, pod = { link, strcspn(link, "_") }, ns, rest;

	memset(out, 0, sizeof(*out));
	if (!cut_tail(&all, ".log") || pod.n >= all.n)
		return false;
	ns.s = link + pod.n + 1;
	ns.n = strcspn(ns.s, "_");
	rest.s = ns.s + ns.n + 1;
	if (ns.s + ns.n >= link + all.n)
		return false;
	rest.n = (size_t)(link + all.n - rest.s);
	if (rest.n < CONTAINER_ID + 2 || rest.s[rest.n - CONTAINER_ID - 1] != '-')
		return false;
	all = (struct part){ rest.s + rest.n - CONTAINER_ID, CONTAINER_ID };
	rest.n -= CONTAINER_ID + 1;
	return is_id(all) && copy_part(out->id, sizeof(out->id), all) &&
	       copy_part(out->pod, sizeof(out->pod), pod) &&
	       copy_part(out->ns, sizeof(out->ns), ns) &&
	       copy_part(out->container, sizeof(out->container), rest);
}

int container_labels_open(struct container_labels **out, const char *root)
{
	struct container_labels *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	snprintf(l->root, sizeof(l->root), "%s", root);
	*out = l;
	return 0;
}

void container_labels_close(struct container_labels *l)
{
	if (!l)
		return;
	free(l->v);
	free(l);
}

static const struct container_label *find_known(const struct container_labels *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].id, id))
			return &l->v[i];
	return NULL;
}

static void add_label(struct container_labels *l, const struct container_label *label)
{
	struct container_label *v;

	if (find_known(l, label->id))
		return;
	if (l->n == l->cap) {
		v = realloc(l->v, (l->cap ? l->cap * 2 : 16) * sizeof(*v));
		if (!v)
			return;
		l->v = v;
		l->cap = l->cap ? l->cap * 2 : 16;
	}
	l->v[l->n++] = *label;
}

static void read_links(struct container_labels *l)
{
	struct container_label label;
	char path[PATH_MAX];
	struct dirent *de;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/var/log/containers", l->root);
	dir = opendir(path);
	while (dir && (de = readdir(dir)))
		if (container_link(de->d_name, &label))
			add_label(l, &label);
	if (dir)
		closedir(dir);
}

/* Docker's own file: one line of JSON, with "Name":"/web" in it. */
static void read_docker(struct container_labels *l, const char *id)
{
	struct container_label label = { 0 };
	char path[PATH_MAX], *line = NULL, *at;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/var/lib/docker/containers/%s/config.v2.json", l->root, id);
	f = fopen(path, "re");
	if (!f)
		return;
	if (getline(&line, &size, f) > 0 && (at = strstr(line, "\"Name\":\"/"))) {
		struct part name = { at + 9, strcspn(at + 9, "\"\\") };

		if (copy_part(label.name, sizeof(label.name), name)) {
			snprintf(label.id, sizeof(label.id), "%s", id);
			add_label(l, &label);
		}
	}
	free(line);
	fclose(f);
}

const struct container_label *container_label_find(struct container_labels *l,
						    const struct container *c)
{
	const struct container_label *found = *c->id ? find_known(l, c->id) : NULL;

	if (found || !*c->id)
		return found;
	if (*c->uid)
		read_links(l);
	else if (c->kind == CONTAINER_DOCKER)
		read_docker(l, c->id);
	return find_known(l, c->id);
}
