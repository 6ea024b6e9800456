/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_help - --help and --version tell the truth about each tool. */
#include "command_line.h"

#include "tool/opt_help.h"

static void test_version(void **state)
{
	static const char *const lines[] = { "-V", "--version", "-jV", "-V --nonsense" };
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		say(&r, tool_ioamp_stat, lines[i]);
		assert_string_equal(r.out, "ioamp-stat " IOAMP_VERSION "\nLicense GPL-3.0-or-later"
				    " <https://gnu.org/licenses/gpl.html>; no warranty.\n");
	}
	say(&r, tool_iosnoop_amp, "-V");
	assert_ptr_equal(strstr(r.out, "iosnoop-amp " IOAMP_VERSION "\n"), r.out);
}

/* An option stands in --help, and the parser knows it. */
static void check_option(get_tool *tool, const char *help, const struct opt_def *d)
{
	char option[80], words[96], bare[80];
	struct run r;

	opt_help_option(d, option, sizeof(option));
	snprintf(words, sizeof(words), "%s%s ", d->letter ? "  " : "      ", option);
	assert_non_null(strstr(help, words));
	if (d->kind == OPT_HELP || d->kind == OPT_VERSION)
		return;
	/* with a value where there should be none, and the other way round */
	snprintf(bare, sizeof(bare), "--%s%s", d->name, d->arg ? "" : "=1");
	parse(&r, tool, bare);
	assert_non_null(strstr(r.errors, d->arg ? "needs a value" : "takes no value"));
}

/* Each value that is listed is in the words of the option, unless it has a list of its own. */
static void check_values(get_tool *tool, const struct opt_def *d)
{
	const char *value;
	char text[256];

	opt_help_text(tool(), d, text, sizeof(text));
	for (size_t i = 0; !strstr(text, "help lists them") && (value = opt_def_value(tool(), d, i)); i++)
		assert_non_null(strstr(text, value));
}

/* The examples are command lines that the parser takes. */
static int check_examples(get_tool *tool, char *examples)
{
	char *save = NULL, name[32];
	struct run r;
	int n = 0;

	snprintf(name, sizeof(name), "  %s", tool()->name);
	for (char *l = strtok_r(examples, "\n", &save); l; l = strtok_r(NULL, "\n", &save), n++) {
		assert_ptr_equal(strstr(l, name), l);
		assert_non_null(strchr(l, '#'));
		*strchr(l, '#') = '\0';
		if (strchr(l, '>'))
			*strchr(l, '>') = '\0';
		parse_good(&r, tool, l + strlen(name));
	}
	return n;
}

static void check_help(get_tool *tool, const char *line, int examples)
{
	static const char head[] = "\nExamples:\n";
	const struct opt_def *list[OPT_MAX];
	size_t n = opt_def_list(tool(), list);
	struct run r;

	say(&r, tool, line);
	assert_ptr_equal(strstr(r.out, "Usage: "), r.out);
	for (const char *l = r.out; *l; l += strcspn(l, "\n") + 1)
		assert_true(strcspn(l, "\n") < 80);
	assert_non_null(strstr(r.out, head));
	assert_in_range(n, 10, OPT_MAX - 1);
	for (size_t i = 0; i < n; i++) {
		check_option(tool, r.out, list[i]);
		check_values(tool, list[i]);
	}
	assert_int_equal(check_examples(tool, strstr(r.out, head) + strlen(head)), examples);
}

static void test_help(void **state)
{
	(void)state;
	check_help(tool_ioamp_stat, "-h", 6);
	check_help(tool_ioamp_stat, "-p 1 --help --nonsense", 6);
	check_help(tool_iosnoop_amp, "--help", 6);
	check_help(tool_ioamp_top, "--help", 7);
	check_help(tool_iolatency_layers, "--help", 6);
	check_help(tool_ioamp_doctor, "-h", 6);
}

/* Nothing that only another tool has; and the words of this tool where it has others. */
static void test_tools_differ(void **state)
{
	struct run r;

	(void)state;
	say(&r, tool_ioamp_stat, "-h");
	assert_non_null(strstr(r.out, "  -p, --pid PID[,PID]      only these processes\n"));
	assert_non_null(strstr(r.out, "\n      --as USER "));
	assert_null(strstr(r.out, "--min-us"));
	say(&r, tool_iosnoop_amp, "-h");
	assert_non_null(strstr(r.out, "\n      --min-us N "));
	assert_null(strstr(r.out, "--as "));
	assert_null(strstr(r.out, "--settle"));
	say(&r, tool_ioamp_doctor, "-h");
	assert_non_null(strstr(r.out, "--selftest "));
	assert_non_null(strstr(r.out, "--quiet              only what is wrong\n"));
	assert_non_null(strstr(r.out, " text (default), json\n"));
	assert_null(strstr(r.out, "--pid"));
	assert_null(strstr(r.out, "--csv"));
}

/* A disk that is full, for --help >FILE. */
static void test_help_cannot_be_written(void **state)
{
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC), status = -1;
	char *argv[] = { (char *)"TOOL", (char *)"--help", NULL };
	struct options o = { 0 };

	(void)state;
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	assert_int_equal(opt_parse(tool_ioamp_stat(), &o, 2, argv, &status), 1);
	dup2(saved, STDOUT_FILENO);
	clearerr(stdout);
	close(saved);
	close(full);
	assert_int_equal(status, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_tools_differ),
		cmocka_unit_test(test_help_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
