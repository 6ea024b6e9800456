/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container - recognises containers by the paths of their control groups. */
#include "machine/container.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "machine/container_labels.h"
#include "machine/container_part.h"

/* ---- names ---- */

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/*
 * systemd escapes characters in names of units as \x2d. Undoes that for printable ASCII, and
 * escapes all other bytes in the same way.
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

/* `p`: the text before the id. Its last word, behind a ':', names the runtime. */
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

/* The monitor process of a container is not inside the container. */
static bool is_monitor(struct part p, struct part before)
{
	struct part name = p;

	if (cut_head(&name, "lxc.monitor.") || part_is(before, "lxc.monitor"))
		return true;
	cut_tail(&p, ".scope");
	return (cut_head(&p, "crio-conmon-") || cut_head(&p, "libpod-conmon-")) && is_id(p);
}

/* [RUNTIME-]ID[.scope]; SLICE:RUNTIME:ID if runtime and kubelet disagree on the cgroup driver. */
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
#define UID_SHORT	32	/* static pods have a checksum */

static bool is_uid(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool dash = n == UID_LONG && (i == 8 || i == 13 || i == 18 || i == 23);

		if (dash ? s[i] != '-' && s[i] != '_' : !is_hex(s[i]))
			return false;
	}
	return true;
}

/* "podUID", or "kubepods-burstable-podUID.slice" with underscores in place of dashes. */
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
