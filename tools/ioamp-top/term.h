/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * term - the terminal: shows a grid of cells, reads keys. The only user of ncursesw. One
 * terminal at a time. term_close() and a deadly signal restore the terminal.
 */
#ifndef IOAMP_TERM_H
#define IOAMP_TERM_H

#include "tools/ioamp-top/grid.h"
#include "base/log.h"

struct term_wish {
	bool mouse, color;
};

/* Makes a screen of standard input and output. 0, or -errno with `f` filled. Sets LC_CTYPE. */
int term_open(const struct term_wish *wish, struct failure *f);
void term_close(void);

/* May characters beyond ASCII be drawn? After term_open(). */
bool term_is_utf8(void);
/* The size now; call this also after SIGWINCH. */
void term_size(unsigned int *rows, unsigned int *cols);
/* Draws the cells that have changed. `scheme`: colours, see term.c. */
void term_show(const struct grid *g, unsigned int scheme);
/* The next key: a character, or one of enum top_special. Does not wait; false: no key. */
bool term_key(uint32_t *key, unsigned int *y, unsigned int *x);
/* Before the process stops (Ctrl-Z), and after it continues. */
void term_leave(void);
void term_return(void);

#endif
