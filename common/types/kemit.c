/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kemit - writes the structures of probes/fields.h, as BTF has them, as C text.
 *
 * Every structure of probes/fields.h is written with the members listed there
 * and with padding for the rest, at BTF's offsets and of BTF's size. Dumping
 * the whole types instead means 2,700 lines (task_struct holds half the
 * kernel by value), needs the widths of small enums repaired because libbpf
 * 1.1 does not write them, and compiles measurably slower. It also
 * lets a probe use a member that is not in the list, and so not self-checked.
 */
#include "types/kemit.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "types/kfields.h"

/* A structure to be written. */
struct def {
	struct kbtf_type type;
	bool written;
};

/* A member to be written, in the structure with index `def`. */
struct slot {
	int def;
	const char *name;	/* not terminated: part of a path in fields.h */
	int len;
	struct kbtf_member m;
};

struct tree {
	const struct kbtf *kb;
	FILE *f;
	struct def *defs;
	struct slot *slots;
	int ndefs;
	int nslots;
};

/* ---- collecting ---- */

static bool same_type(struct kbtf_type a, struct kbtf_type b, const struct btf *base)
{
	/* Ids of vmlinux mean the same in the BTF of every module. */
	return a.id == b.id && (a.btf == b.btf || a.id < btf__type_cnt(base));
}

static int find_def(const struct tree *tr, struct kbtf_type type)
{
	for (int i = 0; i < tr->ndefs; i++)
		if (same_type(tr->defs[i].type, type, kbtf_vmlinux(tr->kb)))
			return i;
	return -1;
}

static int need_def(struct tree *tr, struct kbtf_type type)
{
	int i = find_def(tr, type);

	if (i >= 0)
		return i;
	tr->defs[tr->ndefs] = (struct def){ .type = type };
	return tr->ndefs++;
}

static void need_slot(struct tree *tr, const struct slot *want)
{
	for (int i = 0; i < tr->nslots; i++) {
		const struct slot *s = &tr->slots[i];

		if (s->def == want->def && s->len == want->len &&
		    memcmp(s->name, want->name, (size_t)s->len) == 0)
			return;
	}
	tr->slots[tr->nslots++] = *want;
}

static bool is_composite(struct kbtf_type type)
{
	return btf_is_composite(btf__type_by_id(type.btf, type.id));
}

/* A path names a member, and on the way to it a structure per dot. */
static void collect(struct tree *tr, const struct kfield *field)
{
	struct slot s = { 0 };

	if (kbtf_offset(tr->kb, field->type, field->member) < 0 ||
	    kbtf_struct(tr->kb, kfields_tag(field->type), &s.m.type))
		return;
	for (const char *p = field->member; *p; p += *p == '.') {
		s.def = need_def(tr, s.m.type);
		s.name = p;
		s.len = (int)strcspn(p, ".");
		kbtf_member(s.m.type, p, (size_t)s.len, &s.m);
		need_slot(tr, &s);
		p += s.len;
	}
}

static int by_place(const void *va, const void *vb)
{
	const struct slot *a = va, *b = vb;

	if (a->def != b->def)
		return a->def - b->def;
	return (a->m.offset > b->m.offset) - (a->m.offset < b->m.offset);
}

/* Every path is at most MAX_DEPTH structures deep; fields.h has two. */
#define MAX_DEPTH 4

static int collect_all(struct tree *tr)
{
	size_t most = (size_t)kfields_count * MAX_DEPTH;

	tr->defs = calloc(most, sizeof(*tr->defs));
	tr->slots = calloc(most, sizeof(*tr->slots));
	if (!tr->defs || !tr->slots)
		return -ENOMEM;
	for (int i = 0; i < kfields_count; i++)
		collect(tr, &kfields[i]);
	qsort(tr->slots, (size_t)tr->nslots, sizeof(*tr->slots), by_place);
	return 0;
}

/* ---- writing types ---- */

static const char *name_of(struct kbtf_type type)
{
	const struct btf_type *t = btf__type_by_id(type.btf, type.id);

	return t ? btf__name_by_offset(type.btf, t->name_off) : "";
}

static uint32_t size_of(struct kbtf_type type)
{
	int64_t size = btf__resolve_size(type.btf, type.id);

	return size > 0 ? (uint32_t)size : 0;
}

/* The tag of a structure in the text; an anonymous structure gets one. */
static const char *def_tag(struct kbtf_type type, char *buf, size_t size)
{
	if (*name_of(type))
		return name_of(type);
	snprintf(buf, size, "ioamp_anon_%u", type.id);
	return buf;
}

static const char *int_of_size(uint32_t size, bool is_signed)
{
	static const char *const names[2][9] = {
		{ [1] = "unsigned char", [2] = "unsigned short", [4] = "unsigned int",
		  [8] = "unsigned long long" },
		{ [1] = "signed char", [2] = "short", [4] = "int", [8] = "long long" },
	};
	const char *name = size <= 8 ? names[is_signed][size] : NULL;

	return name ? name : "unsigned char";
}

/* The type that a pointer points to; void for a type that no text dereferences. */
static void put_pointer(struct tree *tr, struct kbtf_type to, int stars)
{
	const struct btf_type *t = btf__type_by_id(to.btf, to.id);

	if (t && btf_is_int(t))
		fputs(name_of(to), tr->f);
	else if (t && (btf_is_struct(t) || (btf_is_fwd(t) && !btf_kflag(t))) && *name_of(to))
		fprintf(tr->f, "struct %s", name_of(to));
	else
		fputs("void", tr->f);
	for (fputc(' ', tr->f); stars > 0; stars--)
		fputc('*', tr->f);
}

/* False: the value becomes bytes; a text reads it through its address. */
static bool put_value(struct tree *tr, struct kbtf_type type)
{
	const struct btf_type *t = btf__type_by_id(type.btf, type.id);
	char buf[32];

	if (t && btf_is_int(t))
		fprintf(tr->f, "%s ", name_of(type));
	else if (t && btf_is_any_enum(t))
		fprintf(tr->f, "%s ", int_of_size(t->size, btf_kflag(t)));
	else if (find_def(tr, type) >= 0)
		fprintf(tr->f, "struct %s ", def_tag(type, buf, sizeof(buf)));
	else
		return false;
	return true;
}

static void put_member(struct tree *tr, const struct slot *s)
{
	struct kbtf_type type = s->m.type;
	uint32_t count = 1;
	bool array = false;
	int stars = 0;

	for (;; type = kbtf_strip(type)) {
		const struct btf_type *t = btf__type_by_id(type.btf, type.id);

		if (t && btf_is_array(t) && stars == 0) {
			count *= btf_array(t)->nelems;
			type.id = btf_array(t)->type;
			array = true;
		} else if (t && btf_is_ptr(t)) {
			type.id = t->type;
			stars++;
		} else {
			break;
		}
	}
	fputc('\t', tr->f);
	/* An array of structures would need the order of put_def(); nothing uses one. */
	if (stars) {
		put_pointer(tr, type, stars);
	} else if ((array && is_composite(type)) || !put_value(tr, type)) {
		fprintf(tr->f, "struct { unsigned char bytes[%u]; } %.*s;\n", size_of(s->m.type),
			s->len, s->name);
		return;
	}
	fprintf(tr->f, "%.*s", s->len, s->name);
	if (array)
		fprintf(tr->f, "[%u]", count);
	fputs(";\n", tr->f);
}

static void put_pad(struct tree *tr, uint32_t from, uint32_t to)
{
	static const char fmt[] = "\tunsigned char pad_%u[%u];\n";

	if (to > from)
		fprintf(tr->f, fmt, from, to - from);
}

/* Members that share bytes become a union of padded structures. */
static void put_overlap(struct tree *tr, const struct slot *s, int n)
{
	fputs("\tunion {\n", tr->f);
	for (int i = 0; i < n; i++) {
		fputs("\tstruct {\n", tr->f);
		put_pad(tr, s[0].m.offset, s[i].m.offset);
		put_member(tr, &s[i]);
		fputs("\t};\n", tr->f);
	}
	fputs("\t};\n", tr->f);
}

static void put_members(struct tree *tr, const struct slot *s, int n, uint32_t size)
{
	uint32_t at = 0;

	while (n > 0) {
		uint32_t end = s[0].m.offset + size_of(s[0].m.type);
		int k = 1;

		for (; k < n && s[k].m.offset < end; k++) {
			uint32_t e = s[k].m.offset + size_of(s[k].m.type);

			end = e > end ? e : end;
		}
		put_pad(tr, at, s[0].m.offset);
		if (k == 1)
			put_member(tr, s);
		else
			put_overlap(tr, s, k);
		at = end;
		s += k;
		n -= k;
	}
	put_pad(tr, at, size);
}

/*
 * The compiler would move a member that the kernel has at an odd place, or
 * round up an odd size (struct bvec_iter is packed, 20 bytes).
 */
static bool is_packed(const struct slot *s, int n, uint32_t size)
{
	for (int i = 0; i < n; i++) {
		int align = btf__align_of(s[i].m.type.btf, s[i].m.type.id);

		if (align > 1 && (s[i].m.offset % (uint32_t)align || size % (uint32_t)align))
			return true;
	}
	return false;
}

static void put_def(struct tree *tr, int d)
{
	struct kbtf_type type = tr->defs[d].type;
	const struct slot *s = tr->slots;
	char buf[32];
	int n = 0;

	if (tr->defs[d].written)
		return;
	tr->defs[d].written = true;
	while (s->def != d)
		s++;
	while (s + n < tr->slots + tr->nslots && s[n].def == d)
		n++;
	/* members held by value must be complete first */
	for (int i = 0; i < n; i++)
		if (is_composite(s[i].m.type) && find_def(tr, s[i].m.type) >= 0)
			put_def(tr, find_def(tr, s[i].m.type));
	fprintf(tr->f, "struct %s {\n", def_tag(type, buf, sizeof(buf)));
	put_members(tr, s, n, size_of(type));
	fprintf(tr->f, "}%s;\n", is_packed(s, n, size_of(type)) ? " __attribute__((packed))" : "");
}

int kemit_structs(const struct kbtf *kb, FILE *f)
{
	struct tree tr = { .kb = kb, .f = f };
	int err = collect_all(&tr);

	if (err)
		goto out;
	/* also structures that this kernel lacks: a prototype must not be the first to name one */
	for (int i = 0; i < kfields_count; i++)
		if (i == 0 || strcmp(kfields[i].type, kfields[i - 1].type) != 0)
			fprintf(f, "%s;\n", kfields[i].type);
	for (int i = 0; i < tr.ndefs; i++)
		put_def(&tr, i);
out:
	free(tr.defs);
	free(tr.slots);
	return err;
}
