/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_text - the assembled program text: its order, its switches, and that
 * everything the user side looks up by name is in it. The catalog's own rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/place.h"
#include "engine/program_text.h"
#include "probes/probe.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define PREAMBLE	"#define PREAMBLE_IS_HERE 1\n"
#define EXTRA		"int ktcheck_0(void *ctx) { return 8; }\n"
#define NAME_ROOM	96

/* noinline: else gcc 12 takes the text for the variable that held it, and warns */
__attribute__((noinline)) static char *build(const struct text_config *tc, const char *extra)
{
	char *text = NULL;

	assert_int_equal(program_text_build(tc, PREAMBLE, extra, &text), 0);
	assert_non_null(text);
	return text;
}

static char *build_default(void)
{
	struct text_config tc;

	program_text_default(&tc);
	return build(&tc, NULL);
}

static size_t occurrences(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* ---- order ---- */

static void test_pieces(void **state)
{
	char *text = build_default(), *at = strstr(text, PREAMBLE);

	(void)state;
	assert_non_null(at);
	assert_true(probe_texts_count >= 10);
	for (unsigned int i = 0; i < probe_texts_count; i++) {
		const struct probe_text *p = &probe_texts[i];
		char line[NAME_ROOM];

		snprintf(line, sizeof(line), "\n#line 1 \"%s\"\n", p->name);
		assert_int_equal(occurrences(text, line), 1);
		/* each after the one before, complete, from its first line on */
		at = strstr(at, line);
		if (!at || strncmp(at + strlen(line), p->text, strlen(p->text)))
			fail_msg("%s is not where its #line says", p->name);
		at += strlen(line) + strlen(p->text);
	}
	assert_string_equal(at, "");
	/* types before their users, and what both sides share first */
	assert_string_equal(probe_texts[0].name, "probes/abi.h");
	free(text);
}

static void test_extra(void **state)
{
	struct text_config tc;
	char *with, *without;

	(void)state;
	program_text_default(&tc);
	with = build(&tc, EXTRA);
	without = build(&tc, NULL);
	assert_memory_equal(with, without, strlen(without));
	assert_string_equal(with + strlen(without), "\n#line 1 \"self-check\"\n" EXTRA);
	free(with);
	free(without);
}

/* ---- switches ---- */

/* Value of the #define before the preamble; -1: none, or two of them. */
static long defined(const char *text, const char *name)
{
	const char *end = strstr(text, PREAMBLE), *at;
	char line[NAME_ROOM];

	snprintf(line, sizeof(line), "#define %s ", name);
	at = strstr(text, line);
	if (!at || at > end || (at > text && at[-1] != '\n'))
		return -1;
	return strstr(at + 1, line) ? -1 : strtol(at + strlen(line), NULL, 10);
}

struct setting {
	const char *name;
	long value;
};

static void assert_settings(const struct text_config *tc, const struct setting *s, size_t n)
{
	char *text = build(tc, NULL);

	for (size_t i = 0; i < n; i++)
		if (defined(text, s[i].name) != s[i].value)
			fail_msg("%s is %ld, not %ld", s[i].name, defined(text, s[i].name), s[i].value);
	free(text);
}

static void test_switches(void **state)
{
	static const struct setting off[] = {
		{ "IOAMP_BPF", 1 }, { "DIRECT", 0 }, { "HAVE_TASK_BTF", 0 }, { "EVENTS", 0 },
		{ "HAVE_ATOMICS", 0 },
		{ "TIMES", 0 }, { "DEVICE_TIMES", 0 }, { "VFS_FENTRY", 0 }, { "VFS_KPROBE", 0 },
		{ "OWNERSHIP", OWN_PAGE }, { "TARGET_TID", 0 },
	};
	static const struct setting on[] = {
		{ "IOAMP_BPF", 1 }, { "DIRECT", 1 }, { "HAVE_TASK_BTF", 1 }, { "EVENTS", 1 },
		{ "HAVE_ATOMICS", 1 },
		{ "TIMES", 1 }, { "DEVICE_TIMES", 1 }, { "VFS_FENTRY", 1 }, { "VFS_KPROBE", 1 },
		{ "OWNERSHIP", OWN_INODE }, { "AGG_ENTRIES", 11 }, { "ACTOR_ENTRIES", 12 },
		{ "SHARE_ENTRIES", 12 }, { "PAGE_ENTRIES", 13 }, { "BIO_ENTRIES", 14 },
		{ "EVENT_PAGES", 15 }, { "PAGE_BYTES", 65536 }, { "TARGET_TID", 4194304 },
	};
	const struct text_config none = { .ownership = OWN_PAGE };
	const struct text_config all = {
		.direct = true, .task_btf = true, .atomics = true, .events = true, .times = true,
		.device_times = true, .vfs_fentry = true, .vfs_kprobe = true,
		.ownership = OWN_INODE, .agg_entries = 11, .actor_entries = 12,
		.page_entries = 13, .bio_entries = 14, .event_pages = 15, .page_bytes = 65536,
		.tid = 4194304,
	};

	(void)state;
	assert_settings(&none, off, COUNT(off));
	assert_settings(&all, on, COUNT(on));
}

/* Each alone: no switch hangs on another one's member. */
static void test_one_switch(void **state)
{
	static const struct { const char *name; size_t member; } list[] = {
		{ "DIRECT", offsetof(struct text_config, direct) },
		{ "HAVE_TASK_BTF", offsetof(struct text_config, task_btf) },
		{ "HAVE_ATOMICS", offsetof(struct text_config, atomics) },
		{ "EVENTS", offsetof(struct text_config, events) },
		{ "TIMES", offsetof(struct text_config, times) },
		{ "DEVICE_TIMES", offsetof(struct text_config, device_times) },
		{ "VFS_FENTRY", offsetof(struct text_config, vfs_fentry) },
		{ "VFS_KPROBE", offsetof(struct text_config, vfs_kprobe) },
	};

	(void)state;
	for (size_t on = 0; on < COUNT(list); on++) {
		struct setting expected[COUNT(list)];
		struct text_config tc = { 0 };

		*((bool *)&tc + list[on].member) = true;
		for (size_t i = 0; i < COUNT(list); i++)
			expected[i] = (struct setting){ list[i].name, i == on };
		assert_settings(&tc, expected, COUNT(list));
	}
}

static void test_default(void **state)
{
	const struct setting expected[] = {
		{ "DIRECT", 1 }, { "EVENTS", 0 }, { "TIMES", 0 }, { "DEVICE_TIMES", 1 },
		{ "OWNERSHIP", OWN_PAGE }, { "TARGET_TID", 0 },
		{ "PAGE_BYTES", sysconf(_SC_PAGESIZE) },
	};
	struct text_config tc, rounded;

	(void)state;
	memset(&tc, 0xff, sizeof(tc));	/* whatever was there before */
	program_text_default(&tc);
	assert_settings(&tc, expected, COUNT(expected));
	assert_true(tc.agg_entries && tc.actor_entries && tc.page_entries && tc.bio_entries);
	rounded = tc;
	program_text_round(&rounded);
	assert_memory_equal(&tc, &rounded, sizeof(tc));
}

static void test_rounding(void **state)
{
	static const struct { unsigned int from, to; } cases[] = {
		{ 1, 1 }, { 2, 2 }, { 3, 2 }, { 64, 64 }, { 65, 64 }, { 127, 64 }, { 65536, 65536 },
		{ 65535, 32768 }, { 262144, 262144 }, { 16777216, 16777216 },
		{ 16777215, 8388608 }, { 0xffffffff, 0x80000000 }, { 0, 0 },
	};
	struct text_config tc;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		program_text_default(&tc);
		tc.page_entries = tc.event_pages = tc.agg_entries = tc.actor_entries = cases[i].from;
		program_text_round(&tc);
		assert_int_equal(tc.page_entries, cases[i].to);
		assert_int_equal(tc.event_pages, cases[i].to);
		/* hashes take any size */
		assert_int_equal(tc.agg_entries, cases[i].from);
		assert_int_equal(tc.actor_entries, cases[i].from);
	}
}

/* A name in a condition that nothing defines would be 0 without a word. */
static void check_condition(const char *text, const char *line, const char *end)
{
	char name[NAME_ROOM], definition[2 * NAME_ROOM];
	size_t n;

	for (const char *s = line; s < end; s += n ? n : 1) {
		for (n = 0; s + n < end && (isalnum((unsigned char)s[n]) || s[n] == '_'); n++)
			;
		if (!n || n >= sizeof(name) || !isupper((unsigned char)*s))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)n, s);
		/* of ktypes: test_ktypes has them */
		if (!strncmp(name, "HAVE_", 5) || !strncmp(name, "KTYPES_", 7) ||
		    !strncmp(name, "ARG_", 4) || !strncmp(name, "NARGS_", 6))
			continue;
		snprintf(definition, sizeof(definition), "#define %s", name);
		if (!strstr(text, definition))
			fail_msg("nothing defines %s of '%.*s'", name, (int)(end - line), line);
	}
}

static void test_conditions(void **state)
{
	char *text = build_default();
	size_t n = 0;

	(void)state;
	for (const char *s = text, *end; *s; s = *end ? end + 1 : end) {
		end = s + strcspn(s, "\n");
		if (!strncmp(s, "#if ", 4) || !strncmp(s, "#elif ", 6)) {
			check_condition(text, s, end);
			n++;
		}
	}
	assert_true(n > 20);
	free(text);
}

/* ---- names that are looked up ---- */

/* As a function, or made by the macros of vfs.bpf.c. */
static bool has_program(const char *text, const struct probe *p, const struct hook *h)
{
	char line[NAME_ROOM], name[NAME_ROOM / 2];

	place_function(p, h, name, sizeof(name));
	snprintf(line, sizeof(line), "int %s(void *ctx)", name);
	if (strstr(text, line))
		return true;
	if (h->kind == HOOK_TP || h->kind == HOOK_TRACEPOINT)
		return false;
	snprintf(line, sizeof(line), "\n%s(%s,", h->kind == HOOK_FEXIT ? "VFS_EXIT" : "VFS_ENTRY", h->point);
	return strstr(text, line);
}

static bool has_function(const char *text, const char *name)
{
	char line[NAME_ROOM];

	snprintf(line, sizeof(line), "\nint %s(void *ctx)", name);
	return strstr(text, line);
}

/* Declared by one of libbcc's macros, the name as an argument of its own. */
static bool has_map(const char *text, const char *name)
{
	static const char *const macros[] = { "\nBPF_TABLE(", "\nBPF_F_TABLE(", "\nBPF_PROG_ARRAY(",
		"\nBPF_RINGBUF_OUTPUT(" };
	char word[NAME_ROOM], first[NAME_ROOM];

	snprintf(word, sizeof(word), " %s,", name);
	snprintf(first, sizeof(first), "(%s,", name);
	for (size_t i = 0; i < COUNT(macros); i++) {
		for (const char *s = text; (s = strstr(s, macros[i])); s++) {
			const char *end = strchr(s, ';'), *at = strstr(s, word);

			if ((at && at < end) || !strncmp(s + strlen(macros[i]) - 1, first, strlen(first)))
				return true;
		}
	}
	return false;
}

static void test_programs(void **state)
{
	char *text = build_default();

	(void)state;
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe *p = &probe_catalog[i];

		for (int h = 0; h < PROBE_HOOKS && p->hooks[h].point; h++)
			if (!has_program(text, p, &p->hooks[h]))
				fail_msg("%s has no program for %s", p->name, p->hooks[h].point);
		for (int c = 0; c < PROBE_CONTINUATIONS && p->continuations[c].program; c++) {
			assert_true(has_function(text, p->continuations[c].program));
			assert_true(has_map(text, p->continuations[c].map));
		}
		assert_true(!p->understudy.program || has_function(text, p->understudy.program));
	}
	free(text);
}

static bool in_catalog(const char *function, size_t n)
{
	char name[NAME_ROOM];

	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe *p = &probe_catalog[i];

		for (int h = 0; h < PROBE_HOOKS && p->hooks[h].point; h++) {
			place_function(p, &p->hooks[h], name, sizeof(name));
			if (strlen(name) == n && !strncmp(name, function, n))
				return true;
		}
		for (int c = 0; c < PROBE_CONTINUATIONS && p->continuations[c].program; c++)
			if (!strncmp(p->continuations[c].program, function, n))
				return true;
		if (p->understudy.program && !strncmp(p->understudy.program, function, n))
			return true;
	}
	return false;
}

/* Every program is attached by somebody. */
static void test_no_orphans(void **state)
{
	static const struct { const char *start, *prefix; } forms[] = {
		{ "\nint tp__", "tp__" }, { "\nint fexit__", "fexit__" }, { "\nint kprobe__", "kprobe__" },
		{ "\nint more__", "more__" }, { "\nint again__", "again__" },
		{ "\nVFS_EXIT(", "fexit__" }, { "\nVFS_ENTRY(", "kprobe__" },
	};
	char *text = build_default(), name[NAME_ROOM];
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		for (const char *s = text; (s = strstr(s, forms[i].start)); found++) {
			s += strlen(forms[i].start);
			snprintf(name, sizeof(name), "%s%.*s", forms[i].prefix, (int)strcspn(s, "(,"), s);
			if (!in_catalog(name, strlen(name)))
				fail_msg("%s is in no catalog entry", name);
		}
	}
	assert_true(found >= 37);
	free(text);
}

static void test_maps(void **state)
{
	char *text = build_default();

	(void)state;
	for (int i = 0; i < MAP_COUNT; i++)
		if (!has_map(text, probe_maps[i].name))
			fail_msg("no map %s", probe_maps[i].name);
	assert_false(has_map(text, "nonesuch"));
	free(text);
}

/* ---- the catalog ---- */

static void test_catalog(void **state)
{
	unsigned int stand[LAYER_MAX] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe *p = &probe_catalog[i];

		assert_true(*p->name && strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
			    strlen(p->name));
		assert_true(p->layers && p->layers < 1u << LAYER_MAX);
		assert_non_null(p->hooks[0].point);
		assert_true(p->lost && *p->lost);
		/* continuations are sent before the hook is tried: a second hook would send them twice */
		assert_true(!p->continuations[0].program || !p->hooks[1].point);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(p->name, probe_catalog[j].name);
		for (int l = 0; l < LAYER_MAX; l++)
			stand[l] += p->need != NEED_HELP && p->layers & 1u << l;
	}
	for (int l = 0; l < LAYER_MAX; l++)
		assert_true(stand[l]);
}

/* A layer insisted on alone still has the probes it stands on. */
static void test_wants(void **state)
{
	struct engine_request rq = { .attach = ATTACH_AUTO };

	(void)state;
	for (int l = 0; l < LAYER_MAX; l++) {
		unsigned int n = 0;

		rq.layers = 1u << l;
		for (unsigned int i = 0; i < probe_catalog_count; i++) {
			const struct probe *p = &probe_catalog[i];
			bool wanted = place_wants(&rq, p, &p->hooks[0]);

			n += wanted && p->need != NEED_HELP;
			if (wanted)
				assert_true(p->layers & rq.layers);
		}
		assert_true(n >= 2);
	}
}

static bool wants(const struct engine_request *rq, const char *name)
{
	for (unsigned int i = 0; i < probe_catalog_count; i++)
		if (!strcmp(probe_catalog[i].name, name))
			return place_wants(rq, &probe_catalog[i], &probe_catalog[i].hooks[0]);
	fail_msg("the catalog has no probe %s", name);
	return false;
}

static void test_wants_times(void **state)
{
	struct engine_request rq = { .layers = (1u << LAYER_MAX) - 1 };

	(void)state;
	/* only waits need these */
	assert_false(wants(&rq, "xfs_sync"));
	assert_false(wants(&rq, "waits"));
	assert_true(wants(&rq, "done"));
	rq.text.latency = true;
	assert_true(wants(&rq, "xfs_sync"));
	assert_true(wants(&rq, "waits"));
	assert_true(wants(&rq, "call_start"));
	rq.text.latency = false;
	assert_false(wants(&rq, "call_start"));
	assert_false(wants(&rq, "issue"));
	rq.text.device_times = true;
	assert_false(wants(&rq, "call_start"));
	assert_true(wants(&rq, "issue"));
	rq.text = (struct text_config){ .times = true };
	assert_true(wants(&rq, "call_start"));
	assert_true(wants(&rq, "issue"));
	/* who is who is needed whatever kind is insisted on */
	rq.attach = ATTACH_KPROBE;
	assert_true(wants(&rq, "fork"));
	assert_false(wants(&rq, "call"));
	assert_false(wants(&rq, "rename"));
	rq.text.lanes = true;
	assert_true(wants(&rq, "rename"));
}

static void test_endios(void **state)
{
	size_t n = 0;

	(void)state;
	for (; probe_endios[n].symbol; n++) {
		assert_true(probe_endios[n].kind > ENDIO_UNKNOWN && probe_endios[n].kind <= ENDIO_URING);
		for (size_t j = 0; j < n; j++)
			assert_string_not_equal(probe_endios[n].symbol, probe_endios[j].symbol);
	}
	assert_true(n >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_one_switch),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_no_orphans),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_catalog),
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_wants_times),
		cmocka_unit_test(test_endios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
