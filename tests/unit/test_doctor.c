/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_doctor - each check on a made-up machine, well and ill; the report of a well and of an
 * ill one against golden files (RECORD_GOLDEN=1 records them); and the report of --systems.
 */
#include <locale.h>
#include <bpf/btf.h>

#include "engine/bcc.h"
#include "tools/ioamp-doctor/out_doctor.h"
#include "tools/ioamp-doctor/out_systems.h"
#include "tests/unit/golden.h"
#include "tests/unit/machine.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define REL		"6.1.0-28-amd64"

/* ---- a machine out of files ---- */

/* As machine_put(); a link when the text begins with '>'. */
static void put(const char *name, const char *text)
{
	if (*text == '>')
		machine_link(name, text + 1);
	else
		machine_put(name, text);
}

static void drop(const char *name)
{
	const char *path = machine_path(name);

	if (access(path, F_OK) && errno == ENOENT)
		unlink(path);	/* a dangling link */
	else
		machine_remove(path);
}

static void put_btf(void)
{
	struct btf *btf = btf__new_empty();
	const void *data;
	__u32 size;

	assert_true(btf__add_int(btf, "int", 4, BTF_INT_SIGNED) > 0);
	data = btf__raw_data(btf, &size);
	machine_write("/sys/kernel/btf/vmlinux", data, size);
	btf__free(btf);
}

#define STATUS(caps, uid, seccomp) "Name:\tx\nUid:\t" uid "\t" uid "\t" uid "\t" uid "\n" \
	"CapEff:\t" caps "\nSeccomp:\t" seccomp "\n"
#define ALL_CAPS	"000001ffffffffff"
#define CGROUP2		"30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define CGROUP1		"30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

/* A Debian 12 on which all is well. */
static const struct { const char *name, *text; } well[] = {
	{ "/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n" },
	{ "/proc/self/status", STATUS(ALL_CAPS, "0", "0") },
	{ "/proc/self/ns/user", ">user:[4026531837]" },
	{ "/proc/self/ns/pid", ">pid:[4026531836]" },
	{ "/proc/self/mountinfo", CGROUP2 },
	{ "/proc/self/limits", "Max locked memory         8388608              8388608   bytes\n" },
	{ "/proc/1/environ", "HOME=/" },
	{ "/proc/kallsyms", "ffffffff81000000 T startup_64\n" },
	{ "/proc/sys/kernel/kptr_restrict", "0\n" },
	{ "/proc/sys/kernel/bpf_stats_enabled", "0\n" },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled", "2\n" },
	{ "/proc/sys/net/core/bpf_jit_enable", "1\n" },
	{ "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n" },
	{ "/sys/kernel/tracing/events/", "" },
	{ "/sys/kernel/tracing/kprobe_events", "" },
	{ "/sys/kernel/tracing/uprobe_events", "" },
	{ "/sys/fs/cgroup/cgroup.controllers", "io memory\n" },
	{ "/sys/bus/event_source/devices/kprobe/type", "6\n" },
	{ "/sys/block/vda/stat", "1 2 3\n" },
	{ "/sys/block/vda/queue/iostats", "1\n" },
	{ "/sys/block/zram0/stat", "1 2 3\n" },
	{ "/sys/block/zram0/queue/iostats", "0\n" },
	/* counts whatever it says there */
	{ "/sys/block/bcache0/stat", "" },
	{ "/sys/block/bcache0/queue/iostats", "0\n" },
	{ "/lib/modules/" REL "/build/include/linux/kconfig.h", "" },
	{ "/lib/modules/" REL "/build/include/generated/autoconf.h", "" },
	{ "/lib/modules/" REL "/build/include/generated/utsrelease.h", "#define UTS_RELEASE \"" REL "\"\n" },
};

static void make_well(void)
{
	drop("");
	mkdir(root, 0700);
	for (size_t i = 0; i < COUNT(well); i++)
		put(well[i].name, well[i].text);
	put_btf();
}

/* ---- what is not in files ---- */

static const struct bcc_library library = {
	.path = "/usr/lib/x86_64-linux-gnu/libbcc.so.0.26.0", .version = "0.26.0",
	.llvm = "libLLVM-14.so.1",
};
static const struct bcc_library old_library = {
	.path = "/usr/lib/libbcc.so.0.18.0", .version = "0.18.0",
};
static struct failure no_library;
static int bpf_result;
static unsigned int refused;	/* bits of kinds of hooks */

static int fake_bpf(void)
{
	return bpf_result;
}

static int fake_hook(void *ctx, enum hook_kind kind, char *said, size_t size)
{
	(void)ctx;
	snprintf(said, size, "%s", refused & 1u << kind ? "Operation not permitted" : "typed (tp_btf)");
	return refused & 1u << kind ? -EPERM : 0;
}

static struct machine machine(void)
{
	return (struct machine){
		.root = root, .release = REL, .arch = "x86_64", .retry = "ioamp-doctor",
		.try_bpf = fake_bpf, .try_hook = fake_hook, .library = &library,
		.no_library = &no_library,
	};
}

/* The made-up root is no part of what a user would read. */
static void cut_root(char *text)
{
	size_t n = strlen(root);

	for (char *p; (p = strstr(text, root));)
		memmove(p, p + n, strlen(p + n) + 1);
}

static struct findings all;

static void look(const struct machine *m)
{
	doctor_check(m, &all);
	for (size_t i = 0; i < all.n; i++) {
		cut_root(all.v[i].detail);
		cut_root(all.v[i].fix);
	}
}

static const struct finding *finding(const char *name)
{
	for (size_t i = 0; i < all.n; i++)
		if (!strcmp(all.v[i].name, name))
			return &all.v[i];
	fail_msg("no finding named %s", name);
	return NULL;
}

/* ---- each check ---- */

struct change {
	const char *what;
	const char *name, *text;	/* file; text NULL: it is gone */
	const char *check;
	enum verdict verdict;
	const char *detail, *fix;	/* must be in it; fix "": there is none */
};

static const struct change changes[] = {
	{ "as it is", "/etc/x", "", "kernel", VERDICT_OK, REL " x86_64, Debian GNU/Linux 12", "" },
	{ "no os-release", "/etc/os-release", NULL, "kernel", VERDICT_OK, "x86_64, Linux", "" },

	{ "no capabilities", "/proc/self/status", STATUS("0000000000000000", "1000", "0"), "privileges",
	  VERDICT_MISSING, "lacks CAP_BPF, CAP_PERFMON (uid 1000)", "sudo ioamp-doctor" },
	{ "the two and no more", "/proc/self/status", STATUS("000000c000000000", "1000", "0"),
	  "privileges", VERDICT_LIMIT, "no CAP_SYS_PTRACE", "sudo ioamp-doctor" },
	{ "hooks are not tried without", "/proc/self/status", STATUS("0000000000000000", "1000", "0"),
	  "tracepoints", VERDICT_UNKNOWN, "not tested", "" },
	{ "addresses are hidden from users", "/proc/self/status", STATUS("000000c000000000", "1000", "0"),
	  "kernel symbols", VERDICT_OK, "can be read", "" },

	{ "user name space", "/proc/self/ns/user", ">user:[4026532999]", "namespaces", VERDICT_MISSING,
	  "not root on the host", "run on the host" },
	{ "PID name space", "/proc/self/ns/pid", ">pid:[4026532888]", "namespaces", VERDICT_LIMIT,
	  "a PID name space of its own", "--pid=host" },
	{ "kernel without name spaces", "/proc/self/ns/pid", NULL, "namespaces", VERDICT_OK, "host", "" },

	{ "docker", "/.dockerenv", "", "container", VERDICT_OK, "docker", "" },
	{ "podman", "/run/.containerenv", "", "container", VERDICT_OK, "podman", "" },
	{ "nspawn", "/run/systemd/container", "systemd-nspawn\n", "container", VERDICT_OK,
	  "systemd-nspawn", "" },
	{ "a hypervisor's word is none", "/sys/hypervisor/type", "xen\n", "container", VERDICT_OK,
	  "none", "" },

	{ "a seccomp filter", "/proc/self/status", STATUS(ALL_CAPS, "0", "2"), "seccomp", VERDICT_OK,
	  "allows bpf()", "" },
	{ "integrity", "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n", "lockdown",
	  VERDICT_OK, "integrity", "" },
	{ "confidentiality", "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n",
	  "lockdown", VERDICT_MISSING, "IOAMP-E120", "boot without it" },
	{ "no securityfs", "/sys/kernel/security/lockdown", NULL, "lockdown", VERDICT_OK,
	  "no /sys/kernel/security/lockdown", "" },

	{ "JIT off", "/proc/sys/net/core/bpf_jit_enable", "0\n", "bpf()", VERDICT_LIMIT, "JIT off",
	  "sudo sysctl net.core.bpf_jit_enable=1" },
	{ "JIT not to be read", "/proc/sys/net/core/bpf_jit_enable", NULL, "bpf()", VERDICT_OK,
	  "unprivileged_bpf_disabled=2", "" },
	{ "no bpf()", "/proc/sys/kernel/unprivileged_bpf_disabled", NULL, "bpf()", VERDICT_UNKNOWN,
	  "CONFIG_BPF_SYSCALL", "" },

	{ "no BTF", "/sys/kernel/btf/vmlinux", NULL, "BTF", VERDICT_INFO, "not needed", "" },
	{ "BTF is rubbish", "/sys/kernel/btf/vmlinux", "x", "BTF", VERDICT_INFO, "not needed", "" },
	{ "no headers", "/lib/modules/" REL "/build", NULL, "headers", VERDICT_INFO,
	  "/lib/modules/" REL "/build is missing; not needed", "sudo apt install linux-headers-" REL },
	{ "headers, not for this kernel", "/lib/modules/" REL "/build/include/generated/utsrelease.h",
	  "#define UTS_RELEASE \"6.1.0-31-amd64\"\n", "headers", VERDICT_INFO,
	  "has the headers of 6.1.0-31-amd64", "sudo apt install linux-headers-" REL },
	{ "no kheaders", "/etc/x", "", "kheaders", VERDICT_INFO, "is missing; not needed", "" },
	{ "kheaders as a module", "/lib/modules/" REL "/modules.dep", "kernel/kernel/kheaders.ko:\n",
	  "kheaders", VERDICT_INFO, "is missing", "sudo modprobe kheaders" },
	{ "kheaders", "/sys/kernel/kheaders.tar.xz", "x", "kheaders", VERDICT_OK,
	  "/sys/kernel/kheaders.tar.xz", "" },

	{ "no tracefs", "/sys/kernel/tracing", NULL, "tracefs", VERDICT_MISSING, "not mounted",
	  "sudo mount -t tracefs" },
	{ "kprobes switched off", "/sys/kernel/debug/kprobes/enabled", "0\n", "kprobes", VERDICT_LIMIT,
	  "switched off", "echo 1 | sudo tee /sys/kernel/debug/kprobes/enabled" },
	{ "no kprobes, but fentry", "/sys/bus/event_source/devices/kprobe", NULL, "kprobes", VERDICT_INFO,
	  "fentry serves", "" },

	{ "hidden addresses", "/proc/kallsyms", "0000000000000000 T startup_64\n", "kernel symbols",
	  VERDICT_LIMIT, "guessed from pages", "sudo sysctl kernel.kptr_restrict=1" },
	{ "per-CPU data come first", "/proc/kallsyms", "0000000000000000 A fixed_percpu_data\n"
	  "ffffffff81000000 T startup_64\n", "kernel symbols", VERDICT_OK, "can be read", "" },
	{ "no kallsyms", "/proc/kallsyms", NULL, "kernel symbols", VERDICT_LIMIT, "cannot be read",
	  "CONFIG_KALLSYMS" },

	{ "cgroup v1", "/proc/self/mountinfo", CGROUP1, "cgroups", VERDICT_LIMIT, "v1 only",
	  "systemd.unified_cgroup_hierarchy=1" },
	{ "hybrid", "/proc/self/mountinfo", CGROUP1 CGROUP2, "cgroups", VERDICT_OK,
	  "hybrid: v2 at /sys/fs/cgroup, and 1 v1", "" },
	{ "no cgroups", "/proc/self/mountinfo", "21 1 0:5 / /proc rw - proc proc rw\n", "cgroups",
	  VERDICT_LIMIT, "none is mounted", "sudo mount -t cgroup2" },
	{ "no mountinfo", "/proc/self/mountinfo", NULL, "cgroups", VERDICT_UNKNOWN, "cannot be read", "" },

	{ "iostats off", "/sys/block/vda/queue/iostats", "0\n", "disk counters", VERDICT_LIMIT,
	  "queue/iostats is 0 for vda", "for d in vda; do echo 1 | sudo tee" },
	{ "memory disks do not matter", "/etc/x", "", "disk counters", VERDICT_OK, "all 2 disks", "" },
	{ "no /sys/block", "/sys/block", NULL, "disk counters", VERDICT_UNKNOWN, "cannot be read", "" },

	{ "bpf_stats on", "/proc/sys/kernel/bpf_stats_enabled", "1\n", "bpf statistics", VERDICT_LIMIT,
	  "on: ", "sudo sysctl kernel.bpf_stats_enabled=0" },
	{ "no bpf_stats", "/proc/sys/kernel/bpf_stats_enabled", NULL, "bpf statistics", VERDICT_UNKNOWN,
	  "cannot be read", "" },

	{ "orphans", "/sys/kernel/tracing/kprobe_events", "p:kprobes/p_vfs_read_bcc_4211 vfs_read\n"
	  "r32:kprobes/r_vfs_read_bcc_4211 vfs_read\n", "orphan probes", VERDICT_LIMIT,
	  "2 left by killed tracers (PID 4211)", "printf -- '-:%s\\n' kprobes/p_vfs_read_bcc_4211"
	  " kprobes/r_vfs_read_bcc_4211 | sudo tee -a /sys/kernel/tracing/kprobe_events" },
	{ "those of a living tracer", "/sys/kernel/tracing/kprobe_events",
	  "p:kprobes/p_vfs_read_bcc_1 vfs_read\n", "orphan probes", VERDICT_OK, "none", "" },
	{ "those of others", "/sys/kernel/tracing/kprobe_events",
	  "p:kprobes/mine vfs_read\np:kprobes/x_bcc_ y\nrubbish\n", "orphan probes", VERDICT_OK, "none",
	  "" },
	{ "orphans of user space", "/sys/kernel/tracing/uprobe_events",
	  "p:uprobes/p_lib_bcc_77 /lib/x:0x1\n", "orphan probes", VERDICT_LIMIT, "1 left",
	  "/sys/kernel/tracing/uprobe_events" },

	{ "SPDK", "/sys/bus/pci/drivers/vfio-pci/0000:3b:00.0/class", "0x010802\n", "blind spots",
	  VERDICT_LIMIT, "NVMe at 0000:3b:00.0", "rpc.py bdev_get_iostat" },
	{ "a graphics card", "/sys/bus/pci/drivers/vfio-pci/0000:01:00.0/class", "0x030000\n",
	  "blind spots", VERDICT_OK, "no disk", "" },
};

static void assert_change(const struct change *c, const struct finding *f)
{
	if (f->verdict != c->verdict || !strstr(f->detail, c->detail) ||
	    (*c->fix ? !strstr(f->fix, c->fix) : *f->fix))
		fail_msg("%s: %s: %s, fix: %s", c->what, finding_verdict_name(f->verdict), f->detail, f->fix);
}

static void test_changes(void **state)
{
	struct machine m = machine();

	(void)state;
	refused = 0;
	bpf_result = 0;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const struct change *c = &changes[i];

		make_well();
		if (c->text)
			put(c->name, c->text);
		else
			drop(c->name);
		look(&m);
		assert_change(c, finding(c->check));
		/* whatever is wrong: there is something to type */
		for (size_t j = 0; j < all.n; j++)
			if (all.v[j].verdict >= VERDICT_LIMIT && !*all.v[j].fix)
				fail_msg("%s: %s has no fix", c->what, all.v[j].name);
	}
}

static void test_not_in_files(void **state)
{
	struct machine m = machine();

	(void)state;
	make_well();
	refused = 1u << HOOK_FEXIT;
	look(&m);
	assert_int_equal(finding("fentry")->verdict, VERDICT_INFO);
	assert_int_equal(finding("kprobes")->verdict, VERDICT_OK);
	refused |= 1u << HOOK_KPROBE;
	look(&m);
	assert_int_equal(finding("fentry")->verdict, VERDICT_LIMIT);
	assert_int_equal(finding("kprobes")->verdict, VERDICT_LIMIT);
	refused = 1u << HOOK_TP;
	look(&m);
	assert_int_equal(finding("tracepoints")->verdict, VERDICT_MISSING);
	refused = 0;

	m.library = &old_library;
	look(&m);
	assert_int_equal(finding("libbcc")->verdict, VERDICT_LIMIT);
	m.library = NULL;
	log_failure_set(&no_library, ERR_LIBBCC_MISSING, "sudo apt-get install libbpfcc",
		    "no such file");
	look(&m);
	assert_int_equal(finding("libbcc")->verdict, VERDICT_MISSING);
	assert_string_equal(finding("libbcc")->fix, "sudo apt-get install libbpfcc");

	m = machine();
	put("/proc/self/status", STATUS(ALL_CAPS, "0", "2"));
	bpf_result = -EPERM;
	look(&m);
	assert_int_equal(finding("seccomp")->verdict, VERDICT_MISSING);
	assert_int_equal(finding("fentry")->verdict, VERDICT_UNKNOWN);
	bpf_result = 0;

	m.release = "5.4.0-1-generic";
	put("/proc/self/status", STATUS("000000c000000000", "1000", "0"));
	look(&m);
	assert_int_equal(finding("kernel")->verdict, VERDICT_LIMIT);
	assert_int_equal(finding("locked memory")->verdict, VERDICT_LIMIT);
	put("/proc/self/limits", "Max locked memory         unlimited            unlimited       bytes\n");
	look(&m);
	assert_int_equal(finding("locked memory")->verdict, VERDICT_OK);
}

/* Without any source of types each of the three is missing, and two can be typed. */
static void test_no_types(void **state)
{
	static const char *const names[] = { "BTF", "headers", "kheaders" };
	struct machine m = machine();

	(void)state;
	make_well();
	drop("/sys/kernel/btf/vmlinux");
	drop("/lib/modules/" REL "/build");
	look(&m);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(finding(names[i])->verdict, VERDICT_MISSING);
}

/* ---- the report ---- */

static struct plan_probe probes[] = {
	{ .name = "fork", .via = "tp_btf", .point = "sched_process_fork", .wanted = true,
	  .layers = (1u << LAYER_MAX) - 1, .lost = "children" },
	{ .name = "vfs_iocb_iter_write", .point = "vfs_iocb_iter_write", .wanted = true,
	  .layers = 1u << LAYER_VFS, .lost = "calls of vfs_iocb_iter_write", .why = "no kprobes" },
	{ .name = "call_start", .point = "sys_enter", .layers = 1u << LAYER_APPLICATION,
	  .lost = "time of system calls", .why = "not asked for" },
};

static struct diagnosis *diagnosis(bool vfs)
{
	static struct diagnosis d;

	memset(&d, 0, sizeof(d));
	d.version = "0.1.0";
	d.kernel = REL;
	d.arch = "x86_64";
	d.host = "node7";
	snprintf(d.system, sizeof(d.system), "Debian GNU/Linux 12 (bookworm)");
	d.checks = all;
	d.plan.made = !doctor_count(&d, VERDICT_MISSING);
	d.plan.types = "btf";
	d.plan.seconds = 1.25;
	for (int i = 0; i < LAYER_MAX; i++)
		d.plan.layers[i] = (struct layer_state){ .available = true, .via = i == LAYER_VFS ? "fentry" : "tp_btf" };
	if (!vfs) {
		d.plan.layers[LAYER_VFS] = (struct layer_state){ .reason = "no kprobes", .code = REASON_REFUSED };
		snprintf(d.plan.fixes[LAYER_VFS], sizeof(d.plan.fixes[0]),
			 "grep -l CONFIG_KPROBES=y /boot/config-*    (boot one of these)");
	}
	d.plan.probes = probes;
	d.plan.nr_probes = COUNT(probes);
	return &d;
}

static void test_report_of_a_well_machine(void **state)
{
	struct out_style style = { .width = 80 };
	struct machine m = machine();
	struct diagnosis *d;
	struct capture c;

	(void)state;
	make_well();
	look(&m);
	d = diagnosis(true);
	assert_int_equal(doctor_status(d), 0);
	assert_int_equal(doctor_count(d, VERDICT_LIMIT), 0);
	assert_int_equal(out_doctor_text(capture(&c), d, false, true, &style), 0);
	golden_report("doctor-ok.txt", &c);
	assert_int_equal(out_doctor_text(capture(&c), d, true, true, &style), 0);
	fclose(c.f);
	/* -q: nothing is wrong; -v all the same asks for the probes */
	assert_null(strstr(c.buf, "ok       kernel"));
	free(c.buf);
	assert_int_equal(out_doctor_json(capture(&c), d), 0);
	golden_schema("doctor.schema.json", &c);
}

static void make_ill(void)
{
	make_well();
	put("/.dockerenv", "");
	put("/proc/self/ns/pid", ">pid:[4026532888]");
	put("/proc/self/mountinfo", CGROUP1);
	put("/proc/kallsyms", "0000000000000000 T startup_64\n");
	put("/proc/sys/kernel/bpf_stats_enabled", "1\n");
	put("/proc/sys/net/core/bpf_jit_enable", "0\n");
	put("/sys/block/vda/queue/iostats", "0\n");
	put("/sys/kernel/debug/tracing/kprobe_events", "p:kprobes/p_vfs_read_bcc_4211 vfs_read\n");
	put("/sys/kernel/debug/tracing/events/", "");
	put("/sys/bus/pci/drivers/uio_pci_generic/0000:3b:00.0/class", "0x010802\n");
	drop("/sys/kernel/tracing");
	drop("/sys/bus/event_source/devices/kprobe");
	drop("/lib/modules");
}

static void test_report_of_an_ill_machine(void **state)
{
	struct out_style style = { .width = 80 };
	struct machine m = machine();
	struct diagnosis *d;
	struct capture c;

	(void)state;
	make_ill();
	refused = 1u << HOOK_FEXIT;
	look(&m);
	d = diagnosis(false);
	assert_int_equal(doctor_status(d), 0);
	assert_int_equal(out_doctor_text(capture(&c), d, false, false, &style), 0);
	golden_report("doctor-limits.txt", &c);

	drop("/sys/kernel/btf");
	drop("/sys/kernel/debug");
	m.library = NULL;
	log_failure_set(&no_library, ERR_LIBBCC_MISSING,
		    "sudo apt-get install libbpfcc    (dnf, zypper: bcc; pacman: bcc; apk: bcc)",
		    "libbcc.so.0: cannot open shared object file");
	look(&m);
	d = diagnosis(false);
	assert_int_equal(doctor_status(d), 3);
	assert_int_equal(out_doctor_text(capture(&c), d, true, false, &style), 0);
	golden_report("doctor-bad.txt", &c);
	assert_int_equal(out_doctor_json(capture(&c), d), 0);
	golden_schema("doctor.schema.json", &c);
	refused = 0;
}

/* Six layers that the kernel refuses are no limits: no tool starts there. */
static void test_no_layer(void **state)
{
	struct plan *p;
	struct diagnosis *d;
	struct machine m = machine();

	(void)state;
	make_well();
	look(&m);
	d = diagnosis(true);
	p = &d->plan;
	for (int i = 0; i < LAYER_MAX; i++)
		p->layers[i] = (struct layer_state){ .reason = "BPF_STX uses reserved fields", .code = REASON_REFUSED };
	assert_int_equal(doctor_count(d, VERDICT_MISSING), LAYER_MAX);
	assert_int_equal(doctor_status(d), 3);
	doctor_mend(p, true);
	for (int i = 0; i < LAYER_MAX; i++)
		assert_non_null(strstr(p->fixes[i], "report"));
	/* one is enough; and what was not asked for says nothing about the machine */
	p->layers[LAYER_VFS] = (struct layer_state){ .available = true, .via = "fentry" };
	assert_int_equal(doctor_status(d), 0);
	for (int i = 0; i < LAYER_MAX; i++)
		p->layers[i] = (struct layer_state){ .reason = "not asked for", .code = REASON_NOT_ASKED };
	assert_int_equal(doctor_status(d), 0);
}

/* A remedy is true of its reason. */
static void test_remedies(void **state)
{
	static const struct { struct layer_state s; bool btf; const char *fix; } cases[] = {
		{ { .reason = "no hook of the kind asked for", .code = REASON_OTHER_KIND }, true, "--attach" },
		{ { .reason = "fentry is refused (Unknown error 524); no kprobes", .code = REASON_REFUSED }, true,
		  "CONFIG_KPROBES" },
		{ { .reason = "permission denied", .code = REASON_REFUSED }, true, "report" },
		{ { .available = true, .via = "kprobe", .reason = "kprobes see the entry" }, false, "INFO_BTF" },
		{ { .available = true, .via = "kprobe", .reason = "kprobes see the entry" }, true, "DIRECT_CALLS" },
	};
	struct plan p = { .made = true };

	(void)state;
	for (int i = 0; i < LAYER_MAX; i++)
		p.layers[i] = (struct layer_state){ .available = true, .via = "tp_btf" };
	for (size_t i = 0; i < COUNT(cases); i++) {
		p.layers[LAYER_VFS] = cases[i].s;
		doctor_mend(&p, cases[i].btf);
		assert_non_null(strstr(p.fixes[LAYER_VFS], cases[i].fix));
		assert_string_equal(p.fixes[LAYER_BLOCK], "");
	}
}

/* ---- the report of --systems ---- */

/* With -v each system of the table is there once, with its keys docs and frontdoor. */
static void test_report_of_systems(void **state)
{
	static const char expected[] =
		"\nshop\n  docs: https://shop.example/\n  frontdoor: shop_bytes_total\n";
	struct rule_system shop = {
		.name = "shop", .docs = (char *)"https://shop.example/", .frontdoor = (char *)"shop_bytes_total",
	}, bare = { .name = "bare" };
	struct evidence ev = { .pid = 41, .comm = "shop" };
	struct systems_row table[] = {
		{ .ev = &ev, .place = { &shop, "", NULL, false, false } },
		{ .ev = &ev, .place = { &bare, "", NULL, false, false } },
		{ .ev = &ev, .place = { &shop, "", NULL, true, false } },
		{ .ev = &ev, .place = { NULL, "", NULL, false, false } },
	};
	struct systems_report r = { .version = "0.1.0", .nr_systems = 2, .rows = table, .n = COUNT(table) };
	struct out_style style = { .width = 80 };
	struct capture c;

	(void)state;
	assert_int_equal(out_systems_text(capture(&c), &r, false, &style), 0);
	assert_int_equal(fclose(c.f), 0);
	assert_null(strstr(c.buf, "docs:"));
	free(c.buf);
	r.verbose = true;
	assert_int_equal(out_systems_text(capture(&c), &r, false, &style), 0);
	assert_int_equal(fclose(c.f), 0);
	assert_non_null(strstr(c.buf, expected));
	assert_null(strstr(strstr(c.buf, expected) + 1, "\nshop\n"));
	assert_null(strstr(c.buf, "\nbare\n"));
	free(c.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_not_in_files),
		cmocka_unit_test(test_no_types),
		cmocka_unit_test(test_report_of_a_well_machine),
		cmocka_unit_test(test_report_of_an_ill_machine),
		cmocka_unit_test(test_no_layer),
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_report_of_systems),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, machine_new, machine_free);
}
