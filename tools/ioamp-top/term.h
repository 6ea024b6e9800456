/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * term - the terminal: a grid of cells goes out, keys come in. The only user of
 * ncursesw. One terminal at a time; it is as it was before after term_close(),
 * and after a signal that kills.
 */
#ifndef IOAMP_TERM_H
#define IOAMP_TERM_H

#include "tools/ioamp-top/grid.h"
#include "base/log.h"

struct term_wish {
	bool mouse, color;
};

/* Standard input and output become a screen. 0, or -errno with `f` filled. Sets LC_CTYPE. */
int term_open(const struct term_wish *wish, struct failure *f);
void term_close(void);

/* May characters beyond ASCII be drawn? After term_open(). */
bool term_is_utf8(void);
/* As it is now; call it after SIGWINCH, too. */
void term_size(unsigned int *rows, unsigned int *cols);
/* Draws what differs from the last time. `scheme` of colours, see term.c. */
void term_show(const struct grid *g, unsigned int scheme);
/* The next key (a character, or one of enum top_special), without waiting; false: none. */
bool term_key(uint32_t *key, unsigned int *y, unsigned int *x);
/* Before the process is stopped, and after it goes on. */
void term_leave(void);
void term_return(void);

#endif
