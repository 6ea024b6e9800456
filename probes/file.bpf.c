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

/* A name of the inode: the one that came into the cache last. 0: none there, or not known how. */
static __always_inline u64 inode_dentry(u64 inode)
{
#if HAVE_DENTRY_D_U
	u64 first = KPTR((u64 *)(inode + offsetof(struct inode, i_dentry)));

	/* a list of d_u.d_alias, and d_u is a union */
	return first ? first - offsetof(struct dentry, d_u) : 0;
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

	if (!next)
		return 0;
	fresh.id = __sync_fetch_and_add(next, 1) + 1;
	fresh.named = named;
	file_ids.insert(k, &fresh);
	ref = file_ids.lookup(k);
	return ref ? ref->id : 0;
}

/* The file's number. `dentry` and `ino` are what its name would be found by. */
static __always_inline u32 file_meet(struct file_key *k, u64 dentry, u64 ino, u32 named)
{
	struct file_ref *ref = file_ids.lookup(k);
	u32 id;

	if (ref && ref->named >= named)
		return ref->id;
	if (ref) {
		id = ref->id;
		ref->named = named;
	} else {
		id = file_new(k, named);
	}
	if (!id || !file_write(id, k, dentry, ino, named)) {
		lose(LOSS_MAP_FULL);
		return 0;
	}
	return id;
}

static __always_inline u32 file_of_device(u32 dev)
{
	struct file_key k = {.dev = dev};

	return file_meet(&k, 0, 0, FILE_UNNAMED);
}

/* An address that may be anything: does a regular file's inode lie there? */
static __always_inline bool file_is_regular(u64 inode)
{
	struct address_space *mapping = KP((struct inode *)inode, i_mapping);
	u32 mode = KP((struct inode *)inode, i_mode) & MODE_FMT;

	return mode == MODE_REG && (u64)KP(mapping, host) == inode;
}

static __always_inline void file_key_of(struct file_key *k, u64 inode)
{
	struct super_block *sb = KP((struct inode *)inode, i_sb);

	k->inode = inode;
	k->ino = KP((struct inode *)inode, i_ino);
	k->dev = KP(sb, s_dev);
	k->generation = KP((struct inode *)inode, i_generation);
}

/* An inode whose pages are data; raw devices have one of their own behind each /dev entry. */
static __always_inline u32 file_of_inode(u64 inode, u32 named)
{
	struct file_key k = {};
	u32 mode = KP((struct inode *)inode, i_mode) & MODE_FMT;
	u64 dentry = 0;

	if (mode == MODE_BLK) {
		k.dev = KP((struct inode *)inode, i_rdev);
		named = FILE_UNNAMED;
	} else {
		file_key_of(&k, inode);
		if (named)
			dentry = inode_dentry(inode);
	}
	return file_meet(&k, dentry, k.ino, named);
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

/* The file of a system call. */
static __always_inline u32 file_of_call(u64 file, u64 inode, u32 dev)
{
	struct file_key k = {};
	u64 ino = KP((struct inode *)inode, i_ino);
	u32 mode = KP((struct inode *)inode, i_mode) & MODE_FMT;

	if (mode == MODE_BLK)
		return file_of_device(dev);
	file_key_of(&k, file_real_inode(file, inode, dev));
	return file_meet(&k, (u64)KP((struct file *)file, f_path.dentry), ino, FILE_BY_CALL);
}

/* The same for callers inside the kernel, too; the name is left to others. */
static __always_inline u32 file_of_open(u64 file, u64 inode, u32 dev)
{
	return file_of_inode(file_real_inode(file, inode, dev), FILE_UNNAMED);
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
#define PAGE_FLAGS(flags)	(flags)
#define APART(value)		((void)0)
#endif
