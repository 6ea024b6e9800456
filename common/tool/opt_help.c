/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_help - what the tools say of themselves: usage, options, examples and version. */
#include "tool/opt_internal.h"

#include <string.h>

#include "report/top_columns.h"

static const struct tool_words {
	enum opt_tool tool;
	const char *name, *usage, *examples;
} tool_words[] = {
	{
		TOOL_STAT, "ioamp-stat",
		"Usage: ioamp-stat [OPTIONS] [--] COMMAND [ARG...]\n"
		"       ioamp-stat [OPTIONS] {-p PID | --cgroup PATH | --container ID | -a}\n"
		"                  [--duration TIME]\n"
		"Run COMMAND, or watch a target until --duration or Ctrl-C, and count the bytes\n"
		"and operations that its I/O became at each layer of the kernel.\n",
		"  ioamp-stat dd if=/dev/zero of=x bs=4k count=99   # what this dd costs a disk\n"
		"  ioamp-stat -j -o sum.json -- make                # JSON into a file\n"
		"  ioamp-stat -p 1234 --duration 10                 # a running process, 10 s\n"
		"  ioamp-stat --cgroup system.slice/cron.service    # a service, until Ctrl-C\n"
		"  ioamp-stat -a --by device --duration 1m          # the machine, by disk\n"
		"  ioamp-stat --settle none -- cp -r a b            # dirty data stays pending\n",
	},
	{
		TOOL_SNOOP, "iosnoop-amp",
		"Usage: iosnoop-amp [OPTIONS] [-- COMMAND [ARG...]]\n"
		"Print one line per I/O event at each layer of the kernel until --duration,\n"
		"Ctrl-C or the end of COMMAND, then a summary.\n",
		"  iosnoop-amp                               # all I/O of the machine\n"
		"  iosnoop-amp -x -- dd if=/dev/zero of=x    # a command, more columns\n"
		"  iosnoop-amp -p 1234 --duration 10         # a running process, 10 seconds\n"
		"  iosnoop-amp --layer block,device -d sda   # two layers, one disk\n"
		"  iosnoop-amp --layer device --min-us 10000 # what took a device 10 ms or more\n"
		"  iosnoop-amp -j --duration 5s >io.json     # JSON Lines\n",
	},
	{
		TOOL_LATENCY, "iolatency-layers",
		"Usage: iolatency-layers [OPTIONS] [INTERVAL [COUNT]] [-- COMMAND [ARG...]]\n"
		"Say where the time of I/O goes, in parts that add up to what callers waited,\n"
		"each INTERVAL, or once at --duration, Ctrl-C or the end of COMMAND.\n",
		"  iolatency-layers                          # the machine, until Ctrl-C\n"
		"  iolatency-layers 5 3                      # three times five seconds\n"
		"  iolatency-layers -- fio job.fio           # a command\n"
		"  iolatency-layers -p 1234 -m --duration 10 # a process, in milliseconds\n"
		"  iolatency-layers -d sda --by device 1     # a disk, each second\n"
		"  iolatency-layers -j 1 >waits.json         # JSON Lines\n",
	},
	{
		TOOL_TOP, "ioamp-top",
		"Usage: ioamp-top [OPTIONS] [INTERVAL [COUNT]] [-- COMMAND [ARG...]]\n"
		"Show who amplifies I/O now, refreshed each INTERVAL (1 s): systems, roles, files,\n"
		"devices, processes and control groups. On a terminal a screen with keys (h lists\n"
		"them); else, or with -C, one table after the other.\n",
		"  ioamp-top                            # the machine, on a screen\n"
		"  ioamp-top --by process -s dev-w 5    # processes, every 5 seconds\n"
		"  ioamp-top -C -r 10 1 3 >table        # three tables of ten rows\n"
		"  ioamp-top -d nvme0n1 --by file       # which files, on one disk\n"
		"  ioamp-top -- make                    # a command and its children\n"
		"  ioamp-top -j 10 >top.json            # one summary every 10 s, JSON Lines\n"
		"  ioamp-top --csv 60 1440 >day.csv     # a day by the minute\n",
	},
	{
		TOOL_DOCTOR, "ioamp-doctor",
		"Usage: ioamp-doctor [OPTIONS]\n"
		"Say what these tools can measure on this machine, why not more, and what to\n"
		"type; or prove the figures with a workload whose I/O is known (--selftest).\n",
		"  ioamp-doctor                        # the machine, and how layers attach\n"
		"  ioamp-doctor -v                     # each probe, too\n"
		"  ioamp-doctor -q                     # only what is wrong; 3: cannot trace\n"
		"  ioamp-doctor -j >doctor.json        # for programs\n"
		"  ioamp-doctor --selftest             # known I/O against every figure\n"
		"  ioamp-doctor --selftest --scratch . # the same on the disk of this directory\n",
	},
};

static const struct tool_words *words_of(enum opt_tool tool)
{
	const struct tool_words *w = tool_words;

	while (w->tool != tool)
		w++;
	return w;
}

const char *opt_tool_name(enum opt_tool tool)
{
	return words_of(tool)->name;
}

/* "-p, --pid PID[,PID]" */
static void option_words(const struct def *d, char *out, size_t size)
{
	const char letter[] = { '-', d->letter, ',', ' ', '\0' };

	snprintf(out, size, "%s--%s%s%s", d->letter ? letter : "", d->name, d->arg ? " " : "",
		 d->arg ? d->arg : "");
}

void opt_help(FILE *f, enum opt_tool tool)
{
	char words[64];

	for (const struct def *d = opt_defs; d < opt_defs + opt_ndefs; d++) {
		if (!(d->tools & tool))
			continue;
		option_words(d, words, sizeof(words));
		fprintf(f, "%s\t%s\n", words, d->help);
	}
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

int opt_print_help(FILE *f, enum opt_tool tool)
{
	char words[64];

	fprintf(f, "%s\nOptions:\n", words_of(tool)->usage);
	for (const struct def *d = opt_defs; d < opt_defs + opt_ndefs; d++) {
		if (!(d->tools & tool))
			continue;
		option_words(d, words, sizeof(words));
		fprintf(f, "  %s%-*s ", d->letter ? "" : "    ",
			HELP_COLUMN - 3 - (d->letter ? 0 : 4), words);
		print_wrapped(f, d->help);
	}
	fprintf(f, "\nExamples:\n%s", words_of(tool)->examples);
	return fflush(f) ? 1 : 0;
}

int opt_print_columns(FILE *f)
{
	for (int c = 0; c < COL_TREND; c++)
		fprintf(f, "%-8s %s\n", top_columns[c].name, top_columns[c].help);
	return fflush(f) ? 1 : 0;
}

int opt_print_version(FILE *f, enum opt_tool tool)
{
	fprintf(f, "%s " IOAMP_VERSION "\n"
		"License GPL-3.0-or-later <https://gnu.org/licenses/gpl.html>; no warranty.\n",
		opt_tool_name(tool));
	return fflush(f) ? 1 : 0;
}
