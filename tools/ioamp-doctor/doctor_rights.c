/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_who - which kernel this is, and whether we may trace it. */
#include "tools/ioamp-doctor/doctor_internal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Since 5.8; libc headers may be older. */
#define PERFMON		38
#define BPF		39
/* PROC_PID_INIT_INO and its like: the name spaces of the first process */
#define INITIAL_PID_NS	"pid:[4026531836]"

/* The oldest kernel the probes are written for. */
#define OLDEST_MAJOR	5
#define OLDEST_MINOR	10
/* From here on BPF's memory is the cgroup's affair. */
#define CGROUP_MAJOR	5
#define CGROUP_MINOR	11

static bool older(const struct look *l, int major, int minor)
{
	return l->major < major || (l->major == major && l->minor < minor);
}

void system_name(const char *os_release, char *out, size_t size)
{
	FILE *f = fopen(os_release, "re");
	char line[256];

	snprintf(out, size, "Linux");
	while (f && fgets(line, sizeof(line), f)) {
		char *value = line + 12;

		if (strncmp(line, "PRETTY_NAME=", 12))
			continue;
		value += *value == '"' || *value == '\'';
		snprintf(out, size, "%.*s", (int)strcspn(value, "\"'\n"), value);
	}
	if (f)
		fclose(f);
}

void look_kernel(struct look *l)
{
	struct finding *f = found(l, "kernel");
	char name[128];

	system_name(at(l, "/etc/os-release"), name, sizeof(name));
	if (sscanf(l->m->release, "%d.%d", &l->major, &l->minor) != 2)
		l->major = l->minor = 0;
	finding_say(f, VERDICT_OK, "%s %s, %s", l->m->release, l->m->arch, name);
	if (!older(l, OLDEST_MAJOR, OLDEST_MINOR))
		return;
	finding_say(f, VERDICT_LIMIT, "%s %s, %s: the probes are written for %d.%d and newer",
		    l->m->release, l->m->arch, name, OLDEST_MAJOR, OLDEST_MINOR);
	finding_fix(f, "ls /boot/vmlinuz-*    (boot one of %d.%d or newer)",
		    OLDEST_MAJOR, OLDEST_MINOR);
}

static const struct {
	unsigned int cap;
	const char *name, *without;
} capabilities[] = {
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", NULL },
	{ BPF, "CAP_BPF", NULL },
	{ PERFMON, "CAP_PERFMON", NULL },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "names of others' files stay unknown" },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "files of others cannot be looked up" },
	{ CAP_SYSLOG, "CAP_SYSLOG", "kernel addresses stay hidden" },
};

void look_privileges(struct look *l)
{
	struct finding *f = found(l, "privileges");
	char have[160] = "", lack[256] = "";
	struct failure why;

	if (env_check_one(&l->env, ENV_CAPABILITIES, l->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		l->may_trace = false;
		return;
	}
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		bool has = has_capability(l, capabilities[i].cap);
		char *to = has ? have : lack;
		size_t n = strlen(to), room = has ? sizeof(have) : sizeof(lack);

		if (has)
			snprintf(to + n, room - n, "%s%s", n ? " " : "", capabilities[i].name);
		else if (capabilities[i].without)
			snprintf(to + n, room - n, "; no %s: %s", capabilities[i].name,
				 capabilities[i].without);
	}
	finding_say(f, *lack ? VERDICT_LIMIT : VERDICT_OK, "%s (uid %u)%s", have, l->self.uid, lack);
	if (*lack)
		finding_fix(f, "sudo %s", l->m->retry);
}

void look_namespaces(struct look *l)
{
	struct finding *f = found(l, "namespaces");
	char ns[64] = "", command[512];
	struct failure why;
	ssize_t n;

	if (env_check_one(&l->env, ENV_USER_NS, l->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		l->may_trace = false;
		return;
	}
	n = readlink(at(l, "/proc/self/ns/pid"), ns, sizeof(ns) - 1);
	if (n > 0)
		ns[n] = '\0';
	if (*ns && strcmp(ns, INITIAL_PID_NS)) {
		finding_say(f, VERDICT_LIMIT, "a PID name space of its own: rows have the host's"
			    " PIDs, /proc has the container's, so names are missing and -p means another"
			    " process");
		env_container(l->m->retry, command, sizeof(command));
		finding_fix(f, "%s    (Kubernetes: hostPID: true; podman: --pid=host)", command);
		return;
	}
	finding_say(f, VERDICT_OK, "those of the host");
}

/* "docker", "podman", what PID 1 was told, or "". */
static void container_kind(const struct look *l, char *out, size_t size)
{
	char text[4096];
	FILE *f;
	size_t n;

	snprintf(out, size, "%s", exists(at(l, "/.dockerenv")) ? "docker" :
		 exists(at(l, "/run/.containerenv")) ? "podman" : "");
	if (*out || first_line(at(l, "/run/systemd/container"), out, size))
		return;
	f = fopen(at(l, "/proc/1/environ"), "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	for (const char *p = text; p < text + n; p += strlen(p) + 1)
		if (!strncmp(p, "container=", 10))
			snprintf(out, size, "%.*s", (int)size - 1, p + 10);
}

/* What is closed to us is there all the same. */
static bool there(const char *path)
{
	return exists(path) || errno == EACCES;
}

static bool has_tracing(const struct look *l)
{
	return there(at(l, "/sys/kernel/tracing/events")) ||
	       there(at(l, "/sys/kernel/debug/tracing/events"));
}

void look_container(struct look *l)
{
	struct finding *f = found(l, "container");
	char kind[64], command[sizeof(f->fix)];
	const char *lack[3];
	int n = 0;

	container_kind(l, kind, sizeof(kind));
	if (!*kind) {
		finding_say(f, VERDICT_OK, "none that shows");
		return;
	}
	if (!has_tracing(l))
		lack[n++] = "/sys/kernel/tracing";
	if (!exists(at(l, "/sys/fs/cgroup/cgroup.controllers")) &&
	    !exists(at(l, "/sys/fs/cgroup/memory")))
		lack[n++] = "/sys/fs/cgroup";
	if (!exists(at(l, "/lib/modules/%s", l->m->release)) &&
	    !exists(at(l, "/sys/kernel/btf/vmlinux")))
		lack[n++] = "/lib/modules";
	finding_say(f, n ? VERDICT_LIMIT : VERDICT_OK, "%s%s%s%s%s%s%s", kind,
		    n ? "; not mounted: " : "", n ? lack[0] : "", n > 1 ? ", " : "",
		    n > 1 ? lack[1] : "", n > 2 ? ", " : "", n > 2 ? lack[2] : "");
	if (!n)
		return;
	env_container(l->m->retry, command, sizeof(command));
	finding_fix(f, "%s", command);
}

void look_seccomp(struct look *l)
{
	struct finding *f = found(l, "seccomp");
	struct failure why;

	if (env_check_one(&l->env, ENV_SECCOMP, l->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		l->may_trace = false;
		return;
	}
	finding_say(f, VERDICT_OK, l->self.seccomp == 2 ? "a filter that lets bpf() through" :
		    "no filter");
}

void look_lockdown(struct look *l)
{
	struct finding *f = found(l, "lockdown");
	const char *path = at(l, "/sys/kernel/security/lockdown");
	char text[128], *word;
	struct failure why;

	if (env_check_one(&l->env, ENV_LOCKDOWN, l->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		l->may_trace = false;
		return;
	}
	if (!first_line(path, text, sizeof(text))) {
		finding_say(f, VERDICT_OK, "none that shows (no %s)",
			    path + strlen(l->m->root));
		return;
	}
	word = strchr(text, '[');
	word = word ? word + 1 : text;
	word[strcspn(word, "] ")] = '\0';
	finding_say(f, VERDICT_OK, "%s", word);
}

void look_bpf(struct look *l)
{
	struct finding *f = found(l, "bpf()");
	long jit = number_in(at(l, "/proc/sys/net/core/bpf_jit_enable"));
	long closed = number_in(at(l, "/proc/sys/kernel/unprivileged_bpf_disabled"));

	if (closed < 0) {
		/* the sysctl is as old as the call's use for tracing */
		finding_say(f, VERDICT_UNKNOWN, "/proc/sys/kernel/unprivileged_bpf_disabled is not"
			    " there: no CONFIG_BPF_SYSCALL, or no /proc/sys");
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

void look_memlock(struct look *l)
{
	struct finding *f = found(l, "locked memory");
	FILE *file = fopen(at(l, "/proc/self/limits"), "re");
	char line[256], limit[32] = "";

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Max locked memory %31s", limit) == 1)
			break;
	if (file)
		fclose(file);
	if (!older(l, CGROUP_MAJOR, CGROUP_MINOR))
		finding_say(f, VERDICT_OK, "maps count for the control group (5.11 and newer)");
	else if (!strcmp(limit, "unlimited"))
		finding_say(f, VERDICT_OK, "unlimited");
	else if (has_capability(l, CAP_SYS_RESOURCE))
		finding_say(f, VERDICT_OK, "the limit of %s bytes is raised (CAP_SYS_RESOURCE)",
			    *limit ? limit : "?");
	else {
		finding_say(f, VERDICT_LIMIT, "%s bytes, too small for the maps, and it may not be"
			    " raised (no CAP_SYS_RESOURCE)", *limit ? limit : "?");
		finding_fix(f, "sudo sh -c 'ulimit -l unlimited; exec %s'    (systemd:"
			    " LimitMEMLOCK=infinity; docker: --ulimit memlock=-1)", l->m->retry);
	}
}
