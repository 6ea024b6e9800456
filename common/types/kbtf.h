/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kbtf - questions about kernel types, answered from the kernel's own BTF. */
#ifndef IOAMP_KBTF_H
#define IOAMP_KBTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
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
/* The member NAME[0..len) of `in`, also inside anonymous members. Bit-fields are not found. */
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

#endif
