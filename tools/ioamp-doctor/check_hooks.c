/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_hooks - the places of the kernel where probes attach. */
#include "tools/ioamp-doctor/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOT_TRIED	"not tested, because a check above failed"

void check_tracefs(struct check *c)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	struct finding *f = finding_add(c->out, "tracefs");
	struct failure why;

	if (may_trace_check_one(&c->env, MAY_TRACE_TRACEFS, c->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		return;
	}
	for (int i = 1; i >= 0; i--)
		if (check_exists(check_path(c, "%s/events", places[i])))
			finding_say(f, VERDICT_OK, "%s", places[i]);
	if (!*f->detail)
		finding_say(f, VERDICT_OK, "there, and closed to uid %u", c->self.uid);
}

/* One harmless program, attached and detached. */
struct attempt {
	bool tried;
	int err;
	char said[160];		/* how the program attached, or why not */
};

static void attempt_make(struct check *c, enum hook_kind kind, struct attempt *a)
{
	*a = (struct attempt){ .tried = c->m->try_hook && c->may_trace };
	if (a->tried)
		a->err = c->m->try_hook(c->m->ctx, kind, a->said, sizeof(a->said));
}

static void say_tracepoints(struct check *c)
{
	struct finding *f = finding_add(c->out, "tracepoints");
	struct attempt a;

	attempt_make(c, HOOK_TP, &a);
	if (!a.tried) {
		finding_say(f, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!a.err) {
		finding_say(f, VERDICT_OK, "%s: an empty one attached and detached", a.said);
	} else {
		finding_say(f, VERDICT_MISSING, "refused: %s", a.said);
		finding_fix(f, "sudo dmesg | tail    (look for a refusal by a security module)");
	}
}

static void say_fentry(struct finding *f, const struct attempt *fentry, const struct attempt *kprobes)
{
	if (!fentry->tried) {
		finding_say(f, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!fentry->err) {
		finding_say(f, VERDICT_OK, "an empty one attached and detached");
	} else if (!kprobes->err) {
		finding_say(f, VERDICT_INFO, "refused: %s; kprobes serve", fentry->said);
	} else {
		finding_say(f, VERDICT_LIMIT, "refused: %s", fentry->said);
		finding_fix(f, "grep -l DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y"
			    " /boot/config-*    (boot one of these, with BTF; or one with kprobes)");
	}
}

static void say_kprobes(struct finding *f, const struct attempt *kprobes, const struct attempt *fentry)
{
	if (!kprobes->tried) {
		finding_say(f, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!kprobes->err) {
		finding_say(f, VERDICT_OK, "an empty one attached and detached");
	} else if (!fentry->err) {
		finding_say(f, VERDICT_INFO, "%s; fentry %s", kprobes->said,
			    fentry->tried ? "serves" : "may serve");
	} else {
		finding_say(f, VERDICT_LIMIT, "%s", kprobes->said);
		finding_fix(f, "grep -l CONFIG_KPROBES=y /boot/config-*    (boot one of these)");
	}
}

/* The vfs layer needs fentry or kprobes. If one of them works, the other is only VERDICT_INFO. */
void check_hooks(struct check *c)
{
	bool pmu = check_exists(check_path(c, "/sys/bus/event_source/devices/kprobe/type"));
	struct attempt fentry, kprobes = {
		.tried = true, .err = -ENOENT, .said = "this kernel has none (no CONFIG_KPROBES)",
	};
	struct finding *f;

	say_tracepoints(c);
	attempt_make(c, HOOK_FEXIT, &fentry);
	if (pmu)
		attempt_make(c, HOOK_KPROBE, &kprobes);
	say_fentry(finding_add(c->out, "fentry"), &fentry, &kprobes);
	f = finding_add(c->out, "kprobes");
	if (check_number(check_path(c, "/sys/kernel/debug/kprobes/enabled")) != 0) {
		say_kprobes(f, &kprobes, &fentry);
		return;
	}
	finding_say(f, VERDICT_LIMIT, "switched off: attached probes never run");
	finding_fix(f, "echo 1 | sudo tee /sys/kernel/debug/kprobes/enabled");
}

/* "kprobes/p_vfs_read_bcc_4211" if process 4211 has ended; else "". */
static void orphan_of(const struct check *c, const char *line, char *name, size_t size)
{
	const char *start = strchr(line, ':'), *pid;

	*name = '\0';
	if (!start)
		return;
	snprintf(name, size, "%.*s", (int)strcspn(start + 1, " \n"), start + 1);
	pid = strstr(name, "_bcc_");
	if (!pid || !isdigit((unsigned char)pid[5]) || check_exists(check_path(c, "/proc/%d", atoi(pid + 5))))
		*name = '\0';
}

struct orphans {
	char file[64];	/* the file with the first orphans */
	char names[400];
	char pids[64];
	int n, listed;
};

static void read_orphans(struct check *c, const char *file, struct orphans *o)
{
	FILE *f = fopen(check_path(c, "%s", file), "re");
	char line[512], name[128];

	while (f && fgets(line, sizeof(line), f)) {
		size_t used = strlen(o->names);

		orphan_of(c, line, name, sizeof(name));
		if (!*name)
			continue;
		o->n++;
		if (!*o->file)
			snprintf(o->file, sizeof(o->file), "%s", file);
		/* the command must be complete: a further run lists the names that do not fit */
		if (strcmp(o->file, file) || used + strlen(name) + 2 > sizeof(o->names))
			continue;
		o->listed++;
		snprintf(o->names + used, sizeof(o->names) - used, " %s", name);
		if (!*o->pids)
			snprintf(o->pids, sizeof(o->pids), "%.20s", strstr(name, "_bcc_") + 5);
	}
	if (f)
		fclose(f);
}

/* On older kernels a tracer that is killed leaves its probes in tracefs. */
void check_orphans(struct check *c)
{
	static const char *const files[] = {
		"/sys/kernel/tracing/kprobe_events", "/sys/kernel/tracing/uprobe_events",
		"/sys/kernel/debug/tracing/kprobe_events", "/sys/kernel/debug/tracing/uprobe_events",
	};
	struct finding *f = finding_add(c->out, "orphan probes");
	struct orphans o = { .n = 0 };
	bool closed = !check_exists(check_path(c, "/sys/kernel/tracing/events")) &&
		      !check_exists(check_path(c, "/sys/kernel/debug/tracing/events"));

	/* both mount points show the same directory: read one of them */
	for (int i = check_exists(check_path(c, "/sys/kernel/tracing/events")) ? 0 : 2, end = i + 2; i < end; i++)
		read_orphans(c, files[i], &o);
	if (closed) {
		finding_say(f, VERDICT_UNKNOWN, "tracefs cannot be read");
		return;
	}
	if (!o.n) {
		finding_say(f, VERDICT_OK, "none: no killed tracer left a probe");
		return;
	}
	finding_say(f, VERDICT_LIMIT, "%d left by killed tracers (PID %s): they still cost time%s",
		    o.n, o.pids, o.n > o.listed ? "; run this again after the command" : "");
	finding_fix(f, "printf -- '-:%%s\\n'%s | sudo tee -a %s", o.names, o.file);
}
