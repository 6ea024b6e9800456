/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_layout - the saved layout of ioamp-top's screen: an INI file of the user's. */
#ifndef IOAMP_TOP_LAYOUT_H
#define IOAMP_TOP_LAYOUT_H

#include "tools/ioamp-top/top.h"

/*
 * Sets what the file says. 0; the number of the first line that was not understood (such
 * lines change nothing); or -EIO when the stream failed.
 */
int top_layout_parse(struct top_layout *l, FILE *f);
/* Writes a file that top_layout_parse() takes. 0 or -errno of the stream. Pure. */
int top_layout_print(const struct top_layout *l, FILE *f);

/*
 * $XDG_CONFIG_HOME/ioamp/toprc, else $HOME/.config/ioamp/toprc. Loading: 0, also when there is
 * none; saving: 0. Else a negative number, and `why` says what is wrong for people.
 */
int top_layout_load(struct top_layout *l, char *why, size_t size);
int top_layout_save(const struct top_layout *l, char *why, size_t size);

#endif
