/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_rights - may this process trace: privileges, name spaces, container, seccomp, lockdown. */
#include "tools/ioamp-doctor/check.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Since 5.8; libc headers may be older. */
#define PERFMON		38
#define BPF		39
/* The PID name space of the host: PROC_PID_INIT_INO */
#define INITIAL_PID_NS	"pid:[4026531836]"

static const struct {
	unsigned int cap;
	const char *name, *without;
} capabilities[] = {
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", NULL },
	{ BPF, "CAP_BPF", NULL },
	{ PERFMON, "CAP_PERFMON", NULL },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "file names of other users are unknown" },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "files of other users cannot be looked up" },
	{ CAP_SYSLOG, "CAP_SYSLOG", "kernel addresses are hidden" },
};

void check_privileges(struct check *c)
{
	struct finding *f = finding_add(c->out, "privileges");
	char have[160] = "", lack[256] = "";
	struct failure why;

	if (may_trace_check_one(&c->env, MAY_TRACE_CAPABILITIES, c->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		c->may_trace = false;
		return;
	}
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		bool has = check_has_capability(c, capabilities[i].cap);
		char *to = has ? have : lack;
		size_t n = strlen(to), room = has ? sizeof(have) : sizeof(lack);

		if (has)
			snprintf(to + n, room - n, "%s%s", n ? " " : "", capabilities[i].name);
		else if (capabilities[i].without)
			snprintf(to + n, room - n, "; no %s: %s", capabilities[i].name,
				 capabilities[i].without);
	}
	finding_say(f, *lack ? VERDICT_LIMIT : VERDICT_OK, "%s (uid %u)%s", have, c->self.uid, lack);
	if (*lack)
		finding_fix(f, "sudo %s", c->m->retry);
}

void check_namespaces(struct check *c)
{
	struct finding *f = finding_add(c->out, "namespaces");
	char ns[64] = "", command[512];
	struct failure why;
	ssize_t n;

	if (may_trace_check_one(&c->env, MAY_TRACE_USER_NS, c->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		c->may_trace = false;
		return;
	}
	n = readlink(check_path(c, "/proc/self/ns/pid"), ns, sizeof(ns) - 1);
	if (n > 0)
		ns[n] = '\0';
	if (*ns && strcmp(ns, INITIAL_PID_NS)) {
		finding_say(f, VERDICT_LIMIT, "a PID name space of its own: rows show PIDs of the"
			    " host, /proc shows those of the container: names are missing, and -p selects a"
			    " wrong process");
		may_trace_container(c->m->retry, command, sizeof(command));
		finding_fix(f, "%s    (Kubernetes: hostPID: true; podman: --pid=host)", command);
		return;
	}
	finding_say(f, VERDICT_OK, "the host's");
}

/* "docker", "podman", the variable `container` of PID 1, or "". */
static void container_kind(const struct check *c, char *out, size_t size)
{
	char text[4096];
	FILE *f;
	size_t n;

	snprintf(out, size, "%s", check_exists(check_path(c, "/.dockerenv")) ? "docker" :
		 check_exists(check_path(c, "/run/.containerenv")) ? "podman" : "");
	if (*out || check_first_line(check_path(c, "/run/systemd/container"), out, size))
		return;
	f = fopen(check_path(c, "/proc/1/environ"), "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	for (const char *p = text; p < text + n; p += strlen(p) + 1)
		if (!strncmp(p, "container=", 10))
			snprintf(out, size, "%.*s", (int)size - 1, p + 10);
}

/* A path that we may not examine exists. */
static bool there(const char *path)
{
	return check_exists(path) || errno == EACCES;
}

static bool has_tracing(const struct check *c)
{
	return there(check_path(c, "/sys/kernel/tracing/events")) ||
	       there(check_path(c, "/sys/kernel/debug/tracing/events"));
}

void check_container(struct check *c)
{
	struct finding *f = finding_add(c->out, "container");
	char kind[64], command[sizeof(f->fix)];
	const char *lack[3];
	int n = 0;

	container_kind(c, kind, sizeof(kind));
	if (!*kind) {
		finding_say(f, VERDICT_OK, "none found");
		return;
	}
	if (!has_tracing(c))
		lack[n++] = "/sys/kernel/tracing";
	if (!check_exists(check_path(c, "/sys/fs/cgroup/cgroup.controllers")) &&
	    !check_exists(check_path(c, "/sys/fs/cgroup/memory")))
		lack[n++] = "/sys/fs/cgroup";
	if (!check_exists(check_path(c, "/lib/modules/%s", c->m->release)) &&
	    !check_exists(check_path(c, "/sys/kernel/btf/vmlinux")))
		lack[n++] = "/lib/modules";
	finding_say(f, n ? VERDICT_LIMIT : VERDICT_OK, "%s%s%s%s%s%s%s", kind,
		    n ? "; not mounted: " : "", n ? lack[0] : "", n > 1 ? ", " : "",
		    n > 1 ? lack[1] : "", n > 2 ? ", " : "", n > 2 ? lack[2] : "");
	if (!n)
		return;
	may_trace_container(c->m->retry, command, sizeof(command));
	finding_fix(f, "%s", command);
}

void check_seccomp(struct check *c)
{
	struct finding *f = finding_add(c->out, "seccomp");
	struct failure why;

	if (may_trace_check_one(&c->env, MAY_TRACE_SECCOMP, c->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		c->may_trace = false;
		return;
	}
	finding_say(f, VERDICT_OK, c->self.seccomp == 2 ? "a filter, which allows bpf()" :
		    "no filter");
}

void check_lockdown(struct check *c)
{
	struct finding *f = finding_add(c->out, "lockdown");
	const char *path = check_path(c, "/sys/kernel/security/lockdown");
	char text[128], *word;
	struct failure why;

	if (may_trace_check_one(&c->env, MAY_TRACE_LOCKDOWN, c->m->retry, &why)) {
		finding_fail(f, VERDICT_MISSING, &why);
		c->may_trace = false;
		return;
	}
	if (!check_first_line(path, text, sizeof(text))) {
		finding_say(f, VERDICT_OK, "none found (no %s)",
			    path + strlen(c->m->root));
		return;
	}
	word = strchr(text, '[');
	word = word ? word + 1 : text;
	word[strcspn(word, "] ")] = '\0';
	finding_say(f, VERDICT_OK, "%s", word);
}
