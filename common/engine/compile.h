/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile - turns the text into a program, with libbcc or from the cache; in the compiler process only. */
#ifndef IOAMP_COMPILE_H
#define IOAMP_COMPILE_H

#include <stdio.h>
#include <time.h>

#include "engine/program.h"
#include "engine/program_text.h"
#include "types/ktypes.h"

struct bcc;

struct compiler {
	int sock;		/* notices are sent here */
	FILE *words;		/* what libbcc printed, on a memory file */
	struct bcc *bcc;	/* NULL until something must be compiled */
	int cache;		/* see program_cache_open() */
	char scratch[64];	/* empty directory for a header tree; "": none could be made */
	struct timespec since;	/* end of the last phase */
	bool check;		/* compare offsets with BTF */
	struct failure failure;	/* of the last compile_program() */
};

/* Takes the working directory, /tmp and, without -vv, stdout and stderr from the process. */
void compile_begin(struct compiler *c, int sock);

/* 0, or -errno with c->failure filled where the reason is known. A program of the cache will do. */
int compile_program(struct compiler *c, struct ktypes *kt, const struct text_config *config,
		    struct program **out);

/* Frees a program and what libbcc holds of it. */
void compile_drop(struct compiler *c, struct program *program);

/* With -vv: reports how long the part of the start took that ended now. */
void compile_phase(struct compiler *c, const char *what);

#endif
