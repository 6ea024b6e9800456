/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container - recognises containers by the paths that container runtimes give their control
 * groups. Pure.
 */
#ifndef IOAMP_CONTAINER_H
#define IOAMP_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

enum container_kind {
	CONTAINER_NONE,
	CONTAINER_DOCKER, CONTAINER_CONTAINERD, CONTAINER_CRIO, CONTAINER_PODMAN,
	CONTAINER_OCI,		/* has an id, unknown runtime */
	CONTAINER_POD,		/* a pod, not one of its containers */
	CONTAINER_LXC, CONTAINER_MACHINE,
	CONTAINER_SYSTEMD,	/* a service of the system */
};

#define CONTAINER_ID	64	/* hex digits */
#define CONTAINER_SHORT	12	/* hex digits that are shown */
#define CONTAINER_TEXT	768	/* room for container_text() */

struct container {
	enum container_kind kind;
	char id[CONTAINER_ID + 1];	/* "": none */
	char uid[40];			/* of the pod, with dashes; "": none */
	char name[256];			/* CONTAINER_LXC, _MACHINE, _SYSTEMD; "": none; ASCII */
};

/* The innermost container of a path, or a service if the path has no container. */
void container_parse(const char *path, struct container *out);

struct container_label;	/* container_labels.h */

/* "docker:0123456789ab", "pod:NAMESPACE/POD/CONTAINER", "systemd:cron.service"; "" for none. */
void container_text(const struct container *c, const struct container_label *label, char *buf,
		    size_t size);

enum container_match { MATCH_NONE, MATCH_ID, MATCH_NAME };
/* Does `want` (--container) mean it: by the first digits of the id, a name, or container_text()? */
enum container_match container_matches(const struct container *c,
				       const struct container_label *label, const char *want);
/* Are all characters allowed in an argument of --container? */
bool container_want_valid(const char *want);

#endif
