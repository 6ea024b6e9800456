/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * cgroup - control groups are made, and processes move between them.
 * Hooks: cgroup_mkdir (the group is ready and empty; it may be removed before the user side
 * reads its path); cgroup_attach_task (the process has moved).
 */

/* Emptied by the user side about once a second. */
BPF_TABLE("hash", struct cgroup_key, struct cgroup_path, cgroup_paths, 1024);
BPF_TABLE("percpu_array", u32, struct cgroup_path, cgroup_room, 1);
#if TARGET_CGROUP
/* Of the groups of the target: one that is removed and made again is of the target, too. */
BPF_TABLE("hash", struct cgroup_path, u32, cgroup_wishes, 1024);
#endif

int tp__cgroup_mkdir(void *ctx)
{
	struct cgroup *cgrp = (struct cgroup *)TP_ARG(ctx, 0);
	struct cgroup_root *root = KP(cgrp, root);
	struct cgroup_key k = {};
	struct cgroup_path *p;
	u32 slot = 0;

	k.id = id_of_cgroup(cgrp);
	k.hierarchy = KP(root, hierarchy_id);
	p = cgroup_room.lookup(&slot);
	if (!p)
		return 0;
	__builtin_memset(p, 0, sizeof(*p));	/* it is a key as a whole */
	bpf_probe_read_kernel_str(p->path, sizeof(p->path), (void *)TP_ARG(ctx, 1));
	/* no room: the path stays unknown unless the user side finds the group in time */
	cgroup_paths.update(&k, p);
#if TARGET_CGROUP
	struct cgroup_subsys_state *above = KP(cgrp, self.parent);
	u32 one = 1;

	if ((cgroup_wishes.lookup(p) ||
	     (above && cgroup_wanted(id_of_cgroup(KP(above, cgroup)), k.hierarchy))) &&
	    cgroups_wanted.update(&k, &one))
		lose(LOSS_MAP_FULL);
#endif
	return 0;
}

/*
 * What a process does from now on belongs to its new group. A process that leaves the target
 * keeps its row; one that joins the target gets a row at its next I/O.
 */
int tp__cgroup_attach_task(void *ctx)
{
	struct task_struct *task = (struct task_struct *)TP_ARG(ctx, 2);
	u32 tgid = KP(task, tgid), id;
	struct actor_ref *ref = actor_ids.lookup(&tgid);
	struct actor *a;
	u64 now[CGROUP_IDS] = {};

	if (!ref || KP(task, pid) != tgid)
		return 0;
	cgroups_of(task, now);
	id = ref->id;
#if TARGET_CGROUP
	if (id == ACTOR_OUTSIDE) {
		actor_ids.delete(&tgid);
		return 0;
	}
	if (id >= ACTOR_FIRST && not_target(now)) {
		ref->id = ACTOR_OUTSIDE;
		return 0;
	}
#endif
	a = actors.lookup(&id);
	if (a)
		__builtin_memcpy(a->cgroup, now, sizeof(a->cgroup));
	return 0;
}
