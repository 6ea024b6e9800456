/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bios - the kernel side's records of bios on their way: queued, and not completed. */
#ifndef IOAMP_BIOS_H
#define IOAMP_BIOS_H

#include "engine/engine.h"
#include "ledger/counts.h"

struct bio_entry {
	__u64 bio;	/* address */
	struct bio_record r;
};

/* All records; the caller frees *out. 0 or -errno. */
int bios_read(const struct engine *e, struct bio_entry **out, size_t *n);
/* Appends the bytes of one that are not completed to `to`, under `layer`, for each owner. 0 or -ENOMEM. */
int bios_count(const struct bio_record *r, __u8 layer, struct counts *to);

#endif
