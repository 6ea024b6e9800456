/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apportion - splits a number into whole parts that add up. Pure. */
#ifndef IOAMP_APPORTION_H
#define IOAMP_APPORTION_H

#include <stddef.h>
#include <stdint.h>

/*
 * Splits `total` over n weights so that the parts add up exactly: largest remainder, ties to the
 * lowest index. All weights 0: part[0] gets everything. Computes in 128 bits, so nothing overflows.
 */
void apportion(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n);

#endif
