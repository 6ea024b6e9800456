/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pid_ns - process numbers: whether those of the tool are those of the kernel, and which process a
 * number of a container means. Reads below /proc.
 */
#ifndef IOAMP_PID_NS_H
#define IOAMP_PID_NS_H

#include <stdbool.h>
#include <stdint.h>

/* Number of the tool's PID namespace; 0: the first one, whose numbers the kernel's programs see. */
uint32_t pid_ns_number(void);

/* Whether /proc shows the tool under the number that getpid() gives. */
bool pid_ns_has_proc(void);

/* A process of the kernel: its I/O belongs to others. False where there is no such process. */
bool pid_ns_is_kernel_thread(uint32_t pid);

/*
 * The process here whose number in a PID namespace below is `inner`. 0: none, or several.
 */
uint32_t pid_ns_outer(uint32_t inner);

#endif
