/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_rules - damaged rule files: read or refused, each error with its place, and
 * what was read matches hostile names without harm.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/ini.h"
#include "systems/classify.h"
#include "systems/rule_files.h"

#define INPUTS 4000
#define ROOM 16384

struct said {
	struct fuzz *z;
	unsigned int n, lines;
};

static void say(void *ctx, unsigned int line, unsigned int column, const char *what)
{
	struct said *s = ctx;

	s->n++;
	FUZZ_CHECK(s->z, line >= 1 && line <= s->lines + 1, "line %u of %u", line, s->lines);
	FUZZ_CHECK(s->z, column >= 1 && column <= INI_LINE_MAX + 1, "column %u", column);
	FUZZ_CHECK(s->z, *what, "nothing said");
	for (const char *c = what; *c; c++)
		FUZZ_CHECK(s->z, (unsigned char)*c >= ' ' && *c != 0x7f, "control character in '%s'", what);
}

static unsigned int count_lines(const char *text, size_t len)
{
	unsigned int n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* A comment of the longest line that is allowed; a mutation makes it longer. */
static size_t add_long(char *text, size_t len)
{
	text[len++] = ';';
	memset(text + len, 'x', INI_LINE_MAX - 1);
	len += INI_LINE_MAX - 1;
	text[len++] = '\n';
	return len;
}

/* CR LF in the first lines, and nothing behind the last. */
static size_t end_as_dos(char *text, size_t len)
{
	char *s = text;

	for (int i = 0; i < 20 && (s = memchr(s, '\n', len - (size_t)(s - text))); i++, s += 2) {
		memmove(s + 1, s, len++ - (size_t)(s - text));
		*s = '\r';
	}
	return len && text[len - 1] == '\n' ? len - 1 : len;
}

/* Damage that keeps to the form gets further than bytes at random. */
static void damage(struct fuzz *z, char *text, size_t *len)
{
	static const char *const pieces[] = {
		"[system \"a\"]\n", "[role \"etcd\" \"x\"]\n", "exe = re:((((", "exe = re:[[:alpha:]", "file = [a-",
		"instance = cmdline:re:(a|b)*c", "port = 99999999999999999999\n", "note = x\n", "purpose = wal\r\n", "\xef\xbb\xbf",
		"thread = *\n", "title = re:.*.*.*x\n", "\n", "not-exe = \\", "re:a{9,9}", "[", "]", "\"", ";", " = ",
	};
	const char *p;
	size_t n, at;

	if (fuzz_one_in(z, 8))
		*len = add_long(text, *len);
	if (fuzz_one_in(z, 8))
		*len = end_as_dos(text, *len);
	for (uint32_t i = fuzz_below(z, 12); i; i--) {
		if (fuzz_one_in(z, 2)) {
			fuzz_mutate(z, text, len, ROOM - 64);
			continue;
		}
		p = pieces[fuzz_below(z, sizeof(pieces) / sizeof(pieces[0]))];
		n = strlen(p);
		at = fuzz_below(z, (uint32_t)*len + 1);
		if (*len + n >= ROOM)
			break;
		memmove(text + at + n, text + at, *len - at);
		memcpy(text + at, p, n);
		*len += n;
	}
}

/* Whatever the rules are, matching ends and stays inside its buffers. */
static void use(struct fuzz *z, const struct rules *r)
{
	struct evidence *ev = calloc(1, sizeof(*ev));
	char *files[2], name[16], path[256];
	struct points p;
	int most;

	if (!ev)
		abort();
	fuzz_string(z, ev->exe, 200);
	fuzz_string(z, ev->cmdline, 300);
	ev->cmdline_len = strlen(ev->cmdline) + 1;
	fuzz_string(z, ev->title, 300);
	fuzz_string(z, ev->unit, 100);
	fuzz_string(z, ev->image, 100);
	fuzz_string(z, ev->comm, 16);
	ev->parent = "etcd";
	files[0] = fuzz_string(z, path, sizeof(path));
	files[1] = (char *)"/var/lib/etcd/member/snap/db";
	ev->files = files;
	ev->nr_files = 2;
	ev->has_files = true;
	classify(r, ev, &most);
	for (size_t i = 0; i < r->n; i++) {
		FUZZ_CHECK(z, classify_score(&r->v[i], ev, &p) == p.total, "points");
		FUZZ_CHECK(z, p.n <= 2 * EVIDENCE_KINDS, "parts");
		classify_instance(&r->v[i], ev, name, sizeof(name));
		FUZZ_CHECK(z, memchr(name, 0, sizeof(name)), "instance");
		classify_file(&r->v[i], path);
		classify_thread(&r->v[i], ev->comm);
		classify_title(&r->v[i], ev->title);
	}
	free(ev);
}

int main(int argc, char **argv)
{
	static char text[ROOM];
	struct fuzz z;

	fuzz_args(&z, argc, argv, INPUTS);
	for (uint64_t i = z.first; i <= z.last; i++) {
		const struct rule_text *from;
		struct rules r = { 0 };
		struct said said = { .z = &z };
		size_t len;
		FILE *f;
		int err;

		fuzz_start(&z, i);
		from = &rule_files_texts[fuzz_below(&z, rule_files_texts_count)];
		len = strnlen(from->text, ROOM / 2);
		memcpy(text, from->text, len);
		damage(&z, text, &len);
		said.lines = count_lines(text, len);
		f = fmemopen(text, len ? len : 1, "r");
		if (!f)
			abort();
		err = rules_parse(&r, f, say, &said);
		FUZZ_CHECK(&z, err == 0 || err == -EINVAL, "%d", err);
		FUZZ_CHECK(&z, !err == !said.n, "%d with %u errors said", err, said.n);
		FUZZ_CHECK(&z, !err || !r.n, "half a file was taken");
		use(&z, &r);
		rules_free(&r);
		fclose(f);
	}
	return 0;
}
