/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * file - which file bytes are of, and its path, for rows by file. Compiled to
 * nothing otherwise (BY_FILE 0). No hooks of its own: the probes of the layers
 * ask. A path is read when the file is met first, because short-lived processes
 * and deleted files cannot be asked later.
 */
#define MODE_FMT	0170000
#define MODE_REG	0100000
#define MODE_BLK	0060000
#define MODE_CHR	0020000

#if BY_FILE
BPF_TABLE("hash", struct file_key, struct file_ref, file_ids, FILE_ENTRIES);
BPF_TABLE("hash", u32, struct file_entry, files, FILE_ENTRIES);
BPF_TABLE("array", u32, u64, file_next, 1);
/*
 * An entry is put together here, one slot per enum file_named: a program in an
 * interrupt does not get into that of the call it came in between.
 */
BPF_TABLE("percpu_array", u32, struct file_entry, file_draft, FILE_BY_CALL + 1);

#define MAGIC_OVERLAY	0x794c7630
#define NAME_SLOT	256	/* NAME_MAX and the NUL */

/* Names of the dentry and those above it, up to the root of its file system. */
static __always_inline void file_walk(struct file_entry *e, u64 dentry)
{
	struct dentry *d = (struct dentry *)dentry, *up;
	u64 at = 0, name;
	long n;

	e->cut = 1;
#pragma nounroll
	for (int i = 0; i < FILE_DEPTH; i++) {
		up = KP(d, d_parent);
		if (up == d || !up) {
			e->cut = 0;
			break;
		}
		name = (u64)KP(d, d_name.name);
		n = bpf_probe_read_kernel_str(e->names + INDEX(at, FILE_NAMES), NAME_SLOT,
					      (void *)name);
		if (n <= 0 || at + n > FILE_NAMES)
			break;
		at += n;
		d = up;
	}
	e->length = at;
}

/* An inode's names are a list of d_alias, in a union that has a name until 7.1. */
#if HAVE_DENTRY_D_U
#define DENTRY_ALIAS offsetof(struct dentry, d_u)
#else
#define DENTRY_ALIAS offsetof(struct dentry, d_alias)
#endif

/* A name of the inode: the one that came into the cache last. 0: none there, or not known how. */
static __always_inline u64 inode_dentry(u64 inode)
{
#if HAVE_DENTRY_D_U || HAVE_DENTRY_D_ALIAS
	u64 first = KPTR((u64 *)(inode + offsetof(struct inode, i_dentry)));

	return first ? first - DENTRY_ALIAS : 0;
#else
	return 0;
#endif
}

/* Fills a draft; the map's own copy is replaced as a whole. */
static __always_inline bool file_write(u32 id, struct file_key *k, u64 dentry, u64 ino, u32 named)
{
	struct file_entry *e = file_draft.lookup(&named);
	struct super_block *sb;

	if (!e)
		return false;
	e->key = *k;
	e->path_ino = ino;
	e->path_dev = k->dev;
	e->length = 0;
	e->cut = 0;
	e->block = !k->inode;
	e->named = named;
	if (dentry) {
		sb = KP((struct dentry *)dentry, d_sb);
		e->path_dev = KP(sb, s_dev);
		file_walk(e, dentry);
	}
	return !files.update(&id, e);
}

/* A number for a file that has none yet, 0: no room. Two CPUs may try at once; one gets in. */
static __always_inline u32 file_new(struct file_key *k, u32 named)
{
	struct file_ref fresh = {}, *ref;
	u32 slot = 0;
	u64 *next = file_next.lookup(&slot);

	fresh.id = next ? number_new(next, NUMBER_FILE) : 0;
	if (!fresh.id || fresh.id >> (32 - PAGE_FILE_SHIFT))
		return 0;	/* the entry of a page has no more bits for it */
	fresh.named = named;
	file_ids.insert(k, &fresh);
	ref = file_ids.lookup(k);
	return ref ? ref->id : 0;
}

/* Who asks for a file, and so what its name can be found by. */
struct file_use {
	u64 file;	/* of a call */
	u64 inode;	/* which the name leads to: the key's, but on overlayfs */
	u64 ino;
	u32 named;	/* enum file_named */
};

/* The file's number; all but the first time it costs one look-up. */
static __always_inline u32 file_meet(struct file_key *k, struct file_use *use)
{
	struct file_ref *ref = file_ids.lookup(k);
	u64 dentry = 0;
	u32 id;

	if (ref && ref->named >= use->named)
		return ref->id;
	if (ref) {
		id = ref->id;
		ref->named = use->named;
	} else {
		id = file_new(k, use->named);
	}
	if (use->named == FILE_BY_CALL)
		dentry = (u64)KP((struct file *)use->file, f_path.dentry);
	else if (use->named == FILE_BY_INODE)
		dentry = inode_dentry(use->inode);
	if (!id || !file_write(id, k, dentry, use->ino, use->named)) {
		lose(LOSS_MAP_FULL);
		return 0;
	}
	return id;
}

static __always_inline u32 file_of_device(u32 dev)
{
	struct file_key k = {.dev = dev};
	struct file_use use = {};

	return file_meet(&k, &use);
}

/* An address that may be anything: does a regular file's inode lie there? */
static __always_inline bool file_is_regular(u64 inode)
{
	struct address_space *mapping = KP((struct inode *)inode, i_mapping);
	u32 mode = KP((struct inode *)inode, i_mode) & MODE_FMT;

	return mode == MODE_REG && (u64)KP(mapping, host) == inode;
}

/* An inode whose pages are data; `dev` as of inode_data_dev(). */
static __always_inline u32 file_of_data(u64 inode, u32 dev)
{
	struct file_use use = {.inode = inode, .named = FILE_BY_INODE};
	struct file_key k = {.dev = dev};

	if ((KP((struct inode *)inode, i_mode) & MODE_FMT) == MODE_BLK) {
		use.named = FILE_UNNAMED;
	} else {
		use.ino = KP((struct inode *)inode, i_ino);
		k.inode = inode;
		k.ino = use.ino;
		k.generation = KP((struct inode *)inode, i_generation);
	}
	return file_meet(&k, &use);
}

/* The same where the device is not known yet; raw devices have an inode behind each /dev entry. */
static __always_inline u32 file_of_inode(u64 inode)
{
	struct super_block *sb = KP((struct inode *)inode, i_sb);
	u32 dev = KP(sb, s_dev);

	if ((KP((struct inode *)inode, i_mode) & MODE_FMT) == MODE_BLK)
		dev = KP((struct inode *)inode, i_rdev);
	return file_of_data(inode, dev);
}

/*
 * An overlay's file has no pages: they are those of the file below it, which
 * private_data leads to (the file itself; since 6.13 a struct that begins with it).
 */
static __always_inline u64 file_real_inode(u64 file, u64 inode, u32 dev)
{
	struct super_block *sb;
	u64 below, real;

	if (dev >> 20)
		return inode;
	sb = KP((struct inode *)inode, i_sb);
	if (KP(sb, s_magic) != MAGIC_OVERLAY)
		return inode;
	below = (u64)KP((struct file *)file, private_data);
	real = (u64)KP((struct file *)below, f_inode);
	if (file_is_regular(real))
		return real;
	below = KPTR((u64 *)below);
	real = (u64)KP((struct file *)below, f_inode);
	return file_is_regular(real) ? real : inode;
}

/* An open file as fd_info() and inode_info() found it. Calls name it; others leave that to them. */
static __always_inline u32 file_of_open(u64 file, u64 inode, u64 ino, u32 dev, bool block,
					u32 named)
{
	struct file_use use = {.file = file, .inode = inode, .ino = ino, .named = named};
	struct file_key k = {.dev = dev};
	struct super_block *sb;

	if (block) {
		use.named = FILE_UNNAMED;
		return file_meet(&k, &use);
	}
	k.inode = file_real_inode(file, inode, dev);
	k.ino = ino;
	if (k.inode != inode) {
		k.ino = KP((struct inode *)k.inode, i_ino);
		sb = KP((struct inode *)k.inode, i_sb);
		k.dev = KP(sb, s_dev);
	}
	k.generation = KP((struct inode *)k.inode, i_generation);
	return file_meet(&k, &use);
}

#define FILE_OF(p)		((p)->file)
#define FILE_SET(p, id)		((p)->file = (id))
#define FILE_SAME(p, id)	((p)->file == (id))
#define PAGE_FLAGS(flags)	((flags) & PAGE_F_MASK)
/*
 * Keeps two loads of the branches of a condition from becoming one, with two
 * types of pointer: the verifier wants one.
 */
#define APART(value)		asm volatile("" : "+r"(value))
#else
#define FILE_OF(p)		0
#define FILE_SET(p, id)		((void)0)
#define FILE_SAME(p, id)	true
#define PAGE_FLAGS(flags)	((flags) & PAGE_F_MASK)
#define APART(value)		((void)0)
#endif
