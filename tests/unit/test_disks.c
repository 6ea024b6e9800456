/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_disks - disks from made-up trees of /sys, and those of this machine against what
 * must hold on any.
 */
#include <sys/sysmacros.h>

#include "machine/disks.h"
#include "tests/unit/machine.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))

/* ---- disks ---- */

static bool linked(const uint32_t links[DISK_LINKS], uint32_t dev)
{
	for (int i = 0; i < DISK_LINKS && links[i]; i++)
		if (links[i] == dev)
			return true;
	return false;
}

static void check_disk(const struct disks *d, const struct disk *disk)
{
	struct disk_stat stat;

	assert_ptr_equal(disks_by_name(d, disk->name), disk);
	assert_ptr_equal(disks_by_dev(d, disk->dev), disk);
	assert_ptr_equal(disks_of_device(d, disk->dev), disk);
	assert_int_equal(disk->leaf, !disk->below[0]);
	/* a list ends inside its array, and goes both ways */
	assert_int_equal(disk->below[DISK_LINKS - 1], 0);
	assert_int_equal(disk->above[DISK_LINKS - 1], 0);
	for (int i = 0; disk->below[i]; i++) {
		const struct disk *below = disks_by_dev(d, disk->below[i]);

		assert_non_null(below);
		assert_ptr_not_equal(below, disk);
		assert_true(linked(below->above, disk->dev));
	}
	assert_int_equal(disk_stat_read(disk, &stat), 0);
	assert_int_equal(stat.read_bytes % 512, 0);
	assert_int_equal(stat.write_bytes % 512, 0);
}

static void test_disks(void **state)
{
	struct disks d = { 0 };

	(void)state;
	if (disks_scan(&d)) {
		print_message("no /sys/block here\n");
		skip();
	}
	for (size_t i = 0; i < d.n; i++)
		check_disk(&d, &d.v[i]);
	assert_null(disks_by_name(&d, "nonesuch"));
	assert_null(disks_of_device(&d, DEV(4095, 1048575)));
	/* again on the same struct */
	assert_int_equal(disks_scan(&d), 0);
	disks_free(&d);
	assert_int_equal(d.n, 0);
}

/* ---- trees of /sys ---- */

/* What /sys/block shows of one disk. */
struct fake {
	const char *name, *dev;	/* dev NULL: hidden */
	const char *slaves;	/* disks and partitions (DISK/PART), with blanks between */
	const char *parts;	/* PART=MAJOR:MINOR */
	bool bio;		/* no mq/: it works without requests */
	bool iostats;
};

/* Debian's 6.1 with everything that stacks, as a guest has it, and some more of the kind. */
static const struct fake guest[] = {
	{ "nvme3n1", "259:6", "", "nvme3n1p1=259:31", false, true },
	/* LVM: one volume; a thin one; over two disks */
	{ "nvme4n1", "259:7", "", "", false, true },
	{ "dm-0", "254:0", "nvme4n1", "", true, false },
	{ "nvme5n1", "259:8", "", "", false, true },
	{ "dm-1", "254:1", "nvme5n1", "", true, false },
	{ "dm-2", "254:2", "nvme5n1", "", true, false },
	{ "dm-3", "254:3", "dm-1 dm-2", "", true, false },
	{ "dm-4", "254:4", "dm-3", "", true, false },
	{ "dm-5", "254:5", "dm-3", "", true, false },
	{ "nvme6n1", "259:10", "", "", false, true },
	{ "nvme7n1", "259:9", "", "", false, true },
	{ "dm-6", "254:6", "nvme6n1 nvme7n1", "", true, false },
	/* dm-multipath works with requests; its disk has a second path */
	{ "nvme11n1", "259:14", "", "", false, true },
	{ "sdb", "8:16", "", "", false, true },
	{ "dm-10", "254:10", "nvme11n1 sdb", "", false, true },
	/* crypt on a partition of md, md on partitions */
	{ "nvme12n1", "259:16", "", "nvme12n1p1=259:40", false, true },
	{ "nvme13n1", "259:15", "", "nvme13n1p2=259:41", false, true },
	{ "md127", "9:127", "nvme12n1/nvme12n1p1 nvme13n1/nvme13n1p2", "md127p1=259:42", true,
	  true },
	{ "dm-7", "254:7", "md127/md127p1", "", true, false },
	/* bcache: both partitions of one disk; a cache on another disk */
	{ "nvme23n1", "259:26", "", "nvme23n1p1=259:32 nvme23n1p2=259:33", false, true },
	{ "bcache0", "252:0", "nvme23n1/nvme23n1p1 nvme23n1/nvme23n1p2", "", true, false },
	{ "sdc", "8:32", "", "", false, true },
	{ "sdd", "8:48", "", "", false, true },
	{ "bcache1", "252:128", "sdc sdd", "", true, false },
	/* NVMe multipath: no link from the head to its hidden paths */
	{ "nvme28c27n1", NULL, "", "", false, true },
	{ "nvme28c28n1", NULL, "", "", false, true },
	{ "nvme28n1", "259:5", "", "nvme28n1p1=259:43", true, false },
	{ "dm-8", "254:8", "nvme28n1/nvme28n1p1", "", true, false },
	/* memory */
	{ "zram0", "251:0", "", "", true, false },
	{ "ram0", "1:0", "", "", true, false },
	{ "pmem0", "259:44", "", "", true, true },
	/* names that only look like memory, or like a path */
	{ "ramdisk", "240:0", "", "", false, true },
	{ "nvme9c0n1p", "240:1", "", "", false, true },
	{ "nvme9n1", "240:2", "", "", false, true },
	/* the administrator turned counting off */
	{ "sde", "8:64", "", "", false, false },
};

static const struct {
	const char *name;
	uint32_t dev;
	bool memory, iostats;
	const char *below, *above;	/* in any order, with blanks between */
} guest_wants[] = {
	{ "nvme3n1", DEV(259, 6), false, true, "", "" },
	{ "nvme4n1", DEV(259, 7), false, true, "", "dm-0" },
	{ "dm-0", DEV(254, 0), false, true, "nvme4n1", "" },
	{ "nvme5n1", DEV(259, 8), false, true, "", "dm-1 dm-2" },
	{ "dm-1", DEV(254, 1), false, true, "nvme5n1", "dm-3" },
	{ "dm-2", DEV(254, 2), false, true, "nvme5n1", "dm-3" },
	{ "dm-3", DEV(254, 3), false, true, "dm-1 dm-2", "dm-4 dm-5" },
	{ "dm-4", DEV(254, 4), false, true, "dm-3", "" },
	{ "dm-5", DEV(254, 5), false, true, "dm-3", "" },
	{ "nvme6n1", DEV(259, 10), false, true, "", "dm-6" },
	{ "nvme7n1", DEV(259, 9), false, true, "", "dm-6" },
	{ "dm-6", DEV(254, 6), false, true, "nvme6n1 nvme7n1", "" },
	{ "nvme11n1", DEV(259, 14), false, true, "", "dm-10" },
	{ "sdb", DEV(8, 16), false, true, "", "dm-10" },
	{ "dm-10", DEV(254, 10), false, true, "nvme11n1 sdb", "" },
	{ "nvme12n1", DEV(259, 16), false, true, "", "md127" },
	{ "nvme13n1", DEV(259, 15), false, true, "", "md127" },
	{ "md127", DEV(9, 127), false, true, "nvme12n1 nvme13n1", "dm-7" },
	{ "dm-7", DEV(254, 7), false, true, "md127", "" },
	{ "nvme23n1", DEV(259, 26), false, true, "", "bcache0" },
	{ "bcache0", DEV(252, 0), false, true, "nvme23n1", "" },
	{ "sdc", DEV(8, 32), false, true, "", "bcache1" },
	{ "sdd", DEV(8, 48), false, true, "", "bcache1" },
	{ "bcache1", DEV(252, 128), false, true, "sdc sdd", "" },
	{ "nvme28c27n1", DEV(259, 4), false, true, "", "nvme28n1" },
	{ "nvme28c28n1", DEV(259, 30), false, true, "", "nvme28n1" },
	{ "nvme28n1", DEV(259, 5), false, false, "nvme28c27n1 nvme28c28n1", "dm-8" },
	{ "dm-8", DEV(254, 8), false, true, "nvme28n1", "" },
	{ "zram0", DEV(251, 0), true, true, "", "" },
	{ "ram0", DEV(1, 0), true, false, "", "" },
	{ "pmem0", DEV(259, 44), true, true, "", "" },
	{ "ramdisk", DEV(240, 0), false, true, "", "" },
	{ "nvme9c0n1p", DEV(240, 1), false, true, "", "" },
	{ "nvme9n1", DEV(240, 2), false, true, "", "" },
	{ "sde", DEV(8, 64), false, false, "", "" },
};

__attribute__((format(printf, 2, 3)))
static void put(const char *text, const char *format, ...)
{
	char name[PATH_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	machine_put(name, text);
}

static void put_link(const char *folder, const char *name, const char *target)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	machine_link(path, target);
}

/* Calls with each word of `words`. */
static void each_word(const char *words, void (*call)(const char *word, const char *with),
		      const char *with)
{
	char *copy = strdup(words), *rest = copy, *word;

	assert_non_null(copy);
	while ((word = strsep(&rest, " ")))
		if (*word)
			call(word, with);
	free(copy);
}

static void put_slave(const char *lower, const char *upper)
{
	char folder[PATH_MAX], target[PATH_MAX];
	const char *slash = strrchr(lower, '/');

	snprintf(folder, sizeof(folder), "/sys/devices/%s/slaves", upper);
	snprintf(target, sizeof(target), "../../%s", lower);
	put_link(folder, slash ? slash + 1 : lower, target);
}

static void put_part(const char *part, const char *disk)
{
	char name[DISK_NAME], target[PATH_MAX];
	const char *dev = strchr(part, '=');

	snprintf(name, sizeof(name), "%.*s", (int)(dev - part), part);
	put(dev + 1, "/sys/devices/%s/%s/dev", disk, name);
	put("1\n", "/sys/devices/%s/%s/partition", disk, name);
	snprintf(target, sizeof(target), "../../devices/%s/%s", disk, name);
	put_link("/sys/dev/block", dev + 1, target);
}

static void put_disk(const struct fake *f)
{
	char target[PATH_MAX];

	put("", "/sys/devices/%s/slaves/", f->name);
	put("", "/sys/devices/%s/holders/", f->name);
	put(f->iostats ? "1\n" : "0\n", "/sys/devices/%s/queue/iostats", f->name);
	if (!f->bio)
		put("", "/sys/devices/%s/mq/", f->name);
	snprintf(target, sizeof(target), "../devices/%s", f->name);
	put_link("/sys/block", f->name, target);
	if (f->dev) {
		put(f->dev, "/sys/devices/%s/dev", f->name);
		snprintf(target, sizeof(target), "../../devices/%s", f->name);
		put_link("/sys/dev/block", f->dev, target);
	}
	each_word(f->parts, put_part, f->name);
	each_word(f->slaves, put_slave, f->name);
}

/* Takes a disk away as the kernel does: its links first. */
static void drop_disk(const char *name, const char *dev)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/block/%s", root, name);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys/dev/block/%s", root, dev);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys/devices/%s", root, name);
	assert_int_equal(machine_remove(path), 0);
}

static int fake_new(void **state)
{
	assert_int_equal(machine_new(state), 0);
	put("6.1.0-56-cloud-amd64\n", "/proc/sys/kernel/osrelease");
	put("", "/sys/block/");
	return 0;
}

static size_t count_links(const uint32_t links[DISK_LINKS])
{
	size_t n = 0;

	while (links[n])
		n++;
	return n;
}

static bool word_in(const char *words, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(words, name); at; at = strstr(at + 1, name))
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

static size_t count_words(const char *words)
{
	size_t n = *words != 0;

	for (; *words; words++)
		n += *words == ' ';
	return n;
}

static void check_links(const struct disks *d, const char *name, const uint32_t links[DISK_LINKS],
			const char *wanted)
{
	if (count_links(links) != count_words(wanted))
		fail_msg("%s: %zu links, not '%s'", name, count_links(links), wanted);
	for (int i = 0; links[i]; i++) {
		const struct disk *other = disks_by_dev(d, links[i]);

		assert_non_null(other);
		if (!word_in(wanted, other->name))
			fail_msg("%s: %s is not among '%s'", name, other->name, wanted);
	}
}

static const struct disk *disk_named(const struct disks *d, const char *name)
{
	const struct disk *disk = disks_by_name(d, name);

	if (!disk)
		fail_msg("%s is missing", name);
	return disk;
}

static void test_stacks(void **state)
{
	struct disks d = { .root = root };

	(void)state;
	for (size_t i = 0; i < COUNT(guest); i++)
		put_disk(&guest[i]);
	put(" 259       0 nvme0n1 520 394 55126 513 0 0 0 0 0 380 513 0 0 0 0 0 0\n"
	    " 259       4 nvme28c27n1 69 1 3994 10 73 88 50128 36 0 36 47 0 0 0 0 6 1\n"
	    " 259      30 nvme28c28n1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", "/proc/diskstats");
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, COUNT(guest_wants));
	for (size_t i = 0; i < COUNT(guest_wants); i++) {
		const struct disk *disk = disk_named(&d, guest_wants[i].name);

		if (disk->dev != guest_wants[i].dev || disk->gone ||
		    disk->leaf != !*guest_wants[i].below ||
		    disk->memory != guest_wants[i].memory ||
		    disk->iostats != guest_wants[i].iostats)
			fail_msg("%s: dev %x leaf %d gone %d memory %d iostats %d", disk->name,
				 disk->dev, disk->leaf, disk->gone, disk->memory, disk->iostats);
		check_links(&d, disk->name, disk->below, guest_wants[i].below);
		check_links(&d, disk->name, disk->above, guest_wants[i].above);
	}
	/* partitions count with their disk, at any level */
	assert_string_equal(disks_of_device(&d, DEV(259, 31))->name, "nvme3n1");
	assert_string_equal(disks_of_device(&d, DEV(259, 42))->name, "md127");
	assert_string_equal(disks_of_device(&d, DEV(259, 43))->name, "nvme28n1");
	assert_null(disks_of_device(&d, DEV(259, 99)));
	disks_free(&d);
}

/* dm counts whatever queue/iostats says, until it sets it itself. */
static void test_counted(void **state)
{
	static const struct { const char *release; bool counted; } cases[] = {
		{ "5.10.0-28-amd64", true }, { "6.10.14", true }, { "6.11.0-rc1", false },
		{ "6.12.48+deb13-amd64", false }, { "7.0.0", false }, { "", false },
	};
	static const struct fake dm = { "dm-0", "254:0", "", "", true, false };

	(void)state;
	put_disk(&dm);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct disks d = { .root = root };

		put(cases[i].release, "/proc/sys/kernel/osrelease");
		assert_int_equal(disks_scan(&d), 0);
		assert_int_equal(disk_named(&d, "dm-0")->iostats, cases[i].counted);
		disks_free(&d);
	}
}

/* Kernels that say no number of a hidden disk: the head is what is left. */
static void test_paths_unknown(void **state)
{
	static const struct fake disks[] = {
		{ "nvme0c0n1", NULL, "", "", false, true },
		{ "nvme0n1", "259:0", "", "", true, false },
	};
	static const char *const stats[] = { "   0       0 nvme0c0n1 1 2 3\n", "",
					     "words\n\n259 x nvme0c0n1\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(disks); i++)
		put_disk(&disks[i]);
	for (size_t i = 0; i <= COUNT(stats); i++) {
		struct disks d = { .root = root };

		if (i)
			put(stats[i - 1], "/proc/diskstats");
		assert_int_equal(disks_scan(&d), 0);
		assert_int_equal(d.n, 1);
		assert_true(disk_named(&d, "nvme0n1")->leaf);
		disks_free(&d);
	}
}

/* What comes, goes and takes another's number between two looks. */
static void test_come_and_go(void **state)
{
	static const struct fake sda = { "sda", "8:0", "", "sda1=8:1", false, true },
		sdb = { "sdb", "8:16", "", "", false, true },
		crypt = { "dm-0", "254:0", "sda/sda1", "", true, false },
		upper = { "dm-1", "254:1", "dm-0", "", true, false },
		raid = { "md0", "9:0", "sda sdb", "", true, true },
		other = { "zram0", "254:0", "", "", true, false };
	struct disks d = { .root = root };
	struct disk_stat stat;

	(void)state;
	put_disk(&sda);
	put_disk(&crypt);
	put_disk(&upper);
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, 3);
	drop_disk("dm-1", "254:1");
	drop_disk("dm-0", "254:0");
	put_disk(&sdb);
	put_disk(&raid);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(disks_scan(&d), 0);
		assert_int_equal(d.n, 5);
		check_links(&d, "sda", disk_named(&d, "sda")->above, "dm-0 md0");
		check_links(&d, "dm-1", disk_named(&d, "dm-1")->below, "dm-0");
		check_links(&d, "md0", disk_named(&d, "md0")->below, "sda sdb");
		assert_true(disk_named(&d, "dm-0")->gone && disk_named(&d, "dm-1")->gone);
		assert_false(disk_named(&d, "dm-0")->leaf || disk_named(&d, "dm-1")->leaf);
		assert_false(disk_named(&d, "sda")->gone || disk_named(&d, "md0")->gone);
		assert_int_equal(disk_stat_read(disk_named(&d, "dm-0"), &stat), -ENOENT);
	}
	/* back again */
	put_disk(&upper);
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, 5);
	assert_false(disk_named(&d, "dm-1")->gone);
	/* its number is another's now */
	put_disk(&other);
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, 5);
	assert_null(disks_by_name(&d, "dm-0"));
	assert_string_equal(disks_by_dev(&d, DEV(254, 0))->name, "zram0");
	assert_true(disk_named(&d, "zram0")->leaf && disk_named(&d, "zram0")->memory);
	disks_free(&d);
}

/* A loop device stands on the disk of the file it shows, also after it was detached. */
static void test_loop(void **state)
{
	static const struct fake loop = { "loop0", "7:0", "", "", false, true };
	struct fake disk = { "sda", NULL, "", "", false, true };
	char dev[32], file[PATH_MAX];
	struct disks d = { .root = root };
	struct stat st;

	(void)state;
	assert_int_equal(stat(root, &st), 0);
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev), minor(st.st_dev));
	disk.dev = dev;
	put_disk(&disk);
	put_disk(&loop);
	assert_int_equal(disks_scan(&d), 0);
	assert_true(disk_named(&d, "loop0")->leaf);
	assert_int_equal(disk_named(&d, "loop0")->backing_dev, 0);

	put("", "/image");
	snprintf(file, sizeof(file), "%s/image\n", root);
	put(file, "/sys/devices/loop0/loop/backing_file");
	assert_int_equal(disks_scan(&d), 0);
	check_links(&d, "loop0", disk_named(&d, "loop0")->below, "sda");
	check_links(&d, "sda", disk_named(&d, "sda")->above, "loop0");
	assert_false(disk_named(&d, "loop0")->leaf);
	assert_int_equal(disk_named(&d, "loop0")->backing_dev,
			 DEV(major(st.st_dev), minor(st.st_dev)));
	file[strlen(file) - 1] = 0;
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(disk_named(&d, "loop0")->backing_ino, st.st_ino);

	snprintf(file, sizeof(file), "%s/sys/devices/loop0/loop/backing_file", root);
	assert_int_equal(unlink(file), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(disks_scan(&d), 0);
		check_links(&d, "loop0", disk_named(&d, "loop0")->below, "sda");
		assert_false(disk_named(&d, "loop0")->leaf);
	}
	/* a file that cannot be found: where its bytes go is not known */
	put("/nonexistent/image (deleted)\n", "/sys/devices/loop0/loop/backing_file");
	disks_free(&d);
	d.root = root;
	assert_int_equal(disks_scan(&d), 0);
	assert_true(disk_named(&d, "loop0")->leaf);
	disks_free(&d);
}

/* More links than there is room for: the first are kept, the list still ends. */
static void test_many_links(void **state)
{
	struct disks d = { .root = root };
	char name[16], dev[16];

	(void)state;
	put_disk(&(struct fake){ "sda", "8:0", "", "", false, true });
	for (int i = 0; i < DISK_LINKS + 9; i++) {
		snprintf(name, sizeof(name), "dm-%d", i);
		snprintf(dev, sizeof(dev), "254:%d", i);
		put_disk(&(struct fake){ name, dev, "sda", "", true, false });
	}
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, DISK_LINKS + 10);
	assert_int_equal(count_links(disk_named(&d, "sda")->above), DISK_LINKS - 1);
	for (size_t i = 0; i < d.n; i++)
		assert_int_equal(d.v[i].leaf, !strcmp(d.v[i].name, "sda"));
	disks_free(&d);
}

/* No /sys, or a broken one: nothing is lost of what was known. */
static void test_no_tree(void **state)
{
	struct disks d = { .root = root };

	(void)state;
	put_disk(&(struct fake){ "sda", "8:0", "", "", false, true });
	put("words\n", "/sys/devices/sda/dev");
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(d.n, 0);
	put("8:0", "/sys/devices/sda/dev");
	assert_int_equal(disks_scan(&d), 0);
	assert_int_equal(machine_remove(machine_path("/sys/block")), 0);
	assert_int_equal(disks_scan(&d), -ENOENT);
	assert_int_equal(d.n, 1);
	disks_free(&d);
}

static void test_no_disk(void **state)
{
	const struct disk gone = { .name = "nonesuch" };
	struct disk_stat stat;

	(void)state;
	assert_int_equal(disk_stat_read(&gone, &stat), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_no_disk),
		cmocka_unit_test_setup_teardown(test_stacks, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_counted, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_paths_unknown, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_come_and_go, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_loop, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_many_links, fake_new, machine_free),
		cmocka_unit_test_setup_teardown(test_no_tree, fake_new, machine_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
