/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules - the systems and roles that rule files describe: how to recognise a system, its files
 * and its threads. See ioamp-systems(5). Pure.
 */
#ifndef IOAMP_RULES_H
#define IOAMP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "systems/pattern.h"

#define RULE_NAME	32	/* of a system or role, with the NUL */
#define RULE_SYSTEMS	512	/* of all files together */
#define RULE_ROLES	64	/* of one system */
#define RULE_PATTERNS	64	/* of one key of one section */
#define THREAD_NAME	15	/* bytes of a thread's name that the kernel keeps */

/* The kinds of evidence for a system. */
enum evidence_kind {
	EVIDENCE_EXE, EVIDENCE_CMDLINE, EVIDENCE_UNIT, EVIDENCE_IMAGE, EVIDENCE_OPENFILE,
	EVIDENCE_PORT, EVIDENCE_COMM, EVIDENCE_PARENT, EVIDENCE_KINDS,
};
const char *rules_evidence_name(enum evidence_kind kind);

/* What a role does. Rule files cannot add a purpose. */
enum purpose {
	PURPOSE_DATA, PURPOSE_WAL, PURPOSE_JOURNAL, PURPOSE_CHECKPOINT, PURPOSE_COMPACTION, PURPOSE_FLUSH,
	PURPOSE_SPILL, PURPOSE_META, PURPOSE_SCRUB, PURPOSE_HEAL, PURPOSE_REBUILD, PURPOSE_REPLICATION,
	PURPOSE_SNAPSHOT, PURPOSE_GC, PURPOSE_CACHE, PURPOSE_LOG, PURPOSE_INDEX, PURPOSE_OTHER, PURPOSES,
};
const char *rules_purpose_name(enum purpose purpose);

struct rule_role {
	char name[RULE_NAME];
	enum purpose purpose;
	char *note;		/* NULL: none */
	struct patterns file, thread, title;
};

/* The source of the name of an instance. */
enum instance_source { INSTANCE_OPENFILE, INSTANCE_CMDLINE, INSTANCE_UNIT, INSTANCE_CWD, INSTANCE_EXE,
	INSTANCE_CONTAINER, INSTANCE_SOURCES };
struct rule_instance {
	enum instance_source source;
	struct pattern pattern;	/* see pattern_capture() */
};

struct rule_system {
	char name[RULE_NAME];
	char *label, *expect, *note, *docs, *frontdoor;	/* NULL: not given */
	struct patterns is[EVIDENCE_KINDS], is_not[EVIDENCE_KINDS];
	struct rule_instance *instances;
	size_t nr_instances;
	struct rule_role *roles;	/* the first match counts */
	size_t nr_roles;
};

struct rules {
	struct rule_system *v;	/* in the order of the files */
	size_t n;
};

/* One error; lines and columns (of bytes) count from 1. */
typedef void rules_say(void *ctx, unsigned int line, unsigned int column, const char *what);

/*
 * Adds the systems of one file. After an error it adds none. 0; -EINVAL after a call of `say` for
 * each error; -EIO when the stream failed; -ENOMEM.
 */
int rules_parse(struct rules *r, FILE *f, rules_say *say, void *ctx);
void rules_free(struct rules *r);

/* A system by its name, ignoring case. NULL: none. */
const struct rule_system *rules_find(const struct rules *r, const char *name);
const struct rule_role *rules_role(const struct rule_system *s, const char *name);
/* The range of write amplification in "expect = wa LOW-HIGH"; false: `expect` is other words, or NULL. */
bool rules_usual_writes(const struct rule_system *s, double *low, double *high);

#endif
