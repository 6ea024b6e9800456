/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_disks - where the names of control groups come from, and what no probe sees of a disk. */
#include "tools/ioamp-doctor/check.h"

#include <dirent.h>
#include <string.h>

#include "machine/disks.h"

/* Appends one name. When the list is full, "..." replaces all further names. */
static void list_add(char *list, size_t size, const char *between, const char *name)
{
	size_t n = strlen(list);

	if (n + strlen(between) + strlen(name) + 5 < size)
		snprintf(list + n, size - n, "%s%s", n ? between : "", name);
	else if (n > 3 && strcmp(list + n - 3, "..."))
		snprintf(list + n, size - n, "...");
}

void check_cgroups(struct check *c)
{
	struct finding *f = finding_add(c->out, "cgroups");
	FILE *file = fopen(check_path(c, "/proc/self/mountinfo"), "re");
	char line[4096], v2[256] = "";
	int v1 = 0;

	while (file && fgets(line, sizeof(line), file)) {
		const char *type = strstr(line, " - ");

		if (type && !strncmp(type + 3, "cgroup ", 7))
			v1++;
		else if (type && !strncmp(type + 3, "cgroup2 ", 8) && !*v2)
			sscanf(line, "%*s %*s %*s %*s %255s", v2);
	}
	if (!file) {
		finding_say(f, VERDICT_UNKNOWN, "/proc/self/mountinfo cannot be read");
		return;
	}
	fclose(file);
	if (*v2)
		finding_say(f, VERDICT_OK, v1 ? "hybrid: v2 at %s, and %d v1 hierarchies for processes"
			    " in its root" : "v2 at %s", v2, v1);
	else if (v1) {
		finding_say(f, VERDICT_LIMIT, "v1 only: if a group is only in name=systemd, its name"
			    " is unknown after its processes have ended");
		finding_fix(f, "cat /proc/cmdline    (have the boot loader add"
			    " systemd.unified_cgroup_hierarchy=1 to it)");
	} else {
		finding_say(f, VERDICT_LIMIT, "none is mounted: --cgroup and --by cgroup have no"
			    " names");
		finding_fix(f, "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	}
}

void check_iostats(struct check *c)
{
	struct finding *f = finding_add(c->out, "disk counters");
	char list[256] = "", names[256] = "";
	const struct disks disks = { .root = c->m->root };
	int n = 0, off = 0;
	struct dirent *de;
	DIR *dir = opendir(check_path(c, "/sys/block"));

	while (dir && (de = readdir(dir))) {
		/* disks in memory are in no total, so their counters need not be right */
		if (de->d_name[0] == '.' || disk_is_memory(de->d_name) ||
		    !check_exists(check_path(c, "/sys/block/%s/stat", de->d_name)))
			continue;
		n++;
		if (disk_is_counted(&disks, de->d_name))
			continue;
		off++;
		list_add(list, sizeof(list), ", ", de->d_name);
		list_add(names, sizeof(names), " ", de->d_name);
	}
	if (!dir) {
		finding_say(f, VERDICT_UNKNOWN, "/sys/block cannot be read");
		return;
	}
	closedir(dir);
	if (!off) {
		finding_say(f, VERDICT_OK, "the kernel counts for %s%d disk%s", n == 1 ? "" : "all ", n,
			    n == 1 ? "" : "s");
		return;
	}
	finding_say(f, VERDICT_LIMIT, "queue/iostats is 0 for %s: no kernel counters to compare"
		    " the figures with", list);
	finding_fix(f, "for d in %s; do echo 1 | sudo tee /sys/block/$d/queue/iostats; done", names);
}

/* Adds the NVMe controllers that a driver hands to a program in user space. */
static void list_taken(struct check *c, const char *driver, char *list, size_t size)
{
	DIR *dir = opendir(check_path(c, "/sys/bus/pci/drivers/%s", driver));
	struct dirent *de;
	char class[32];

	while (dir && (de = readdir(dir))) {
		if (!strchr(de->d_name, ':') ||
		    !check_first_line(check_path(c, "/sys/bus/pci/drivers/%s/%s/class", driver,
						 de->d_name), class, sizeof(class)) ||
		    strncmp(class, "0x0108", 6))
			continue;
		list_add(list, size, ", ", de->d_name);
	}
	if (dir)
		closedir(dir);
}

void check_blind(struct check *c)
{
	struct finding *f = finding_add(c->out, "blind spots");
	char list[256] = "";

	list_taken(c, "vfio-pci", list, sizeof(list));
	list_taken(c, "uio_pci_generic", list, sizeof(list));
	if (!*list) {
		finding_say(f, VERDICT_OK, "no disk is driven from user space (SPDK, VFIO)");
		return;
	}
	finding_say(f, VERDICT_LIMIT, "NVMe at %s is driven from user space (SPDK, or given to a"
		    " guest): its I/O never enters this kernel", list);
	finding_fix(f, "rpc.py bdev_get_iostat    (SPDK's own counters), or measure in the guest");
}
