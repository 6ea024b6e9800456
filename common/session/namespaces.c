/* SPDX-License-Identifier: GPL-3.0-or-later */
/* namespaces - the mounts of other mount namespaces: a container has mounts of its own. */
#include "session/namespaces.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int view_add(struct namespaces *ns, uint32_t pid, ino_t id)
{
	struct namespace_view *v;
	struct mounts m;

	for (size_t i = 0; i < ns->n; i++)
		if (ns->v[i].id == id)
			return 0;
	if (mounts_read_of(&m, pid))
		return 0;	/* the process has just ended: another one of the namespace follows */
	v = realloc(ns->v, (ns->n + 1) * sizeof(*v));
	if (!v) {
		mounts_free(&m);
		return -ENOMEM;
	}
	ns->v = v;
	v += ns->n++;
	v->mounts = m;
	v->id = id;
	snprintf(v->root, sizeof(v->root), "/proc/%u/root", pid);
	return 0;
}

/* Any process of a namespace will do: the one that used a file may have ended. */
int namespaces_read(struct namespaces *ns)
{
	char path[64];
	struct stat own, st;
	struct dirent *e;
	uint32_t pid;
	DIR *proc = NULL;
	int err = 0;

	if (!ns->read && !stat("/proc/self/ns/mnt", &own))
		proc = opendir("/proc");
	ns->read = true;
	while (proc && !err && (e = readdir(proc))) {
		if (sscanf(e->d_name, "%u", &pid) != 1)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/ns/mnt", pid);
		if (!stat(path, &st) && st.st_ino != own.st_ino)
			err = view_add(ns, pid, st.st_ino);
	}
	if (proc)
		closedir(proc);
	return err;
}

void namespaces_free(struct namespaces *ns)
{
	for (size_t i = 0; i < ns->n; i++)
		mounts_free(&ns->v[i].mounts);
	free(ns->v);
}
