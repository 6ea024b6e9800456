/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kpreamble - the includes and the #defines by which program text adapts to a kernel. */
#include "types/kpreamble.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types/kfields.h"
#include "types/kheaders.h"

/* Arguments whose position changed; `usual` is that of recent kernels. */
static const struct {
	const char *define;
	const char *event;
	const char *tag;
	int usual;
	const char *file;	/* of include/trace/events */
} args[] = {
	{ "ARG_RQ_ISSUE", "block_rq_issue", "request", 0, "block.h" },
	{ "ARG_RQ_COMPLETE", "block_rq_complete", "request", 0, "block.h" },
	{ "ARG_RQ_MERGE", "block_rq_merge", "request", 0, "block.h" },
	{ "ARG_RQ_REMAP", "block_rq_remap", "request", 0, "block.h" },
	{ "ARG_BIO_QUEUE", "block_bio_queue", "bio", 0, "block.h" },
	{ "ARG_BIO_COMPLETE", "block_bio_complete", "bio", 1, "block.h" },
	{ "ARG_BIO_REMAP", "block_bio_remap", "bio", 0, "block.h" },
	{ "ARG_BIO_MERGE", "block_bio_backmerge", "bio", 0, "block.h" },
	{ "ARG_GETRQ", "block_getrq", "bio", 0, "block.h" },
	{ "ARG_BLOCK_SPLIT", "block_split", "bio", 0, "block.h" },
	{ "ARG_URING_CQE", "io_uring_complete", "io_uring_cqe", -1, "io_uring.h" },
	{ "ARG_URING_SQE", "io_uring_submit_sqe", "io_kiocb", -1, "io_uring.h" },
};

/*
 * What fields.h needs; these headers include blk_types.h and others. The order is that of the
 * kernel's sources: some of these headers need earlier ones.
 */
static const char header_includes[] =
	"#include <linux/sched.h>\n"
	"#include <linux/fs.h>\n"
	"#include <linux/uio.h>\n"
	"#include <linux/fdtable.h>\n"
	"#include <linux/blkdev.h>\n"
	"#include <linux/blk-mq.h>\n"
	"#include <linux/buffer_head.h>\n"
	"#include <linux/jbd2.h>\n"
	"#include <linux/cgroup-defs.h>\n"
	"#include <linux/kernfs.h>\n"
	"#include <linux/writeback.h>\n"
	"#if __has_include(<linux/io_uring_types.h>)\n"	/* since 6.0 */
	"#include <linux/io_uring_types.h>\n"
	"#endif\n"
	"#include <linux/ptrace.h>\n";

/* ---- what this kernel has ---- */

/*
 * What the compiler will see is asked of the source that it gets. BTF also knows the structures
 * that no header defines: asked beside headers, it promises types that are incomplete there.
 */
static bool types_from_btf(const struct kfacts *kf)
{
	return kf->source == KTYPES_BTF;
}

/* A structure that each kernel has, for the text needs one of its members always. */
static bool is_mandatory(const char *tag)
{
	for (int i = 0; i < kfields_count; i++)
		if (!kfields[i].optional && strcmp(kfields_tag(kfields[i].type), tag) == 0)
			return true;
	return false;
}

static bool has_struct(const struct kfacts *kf, const char *tag)
{
	struct kbtf_type type;

	if (types_from_btf(kf))
		return kbtf_struct(kf->btf, tag, &type) == 0;
	return kf->text_dir && (is_mandatory(tag) || kheaders_has_struct(kf->text_dir, tag));
}

static bool has_member(const struct kfacts *kf, const char *type, const char *member)
{
	if (types_from_btf(kf))
		return kbtf_offset(kf->btf, type, member) >= 0;
	return kf->text_dir && kheaders_has_member(kf->text_dir, kfields_tag(type), member);
}

/* Arguments of tracepoints are the kernel's, not the compiler's: BTF knows them best, whatever the types. */
static int tp_arg(const struct kfacts *kf, const char *file, const char *event, const char *tag)
{
	if (kf->btf)
		return kbtf_tp_arg(kf->btf, event, tag);
	return kf->text_dir ? kheaders_tp_arg(kf->text_dir, file, event, tag) : -ENOENT;
}

/* Number of arguments of a tracepoint; 0: no such event. */
static int tp_nargs(const struct kfacts *kf, const char *file, const char *event)
{
	int n = kf->btf ? kbtf_tp_nargs(kf->btf, event) :
		kf->text_dir ? kheaders_tp_nargs(kf->text_dir, file, event) : 0;

	return n < 0 ? 0 : n;
}

static bool has_dirty_folio(const struct kfacts *kf)
{
	if (kf->btf)
		return kbtf_tp_arg(kf->btf, "writeback_dirty_folio", "folio") >= 0;
	return kf->text_dir &&
	       kheaders_has_tp(kf->text_dir, "writeback.h", "writeback_dirty_folio");
}

/* Controllers of control groups, by the option that a kernel is configured with. */
static const struct {
	const char *define;
	const char *constant;
	const char *config;
} controllers[] = {
	{ "HAVE_IO_CGRP_ID", "io_cgrp_id", "CONFIG_BLK_CGROUP" },
	{ "HAVE_MEMORY_CGRP_ID", "memory_cgrp_id", "CONFIG_MEMCG" },
};

/* ---- the text ---- */

/* HAVE_<TAG>_<MEMBER>, or HAVE_STRUCT_<TAG> without a member */
static void put_have(FILE *f, const char *tag, const char *member, bool yes)
{
	fputs(member ? "#define HAVE_" : "#define HAVE_STRUCT_", f);
	for (; *tag; tag++)
		fputc(isalnum((unsigned char)*tag) ? toupper((unsigned char)*tag) : '_', f);
	if (member)
		fputc('_', f);
	for (; member && *member; member++)
		fputc(isalnum((unsigned char)*member) ? toupper((unsigned char)*member) : '_', f);
	fprintf(f, " %d\n", yes);
}

/* With headers the compiler decides, by the options that the headers were configured with. */
static void put_controller(FILE *f, const struct kfacts *kf, size_t i)
{
	if (types_from_btf(kf))
		fprintf(f, "#define %s %d\n", controllers[i].define,
			kbtf_constant(kf->btf, "cgroup_subsys_id", controllers[i].constant));
	else
		fprintf(f, "#ifdef %s\n#define %s 1\n#endif\n", controllers[i].config,
			controllers[i].define);
}

static bool is_first_of_type(int i)
{
	for (int k = 0; k < i; k++)
		if (strcmp(kfields[k].type, kfields[i].type) == 0)
			return false;
	return true;
}

static void put_preamble(const struct kfacts *kf, FILE *f)
{
	bool btf = types_from_btf(kf);

	fputs(btf ? "#include <linux/ioamp_types.h>\n" : header_includes, f);
	fprintf(f, "#define KTYPES_FROM_BTF %d\n", btf);
	for (int i = 0; i < kfields_count; i++) {
		const struct kfield *m = &kfields[i];

		if (is_first_of_type(i))
			put_have(f, kfields_tag(m->type), NULL, has_struct(kf, kfields_tag(m->type)));
		if (m->optional)
			put_have(f, kfields_tag(m->type), m->member,
				 has_member(kf, m->type, m->member));
	}
	/*
	 * The word in a tail page may be a mask, depending on the kernel's configuration:
	 * the text decides by the value.
	 */
	fprintf(f, "#define HAVE_COMPOUND_INFO_MASK %d\n",
		has_member(kf, "struct page", "compound_info"));
	fprintf(f, "#define HAVE_TP_WRITEBACK_DIRTY_FOLIO %d\n", has_dirty_folio(kf));
	/* 4 until 5.17: no request; 3 since 6.18: the result is in the entry */
	fprintf(f, "#define NARGS_URING_COMPLETE %d\n",
		tp_nargs(kf, "io_uring.h", "io_uring_complete"));
	/* 4 until 6.12: a mount and the number of a group; 3 since: the group */
	fprintf(f, "#define NARGS_XFS_EXTENT_BUSY %d\n",
		tp_nargs(kf, "xfs.h", "xfs_extent_busy"));
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		put_controller(f, kf, i);
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
		int n = tp_arg(kf, args[i].file, args[i].event,
			       args[i].tag);

		fprintf(f, "#define %s %d\n", args[i].define, n < 0 ? args[i].usual : n);
	}
}

char *kpreamble_make(const struct kfacts *kf)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	put_preamble(kf, f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
