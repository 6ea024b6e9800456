/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ktypes_internal - what the ktypes_*.c files share, and what their unit test
 * drives with made-up directories. Nobody else includes this.
 */
#ifndef IOAMP_KTYPES_INTERNAL_H
#define IOAMP_KTYPES_INTERNAL_H

#include "types/ktypes.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

struct btf;

/* Where the machine keeps its things; the test points these elsewhere. */
struct ktypes_paths {
	const char *btf_dir;	/* /sys/kernel/btf */
	const char *modules_dir;	/* /lib/modules */
	const char *kheaders;	/* /sys/kernel/kheaders.tar.xz */
	const char *os_release;	/* /etc/os-release */
	const char *release;	/* uname -r */
	const char *source_env;	/* BCC_KERNEL_SOURCE of the caller, or NULL */
};

/* One line of probes/fields.h. */
struct ktypes_field {
	const char *type;	/* "struct bio" */
	const char *member;	/* "bi_iter.bi_sector" */
	const char *label;	/* both, with a dot */
	bool optional;
};

extern const struct ktypes_field ktypes_fields[];
extern const int ktypes_nfields;

int ktypes_open_at(struct ktypes **out, enum ktypes_source want, unsigned int skip,
		   const struct ktypes_paths *paths, struct failure *err);

/* "struct bio" -> "bio" */
const char *ktypes_tag(const char *type);

/* ---- ktypes_btf.c: questions to BTF ---- */

struct kbtf;

/* A type is an id in a particular BTF: vmlinux, or a module on top of it. */
struct kbtf_type {
	const struct btf *btf;
	uint32_t id;
};

struct kbtf_member {
	struct kbtf_type type;	/* modifiers and typedefs removed */
	uint32_t offset;	/* bytes, within the structure asked */
};

int kbtf_open(struct kbtf **out, const char *dir);
void kbtf_close(struct kbtf *kb);
/* The structure or union TAG, of vmlinux, jbd2, xfs or btrfs; -ENOENT. */
int kbtf_struct(const struct kbtf *kb, const char *tag, struct kbtf_type *out);
/* Does the enumeration TAG of vmlinux have this constant? */
bool kbtf_constant(const struct kbtf *kb, const char *tag, const char *name);
/* NAME[0..len) in `in`, looking through anonymous members; bit-fields are not found. */
int kbtf_member(struct kbtf_type in, const char *name, size_t len, struct kbtf_member *out);
/* Byte offset of a dotted member path, or -ENOENT. */
int kbtf_offset(const struct kbtf *kb, const char *type, const char *path);
/* Position of the argument `struct TAG *` of a tracepoint, or -ENOENT. */
int kbtf_tp_arg(const struct kbtf *kb, const char *event, const char *tag);
/* Number of arguments of a tracepoint, or -ENOENT. */
int kbtf_tp_nargs(const struct kbtf *kb, const char *event);
/* As ktypes_btf_id(). */
int kbtf_id(const struct kbtf *kb, const char *kind, const char *name, char *module,
	    size_t module_size);
const struct btf *kbtf_vmlinux(const struct kbtf *kb);
struct kbtf_type kbtf_strip(struct kbtf_type type);

/* ---- ktypes_emit.c, ktypes_tree.c: the header tree made of BTF ---- */

/* The file by which a tree is known as ours. */
#define KTREE_TYPES "include/linux/ioamp_types.h"

/* The structures of fields.h. */
int kemit_structs(const struct kbtf *kb, FILE *f);
/* All files, below the existing directory `dir`. */
int ktree_write(const struct kbtf *kb, const char *release, const char *dir);

/* ---- ktypes_headers.c: kernel headers on disk ---- */

struct kheaders {
	char source[PATH_MAX];	/* has include/linux */
	char build[PATH_MAX];	/* has include/generated; the same unless split */
};

int kheaders_find(struct kheaders *out, const struct ktypes_paths *paths,
		  struct failure *err);
int kheaders_extract(const char *archive, const char *dir, struct failure *err);
/* `dir` is a source directory; answers come from the text of its headers. */
bool kheaders_has_struct(const char *dir, const char *tag);
bool kheaders_has_member(const char *dir, const char *tag, const char *member);
bool kheaders_has_tp(const char *dir, const char *file, const char *event);
int kheaders_tp_arg(const char *dir, const char *file, const char *event, const char *tag);
int kheaders_tp_nargs(const char *dir, const char *file, const char *event);

bool kheaders_has_file(const char *dir, const char *name);
/* A whole text file, to be freed; NULL on any error. */
char *kheaders_read(const char *dir, const char *name);

/* ---- ktypes_preamble.c ---- */

struct kfacts {
	enum ktypes_source source;
	const struct kbtf *btf;	/* asked first, or NULL */
	const char *text_dir;	/* asked else, or NULL: nothing is known */
};

/* To be freed; NULL when memory is short. */
char *kpreamble_make(const struct kfacts *kf);

/* ---- ktypes_errors.c: fill `err`; what returns int returns the error ---- */

/* E110; `found` is the kernel the headers in place are for, or NULL: none in place. */
int kfail_no_headers(const struct ktypes_paths *paths, const char *found,
		     struct failure *err);
/* E111: something is there, but not enough to compile with. */
int kfail_incomplete(const struct ktypes_paths *paths, const char *why,
		     struct failure *err);
int kfail_no_btf(const struct ktypes_paths *paths, struct failure *err);
int kfail_no_kheaders(const struct ktypes_paths *paths, struct failure *err);
/* `status` is tar's exit status, or -errno. */
void kfail_extract(const char *archive, int status, struct failure *err);
int kfail_write(const char *scratch, int ret, struct failure *err);
/* Every source was skipped; and what to add when headers were the last hope. */
void kfail_none_left(const struct ktypes_paths *paths, struct failure *err);
void kfail_add_btf(bool have_btf, struct failure *err);

/* ---- ktypes_scan.c: the small C scanner behind these answers (pure) ---- */

/* Comments become blanks, in place. */
void kscan_strip(char *text);
/* The text between the braces of `struct TAG {`; NULL when not defined here. */
const char *kscan_body(const char *text, const char *tag, size_t *len);
/* A member is declared in the body, at any depth. */
bool kscan_member(const char *body, size_t len, const char *member);
/* -ENOENT: no such event, or none of its arguments is `struct TAG *`. */
int kscan_tp_arg(const char *text, const char *event, const char *tag);
bool kscan_tp(const char *text, const char *event);
/* Number of arguments, or -ENOENT. */
int kscan_tp_nargs(const char *text, const char *event);

#endif
