/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_labels - the names of containers, from files that the kubelet and docker leave. */
#ifndef IOAMP_CONTAINER_LABELS_H
#define IOAMP_CONTAINER_LABELS_H

#include "machine/container.h"

/* The names of a container; unknown ones are "". */
struct container_label {
	char id[CONTAINER_ID + 1];
	char pod[256], ns[256], container[256];	/* Kubernetes */
	char name[256];				/* docker */
};

/* Parses the name of a kubelet's link, POD_NAMESPACE_CONTAINER-ID.log. False: another name. Pure. */
bool container_labels_link(const char *link, struct container_label *out);

/*
 * Labels are read below `root` ("" for this machine) on demand. A label stays known after its file
 * was removed.
 */
struct container_labels;
int container_labels_open(struct container_labels **out, const char *root);	/* 0, -ENOMEM */
void container_labels_close(struct container_labels *l);
/* NULL: none. Valid until the next call. */
const struct container_label *container_label_find(struct container_labels *l,
						    const struct container *c);

#endif
