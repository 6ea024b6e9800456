/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule files: what they say, and what is said of those that are wrong, line and column by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ini.h"
#include "systems/rule_files.h"
#include "systems/rules.h"

struct said {
	char text[4096];
};

static void say(void *ctx, unsigned int line, unsigned int column, const char *what)
{
	struct said *s = ctx;
	size_t used = strlen(s->text);

	snprintf(s->text + used, sizeof(s->text) - used, "%u:%u: %s\n", line, column, what);
}

static int parse_bytes(struct rules *r, const char *text, size_t n, struct said *said)
{
	FILE *f = fmemopen((void *)text, n, "r");
	int err;

	assert_non_null(f);
	said->text[0] = 0;
	err = rules_parse(r, f, say, said);
	fclose(f);
	return err;
}

static int parse(struct rules *r, const char *text, struct said *said)
{
	return parse_bytes(r, text, strlen(text), said);
}

static void test_good(void **state)
{
	struct rules r = { 0 };
	struct said said;
	const struct rule_system *s;
	char name[64];

	(void)state;
	assert_int_equal(0, parse(&r,
		"; a comment\n"
		"[system \"postgres\"]\n"
		"label    = PostgreSQL\n"
		"exe      = postgres                ; glob on the base name\n"
		"\texe = postmaster\n"
		"unit     = postgresql@*.service\r\n"
		"port     = 5432\n"
		"not-cmdline = re:pg_(dump|basebackup)\n"
		"instance = openfile:re:^(.*)/global/pg_control$\n"
		"expect   = wa 1.5-6\n"
		"note     = one\n"
		"note     = two\n"
		"\n"
		"[role \"postgres\" \"wal\"]            ; first match wins\n"
		"file  = */pg_wal/*\n"
		"title = re:^postgres: ([^:]*: )?walwriter\n"
		"purpose = wal", &said));
	assert_string_equal("", said.text);
	assert_int_equal(1, r.n);
	s = rules_find(&r, "Postgres");
	assert_non_null(s);
	assert_string_equal("PostgreSQL", s->label);
	assert_string_equal("wa 1.5-6", s->expect);
	assert_string_equal("one two", s->note);
	assert_int_equal(2, s->is[EVIDENCE_EXE].n);
	assert_string_equal("postgres", s->is[EVIDENCE_EXE].v[0].text);
	assert_string_equal("postmaster", s->is[EVIDENCE_EXE].v[1].text);
	assert_string_equal("postgresql@*.service", s->is[EVIDENCE_UNIT].v[0].text);
	assert_int_equal(5432, s->is[EVIDENCE_PORT].v[0].port);
	assert_int_equal(1, s->is_not[EVIDENCE_CMDLINE].n);
	assert_int_equal(1, s->nr_roles);
	assert_int_equal(PURPOSE_WAL, s->roles[0].purpose);
	assert_true(pattern_matches(&s->roles[0].title.v[0], "postgres: 15/main: walwriter"));
	assert_false(pattern_matches(&s->roles[0].title.v[0], "postgres: checkpointer"));
	assert_int_equal(INSTANCE_OPENFILE, s->instances[0].source);
	assert_true(pattern_capture(&s->instances[0].pattern, "/srv/a/global/pg_control", name, sizeof(name)));
	assert_string_equal("/srv/a", name);
	rules_free(&r);
}

static const struct {
	const char *text, *said;
} wrong[] = {
	{ "[system \"a\"]\nexe=b\nexee = c\n", "3:1: unknown key 'exee' of a system; did you mean exe?\n" },
	{ "[system \"a\"]\nexe=b\n  not-unti = c\n",
	  "3:3: unknown key 'not-unti' of a system; did you mean not-unit?\n" },
	{ "[system \"a\"]\nexe=b\n[role \"a\" \"w\"]\ncause = wal\nfile=x\npurpose=wal\n",
	  "4:1: unknown key 'cause' of a role; did you mean purpose?\n" },
	{ "[system \"a\"]\nexe=b\n[role \"a\" \"w\"]\nfile=x\npurpose  =  wall\n",
	  "5:13: 'wall' is not a purpose; did you mean wal?\n"
	  "3:1: role 'w' has no purpose\n" },
	{ "[sytem \"a\"]\nexe=b\n", "1:2: unknown section 'sytem' (system, role); did you mean system?\n" },
	{ "[system \"etcd\"]\nexe=b\n[role \"ectd\" \"wal\"]\nfile=x\npurpose=wal\n",
	  "3:7: no section above describes the system 'ectd'; did you mean etcd?\n" },
	{ "[system a]\nexe=b\n", "1:9: a name in quotes is missing: [system \"NAME\"]\n" },
	{ "[system \"a]\nexe=b\n", "1:9: this quote is not closed\n" },
	{ "[system \"A b\"]\nexe=b\n", "1:9: 'A b' is not a name: small letters, digits, - _ and .\n" },
	{ "[system]\nexe=b\n", "1:1: a system has one name: [system \"NAME\"]\n" },
	{ "[system \"a\"\nexe=b\n", "1:1: this section's ] is missing\n" },
	{ "[system \"a\"] exe\nexe=b\n", "1:14: nothing but a comment may follow a heading\n" },
	{ "[system \"a\"]\nlabel = x\n",
	  "1:1: system 'a' needs evidence (exe, cmdline, unit ...)\n" },
	{ "[system \"a\"]\nexe = x\n[role \"a\" \"r\"]\npurpose = wal\n",
	  "3:1: role 'r' needs a file, thread or title\n" },
	{ "exe = x\n", "1:1: 'exe' is above the first section\n" },
	{ "[system \"a\"]\nexe = x\nfoo\n", "3:1: this is neither [SECTION] nor KEY = VALUE\n" },
	{ "[system \"a\"]\nexe = x\n= x\n", "3:1: the key is missing\n" },
	{ "[system \"a\"]\nexe = x\nunit =\n", "3:7: 'unit' has no value\n" },
	{ "[system \"a\"]\nexe = x\nport = 70000\n", "3:8: '70000' is not a port: 1 to 65535\n" },
	{ "[system \"a\"]\nexe = x\ncomm = abcdefghijklmnopqrst\n",
	  "3:8: threads have names of 15 characters; did you mean abcdefghijklmno?\n" },
	{ "[system \"a\"]\nexe = re:a(\n", "2:7: Unmatched ( or \\(\n"
	  "1:1: system 'a' needs evidence (exe, cmdline, unit ...)\n" },
	{ "[system \"a\"]\nexe = x\nexe = re:a{1,20000}\n",
	  "3:7: {...} is not supported; write the repetition out, or \\{ for the character\n" },
	{ "[system \"a\"]\nexe = x\nexe = re:(a)\\1\n",
	  "3:7: back-references are not supported; write the text out\n" },
	{ "[system \"a\"]\nexe = x\nexe = *a*a*a*a*a*a*a*a*b\n",
	  "3:7: more than 8 stars in a pattern; use re: with .*\n" },
	{ "[system \"a\"]\nexe = x\ninstance = opnfile:re:x\n",
	  "3:12: an instance is SOURCE:PATTERN, SOURCE one of openfile, cmdline, unit, cwd, exe, container"
	  "; did you mean openfile?\n" },
	{ "[system \"a\"]\nexe = x\n[system \"a\"]\nexe = y\n", "3:9: system 'a' is already described\n" },
	{ "[system \"a\"]\nexe = x\n[role \"a\" \"r\"]\nfile = x\npurpose = wal\n[role \"a\" \"r\"]\nfile = y\n"
	  "purpose = wal\n", "6:11: role 'r' is already described\n" },
};

static void test_wrong(void **state)
{
	struct rules r = { 0 };
	struct said said;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(-EINVAL, parse(&r, wrong[i].text, &said));
		assert_string_equal(wrong[i].said, said.text);
		assert_int_equal(0, r.n);	/* all of a file, or nothing */
	}
	rules_free(&r);
}

static void test_two_files(void **state)
{
	struct rules r = { 0 };
	struct said said;

	(void)state;
	assert_int_equal(0, parse(&r, "[system \"a\"]\nexe = x\n", &said));
	/* roles are for the systems of the same file */
	assert_int_equal(-EINVAL, parse(&r, "[role \"a\" \"r\"]\nfile = x\npurpose = wal\n", &said));
	assert_int_equal(1, r.n);
	assert_int_equal(-EINVAL, parse(&r, "[system \"b\"]\nexe = y\n[system \"a\"]\nexe = z\n", &said));
	assert_int_equal(1, r.n);
	assert_string_equal("x", r.v[0].is[EVIDENCE_EXE].v[0].text);
	rules_free(&r);
}

static void test_bytes(void **state)
{
	static const char nul[] = "[system \"a\"]\nexe = x\0y\n", bom[] = "\xef\xbb\xbf[system \"a\"]\nexe = x\n";
	static const char dos[] = "[system \"c\"] \r\nexe = x\r\n\r\nnote = a \r";
	char text[2 * INI_LINE_MAX];
	struct rules r = { 0 };
	struct said said;

	(void)state;
	assert_int_equal(-EINVAL, parse_bytes(&r, nul, sizeof(nul) - 1, &said));
	assert_non_null(strstr(said.text, "2:8: a NUL byte; is this a text file?\n"));
	assert_int_equal(0, parse_bytes(&r, bom, sizeof(bom) - 1, &said));
	assert_int_equal(1, r.n);
	assert_int_equal(0, parse_bytes(&r, dos, sizeof(dos) - 1, &said));
	assert_string_equal("a", rules_find(&r, "c")->note);
	snprintf(text, sizeof(text), "[system \"b\"]\nexe = x\nnote = %0*d\n", INI_LINE_MAX - 7, 1);
	assert_int_equal(0, parse(&r, text, &said));
	assert_int_equal(INI_LINE_MAX - 7, strlen(rules_find(&r, "b")->note));
	snprintf(text, sizeof(text), "[system \"d\"]\nexe = x\nnote = %0*d\nexe = y\n", INI_LINE_MAX - 6, 1);
	assert_int_equal(-EINVAL, parse(&r, text, &said));
	assert_string_equal("3:1024: the line is longer than 1023 bytes\n", said.text);
	snprintf(text, sizeof(text), "[system \"%060d\"]\nexe = x\n", 1);
	assert_int_equal(-EINVAL, parse(&r, text, &said));
	assert_string_equal("1:9: the name is longer than 31\n", said.text);
	rules_free(&r);
}

/* Each line as the reader gives it: kind, place, name, value. */
static void test_ini(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf[a] ; one\n"
		"key = value ; two\n"
		"\n"
		"  ; three\n# four\n"
		"\tb:c=d\n"
		"e = x;y #z\n"
		"[ f ] g\n"
		"h = ; five\n"
		"i ; = j\n"
		"[k\n"
		"= l\n"
		"m n = \"o\" \v\r\n"
		"p\0 = q\n"
		"r =";
	static const struct {
		enum ini_kind kind;
		unsigned int line, column, value_column;
		const char *name, *value;
	} want[] = {
		{ INI_HEADING, 1, 4, 0, "a", NULL }, { INI_KEY, 2, 1, 7, "key", "value" },
		{ INI_KEY, 6, 2, 4, "b", "c=d" }, { INI_KEY, 7, 1, 5, "e", "x;y #z" },
		{ INI_BAD_HEADING, 8, 7, 0, NULL, NULL }, { INI_KEY, 9, 1, 5, "h", "" },
		{ INI_BAD_LINE, 10, 1, 0, NULL, NULL }, { INI_BAD_HEADING, 11, 1, 0, NULL, NULL },
		{ INI_BAD_LINE, 12, 1, 0, NULL, NULL }, { INI_KEY, 13, 1, 7, "m n", "\"o\"" },
		{ INI_BAD_LINE, 14, 2, 0, NULL, NULL }, { INI_KEY, 15, 1, 4, "r", "" },
	};
	struct ini ini = { .f = fmemopen((void *)text, sizeof(text) - 1, "r") };

	(void)state;
	assert_non_null(ini.f);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(want[i].kind, ini_next(&ini));
		assert_int_equal(want[i].line, ini.line);
		assert_int_equal(want[i].column, ini.column);
		if (want[i].name)
			assert_string_equal(want[i].name, ini.name);
		if (!want[i].value)
			continue;
		assert_int_equal(want[i].value_column, ini.value_column);
		assert_string_equal(want[i].value, ini.value);
	}
	assert_int_equal(INI_END, ini_next(&ini));
	assert_false(ferror(ini.f));
	fclose(ini.f);
}

static void test_too_many_lines(void **state)
{
	static char text[INI_LINES_MAX + 2];
	struct ini ini = { 0 };

	(void)state;
	memset(text, '\n', sizeof(text));
	ini.f = fmemopen(text, sizeof(text), "r");
	assert_non_null(ini.f);
	assert_int_equal(INI_BAD_LINE, ini_next(&ini));
	assert_int_equal(INI_LINES_MAX + 1, ini.line);
	assert_string_equal("the file has more than 5000 lines", ini.what);
	assert_int_equal(INI_END, ini_next(&ini));
	fclose(ini.f);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{ "etcd", "/usr/bin/etcd", true },
		{ "etcd", "/usr/bin/etcdctl", false },
		{ "*/pg_wal/*", "/a/b/pg_wal/1", true },
		{ "*/pg_wal/*", "/a/b/pg_wal", false },
		{ "/opt/*/db", "/opt/x/db", true },
		{ "*.wal", "/a/b.wal", true },
		{ "*.wal", "/a.wal/b", false },
		{ "re:part\\.[0-9]+$", "/a/part.12", true },
		{ "re:part\\.[0-9]+$", "/a/part.x", false },
		{ "re:[{]", "/a/{b", true },
		{ "re:a\\{", "/a{", true },
	};
	struct pattern p;
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(0, pattern_set(&p, cases[i].pattern, why, sizeof(why)));
		assert_int_equal(cases[i].matches, pattern_matches_path(&p, cases[i].path));
		pattern_free(&p);
	}
}

static void test_shipped(void **state)
{
	struct rules r = { 0 };
	struct said said;

	(void)state;
	assert_true(rule_files_texts_count >= 30);
	for (unsigned int i = 0; i < rule_files_texts_count; i++) {
		if (parse(&r, rule_files_texts[i].text, &said))
			fail_msg("%s: %s", rule_files_texts[i].name, said.text);
	}
	for (size_t i = 0; i < r.n; i++)
		assert_non_null(r.v[i].label);
	rules_free(&r);
}

static void test_trust(void **state)
{
	(void)state;
	assert_null(rule_files_distrust(0, S_IFREG | 0644));
	assert_non_null(rule_files_distrust(1000, S_IFREG | 0644));
	assert_non_null(rule_files_distrust(0, S_IFREG | 0664));
	assert_non_null(rule_files_distrust(0, S_IFREG | 0646));
	assert_non_null(rule_files_distrust(0, S_IFDIR | 01777));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_wrong), cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_patterns), cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_trust), cmocka_unit_test(test_ini), cmocka_unit_test(test_too_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
