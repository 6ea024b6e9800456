/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kbtf - questions about kernel types, answered from the kernel's own BTF. */
#include "types/kbtf.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types/kfields.h"

#define TP_PREFIX "btf_trace_"

struct module {
	char *name;
	struct btf *btf;
};

/*
 * vmlinux has some 150,000 types and libbpf finds a name by walking them all:
 * about a hundred questions would cost as much as a compilation. One walk
 * fills an open-addressing table of ids, keyed by name.
 */
struct kbtf {
	struct btf *vmlinux;
	uint32_t *slot;	/* type ids, 0 is free */
	uint32_t mask;
	char *dir;
	/* read at the first question that vmlinux cannot answer */
	struct module *modules;
	int nmodules;
	bool modules_read;
};

static uint32_t hash_name(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h ^ (h >> 15);
}

static const char *type_name(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const char *name = t ? btf__name_by_offset(btf, t->name_off) : NULL;

	return name ? name : "";
}

/* The table has only the kinds of types that are looked up by name. */
static bool wanted(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	if (!name || !*name)
		return false;
	if (btf_is_typedef(t))
		return strncmp(name, TP_PREFIX, strlen(TP_PREFIX)) == 0;
	return btf_is_composite(t) || btf_is_func(t) || btf_is_enum(t);
}

static int build_index(struct kbtf *kb)
{
	uint32_t n = btf__type_cnt(kb->vmlinux), size = 1024;

	while (size < n)
		size *= 2;
	kb->slot = calloc(size, sizeof(*kb->slot));
	if (!kb->slot)
		return -ENOMEM;
	kb->mask = size - 1;
	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(kb->vmlinux, id);
		uint32_t at;

		if (!wanted(kb->vmlinux, t))
			continue;
		at = hash_name(btf__name_by_offset(kb->vmlinux, t->name_off)) & kb->mask;
		while (kb->slot[at])
			at = (at + 1) & kb->mask;
		kb->slot[at] = id;
	}
	return 0;
}

static bool is_named(const struct btf *btf, uint32_t id, uint32_t kind, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	bool same_kind = kind == BTF_KIND_STRUCT ? btf_is_composite(t) : btf_kind(t) == kind;

	return same_kind && strcmp(type_name(btf, id), name) == 0;
}

static uint32_t find_vmlinux(const struct kbtf *kb, uint32_t kind, const char *name)
{
	uint32_t at = hash_name(name) & kb->mask;

	for (; kb->slot[at]; at = (at + 1) & kb->mask)
		if (is_named(kb->vmlinux, kb->slot[at], kind, name))
			return kb->slot[at];
	return 0;
}

static uint32_t find_module(const struct kbtf *kb, const struct btf *btf, uint32_t kind,
			    const char *name)
{
	uint32_t n = btf__type_cnt(btf);

	for (uint32_t id = btf__type_cnt(kb->vmlinux); id < n; id++)
		if (is_named(btf, id, kind, name))
			return id;
	return 0;
}

static int module_index(const struct kbtf *kb, const char *name)
{
	for (int i = 0; i < kb->nmodules; i++)
		if (strcmp(kb->modules[i].name, name) == 0)
			return i;
	return -ENOENT;
}

static void add_module(struct kbtf *kb, const char *name)
{
	char path[PATH_MAX];
	struct module *grown;
	struct btf *btf;

	if (module_index(kb, name) >= 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", kb->dir, name);
	btf = btf__parse_split(path, kb->vmlinux);
	/* a module may be unloaded between readdir() and this */
	if (!btf)
		return;
	grown = realloc(kb->modules, (kb->nmodules + 1) * sizeof(*grown));
	if (!grown) {
		btf__free(btf);
		return;
	}
	kb->modules = grown;
	grown[kb->nmodules].btf = btf;
	grown[kb->nmodules].name = strdup(name);
	if (grown[kb->nmodules].name)
		kb->nmodules++;
	else
		btf__free(btf);
}

static void read_modules(struct kbtf *kb)
{
	DIR *d = opendir(kb->dir);
	struct dirent *e;

	kb->modules_read = true;
	if (!d)
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "vmlinux") != 0)
			add_module(kb, e->d_name);
	closedir(d);
}

/* Reading modules late changes no answer, so it may happen behind const. */
static struct kbtf *writable(const struct kbtf *kb)
{
	return (struct kbtf *)kb;
}

/* Index of the module that has it, or -ENOENT. */
static int find_modules(const struct kbtf *kb, uint32_t kind, const char *name,
			struct kbtf_type *out)
{
	if (!kb->modules_read)
		read_modules(writable(kb));
	for (int i = 0; i < kb->nmodules; i++) {
		out->btf = kb->modules[i].btf;
		out->id = find_module(kb, out->btf, kind, name);
		if (out->id)
			return i;
	}
	return -ENOENT;
}

int kbtf_open(struct kbtf **out, const char *dir)
{
	struct kbtf *kb = calloc(1, sizeof(*kb));
	char path[PATH_MAX];
	int err = -ENOMEM;

	if (!kb)
		return -ENOMEM;
	kb->dir = strdup(dir);
	if (!kb->dir)
		goto out;
	snprintf(path, sizeof(path), "%s/vmlinux", dir);
	errno = 0;
	kb->vmlinux = btf__parse(path, NULL);
	if (!kb->vmlinux) {
		err = errno ? -errno : -ENOENT;
		goto out;
	}
	err = build_index(kb);
out:
	if (err)
		kbtf_close(kb);
	else
		*out = kb;
	return err;
}

void kbtf_close(struct kbtf *kb)
{
	if (!kb)
		return;
	for (int i = 0; i < kb->nmodules; i++) {
		btf__free(kb->modules[i].btf);
		free(kb->modules[i].name);
	}
	free(kb->modules);
	free(kb->slot);
	btf__free(kb->vmlinux);
	free(kb->dir);
	free(kb);
}

const struct btf *kbtf_vmlinux(const struct kbtf *kb)
{
	return kb->vmlinux;
}

struct kbtf_type kbtf_strip(struct kbtf_type type)
{
	const struct btf_type *t = btf__type_by_id(type.btf, type.id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t))) {
		type.id = t->type;
		t = btf__type_by_id(type.btf, type.id);
	}
	return type;
}

/*
 * Everything in fields.h is the core kernel's, but for these file systems'
 * types. A structure this kernel lacks must not cost the reading of a hundred
 * modules.
 */
static const char *const struct_modules[] = { "jbd2", "xfs", "btrfs", "raid456" };

int kbtf_struct(const struct kbtf *kb, const char *tag, struct kbtf_type *out)
{
	uint32_t id = find_vmlinux(kb, BTF_KIND_STRUCT, tag);
	const struct btf *btf = kb->vmlinux;

	for (size_t m = 0; !id && m < sizeof(struct_modules) / sizeof(struct_modules[0]); m++) {
		int i;

		add_module(writable(kb), struct_modules[m]);
		i = module_index(kb, struct_modules[m]);
		if (i < 0)
			continue;
		btf = kb->modules[i].btf;
		id = find_module(kb, btf, BTF_KIND_STRUCT, tag);
	}
	if (!id)
		return -ENOENT;
	*out = (struct kbtf_type){ btf, id };
	return 0;
}

bool kbtf_constant(const struct kbtf *kb, const char *tag, const char *name)
{
	uint32_t id = find_vmlinux(kb, BTF_KIND_ENUM, tag);
	const struct btf_type *t = id ? btf__type_by_id(kb->vmlinux, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(kb->vmlinux, btf_enum(t)[i].name_off), name))
			return true;
	return false;
}

int kbtf_member(struct kbtf_type in, const char *name, size_t len, struct kbtf_member *out)
{
	const struct btf_type *t = btf__type_by_id(in.btf, in.id);
	const struct btf_member *m = t && btf_is_composite(t) ? btf_members(t) : NULL;

	for (int i = 0; m && i < btf_vlen(t); i++) {
		const char *have = btf__name_by_offset(in.btf, m[i].name_off);
		uint32_t offset = btf_member_bit_offset(t, i) / 8;
		struct kbtf_type type = kbtf_strip((struct kbtf_type){ in.btf, m[i].type });

		if (btf_member_bitfield_size(t, i))
			continue;
		if (*have && strlen(have) == len && memcmp(have, name, len) == 0) {
			*out = (struct kbtf_member){ type, offset };
			return 0;
		}
		if (!*have && kbtf_member(type, name, len, out) == 0) {
			out->offset += offset;
			return 0;
		}
	}
	return -ENOENT;
}

int kbtf_offset(const struct kbtf *kb, const char *type, const char *path)
{
	struct kbtf_member m = { 0 };
	int offset = 0;

	if (kbtf_struct(kb, kfields_tag(type), &m.type))
		return -ENOENT;
	while (*path) {
		size_t len = strcspn(path, ".");

		if (kbtf_member(m.type, path, len, &m))
			return -ENOENT;
		offset += (int)m.offset;
		path += len + (path[len] == '.');
	}
	return offset;
}

static bool points_to(const struct btf *btf, uint32_t id, const char *tag)
{
	struct kbtf_type type = kbtf_strip((struct kbtf_type){ btf, id });
	const struct btf_type *t = btf__type_by_id(btf, type.id);

	if (!t || !btf_is_ptr(t))
		return false;
	type = kbtf_strip((struct kbtf_type){ btf, t->type });
	t = btf__type_by_id(btf, type.id);
	/* A structure may be known by its name only. */
	return t && (btf_is_composite(t) || btf_is_fwd(t)) &&
	       strcmp(type_name(btf, type.id), tag) == 0;
}

/* The prototype of a tracepoint of the core kernel; NULL: there is none. */
static const struct btf_type *tp_proto(const struct kbtf *kb, const char *event)
{
	char name[128];
	struct kbtf_type type;
	const struct btf_type *t;

	snprintf(name, sizeof(name), TP_PREFIX "%s", event);
	type = (struct kbtf_type){ kb->vmlinux, find_vmlinux(kb, BTF_KIND_TYPEDEF, name) };
	if (!type.id)
		return NULL;
	type = kbtf_strip(type);
	t = btf__type_by_id(type.btf, type.id);
	if (t && btf_is_ptr(t))
		t = btf__type_by_id(type.btf, t->type);
	return t && btf_is_func_proto(t) ? t : NULL;
}

int kbtf_tp_arg(const struct kbtf *kb, const char *event, const char *tag)
{
	const struct btf_type *t = tp_proto(kb, event);

	/* Parameter 0 is the tracer's own data, not an argument of the event. */
	for (int i = 1; t && i < btf_vlen(t); i++)
		if (points_to(kb->vmlinux, btf_params(t)[i].type, tag))
			return i - 1;
	return -ENOENT;
}

int kbtf_tp_nargs(const struct kbtf *kb, const char *event)
{
	const struct btf_type *t = tp_proto(kb, event);

	return t ? btf_vlen(t) - 1 : -ENOENT;
}

int kbtf_id(const struct kbtf *kb, const char *kind, const char *name, char *module,
	    size_t module_size)
{
	bool tp = strcmp(kind, "tp") == 0;
	uint32_t k = tp ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC;
	struct kbtf_type type = { kb->vmlinux, 0 };
	char full[192];
	int i = 0;

	if (!tp && strcmp(kind, "func") != 0)
		return -EINVAL;
	snprintf(full, sizeof(full), "%s%s", tp ? TP_PREFIX : "", name);
	type.id = find_vmlinux(kb, k, full);
	*module = '\0';
	if (type.id)
		return (int)type.id;
	i = find_modules(kb, k, full, &type);
	if (i < 0)
		return i;
	snprintf(module, module_size, "%s", kb->modules[i].name);
	return (int)type.id;
}
