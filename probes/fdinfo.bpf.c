/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * fdinfo - what a file descriptor of the running task leads to: which file, on which
 * file system, and whether that is storage at all. No hook; app.bpf.c and uring.bpf.c call.
 */
#define FLAG_DIRECT	00040000
#define FLAG_DSYNC	00010000

/* One open file as a system call sees it. */
struct fdinfo {
	u64 file;
	u64 inode;
	u64 ino;
	u32 dev;
	u32 flags;
	bool storage;
	bool block;	/* a raw device */
	bool chr;	/* a character device, not storage */
};

/* Anonymous (major 0) file systems whose files are storage all the same; tmpfs and proc are not. */
static __always_inline bool magic_is_storage(u64 magic)
{
	switch (magic) {
	case 0x9123683e:	/* btrfs */
	case 0x794c7630:	/* overlayfs */
	case 0x65735546:	/* FUSE, virtiofs */
	case 0x6969:		/* NFS */
	case 0x00c36400:	/* Ceph */
	case 0xff534d42:	/* CIFS */
	case 0xfe534d42:	/* SMB2 */
	case 0x2fc12fc1:	/* ZFS */
	case 0xca451a4e:	/* bcachefs */
	case 0x01021997:	/* 9p */
		return true;
	}
	return false;
}

/*
 * Members that lie close together are fetched by one read of the stretch that
 * holds them: a read costs 20 to 30 ns whatever its size, and this is the path
 * of every system call.
 */
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
#define MEMBER_END(type, m) (offsetof(type, m) + sizeof(((type *)0)->m))
#define FILE_LO MIN_OF(offsetof(struct file, f_inode), offsetof(struct file, f_flags))
#define FILE_HI MAX_OF(MEMBER_END(struct file, f_inode), MEMBER_END(struct file, f_flags))
#define INODE_LO MIN_OF(offsetof(struct inode, i_mode), offsetof(struct inode, i_sb))
#define INODE_HI MEMBER_END(struct inode, i_ino)
/* the kernel's structures may be laid out at random; then the stretch is long */
_Static_assert(FILE_HI - FILE_LO <= 128 && INODE_HI - INODE_LO <= 128, "stretch of members");

static __always_inline void inode_info(u64 inode, struct fdinfo *fi)
{
	char stretch[INODE_HI - INODE_LO] __attribute__((aligned(8)));
	struct super_block *sb;
	u32 mode;

	fi->storage = fi->chr = false;
	fi->inode = inode;
	bpf_probe_read_kernel(stretch, sizeof(stretch), (void *)(inode + INODE_LO));
	mode = *(u16 *)(stretch + offsetof(struct inode, i_mode) - INODE_LO) & MODE_FMT;
	if (mode != MODE_REG && mode != MODE_BLK) {
		fi->chr = mode == MODE_CHR;
		return;
	}
	fi->block = mode == MODE_BLK;
	fi->ino = *(u64 *)(stretch + offsetof(struct inode, i_ino) - INODE_LO);
	if (mode == MODE_BLK) {
		fi->dev = KP((struct inode *)inode, i_rdev);
		fi->storage = true;
		return;
	}
	sb = *(struct super_block **)(stretch + offsetof(struct inode, i_sb) - INODE_LO);
	fi->dev = KP(sb, s_dev);
	fi->storage = fi->dev >> 20 || magic_is_storage(KP(sb, s_magic));
}

static __always_inline void file_info(u64 file, struct fdinfo *fi)
{
	char stretch[FILE_HI - FILE_LO] __attribute__((aligned(8)));

	fi->file = file;
	bpf_probe_read_kernel(stretch, sizeof(stretch), (void *)(file + FILE_LO));
	fi->flags = *(u32 *)(stretch + offsetof(struct file, f_flags) - FILE_LO);
	inode_info(*(u64 *)(stretch + offsetof(struct file, f_inode) - FILE_LO), fi);
}

/* The open file of a descriptor of the running task; 0: none. */
static __always_inline u64 file_of_fd(u32 fd)
{
	struct task_struct *task = task_here();
	struct files_struct *files = TASK(task, files);
	struct fdtable *fdt;
	struct file **table;
	u64 file = 0;

	if (!files)
		return 0;
	fdt = TASK(files, fdt);
	if (!fdt || fd >= TASK(fdt, max_fds))
		return 0;
	table = TASK(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), (void *)((u64)table + (u64)fd * sizeof(file)));
	return file;
}

static __always_inline void fd_info(u32 fd, struct fdinfo *fi)
{
	u64 file = file_of_fd(fd);

	fi->storage = fi->chr = false;
	if (file)
		file_info(file, fi);
}
