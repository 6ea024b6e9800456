/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_help - prints --help and --version from the tables of options. */
#include "tool/opt_help.h"

#include <string.h>

#include "tool/tool.h"

void opt_help_option(const struct opt_def *d, char *out, size_t size)
{
	const char letter[] = { '-', d->letter, ',', ' ', '\0' };

	snprintf(out, size, "%s--%s%s%s", d->letter ? letter : "", d->name, d->arg ? " " : "",
		 d->arg ? d->arg : "");
}

void opt_help_text(const struct tool *tool, const struct opt_def *d, char *out, size_t size)
{
	const char *help = d->help, *value;
	size_t n;

	for (const struct opt_words *w = tool->words; w && w->name; w++)
		if (!strcmp(w->name, d->name))
			help = w->help;
	n = (size_t)snprintf(out, size, "%s", help);
	if (!n || help[n - 1] != ':')
		return;
	for (size_t i = 0; n < size && (value = opt_def_value(tool, d, i)); i++)
		n += (size_t)snprintf(out + n, size - n, "%s %s%s", i ? "," : "", value,
				      i ? "" : " (default)");
}

#define HELP_COLUMN	27
#define HELP_WIDTH	(79 - HELP_COLUMN)

/* Text from HELP_COLUMN on, broken between words. */
static void print_wrapped(FILE *f, const char *text)
{
	size_t n;

	while (strlen(text) > HELP_WIDTH) {
		for (n = HELP_WIDTH; text[n] != ' '; n--)
			;
		fprintf(f, "%.*s\n%*s", (int)n, text, HELP_COLUMN, "");
		text += n + 1;
	}
	fprintf(f, "%s\n", text);
}

int opt_help_print(FILE *f, const struct tool *tool)
{
	const struct opt_def *list[OPT_MAX];
	size_t n = opt_def_list(tool, list);
	char words[64], text[256];

	fprintf(f, "%s\nOptions:\n", tool->usage);
	for (size_t i = 0; i < n; i++) {
		opt_help_option(list[i], words, sizeof(words));
		opt_help_text(tool, list[i], text, sizeof(text));
		fprintf(f, "  %s%-*s ", list[i]->letter ? "" : "    ",
			HELP_COLUMN - 3 - (list[i]->letter ? 0 : 4), words);
		print_wrapped(f, text);
	}
	fprintf(f, "\nExamples:\n%s", tool->examples);
	return fflush(f) ? 1 : 0;
}

int opt_help_version(FILE *f, const struct tool *tool)
{
	fprintf(f, "%s " IOAMP_VERSION "\n"
		"License GPL-3.0-or-later <https://gnu.org/licenses/gpl.html>; no warranty.\n",
		tool->name);
	return fflush(f) ? 1 : 0;
}
