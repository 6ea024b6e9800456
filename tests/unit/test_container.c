/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_container - containers by the paths of their cgroups, as runtimes write them
 * and almost write them; names from files; and machines with cgroups of version 1,
 * of version 2 and of both, made of directories.
 */


#include "machine/cgroup.h"
#include "machine/container_labels.h"
#include "tests/unit/machine.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define HEX		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2		"fedcba98765432100123456789abcdef0123456789abcdef0123456789abcdef"
#define UID		"12345678-9abc-def0-1234-56789abcdef0"
#define UID_		"12345678_9abc_def0_1234_56789abcdef0"
#define CHECKSUM	"0123456789abcdef0123456789abcdef"
#define KUBE		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"

static const struct { const char *path, *text; } paths[] = {
	/* docker: both drivers, a parent of the user's, rootless, systemd inside, docker inside */
	{ "/docker/" HEX, "docker:0123456789ab" },
	{ "/system.slice/docker-" HEX ".scope", "docker:0123456789ab" },
	{ "/my.slice/docker-" HEX ".scope", "docker:0123456789ab" },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" HEX ".scope",
	  "docker:0123456789ab" },
	{ "/docker/" HEX "/system.slice/ssh.service", "docker:0123456789ab" },
	{ "/docker/" HEX2 "/docker/" HEX, "docker:0123456789ab" },
	{ "/docker/" HEX "/init.scope", "docker:0123456789ab" },
	{ "/system.slice:docker:" HEX, "docker:0123456789ab" },
	{ "/actions_job/" HEX, "container:0123456789ab" },
	{ "/ecs/0123456789abcdef/" HEX, "container:0123456789ab" },
	/* containerd, nerdctl, CRI-O, podman */
	{ "/system.slice/cri-containerd-" HEX ".scope", "containerd:0123456789ab" },
	{ "/default/nerdctl-" HEX ".scope", "containerd:0123456789ab" },
	{ "/machine.slice/libpod-" HEX ".scope", "podman:0123456789ab" },
	{ "/machine.slice/libpod-" HEX ".scope/container", "podman:0123456789ab" },
	{ "/libpod_parent/libpod-" HEX, "podman:0123456789ab" },
	{ "/system.slice/web.service/libpod-payload-" HEX, "podman:0123456789ab" },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX ".scope/container",
	  "podman:0123456789ab" },
	/* Kubernetes: drivers, classes of service, static pods, kind */
	{ "/kubepods/besteffort/pod" UID "/" HEX, "container:0123456789ab" },
	{ "/kubepods/pod" UID "/" HEX, "container:0123456789ab" },
	{ "/kubepods/burstable/pod" UID "/crio-" HEX, "crio:0123456789ab" },
	{ KUBE "/cri-containerd-" HEX ".scope", "containerd:0123456789ab" },
	{ KUBE "/crio-" HEX ".scope", "crio:0123456789ab" },
	{ KUBE "/crio-" HEX ".scope/container", "crio:0123456789ab" },
	{ KUBE "/docker-" HEX ".scope", "docker:0123456789ab" },
	{ KUBE, "pod:" UID },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" HEX ".scope", "crio:0123456789ab" },
	{ "/kubepods/burstable/pod" CHECKSUM "/" HEX, "container:0123456789ab" },
	{ "/kubepods/burstable/pod" CHECKSUM, "pod:" CHECKSUM },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" HEX,
	  "containerd:0123456789ab" },
	{ "/kubepods-besteffort-pod" UID_ ".slice:cri-containerd:" HEX, "containerd:0123456789ab" },
	{ "/docker/" HEX2 "/kubelet/kubepods/burstable/pod" UID "/" HEX, "container:0123456789ab" },
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_ ".slice/cri-containerd-"
	  HEX ".scope", "containerd:0123456789ab" },
	/* LXC, LXD, Proxmox; machines */
	{ "/lxc/web", "lxc:web" },
	{ "/lxc/101/ns/system.slice/nginx.service", "lxc:101" },
	{ "/lxc.payload/web", "lxc:web" },
	{ "/lxc.payload.web-1/system.slice/nginx.service", "lxc:web-1" },
	{ "/lxc/101/docker/" HEX, "docker:0123456789ab" },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", "machine:qemu-1-vm" },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", "machine:qemu-1-vm" },
	{ "/machine.slice/systemd-nspawn@build\\x2dbox.service/payload", "machine:build-box" },
	{ "/machine/vm1.libvirt-qemu/vcpu0", "machine:vm1" },
	/* services */
	{ "/system.slice/cron.service", "systemd:cron.service" },
	{ "/system.slice/postgresql@15-main.service", "systemd:postgresql@15-main.service" },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "systemd:getty@tty1.service" },
	{ "/system.slice/a\\x2db.service", "systemd:a-b.service" },
	{ "/system.slice/bad\\x2.service", "systemd:bad\\x2.service" },
	{ "/system.slice/bad\\x0a.service", "systemd:bad\\x0a.service" },
	{ "/system.slice/caf\xc3\xa9\n.service", "systemd:caf\\xc3\\xa9\\x0a.service" },
	{ "/system.slice/caf\\xc3\\xa9.service", "systemd:caf\\xc3\\xa9.service" },
	{ "/system.slice/foo.service/workers/1", "systemd:foo.service" },
	{ "/background.slice/backup.service", "systemd:backup.service" },
	{ "/system.slice/docker.service", "systemd:docker.service" },
	{ "/system.slice/lxcfs.service", "systemd:lxcfs.service" },
	/* none, though some almost are */
	{ "/", "" }, { "", "" }, { "//", "" },
	{ "/user.slice/user-1000.slice/session-2.scope", "" },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service", "" },
	{ "/init.scope", "" },
	{ "/system.slice", "" },
	{ "/docker", "" },
	{ "/docker/buildx", "" },
	{ "/docker/0123456789ab", "" },
	{ "/docker/" HEX "0", "" },
	{ "/system.slice/docker-0123456789ab.scope", "" },
	{ "/system.slice/docker-" HEX ".slice", "" },
	{ "/system.slice/xdocker-" HEX ".scope", "" },
	{ "/system.slice/docker" HEX ".scope", "" },
	{ "/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "" },
	{ "/machine.slice/libpod-conmon-" HEX ".scope", "" },
	{ KUBE "/crio-conmon-" HEX ".scope", "" },
	{ "/lxc", "" }, { "/lxc.monitor/web", "" }, { "/lxc.monitor.web", "" }, { "/lxc.payload.", "" },
	{ "/lxc.pivot", "" },
	{ "/machine.slice/machine-.scope", "" }, { "/other.slice/machine-x.scope", "" },
	{ "/kubepods", "" }, { "/kubepods/burstable", "" }, { "/kubepods.slice/kubepods-burstable.slice", "" },
	{ "/kubepods/burstable/pod1234", "" },
	{ "/kubepods/burstable/pod" CHECKSUM "f", "" },
	{ "/elsewhere/pod" UID, "" },
	{ "/system.slice/.service", "" },
};

static void test_paths(void **state)
{
	char text[CONTAINER_TEXT];
	struct container c;

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		container_parse(paths[i].path, &c);
		container_text(&c, NULL, text, sizeof(text));
		if (strcmp(text, paths[i].text))
			fail_msg("%s: '%s', not '%s'", paths[i].path, text, paths[i].text);
	}
}

static void test_long(void **state)
{
	char path[PATH_MAX], text[16];
	struct container c;

	(void)state;
	memset(path, 'x', sizeof(path));
	memcpy(path, "/lxc/", 5);
	path[sizeof(path) - 1] = 0;
	container_parse(path, &c);
	assert_int_equal(c.kind, CONTAINER_LXC);
	assert_int_equal(strlen(c.name), sizeof(c.name) - 5);
	container_text(&c, NULL, text, sizeof(text));
	assert_string_equal(text, "lxc:xxxxxxxxxxx");
}

static void test_links(void **state)
{
	static const struct { const char *link, *pod, *ns, *container; } good[] = {
		{ "web-5d9c_default_nginx-" HEX ".log", "web-5d9c", "default", "nginx" },
		{ "kube-proxy-x_kube-system_kube-proxy-" HEX ".log", "kube-proxy-x", "kube-system",
		  "kube-proxy" },
		{ "a.b_c_d-e-f-" HEX ".log", "a.b", "c", "d-e-f" },
	};
	static const char *const bad[] = {
		"", ".log", "a_b_c.log", "a_b-" HEX ".log", "a_b_-" HEX ".log", "_b_c-" HEX ".log",
		"a__c-" HEX ".log", "a_b_c-" HEX, "a_b_c-0" HEX ".log", "a_b_c" HEX ".log",
		"a_b_c-0123456789ab.log", "a_b_" HEX ".log", "a_.log_c", "_.log", "a\n_b_c-" HEX ".log", "a_b.log_",
	};
	struct container_label l;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(container_labels_link(good[i].link, &l));
		assert_string_equal(l.pod, good[i].pod);
		assert_string_equal(l.ns, good[i].ns);
		assert_string_equal(l.container, good[i].container);
		assert_string_equal(l.id, HEX);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (container_labels_link(bad[i], &l))
			fail_msg("'%s' is no link", bad[i]);
}

static void test_wants(void **state)
{
	static const struct container_label kube = { HEX, "web-1", "prod", "nginx", "" };
	static const struct container_label named = { HEX, "", "", "", "shop" };
	static const struct {
		const char *path, *want;
		const struct container_label *label;
		enum container_match how;
	} cases[] = {
		{ "/docker/" HEX, "0", NULL, MATCH_ID },
		{ "/docker/" HEX, "0123456789ab", NULL, MATCH_ID },
		{ "/docker/" HEX, HEX, NULL, MATCH_ID },
		{ "/docker/" HEX, "docker:0123", NULL, MATCH_ID },
		{ "/docker/" HEX, "podman:0123", NULL, MATCH_NONE },
		{ "/docker/" HEX, "docker:", NULL, MATCH_NONE },
		{ "/docker/" HEX, HEX "0", NULL, MATCH_NONE },
		{ "/docker/" HEX, "1234", NULL, MATCH_NONE },
		{ "/docker/" HEX, "shop", &named, MATCH_NAME },
		{ "/docker/" HEX, "sho", &named, MATCH_NONE },
		{ KUBE "/crio-" HEX ".scope", "nginx", &kube, MATCH_NAME },
		{ KUBE "/crio-" HEX ".scope", "web-1", &kube, MATCH_NAME },
		{ KUBE "/crio-" HEX ".scope", "prod/web-1", &kube, MATCH_NAME },
		{ KUBE "/crio-" HEX ".scope", "pod:prod/web-1/nginx", &kube, MATCH_NAME },
		{ KUBE "/crio-" HEX ".scope", "prod", &kube, MATCH_NONE },
		{ KUBE "/crio-" HEX ".scope", UID, NULL, MATCH_NAME },
		{ KUBE "/crio-" HEX ".scope", "crio:01", &kube, MATCH_ID },
		{ "/lxc/abc", "abc", NULL, MATCH_NAME },
		{ "/lxc/abc", "ab", NULL, MATCH_NONE },
		{ "/lxc/abc", "lxc:abc", NULL, MATCH_NAME },
		{ "/system.slice/cron.service", "cron", NULL, MATCH_NAME },
		{ "/system.slice/cron.service", "systemd:cron.service", NULL, MATCH_NAME },
		{ "/system.slice/cron.service", "cro", NULL, MATCH_NONE },
		{ "/user.slice", "user", NULL, MATCH_NONE },
		{ "/", "0", NULL, MATCH_NONE },
	};
	struct container c;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		container_parse(cases[i].path, &c);
		if (container_matches(&c, cases[i].label, cases[i].want) != cases[i].how)
			fail_msg("%s in %s", cases[i].want, cases[i].path);
	}
	assert_true(container_want_valid("pod:a/b/c"));
	assert_true(container_want_valid("getty@tty1.service"));
	assert_false(container_want_valid(""));
	assert_false(container_want_valid("a b"));
	assert_false(container_want_valid("a\n"));
	assert_false(container_want_valid("*"));
}

/* ---- machines made of directories ---- */

__attribute__((format(printf, 2, 3)))
static void put(const char *name, const char *format, ...)
{
	FILE *f = machine_open(name);
	va_list ap;

	va_start(ap, format);
	vfprintf(f, format, ap);
	va_end(ap);
	fclose(f);
}

static uint64_t id_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(machine_path(name), &st), 0);
	return st.st_ino;
}

#define V1	"/sys/fs/cgroup/"

static void put_hybrid(void)
{
	put("/proc/self/mountinfo",
	    "30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"
	    "31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw\n"
	    "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
	    "33 30 0:29 /docker /mnt/part\\040one rw - cgroup cgroup rw,blkio\n"
	    "34 30 0:29 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n"
	    "35 30 0:29 /../.. /elsewhere rw - cgroup cgroup rw,blkio\n"
	    "36 30 0:30 / /sys/fs/cgroup/memory rw shared:3 - cgroup cgroup rw,memory\n");
	put("/proc/self/cgroup", "9:name=systemd:/own.service\n7:blkio:/\n4:memory:/\n0::/\n");
	machine_put(V1 "unified/docker/" HEX "/x/", "");
	machine_put(V1 "blkio/docker/" HEX "/", "");
	machine_put(V1 "blkio/docker/" HEX2 "/", "");
	machine_put(V1 "memory/system.slice/web.service/", "");
	machine_put(V1 "systemd/system.slice/web.service/", "");
}

static const struct cgroup_place *place_at(struct cgroups *c, const char *v2, const char *io,
					   const char *memory, uint32_t pid, bool ours)
{
	const uint64_t ids[CGROUP_IDS] = {
		v2 ? id_of(v2) : 0, io ? id_of(io) : 0, memory ? id_of(memory) : 0,
	};

	return cgroups_place(c, ids, pid, ours);
}

#define assert_place(p, p_path, p_container) do {                             \
	const struct cgroup_place *place = (p);                               \
	assert_string_equal(place->path ? place->path : "unknown", p_path);   \
	assert_string_equal(place->container ? place->container : "none", p_container); \
} while (0)

static void test_hybrid(void **state)
{
	struct cgroups *c;

	(void)state;
	put_hybrid();
	put("/proc/77/cgroup", "9:name=systemd:/system.slice/late.service\n7:blkio:/\n0::/\n");
	put("/proc/78/cgroup", "9:name=systemd:/\n7:blkio:/unseen/" HEX "\n4:memory:/\n0::/\n");
	assert_int_equal(cgroups_open(&c, root), 0);
	assert_int_equal(cgroups_hierarchy(c, CGROUP_V2), 0);
	assert_int_equal(cgroups_hierarchy(c, CGROUP_IO), 7);
	assert_int_equal(cgroups_hierarchy(c, CGROUP_MEMORY), 4);
	/* version 2 first, then blkio, then memory */
	assert_place(place_at(c, V1 "unified/docker/" HEX "/x", V1 "blkio/docker/" HEX2,
			      V1 "memory/system.slice/web.service", 1, false),
		     "/docker/" HEX "/x", "docker:0123456789ab");
	assert_place(place_at(c, V1 "unified", V1 "blkio/docker/" HEX2,
			      V1 "memory/system.slice/web.service", 2, false),
		     "/docker/" HEX2, "docker:fedcba987654");
	assert_place(place_at(c, V1 "unified", V1 "blkio", V1 "memory/system.slice/web.service", 3,
			      false), "/system.slice/web.service", "systemd:web.service");
	/* a container in one hierarchy counts more than a service in an earlier one */
	assert_place(place_at(c, V1 "unified", V1 "blkio/docker/" HEX, V1 "memory", 4, false),
		     "/docker/" HEX, "docker:0123456789ab");
	/* only systemd knows: while it lives; then like us, if it was ours */
	assert_place(place_at(c, V1 "unified", V1 "blkio", V1 "memory", 77, false),
		     "/system.slice/late.service", "systemd:late.service");
	assert_place(place_at(c, V1 "unified", V1 "blkio", V1 "memory", 79, false), "/", "none");
	assert_place(place_at(c, V1 "unified", V1 "blkio", V1 "memory", 80, true), "/own.service",
		     "systemd:own.service");
	/* no ids at all (the kernel's configuration) */
	assert_place(place_at(c, NULL, NULL, NULL, 78, false), "/unseen/" HEX, "container:0123456789ab");
	cgroups_close(c);
}

/* A group that came and went while nobody looked at the directories. */
static void test_short_lived(void **state)
{
	const uint64_t ids[CGROUP_IDS] = { 1ull << 40, 2ull << 40, 0 };
	const struct cgroup_key v2 = { .id = ids[CGROUP_V2] };
	const struct cgroup_key io = { .id = ids[CGROUP_IO], .hierarchy = 7 };
	struct cgroups *c;

	(void)state;
	put_hybrid();
	assert_int_equal(cgroups_open(&c, root), 0);
	assert_place(cgroups_place(c, ids, 5, false), "unknown", "none");
	cgroups_add(c, &v2, "/");
	assert_place(cgroups_place(c, ids, 5, false), "unknown", "none");
	cgroups_add(c, &io, "/lxc/gone");
	assert_place(cgroups_place(c, ids, 5, false), "/lxc/gone", "lxc:gone");
	/* one that is made later is found when it is asked for */
	machine_put(V1 "memory/lxc/late/", "");
	cgroups_stale(c);
	assert_place(place_at(c, NULL, NULL, V1 "memory/lxc/late", 6, false), "/lxc/late", "lxc:late");
	cgroups_close(c);
}

static void test_filter(void **state)
{
	static const struct { const char *path, *container; size_t groups, judged; } cases[] = {
		{ "/docker/" HEX, NULL, 3, 3 },		/* unified with x, blkio */
		{ "docker/" HEX "/", NULL, 3, 3 },
		{ V1 "blkio/docker", NULL, 6, 6 },	/* below all three */
		{ "/docker/" HEX "/x", NULL, 1, 1 },
		{ "/docke", NULL, 0, 0 },
		{ "/nowhere", NULL, 0, 0 },
		{ NULL, "web", 2, 1 },			/* memory, systemd */
		{ NULL, "fedc", 1, 1 },
		{ NULL, "nothing", 0, 0 },
		{ "/docker", "docker:0123", 3, 3 },
		{ "/system.slice", "docker:0123", 0, 0 },
	};
	struct cgroup_found found;
	struct cgroup_key key;
	const char *seen;
	struct cgroups *c;
	size_t cursor, n;
	char path[PATH_MAX];

	(void)state;
	put_hybrid();
	assert_int_equal(cgroups_open(&c, root), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		/* what is mounted below the root is typed with it here */
		bool mounted = cases[i].path && !strncmp(cases[i].path, V1, sizeof(V1) - 1);

		snprintf(path, sizeof(path), "%s%s", mounted ? root : "",
			 cases[i].path ? cases[i].path : "");
		cgroups_filter(c, cases[i].path ? path : NULL, cases[i].container, &found);
		if (found.groups != cases[i].groups || found.judged != cases[i].judged)
			fail_msg("%s, %s: %zu groups, %zu judged", path, cases[i].container, found.groups,
				 found.judged);
		assert_null(found.second);
		for (cursor = n = 0; cgroups_next_wanted(c, &cursor, &key, &seen); n++)
			assert_true(key.hierarchy == 0 || key.hierarchy == 7 || key.hierarchy == 4);
		assert_int_equal(n, cases[i].judged);
	}
	cgroups_filter(c, NULL, "fedc", &found);
	assert_true(place_at(c, NULL, V1 "blkio/docker/" HEX2, NULL, 1, false)->wanted);
	assert_false(place_at(c, NULL, V1 "blkio/docker/" HEX, NULL, 1, false)->wanted);
	/* by the hierarchy that only a living process shows */
	cgroups_filter(c, "/system.slice", NULL, &found);
	put("/proc/90/cgroup", "9:name=systemd:/system.slice/web.service\n7:blkio:/\n0::/\n");
	assert_true(place_at(c, NULL, V1 "blkio/docker/" HEX, NULL, 90, false)->wanted);
	assert_false(place_at(c, NULL, V1 "blkio/docker/" HEX, NULL, 91, false)->wanted);
	/* one prefix, two containers */
	machine_put(V1 "memory/docker/0123" HEX "x/", "");
	machine_put(V1 "memory/docker/01234567" "00000000000000000000000000000000000000000000000000000000/", "");
	cgroups_scan(c);
	cgroups_filter(c, NULL, "01234567", &found);
	assert_int_equal(found.groups, 4);
	assert_string_equal(found.first, "docker:0123456789ab");
	assert_string_equal(found.second, "docker:012345670000");
	cgroups_filter(c, NULL, "012345678", &found);
	assert_null(found.second);
	cgroups_close(c);
}

/* Version 2 alone: the ids of io and memory are those of the nearest group with that controller. */
static void test_v2(void **state)
{
	struct cgroups *c;

	(void)state;
	put("/proc/self/mountinfo", "31 30 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
	put("/proc/self/cgroup", "0::/user.slice\n");
	machine_put(V1 "system.slice/web.service/deep/", "");
	assert_int_equal(cgroups_open(&c, root), 0);
	assert_int_equal(cgroups_hierarchy(c, CGROUP_IO), 0);
	assert_place(place_at(c, V1 "system.slice/web.service/deep", V1 "system.slice", "/sys", 1, false),
		     "/system.slice/web.service/deep", "systemd:web.service");
	assert_place(place_at(c, "/sys/fs/cgroup", "/sys/fs/cgroup", "/sys/fs/cgroup", 2, false), "/",
		     "none");
	cgroups_close(c);
}

static void test_names(void **state)
{
	struct cgroups *c;
	char path[PATH_MAX];

	(void)state;
	put("/proc/self/mountinfo", "31 30 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/proc/self/cgroup", "0::/\n");
	machine_put("/var/log/containers/web-1_prod_nginx-" HEX ".log", "");
	put("/var/lib/docker/containers/" HEX2 "/config.v2.json",
	    "{\"ID\":\"" HEX2 "\",\"Config\":{\"Name\":\"no\"},\"Name\":\"/shop\",\"Driver\":\"overlay2\"}");
	machine_put("/sys/fs/cgroup" KUBE "/cri-containerd-" HEX ".scope/", "");
	machine_put("/sys/fs/cgroup" KUBE "/cri-containerd-" HEX2 ".scope/", "");
	machine_put("/sys/fs/cgroup/system.slice/docker-" HEX2 ".scope/", "");
	assert_int_equal(cgroups_open(&c, root), 0);
	assert_place(place_at(c, "/sys/fs/cgroup" KUBE "/cri-containerd-" HEX ".scope", NULL, NULL, 1,
			      false), KUBE "/cri-containerd-" HEX ".scope", "pod:prod/web-1/nginx");
	/* the pod's sandbox has no link */
	assert_place(place_at(c, "/sys/fs/cgroup" KUBE "/cri-containerd-" HEX2 ".scope", NULL, NULL, 2,
			      false), KUBE "/cri-containerd-" HEX2 ".scope", "containerd:fedcba987654");
	for (size_t i = 0; i < 2; i++) {
		static const char *const wants[] = { "shop", "prod/web-1" };
		struct cgroup_found found;

		cgroups_filter(c, NULL, wants[i], &found);
		assert_int_equal(found.groups, 1);
	}
	/* the link goes when the container does; the name stays */
	snprintf(path, sizeof(path), "%s/var/log/containers/web-1_prod_nginx-" HEX ".log", root);
	assert_int_equal(unlink(path), 0);
	assert_place(place_at(c, "/sys/fs/cgroup" KUBE "/cri-containerd-" HEX ".scope", NULL, NULL, 9,
			      false), KUBE "/cri-containerd-" HEX ".scope", "pod:prod/web-1/nginx");
	cgroups_close(c);
}

/* Nothing of it is there: a container without /sys/fs/cgroup. */
static void test_nothing(void **state)
{
	struct cgroup_found found;
	struct cgroups *c;

	(void)state;
	assert_int_equal(cgroups_open(&c, root), 0);
	assert_place(cgroups_place(c, (uint64_t[CGROUP_IDS]){ 5, 6, 7 }, 1, true), "unknown", "none");
	assert_place(cgroups_place(c, (uint64_t[CGROUP_IDS]){ 0 }, 2, true), "/", "none");
	cgroups_filter(c, "/x", NULL, &found);
	assert_int_equal(found.groups, 0);
	cgroups_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_wants),
		cmocka_unit_test_setup_teardown(test_hybrid, machine_new, machine_free),
		cmocka_unit_test_setup_teardown(test_short_lived, machine_new, machine_free),
		cmocka_unit_test_setup_teardown(test_filter, machine_new, machine_free),
		cmocka_unit_test_setup_teardown(test_v2, machine_new, machine_free),
		cmocka_unit_test_setup_teardown(test_names, machine_new, machine_free),
		cmocka_unit_test_setup_teardown(test_nothing, machine_new, machine_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
