/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_hooks - the compiler, its types, and the places of the kernel where probes attach. */
#include "tools/ioamp-doctor/doctor_internal.h"

#include <ctype.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "engine/bcc.h"
#include "types/ktypes.h"

#define NOT_TRIED	"not tried: that takes what is missing above"
/* The oldest libbcc that is tested. */
#define BCC_MINOR	26

void look_library(struct look *l)
{
	struct finding *f = found(l, "libbcc");
	const struct bcc_library *lib = l->m->library;
	int major, minor;

	if (!lib) {
		finding_fail(f, VERDICT_MISSING, l->m->no_library);
		return;
	}
	finding_say(f, VERDICT_OK, "%s%s%s%s%s%s", *lib->version ? lib->version : "version unknown",
		    *lib->llvm ? " (" : "", lib->llvm, *lib->llvm ? ")" : "", ", ", lib->path);
	if (sscanf(lib->version, "%d.%d", &major, &minor) != 2 || major > 0 || minor >= BCC_MINOR)
		return;
	finding_say(f, VERDICT_LIMIT, "%s, %s: older than 0.%d, the oldest that is tested",
		    lib->version, lib->path, BCC_MINOR);
	finding_fix(f, "sudo apt-get install libbpfcc    (dnf, pacman, apk: bcc; zypper: libbcc0)");
}

/* A module that the kernel has but did not load. */
static bool has_module(const struct look *l, const char *module)
{
	FILE *f = fopen(at(l, "/lib/modules/%s/modules.dep", l->m->release), "re");
	char line[1024];
	bool has = false;

	while (f && !has && fgets(line, sizeof(line), f))
		has = strstr(line, module) != NULL;
	if (f)
		fclose(f);
	return has;
}

/* What to type, then the other ways as a remark. */
static void headers_fix(struct finding *f, const char *fix)
{
	const char *other = strstr(fix, "; elsewhere:");

	finding_fix(f, "%.*s%s%s", (int)(other ? other - fix : (long)strlen(fix)), fix,
		    other ? "    " : "", other ? other + 2 : "");
}

static void one_source(struct look *l, struct finding *f, enum ktypes_source source,
		       const struct failure *e, bool other)
{
	finding_say(f, other ? VERDICT_INFO : VERDICT_MISSING, "%s%s", e->why,
		    other ? "; not needed" : "");
	/* what cannot be had is not offered, where it is not needed */
	if (other && source == KTYPES_KHEADERS && !has_module(l, "/kheaders.ko"))
		return;
	if (other && source == KTYPES_BTF)
		return;
	if (source == KTYPES_KHEADERS)
		finding_fix(f, has_module(l, "/kheaders.ko") ? "sudo modprobe kheaders" :
			    "sudo modprobe kheaders    (kernels built with CONFIG_IKHEADERS=m)");
	else if (source == KTYPES_BTF)
		finding_fix(f, "grep -l CONFIG_DEBUG_INFO_BTF=y /boot/config-*    (boot one of"
			    " these)");
	else
		headers_fix(f, e->fix);
}

/* Each source is a line of its own; one of them is enough. */
void look_types(struct look *l)
{
	static const struct {
		enum ktypes_source source;
		const char *name;
	} list[] = {
		{ KTYPES_BTF, "BTF" }, { KTYPES_HEADERS, "headers" }, { KTYPES_KHEADERS, "kheaders" },
	};
	struct failure errors[3];
	char where[3][PATH_MAX];
	bool there[3], any = false;

	for (int i = 0; i < 3; i++) {
		there[i] = !ktypes_look(list[i].source, l->m->root, l->m->release, where[i],
					sizeof(where[i]), &errors[i]);
		any |= there[i];
	}
	for (int i = 0; i < 3; i++) {
		struct finding *f = found(l, list[i].name);

		if (there[i])
			finding_say(f, VERDICT_OK, "%.600s", where[i]);
		else
			one_source(l, f, list[i].source, &errors[i], any);
	}
}

void look_tracefs(struct look *l)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	struct finding *f = found(l, "tracefs");
	struct failure why;

	if (env_check_one(&l->env, ENV_TRACEFS, l->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		return;
	}
	for (int i = 1; i >= 0; i--)
		if (exists(at(l, "%s/events", places[i])))
			finding_say(f, VERDICT_OK, "%s", places[i]);
	if (!*f->detail)
		finding_say(f, VERDICT_OK, "there, and closed to uid %u", l->self.uid);
}

/* 0 and how, -errno and why; 1: not tried. */
static int try_hook(struct look *l, enum hook_kind kind, char *said, size_t size)
{
	*said = '\0';
	if (!l->m->try_hook || !l->may_trace)
		return 1;
	return l->m->try_hook(l->m->ctx, kind, said, size);
}

static void look_tracepoints(struct look *l)
{
	struct finding *f = found(l, "tracepoints");
	char said[160];
	int err = try_hook(l, HOOK_TP, said, sizeof(said));

	if (err == 1) {
		finding_say(f, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!err) {
		finding_say(f, VERDICT_OK, "%s: one attached and detached", said);
	} else {
		finding_say(f, VERDICT_MISSING, "refused: %s", said);
		finding_fix(f, "sudo dmesg | tail    (a security module says there what it refused)");
	}
}

static bool kprobes_off(const struct look *l)
{
	return number_in(at(l, "/sys/kernel/debug/kprobes/enabled")) == 0;
}

/* The vfs layer takes either kind; with one of them the other is no loss. */
void look_hooks(struct look *l)
{
	bool pmu = exists(at(l, "/sys/bus/event_source/devices/kprobe/type"));
	struct finding *fentry, *kprobes;
	char no_fentry[160], no_kprobes[160];
	int fentry_err, kprobes_err;

	look_tracepoints(l);
	fentry_err = try_hook(l, HOOK_FEXIT, no_fentry, sizeof(no_fentry));
	kprobes_err = pmu ? try_hook(l, HOOK_KPROBE, no_kprobes, sizeof(no_kprobes)) : -1;
	if (!pmu)
		snprintf(no_kprobes, sizeof(no_kprobes), "this kernel has none (no CONFIG_KPROBES)");

	fentry = found(l, "fentry");
	if (fentry_err == 1) {
		finding_say(fentry, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!fentry_err) {
		finding_say(fentry, VERDICT_OK, "one attached and detached");
	} else {
		finding_say(fentry, kprobes_err ? VERDICT_LIMIT : VERDICT_INFO, "refused: %s%s",
			    no_fentry, kprobes_err ? "" : "; kprobes serve");
		if (kprobes_err)
			finding_fix(fentry, "grep -l DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y"
				    " /boot/config-*    (boot one of these, with BTF; or one with kprobes)");
	}

	kprobes = found(l, "kprobes");
	if (kprobes_off(l)) {
		finding_say(kprobes, VERDICT_LIMIT, "switched off: what attaches never fires");
		finding_fix(kprobes, "echo 1 | sudo tee /sys/kernel/debug/kprobes/enabled");
	} else if (kprobes_err == 1) {
		finding_say(kprobes, VERDICT_UNKNOWN, NOT_TRIED);
	} else if (!kprobes_err) {
		finding_say(kprobes, VERDICT_OK, "one attached and detached");
	} else if (fentry_err >= 0) {
		finding_say(kprobes, VERDICT_INFO, "%s; fentry %s", no_kprobes,
			    fentry_err ? "may serve" : "serves");
	} else {
		finding_say(kprobes, VERDICT_LIMIT, "%s", no_kprobes);
		finding_fix(kprobes, "grep -l CONFIG_KPROBES=y /boot/config-*    (boot one of"
			    " these)");
	}
}

/* The first function; before it may stand offsets of per-CPU data, the first of them 0. */
static bool first_function(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = false;
	char type = 0;

	while (f && !ok && fgets(line, (int)size, f))
		ok = sscanf(line, "%*s %c", &type) == 1 && (type == 't' || type == 'T');
	if (f)
		fclose(f);
	return ok;
}

/* Addresses tell what a bio is for; one is as good as any. */
void look_symbols(struct look *l)
{
	struct finding *f = found(l, "kernel symbols");
	char line[256];

	if (!first_function(at(l, "/proc/kallsyms"), line, sizeof(line))) {
		finding_say(f, VERDICT_LIMIT, "/proc/kallsyms cannot be read: classes of I/O are"
			    " guessed from pages");
		finding_fix(f, "grep -l CONFIG_KALLSYMS=y /boot/config-*    (boot one of these)");
		return;
	}
	if (line[strspn(line, "0")] != ' ') {
		finding_say(f, VERDICT_OK, "addresses can be read (kptr_restrict=%ld)",
			    number_in(at(l, "/proc/sys/kernel/kptr_restrict")));
		return;
	}
	if (!has_capability(l, CAP_SYSLOG)) {
		finding_say(f, VERDICT_UNKNOWN, "addresses are hidden from uid %u", l->self.uid);
		return;
	}
	finding_say(f, VERDICT_LIMIT, "addresses are hidden (kptr_restrict=%ld): classes of I/O are"
		    " guessed from pages", number_in(at(l, "/proc/sys/kernel/kptr_restrict")));
	finding_fix(f, "sudo sysctl kernel.kptr_restrict=1");
}

void look_costs(struct look *l)
{
	struct finding *f = found(l, "bpf statistics");
	long on = number_in(at(l, "/proc/sys/kernel/bpf_stats_enabled"));

	if (on < 0)
		finding_say(f, VERDICT_UNKNOWN, "kernel.bpf_stats_enabled cannot be read");
	else if (!on)
		finding_say(f, VERDICT_OK, "off (kernel.bpf_stats_enabled=1 makes -v print what each"
			    " probe costs)");
	else {
		finding_say(f, VERDICT_LIMIT, "on: each run of each BPF program is timed, which costs"
			    " more than some probes");
		finding_fix(f, "sudo sysctl kernel.bpf_stats_enabled=0");
	}
}

/* "kprobes/p_vfs_read_bcc_4211" when process 4211 is no more; else "". */
static void orphan_of(const struct look *l, const char *line, char *name, size_t size)
{
	const char *start = strchr(line, ':'), *pid;

	*name = '\0';
	if (!start)
		return;
	snprintf(name, size, "%.*s", (int)strcspn(start + 1, " \n"), start + 1);
	pid = strstr(name, "_bcc_");
	if (!pid || !isdigit((unsigned char)pid[5]) || exists(at(l, "/proc/%d", atoi(pid + 5))))
		*name = '\0';
}

struct orphans {
	char file[64];	/* where the first ones are */
	char names[400];
	char pids[64];
	int n, listed;
};

static void read_orphans(struct look *l, const char *file, struct orphans *o)
{
	FILE *f = fopen(at(l, "%s", file), "re");
	char line[512], name[128];

	while (f && fgets(line, sizeof(line), f)) {
		size_t used = strlen(o->names);

		orphan_of(l, line, name, sizeof(name));
		if (!*name)
			continue;
		o->n++;
		if (!*o->file)
			snprintf(o->file, sizeof(o->file), "%s", file);
		/* the command must be whole: what does not fit comes with the next run */
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

/* Tracers of older kernels leave lines in tracefs when they are killed. */
void look_orphans(struct look *l)
{
	static const char *const files[] = {
		"/sys/kernel/tracing/kprobe_events", "/sys/kernel/tracing/uprobe_events",
		"/sys/kernel/debug/tracing/kprobe_events", "/sys/kernel/debug/tracing/uprobe_events",
	};
	struct finding *f = found(l, "orphan probes");
	struct orphans o = { .n = 0 };
	bool closed = !exists(at(l, "/sys/kernel/tracing/events")) &&
		      !exists(at(l, "/sys/kernel/debug/tracing/events"));

	/* the same directory, mounted twice */
	for (int i = exists(at(l, "/sys/kernel/tracing/events")) ? 0 : 2, end = i + 2; i < end; i++)
		read_orphans(l, files[i], &o);
	if (closed) {
		finding_say(f, VERDICT_UNKNOWN, "tracefs cannot be read");
		return;
	}
	if (!o.n) {
		finding_say(f, VERDICT_OK, "none of a tracer that was killed");
		return;
	}
	finding_say(f, VERDICT_LIMIT, "%d left by killed tracers (PID %s): they still cost time%s",
		    o.n, o.pids, o.n > o.listed ? "; run this again after the command" : "");
	finding_fix(f, "printf -- '-:%%s\\n'%s | sudo tee -a %s", o.names, o.file);
}
