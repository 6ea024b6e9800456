/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_env - each reason why a machine cannot trace, made up of files, and
 * which of two reasons is told.
 */
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "machine/may_trace.h"
#include "tests/unit/machine.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define RETRY		"ioamp-stat -j -- dd if=x"
#define INITIAL		"user:[4026531837]"

/* CapEff: everything a 6.1 kernel has, and selections of it. */
#define ALL		0x1ffffffffffull
#define SYS_ADMIN	(1ull << 21)
#define PERFMON		(1ull << 38)
#define BPF		(1ull << 39)

static char at_status[128], at_ns[128], at_lockdown[128], at_tracefs[2][128];

static int setup(void **state)
{
	if (machine_new(state))
		return -1;
	snprintf(at_status, sizeof(at_status), "%s/status", root);
	snprintf(at_ns, sizeof(at_ns), "%s/user", root);
	snprintf(at_lockdown, sizeof(at_lockdown), "%s/lockdown", root);
	for (int i = 0; i < 2; i++)
		snprintf(at_tracefs[i], sizeof(at_tracefs[i]), "%s/tracefs%d", root, i);
	return 0;
}

/* ---- a machine out of files ---- */

enum tracefs { TRACE_BOTH, TRACE_FIRST, TRACE_SECOND, TRACE_NONE, TRACE_EMPTY, TRACE_FILE };

struct machine {
	const char *name;
	unsigned long long caps;
	unsigned int uid;		/* effective; the real one is another */
	const char *ns;			/* NULL: no such link */
	int seccomp;
	int bpf;			/* what bpf() returns */
	const char *lockdown;		/* NULL: no such file */
	enum tracefs tracefs;
	/* expected; code NULL: it can trace */
	const char *code, *what, *why, *fix;
};

static int bpf_result, bpf_calls;

static int fake_bpf(void)
{
	bpf_calls++;
	return bpf_result;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* As the kernel writes it: tabs, and lines around that look alike. */
static void write_status(const struct machine *m)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "Name:\tx\nUmask:\t0022\nUid:\t1007\t%u\t1007\t1007\nGid:\t0\t0\t0\t0\n"
		 "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t%016llx\n"
		 "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n"
		 "Seccomp:\t%d\nSeccomp_filters:\t7\n", m->uid, m->caps, m->seccomp);
	write_file(at_status, text);
}

static void make_tracefs(enum tracefs kind)
{
	char path[160];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/events", at_tracefs[i]);
		remove(path);
		rmdir(at_tracefs[i]);
		if (kind == TRACE_NONE || kind == (i ? TRACE_FIRST : TRACE_SECOND))
			continue;
		mkdir(at_tracefs[i], 0700);
		if (kind == TRACE_FILE)
			write_file(path, "");
		else if (kind != TRACE_EMPTY)
			mkdir(path, 0700);
	}
}

static void make(const struct machine *m)
{
	write_status(m);
	unlink(at_ns);
	if (m->ns)
		assert_int_equal(symlink(m->ns, at_ns), 0);
	unlink(at_lockdown);
	if (m->lockdown)
		write_file(at_lockdown, m->lockdown);
	make_tracefs(m->tracefs);
	bpf_result = m->bpf;
	bpf_calls = 0;
}

static int check(const char *retry, struct failure *f)
{
	const struct may_trace_paths paths = {
		.self_status = at_status, .user_ns = at_ns, .lockdown = at_lockdown,
		.tracefs = { at_tracefs[0], at_tracefs[1] }, .try_bpf = fake_bpf,
	};

	memset(f, 0, sizeof(*f));
	return may_trace_check(&paths, retry, f);
}

/* ---- each reason, and which comes first ---- */

#define CONTAINER_FIX "docker run --rm -it --pid=host --cgroupns=host" \
	" --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add BPF" \
	" --cap-add PERFMON --cap-add SYS_PTRACE --cap-add SYS_RESOURCE --cap-add DAC_READ_SEARCH" \
	" -v /sys/kernel/tracing:/sys/kernel/tracing -v /sys/fs/cgroup:/sys/fs/cgroup:ro" \
	" -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro IMAGE " RETRY
#define E101	"IOAMP-E101", "not allowed to load BPF programs"
#define E102	"IOAMP-E102", "root here is not root on the host", \
	"running in a user namespace, user:[4026532999] (rootless container); the kernel refuses" \
	" BPF tracing there", "run on the host, or in a container started by real root"
#define E103	"IOAMP-E103", "the container's seccomp filter blocks bpf()"
#define E120	"IOAMP-E120", "kernel lockdown is \"confidentiality\"", \
	"this mode (often Secure Boot policy) forbids kprobes and reading kernel memory, for root" \
	" too", "boot without it (kernel parameter lockdown=integrity still allows tracing)"
#define E150	"IOAMP-E150", "tracefs is not mounted", NULL, \
	"sudo mount -t tracefs nodev /sys/kernel/tracing"
#define FINE	NULL, NULL, NULL, NULL
#define CONFIDENTIAL "none integrity [confidentiality]\n"

static const struct machine machines[] = {
	{ "root", ALL, 0, INITIAL, 0, 0, "[none] integrity confidentiality\n", TRACE_BOTH, FINE },
	{ "CAP_SYS_ADMIN alone", SYS_ADMIN, 0, INITIAL, 0, 0, NULL, TRACE_BOTH, FINE },
	{ "the two capabilities", BPF | PERFMON, 1000, INITIAL, 0, 0, NULL, TRACE_BOTH, FINE },
	{ "no user name spaces, no securityfs", ALL, 0, NULL, 0, 0, NULL, TRACE_BOTH, FINE },
	{ "lockdown=integrity", ALL, 0, INITIAL, 0, 0, "none [integrity] confidentiality\n",
	  TRACE_BOTH, FINE },
	{ "a seccomp filter that lets bpf() through", ALL, 0, INITIAL, 2, 0, NULL, TRACE_BOTH,
	  FINE },
	{ "bpf() fails for another reason", ALL, 0, INITIAL, 2, -ENOMEM, NULL, TRACE_BOTH, FINE },
	{ "EPERM without a filter", ALL, 0, INITIAL, 0, -EPERM, NULL, TRACE_BOTH, FINE },
	{ "strict mode is no filter", ALL, 0, INITIAL, 1, -EPERM, NULL, TRACE_BOTH, FINE },
	{ "the first tracefs", ALL, 0, INITIAL, 0, 0, NULL, TRACE_FIRST, FINE },
	{ "the second tracefs", ALL, 0, INITIAL, 0, 0, NULL, TRACE_SECOND, FINE },

	{ "no capability", 0, 1000, INITIAL, 0, 0, NULL, TRACE_BOTH, E101,
	  "this process lacks CAP_BPF, CAP_PERFMON (uid 1000)", "sudo " RETRY },
	{ "CAP_BPF alone", BPF, 1000, INITIAL, 0, 0, NULL, TRACE_BOTH, E101,
	  "this process lacks CAP_PERFMON (uid 1000)", "sudo " RETRY },
	{ "CAP_PERFMON alone", PERFMON, 1000, INITIAL, 0, 0, NULL, TRACE_BOTH, E101,
	  "this process lacks CAP_BPF (uid 1000)", "sudo " RETRY },
	{ "all but these", ALL & ~(SYS_ADMIN | BPF | PERFMON), 33, INITIAL, 0, 0, NULL, TRACE_BOTH,
	  E101, "this process lacks CAP_BPF, CAP_PERFMON (uid 33)", "sudo " RETRY },
	{ "root without them: sudo would not help", 0xa80425fb, 0, INITIAL, 2, -EPERM, NULL,
	  TRACE_BOTH, E101, "this process lacks CAP_BPF, CAP_PERFMON (uid 0)", CONTAINER_FIX },
	{ "user name space", ALL, 0, "user:[4026532999]", 0, 0, NULL, TRACE_BOTH, E102 },
	{ "seccomp", ALL, 0, INITIAL, 2, -EPERM, NULL, TRACE_BOTH, E103,
	  "CAP_BPF is present, Seccomp mode is 2, and bpf() returned EPERM", CONTAINER_FIX },
	{ "seccomp, older capability", SYS_ADMIN, 0, INITIAL, 2, -EPERM, NULL, TRACE_BOTH, E103,
	  "CAP_SYS_ADMIN is present, Seccomp mode is 2, and bpf() returned EPERM", CONTAINER_FIX },
	{ "lockdown", ALL, 0, INITIAL, 0, 0, CONFIDENTIAL, TRACE_BOTH, E120 },
	{ "no tracefs", ALL, 0, INITIAL, 0, 0, NULL, TRACE_NONE, E150 },
	{ "mount points without tracefs", ALL, 0, INITIAL, 0, 0, NULL, TRACE_EMPTY, E150 },
	{ "events is no directory", ALL, 0, INITIAL, 0, 0, NULL, TRACE_FILE, E150 },

	/* everything is wrong; then one after the other is repaired */
	{ "order: capabilities", 0, 1, "user:[4026532999]", 2, -EPERM, CONFIDENTIAL, TRACE_NONE,
	  E101, "this process lacks CAP_BPF, CAP_PERFMON (uid 1)", "sudo " RETRY },
	{ "order: user name space", ALL, 1, "user:[4026532999]", 2, -EPERM, CONFIDENTIAL,
	  TRACE_NONE, E102 },
	{ "order: seccomp", ALL, 1, INITIAL, 2, -EPERM, CONFIDENTIAL, TRACE_NONE, E103,
	  "CAP_BPF is present, Seccomp mode is 2, and bpf() returned EPERM", CONTAINER_FIX },
	{ "order: lockdown", ALL, 1, INITIAL, 2, 0, CONFIDENTIAL, TRACE_NONE, E120 },
	{ "order: tracefs", ALL, 1, INITIAL, 2, 0, NULL, TRACE_NONE, E150 },
};

static void check_machine(const struct machine *m)
{
	struct failure f;
	int err;

	make(m);
	err = check(RETRY, &f);
	if (!m->code) {
		assert_int_equal(err, 0);
		assert_int_equal(f.status, 0);
		return;
	}
	assert_string_equal(f.code, m->code);
	assert_string_equal(f.what, m->what);
	assert_string_equal(f.fix, m->fix);
	if (m->why)
		assert_string_equal(f.why, m->why);
	assert_int_equal(f.status, 3);
	assert_int_equal(err, strcmp(m->code, "IOAMP-E150") ? -EPERM : -ENOENT);
}

static void test_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		print_message("%s\n", machines[i].name);
		check_machine(&machines[i]);
	}
}

static void test_tracefs_names_both_places(void **state)
{
	struct machine m = machines[0];
	char why[512];
	struct failure f;

	(void)state;
	m.tracefs = TRACE_NONE;
	make(&m);
	assert_int_equal(check(RETRY, &f), -ENOENT);
	snprintf(why, sizeof(why), "neither %s nor %s has a directory 'events'", at_tracefs[0],
		 at_tracefs[1]);
	assert_string_equal(f.why, why);
}

/* bpf() is tried only where its answer means something. */
static void test_bpf_is_tried_under_a_filter(void **state)
{
	struct machine m = machines[0];
	struct failure f;

	(void)state;
	make(&m);
	assert_int_equal(check(RETRY, &f), 0);
	assert_int_equal(bpf_calls, 0);
	m.seccomp = 2;
	make(&m);
	assert_int_equal(check(RETRY, &f), 0);
	assert_int_equal(bpf_calls, 1);
}

/* Half a command line is never offered for typing. */
static void test_long_retry(void **state)
{
	struct machine m = machines[0];
	char retry[600];
	struct failure f;

	(void)state;
	log_init("ioamp-stat", 0, false);
	memset(retry, 'x', sizeof(retry));
	m.caps = 0;
	m.uid = 1000;
	make(&m);
	/* "sudo " and the closing 0 take six of 512 */
	retry[sizeof(f.fix) - 6] = '\0';
	assert_int_equal(check(retry, &f), -EPERM);
	assert_string_equal(f.fix + 5, retry);
	retry[sizeof(f.fix) - 6] = 'x';
	retry[sizeof(f.fix) - 5] = '\0';
	assert_int_equal(check(retry, &f), -EPERM);
	assert_string_equal(f.fix, "sudo ioamp-stat ... (the same arguments)");
}

/* Without /proc nothing is known, and nothing is claimed. */
static void test_no_proc(void **state)
{
	struct failure f;

	(void)state;
	make(&machines[0]);
	unlink(at_status);
	assert_int_equal(check(RETRY, &f), 0);
}

/* The real files, as whoever runs the test. */
static void test_real_paths(void **state)
{
	const struct may_trace_paths no_paths = { 0 };
	struct failure a = { 0 }, b = { 0 };
	int err = may_trace_check(NULL, RETRY, &a);

	(void)state;
	assert_int_equal(may_trace_check(&no_paths, RETRY, &b), err);
	assert_string_equal(a.code, b.code);
	assert_int_equal(a.status, err ? 3 : 0);
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	return !syscall(SYS_capset, &head, none);
}

/*
 * Made-up files that say all is well, in a process that may not call bpf():
 * the real one must not be asked.
 */
static void test_made_up_files_do_without_bpf(void **state)
{
	const struct may_trace_paths paths = {
		.self_status = at_status, .user_ns = at_ns, .lockdown = at_lockdown,
		.tracefs = { at_tracefs[0], at_tracefs[1] },
	};
	struct machine m = machines[0];
	struct failure f = { 0 };
	int status;
	pid_t child;

	(void)state;
	m.seccomp = 2;
	make(&m);
	child = fork();
	if (!child)
		_exit(drop_capabilities() ? -may_trace_check(&paths, RETRY, &f) : 99);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_tracefs_names_both_places),
		cmocka_unit_test(test_bpf_is_tried_under_a_filter),
		cmocka_unit_test(test_long_retry),
		cmocka_unit_test(test_no_proc),
		cmocka_unit_test(test_real_paths),
		cmocka_unit_test(test_made_up_files_do_without_bpf),
	};

	return cmocka_run_group_tests(tests, setup, machine_free);
}
