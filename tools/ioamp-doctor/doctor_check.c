/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_check - all checks, in the order they are printed. */
#include "tools/ioamp-doctor/doctor.h"

#include <stdlib.h>

#include "tools/ioamp-doctor/check.h"

/* Without a root the paths stay NULL: may_trace uses its own paths then, and may call bpf(). */
static void env_paths_of(struct check *c)
{
	static const char *const names[] = {
		"/proc/self/status", "/proc/self/ns/user", "/sys/kernel/security/lockdown",
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};

	may_trace_self_read(check_path(c, "%s", names[0]), &c->self);
	c->env.try_bpf = c->m->try_bpf;
	if (!*c->m->root)
		return;
	for (int i = 0; i < 5; i++)
		snprintf(c->paths[i], sizeof(c->paths[i]), "%s", check_path(c, "%s", names[i]));
	c->env.self_status = c->paths[0];
	c->env.user_ns = c->paths[1];
	c->env.lockdown = c->paths[2];
	c->env.tracefs[0] = c->paths[3];
	c->env.tracefs[1] = c->paths[4];
}

void doctor_check(const struct machine *m, struct findings *out)
{
	static void (*const checks[])(struct check *c) = {
		check_kernel, check_privileges, check_namespaces, check_container, check_seccomp,
		check_lockdown, check_bpf, check_memlock, check_library, check_types, check_tracefs,
		check_hooks, check_symbols, check_cgroups, check_iostats, check_costs, check_orphans,
		check_blind,
	};
	struct check *c = calloc(1, sizeof(*c));

	out->n = 0;
	if (!c)
		return;
	c->m = m;
	c->out = out;
	c->may_trace = true;
	env_paths_of(c);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](c);
	free(c);
}
