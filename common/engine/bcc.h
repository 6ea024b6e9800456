/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bcc - the only file that knows libbcc. The library is loaded with dlopen, in the compiler
 * process only: the tool itself needs 60 to 170 MB less, and starts without the library.
 */
#ifndef IOAMP_BCC_H
#define IOAMP_BCC_H

#include <stddef.h>

#include "base/log.h"

struct bpf_insn;
struct bcc;

/* Loads the library; the variable IOAMP_LIBBCC names another file. 0, or -ENOENT with `f` filled. */
int bcc_open(struct bcc **out, struct failure *f);

/* The library that bcc_open() would load. */
struct bcc_library {
	char path[256];		/* links resolved: the resolved name contains the version */
	char version[32];	/* "" when the name has no version */
	char llvm[64];		/* "libLLVM-14.so.1"; "" when libbcc contains LLVM */
};

/* Loads the library in a child process, which then ends, and describes it. Returns as bcc_open(). */
int bcc_look(struct bcc_library *out, struct failure *f);

/*
 * Compiles the text and creates its maps. NULL-terminated `cflags`;
 * `source_dir` is the header tree. 0, -EINVAL (the text does not compile, the
 * compiler's words are on stderr) or -EPERM (maps were refused).
 */
int bcc_compile(struct bcc *b, const char *text, const char *const *cflags,
		const char *source_dir);

/* Maps (created) and functions of the compiled text; names and descriptors stay libbcc's. */
size_t bcc_map_count(struct bcc *b);
const char *bcc_map_name(struct bcc *b, size_t i);
int bcc_map_fd(struct bcc *b, size_t i);
size_t bcc_function_count(struct bcc *b);
const char *bcc_function_name(struct bcc *b, size_t i);

/* Instructions of a function; NULL: the text has no function of this name. */
const struct bpf_insn *bcc_function(struct bcc *b, const char *name, size_t *insns);

void bcc_drop(struct bcc *b);	/* frees the compiled text and closes its maps */

#endif
