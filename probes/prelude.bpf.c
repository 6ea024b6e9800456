/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * prelude - maps and the few helpers that every probe uses: who is the actor,
 * account, emit, lose. Totals are counted in `agg` only, and only ever grow.
 */

BPF_TABLE("percpu_hash", struct agg_key, struct agg_val, agg, AGG_ENTRIES);
/* Where bytes go when `agg` is full: the total stays right, the owner is lost. */
BPF_TABLE("percpu_hash", struct agg_key, struct agg_val, agg_spill, 1024);
BPF_TABLE("hash", u32, struct actor_ref, actor_ids, ACTOR_ENTRIES);	/* by tgid */
BPF_TABLE("hash", u32, struct actor, actors, ACTOR_ENTRIES);
BPF_TABLE("array", u32, u64, next_ids, 2);			/* 0 actors, 1 transactions */
BPF_TABLE("percpu_array", u32, u64, losses, LOSS_MAX);
BPF_TABLE("array", u32, u64, config, CFG_MAX);
BPF_TABLE("array", u32, u32, sysdesc, 512);			/* system call -> SYS_DESC() */
/* What a kernel thread is working for right now; tid -> actor or pool. */
BPF_TABLE("hash", u32, u32, kctx, 4096);

#if !HAVE_ATOMICS
struct number_key {
	u32 what, number;
};
BPF_TABLE("lru_hash", struct number_key, u8, numbers, 1024);	/* given lately */
#endif
enum number { NUMBER_ACTOR, NUMBER_TXN, NUMBER_FILE, NUMBER_REQUEST };

/*
 * The next number of a kind, from 1, without gaps; 0: none. Where an atomic has no result, a
 * number belongs to whoever enters it in a table first: those that read the same counter at the
 * same time go on to the next one.
 */
static __always_inline u64 number_new(u64 *next, u32 what)
{
#if HAVE_ATOMICS
	return __sync_fetch_and_add(next, 1) + 1;
#else
	struct number_key k = {.what = what, .number = *(volatile u64 *)next};
	u8 one = 1;

#pragma nounroll
	for (int i = 0; i < 16; i++) {
		k.number++;
		if (!numbers.insert(&k, &one)) {
			__sync_fetch_and_add(next, 1);
			return k.number;
		}
	}
	return 0;
#endif
}

static __always_inline void lose_many(u32 what, u64 n)
{
	u64 *v = losses.lookup(&what);

	if (v)
		__sync_fetch_and_add(v, n);
}

static __always_inline void lose(u32 what)
{
	lose_many(what, 1);
}

static __always_inline u64 config_get(u32 slot)
{
	u64 *v = config.lookup(&slot);

	return v ? *v : 0;
}

/*
 * Whether the window of the run has begun. Until then only what disks complete is counted, as the
 * kernel's own counters are, and nothing is remembered: what was asked for, dirtied or changed
 * before has no owner.
 */
static __always_inline bool active(void)
{
	return config_get(CFG_ACTIVE);
}

#define TASK_KTHREAD 0x00200000	/* PF_KTHREAD, unchanged since 2.6.27 */

static __always_inline struct task_struct *task_here(void)
{
#if DIRECT && HAVE_TASK_BTF
	return (struct task_struct *)bpf_get_current_task_btf();
#else
	return (struct task_struct *)bpf_get_current_task();
#endif
}
#if DIRECT && HAVE_TASK_BTF
#define TASK(p, f) ((p)->f)
#else
#define TASK(p, f) KP(p, f)
#endif

static __always_inline u64 id_of_cgroup(struct cgroup *cgrp)
{
	struct kernfs_node *kn = KP(cgrp, kn);

	return KP(kn, id);
}

/* A controller's group; one of version 2 where the controller has no hierarchy of its own. */
#define CSS_CGROUP_ID(set, index)                                             \
	({                                                                    \
		struct cgroup_subsys_state *_css = KP(set, subsys[index]);    \
		id_of_cgroup(KP(_css, cgroup));                                  \
	})

static __always_inline void cgroups_of(struct task_struct *task, u64 *group)
{
	struct css_set *set = KP(task, cgroups);

	group[CGROUP_V2] = id_of_cgroup(KP(set, dfl_cgrp));
#if HAVE_IO_CGRP_ID
	group[CGROUP_IO] = CSS_CGROUP_ID(set, io_cgrp_id);
#endif
#if HAVE_MEMORY_CGRP_ID
	group[CGROUP_MEMORY] = CSS_CGROUP_ID(set, memory_cgrp_id);
#endif
}

#if TARGET_CGROUP
/* Groups of the target, those below them too. */
BPF_TABLE("hash", struct cgroup_key, u32, cgroups_wanted, CGROUP_ENTRIES);

static __always_inline bool cgroup_wanted(u64 id, u32 hierarchy)
{
	struct cgroup_key k = { .id = id, .hierarchy = hierarchy };

	return cgroups_wanted.lookup(&k);
}
#endif

/* Is a process that nobody named no part of the target? */
static __always_inline bool not_target(u64 *group)
{
#if TARGET_CGROUP
	return !cgroup_wanted(group[CGROUP_V2], 0) &&
	       !cgroup_wanted(group[CGROUP_IO], IO_HIERARCHY) &&
	       !cgroup_wanted(group[CGROUP_MEMORY], MEMORY_HIERARCHY);
#else
	return config_get(CFG_TARGETED);
#endif
}

#define START_SHIFT 20	/* enough to tell two processes of one pid apart */

static __always_inline u32 start_bits(struct task_struct *leader)
{
	return KP(leader, start_time) >> START_SHIFT;
}

/* Its program and its parent: user space may come too late to ask. */
static __always_inline void identity_of(struct task_struct *leader, struct actor *a)
{
	struct mm_struct *mm = KP(leader, mm);
	struct file *exe = KP(mm, exe_file);
	struct inode *inode = KP(exe, f_inode);
	struct super_block *sb = KP(inode, i_sb);
	struct dentry *dentry = KP(exe, f_path.dentry);
	struct task_struct *parent = KP(leader, real_parent);

	a->exe_ino = KP(inode, i_ino);
	a->exe_dev = KP(sb, s_dev);
	a->ppid = KP(parent, tgid);
	bpf_probe_read_kernel_str(a->exe, sizeof(a->exe), KP(dentry, d_name.name));
}

#if TOOL_PID_NS
/*
 * The tool runs in a PID namespace of its own: its numbers are not those of
 * bpf_get_current_pid_tgid(), which are the keys everywhere. They are looked up where a task is
 * met. How deep the namespace lies is not known inside; a task has a number at each level down to
 * its own.
 */
BPF_TABLE("hash", u32, struct actor_ref, wishes, 1024);	/* process, in the tool's numbers */
#define PID_LEVELS 8	/* the kernel allows 32; a task deeper than this has no number */

/* 0: the task belongs to a namespace above or beside. */
static __always_inline u32 number_in_ns(struct task_struct *task)
{
	struct pid *pid = KP(task, thread_pid);
	struct pid_namespace *ns;
	struct upid *at;

#pragma nounroll
	for (u64 i = 1; i < PID_LEVELS; i++) {
		if (i > KP(pid, level))
			break;
		at = (struct upid *)((u64)&pid->numbers + i * sizeof(struct upid));
		ns = KP(at, ns);
		if (KP(ns, ns.inum) == TOOL_PID_NS)
			return KP(at, nr);
	}
	return 0;
}

/* What the user wants with this process: an actor id, ACTOR_NONE where nobody named it. */
static __always_inline u32 wish_of(u32 number)
{
	struct actor_ref *wish = number ? wishes.lookup(&number) : 0;
	u32 id = wish ? wish->id : ACTOR_NONE;

	return forget(id);	/* else the verifier sees "or" of two map pointers */
}
#endif

/* Number of the running thread, as the user sees it. */
static __always_inline u32 tid_here(void)
{
#if TOOL_PID_NS
	return number_in_ns(task_here());
#else
	return bpf_get_current_pid_tgid();
#endif
}

BPF_TABLE("array", u32, struct actor, blank_actor, 1);

/*
 * A new actor; false: no room. It is filled in the map: programs have 512 bytes of
 * stack, and this is inlined into those that use most of them.
 */
static __always_inline bool actor_new(u32 id, u32 tgid, struct task_struct *leader, u64 *group)
{
	u32 slot = 0;
	struct actor *a = blank_actor.lookup(&slot);

	if (a && !actors.update(&id, a))
		a = actors.lookup(&id);
	else
		a = NULL;
	if (!a) {
		lose(LOSS_MAP_FULL);
		return false;
	}
	a->start_ns = KP(leader, start_time);
	__builtin_memcpy(a->cgroup, group, sizeof(a->cgroup));
	a->tgid = tgid;
	a->flags = ACTOR_F_TARGET;
#if TOOL_PID_NS
	tgid = number_in_ns(leader);
	if (tgid)
		a->tgid = tgid;
	else
		a->flags |= ACTOR_F_ABOVE;
#endif
	bpf_probe_read_kernel(a->comm, sizeof(a->comm), &leader->comm);
	identity_of(leader, a);
	a->process = id;	/* last: now it is whole */
	return true;
}

/*
 * First I/O of a process (or of one in the target, `pending`): the verdict is
 * kept in actor_ids. Inlined into every program that asks for the actor, so it
 * is written to be small.
 */
static __always_inline u32 actor_meet(u32 tgid, bool pending)
{
	struct task_struct *task = task_here(), *leader = TASK(task, group_leader);
	struct actor_ref ref = {};
	u64 group[CGROUP_IDS] = {}, *next;
	u32 slot = 0;

	ref.start = start_bits(leader);
	cgroups_of(leader, group);
#if TOOL_PID_NS
	u32 wish = wish_of(number_in_ns(leader));

	pending |= wish == ACTOR_PENDING;
#endif
	if (TASK(task, flags) & TASK_KTHREAD) {
		ref.id = ACTOR_BACKGROUND;
#if TOOL_PID_NS
	} else if (wish == ACTOR_SELF) {
		ref.id = ACTOR_SELF;
#endif
	} else if (!pending && not_target(group)) {
		ref.id = ACTOR_OUTSIDE;
	} else {
		next = next_ids.lookup(&slot);
		ref.id = next ? number_new(next, NUMBER_ACTOR) : 0;
		if (!ref.id)
			return ACTOR_UNATTRIBUTED;
		ref.id += ACTOR_FIRST - 1;
		if (!actor_new(ref.id, tgid, leader, group))
			return ACTOR_UNATTRIBUTED;
	}
	actor_ids.update(&tgid, &ref);
	return ref.id;
}

#if LANES
BPF_TABLE("hash", u32, struct actor_ref, lanes, ACTOR_ENTRIES);	/* by tid */

/*
 * First I/O of a thread under its name. One that has the process's name shares its
 * actor; any other one gets a lane, so that all that is owned knows the thread.
 */
static __always_inline u32 lane_meet(u32 tid, u32 process)
{
	struct actor *of = actors.lookup(&process), *lane;
	struct actor_ref ref = {.id = process};
	u64 own[2] = {}, theirs[2], *next;
	u32 slot = 0;

	if (!of)
		return process;
	bpf_get_current_comm(own, sizeof(own));
	__builtin_memcpy(theirs, of->comm, sizeof(theirs));
	next = next_ids.lookup(&slot);
	if (next && (own[0] != theirs[0] || own[1] != theirs[1])) {
		ref.id = number_new(next, NUMBER_ACTOR) + ACTOR_FIRST - 1;
		/* a copy, made in the map: it has no room on the stack */
		if (ref.id < ACTOR_FIRST || actors.update(&ref.id, of))
			lose(LOSS_MAP_FULL);
		lane = actors.lookup(&ref.id);
		if (lane)
			__builtin_memcpy(lane->comm, own, sizeof(own));
		else
			ref.id = process;
	}
	ref.start = start_bits(task_here());
	lanes.update(&tid, &ref);
	return ref.id;
}

/* Who a thread of a process in the target is. */
static __always_inline u32 lane_of(u32 tid, u32 tgid, u32 process)
{
	struct actor_ref *ref;

	if (process < ACTOR_FIRST || tid == tgid)
		return process;
	ref = lanes.lookup(&tid);
	return ref ? ref->id : lane_meet(tid, process);
}
#else
#define lane_of(tid, tgid, process) (process)
#endif

static __always_inline void lane_forget(u32 tid)
{
#if LANES
	lanes.delete(&tid);
#endif
}

/* A kernel thread runs now. */
static __always_inline bool on_kthread(void)
{
	struct task_struct *task = task_here();

	return TASK(task, flags) & TASK_KTHREAD;
}

/* The process that runs now, or ACTOR_BACKGROUND for a kernel thread. */
static __always_inline u32 actor_current(void)
{
	u64 both = bpf_get_current_pid_tgid();
	u32 tgid = both >> 32;
	struct actor_ref *ref = actor_ids.lookup(&tgid);

	u32 id = ref && ref->id != ACTOR_PENDING ? ref->id : actor_meet(tgid, ref);

#if TARGET_TID
	if (id >= ACTOR_FIRST && tid_here() != TARGET_TID)
		return ACTOR_OUTSIDE;
#endif
	return lane_of(both, tgid, id);
}

/* The same where it was met before: without the stack that meeting takes. */
static __always_inline u32 actor_known(void)
{
	u64 both = bpf_get_current_pid_tgid();
	u32 tgid = both >> 32;
	struct actor_ref *ref = actor_ids.lookup(&tgid);

#if LANES
	u32 tid = both;

	if (ref && ref->id >= ACTOR_FIRST && tid != tgid)
		ref = lanes.lookup(&tid);
#endif
	return ref ? ref->id : ACTOR_NONE;
}

/*
 * SYS_ bits of the system call the running user task is in; 0: none that is
 * known, or none at all (a page fault in its own code).
 */
static __always_inline u32 call_bits_here(void)
{
	struct task_struct *task = task_here();
	u64 regs = user_regs(task);
	u32 nr = KP((struct pt_regs *)regs, orig_ax), *desc = sysdesc.lookup(&nr);

	return desc ? *desc : 0;
}

/*
 * Block device -> the pool that splits what its file system writes for nobody in
 * particular (a log, a tree, a superblock).
 */
BPF_TABLE("hash", u32, u32, meta_pools, 1024);
BPF_TABLE("hash", struct share_key, u64, shares, SHARE_ENTRIES);

static __always_inline void share_add(u32 pool, u32 actor, u64 weight)
{
	struct share_key k = {.pool = pool, .actor = actor};
	u64 zero = 0, *v;

	if (!active())
		return;
	v = shares.lookup(&k);
	if (!v) {
		shares.insert(&k, &zero);
		v = shares.lookup(&k);
		if (!v) {
			lose(LOSS_MAP_FULL);
			return;
		}
	}
	__sync_fetch_and_add(v, weight);
}

/* `actor` changed metadata of the file system `dev`, which lies on `bdev`. */
static __always_inline void meta_share(u32 bdev, u32 dev, u32 actor, u64 weight)
{
	u32 pool = POOL_ID(POOL_META, POOL_DEV(dev));

	if (bdev && !meta_pools.lookup(&bdev))
		meta_pools.update(&bdev, &pool);
	share_add(pool, actor, weight);
}

/* Whoever the running task works for: itself, or a kernel thread's cause. */
static __always_inline u32 actor_cause(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	u32 *k;

	if (!on_kthread())
		return actor_current();
	k = kctx.lookup(&tid);
	return k ? *k : ACTOR_BACKGROUND;
}

static __always_inline struct agg_val *agg_slot(struct agg_key *k)
{
	struct agg_val zero = {}, *v = agg.lookup(k);

	if (v)
		return v;
	agg.insert(k, &zero);
	v = agg.lookup(k);
	if (v)
		return v;
	lose(LOSS_MAP_FULL);
	k->actor = ACTOR_UNATTRIBUTED;
#if BY_FILE
	k->file = 0;	/* else this table would fill up, too */
#endif
	agg_spill.insert(k, &zero);
	return agg_spill.lookup(k);
}

/* The key's owner; whoever it was before the window has no row, but a mark. */
static __always_inline void key_owner(struct agg_key *k, u32 actor)
{
	bool before = actor == ACTOR_BEFORE;

	k->actor = before ? ACTOR_BACKGROUND : actor;
	if (before && k->layer >= LAYER_BLOCK)
		k->flags |= KEY_BEFORE;
}

/*
 * Adds to one counter. The adds are atomic although the slot is this CPU's:
 * an interrupt may count to the same key between load and store.
 */
static __always_inline void account(struct agg_key *k, u64 ops, u64 bytes, u64 ns, u64 queue_ns)
{
	struct agg_val *v;

	if (k->layer != LAYER_DEVICE && !active())
		return;
	v = agg_slot(k);
	if (!v)
		return;
	if (ops)
		__sync_fetch_and_add(&v->ops, ops);
	if (bytes)
		__sync_fetch_and_add(&v->bytes, bytes);
	if (ns)
		__sync_fetch_and_add(&v->ns, ns);
	if (queue_ns)
		__sync_fetch_and_add(&v->queue_ns, queue_ns);
}
