/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_ktypes - the search for headers in made-up directories, and types from a
 * BTF written by hand.
 */
#include <bpf/btf.h>

#include "types/kfields.h"
#include "types/ktree.h"
#include "types/ktypes.h"
#include "tests/unit/machine.h"
#include "tests/unit/old_headers.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define REL		"6.1.0-9-test"

static char *get(const char *name)
{
	FILE *f = fopen(machine_path(name), "r");
	char *text = calloc(1, 65536);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static struct ktypes_paths fake_paths(void)
{
	static char modules[PATH_MAX], btf[PATH_MAX], kheaders[PATH_MAX], os[PATH_MAX];

	strcpy(modules, machine_path("modules"));
	strcpy(btf, machine_path("btf"));
	strcpy(kheaders, machine_path("kheaders.tar.xz"));
	strcpy(os, machine_path("os-release"));
	return (struct ktypes_paths){ .btf_dir = btf, .modules_dir = modules,
				      .kheaders = kheaders, .os_release = os, .release = REL };
}

/* ---- installed headers ---- */

static void put_headers(const char *build, const char *source, const char *release)
{
	char name[256], text[128];

	snprintf(name, sizeof(name), "%s/include/linux/kconfig.h", source);
	machine_put(name, "\n");
	snprintf(name, sizeof(name), "%s/include/linux/blk_types.h", source);
	machine_put(name, old_bio);
	snprintf(name, sizeof(name), "%s/include/linux/sched.h", source);
	machine_put(name, "struct task_struct {\n\tunsigned int __state;\n};\n");
	snprintf(name, sizeof(name), "%s/include/linux/dcache.h", source);
	machine_put(name, "struct dentry {\n\tunion {\n\t\tint d_alias;\n\t} d_u;\n};\n");
	snprintf(name, sizeof(name), "%s/include/trace/events/block.h", source);
	machine_put(name, events);
	snprintf(name, sizeof(name), "%s/include/generated/autoconf.h", build);
	machine_put(name, "\n");
	snprintf(name, sizeof(name), "%s/include/generated/utsrelease.h", build);
	snprintf(text, sizeof(text), "#define UTS_RELEASE \"%s\"\n", release);
	machine_put(name, text);
	/* Debian's holds the upstream version, and must not decide. */
	snprintf(name, sizeof(name), "%s/include/config/kernel.release", build);
	machine_put(name, "6.1.99\n");
}

static bool has_flag(const struct ktypes *kt, const char *end)
{
	for (const char *const *f = ktypes_cflags(kt); *f; f++)
		if (strlen(*f) >= strlen(end) && !strcmp(*f + strlen(*f) - strlen(end), end))
			return true;
	return false;
}

static struct ktypes *open_headers(const char *source_env)
{
	struct ktypes_paths paths = fake_paths();
	struct failure err;
	struct ktypes *kt = NULL;
	int ret;

	paths.source_env = source_env;
	ret = ktypes_open_at(&kt, KTYPES_HEADERS, 0, &paths, &err);
	if (ret)
		print_message("%s: %s: %s\n", err.code, err.what, err.why);
	assert_int_equal(ret, 0);
	return kt;
}

static void test_headers_whole(void **state)
{
	struct failure err;
	char dir[PATH_MAX];
	struct ktypes *kt;

	(void)state;
	put_headers("src/whole", "src/whole", REL);
	machine_link("modules/" REL "/build", machine_path("src/whole"));
	kt = open_headers(NULL);
	assert_int_equal(ktypes_source(kt), KTYPES_HEADERS);
	assert_false(ktypes_have_btf(kt));
	assert_int_equal(ktypes_check_count(kt), 0);
	assert_int_equal(ktypes_btf_id(kt, "func", "vfs_write", dir, sizeof(dir)), -ENOENT);
	assert_true(has_flag(kt, "-fms-extensions"));
	assert_false(has_flag(kt, "include/generated/uapi"));
	assert_int_equal(ktypes_materialize(kt, "/nonexistent", dir, sizeof(dir), &err), 0);
	assert_string_equal(dir, machine_path("src/whole"));
	assert_non_null(strstr(ktypes_preamble(kt), "#include <linux/blkdev.h>\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_BIO_BI_BDEV 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_BIO_BI_DISK 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_STRUCT_FOLIO 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_STRUCT_INODE 1\n"));
	/* These are in no header of any kernel. */
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_STRUCT_XLOG 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_STRUCT_STRIPE_HEAD 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_TASK_STRUCT___STATE 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_TASK_STRUCT_STATE 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_DENTRY_D_U 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define ARG_BIO_QUEUE 1\n"));
	/* Constants that a configuration lacks are known when the headers are compiled. */
	assert_non_null(strstr(ktypes_preamble(kt),
			       "#ifdef CONFIG_MEMCG\n#define HAVE_MEMORY_CGRP_ID 1\n#endif\n"));
	/* Not in this text: where recent kernels have it. */
	assert_non_null(strstr(ktypes_preamble(kt), "#define ARG_BLOCK_SPLIT 0\n"));
	ktypes_close(kt);
}

static void check_split(struct ktypes *kt)
{
	struct failure err;
	char dir[PATH_MAX];

	assert_int_equal(ktypes_materialize(kt, "/nonexistent", dir, sizeof(dir), &err), 0);
	assert_string_equal(dir, machine_path("src/common"));
	assert_true(has_flag(kt, "src/build/include"));
	assert_true(has_flag(kt, "src/build/include/generated/uapi"));
	ktypes_close(kt);
}

/* Debian: build has the configuration, source the headers. */
static void test_headers_split(void **state)
{
	char text[256];

	(void)state;
	put_headers("src/build", "src/common", REL);
	machine_link("modules/" REL "/build", machine_path("src/build"));
	machine_link("modules/" REL "/source", machine_path("src/common"));
	check_split(open_headers(NULL));

	/* Without the second link, and through the environment: by the Makefile. */
	assert_int_equal(unlink(machine_path("modules/" REL "/source")), 0);
	snprintf(text, sizeof(text), "KBUILD_OUTPUT=%s\ninclude %s/Makefile\n", machine_path("src/build"),
		 machine_path("src/common"));
	machine_put("src/build/Makefile", text);
	check_split(open_headers(NULL));
	check_split(open_headers(machine_path("src/build")));
}

static void expect_error(enum ktypes_source want, const char *code, const char *why,
			 const char *fix)
{
	struct ktypes_paths paths = fake_paths();
	struct failure err;
	struct ktypes *kt = NULL;

	assert_int_equal(ktypes_open_at(&kt, want, 0, &paths, &err), -ENOENT);
	print_message("%s: %s\n  why: %s\n  fix: %s\n", err.code, err.what, err.why, err.fix);
	assert_null(kt);
	assert_string_equal(err.code, code);
	assert_non_null(strstr(err.what, strcmp(code, "IOAMP-E111") ? REL : "incomplete"));
	assert_non_null(strstr(err.why, why));
	assert_non_null(strstr(err.fix, fix));
}

static void test_headers_missing(void **state)
{
	(void)state;
	expect_error(KTYPES_HEADERS, "IOAMP-E110", "build is missing", "header package");
	machine_put("os-release", "NAME=x\nID=debian\n");
	expect_error(KTYPES_HEADERS, "IOAMP-E110", REL "/build is missing",
		     "sudo apt install linux-headers-" REL);
	machine_put("modules/6.1.0-10-test/build/x", "");
	expect_error(KTYPES_HEADERS, "IOAMP-E110", "installed for 6.1.0-10-test", "reboot");
	expect_error(KTYPES_AUTO, "IOAMP-E110", "no BTF and no kheaders", "apt install");
	expect_error(KTYPES_BTF, "IOAMP-E113", "btf/vmlinux", "--types");
	expect_error(KTYPES_KHEADERS, "IOAMP-E114", "kheaders.tar.xz", "modprobe kheaders");
}

/* A header tree of ours, left in the environment by an earlier compilation. */
static void test_headers_own_tree(void **state)
{
	struct failure err;
	char dir[PATH_MAX];
	struct ktypes *kt;

	(void)state;
	put_headers("tree", "tree", "own");
	machine_put("tree/" KTREE_TYPES, "");
	put_headers("modules/" REL "/build", "modules/" REL "/build", REL);
	kt = open_headers(machine_path("tree"));
	assert_int_equal(ktypes_materialize(kt, "/nonexistent", dir, sizeof(dir), &err), 0);
	assert_string_equal(dir, machine_path("modules/" REL "/build"));
	ktypes_close(kt);
}

static void test_headers_other_version(void **state)
{
	(void)state;
	put_headers("modules/" REL "/build", "modules/" REL "/build", "6.1.0-8-test");
	expect_error(KTYPES_HEADERS, "IOAMP-E110", "the headers of 6.1.0-8-test", "install");
}

static void test_headers_incomplete(void **state)
{
	(void)state;
	machine_link("modules/" REL "/build", "/usr/src/linux-headers-nowhere");
	expect_error(KTYPES_HEADERS, "IOAMP-E111", "dangling", "mount /usr/src read-only");
	assert_int_equal(unlink(machine_path("modules/" REL "/build")), 0);
	machine_put("modules/" REL "/build/README", "");
	expect_error(KTYPES_HEADERS, "IOAMP-E111", "kconfig.h", "reinstall");
	machine_put("modules/" REL "/build/include/linux/kconfig.h", "");
	expect_error(KTYPES_HEADERS, "IOAMP-E111", "autoconf.h", "reinstall");
}

static const struct {
	const char *os_release;
	const char *command;
} distributions[] = {
	{ "ID=ubuntu\nID_LIKE=debian\n", "apt install linux-headers-" REL },
	{ "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install kernel-devel-" REL },
	{ "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
	  "zypper install 'kernel-test-devel=6.1.0-9'" },
	{ "ID=arch\n", "pacman -S linux-headers" },
	{ "ID=alpine\n", "apk add linux-test-dev" },
	{ "ID=debianish\n", "install the header package of kernel " REL },
};

static void test_install_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(distributions); i++) {
		machine_put("os-release", distributions[i].os_release);
		expect_error(KTYPES_HEADERS, "IOAMP-E110", "missing", distributions[i].command);
	}
}

/* ---- types from a BTF of ours ---- */

struct ids {
	int u16, u32, u64, ulong, uchar, ptr_void;
};

static void add_ints(struct btf *btf, struct ids *id)
{
	id->u16 = btf__add_int(btf, "short unsigned int", 2, 0);
	id->u32 = btf__add_int(btf, "unsigned int", 4, 0);
	id->u64 = btf__add_int(btf, "long long unsigned int", 8, 0);
	id->ulong = btf__add_int(btf, "long unsigned int", 8, 0);
	id->uchar = btf__add_int(btf, "unsigned char", 1, 0);
	id->ptr_void = btf__add_ptr(btf, 0);
}

/* The packed bvec_iter (20 bytes) shows a wrong size at once. */
static int add_bio(struct btf *btf, const struct ids *id)
{
	int iter, half, anon, bdev, end_io, bio;

	iter = btf__add_struct(btf, "bvec_iter", 20);
	btf__add_field(btf, "bi_sector", id->u64, 0, 0);
	btf__add_field(btf, "bi_size", id->u32, 64, 0);
	btf__add_field(btf, "bi_idx", id->u32, 96, 0);
	bdev = btf__add_ptr(btf, btf__add_fwd(btf, "block_device", BTF_FWD_STRUCT));
	end_io = btf__add_ptr(btf, btf__add_func_proto(btf, 0));
	half = btf__add_struct(btf, NULL, 4);
	btf__add_field(btf, "bi_vcnt", id->u16, 16, 0);
	anon = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "bi_private", id->ptr_void, 0, 0);
	btf__add_field(btf, "", half, 0, 0);
	bio = btf__add_struct(btf, "bio", 64);
	btf__add_field(btf, "bi_bdev", bdev, 64, 0);
	btf__add_field(btf, "bi_iter", iter, 128, 0);
	btf__add_field(btf, "bi_flags", id->u16, 36 * 8, 3);
	btf__add_field(btf, "bi_end_io", end_io, 40 * 8, 0);
	btf__add_field(btf, "", anon, 48 * 8, 0);
	return bio;
}

static void add_event(struct btf *btf, const char *name, int arg0, int arg1)
{
	int data = btf__add_ptr(btf, 0), proto = btf__add_func_proto(btf, 0);
	char full[64];

	btf__add_func_param(btf, NULL, data);
	btf__add_func_param(btf, NULL, arg0);
	btf__add_func_param(btf, NULL, arg1);
	snprintf(full, sizeof(full), "btf_trace_%s", name);
	btf__add_typedef(btf, full, btf__add_ptr(btf, proto));
}

static void write_btf(const struct btf *btf, const char *name)
{
	uint32_t size = 0;
	const void *data = btf__raw_data(btf, &size);

	machine_write(name, data, size);
}

/* libbpf adds members to the type made last, so what they use comes before. */
static void put_btf(void)
{
	struct btf *btf = btf__new_empty(), *mod;
	struct ids id;
	int bio, queue, flags, page, mode, bio_ptr, inode, proto;

	add_ints(btf, &id);
	bio = add_bio(btf, &id);
	bio_ptr = btf__add_ptr(btf, bio);
	queue = btf__add_ptr(btf, btf__add_fwd(btf, "request_queue", BTF_FWD_STRUCT));
	flags = btf__add_struct(btf, NULL, 8);
	btf__add_field(btf, "f", id.ulong, 0, 0);
	flags = btf__add_typedef(btf, "memdesc_flags_t", flags);
	page = btf__add_struct(btf, "page", 64);
	btf__add_field(btf, "flags", flags, 0, 0);
	btf__add_field(btf, "compound_info", id.ulong, 64, 0);
	mode = btf__add_enum(btf, "small", 1);
	btf__add_enum_value(btf, "SMALL_A", 0);
	inode = btf__add_struct(btf, "inode", 40);
	btf__add_field(btf, "i_mode", mode, 8, 0);
	btf__add_field(btf, "i_ino", id.ulong, 64, 0);
	btf__add_enum(btf, "pageflags", 4);
	btf__add_enum_value(btf, "PG_locked", 0);
	btf__add_enum_value(btf, "PG_head", 6);
	btf__add_enum(btf, NULL, 4);
	btf__add_enum_value(btf, "BIO_CLONED", 1);
	btf__add_enum(btf, "cgroup_subsys_id", 4);
	btf__add_enum_value(btf, "memory_cgrp_id", 4);
	add_event(btf, "block_bio_queue", queue, bio_ptr);
	proto = btf__add_func_proto(btf, 0);
	btf__add_func(btf, "vfs_write", BTF_FUNC_GLOBAL, proto);
	assert_true(page > 0 && inode > 0);
	write_btf(btf, "btf/vmlinux");

	mod = btf__new_empty_split(btf);
	btf__add_struct(mod, "transaction_s", 16);
	btf__add_field(mod, "t_tid", id.u32, 64, 0);
	btf__add_func(mod, "jbd2_journal_start", BTF_FUNC_GLOBAL, proto);
	write_btf(mod, "btf/jbd2");
	btf__free(mod);
	btf__free(btf);
}

static struct ktypes *open_btf(void)
{
	struct ktypes_paths paths = fake_paths();
	struct failure err;
	struct ktypes *kt = NULL;

	put_btf();
	assert_int_equal(ktypes_open_at(&kt, KTYPES_AUTO, 0, &paths, &err), 0);
	assert_int_equal(ktypes_source(kt), KTYPES_BTF);
	assert_true(ktypes_have_btf(kt));
	return kt;
}

static const struct {
	const char *label;
	int offset;
} check_cases[] = {
	{ "struct bio.bi_iter.bi_sector", 16 },
	{ "struct bio.bi_iter.bi_idx", 28 },
	{ "struct bio.bi_end_io", 40 },
	{ "struct bio.bi_private", 48 },
	{ "struct bio.bi_vcnt", 50 },
	{ "struct bio.bi_bdev", 8 },
	{ "struct page.compound_info", 8 },
	{ "struct transaction_s.t_tid", 8 },	/* from the module */
	{ "struct bio.bi_flags", -ENOENT },	/* a bit-field here */
	{ "struct bio.bi_disk", -ENOENT },
	{ "struct folio._nr_pages", -ENOENT },
};

static int offset_of(const struct ktypes *kt, const char *wanted)
{
	const char *label;

	for (int i = 0; i < ktypes_check_count(kt); i++) {
		int offset = ktypes_check_offset(kt, i, &label);

		if (strcmp(label, wanted) == 0)
			return offset;
	}
	return -ENOENT;
}

static void test_btf_answers(void **state)
{
	struct ktypes *kt = open_btf();
	char module[32];

	(void)state;
	for (size_t i = 0; i < COUNT(check_cases); i++) {
		print_message("%s\n", check_cases[i].label);
		assert_int_equal(offset_of(kt, check_cases[i].label), check_cases[i].offset);
	}
	assert_int_equal(ktypes_check_offset(kt, ktypes_check_count(kt), NULL), -ENOENT);
	assert_non_null(strstr(ktypes_preamble(kt), "#define KTYPES_FROM_BTF 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_BIO_BI_BDEV 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_COMPOUND_INFO_MASK 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_IO_CGRP_ID 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_MEMORY_CGRP_ID 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_FOLIO__NR_PAGES 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_STRUCT_TRANSACTION_S 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define ARG_BIO_QUEUE 1\n"));
	assert_true(ktypes_btf_id(kt, "func", "vfs_write", module, sizeof(module)) > 0);
	assert_string_equal(module, "");
	assert_true(ktypes_btf_id(kt, "tp", "block_bio_queue", module, sizeof(module)) > 0);
	assert_true(ktypes_btf_id(kt, "func", "jbd2_journal_start", module, sizeof(module)) > 0);
	assert_string_equal(module, "jbd2");
	assert_int_equal(ktypes_btf_id(kt, "func", "none", module, sizeof(module)), -ENOENT);
	assert_int_equal(ktypes_btf_id(kt, "map", "x", module, sizeof(module)), -EINVAL);
	ktypes_close(kt);
}

static const char *const type_texts[] = {
	"struct bvec_iter {\n\tlong long unsigned int bi_sector;\n\tunsigned int bi_size;\n"
	"\tunsigned int bi_idx;\n\tunsigned char pad_16[4];\n} __attribute__((packed));\n",
	"struct bio {\n\tunsigned char pad_0[8];\n\tstruct block_device *bi_bdev;\n"
	"\tstruct bvec_iter bi_iter;\n\tunsigned char pad_36[4];\n\tvoid *bi_end_io;\n"
	"\tunion {\n\tstruct {\n\tvoid *bi_private;\n\t};\n"
	"\tstruct {\n\tunsigned char pad_48[2];\n\tshort unsigned int bi_vcnt;\n\t};\n\t};\n"
	"\tunsigned char pad_56[8];\n};\n",
	"struct page {\n\tstruct { unsigned char bytes[8]; } flags;\n"
	"\tlong unsigned int compound_info;\n\tunsigned char pad_16[48];\n};\n",
	/* A one-byte enumeration keeps its width. */
	"\tunsigned char i_mode;\n",
	"enum pageflags {\n\tPG_locked = 0,\n\tPG_head = 6,\n};\n",
	"\tBIO_CLONED = 1,\n",
	/* Absent here, but prototypes may name it. */
	"struct folio;\n",
};

static void test_btf_tree(void **state)
{
	struct ktypes *kt = open_btf();
	struct failure err;
	char dir[PATH_MAX], *text;

	(void)state;
	mkdir(machine_path("tree"), 0700);
	assert_int_equal(ktypes_materialize(kt, machine_path("tree"), dir, sizeof(dir), &err), 0);
	assert_string_equal(dir, machine_path("tree"));
	text = get("tree/include/linux/ioamp_types.h");
	for (size_t i = 0; i < COUNT(type_texts); i++) {
		print_message("%s", type_texts[i]);
		assert_non_null(strstr(text, type_texts[i]));
	}
	free(text);
	text = get("tree/include/linux/version.h");
	assert_non_null(strstr(text, "#define LINUX_VERSION_CODE 393472\n"));
	free(text);
	assert_int_equal(access(machine_path("tree/include/linux/kconfig.h"), R_OK), 0);
	assert_int_equal(ktypes_materialize(kt, machine_path("absent"), dir, sizeof(dir), &err), -ENOENT);
	assert_string_equal(err.code, "IOAMP-E115");
	ktypes_close(kt);
}

static void test_order(void **state)
{
	struct ktypes_paths paths = fake_paths();
	struct failure err;
	struct ktypes *kt = NULL;

	(void)state;
	put_btf();
	machine_put("kheaders.tar.xz", "not an archive");
	assert_int_equal(ktypes_open_at(&kt, KTYPES_AUTO, 1u << KTYPES_BTF, &paths, &err), 0);
	assert_int_equal(ktypes_source(kt), KTYPES_KHEADERS);
	ktypes_close(kt);
	put_headers("modules/" REL "/build", "modules/" REL "/build", REL);
	assert_int_equal(ktypes_open_at(&kt, KTYPES_AUTO, 1u << KTYPES_BTF, &paths, &err), 0);
	assert_int_equal(ktypes_source(kt), KTYPES_HEADERS);
	/* Whatever the source, BTF checks; but the compiler gets what these headers have. */
	assert_true(ktypes_check_count(kt) > 0);
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_BIO_BI_BDEV 0\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#define HAVE_BIO_BI_DISK 1\n"));
	assert_non_null(strstr(ktypes_preamble(kt), "#ifdef CONFIG_MEMCG\n"));
	ktypes_close(kt);
	kt = NULL;
	assert_int_equal(ktypes_open_at(&kt, KTYPES_AUTO, ~0u, &paths, &err), -ENOENT);
	assert_non_null(strstr(err.why, "did not compile"));
}

static void test_bad_archive(void **state)
{
	struct ktypes_paths paths = fake_paths();
	struct failure err;
	struct ktypes *kt = NULL;
	char dir[PATH_MAX];

	(void)state;
	machine_put("kheaders.tar.xz", "not an archive");
	mkdir(machine_path("tree"), 0700);
	assert_int_equal(ktypes_open_at(&kt, KTYPES_KHEADERS, 0, &paths, &err), 0);
	assert_true(ktypes_materialize(kt, machine_path("tree"), dir, sizeof(dir), &err) < 0);
	assert_string_equal(err.code, "IOAMP-E122");
	ktypes_close(kt);
}

/* This machine's own kernel, when it has BTF. */
static void test_running_kernel(void **state)
{
	struct failure err;
	struct ktypes *kt = NULL;
	char dir[PATH_MAX];

	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		print_message("the running kernel has no readable BTF\n");
		skip();
	}
	assert_int_equal(ktypes_open(&kt, KTYPES_BTF, 0, &err), 0);
	mkdir(machine_path("tree"), 0700);
	assert_int_equal(ktypes_materialize(kt, machine_path("tree"), dir, sizeof(dir), &err), 0);
	/* Some members are optional, and jbd2 may not be loaded. */
	assert_in_range(ktypes_check_count(kt), kfields_count * 3 / 4, kfields_count);
	assert_int_equal(offset_of(kt, "struct inode.i_mode"), 0);
	ktypes_close(kt);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, machine_new, machine_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_headers_whole), TEST(test_headers_split), TEST(test_headers_missing),
		TEST(test_headers_own_tree),
		TEST(test_headers_other_version), TEST(test_headers_incomplete),
		TEST(test_install_commands), TEST(test_btf_answers), TEST(test_btf_tree),
		TEST(test_order), TEST(test_bad_archive),
		TEST(test_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
