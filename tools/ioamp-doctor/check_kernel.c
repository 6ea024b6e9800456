/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_kernel - the version of the kernel, and settings of the kernel that limit the tools. */
#include "tools/ioamp-doctor/check.h"

#include <linux/capability.h>
#include <string.h>

/* The oldest kernel the probes are written for. */
#define OLDEST_MAJOR	5
#define OLDEST_MINOR	10
/* From this version on the kernel charges BPF maps to the control group, not to RLIMIT_MEMLOCK. */
#define CGROUP_MAJOR	5
#define CGROUP_MINOR	11

static bool older(const struct check *c, int major, int minor)
{
	return c->major < major || (c->major == major && c->minor < minor);
}

void check_kernel(struct check *c)
{
	struct finding *f = finding_add(c->out, "kernel");
	char name[128];

	check_system_name(check_path(c, "/etc/os-release"), name, sizeof(name));
	if (sscanf(c->m->release, "%d.%d", &c->major, &c->minor) != 2)
		c->major = c->minor = 0;
	finding_say(f, VERDICT_OK, "%s %s, %s", c->m->release, c->m->arch, name);
	if (!older(c, OLDEST_MAJOR, OLDEST_MINOR))
		return;
	finding_say(f, VERDICT_LIMIT, "%s %s, %s: the probes are written for %d.%d and newer",
		    c->m->release, c->m->arch, name, OLDEST_MAJOR, OLDEST_MINOR);
	finding_fix(f, "ls /boot/vmlinuz-*    (boot one of %d.%d or newer)",
		    OLDEST_MAJOR, OLDEST_MINOR);
}

void check_bpf(struct check *c)
{
	struct finding *f = finding_add(c->out, "bpf()");
	long jit = check_number(check_path(c, "/proc/sys/net/core/bpf_jit_enable"));
	long closed = check_number(check_path(c, "/proc/sys/kernel/unprivileged_bpf_disabled"));

	if (closed < 0) {
		/* every kernel that can trace with bpf() has this sysctl */
		finding_say(f, VERDICT_UNKNOWN, "/proc/sys/kernel/unprivileged_bpf_disabled does"
			    " not exist: no CONFIG_BPF_SYSCALL, or no /proc/sys");
		return;
	}
	if (!jit) {
		finding_say(f, VERDICT_LIMIT, "programs are interpreted, several times slower (JIT"
			    " off)");
		finding_fix(f, "sudo sysctl net.core.bpf_jit_enable=1");
		return;
	}
	finding_say(f, VERDICT_OK, "%sunprivileged_bpf_disabled=%ld", jit > 0 ? "JIT on; " : "",
		    closed);
}

void check_memlock(struct check *c)
{
	struct finding *f = finding_add(c->out, "locked memory");
	FILE *file = fopen(check_path(c, "/proc/self/limits"), "re");
	char line[256], limit[32] = "";

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Max locked memory %31s", limit) == 1)
			break;
	if (file)
		fclose(file);
	if (!older(c, CGROUP_MAJOR, CGROUP_MINOR))
		finding_say(f, VERDICT_OK, "maps are charged to the control group (5.11 and newer)");
	else if (!strcmp(limit, "unlimited"))
		finding_say(f, VERDICT_OK, "unlimited");
	else if (check_has_capability(c, CAP_SYS_RESOURCE))
		finding_say(f, VERDICT_OK, "the tools raise the limit of %s bytes (CAP_SYS_RESOURCE)",
			    *limit ? limit : "?");
	else {
		finding_say(f, VERDICT_LIMIT, "%s bytes: too small for the maps, and the tools may"
			    " not raise it (no CAP_SYS_RESOURCE)", *limit ? limit : "?");
		finding_fix(f, "sudo sh -c 'ulimit -l unlimited; exec %s'    (systemd:"
			    " LimitMEMLOCK=infinity; docker: --ulimit memlock=-1)", c->m->retry);
	}
}

/* The first function. Offsets of per-CPU data may precede it, and the first offset is 0. */
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

/* The probes find the purpose of a bio by function addresses. All are hidden, or none: one is enough. */
void check_symbols(struct check *c)
{
	struct finding *f = finding_add(c->out, "kernel symbols");
	char line[256];

	if (!first_function(check_path(c, "/proc/kallsyms"), line, sizeof(line))) {
		finding_say(f, VERDICT_LIMIT, "/proc/kallsyms cannot be read: classes of I/O are"
			    " guessed from pages");
		finding_fix(f, "grep -l CONFIG_KALLSYMS=y /boot/config-*    (boot one of these)");
		return;
	}
	if (line[strspn(line, "0")] != ' ') {
		finding_say(f, VERDICT_OK, "addresses can be read (kptr_restrict=%ld)",
			    check_number(check_path(c, "/proc/sys/kernel/kptr_restrict")));
		return;
	}
	if (!check_has_capability(c, CAP_SYSLOG)) {
		finding_say(f, VERDICT_UNKNOWN, "addresses are hidden from uid %u", c->self.uid);
		return;
	}
	finding_say(f, VERDICT_LIMIT, "addresses are hidden (kptr_restrict=%ld): classes of I/O are"
		    " guessed from pages", check_number(check_path(c, "/proc/sys/kernel/kptr_restrict")));
	finding_fix(f, "sudo sysctl kernel.kptr_restrict=1");
}

void check_costs(struct check *c)
{
	struct finding *f = finding_add(c->out, "bpf statistics");
	long on = check_number(check_path(c, "/proc/sys/kernel/bpf_stats_enabled"));

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
