/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_check - all checks in order, and what they share: findings, files. */
#include "tools/ioamp-doctor/doctor_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct finding *found(struct look *l, const char *name)
{
	struct findings *out = l->out;
	struct finding *f = &out->v[out->n < FINDINGS_MAX ? out->n++ : FINDINGS_MAX - 1];

	memset(f, 0, sizeof(*f));
	f->name = name;
	return f;
}

void finding_say(struct finding *f, enum verdict verdict, const char *detail, ...)
{
	va_list ap;

	f->verdict = verdict;
	va_start(ap, detail);
	vsnprintf(f->detail, sizeof(f->detail), detail, ap);
	va_end(ap);
}

void finding_fix(struct finding *f, const char *fix, ...)
{
	va_list ap;

	va_start(ap, fix);
	vsnprintf(f->fix, sizeof(f->fix), fix, ap);
	va_end(ap);
}

void finding_fail(struct finding *f, enum verdict verdict, const struct failure *why)
{
	finding_say(f, verdict, "%s: %s (%s)", why->what, why->why, why->code);
	finding_fix(f, "%s", why->fix);
}

const char *at(const struct look *l, const char *format, ...)
{
	static char path[4][PATH_MAX];
	static unsigned int turn;
	char *buf = path[turn++ % 4];
	int n = snprintf(buf, PATH_MAX, "%s", l->m->root);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + n, PATH_MAX - (size_t)n, format, ap);
	va_end(ap);
	return buf;
}

bool first_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	else
		*buf = '\0';
	return ok;
}

long number_in(const char *path)
{
	char line[64], *end;
	long n;

	if (!first_line(path, line, sizeof(line)))
		return -1;
	n = strtol(line, &end, 10);
	return end == line ? -1 : n;
}

bool exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

bool has_capability(const struct look *l, unsigned int cap)
{
	return l->self.caps >> cap & 1;
}

/* This machine: env's own paths, so that it may call bpf(). */
static void env_paths_of(struct look *l)
{
	static const char *const names[] = {
		"/proc/self/status", "/proc/self/ns/user", "/sys/kernel/security/lockdown",
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};

	env_self_read(at(l, "%s", names[0]), &l->self);
	l->env.try_bpf = l->m->try_bpf;
	if (!*l->m->root)
		return;
	for (int i = 0; i < 5; i++)
		snprintf(l->paths[i], sizeof(l->paths[i]), "%s", at(l, "%s", names[i]));
	l->env.self_status = l->paths[0];
	l->env.user_ns = l->paths[1];
	l->env.lockdown = l->paths[2];
	l->env.tracefs[0] = l->paths[3];
	l->env.tracefs[1] = l->paths[4];
}

void doctor_check(const struct machine *m, struct findings *out)
{
	static void (*const checks[])(struct look *l) = {
		look_kernel, look_privileges, look_namespaces, look_container, look_seccomp,
		look_lockdown, look_bpf, look_memlock, look_library, look_types, look_tracefs,
		look_hooks, look_symbols, look_cgroups, look_iostats, look_costs, look_orphans,
		look_blind,
	};
	struct look *l = calloc(1, sizeof(*l));

	out->n = 0;
	if (!l)
		return;
	l->m = m;
	l->out = out;
	l->may_trace = true;
	env_paths_of(l);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](l);
	free(l);
}
