/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_opt - command lines of real and damaged options: parsed or refused, never in between. */
#include "fuzz.h"

#include "tool/opt.h"
#include "tool/opt_help.h"
#include "tool/tool.h"

/* See tests/unit/one_tool.c. */
const struct tool *tool_ioamp_stat(void), *tool_iosnoop_amp(void);

#define INPUTS	60000
#define WORDS	24
#define WORD	2048

static char names[128][32];	/* "-p", "--pid", of both tools */
static unsigned int nr_names, accepted;

static const char *const values[] = {
	"1", "0", "-1", "4194304", "4194305", "18446744073709551616", "1,2,3", "1,,2", ",", "", "-",
	"--", "-a", "1.5s", "1e9", "1ms", "0.0009", "inf", "nan", "10h", "9999999999h", "all", "auto",
	"process", "cgroup", "device", "system", "sync", "wait:", "wait:1s", "none", "page", "inode",
	"block,device", "sys,fs,blk,dev", "loop0,/dev/sda,nvme*", "/dev/", "btf", "always", "true",
	"256", "3", "*", "64", "16777217", "\xff\xfe", "a=b", "1 ", "0x10", "+5",
};

/* As --help prints them. */
static void learn_names(const struct tool *tool)
{
	const struct opt_def *list[OPT_MAX];
	size_t n = opt_def_list(tool, list);
	char words[512], *save;

	for (size_t i = 0; i < n; i++) {
		opt_help_option(list[i], words, sizeof(words));
		for (char *w = strtok_r(words, ", ", &save); w; w = strtok_r(NULL, ", ", &save))
			if (*w == '-' && nr_names < sizeof(names) / sizeof(*names))
				snprintf(names[nr_names++], sizeof(*names), "%s", w);
	}
}

/* A list, long in items or in their names; now and then with its option. */
static void draw_list(struct fuzz *z, char word[WORD])
{
	static const char *const starts[] = { "", "-d", "-p", "--disk=", "--pid=", "--layer=" };
	uint32_t longest = fuzz_one_in(z, 2) ? 2 : 300, items = fuzz_below(z, 200);
	size_t len = (size_t)snprintf(word, WORD, "%s", starts[fuzz_below(z, 6)]);

	for (; items && len + longest + 2 < WORD; items--) {
		uint32_t n = 1 + fuzz_below(z, longest);

		memset(word + len, '1', n);
		len += n;
		word[len++] = items > 1 ? ',' : 0;
	}
	word[len] = 0;
}

static void draw_word(struct fuzz *z, char word[WORD])
{
	const char *name = names[fuzz_below(z, nr_names)];
	const char *value = values[fuzz_below(z, sizeof(values) / sizeof(*values))];
	size_t len;

	switch (fuzz_below(z, 7)) {
	case 6:
		draw_list(z, word);
		return;
	case 0: case 1:
		snprintf(word, WORD, "%.31s", name);
		break;
	case 2:
		snprintf(word, WORD, "%.31s=%.63s", name, value);
		break;
	case 3:
		fuzz_string(z, word, WORD);
		break;
	default:
		snprintf(word, WORD, "%s", value);
	}
	for (uint32_t n = fuzz_one_in(z, 4) ? fuzz_below(z, 4) : 0; n; n--) {
		len = strlen(word);
		fuzz_mutate(z, word, &len, WORD - 1);
		word[len] = 0;
	}
}

/* What was printed since the last time. */
static long printed(FILE *f)
{
	long n = ftell(f);

	rewind(f);
	return n;
}

/* The parser's words go to files; a sanitizer's still to descriptor 2. */
static int parse_quietly(struct options *o, const struct tool *tool, int argc, char **argv, int *status,
			 long said[2])
{
	static FILE *files[2];
	FILE *real[] = { stdout, stderr };
	int err;

	for (int i = 0; i < 2; i++)
		if (!files[i] && !(files[i] = tmpfile()))
			abort();
	stdout = files[0];
	stderr = files[1];
	err = opt_parse(tool, o, argc, argv, status);
	stdout = real[0];
	stderr = real[1];
	said[0] = printed(files[0]);
	said[1] = printed(files[1]);
	return err;
}

static void try_line(struct fuzz *z)
{
	const struct tool *tool = fuzz_one_in(z, 2) ? tool_ioamp_stat() : tool_iosnoop_amp();
	static char words[WORDS][WORD];
	char *argv[WORDS + 1];
	int argc = 1 + (int)fuzz_below(z, fuzz_one_in(z, 2) ? 4 : WORDS), status = -7, err;
	struct options o = { 0 };	/* neither tool has options of its own struct */
	long said[2];

	snprintf(words[0], WORD, "TOOL");
	for (int i = 0; i < argc; i++) {
		if (i)
			draw_word(z, words[i]);
		argv[i] = words[i];
	}
	argv[argc] = NULL;
	err = parse_quietly(&o, tool, argc, argv, &status, said);
	if (!err) {
		FUZZ_CHECK(z, status == -7 && !said[0] && !said[1], "status %d", status);
		FUZZ_CHECK(z, o.ask.target.nr_pids <= TARGET_MAX_PIDS && o.ask.target.nr_disks <= TARGET_MAX_DISKS, "lists");
		FUZZ_CHECK(z, o.ask.engine.layers && o.ask.engine.layers < 1u << LAYER_MAX, "layers");
		FUZZ_CHECK(z, o.ask.engine.text.ownership <= OWN_INODE, "ownership");
		FUZZ_CHECK(z, o.duration_s >= 0 && o.duration_s <= 1e9, "%g", o.duration_s);
		accepted++;
	} else if (err < 0) {
		FUZZ_CHECK(z, status == 2 && !said[0] && said[1], "status %d", status);
	} else {
		FUZZ_CHECK(z, status == 0 && said[0] && !said[1], "status %d", status);
	}
}

int main(int argc, char **argv)
{
	struct fuzz z;

	fuzz_args(&z, argc, argv, INPUTS);
	learn_names(tool_ioamp_stat());
	learn_names(tool_iosnoop_amp());
	for (uint64_t i = z.first; i <= z.last; i++) {
		fuzz_start(&z, i);
		try_line(&z);
	}
	printf("%u of %lu lines accepted\n", accepted, (unsigned long)(z.last - z.first + 1));
	return 0;
}
