/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8 - text in UTF-8: checks, decodes, escapes, counts columns and clips. Pure; independent
 * of the locale.
 */
#ifndef IOAMP_UTF8_H
#define IOAMP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Strict UTF-8 (no overlong form, surrogate, or code point above U+10FFFF):
 * length of the sequence at `s` and its code point; 0: the byte is invalid.
 */
size_t utf8_decode(const char *s, uint32_t *code);
bool utf8_valid(const char *s);
/* Writes the sequence of a code point, without a NUL. Its length. */
#define UTF8_MAX	4
size_t utf8_encode(char out[UTF8_MAX], uint32_t code);

/*
 * Escapes a byte string for a terminal: bytes that move the cursor, change colours or reorder
 * text, and bytes that are not UTF-8, become \xNN. NULL becomes "-", an empty string "''". Cuts at
 * the end of the buffer, never inside a character.
 */
void utf8_safe(char *buf, size_t size, const char *name);

/*
 * The character at `s`: its length in bytes and its columns of a terminal, as wcwidth(3) counts them:
 * 0 for a combining mark, 2 for a wide character. An invalid byte, a character that utf8_safe()
 * would replace, and one that wcwidth() does not know are one column, with '?' as `code`. In the C
 * locale wcwidth() knows ASCII alone: tool_main() chooses a locale of UTF-8.
 */
size_t utf8_next(const char *s, uint32_t *code, size_t *columns);
size_t utf8_columns(const char *s);
/*
 * Cuts text of `size` bytes to `columns`, in place. `dots` replaces what was cut, at the end
 * or, with `keep_tail` (paths), at the front; where it does not fit, nothing does.
 */
void utf8_clip(char *s, size_t size, size_t columns, const char *dots, bool keep_tail);

#endif
