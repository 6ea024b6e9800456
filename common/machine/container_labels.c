/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_labels - the names of containers, from files that the kubelet and docker leave. */
#include "machine/container_labels.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "machine/container_part.h"

struct container_labels {
	char root[PATH_MAX / 2];
	struct container_label *v;
	size_t n;
};

/* False: empty, too long, or not printable ASCII. */
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

bool container_labels_link(const char *link, struct container_label *out)
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
	v = grow_by_one(l->v, l->n, sizeof(*v));
	if (!v)
		return;
	l->v = v;
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
		if (container_labels_link(de->d_name, &label))
			add_label(l, &label);
	if (dir)
		closedir(dir);
}

/* docker's file is one line of JSON that contains "Name":"/web". */
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
