/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program - maps and functions of a compiled text, from libbcc or from a file. */
#include "engine/program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/bcc.h"

#define NAME		64
#define MAPS_MAX	256
#define FUNCTIONS_MAX	1024
#define INSNS_MAX	1000000	/* the verifier takes no more */

struct map {
	char name[NAME];
	uint32_t type, key_size, leaf_size, entries, flags;
	int fd;
};
struct function {
	char name[NAME];
	struct bpf_insn *insns;
	uint32_t count;
};
struct program {
	struct map *maps;
	struct function *functions;
	uint32_t nr_maps, nr_functions;
};

/* Does an instruction load the descriptor of a map? It takes the place of two. */
static bool names_map(const struct bpf_insn *i)
{
	return i->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (i->src_reg == BPF_PSEUDO_MAP_FD || i->src_reg == BPF_PSEUDO_MAP_VALUE);
}

static struct program *program_new(uint32_t maps, uint32_t functions)
{
	struct program *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->maps = calloc(maps + 1, sizeof(*p->maps));
	p->functions = calloc(functions + 1, sizeof(*p->functions));
	if (p->maps && p->functions)
		return p;
	program_free(p);
	return NULL;
}

void program_free(struct program *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; p->maps && i < p->nr_maps; i++)
		if (p->maps[i].fd >= 0)
			close(p->maps[i].fd);
	for (uint32_t i = 0; p->functions && i < p->nr_functions; i++)
		free(p->functions[i].insns);
	free(p->maps);
	free(p->functions);
	free(p);
}

/* ---- from libbcc ---- */

static int take_map(struct program *p, const char *name, int fd)
{
	struct map *m = &p->maps[p->nr_maps];
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (strlen(name) >= NAME)
		return -ENAMETOOLONG;
	/* libbcc's descriptor, for now: its instructions contain this number, see own_maps() */
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	strcpy(m->name, name);
	m->type = info.type;
	m->key_size = info.key_size;
	m->leaf_size = info.value_size;
	m->entries = info.max_entries;
	m->flags = info.map_flags;
	m->fd = fd;
	p->nr_maps++;
	return 0;
}

static int take_function(struct program *p, const char *name, const struct bpf_insn *insns, size_t n)
{
	struct function *f = &p->functions[p->nr_functions];

	if (strlen(name) >= NAME || n > INSNS_MAX)
		return -ENAMETOOLONG;
	f->insns = malloc(n * sizeof(*insns) + 1);
	if (!f->insns)
		return -ENOMEM;
	memcpy(f->insns, insns, n * sizeof(*insns));
	strcpy(f->name, name);
	f->count = (uint32_t)n;
	p->nr_functions++;
	return 0;
}

/* libbcc closes its descriptors when it drops the text: duplicates them, also in the instructions. */
static int own_maps(struct program *p)
{
	int fds[MAPS_MAX];

	for (uint32_t i = 0; i < p->nr_maps; i++) {
		fds[i] = p->maps[i].fd;
		p->maps[i].fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (p->maps[i].fd < 0)
			return -errno;
	}
	for (uint32_t i = 0; i < p->nr_functions; i++) {
		struct function *f = &p->functions[i];

		for (uint32_t k = 0; k < f->count; k++) {
			uint32_t m = 0;

			if (!names_map(&f->insns[k]))
				continue;
			while (m < p->nr_maps && fds[m] != f->insns[k].imm)
				m++;
			if (m == p->nr_maps)
				return -EBADMSG;
			f->insns[k].imm = p->maps[m].fd;
			k++;
		}
	}
	return 0;
}

int program_of(struct program **out, struct bcc *b)
{
	size_t maps = bcc_map_count(b), functions = bcc_function_count(b), n;
	struct program *p = program_new((uint32_t)maps, (uint32_t)functions);
	int err = p ? 0 : -ENOMEM;

	if (!err && (maps > MAPS_MAX || functions > FUNCTIONS_MAX))
		err = -E2BIG;
	for (size_t i = 0; !err && i < maps; i++)
		err = take_map(p, bcc_map_name(b, i), bcc_map_fd(b, i));
	for (size_t i = 0; !err && i < functions; i++) {
		const char *name = bcc_function_name(b, i);
		const struct bpf_insn *insns = bcc_function(b, name, &n);

		err = insns ? take_function(p, name, insns, n) : -EBADMSG;
	}
	if (err && p)
		p->nr_maps = 0;	/* the descriptors are still libbcc's: program_free() must not close them */
	if (!err)
		err = own_maps(p);
	if (err) {
		program_free(p);
		return err;
	}
	*out = p;
	return 0;
}

/* ---- questions ---- */

int program_map(const struct program *p, const char *name, size_t key_size, size_t leaf_size)
{
	for (uint32_t i = 0; i < p->nr_maps; i++)
		if (!strcmp(p->maps[i].name, name))
			return p->maps[i].key_size == key_size &&
			       (!leaf_size || p->maps[i].leaf_size == leaf_size) ? p->maps[i].fd : -1;
	return -1;
}

const struct bpf_insn *program_function(const struct program *p, const char *name, size_t *insns)
{
	for (uint32_t i = 0; i < p->nr_functions; i++) {
		if (strcmp(p->functions[i].name, name))
			continue;
		*insns = p->functions[i].count;
		return p->functions[i].insns;
	}
	return NULL;
}

/* ---- files: numbers in this machine's byte order; a map is its index, not a descriptor ---- */

static void write_function(const struct program *p, const struct function *f, FILE *out)
{
	fwrite(f->name, sizeof(f->name), 1, out);
	fwrite(&f->count, sizeof(f->count), 1, out);
	for (uint32_t k = 0; k < f->count; k++) {
		struct bpf_insn insn = f->insns[k];
		bool two = names_map(&insn);

		for (uint32_t m = 0; two && m < p->nr_maps; m++) {
			if (p->maps[m].fd != f->insns[k].imm)
				continue;
			insn.imm = (int)m;
			break;
		}
		fwrite(&insn, sizeof(insn), 1, out);
		if (two && k + 1 < f->count)
			fwrite(&f->insns[++k], sizeof(insn), 1, out);
	}
}

int program_write(const struct program *p, FILE *f)
{
	fwrite(&p->nr_maps, sizeof(p->nr_maps), 1, f);
	for (uint32_t i = 0; i < p->nr_maps; i++)
		fwrite(&p->maps[i], offsetof(struct map, fd), 1, f);
	fwrite(&p->nr_functions, sizeof(p->nr_functions), 1, f);
	for (uint32_t i = 0; i < p->nr_functions; i++)
		write_function(p, &p->functions[i], f);
	return fflush(f) || ferror(f) ? -EIO : 0;
}

static bool read_name(FILE *f, char name[NAME])
{
	return fread(name, NAME, 1, f) == 1 && memchr(name, 0, NAME);
}

static int read_map(struct program *p, FILE *f)
{
	struct map *m = &p->maps[p->nr_maps];
	char kernel_name[BPF_OBJ_NAME_LEN];
	LIBBPF_OPTS(bpf_map_create_opts, opts);

	if (!read_name(f, m->name) || fread(&m->type, offsetof(struct map, fd) - NAME, 1, f) != 1)
		return -EBADMSG;
	opts.map_flags = m->flags;
	snprintf(kernel_name, sizeof(kernel_name), "%.*s", (int)sizeof(kernel_name) - 1, m->name);
	m->fd = bpf_map_create(m->type, kernel_name, m->key_size, m->leaf_size, m->entries, &opts);
	if (m->fd < 0)
		return -errno;
	p->nr_maps++;
	return 0;
}

static int read_function(struct program *p, FILE *f)
{
	struct function *fn = &p->functions[p->nr_functions];

	if (!read_name(f, fn->name) || fread(&fn->count, sizeof(fn->count), 1, f) != 1 ||
	    fn->count > INSNS_MAX)
		return -EBADMSG;
	fn->insns = malloc((size_t)fn->count * sizeof(*fn->insns) + 1);
	if (!fn->insns)
		return -ENOMEM;
	p->nr_functions++;
	if (fread(fn->insns, sizeof(*fn->insns), fn->count, f) != fn->count)
		return -EBADMSG;
	for (uint32_t k = 0; k < fn->count; k++) {
		if (!names_map(&fn->insns[k]))
			continue;
		if ((uint32_t)fn->insns[k].imm >= p->nr_maps || k + 1 >= fn->count)
			return -EBADMSG;
		fn->insns[k].imm = p->maps[fn->insns[k].imm].fd;
		k++;
	}
	return 0;
}

int program_read(struct program **out, FILE *f)
{
	struct program *p = program_new(MAPS_MAX, FUNCTIONS_MAX);
	uint32_t maps = 0, functions = 0;
	int err = p ? 0 : -ENOMEM;

	if (!err && (fread(&maps, sizeof(maps), 1, f) != 1 || maps > MAPS_MAX))
		err = -EBADMSG;
	for (uint32_t i = 0; !err && i < maps; i++)
		err = read_map(p, f);
	if (!err && (fread(&functions, sizeof(functions), 1, f) != 1 || functions > FUNCTIONS_MAX))
		err = -EBADMSG;
	for (uint32_t i = 0; !err && i < functions; i++)
		err = read_function(p, f);
	if (!err && fgetc(f) != EOF)
		err = -EBADMSG;
	if (err) {
		program_free(p);
		return err;
	}
	*out = p;
	return 0;
}
