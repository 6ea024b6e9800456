/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_keys - the keys of ioamp-top's screen: what each does, and its line of the help. */
#ifndef IOAMP_TOP_KEYS_H
#define IOAMP_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that are no characters. */
enum top_special {
	KEYS_FIRST = 0x110000,	/* beyond Unicode */
	KEYS_UP, KEYS_DOWN, KEYS_LEFT, KEYS_RIGHT, KEYS_PAGE_UP, KEYS_PAGE_DOWN, KEYS_HOME, KEYS_END,
	KEYS_ENTER, KEYS_BACK, KEYS_ESCAPE, KEYS_TAB, KEYS_TAB_BACK,
	KEYS_F1, KEYS_F2, KEYS_F3, KEYS_F4, KEYS_F5, KEYS_F6, KEYS_F7, KEYS_F8, KEYS_F9, KEYS_F10,
	KEYS_CLICK, KEYS_WHEEL_UP, KEYS_WHEEL_DOWN,	/* with a position */
};

/* What a key asks its caller to do. */
enum top_want { WANT_NOTHING, WANT_QUIT, WANT_ROWS, WANT_SAVE, WANT_EXPORT };

struct top;

#define TOP_KEY_SAME 3
struct top_key {
	uint32_t key[TOP_KEY_SAME];	/* all do the same; 0: none */
	enum top_want (*press)(struct top *t, int arg);
	int arg;
	const char *names;		/* separated by blanks; the manual lists each */
	/* A line of the help. NULL as `help`: the line of another key covers this one. */
	const char *label;		/* NULL: the names */
	const char *help;
	bool beside;			/* in the same line as the entry above */
};

/* In the order of the help. */
extern const struct top_key top_keys[];
extern const size_t top_keys_count;

/* Handles one key. (y, x): the position of a mouse key. */
enum top_want top_keys_press(struct top *t, uint32_t key, unsigned int y, unsigned int x);

#endif
