/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_edit - the line of text at the bottom of the screen: a search or a filter. */
#include "tools/ioamp-top/top_edit.h"

#include <string.h>

#include "base/utf8.h"
#include "tools/ioamp-top/top_filter.h"

void top_edit_begin(struct top *t, enum top_line_edit kind)
{
	t->edit.kind = kind;
	snprintf(t->edit.text, sizeof(t->edit.text), "%s", kind == EDIT_FILTER ? t->filter : "");
}

static void edit_done(struct top *t)
{
	const char *wrong;

	if (t->edit.kind == EDIT_FILTER) {
		wrong = top_filter_wrong(t->edit.text);
		if (wrong) {
			top_say(t, "%s", wrong);
			return;
		}
		memcpy(t->filter, t->edit.text, sizeof(t->filter));
	} else if (*t->edit.search && !top_place_search(&t->place, &t->lines, t->edit.search, true)) {
		top_say(t, "nothing here has \"%s\" in its name", t->edit.search);
	}
	t->edit.kind = EDIT_NONE;
}

static void edit_add(struct top_edit *e, uint32_t key)
{
	size_t used = strlen(e->text);

	if (used + UTF8_MAX >= sizeof(e->text) || key < ' ' || key == 0x7f)
		return;
	e->text[used + utf8_encode(e->text + used, key)] = 0;
}

static void edit_cut(struct top_edit *e)
{
	size_t n = strlen(e->text);

	while (n && (e->text[n - 1] & 0xc0) == 0x80)
		n--;
	e->text[n ? n - 1 : 0] = 0;
}

enum top_want top_edit_press(struct top *t, uint32_t key)
{
	switch (key) {
	case KEYS_ENTER:
		edit_done(t);
		return WANT_NOTHING;
	case KEYS_ESCAPE:
		t->edit.kind = EDIT_NONE;
		return WANT_NOTHING;
	case KEYS_BACK:
		edit_cut(&t->edit);
		break;
	case 'U' - '@':		/* Ctrl-U deletes the line, as in a shell */
		t->edit.text[0] = 0;
		break;
	default:
		if (key >= KEYS_FIRST)
			return WANT_NOTHING;
		edit_add(&t->edit, key);
	}
	if (t->edit.kind == EDIT_SEARCH) {
		memcpy(t->edit.search, t->edit.text, sizeof(t->edit.search));
		top_place_search(&t->place, &t->lines, t->edit.search, true);
	}
	return WANT_NOTHING;
}
