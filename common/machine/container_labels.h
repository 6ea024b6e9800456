/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_labels - the names of containers, from files that the kubelet and docker leave. */
#ifndef IOAMP_CONTAINER_LABELS_H
#define IOAMP_CONTAINER_LABELS_H

#include "machine/container.h"

/* What is known by id; "" unknown. */
struct container_label {
	char id[CONTAINER_ID + 1];
	char pod[256], ns[256], container[256];	/* Kubernetes */
	char name[256];				/* docker */
};

/* From the name of a kubelet's link, POD_NAMESPACE_CONTAINER-ID.log. Pure; false: none. */
bool container_link(const char *link, struct container_label *out);

/*
 * Labels, read below `root` ("" is the machine's own) when they are asked for;
 * what was found once stays, also when its file goes.
 */
struct container_labels;
int container_labels_open(struct container_labels **out, const char *root);	/* 0, -ENOMEM */
void container_labels_close(struct container_labels *l);
/* NULL: none. Valid until the next call. */
const struct container_label *container_label_find(struct container_labels *l,
						    const struct container *c);

#endif
