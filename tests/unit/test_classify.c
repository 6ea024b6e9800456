/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which system, instance and role: every file of tests/data/proc (its README has the
 * form) is made a /proc of files, and read as the tools read the real one.
 */
#include <dirent.h>

#include "systems/evidence.h"
#include "systems/rule_files.h"
#include "systems/systems.h"
#include "tests/unit/machine.h"

#define CASES "tests/data/proc"

static char rules_dir[] = "/tmp/ioamp-rules-XXXXXX";

/* ---- a /proc of files ---- */

struct process {
	uint32_t pid, ppid;
	char comm[64];
	bool kthread, sockets;
	char at[256];	/* its directory */
	int fds;
};

static FILE *make(const struct process *p, const char *name, const char *mode)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->at, name);
	f = fopen(path, mode);
	assert_non_null(f);
	return f;
}

static void put(const struct process *p, const char *name, const char *mode, const char *text, size_t n)
{
	FILE *f = make(p, name, mode);

	assert_int_equal(n, fwrite(text, 1, n, f));
	fclose(f);
}

static void put_link(const struct process *p, const char *name, const char *to)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", p->at, name);
	assert_int_equal(0, symlink(to, path));
}

static void put_stat(const struct process *p)
{
	FILE *f = make(p, "stat", "w");

	/* start: later for higher numbers */
	fprintf(f, "%u (%s) S %u 1 1 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 %u 0 0 18446744073709551615\n", p->pid,
		p->comm, p->ppid, p->kthread ? 0x00208040 : 0x00400040, 100 + p->pid);
	fclose(f);
}

static void begin(struct process *p, uint32_t pid)
{
	char path[512];

	memset(p, 0, sizeof(*p));
	p->pid = pid;
	p->ppid = 1;
	snprintf(p->at, sizeof(p->at), "%s/proc/%u", root, pid);
	assert_int_equal(0, mkdir(p->at, 0755));
	snprintf(path, sizeof(path), "%s/fd", p->at);
	assert_int_equal(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/net", p->at);
	assert_int_equal(0, mkdir(path, 0755));
	put(p, "cmdline", "w", "", 0);
	put(p, "cgroup", "w", "", 0);
}

static void put_listen(struct process *p, const char *port)
{
	FILE *f = make(p, "net/tcp", "a");

	/* as the kernel writes it, with the inode of the fixture's socket */
	fprintf(f, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
		   " inode\n   0: 0100007F:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000   106"
		   "        0 4242 1 0000000000000000 100 0 0 10 0\n", atoi(port));
	fclose(f);
}

static void put_image(const char *arg)
{
	char id[80], image[200], path[512];
	FILE *f;

	assert_int_equal(2, sscanf(arg, "%79s %199s", id, image));
	snprintf(path, sizeof(path), "mkdir -p %s/var/lib/docker/containers/%s", root, id);
	assert_int_equal(0, system(path));
	snprintf(path, sizeof(path), "%s/var/lib/docker/containers/%s/config.v2.json", root, id);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "{\"Image\":\"sha256:00ff\",\"Config\":{\"Hostname\":\"h\",\"Image\":\"%s\"}}", image);
	fclose(f);
}

/* One line of a fixture that describes a process; false: it is an expectation. */
static bool describe(struct process *p, const char *key, const char *arg)
{
	char name[32];

	if (!strcmp(key, "ppid"))
		p->ppid = (uint32_t)atoi(arg);
	else if (!strcmp(key, "comm"))
		snprintf(p->comm, sizeof(p->comm), "%.15s", arg);
	else if (!strcmp(key, "kthread"))
		p->kthread = true;
	else if (!strcmp(key, "exe") || !strcmp(key, "cwd"))
		put_link(p, key, arg);
	else if (!strcmp(key, "arg"))
		put(p, "cmdline", "a", arg, strlen(arg) + 1);
	else if (!strcmp(key, "title"))
		put(p, "cmdline", "w", arg, strlen(arg));
	else if (!strcmp(key, "cgroup")) {
		put(p, "cgroup", "a", arg, strlen(arg));
		put(p, "cgroup", "a", "\n", 1);
	} else if (!strcmp(key, "fd")) {
		snprintf(name, sizeof(name), "fd/%d", p->fds++);
		put_link(p, name, arg);
	} else if (!strcmp(key, "listen")) {
		put_listen(p, arg);
	} else if (!strcmp(key, "image")) {
		put_image(arg);
	} else {
		return false;
	}
	put_stat(p);
	return true;
}

static void empty_root(void)
{
	machine_remove(root);
	assert_int_equal(0, mkdir(root, 0755));
	machine_put("/proc/", "");
}

/* ---- fixtures ---- */

struct seen {
	unsigned int is[RULE_SYSTEMS], near[RULE_SYSTEMS];	/* by place in the rules */
};

/* "key rest of the line", without the newline; false for blanks and comments. */
static bool split(char *line, char **key, char **arg)
{
	line[strcspn(line, "\n")] = 0;
	if (!*line || *line == '#')
		return false;
	*key = line;
	*arg = line + strcspn(line, " ");
	if (**arg)
		*(*arg)++ = 0;
	return true;
}

static void build(FILE *f)
{
	char *line = NULL, *key, *arg;
	struct process p = { 0 };
	size_t size = 0;

	while (getline(&line, &size, f) > 0) {
		if (!split(line, &key, &arg))
			continue;
		if (!strcmp(key, "process"))
			begin(&p, (uint32_t)atoi(arg));
		else if (p.pid)
			describe(&p, key, arg);
	}
	free(line);
}

static const char *role_name(const struct rule_role *r)
{
	return r ? r->name : "-";
}

/* What the fixture says must come out of one process. */
static void expect(struct systems *s, const char *file, uint32_t pid, const char *key, char *arg,
		   struct seen *seen)
{
	const struct rules *rules = systems_rules(s);
	char got[2 * INSTANCE_MAX], *name = strstr(arg, " : ");
	const struct rule_role *role = NULL;
	const struct rule_system *near;
	struct system_place place;
	struct evidence ev;

	assert_int_equal(0, systems_evidence(s, pid, &ev, &place));
	if (!strcmp(key, "=")) {
		snprintf(got, sizeof(got), "%s%s%s", place.system ? place.system->name : "other",
			 *place.instance ? " " : "", place.instance);
		if (strcmp(arg, got))
			fail_msg("%s: process %u: '%s', not '%s'", file, pid, got, arg);
		if (place.system)
			seen->is[place.system - rules->v]++;
	} else if (!strcmp(key, "near")) {
		near = rules_find(rules, arg);
		if (!near)
			fail_msg("%s: near %s: no such system", file, arg);
		assert_ptr_not_equal(near, place.system);
		seen->near[near - rules->v]++;
	} else {
		if (!strcmp(key, "role")) {
			role = place.role;
			name = arg;
		} else {
			if (!name || (strcmp(key, "thread") && strcmp(key, "file")))
				fail_msg("%s: '%s %s' is not understood", file, key, arg);
			*name = 0;
			name += 3;
			assert_non_null(place.system);
			role = *key == 't' ? classify_thread(place.system, arg) : classify_file(place.system, arg);
		}
		if (strcmp(name, role_name(role)))
			fail_msg("%s: process %u: %s %s: role %s, not %s", file, pid, key, arg, role_name(role),
				 name);
	}
	evidence_free(&ev);
}

static void check(struct systems *s, FILE *f, const char *file, struct seen *seen)
{
	static const char *const describes[] = { "ppid", "comm", "kthread", "exe", "cwd", "arg", "title", "cgroup",
		"fd", "listen", "image", NULL };
	char *line = NULL, *key, *arg;
	uint32_t pid = 0;
	size_t size = 0;
	bool skip;

	rewind(f);
	while (getline(&line, &size, f) > 0) {
		if (!split(line, &key, &arg))
			continue;
		skip = false;
		for (int i = 0; describes[i]; i++)
			skip |= !strcmp(key, describes[i]);
		if (!strcmp(key, "process"))
			pid = (uint32_t)atoi(arg);
		else if (!skip)
			expect(s, file, pid, key, arg, seen);
	}
	free(line);
}

static void test_fixtures(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	DIR *dir = opendir(CASES);
	struct systems *s = NULL;
	struct dirent *de;
	char path[512];
	unsigned int n = 0;
	FILE *f;

	(void)state;
	assert_non_null(dir);
	while ((de = readdir(dir))) {
		if (!strstr(de->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), CASES "/%s", de->d_name);
		f = fopen(path, "r");
		assert_non_null(f);
		empty_root();
		systems_close(s);	/* pids repeat from file to file */
		assert_int_equal(0, systems_open(&s, root));
		build(f);
		check(s, f, de->d_name, seen);
		fclose(f);
		n++;
	}
	closedir(dir);
	assert_true(n >= 30);
	for (size_t i = 0; i < systems_rules(s)->n; i++) {
		if (!seen->is[i])
			fail_msg("no fixture is a %s", systems_rules(s)->v[i].name);
		if (!seen->near[i])
			fail_msg("no fixture is near %s and is not", systems_rules(s)->v[i].name);
	}
	systems_close(s);
	free(seen);
}

/* ---- points ---- */

static void test_points(void **state)
{
	struct evidence ev = { .exe = "/opt/kube/kv-store", .unit = "etcd.service", .parent = "" };
	struct systems *s;
	struct points p;
	const struct rule_system *etcd;
	int most;

	(void)state;
	assert_int_equal(0, systems_open(&s, root));
	etcd = rules_find(systems_rules(s), "etcd");
	assert_int_equal(35, classify_score(etcd, &ev, &p));
	assert_int_equal(1, p.n);
	assert_int_equal(EVIDENCE_UNIT, p.v[0].kind);
	assert_null(classify(systems_rules(s), &ev, &most));
	assert_int_equal(35, most);
	assert_true(classify_needs_files(systems_rules(s), &ev));
	/* the command line and the name are the process's own words: 45 at most */
	snprintf(ev.comm, sizeof(ev.comm), "etcd");
	memcpy(ev.cmdline, "etcd\0--name\0a", 14);
	ev.cmdline_len = 14;
	snprintf(ev.title, sizeof(ev.title), "etcd --name a");
	*ev.unit = 0;
	assert_true(classify_score(etcd, &ev, NULL) <= 45);
	/* against: 100 */
	snprintf(ev.exe, sizeof(ev.exe), "/usr/lib/postgresql/15/bin/postgres");
	snprintf(ev.title, sizeof(ev.title), "/x/pg_dump");
	memcpy(ev.cmdline, "/x/pg_dump", 11);
	ev.cmdline_len = 11;
	assert_int_equal(-50, classify_score(rules_find(systems_rules(s), "postgres"), &ev, &p));
	systems_close(s);
}

/* A file is looked into only where that can decide. */
static void test_no_files_without_need(void **state)
{
	struct evidence ev = { .exe = "/usr/bin/vim", .parent = "" };
	struct systems *s;

	(void)state;
	assert_int_equal(0, systems_open(&s, root));
	assert_false(classify_needs_files(systems_rules(s), &ev));
	snprintf(ev.exe, sizeof(ev.exe), "/usr/bin/etcd");
	assert_false(classify_needs_files(systems_rules(s), &ev));
	systems_close(s);
}

/* ---- processes that have gone ---- */

static void test_gone(void **state)
{
	struct system_process child = { .pid = 9999, .ppid = 500, .comm = "postgres", .exe = "postgres",
		.exe_ino = 7, .exe_dev = 8 };
	FILE *f = fopen(CASES "/postgres.txt", "r");
	struct system_place place;
	struct process zombie;
	struct systems *s;
	struct evidence ev;

	(void)state;
	assert_non_null(f);
	empty_root();
	build(f);
	fclose(f);
	assert_int_equal(0, systems_open(&s, root));
	systems_scan(s);
	systems_place(s, &child, &place);
	assert_non_null(place.system);
	assert_string_equal("postgres", place.system->name);
	assert_string_equal("/var/lib/postgresql/15/main", place.instance);
	assert_true(place.ended);
	/* a zombie's number is still there, without a program */
	begin(&zombie, 9999);
	describe(&zombie, "comm", "postgres");
	systems_place(s, &child, &place);
	assert_non_null(place.system);
	assert_true(place.ended);
	/* the parent goes, too: what was known of it stays */
	empty_root();
	systems_place(s, &child, &place);
	assert_non_null(place.system);
	/* a helper of its own is part of it; a shell, whatever it calls itself, ends it */
	child.exe = child.comm = "helper";
	systems_place(s, &child, &place);
	assert_non_null(place.system);
	assert_true(place.inherited);
	child.comm = "postgres";
	child.exe = "bash";
	systems_place(s, &child, &place);
	assert_null(place.system);
	child.exe = "helper";
	child.ppid = 530;	/* psql */
	systems_place(s, &child, &place);
	assert_null(place.system);
	/* by its program's name alone */
	child.exe = "etcd";
	systems_place(s, &child, &place);
	assert_string_equal("etcd", place.system->name);
	assert_false(place.inherited);
	assert_int_equal(-ESRCH, systems_evidence(s, 500, &ev, &place));
	evidence_free(&ev);
	systems_close(s);
}

static void test_match(void **state)
{
	struct rule_system etcd = { .name = "etcd" };
	struct system_place place = { .system = &etcd, .instance = "/var/lib/etcd/a" }, none = { .instance = "" };
	struct systems *s;
	const char *nearest = NULL;

	(void)state;
	assert_true(systems_match("etcd", &place));
	assert_true(systems_match("ETCD", &place));
	assert_false(systems_match("etc", &place));
	assert_true(systems_match("etcd//var/lib/etcd/a", &place));
	assert_true(systems_match("etcd/var/lib/etcd/a", &place));
	assert_true(systems_match("etcd/*a", &place));
	assert_false(systems_match("etcd/*b", &place));
	assert_true(systems_match("other", &none));
	assert_false(systems_match("other", &place));
	assert_int_equal(0, systems_open(&s, root));
	assert_true(systems_known(s, "etcd/x", &nearest));
	assert_true(systems_known(s, "other", &nearest));
	assert_false(systems_known(s, "postgresql", &nearest));
	assert_string_equal("postgres", nearest);
	assert_false(systems_known(s, "xyzzy", &nearest));
	assert_null(nearest);
	systems_close(s);
}

/* The shipped rules and no others: what this machine has installed must not matter. */
static int set_up(void **state)
{
	char path[512];

	if (!mkdtemp(rules_dir) || machine_new(state))
		return -1;
	for (unsigned int i = 0; i < rule_files_texts_count; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", rules_dir, rule_files_texts[i].name);
		f = fopen(path, "w");
		if (!f || fputs(rule_files_texts[i].text, f) == EOF)
			return -1;
		fchmod(fileno(f), 0644);
		fclose(f);
	}
	return setenv("IOAMP_SYSTEMS", rules_dir, 1);
}

static int tear_down(void **state)
{
	machine_remove(rules_dir);
	return machine_free(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures), cmocka_unit_test(test_points),
		cmocka_unit_test(test_no_files_without_need), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
