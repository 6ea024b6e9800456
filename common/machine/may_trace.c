/* SPDX-License-Identifier: GPL-3.0-or-later */
/* may_trace - may this process trace here? Capabilities, namespaces, seccomp, lockdown, tracefs. */
#include "machine/may_trace.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Since 5.8; libc headers may be older. */
#define PERFMON			38
#define BPF			39
#define INITIAL_USER_NS		"user:[4026531837]"	/* PROC_USER_INIT_INO */
#define SECCOMP_FILTER		2
#define EXIT_CANNOT		3
#define PATH_SIZE		512

/* Starts a container that may trace: the options that Docker documents for BPF tools. */
#define CONTAINER \
	"docker run --rm -it --pid=host --cgroupns=host --security-opt seccomp=unconfined" \
	" --security-opt apparmor=unconfined --cap-add BPF --cap-add PERFMON" \
	" --cap-add SYS_PTRACE --cap-add SYS_RESOURCE --cap-add DAC_READ_SEARCH" \
	" -v /sys/kernel/tracing:/sys/kernel/tracing -v /sys/fs/cgroup:/sys/fs/cgroup:ro" \
	" -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro IMAGE "

static const struct may_trace_paths real_paths = {
	.self_status = "/proc/self/status",
	.user_ns = "/proc/self/ns/user",
	.lockdown = "/sys/kernel/security/lockdown",
	.tracefs = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" },
};

/* Without /proc assume all capabilities: bpf() fails later with its own error. */
void may_trace_self_read(const char *path, struct may_trace_self *self)
{
	char text[256];
	FILE *f = fopen(path, "re");

	*self = (struct may_trace_self){ .caps = ~0ull };
	if (!f)
		return;
	while (fgets(text, sizeof(text), f)) {
		sscanf(text, "Uid: %*u %u", &self->uid);
		sscanf(text, "CapEff: %llx", &self->caps);
		sscanf(text, "Seccomp: %d", &self->seccomp);
	}
	fclose(f);
}

static bool has_cap(const struct may_trace_self *self, unsigned int cap)
{
	return self->caps >> cap & 1;
}

/*
 * A truncated command line may be a dangerous one ("rm -rf /tmp/x" becomes "rm -rf /"): if the
 * line does not fit, print the name of the tool only.
 */
static void retry_line(const char *prefix, const char *retry, char *out, size_t size)
{
	if (snprintf(out, size, "%s%s", prefix, retry) >= (int)size)
		snprintf(out, size, "%s%s ... (the same arguments)", prefix, log_tool());
}

void may_trace_container(const char *retry, char *out, size_t size)
{
	retry_line(CONTAINER, retry, out, size);
}

static int check_caps(const struct may_trace_self *self, const char *retry, struct failure *f)
{
	bool bpf = has_cap(self, BPF), perfmon = has_cap(self, PERFMON);
	char fix[sizeof(f->fix)];

	if (has_cap(self, CAP_SYS_ADMIN) || (bpf && perfmon))
		return 0;
	/* root without these capabilities is in a container, where sudo does not help */
	retry_line(self->uid ? "sudo " : CONTAINER, retry, fix, sizeof(fix));
	log_failure_set(f, ERR_NOT_ALLOWED, fix,
		    "this process lacks %s%s%s (uid %u)", bpf ? "" : "CAP_BPF",
		    bpf || perfmon ? "" : ", ", perfmon ? "" : "CAP_PERFMON", self->uid);
	return -EPERM;
}

static int check_user_ns(const char *path, struct failure *f)
{
	char ns[64];
	ssize_t n = readlink(path, ns, sizeof(ns) - 1);

	if (n < 0)	/* a kernel without user name spaces */
		return 0;
	ns[n] = '\0';
	if (!strcmp(ns, INITIAL_USER_NS))
		return 0;
	log_failure_set(f, ERR_USER_NAMESPACE,
		    "run on the host, or in a container started by real root",
		    "running in a user namespace, %s (rootless container); the kernel refuses BPF"
		    " tracing there", ns);
	return -EPERM;
}

/* Creates and closes an array of one element: the smallest request to bpf(). */
static int try_bpf(void)
{
	union bpf_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	close((int)fd);
	return 0;
}

static int check_seccomp(const struct may_trace_self *self, int (*try)(void), const char *retry,
			 struct failure *f)
{
	char fix[sizeof(f->fix)];

	/* not every filter forbids bpf(): systemd gives its services one that allows it */
	if (self->seccomp != SECCOMP_FILTER || !try || try() != -EPERM)
		return 0;
	retry_line(CONTAINER, retry, fix, sizeof(fix));
	log_failure_set(f, ERR_SECCOMP,
		    fix, "%s is present, Seccomp mode is 2, and bpf() returned EPERM",
		    has_cap(self, BPF) ? "CAP_BPF" : "CAP_SYS_ADMIN");
	return -EPERM;
}

/* The file contains "none integrity [confidentiality]". Without securityfs there is no file. */
static int check_lockdown(const char *path, struct failure *f)
{
	char text[128] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	if (!strstr(text, "[confidentiality]"))
		return 0;
	log_failure_set(f, ERR_LOCKDOWN,
		    "boot without it (kernel parameter lockdown=integrity still allows tracing)",
		    "this mode (often Secure Boot policy) forbids kprobes and reading kernel"
		    " memory, for root too");
	return -EPERM;
}

/* EACCES: the directory exists. The code that needs it reports the missing right. */
static bool has_events(const char *tracefs)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s/events", tracefs);
	return stat(path, &st) ? errno == EACCES : S_ISDIR(st.st_mode);
}

static int check_tracefs(const char *const tracefs[2], struct failure *f)
{
	if (has_events(tracefs[0]) || has_events(tracefs[1]))
		return 0;
	log_failure_set(f, ERR_TRACEFS,
		    "sudo mount -t tracefs nodev /sys/kernel/tracing",
		    "neither %s nor %s has a directory 'events'", tracefs[0], tracefs[1]);
	return -ENOENT;
}

static const char *or_real(const char *path, const char *real)
{
	return path ? path : real;
}

/* `given`, with real files for its NULL members. */
static struct may_trace_paths complete(const struct may_trace_paths *given)
{
	struct may_trace_paths p = given ? *given : (struct may_trace_paths){ 0 };

	if (!p.try_bpf && !p.self_status)
		p.try_bpf = try_bpf;
	p.self_status = or_real(p.self_status, real_paths.self_status);
	p.user_ns = or_real(p.user_ns, real_paths.user_ns);
	p.lockdown = or_real(p.lockdown, real_paths.lockdown);
	p.tracefs[0] = or_real(p.tracefs[0], real_paths.tracefs[0]);
	p.tracefs[1] = or_real(p.tracefs[1], real_paths.tracefs[1]);
	return p;
}

static int check_one(const struct may_trace_paths *p, const struct may_trace_self *self,
		     enum may_trace_reason which, const char *retry, struct failure *f)
{
	switch (which) {
	case MAY_TRACE_CAPABILITIES:
		return check_caps(self, retry, f);
	case MAY_TRACE_USER_NS:
		return check_user_ns(p->user_ns, f);
	case MAY_TRACE_SECCOMP:
		return check_seccomp(self, p->try_bpf, retry, f);
	case MAY_TRACE_LOCKDOWN:
		return check_lockdown(p->lockdown, f);
	case MAY_TRACE_TRACEFS:
		return check_tracefs(p->tracefs, f);
	default:
		return 0;
	}
}

int may_trace_check_one(const struct may_trace_paths *paths, enum may_trace_reason which, const char *retry,
		  struct failure *f)
{
	struct may_trace_paths p = complete(paths);
	struct may_trace_self self;

	may_trace_self_read(p.self_status, &self);
	return check_one(&p, &self, which, retry, f);
}

int may_trace_check(const struct may_trace_paths *paths, const char *retry, struct failure *f)
{
	struct may_trace_paths p = complete(paths);
	struct may_trace_self self;
	int err = 0;

	may_trace_self_read(p.self_status, &self);
	for (int i = 0; !err && i < MAY_TRACE_REASONS; i++)
		err = check_one(&p, &self, (enum may_trace_reason)i, retry, f);
	return err;
}
