/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_shared - the options that several tools have. */
#include "tool/opt_shared.h"

#include "base/names.h"
#include "ledger/row.h"
#include "tool/opt_value.h"
#include "tool/tool.h"

/* opt.c stores numbers and choices as int into members of these types. */
_Static_assert(sizeof(enum row_by) == sizeof(int) && sizeof(enum attach_want) == sizeof(int) &&
	       sizeof(enum color) == sizeof(int) && sizeof(uint32_t) == sizeof(int),
	       "members set by offset have the size of int");

#define TARGET(member)	OPT_SETS(ask.target.member)
#define STYLE(member)	.kind = OPT_FLAG, OPT_SETS(style.member)

const struct opt_def opt_shared_target[] = {
	{ 'p', "pid", "PID[,PID]", "only these processes",
	  .kind = OPT_CALL, .take = opt_value_pids, OPT_RANGE(1, OPT_PID_LIMIT) },
	{ 't', "tid", "TID", "only this thread",
	  .kind = OPT_NUMBER, TARGET(tid), OPT_RANGE(1, OPT_PID_LIMIT) },
	{ 'c', "comm", "GLOB", "only processes of this name", .kind = OPT_TEXT, TARGET(comm) },
	{ 'd', "disk", "DISK[,DISK]", "only these disks; globs allowed",
	  .kind = OPT_CALL, .take = opt_value_disks },
	{ 'S', "system", "SYSTEM[,SYSTEM]",
	  "only these systems, as NAME or NAME/INSTANCE; ioamp-doctor --systems lists them",
	  .kind = OPT_CALL, .take = opt_value_systems },
	{ 0, "cgroup", "PATH", "only processes in this cgroup", .kind = OPT_TEXT, TARGET(cgroup) },
	{ 0, "container", "ID", "only this container: the start of its id, or its name",
	  .kind = OPT_CALL, .take = opt_value_container },
	{ 'a', "all", NULL, "the whole machine", .kind = OPT_FLAG, TARGET(all) },
	{ 0 },
};

static const struct opt_choice settle_choices[] = {
	{ "sync", SETTLE_SYNC }, { "wait", SETTLE_WAIT }, { "none", SETTLE_NONE }, { NULL, 0 },
};

const struct opt_def opt_shared_command[] = {
	{ 0, "as", "USER", "run COMMAND as USER", .kind = OPT_TEXT, OPT_SETS(as_user) },
	{ 0, "settle", "HOW", "what to do about data still dirty at the end: sync (default with"
	  " COMMAND), wait[:TIME], none",
	  .kind = OPT_CALL, .take = opt_value_settle, .choices = settle_choices, OPT_SETS(settle) },
	{ 0 },
};

const struct opt_def opt_shared_window[] = {
	{ 0, "duration", "TIME", "stop after TIME: seconds, or with ms, s, m, h",
	  .kind = OPT_CALL, .take = opt_value_duration },
	{ 0 },
};

static const struct opt_choice by_choices[] = {
	{ "process", BY_PROCESS }, { "system", BY_SYSTEM }, { "role", BY_ROLE },
	{ "cgroup", BY_CGROUP }, { "container", BY_CONTAINER }, { "file", BY_FILE },
	{ "device", BY_DEVICE }, { NULL, 0 },
};

static const char *layer_value(const struct tool *tool, size_t i)
{
	(void)tool;
	return i < LAYER_MAX ? names_layer((enum layer)i) : NULL;
}

const struct opt_def opt_shared_rows[] = {
	{ 0, "by", "WHAT", "one row per process (default with a command or PID), system (default"
	  " without), role, cgroup, container, file or device",
	  .kind = OPT_CHOICE, OPT_SETS(ask.by), .choices = by_choices, .measuring = true },
	{ 0, "layer", "L[,L]", "attach only what these layers need: application, vfs, cache,"
	  " filesystem, block, device", .kind = OPT_CALL, .take = opt_value_layers, .value = layer_value },
	{ 0 },
};

static const struct opt_choice color_choices[] = {
	{ "auto", COLOR_AUTO }, { "always", COLOR_ALWAYS }, { "never", COLOR_NEVER }, { NULL, 0 },
};

static const char *format_value(const struct tool *tool, size_t i)
{
	return tool->writers[i] ? tool->writers[i]->name : NULL;
}

const struct opt_def opt_shared_output[] = {
	{ 'j', "json", NULL, "JSON", .kind = OPT_FORMAT },
	{ 0, "csv", NULL, "comma-separated values (RFC 4180)", .kind = OPT_FORMAT },
	{ 0, "format", "FORMAT", "report as:", .kind = OPT_FORMAT, .value = format_value },
	{ 0, "no-header", NULL, "no header line", STYLE(no_header), .measuring = true },
	{ 0, "raw", NULL, "exact bytes and nanoseconds", STYLE(raw), .measuring = true },
	{ 0, "color", "WHEN", "auto (default), always or never",
	  .kind = OPT_CHOICE, OPT_SETS(color), .choices = color_choices },
	{ 'w', "wide", NULL, "do not fit lines to the terminal", STYLE(wide) },
	{ 'x', "extra", NULL, "more columns", STYLE(extra), .measuring = true },
	{ 'T', "timestamp", NULL, "print the time of day", STYLE(timestamp), .measuring = true },
	{ 'm', "milliseconds", NULL, "latencies in milliseconds", STYLE(millis), .measuring = true },
	{ 'o', "output", "FILE", "write the report to FILE", .kind = OPT_TEXT, OPT_SETS(output) },
	{ 'q', "quiet", NULL, "print only errors on stderr", .kind = OPT_FLAG, OPT_SETS(quiet) },
	{ 'v', "verbose", NULL, "print the attach plan; -vv also the compiler's words",
	  .kind = OPT_COUNT, OPT_SETS(verbose) },
	{ 0, "strict", NULL, "exit 4 when the result is incomplete or event lines were lost",
	  .kind = OPT_FLAG, OPT_SETS(strict), .measuring = true },
	{ 0 },
};

static const struct opt_choice types_choices[] = {
	{ "auto", KTYPES_AUTO }, { "btf", KTYPES_BTF }, { "headers", KTYPES_HEADERS },
	{ "kheaders", KTYPES_KHEADERS }, { NULL, 0 },
};
static const struct opt_choice attach_choices[] = {
	{ "auto", ATTACH_AUTO }, { "tracepoint", ATTACH_TRACEPOINT }, { "fentry", ATTACH_FENTRY },
	{ "kprobe", ATTACH_KPROBE }, { NULL, 0 },
};
static const struct opt_choice ownership_choices[] = {
	{ "page", OWN_PAGE }, { "chunk", OWN_CHUNK }, { "inode", OWN_INODE }, { NULL, 0 },
};

const struct opt_def opt_shared_probes[] = {
	{ 0, "types", "SOURCE", "kernel types from:",
	  .kind = OPT_CHOICE, OPT_SETS(ask.engine.types), .choices = types_choices },
	{ 0, "attach", "KIND", "kind of probe:",
	  .kind = OPT_CHOICE, OPT_SETS(ask.engine.attach), .choices = attach_choices },
	{ 0, "ownership", "UNIT", "remember who dirtied each:",
	  .kind = OPT_CHOICE, OPT_SETS(ask.engine.text.ownership), .choices = ownership_choices },
	{ 0, "map-size", "N", "entries of the tables in the kernel",
	  .kind = OPT_NUMBER, OPT_SETS(map_size), OPT_RANGE(64, 16777216) },
	{ 0, "buffer-pages", "N", "pages of the event buffer, a power of two", .measuring = true,
	  .kind = OPT_CALL, .take = opt_value_pages, OPT_RANGE(1, 65536) },
	{ 0, "ready-fd", "FD", "write one byte to FD when all probes are attached", .measuring = true,
	  .kind = OPT_CALL, .take = opt_value_ready_fd, OPT_RANGE(0, INT32_MAX) },
	{ 0, "ebpf", NULL, "print the program text and stop; needs no root", .measuring = true,
	  .kind = OPT_FLAG, OPT_SETS(show_ebpf) },
	{ 0 },
};

const struct opt_def opt_shared_always[] = {
	{ 'h', "help", NULL, "print this and stop", .kind = OPT_HELP },
	{ 'V', "version", NULL, "print the version and stop", .kind = OPT_VERSION },
	{ 0 },
};
