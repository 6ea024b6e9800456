/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * task - processes come, change their name and go.
 * Hooks: sched_process_fork (in the parent, child not yet running),
 * sched_process_exec (name is the new one), sched_process_exit (each thread),
 * sched_process_free (after the last reference: the pid may be reused already),
 * task_rename (a thread takes a name; LANES).
 */

/* A child of the target is in the target; any other new process is unknown yet. */
int tp__sched_process_fork(void *ctx)
{
	struct task_struct *parent = (struct task_struct *)TP_ARG(ctx, 0);
	struct task_struct *child = (struct task_struct *)TP_ARG(ctx, 1);
	u32 tgid = KR(child, tgid), ptgid = KR(parent, tgid), tid = KR(child, pid);
	struct actor_ref *p, ref = {};

	if (tid != tgid) {
		lane_forget(tid);	/* of a thread that had this number before */
		return 0;
	}
	p = actor_ids.lookup(&ptgid);
	if (config_get(CFG_TARGETED) == TARGET_TREE && p && (p->id == ACTOR_PENDING || p->id >= ACTOR_FIRST)) {
		ref.id = ACTOR_PENDING;
		ref.start = start_bits(child);
		if (actor_ids.update(&tgid, &ref))
			lose(LOSS_MAP_FULL);
	} else if (p && p->id == ACTOR_SELF) {
		ref.id = ACTOR_SELF;
		ref.start = start_bits(child);
		actor_ids.update(&tgid, &ref);
	} else {
		actor_ids.delete(&tgid);	/* of a process that had this pid before */
	}
	return 0;
}

int tp__sched_process_exec(void *ctx)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct actor_ref *ref = actor_ids.lookup(&tgid);
	struct actor *a;
	u32 id;

	if (!ref)
		return 0;
	id = ref->id;
#if TOOL_PID_NS
	/* COMMAND inherits `self` by its fork: it was not wished for yet */
	if (id == ACTOR_SELF && wish_of(number_in_ns(task_here())) == ACTOR_PENDING) {
		ref->id = ACTOR_PENDING;
		return 0;
	}
#endif
#if TARGET_CGROUP
	/* judged again: it may have been put into a group of the target */
	if (id == ACTOR_OUTSIDE)
		actor_ids.delete(&tgid);
#endif
	a = actors.lookup(&id);
	if (a) {
		bpf_get_current_comm(a->comm, sizeof(a->comm));
		cgroups_of(task_here(), a->cgroup);
		identity_of(task_here(), a);
		a->execs++;
	}
	return 0;
}

int tp__sched_process_exit(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 tgid = id >> 32, tid = id, actor;
	struct actor_ref *ref;
	struct actor *a;

	kctx.delete(&tid);
	if (tgid != tid)
		return 0;
	ref = actor_ids.lookup(&tgid);
	if (!ref)
		return 0;
	actor = ref->id;
	a = actors.lookup(&actor);
	if (a)
		a->flags |= ACTOR_F_EXITED;
	return 0;
}

/* Files are closed, and delayed blocks allocated, after the exit event: forget only now. */
int tp__sched_process_free(void *ctx)
{
	struct task_struct *task = (struct task_struct *)TP_ARG(ctx, 0);
	u32 tgid = KR(task, tgid), tid = KR(task, pid);
	struct actor_ref *ref;

	if (tid != tgid) {
		lane_forget(tid);
		return 0;
	}
	ref = actor_ids.lookup(&tgid);
	if (ref && ref->start == start_bits(task))
		actor_ids.delete(&tgid);
	return 0;
}

#if LANES
/* From now on it is another lane. */
int tp__task_rename(void *ctx)
{
	struct task_struct *task = (struct task_struct *)TP_ARG(ctx, 0);

	lane_forget(KR(task, pid));
	return 0;
}
#endif
