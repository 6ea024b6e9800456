/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_complete - the script by which bash completes the command line of a tool. */
#include "tool/opt_complete.h"

#include <string.h>

#include "tool/opt_def.h"
#include "tool/tool.h"

/*
 * What bash offers for a value, by the name of the value in --help. Bash offers nothing for a value
 * that is neither listed here nor has a list of its own.
 */
static const struct { const char *arg, *offer; } offers[] = {
	{ "FILE", "compopt -o default" },
	{ "DIR", "compopt -o default" },
	{ "USER", "COMPREPLY=($(compgen -u -- \"$cur\"))" },
	{ "TID", "words=$(cd /proc && echo [0-9]*)" },
	{ "PID[,PID]", "words=$(cd /proc && echo [0-9]*)" },
	{ "DISK[,DISK]", "words=$(cd /sys/block && echo *)" },
};

static const char *offer_of(const struct opt_def *d)
{
	for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++)
		if (!strcmp(offers[i].arg, d->arg))
			return offers[i].offer;
	return ":";
}

/* "-p|--pid" */
static void put_pattern(FILE *f, const struct opt_def *d)
{
	if (d->letter)
		fprintf(f, "-%c|", d->letter);
	fprintf(f, "--%s", d->name);
}

/* The options that take a value, as one pattern of `case`. */
static void put_takers(FILE *f, const struct opt_def *const *list, size_t n)
{
	const char *or = "";

	for (size_t i = 0; i < n; i++) {
		if (!list[i]->arg)
			continue;
		fputs(or, f);
		put_pattern(f, list[i]);
		or = "|";
	}
}

static void put_option_words(FILE *f, const struct opt_def *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i]->letter)
			fprintf(f, "-%c ", list[i]->letter);
		fprintf(f, "--%s ", list[i]->name);
	}
}

/* "	--by) words='process system' ;;" */
static void put_values(FILE *f, const struct tool *tool, const struct opt_def *d)
{
	const char *value = opt_def_value(tool, d, 0);

	fputc('\t', f);
	put_pattern(f, d);
	if (value) {
		fputs(") words='", f);
		for (size_t i = 0; (value = opt_def_value(tool, d, i)); i++)
			fprintf(f, "%s%s", i ? " " : "", value);
		fprintf(f, "%s' ;;\n", d->list ? " help" : "");
	} else {
		fprintf(f, ") %s ;;\n", offer_of(d));
	}
}

/*
 * Bash splits "--by=file" into three words. Of a list with commas the last item is completed.
 */
static const char begin[] =
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words= command=0 i\n"
	"\n"
	"	COMPREPLY=()\n"
	"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"		case ${COMP_WORDS[i]} in\n"
	"		--) command=$((i + 1)); break ;;\n";

static const char values_begin[] =
	"		esac\n"
	"	done\n"
	"	if ((command)); then\n"
	"		if ((command == COMP_CWORD)); then\n"
	"			COMPREPLY=($(compgen -c -- \"$cur\"))\n"
	"		elif declare -F _command_offset >/dev/null; then\n"
	"			_command_offset \"$command\"\n"
	"		else\n"
	"			compopt -o default\n"
	"		fi\n"
	"		return\n"
	"	fi\n"
	"	if [[ $cur == = ]]; then\n"
	"		cur=\n"
	"	elif [[ $prev == = ]]; then\n"
	"		prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	"	fi\n"
	"	case $prev in\n";

static const char end[] =
	"	esac\n"
	"	COMPREPLY+=($(compgen -P \"${cur%\"${cur##*,}\"}\" -W \"$words\" -- \"${cur##*,}\"))\n"
	"}\n";

int opt_complete_bash(FILE *f, const struct tool *tool)
{
	const struct opt_def *list[OPT_MAX];
	size_t n = opt_def_list(tool, list);
	bool bare_command = !tool->needs_dashes && !tool->intervals && !tool->operands;

	fprintf(f, "# bash completion of %s, written by %s --bash-completion\n_%s()\n%s\t\t",
		tool->name, tool->name, tool->name, begin);
	put_takers(f, list, n);
	fprintf(f, ") [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;\n\t\t-*|=) ;;\n\t\t*) %s ;;\n%s",
		bare_command ? "command=$i; break" : ":", values_begin);
	for (size_t i = 0; i < n; i++)
		if (list[i]->arg)
			put_values(f, tool, list[i]);
	fputs("\t*)\n\t\tif [[ $cur == -* ]]; then\n\t\t\twords='", f);
	put_option_words(f, list, n);
	fprintf(f, "'\n\t\t%sfi ;;\n%scomplete -F _%s %s\n",
		bare_command ? "else\n\t\t\tCOMPREPLY=($(compgen -c -- \"$cur\"))\n\t\t" : "", end,
		tool->name, tool->name);
	return fflush(f) ? 1 : 0;
}
