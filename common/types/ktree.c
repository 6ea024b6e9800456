/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ktree - the header tree that libbcc gets in place of kernel headers. */
#include "types/ktree.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "types/kemit.h"

/* ---- fixed texts ---- */

/* libbcc includes this file before everything, so the switches are here. */
static const char kconfig_h[] =
	"#define CONFIG_BPF_SYSCALL 1\n"
	/* offsets are those of the running kernel: no relocation */
	"#define BPF_NO_PRESERVE_ACCESS_INDEX 1\n";

static const char types_h[] =
	"#ifndef _LINUX_TYPES_H\n#define _LINUX_TYPES_H\n"
	"typedef signed char __s8, s8, int8_t;\n"
	"typedef unsigned char __u8, u8, uint8_t, blk_status_t;\n"
	"typedef short __s16, s16, int16_t;\n"
	"typedef unsigned short __u16, u16, uint16_t, __le16, __be16, __sum16, umode_t;\n"
	"typedef int __s32, s32, int32_t, pid_t, clockid_t;\n"
	"typedef unsigned int __u32, u32, uint32_t, __le32, __be32, __wsum, dev_t, uid_t,\n"
	"\tgid_t, tid_t, fmode_t, gfp_t, blk_opf_t, vm_fault_t, __poll_t;\n"
	"typedef long long __s64, s64, int64_t, loff_t, time64_t, ktime_t;\n"
	"typedef unsigned long long __u64, u64, uint64_t, __le64, __be64, sector_t, blkcnt_t;\n"
	"typedef unsigned long size_t, uintptr_t, pgoff_t, ino_t, __kernel_size_t;\n"
	"typedef long ssize_t, ptrdiff_t, intptr_t;\n"
	"typedef _Bool bool;\n"
	"typedef struct { int counter; } atomic_t;\n"
	"typedef struct { s64 counter; } atomic64_t;\n"
	"struct list_head { struct list_head *next, *prev; };\n"
	"enum { false, true };\n"
	"#define __aligned_u64 __u64 __attribute__((aligned(8)))\n"
	"#define __aligned_s64 __s64 __attribute__((aligned(8)))\n"
	"#define __bitwise\n"
	"#define __user\n"
	"#define __always_inline inline __attribute__((always_inline))\n"
	"#define NULL ((void *)0)\n"
	"#ifndef offsetof\n#define offsetof(t, m) __builtin_offsetof(t, m)\n#endif\n"
	"#endif\n";

static const char use_types[] = "#include <linux/types.h>\n";
static const char use_ioamp_types[] = "#include <linux/ioamp_types.h>\n";

/* The files that libbcc's own text and texts written for kernel headers include. */
static const struct {
	const char *path;
	const char *text;
} files[] = {
	{ "include/linux/kconfig.h", kconfig_h },
	{ "include/linux/types.h", types_h },
	{ "include/linux/log2.h", "" },
	{ "include/linux/bpf_common.h", "" },
	{ "include/linux/bpf.h", use_types },
	{ "include/linux/ptrace.h", use_ioamp_types },
	{ "include/uapi/linux/bpf.h", use_types },
	{ "include/uapi/linux/if_packet.h", "" },
	{ "include/uapi/linux/ptrace.h", use_ioamp_types },
};

static const char *const dirs[] = { "include", "include/linux", "include/uapi",
				    "include/uapi/linux", "include/asm" };

/* ---- constants ---- */

/*
 * Enumerations whose constants the probe texts may use (BTF has no macros). One without a
 * name is found by one of its constants.
 */
static const struct {
	const char *tag;
	const char *constant;
} enums[] = {
	{ "pageflags", NULL },
	{ "req_flag_bits", NULL },
	{ "req_op", NULL },
	{ "req_opf", NULL },
	{ "bh_state_bits", NULL },
	{ "jbd_state_bits", NULL },
	{ "writeback_sync_modes", NULL },
	{ "cgroup_subsys_id", NULL },
	{ "", "BIO_CLONED" },
};

#define NENUMS ((int)(sizeof(enums) / sizeof(enums[0])))

static bool has_constant(const struct btf *btf, const struct btf_type *t, const char *name)
{
	for (int i = 0; btf_is_enum(t) && i < btf_vlen(t); i++)
		if (strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name) == 0)
			return true;
	return false;
}

static void put_enum(FILE *f, const struct btf *btf, const struct btf_type *t)
{
	fprintf(f, "enum %s {\n", btf__name_by_offset(btf, t->name_off));
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_enum *e = &btf_enum(t)[i];

		if (btf_kflag(t) || e->val >= 0)
			fprintf(f, "\t%s = %d,\n", btf__name_by_offset(btf, e->name_off), e->val);
		else
			fprintf(f, "\t%s = %uU,\n", btf__name_by_offset(btf, e->name_off),
				(unsigned int)e->val);
	}
	fputs("};\n", f);
}

static void put_enums(const struct kbtf *kb, FILE *f)
{
	const struct btf *btf = kbtf_vmlinux(kb);
	bool done[NENUMS] = { false };
	uint32_t n = btf__type_cnt(btf);

	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *tag;

		if (!btf_is_enum(t) || btf_vlen(t) == 0)
			continue;
		tag = btf__name_by_offset(btf, t->name_off);
		for (int i = 0; i < NENUMS; i++) {
			if (done[i] || strcmp(tag, enums[i].tag) != 0 ||
			    (enums[i].constant && !has_constant(btf, t, enums[i].constant)))
				continue;
			done[i] = true;
			put_enum(f, btf, t);
			break;
		}
	}
}

/* ---- the files ---- */

static FILE *create(const char *dir, const char *path)
{
	char full[PATH_MAX];

	if (snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(full, "we");
}

static int finish(FILE *f)
{
	int err = ferror(f) ? -EIO : 0;

	if (fclose(f) && !err)
		err = -errno;
	return err;
}

static int write_static(const char *dir)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f = create(dir, files[i].path);

		if (!f)
			return -errno;
		fputs(files[i].text, f);
		err = finish(f);
	}
	return err;
}

static int write_version(const char *dir, const char *release)
{
	unsigned int a = 0, b = 0, c = 0;
	FILE *f = create(dir, "include/linux/version.h");

	if (!f)
		return -errno;
	sscanf(release, "%u.%u.%u", &a, &b, &c);
	/* As the kernel's own: a sublevel above 255 stays 255. */
	fprintf(f, "#define LINUX_VERSION_CODE %u\n", (a << 16) + (b << 8) + (c > 255 ? 255 : c));
	fputs("#define KERNEL_VERSION(a, b, c) "
	      "(((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))\n", f);
	return finish(f);
}

static int write_page(const char *dir)
{
	FILE *f = create(dir, "include/asm/page.h");
	long size = sysconf(_SC_PAGESIZE);

	if (!f)
		return -errno;
	fprintf(f, "#define PAGE_SIZE %ldUL\n#define PAGE_SHIFT %d\n", size,
		__builtin_ctzl((unsigned long)size));
	return finish(f);
}

static int write_types(const struct kbtf *kb, const char *dir)
{
	FILE *f = create(dir, KTREE_TYPES);
	int err, end;

	if (!f)
		return -errno;
	fputs("#ifndef IOAMP_TYPES_H\n#define IOAMP_TYPES_H\n#include <linux/types.h>\n", f);
	put_enums(kb, f);
	err = kemit_structs(kb, f);
	fputs("#endif\n", f);
	end = finish(f);
	return err ? err : end;
}

int ktree_write(const struct kbtf *kb, const char *release, const char *dir)
{
	char path[PATH_MAX];
	int err;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
	}
	err = write_static(dir);
	if (!err)
		err = write_version(dir, release);
	if (!err)
		err = write_page(dir);
	if (!err)
		err = write_types(kb, dir);
	return err;
}
