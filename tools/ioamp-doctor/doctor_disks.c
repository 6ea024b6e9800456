/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_disks - where names of owners come from, and what no probe sees of a disk. */
#include "tools/ioamp-doctor/doctor_internal.h"

#include <dirent.h>
#include <string.h>

#include "machine/device.h"

/* "a, b" grows by one name; what does not fit is left out, and said by "...". */
static void list_add(char *list, size_t size, const char *between, const char *name)
{
	size_t n = strlen(list);

	if (n + strlen(between) + strlen(name) + 5 < size)
		snprintf(list + n, size - n, "%s%s", n ? between : "", name);
	else if (n > 3 && strcmp(list + n - 3, "..."))
		snprintf(list + n, size - n, "...");
}

void look_cgroups(struct look *l)
{
	struct finding *f = found(l, "cgroups");
	FILE *file = fopen(at(l, "/proc/self/mountinfo"), "re");
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
		finding_say(f, VERDICT_OK, v1 ? "hybrid: v2 at %s, and %d v1 hierarchies for what"
			    " is at its root" : "v2 at %s", v2, v1);
	else if (v1) {
		finding_say(f, VERDICT_LIMIT, "v1 only: a group in name=systemd alone is not"
			    " known after its process has ended");
		finding_fix(f, "cat /proc/cmdline    (have the boot loader add"
			    " systemd.unified_cgroup_hierarchy=1 to it)");
	} else {
		finding_say(f, VERDICT_LIMIT, "none is mounted: --cgroup and --by cgroup know no"
			    " names");
		finding_fix(f, "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	}
}

void look_iostats(struct look *l)
{
	struct finding *f = found(l, "disk counters");
	char list[256] = "", names[256] = "";
	const struct disks disks = { .root = l->m->root };
	int n = 0, off = 0;
	struct dirent *de;
	DIR *dir = opendir(at(l, "/sys/block"));

	while (dir && (de = readdir(dir))) {
		/* memory stays out of every total, so its counters are nobody's concern */
		if (de->d_name[0] == '.' || disk_is_memory(de->d_name) ||
		    !exists(at(l, "/sys/block/%s/stat", de->d_name)))
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
	finding_say(f, VERDICT_LIMIT, "queue/iostats is 0 for %s: our figures cannot be reconciled"
		    " there", list);
	finding_fix(f, "for d in %s; do echo 1 | sudo tee /sys/block/$d/queue/iostats; done", names);
}

/* NVMe controllers in the hands of a driver in user space. */
static int taken_away(struct look *l, const char *driver, char *list, size_t size)
{
	DIR *dir = opendir(at(l, "/sys/bus/pci/drivers/%s", driver));
	struct dirent *de;
	char class[32];
	int n = 0;

	while (dir && (de = readdir(dir))) {
		if (!strchr(de->d_name, ':') ||
		    !first_line(at(l, "/sys/bus/pci/drivers/%s/%s/class", driver, de->d_name),
				class, sizeof(class)) || strncmp(class, "0x0108", 6))
			continue;
		list_add(list, size, ", ", de->d_name);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

void look_blind(struct look *l)
{
	struct finding *f = found(l, "blind spots");
	char list[256] = "";

	if (!taken_away(l, "vfio-pci", list, sizeof(list)) +
	    !taken_away(l, "uio_pci_generic", list, sizeof(list)) == 2) {
		finding_say(f, VERDICT_OK, "no disk is driven from user space (SPDK, VFIO)");
		return;
	}
	finding_say(f, VERDICT_LIMIT, "NVMe at %s is driven from user space (SPDK, or given to a"
		    " guest): its I/O never enters this kernel", list);
	finding_fix(f, "rpc.py bdev_get_iostat    (SPDK's own counters), or measure in the guest");
}
