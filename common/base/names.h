/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names - words for the enums of abi.h, as output, options and manuals have them. Pure. */
#ifndef IOAMP_NAMES_H
#define IOAMP_NAMES_H

#include <stdbool.h>

#include "probes/abi.h"

/* Each returns "?" for a value that the enum does not have. */
const char *names_layer(enum layer layer);	/* "application", ... */
const char *names_class(enum io_class cls);	/* "data", ... */
const char *names_iface(enum iface iface);	/* "pwrite64", "io_uring", ... */
const char *names_part(enum lat_part part);	/* "above_block", ... */
const char *names_op(enum op op);	/* "read", ...; "other" for a value that is no operation */

/* Bytes are estimated: whole pages of mappings, libaio requests as submitted. */
bool names_iface_is_estimate(enum iface iface);

#endif
