/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * call - a system call ends. Hook: sys_exit, where the saved registers still hold the
 * arguments.
 */
BPF_TABLE("hash", u32, u8, compat_seen, 4096);

#define USER32_CS	0x23	/* code segment of a 32-bit task on x86-64 */

static __always_inline void compat_task(void)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	u8 one = 1;

	if (!compat_seen.insert(&tgid, &one))
		lose(LOSS_COMPAT_TASKS);
}

/* The time of a call that has ended. False: the call failed, or moved nothing. */
static __always_inline bool call_ended(struct call_out *c, u32 nr, bool counts)
{
#if LATENCY
	struct wait *w = wait_of_call();

	if (!w)
		return counts;
	/* bios queued from now on do not belong to this call */
	if (counts) {
		c->wait = w;
		c->end_ns = bpf_ktime_get_ns();
		c->ns = c->end_ns - w->enter_ns;
	} else {
		w->enter_ns = 0;
	}
#elif TIMES
	u32 tid = bpf_get_current_pid_tgid();
	struct call *in = counts ? calls.lookup(&tid) : 0;

	if (in && in->nr == nr && in->enter_ns) {
		c->ns = bpf_ktime_get_ns() - in->enter_ns;
		c->req = in->req;
		in->req = 0;
		in->enter_ns = 0;
	}
#endif
	return counts;
}

int tp__sys_exit(void *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)TP_ARG(ctx, 0);
	u32 nr = KR(regs, orig_ax), kind, *desc;
	struct call_out c = {};

	c.ret = TP_ARG(ctx, 1);
	desc = sysdesc.lookup(&nr);
	if (!desc || !(*desc & (SYS_COUNTED | SYS_REAPS)))
		return 0;
	if (*desc & SYS_REAPS) {
		if (c.ret > 0 && KR(regs, cs) != USER32_CS)
			aio_reap.call(ctx, 0);
		return 0;
	}
	c.ops = 1;
	c.desc = *desc;
	kind = SYS_KIND(c.desc) & 0xf;
	if (c.ret >= 0 && KR(regs, cs) == USER32_CS) {
		wait_over();
		compat_task();
		return 0;
	}
	if (!call_ended(&c, nr, c.ret > 0 || (!c.ret && kind >= SYSK_SYNC_FD)))
		return 0;
	if (kind == SYSK_AIO) {
		aio_more.call(ctx, 0);
		app_async();
		return 0;
	}
	if (c.desc & SYS_HAS_OFFSET)
		c.offset = KR(regs, r10);
	if (c.desc & SYS_HAS_RWF)
		c.rwf = KR(regs, r9);
#if LATENCY
	struct wait *w = c.wait;

	call_dispatch(&c, regs, kind);
	if (w)
		w->enter_ns = 0;
#else
	call_dispatch(&c, regs, kind);
#endif
	return 0;
}
