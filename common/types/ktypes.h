/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ktypes - kernel types for the run-time compiler: a header tree generated
 * from BTF, the installed kernel headers, or the kernel's embedded kheaders.
 *
 * Nothing here includes libbcc. All functions return 0 or -errno; on error
 * `why` and `fix` of the given struct failure are filled (one line each).
 */
#ifndef IOAMP_KTYPES_H
#define IOAMP_KTYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

enum ktypes_source { KTYPES_AUTO, KTYPES_BTF, KTYPES_HEADERS, KTYPES_KHEADERS };

struct ktypes;

/*
 * Finds a usable source. `want` KTYPES_AUTO tries BTF, then installed headers, then
 * kheaders; any other value tries this source only. `skip` is a bit mask (1 << source)
 * of sources whose types did not compile before.
 * Cheap (writes and extracts no files); needs no privilege.
 * -ENOENT: no such source on this machine: E110 (no headers), E111 (incomplete
 * headers), E113 (no BTF), E114 (no kheaders), E190 (WSL2).
 */
int ktypes_open(struct ktypes **out, enum ktypes_source want, unsigned int skip,
		struct failure *err);
void ktypes_close(struct ktypes *kt);

/* Where a machine keeps its kernel's types. */
struct ktypes_paths {
	const char *btf_dir;	/* /sys/kernel/btf */
	const char *modules_dir;	/* /lib/modules */
	const char *kheaders;	/* /sys/kernel/kheaders.tar.xz */
	const char *os_release;	/* /etc/os-release */
	const char *release;	/* uname -r */
	const char *source_env;	/* BCC_KERNEL_SOURCE of the caller, or NULL */
};

/* As ktypes_open(), with other paths: for tests, and types of other kernels. */
int ktypes_open_at(struct ktypes **out, enum ktypes_source want, unsigned int skip,
		   const struct ktypes_paths *paths, struct failure *err);

/*
 * Does a machine have one source (not KTYPES_AUTO)? Its files are below `root` ("": this
 * machine) and its kernel is `release`. 0 with the path in `where`, or -errno with `err`
 * filled as by ktypes_open().
 */
int ktypes_look(enum ktypes_source source, const char *root, const char *release, char *where,
		size_t size, struct failure *err);

enum ktypes_source ktypes_source(const struct ktypes *kt);
const char *ktypes_source_name(enum ktypes_source source); /* "btf", "headers", "kheaders" */

/*
 * The first part of the program text: the #include lines for this source and
 * one #define per kernel difference, always defined:
 *   KTYPES_FROM_BTF                 1: only types and enumerators, no macros
 *   HAVE_<TAG>_<MEMBER> 0|1         per OPT line of probes/fields.h
 *   HAVE_STRUCT_<TAG> 0|1           per structure named there
 *   HAVE_TP_WRITEBACK_DIRTY_FOLIO 0|1   0: the tracepoint is writeback_dirty_page
 *   HAVE_COMPOUND_INFO_MASK 0|1     1: a tail page's word may be a mask. It is a mask when
 *                                   it is >= -1 GiB: no struct page has such an address
 *   ARG_RQ_{ISSUE,COMPLETE,MERGE,REMAP} ARG_BIO_{QUEUE,COMPLETE,REMAP,MERGE}
 *   ARG_GETRQ ARG_BLOCK_SPLIT       position of the request or bio in ctx->args
 * Owned by kt. With kheaders the values are known (and this text is
 * replaced) only after ktypes_materialize().
 */
const char *ktypes_preamble(const struct ktypes *kt);

/*
 * Writes (BTF) or extracts (kheaders) what the compiler needs below `scratch`,
 * an existing empty directory, and returns the directory for
 * BCC_KERNEL_SOURCE in `dir`. Installed headers write nothing.
 * libbcc puts -I of the working directory before the tree: run the compiler in a
 * directory without headers, such as `scratch`.
 */
int ktypes_materialize(struct ktypes *kt, const char *scratch, char *dir, size_t size,
		       struct failure *err);

/* Extra compiler flags for this source, NULL-terminated; owned by kt. */
const char *const *ktypes_cflags(const struct ktypes *kt);

/* True when /sys/kernel/btf/vmlinux was parsed, also when the source is another one. */
bool ktypes_have_btf(const struct ktypes *kt);

/*
 * BTF id of the function FUNC (`kind` "func") or of typedef btf_trace_NAME
 * (`kind` "tp"), for BPF_PROG_LOAD's attach_btf_id. *module receives "" for
 * vmlinux, or the module's name when it is found in a module's BTF.
 * -ENOENT when there is none.
 */
int ktypes_btf_id(const struct ktypes *kt, const char *kind, const char *name,
		  char *module, size_t module_size);

/*
 * Self-check: a text (to be appended to the program text) with one function `ktcheck_N` for
 * each used field, which returns the compiler's offset; and the offset in BTF. Fields that
 * BTF does not have are left out, so ktypes_check_count() is 0 without BTF.
 * -ENOENT: no such N. The label is like "struct bio.bi_opf".
 */
const char *ktypes_check_text(const struct ktypes *kt);
int ktypes_check_count(const struct ktypes *kt);
int ktypes_check_offset(const struct ktypes *kt, int n, const char **label);

#endif
