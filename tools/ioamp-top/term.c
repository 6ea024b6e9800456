/* SPDX-License-Identifier: GPL-3.0-or-later */
/* term - the terminal, by ncursesw. */
#include "tools/ioamp-top/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tools/ioamp-top/top_keys.h"
#include "tools/ioamp-top/top_layout.h"

#define ESCAPE_MS	25	/* without another byte for so long, ESC is the key Esc */

/* The only static state of the tool: a signal handler has to restore the terminal. */
static struct {
	SCREEN *screen;
	FILE *in, *out;
	struct termios saved;
	bool has_saved, color;
} term;

/* ---- signals that kill ---- */

static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS };

/* Async-signal-safe calls only, so escape sequences in place of ncurses: common terminals share these. */
static void on_deadly(int sig)
{
	static const char reset[] = "\033[?1l\033>\033[?1006l\033[?1002l\033[?1000l\033[?1049l\033[?25h\033[m\r\n";

	if (write(STDOUT_FILENO, reset, sizeof(reset) - 1) < 0)
		sig = sig + 0;	/* there is nowhere to report this */
	if (term.has_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void watch_deadly(void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_NODEFER };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		sigaction(deadly[i], &sa, NULL);
}

/* ---- open and close ---- */

static int refuse(struct failure *f, const char *why)
{
	const char *type = getenv("TERM");

	log_failure_set(f, ERR_TERMINAL,
		    "ioamp-top -C    or set TERM, as in: TERM=xterm ioamp-top", "TERM=%s: %s",
		    type ? type : "", why);
	return -ENOTSUP;
}

static void set_modes(const struct term_wish *wish)
{
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	if (wish->mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0);
	}
	term.color = wish->color && has_colors();
	if (term.color) {
		start_color();
		use_default_colors();
		for (short c = 0; c < 8; c++) {
			init_pair((short)(c + 1), c, -1);
			init_pair((short)(c + 9), COLOR_BLACK, c);
		}
	}
}

int term_open(const struct term_wish *wish, struct failure *f)
{
	const char *type = getenv("TERM");
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);

	setlocale(LC_CTYPE, "");
	if (!type || !*type) {
		close(in);
		close(out);
		return refuse(f, "it is not set");
	}
	term.has_saved = !tcgetattr(STDIN_FILENO, &term.saved);
	term.in = fdopen(in, "r");
	term.out = fdopen(out, "w");
	if (term.in && term.out)
		term.screen = newterm(type, term.out, term.in);
	if (!term.screen) {
		term_close();
		return refuse(f, "this type is not known here (terminfo)");
	}
	set_term(term.screen);
	watch_deadly(on_deadly);
	set_modes(wish);
	return 0;
}

void term_close(void)
{
	if (term.screen) {
		endwin();
		delscreen(term.screen);
		watch_deadly(SIG_DFL);
	}
	if (term.in)
		fclose(term.in);
	if (term.out)
		fclose(term.out);
	memset(&term, 0, sizeof(term));
}

bool term_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

void term_size(unsigned int *rows, unsigned int *cols)
{
	struct winsize ws;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row && ws.ws_col &&
	    (ws.ws_row != LINES || ws.ws_col != COLS))
		resizeterm(ws.ws_row, ws.ws_col);
	*rows = LINES > 0 ? (unsigned int)LINES : 24;
	*cols = COLS > 0 ? (unsigned int)COLS : 80;
}

void term_leave(void)
{
	endwin();
}

void term_return(void)
{
	clearok(curscr, TRUE);
	refresh();
}

/* ---- out ---- */

#define FG(color)	COLOR_PAIR((color) + 1)
#define BG(color)	COLOR_PAIR((color) + 9)

/* The attributes of a style without colour. */
static attr_t plain_attributes(enum grid_style style)
{
	switch (style) {
	case STYLE_BOLD: case STYLE_GOOD: case STYLE_FAIR: case STYLE_BAD: case STYLE_KEY:
	case STYLE_POPUP_TITLE:
		return A_BOLD;
	case STYLE_DIM: return A_DIM;
	case STYLE_HEAD: case STYLE_SELECT: case STYLE_KEY_WHAT: return A_REVERSE;
	case STYLE_SORT: return A_REVERSE | A_BOLD;
	case STYLE_TAB_ON: return A_REVERSE;
	case STYLE_ALERT: return A_BOLD;
	default: return A_NORMAL;
	}
}

/* Scheme 0 fits dark and light backgrounds; scheme 1 replaces green and red for the colour-blind. */
static attr_t attributes(enum grid_style style, unsigned int scheme)
{
	bool blind = scheme == 1;

	if (!term.color || scheme == TOP_SCHEMES - 1)
		return plain_attributes(style);
	switch (style) {
	case STYLE_GOOD: return FG(blind ? COLOR_CYAN : COLOR_GREEN) | A_BOLD;
	case STYLE_FAIR: return FG(COLOR_YELLOW) | A_BOLD;
	case STYLE_BAD: return FG(blind ? COLOR_MAGENTA : COLOR_RED) | A_BOLD;
	case STYLE_HEAD: return BG(blind ? COLOR_BLUE : COLOR_GREEN);
	case STYLE_SORT: return BG(blind ? COLOR_YELLOW : COLOR_CYAN);
	case STYLE_SELECT: return BG(COLOR_CYAN);
	case STYLE_TAB_ON: return BG(COLOR_CYAN);
	case STYLE_KEY_WHAT: return BG(COLOR_CYAN);
	case STYLE_ALERT: return FG(blind ? COLOR_MAGENTA : COLOR_RED) | A_BOLD;
	case STYLE_POPUP_TITLE: return FG(COLOR_CYAN) | A_BOLD;
	default: return plain_attributes(style);
	}
}

/* Writes runs of one style. ncurses finds out which cells have changed. */
static void show_line(const struct grid *g, unsigned int y, unsigned int scheme)
{
	const struct grid_cell *line = &g->v[(size_t)y * g->cols];
	wchar_t text[512];

	for (unsigned int x = 0; x < g->cols;) {
		unsigned int from = x, n = 0;

		while (x < g->cols && line[x].style == line[from].style && n < 511) {
			if (line[x].ch)
				text[n++] = (wchar_t)line[x].ch;
			x++;
		}
		text[n] = 0;
		attrset(attributes((enum grid_style)line[from].style, scheme));
		mvaddnwstr((int)y, (int)from, text, (int)n);
	}
}

void term_show(const struct grid *g, unsigned int scheme)
{
	erase();
	for (unsigned int y = 0; y < g->rows; y++)
		show_line(g, y, scheme);
	attrset(A_NORMAL);
	refresh();
}

/* ---- in ---- */

static uint32_t special(wint_t code)
{
	static const struct { int code; uint32_t key; } keys[] = {
		{ KEY_UP, KEYS_UP }, { KEY_DOWN, KEYS_DOWN }, { KEY_LEFT, KEYS_LEFT },
		{ KEY_RIGHT, KEYS_RIGHT }, { KEY_PPAGE, KEYS_PAGE_UP }, { KEY_NPAGE, KEYS_PAGE_DOWN },
		{ KEY_HOME, KEYS_HOME }, { KEY_END, KEYS_END }, { KEY_ENTER, KEYS_ENTER },
		{ KEY_BACKSPACE, KEYS_BACK }, { KEY_BTAB, KEYS_TAB_BACK },
		{ KEY_F(1), KEYS_F1 }, { KEY_F(2), KEYS_F2 }, { KEY_F(3), KEYS_F3 }, { KEY_F(4), KEYS_F4 },
		{ KEY_F(5), KEYS_F5 }, { KEY_F(6), KEYS_F6 }, { KEY_F(7), KEYS_F7 }, { KEY_F(8), KEYS_F8 },
		{ KEY_F(9), KEYS_F9 }, { KEY_F(10), KEYS_F10 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].code == (int)code)
			return keys[i].key;
	return 0;
}

static uint32_t character(wint_t ch)
{
	switch (ch) {
	case '\r': case '\n': return KEYS_ENTER;
	case '\t': return KEYS_TAB;
	case 0x1b: return KEYS_ESCAPE;
	case 0x7f: case '\b': return KEYS_BACK;
	default: return (uint32_t)ch;
	}
}

static uint32_t mouse(unsigned int *y, unsigned int *x)
{
	MEVENT e;

	if (getmouse(&e) != OK || e.y < 0 || e.x < 0)
		return 0;
	*y = (unsigned int)e.y;
	*x = (unsigned int)e.x;
	if (e.bstate & BUTTON4_PRESSED)
		return KEYS_WHEEL_UP;
	if (e.bstate & BUTTON5_PRESSED)
		return KEYS_WHEEL_DOWN;
	return e.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? KEYS_CLICK : 0;
}

bool term_key(uint32_t *key, unsigned int *y, unsigned int *x)
{
	wint_t ch;

	*y = *x = 0;
	for (;;) {
		int kind = get_wch(&ch);

		if (kind == ERR)
			return false;
		*key = kind != KEY_CODE_YES ? character(ch) : ch == KEY_MOUSE ? mouse(y, x) : special(ch);
		if (*key)
			return true;
	}
}
