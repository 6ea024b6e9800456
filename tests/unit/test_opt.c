/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_opt - what each command line means, and each misuse with its message and status. */
#include "command_line.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define ITEM_NAME_MAX	255	/* four of them fill disk_text */
#define TRY_STAT	"Try 'ioamp-stat --help' for more information.\n"

/* ---- misuse ---- */

struct misuse {
	const char *line, *message;
};

static void refused(get_tool *tool, const char *line, const char *message)
{
	struct run r;
	char whole[1024];

	snprintf(whole, sizeof(whole), "%s: %s\nTry '%s --help' for more information.\n", tool()->name,
		 message, tool()->name);
	parse(&r, tool, line);
	assert_string_equal(r.errors, whole);
	assert_string_equal(r.out, "");
	assert_true(r.err < 0);
	assert_int_equal(r.status, 2);
}

#define PID_RANGE	"is not a whole number from 1 to 4194304"
#define MAP_RANGE	"is not a whole number from 64 to 16777216"
#define PAGES_RANGE	"is not a whole number from 1 to 65536"
#define FD_RANGE	"is not a whole number from 0 to 2147483647"
#define NO_TIME		"is not a time: a number of seconds, or one with ms, s, m or h" \
			" (1.5s), 1ms at least"
#define LAYERS		"(application, vfs, cache, filesystem, block, device)"
#define BY		"(supported here: process, system, role, cgroup, container, file, device)"

/* The same in both tools. */
static const struct misuse both[] = {
	{ "--pid", "--pid needs a value (PID[,PID])" },
	{ "-p", "--pid needs a value (PID[,PID])" },
	{ "-jo", "--output needs a value (FILE)" },
	{ "--json=yes", "--json takes no value" },
	{ "-Z", "unknown option -Z" },
	{ "-jZ", "unknown option -Z" },
	{ "--jsn", "unknown option --jsn; did you mean --json?" },
	{ "--own-ship=page", "unknown option --own-ship; did you mean --ownership?" },
	{ "--zebra", "unknown option --zebra" },
	{ "--co=auto", "--co may mean several options; give more of its name" },
	{ "-a --", "no COMMAND after --" },

	{ "-p 0", "--pid: '0' " PID_RANGE },
	{ "-p 4194305", "--pid: '4194305' " PID_RANGE },
	{ "-p -1", "--pid: '-1' " PID_RANGE },
	{ "-p +1", "--pid: '+1' " PID_RANGE },
	{ "-p 0x10", "--pid: '0x10' " PID_RANGE },
	{ "-p 12a", "--pid: '12a' " PID_RANGE },
	{ "-p 99999999999999999999999", "--pid: '99999999999999999999999' " PID_RANGE },
	{ "-p self", "--pid: 'self' " PID_RANGE },
	{ "-p 1,,2", "--pid: an item is missing before or after a comma in the list" },
	{ "-p 1,", "--pid: an item is missing before or after a comma in the list" },
	{ "-p ,1", "--pid: an item is missing before or after a comma in the list" },
	{ "-p ''", "--pid: the value is empty" },
	{ "--comm=", "--comm: the value is empty" },
	{ "-o ''", "--output: the value is empty" },
	{ "-t 0", "--tid: '0' " PID_RANGE },
	{ "-t 1,2", "--tid: '1,2' " PID_RANGE },
	{ "-d sda,", "--disk: an item is missing before or after a comma in the list" },
	{ "-d /dev/", "--disk: a disk name is missing after /dev/" },

	{ "--duration 0", "--duration: '0' " NO_TIME },
	{ "--duration 0.9ms", "--duration: '0.9ms' " NO_TIME },
	{ "--duration -1", "--duration: '-1' " NO_TIME },
	{ "--duration 5d", "--duration: '5d' " NO_TIME },
	{ "--duration .", "--duration: '.' " NO_TIME },
	{ "--duration s", "--duration: 's' " NO_TIME },
	{ "--duration inf", "--duration: 'inf' " NO_TIME },
	{ "--duration nan", "--duration: 'nan' " NO_TIME },
	{ "--duration 0x1", "--duration: '0x1' " NO_TIME },
	{ "--duration 1e3", "--duration: '1e3' " NO_TIME },
	{ "--duration 1,5", "--duration: '1,5' " NO_TIME },
	{ "--duration 1.2.3", "--duration: '1.2.3' " NO_TIME },
	{ "--duration 1000000001", "--duration: '1000000001' " NO_TIME },

	{ "--map-size 63", "--map-size: '63' " MAP_RANGE },
	{ "--map-size 16777217", "--map-size: '16777217' " MAP_RANGE },
	{ "--map-size 64k", "--map-size: '64k' " MAP_RANGE },
	{ "--buffer-pages 0", "--buffer-pages: '0' " PAGES_RANGE },
	{ "--buffer-pages 65537", "--buffer-pages: '65537' " PAGES_RANGE },
	{ "--buffer-pages 3", "--buffer-pages: 3 is not a power of two (1, 2, 4 ... 65536)" },
	{ "--ready-fd -1", "--ready-fd: '-1' " FD_RANGE },
	{ "--ready-fd 2147483648", "--ready-fd: '2147483648' " FD_RANGE },
	{ "--ready-fd 99", "--ready-fd: descriptor 99 is not open" },

	{ "--layer blok", "--layer: 'blok' is not a layer " LAYERS "; did you mean block?" },
	{ "--layer app", "--layer: 'app' is not a layer " LAYERS "; did you mean application?" },
	{ "--layer vfs,swap", "--layer: 'swap' is not a layer " LAYERS },
	{ "--layer block,", "--layer: an item is missing before or after a comma in the list" },
	{ "--types bpf", "--types: 'bpf' is unknown (supported here: auto, btf, headers, kheaders);"
	  " did you mean btf?" },
	{ "--attach raw", "--attach: 'raw' is unknown (supported here: auto, tracepoint, fentry,"
	  " kprobe)" },
	{ "--ownership file", "--ownership: 'file' is unknown (supported here: page, chunk,"
	  " inode)" },
	{ "--color yes", "--color: 'yes' is unknown (supported here: auto, always, never)" },

	{ "--by sytem", "--by: 'sytem' is unknown " BY "; did you mean system?" },
	{ "--by proces", "--by: 'proces' is unknown " BY "; did you mean process?" },
	{ "--by total", "--by: 'total' is unknown " BY },
	{ "-S mysql,", "--system: an item is missing before or after a comma in the list" },
	{ "--system=", "--system: the value is empty" },
	{ "--container ''", "--container: the value is empty" },
	{ "--container a*b", "--container: 'a*b' is neither an id nor a name of a container" },
	{ "--container a,b", "--container: 'a,b' is neither an id nor a name of a container" },
	{ "-f x>1", "unknown option -f" },
	{ "--from a.ioamp", "unknown option --from" },

	{ "-a -j --csv", "--json and --csv exclude each other" },
	{ "-a --csv --json", "--csv and --json exclude each other" },
	{ "-a -j --format csv", "--json and --format exclude each other" },
	{ "-a --format text --csv", "--format and --csv exclude each other" },
	{ "--format jsn", "--format: 'jsn' is unknown (supported here: text, json, csv); did you mean json?" },
	{ "--format", "--format needs a value (FORMAT)" },
	{ "-p 1 -- true", "--pid and a COMMAND exclude each other: COMMAND is the target" },
	{ "-t 1 -- true", "--tid and a COMMAND exclude each other: COMMAND is the target" },
	{ "-a -p 1", "--all is the whole machine; it excludes --pid" },
	{ "-a -t 1", "--all is the whole machine; it excludes --tid" },
	{ "-a -S etcd", "--all is the whole machine; it excludes --system" },
	{ "-a --cgroup x", "--all is the whole machine; it excludes --cgroup" },
	{ "-a --container x", "--all is the whole machine; it excludes --container" },
};

#define NOTHING	"no target: give a COMMAND, -p PID, -S SYSTEM, --cgroup PATH, --container ID," \
		" or -a for the whole machine"

static const struct misuse stat_only[] = {
	{ "", NOTHING },
	{ "-j --duration 1", NOTHING },
	{ "-d sda", NOTHING },
	{ "--", "no COMMAND after --" },
	{ "-o --", NOTHING },	/* here "--" is the name of a file */
	{ "-a --as nobody", "--as nobody needs a COMMAND to run" },
	{ "--settle soon -- true", "--settle: 'soon' is unknown (supported here: sync, wait,"
	  " none)" },
	{ "--settle wait: -- true", "--settle: '' " NO_TIME },
	{ "--settle wait:x -- true", "--settle: 'x' " NO_TIME },
	{ "--min-us 5 -- true", "unknown option --min-us" },
};

static const struct misuse snoop_only[] = {
	{ "dd if=x", "'dd' is not an option; put -- before a command: iosnoop-amp -- dd ..." },
	{ "-j 5", "'5' is not an option; put -- before a command: iosnoop-amp -- 5 ..." },
	{ "-o -- dd", "'dd' is not an option; put -- before a command: iosnoop-amp -- dd ..." },
	{ "--min-us 1.5", "--min-us: '1.5' is not a whole number from 0 to 3600000000" },
	{ "--min-us 3600000001",
	  "--min-us: '3600000001' is not a whole number from 0 to 3600000000" },
	{ "--as nobody -- true", "unknown option --as" },
	{ "--settle sync", "unknown option --settle" },
};

static const struct misuse doctor_only[] = {
	{ "--scratch /x", "--scratch is for --selftest" },
	{ "--selftest=yes", "--selftest takes no value" },
	{ "--selftest --scratch", "--scratch needs a value (DIR)" },
	{ "--scratch=", "--scratch: the value is empty" },
	{ "x", "'x' is not an option" },
	{ "-- true", "'true' is not an option" },
	{ "-p 1", "unknown option -p" },
	{ "--csv", "unknown option --csv" },
	{ "--format csv", "--format: 'csv' is unknown (supported here: text, json)" },
	{ "--raw", "unknown option --raw" },
	{ "--selftets", "unknown option --selftets; did you mean --selftest?" },
	{ "--systemd", "unknown option --systemd; did you mean --systems?" },
	{ "--systems 1 2", "'2': --systems takes one PID" },
	{ "--systems x", "PID: 'x' is not a whole number from 1 to 4194304" },
	{ "1", "'1' is not an option" },
	{ "--systems --selftest", "--selftest, --systems and --lint exclude each other" },
	{ "--lint a --systems", "--selftest, --systems and --lint exclude each other" },
	{ "--lint", "--lint needs a value (FILE)" },
};

static void test_misuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		refused(tool_ioamp_stat, both[i].line, both[i].message);
		refused(tool_iosnoop_amp, both[i].line, both[i].message);
	}
	for (size_t i = 0; i < COUNT(stat_only); i++)
		refused(tool_ioamp_stat, stat_only[i].line, stat_only[i].message);
	for (size_t i = 0; i < COUNT(snoop_only); i++)
		refused(tool_iosnoop_amp, snoop_only[i].line, snoop_only[i].message);
	for (size_t i = 0; i < COUNT(doctor_only); i++)
		refused(tool_ioamp_doctor, doctor_only[i].line, doctor_only[i].message);
}

/* So many digits that infinity is divided by infinity. */
static void test_endless_digits(void **state)
{
	char line[512], message[1024];

	(void)state;
	strcpy(line, "--duration .");
	memset(line + strlen(line), '9', 400);
	line[412] = '\0';
	snprintf(message, sizeof(message), "--duration: '%s' " NO_TIME, line + 11);
	refused(tool_ioamp_stat, line, message);
}

/* A list one longer than the limit, and one of the limit. */
static void list_of(char *line, const char *option, unsigned int n, const char *item)
{
	strcpy(line, option);
	for (unsigned int i = 0; i < n; i++) {
		strcat(line, i ? "," : "");
		strcat(line, item);
	}
}

static void test_list_limits(void **state)
{
	char line[1024];
	struct run r;

	(void)state;
	list_of(line, "-p ", TARGET_MAX_PIDS + 1, "7");
	refused(tool_ioamp_stat, line, "--pid: more than 64 in the list");
	list_of(line, "-p ", TARGET_MAX_PIDS, "7");
	parse_good(&r, tool_ioamp_stat, line);
	assert_int_equal(r.o.ask.target.nr_pids, TARGET_MAX_PIDS);

	list_of(line, "-a -d ", TARGET_MAX_DISKS + 1, "sda");
	refused(tool_ioamp_stat, line, "--disk: more than 64 in the list");
	list_of(line, "-a -d ", TARGET_MAX_DISKS, "sda");
	parse_good(&r, tool_ioamp_stat, line);
	assert_string_equal(r.o.ask.target.disks[TARGET_MAX_DISKS - 1], "sda");

	list_of(line, "-d ", 1, "");
	memset(line + 3, 'x', 256);
	line[259] = '\0';
	refused(tool_ioamp_stat, line, "--disk: a name is too long in the list");
}

/* The names fill disk_text exactly; where one byte is missing, there is no room. */
static void test_disk_text_is_full(void **state)
{
	char name[4][ITEM_NAME_MAX + 1];
	struct run r = { .argc = 0 };

	(void)state;
	r.argv[r.argc++] = (char *)"TOOL";
	r.argv[r.argc++] = (char *)"-a";
	for (int i = 0; i < 4; i++) {
		memset(name[i], 'a' + i, ITEM_NAME_MAX);
		name[i][ITEM_NAME_MAX] = '\0';
		r.argv[r.argc++] = (char *)"-d";
		r.argv[r.argc++] = name[i];
	}
	parse_argv(&r, tool_ioamp_stat);
	assert_int_equal(r.err, 0);
	for (int i = 0; i < 4; i++)
		assert_string_equal(r.o.ask.target.disks[i], name[i]);
	name[3][ITEM_NAME_MAX - 1] = '\0';
	r.argv[r.argc++] = (char *)"-d";
	r.argv[r.argc++] = (char *)"e";
	parse_argv(&r, tool_ioamp_stat);
	assert_string_equal(r.errors, "ioamp-stat: --disk: more than 64 in the list\n" TRY_STAT);
}

static void test_ready_fd(void **state)
{
	char line[32], message[64];
	int pair[2];
	struct run r;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	snprintf(line, sizeof(line), "-a --ready-fd %d", pair[1]);
	parse_good(&r, tool_ioamp_stat, line);
	assert_int_equal(r.o.ready_fd, pair[1]);
	snprintf(line, sizeof(line), "-a --ready-fd %d", pair[0]);
	snprintf(message, sizeof(message), "--ready-fd: descriptor %d is not open for writing",
		 pair[0]);
	refused(tool_ioamp_stat, line, message);
	close(pair[0]);
	close(pair[1]);
}

/* ---- what is accepted ---- */

static void test_defaults(void **state)
{
	struct text_config text;
	struct run r;

	(void)state;
	program_text_default(&text);
	parse_good(&r, tool_ioamp_stat, "-a");
	assert_memory_equal(&r.o.ask.engine.text, &text, sizeof(text));
	assert_int_equal(r.o.ask.engine.layers, 0x3f);
	assert_int_equal(r.o.ask.engine.types, KTYPES_AUTO);
	assert_int_equal(r.o.ask.engine.attach, ATTACH_AUTO);
	assert_int_equal(r.o.ready_fd, -1);
	assert_int_equal(r.o.ask.by, BY_SYSTEM);
	assert_int_equal(r.o.ask.target.nr_systems, 0);
	assert_int_equal(r.o.settle, SETTLE_DEFAULT);
	assert_null(r.o.ask.target.command);
	assert_null(r.o.ask.target.comm);
	assert_null(r.o.output);
	assert_int_equal(r.o.ask.target.nr_pids + r.o.ask.target.nr_disks + r.o.ask.target.tid, 0);
	assert_true(r.o.ask.target.all);
	parse_good(&r, tool_iosnoop_amp, "");
	text.events = text.times = true;
	assert_memory_equal(&r.o.ask.engine.text, &text, sizeof(text));
	assert_false(r.o.ask.target.all);
}

struct flag_case {
	const char *line;
	size_t offset;
};

#define MEMBER(m) offsetof(struct options, m)

static const struct flag_case flag_cases[] = {
	{ "-a", MEMBER(ask.target.all) }, { "--all", MEMBER(ask.target.all) },
	{ "--no-header", MEMBER(style.no_header) }, { "--raw", MEMBER(style.raw) },
	{ "-w", MEMBER(style.wide) }, { "--wide", MEMBER(style.wide) },
	{ "-x", MEMBER(style.extra) }, { "--extra", MEMBER(style.extra) },
	{ "-T", MEMBER(style.timestamp) }, { "--timestamp", MEMBER(style.timestamp) },
	{ "-m", MEMBER(style.millis) }, { "--milliseconds", MEMBER(style.millis) },
	{ "-q", MEMBER(quiet) }, { "--quiet", MEMBER(quiet) },
	{ "--strict", MEMBER(strict) }, { "--ebpf", MEMBER(show_ebpf) },
};

/* Each flag sets its own member and, byte by byte, nothing else. */
static void test_flags(void **state)
{
	struct run plain, r;
	const unsigned char *a = (void *)&plain.o, *b = (void *)&r.o;

	(void)state;
	/* by role, since some of them are shown roles otherwise: then the kernel side knows threads */
	parse_good(&plain, tool_iosnoop_amp, "--by role");
	for (size_t i = 0; i < COUNT(flag_cases); i++) {
		char line[64];

		snprintf(line, sizeof(line), "--by role %s", flag_cases[i].line);
		parse_good(&r, tool_iosnoop_amp, line);
		r.o.own = plain.o.own;
		for (size_t at = 0; at < sizeof(r.o); at++)
			assert_int_equal(b[at] - a[at], at == flag_cases[i].offset);
	}
}

/* A format has a name, and its short form is an option. */
static void test_formats(void **state)
{
	static const struct { get_tool *tool; const char *line, *name; } cases[] = {
		{ tool_ioamp_stat, "-a", "text" }, { tool_ioamp_stat, "-a -j", "json" },
		{ tool_ioamp_stat, "-a --csv", "csv" }, { tool_ioamp_stat, "-a --format=text", "text" },
		{ tool_ioamp_stat, "-a --format csv", "csv" }, { tool_iosnoop_amp, "--format json", "json" },
		/* the last use counts, as with any option */
		{ tool_ioamp_stat, "-a --format csv --format json", "json" },
		{ tool_ioamp_stat, "-a -j --format json", "json" }, { tool_ioamp_stat, "-aj --json", "json" },
		{ tool_ioamp_top, "--csv", "csv" }, { tool_iolatency_layers, "--format csv", "csv" },
		{ tool_ioamp_doctor, "", "text" }, { tool_ioamp_doctor, "--format json", "json" },
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse_good(&r, cases[i].tool, cases[i].line);
		assert_string_equal(r.o.writer->name, cases[i].name);
	}
}

/* A row is a process where processes were named, else a system. */
static void test_default_rows(void **state)
{
	static const struct {
		const char *line;
		enum row_by by;
		bool by_file, lanes;
	} cases[] = {
		{ "-a", BY_SYSTEM, false, false }, { "-S etcd", BY_SYSTEM, false, false },
		{ "--cgroup /", BY_SYSTEM, false, false }, { "-c dd", BY_SYSTEM, false, false },
		{ "-p 1", BY_PROCESS, false, false }, { "-t 1", BY_PROCESS, false, false },
		{ "-- dd", BY_PROCESS, false, false }, { "-a -- dd", BY_PROCESS, false, false },
		{ "-a --by process", BY_PROCESS, false, false }, { "-p 1 --by system", BY_SYSTEM, false, false },
		{ "-a --by file", BY_FILE, true, false }, { "-a --by role", BY_ROLE, true, true },
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse_good(&r, tool_ioamp_stat, cases[i].line);
		assert_int_equal(r.o.ask.by, cases[i].by);
		assert_int_equal(r.o.ask.engine.text.by_file, cases[i].by_file);
		assert_int_equal(r.o.ask.engine.text.lanes, cases[i].lanes);
	}
	parse_good(&r, tool_iosnoop_amp, "-x");
	assert_true(r.o.ask.engine.text.lanes);
	parse_good(&r, tool_iosnoop_amp, "");
	assert_false(r.o.ask.engine.text.lanes);
}

static void test_systems(void **state)
{
	char line[1024];
	struct run r;

	(void)state;
	parse_good(&r, tool_ioamp_stat, "-S etcd,postgres -S etcd//var/lib/a");
	assert_int_equal(r.o.ask.target.nr_systems, 3);
	assert_string_equal(r.o.ask.target.systems[0], "etcd");
	assert_string_equal(r.o.ask.target.systems[1], "postgres");
	assert_string_equal(r.o.ask.target.systems[2], "etcd//var/lib/a");
	list_of(line, "-S ", TARGET_MAX_SYSTEMS + 1, "etcd");
	refused(tool_ioamp_stat, line, "--system: more than 16 in the list");
}

struct number_case {
	const char *line;
	size_t offset;
	unsigned int value;
};

static const struct number_case number_cases[] = {
	{ "-t 1", MEMBER(ask.target.tid), 1 }, { "--tid=4194304", MEMBER(ask.target.tid), 4194304 },
	{ "-v", MEMBER(verbose), 1 }, { "-vv", MEMBER(verbose), 2 },
	{ "-v -j --verbose", MEMBER(verbose), 2 },
	{ "--by process", MEMBER(ask.by), BY_PROCESS }, { "--by cgroup", MEMBER(ask.by), BY_CGROUP },
	{ "--by container", MEMBER(ask.by), BY_CONTAINER },
	{ "--by device", MEMBER(ask.by), BY_DEVICE }, { "--by file", MEMBER(ask.by), BY_FILE },
	/* more counters, and only there */
	{ "--by file", MEMBER(ask.engine.text.agg_entries), 4 * 32768 },
	{ "--by cgroup", MEMBER(ask.engine.text.agg_entries), 32768 },
	{ "--by file --map-size 64", MEMBER(ask.engine.text.agg_entries), 64 },
	{ "--map-size 64", MEMBER(ask.engine.text.file_entries), 64 },
	{ "--by file --map-size 16777216", MEMBER(ask.engine.text.file_entries), 131072 },
	{ "--color auto", MEMBER(color), COLOR_AUTO },
	{ "--color=always", MEMBER(color), COLOR_ALWAYS },
	{ "--color never", MEMBER(color), COLOR_NEVER },
	{ "--types auto", MEMBER(ask.engine.types), KTYPES_AUTO },
	{ "--types btf", MEMBER(ask.engine.types), KTYPES_BTF },
	{ "--types headers", MEMBER(ask.engine.types), KTYPES_HEADERS },
	{ "--types kheaders", MEMBER(ask.engine.types), KTYPES_KHEADERS },
	{ "--attach auto", MEMBER(ask.engine.attach), ATTACH_AUTO },
	{ "--attach tracepoint", MEMBER(ask.engine.attach), ATTACH_TRACEPOINT },
	{ "--attach fentry", MEMBER(ask.engine.attach), ATTACH_FENTRY },
	{ "--attach kprobe", MEMBER(ask.engine.attach), ATTACH_KPROBE },
	{ "--ownership page", MEMBER(ask.engine.text.ownership), OWN_PAGE },
	{ "--ownership chunk", MEMBER(ask.engine.text.ownership), OWN_CHUNK },
	{ "--ownership inode", MEMBER(ask.engine.text.ownership), OWN_INODE },
	{ "--layer application", MEMBER(ask.engine.layers), 1u << LAYER_APPLICATION },
	{ "--layer sys", MEMBER(ask.engine.layers), 1u << LAYER_APPLICATION },
	{ "--layer vfs", MEMBER(ask.engine.layers), 1u << LAYER_VFS },
	{ "--layer cache", MEMBER(ask.engine.layers), 1u << LAYER_CACHE },
	{ "--layer fs", MEMBER(ask.engine.layers), 1u << LAYER_FILESYSTEM },
	{ "--layer filesystem", MEMBER(ask.engine.layers), 1u << LAYER_FILESYSTEM },
	{ "--layer blk,dev", MEMBER(ask.engine.layers), 1u << LAYER_BLOCK | 1u << LAYER_DEVICE },
	{ "--layer block --layer device,block", MEMBER(ask.engine.layers),
	  1u << LAYER_BLOCK | 1u << LAYER_DEVICE },
	{ "--map-size 64", MEMBER(ask.engine.text.agg_entries), 64 },
	{ "--map-size 64", MEMBER(ask.engine.text.actor_entries), 64 },
	{ "--map-size 64", MEMBER(ask.engine.text.page_entries), 64 },
	{ "--map-size 64", MEMBER(ask.engine.text.bio_entries), 16384 },
	{ "--map-size 16777216", MEMBER(map_size), 16777216 },
	{ "--buffer-pages 1", MEMBER(ask.engine.text.event_pages), 1 },
	{ "--buffer-pages 65536", MEMBER(ask.engine.text.event_pages), 65536 },
	{ "--buffer-pages 65536", MEMBER(buffer_pages), 65536 },
};

static void test_numbers(void **state)
{
	unsigned int value;
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(number_cases); i++) {
		parse_good(&r, tool_iosnoop_amp, number_cases[i].line);
		memcpy(&value, (char *)&r.o + number_cases[i].offset, sizeof(value));
		if (value != number_cases[i].value)
			print_error("%s\n", number_cases[i].line);
		assert_int_equal(value, number_cases[i].value);
	}
	parse_good(&r, tool_iosnoop_amp, "--min-us 0");
	assert_true(r.o.ask.min_ns == 0);
	parse_good(&r, tool_iosnoop_amp, "--min-us 3600000000");
	assert_true(r.o.ask.min_ns == 3600000000000);
}

static const struct { const char *text; double seconds; } times[] = {
	{ "1", 1 }, { "5s", 5 }, { "10ms", 0.01 }, { "2m", 120 }, { "1h", 3600 }, { "1.5", 1.5 },
	{ "0.1", 0.1 }, { ".5m", 30 }, { "3.s", 3 }, { "1ms", 0.001 }, { "0.25h", 900 },
	{ "007", 7 }, { "1000000000", 1e9 },
};

static void test_times(void **state)
{
	char line[64];
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		snprintf(line, sizeof(line), "-a --duration %s", times[i].text);
		parse_good(&r, tool_ioamp_stat, line);
		assert_true(fabs(r.o.duration_s - times[i].seconds) <= times[i].seconds * 1e-12);
	}
}

static const struct { const char *line; enum settle settle; double wait; } settles[] = {
	{ "--settle sync true", SETTLE_SYNC, 0 }, { "--settle none true", SETTLE_NONE, 0 },
	{ "--settle wait true", SETTLE_WAIT, 0 }, { "--settle wait:1.5m true", SETTLE_WAIT, 90 },
	{ "--settle wait:5 --settle wait true", SETTLE_WAIT, 0 },
	{ "--settle wait:5 --settle none true", SETTLE_NONE, 0 },
};

static void test_settle(void **state)
{
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(settles); i++) {
		parse_good(&r, tool_ioamp_stat, settles[i].line);
		assert_int_equal(r.o.settle, settles[i].settle);
		assert_true(r.o.settle_wait_s == settles[i].wait);
	}
}

static void test_words(void **state)
{
	struct run r;

	(void)state;
	parse_good(&r, tool_ioamp_stat, "-p 1,22 --pid=333 -c post* -o out.txt --cgroup /a/b"
		   " --container pod:a/b/c");
	assert_int_equal(r.o.ask.target.nr_pids, 3);
	assert_int_equal(r.o.ask.target.pids[0], 1);
	assert_int_equal(r.o.ask.target.pids[1], 22);
	assert_int_equal(r.o.ask.target.pids[2], 333);
	assert_string_equal(r.o.ask.target.comm, "post*");
	assert_string_equal(r.o.output, "out.txt");
	assert_string_equal(r.o.ask.target.cgroup, "/a/b");
	assert_string_equal(r.o.ask.target.container, "pod:a/b/c");
	parse_good(&r, tool_ioamp_stat, "-a -d /dev/sda,nvme* -d loop0");
	assert_int_equal(r.o.ask.target.nr_disks, 3);
	assert_string_equal(r.o.ask.target.disks[0], "sda");
	assert_string_equal(r.o.ask.target.disks[1], "nvme*");
	assert_string_equal(r.o.ask.target.disks[2], "loop0");
	/* whoever prints the command line again finds it as it was typed */
	assert_string_equal(r.argv[3], "/dev/sda,nvme*");
	parse_good(&r, tool_ioamp_stat, "--as nobody true");
	assert_string_equal(r.o.as_user, "nobody");
}

/* Where options end and COMMAND begins. */
static const struct {
	get_tool *tool;
	const char *line, *command[4];
	bool json;
} commands[] = {
	{ tool_ioamp_stat, "dd if=x", { "dd", "if=x" }, false },
	{ tool_ioamp_stat, "-j dd -p 5", { "dd", "-p", "5" }, true },
	{ tool_ioamp_stat, "-- dd --csv", { "dd", "--csv" }, false },
	{ tool_ioamp_stat, "-j -- dd -- x", { "dd", "--", "x" }, true },
	{ tool_ioamp_stat, "dd -- x", { "dd", "--", "x" }, false },
	{ tool_ioamp_stat, "-- -j", { "-j" }, false },
	{ tool_ioamp_stat, "-a -- true", { "true" }, false },
	{ tool_ioamp_stat, "5", { "5" }, false },
	{ tool_ioamp_stat, "-o -- -j true", { "true" }, true },
	{ tool_iosnoop_amp, "-j -- dd -j", { "dd", "-j" }, true },
	{ tool_iosnoop_amp, "-xj -- dd", { "dd" }, true },
	{ tool_iosnoop_amp, "-o -- -- dd", { "dd" }, false },
};

static void test_command(void **state)
{
	struct run r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		parse_good(&r, commands[i].tool, commands[i].line);
		assert_non_null(r.o.ask.target.command);
		assert_string_equal(r.o.writer->name, commands[i].json ? "json" : "text");
		for (n = 0; n < COUNT(commands[i].command) && commands[i].command[n]; n++)
			assert_string_equal(r.o.ask.target.command[n], commands[i].command[n]);
		assert_null(r.o.ask.target.command[n]);
	}
}

/* Enough to watch without a COMMAND. */
static void test_targets(void **state)
{
	static const char *const lines[] = {
		"-p 1", "-t 1", "-c dd", "--cgroup x", "--container x", "-a", "-a -c dd", "-a -d sda", "--ebpf",
		"--dur 1 -a",
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		parse_good(&r, tool_ioamp_stat, lines[i]);
		parse_good(&r, tool_iosnoop_amp, lines[i]);
		assert_null(r.o.ask.target.command);
	}
}

static void test_log(void **state)
{
	struct run r;

	(void)state;
	parse_good(&r, tool_iosnoop_amp, "-vv");
	assert_string_equal(log_tool(), "iosnoop-amp");
	assert_int_equal(log_verbosity(), 2);
	parse_good(&r, tool_ioamp_stat, "-a");
	assert_string_equal(log_tool(), "ioamp-stat");
	assert_int_equal(log_verbosity(), 0);
}

/* ---- INTERVAL and COUNT ---- */

static void expect_interval(const char *line, double interval, unsigned int count, const char *command)
{
	struct run r;

	parse(&r, tool_ioamp_top, line);
	if (r.err || fabs(r.o.interval_s - interval) > 1e-9 || r.o.count != count)
		fail_msg("'%s': %d, %g s, %u: %s", line, r.err, r.o.interval_s, r.o.count, r.errors);
	if (command)
		assert_string_equal(r.o.ask.target.command[0], command);
	else
		assert_null(r.o.ask.target.command);
}

static void refuse_interval(const char *line, const char *words)
{
	struct run r;

	parse(&r, tool_iolatency_layers, line);
	assert_int_equal(r.err, -EINVAL);
	assert_int_equal(r.status, 2);
	if (!strstr(r.errors, words) || strstr(r.errors, "--INTERVAL") || strstr(r.errors, "--COUNT"))
		fail_msg("'%s': %s", line, r.errors);
}

static void test_interval(void **state)
{
	(void)state;
	expect_interval("-a", 1, 0, NULL);
	expect_interval("2", 2, 0, NULL);
	expect_interval("-j 0.5 10", 0.5, 10, NULL);
	expect_interval("500ms 3 -j", 0.5, 3, NULL);
	expect_interval("1 -a 4", 1, 4, NULL);
	expect_interval("1 4 -- dd if=x", 1, 4, "dd");
	expect_interval("1 -- 5", 1, 0, "5");
	expect_interval("-- 5 6", 1, 0, "5");
	refuse_interval("1 2 3", "nothing may follow INTERVAL and COUNT");
	refuse_interval("dd if=x", "'dd' is not an INTERVAL; put -- before a command");
	refuse_interval("0.05", "too short");
	refuse_interval("5x", "'5x' is not a time");
	refuse_interval("1 0", "COUNT: '0' is not a whole number");
	refuse_interval("1 x", "COUNT: 'x' is not a whole number");
	refuse_interval("1 --", "no COMMAND after --");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_endless_digits),
		cmocka_unit_test(test_list_limits),
		cmocka_unit_test(test_disk_text_is_full),
		cmocka_unit_test(test_ready_fd),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_default_rows),
		cmocka_unit_test(test_systems),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
