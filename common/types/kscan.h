/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kscan - a small scanner of C headers: structures, members, tracepoints. Pure. */
#ifndef IOAMP_KSCAN_H
#define IOAMP_KSCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Comments become blanks, in place. */
void kscan_strip(char *text);
/* The text between the braces of `struct TAG {`; NULL when not defined here. */
const char *kscan_body(const char *text, const char *tag, size_t *len);
/* A member is declared in the body, at any depth. */
bool kscan_member(const char *body, size_t len, const char *member);
/* -ENOENT: no such event, or none of its arguments is `struct TAG *`. */
int kscan_tp_arg(const char *text, const char *event, const char *tag);
bool kscan_tp(const char *text, const char *event);
/* Number of arguments, or -ENOENT. */
int kscan_tp_nargs(const char *text, const char *event);

#endif
