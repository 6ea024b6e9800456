/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach - loads one program of the compiled text and attaches it. */
#include "engine/attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VERIFIER_LOG (1 << 20)

/* Descriptor of a module's BTF, for attach_btf_obj_fd; -1: the kernel has no BTF of this module. */
static int module_btf_fd(const char *module)
{
	struct bpf_btf_info info;
	char name[64];
	__u32 id = 0, len;
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		info.name = (uintptr_t)name;
		info.name_len = sizeof(name);
		len = sizeof(info);
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(name, module))
			return fd;
		close(fd);
	}
	return -1;
}

struct load {
	enum bpf_prog_type type;
	enum bpf_attach_type expected;
	const char *btf_kind, *btf_name;	/* NULL: no BTF target */
};

/* The reason is the last line of the verifier's log. */
static void last_line(const char *log, char *why, size_t size)
{
	const char *end = log + strlen(log), *start;

	while (end > log && end[-1] == '\n')
		end--;
	for (start = end; start > log && start[-1] != '\n'; start--)
		;
	/* before the summary ("processed N insns ...") */
	if (!strncmp(start, "processed ", 10) && start > log) {
		end = start - 1;
		for (start = end; start > log && start[-1] != '\n'; start--)
			;
	}
	snprintf(why, size, "%.*s", (int)(end - start), start);
}

static int load_again_with_log(const struct attach_program *p, const struct load *l,
			       struct bpf_prog_load_opts *opts, char *why, size_t size)
{
	char *log = calloc(1, VERIFIER_LOG);
	int fd, err = errno;

	if (!log)
		return -err;
	opts->log_buf = log;
	opts->log_size = VERIFIER_LOG;
	opts->log_level = 1;
	fd = bpf_prog_load(l->type, p->bpf_name, "GPL", p->insns, p->count, opts);
	if (fd >= 0)
		close(fd);
	if (*log)
		last_line(log, why, size);
	else
		snprintf(why, size, "%s", strerror(err));
	free(log);
	return -err;
}

static int link_raw(const char *name, int prog, char *why, size_t why_size)
{
	int fd = bpf_raw_tracepoint_open(name, prog);

	if (fd >= 0)
		return fd;
	fd = -errno;
	if (fd == -ENOENT)
		snprintf(why, why_size, "this kernel has no tracepoint %s", name ? name : "");
	else
		snprintf(why, why_size, "attach: %s", strerror(-fd));
	return fd;
}

static int kprobe_pmu(void)
{
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &type) != 1)
		type = -1;
	fclose(f);
	return type;
}

/* Opens a perf event for the program. The kernel closes it when the tool is killed. */
static int link_perf(struct perf_event_attr *attr, int prog)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog) && !ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Through perf_event_open: a line in kprobe_events would stay when the tool is killed. */
static int link_kprobe(const char *function, int prog, char *why, size_t why_size)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	int type = kprobe_pmu(), fd;

	if (type < 0) {
		snprintf(why, why_size, "no kprobes");
		return -EOPNOTSUPP;
	}
	attr.type = (__u32)type;
	attr.kprobe_func = (uintptr_t)function;
	fd = link_perf(&attr, prog);
	if (fd < 0)
		snprintf(why, why_size, "kprobe on %s: %s", function, strerror(-fd));
	return fd;
}

/* Number of an event, in any group of tracefs; -1: there is no such event. */
static int event_id(const char *event)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char pattern[256];
	glob_t g;
	FILE *f;
	int id = -1;

	for (size_t i = 0; id < 0 && i < sizeof(roots) / sizeof(roots[0]); i++) {
		snprintf(pattern, sizeof(pattern), "%s/events/*/%s/id", roots[i], event);
		if (glob(pattern, 0, NULL, &g))
			continue;
		f = fopen(g.gl_pathv[0], "re");
		if (f && fscanf(f, "%d", &id) != 1)
			id = -1;
		if (f)
			fclose(f);
		globfree(&g);
	}
	return id;
}

static int link_tracepoint(const char *event, int prog, char *why, size_t why_size)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .type = PERF_TYPE_TRACEPOINT };
	int id = event_id(event), fd;

	if (id < 0) {
		snprintf(why, why_size, "tracefs has no event %s", event);
		return -ENOENT;
	}
	attr.config = (__u64)id;
	attr.sample_period = 1;
	fd = link_perf(&attr, prog);
	if (fd < 0)
		snprintf(why, why_size, "tracepoint %s: %s", event, strerror(-fd));
	return fd;
}

static struct load load_of(const struct attach_program *p)
{
	struct load l = { .type = BPF_PROG_TYPE_RAW_TRACEPOINT };

	if (p->hook->kind == HOOK_KPROBE) {
		l.type = BPF_PROG_TYPE_KPROBE;
	} else if (p->hook->kind == HOOK_TRACEPOINT) {
		l.type = BPF_PROG_TYPE_TRACEPOINT;
	} else if (p->hook->kind == HOOK_FEXIT || p->direct) {
		l.type = BPF_PROG_TYPE_TRACING;
		l.expected = p->hook->kind == HOOK_FEXIT ? BPF_TRACE_FEXIT : BPF_TRACE_RAW_TP;
		l.btf_kind = p->hook->kind == HOOK_FEXIT ? "func" : "tp";
		l.btf_name = p->hook->point;
	}
	return l;
}

int attach_load(const struct attach_program *p, char *why, size_t why_size)
{
	const struct load l = load_of(p);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = l.expected);
	char module[64] = "";
	int id, fd, btf_fd = -1, err;

	if (l.btf_name) {
		id = ktypes_btf_id(p->kt, l.btf_kind, l.btf_name, module, sizeof(module));
		if (id < 0) {
			snprintf(why, why_size, "%s is not in this kernel's BTF", l.btf_name);
			return -ENOENT;
		}
		opts.attach_btf_id = (__u32)id;
		if (*module) {
			btf_fd = module_btf_fd(module);
			if (btf_fd < 0) {
				snprintf(why, why_size, "no BTF of module %s", module);
				return -ENOENT;
			}
			opts.attach_btf_obj_fd = (__u32)btf_fd;
		}
	}
	fd = bpf_prog_load(l.type, p->bpf_name, "GPL", p->insns, p->count, &opts);
	err = fd;
	if (fd < 0)
		err = load_again_with_log(p, &l, &opts, why, why_size);
	if (btf_fd >= 0)
		close(btf_fd);
	return err;
}

const char *attach_via_name(enum attach_via via)
{
	static const char *const names[] = {
		[VIA_NONE] = "none", [VIA_TP_BTF] = "tp_btf", [VIA_RAW_TRACEPOINT] = "raw_tracepoint",
		[VIA_TRACEPOINT] = "tracepoint", [VIA_FENTRY] = "fentry", [VIA_KPROBE] = "kprobe",
	};

	return names[via];
}

static enum attach_via via_of(enum hook_kind kind, bool direct)
{
	switch (kind) {
	case HOOK_TP:
		return direct ? VIA_TP_BTF : VIA_RAW_TRACEPOINT;
	case HOOK_TRACEPOINT:
		return VIA_TRACEPOINT;
	case HOOK_FEXIT:
		return VIA_FENTRY;
	case HOOK_KPROBE:
		return VIA_KPROBE;
	}
	return VIA_NONE;
}

int attach_hook(const struct attach_program *p, struct attached *out, char *why, size_t why_size)
{
	const struct hook *hook = p->hook;
	int prog = attach_load(p, why, why_size), link;

	if (prog < 0)
		return prog;
	if (hook->kind == HOOK_KPROBE)
		link = link_kprobe(hook->point, prog, why, why_size);
	else if (hook->kind == HOOK_TRACEPOINT)
		link = link_tracepoint(hook->point, prog, why, why_size);
	else	/* a program with a BTF target was loaded for this tracepoint */
		link = link_raw(load_of(p).btf_name ? NULL : hook->point, prog, why, why_size);
	if (link < 0) {
		close(prog);
		return link;
	}
	out->prog = prog;
	out->link = link;
	out->via = via_of(hook->kind, p->direct);
	return 0;
}

static const struct bpf_insn return_zero[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

int attach_try(enum hook_kind kind, const struct ktypes *kt, char *why, size_t why_size)
{
	const struct hook hook = { kind, kind == HOOK_FEXIT || kind == HOOK_KPROBE ?
		"vfs_fsync_range" : "sched_process_exit" };
	const struct attach_program p = {
		.hook = &hook, .bpf_name = "ioamp_try", .insns = return_zero, .count = 2,
		.direct = kt && ktypes_have_btf(kt), .kt = kt,
	};
	struct attached a;
	int err;

	why[0] = 0;
	if (kind == HOOK_FEXIT && !p.direct) {
		snprintf(why, why_size, "no BTF for fentry");
		return -ENOENT;
	}
	err = attach_hook(&p, &a, why, why_size);
	if (err)
		return err;
	close(a.link);
	close(a.prog);
	return 0;
}

bool attach_can_fentry(const struct ktypes *kt, char *why, size_t why_size)
{
	char reason[128];
	int err = attach_try(HOOK_FEXIT, kt, reason, sizeof(reason));

	if (err == -ENOENT && !ktypes_have_btf(kt))
		snprintf(why, why_size, "%s", reason);
	else if (err)
		snprintf(why, why_size, "fentry is refused (%s)", strerror(-err));
	return !err;
}

bool attach_can_kprobe(char *why, size_t why_size)
{
	if (kprobe_pmu() >= 0)
		return true;
	snprintf(why, why_size, "no kprobes");
	return false;
}

static bool loads(const struct bpf_insn *insns, size_t n)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ioamp_try", "GPL", insns, n, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool attach_has_task_btf(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_task_btf },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_task_pt_regs },
		return_zero[0], return_zero[1],
	};

	return loads(insns, 5);
}

bool attach_has_atomics(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = 1, .off = -8 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 10, .src_reg = 1, .off = -8,
		  .imm = BPF_ADD | BPF_FETCH },
		return_zero[0], return_zero[1],
	};

	return loads(insns, 5);
}
