/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * abi - the one header compiled on both sides of the kernel boundary: layers,
 * operations, classes, keys, values and the event. Fixed-width fields, explicit
 * padding, no pointers. Words are defined in iolayers(7).
 */
#ifndef IOAMP_ABI_H
#define IOAMP_ABI_H

#ifndef IOAMP_BPF
#include <linux/types.h>
#endif

enum layer {
	LAYER_APPLICATION,
	LAYER_VFS,
	LAYER_CACHE,
	LAYER_FILESYSTEM,
	LAYER_BLOCK,
	LAYER_DEVICE,
	LAYER_MAX,
};

enum op {
	OP_READ, OP_WRITE, OP_SYNC, OP_FLUSH, OP_DISCARD, OP_ZEROES,
	OP_ALTER,	/* changes a file and moves no bytes: clone, fallocate, truncate */
	OP_MAX,
};

enum io_class {
	CLASS_DATA,
	CLASS_METADATA,
	CLASS_JOURNAL,
	CLASS_SWAP,
	CLASS_RAID,
	CLASS_OTHER,
	CLASS_MAX,
};

/* What a key of LAYER_CACHE counts, in place of an operation. */
enum cache_op { CACHE_FILL, CACHE_DIRTIED, CACHE_CANCELLED, CACHE_DIRECT_WRITE, CACHE_DIRECT_READ,
	CACHE_REPLACED };	/* written from other pages (compressed): nothing tells which ones */

/* Bits of agg_key.flags. */
#define KEY_DIRECT	1	/* O_DIRECT */
#define KEY_ERROR	2	/* completed with an error; the bytes are in the total, too */
#define KEY_BELOW	8	/* reached this disk through the one above it */
#define KEY_BEFORE	16	/* block, device: caused before the window of the run began */
#define KEY_UNDONE	32	/* application: counted when it was submitted, and not done; the user side subtracts it */
#define KEY_AGAIN	4	/* the sync that a write is, too: counted as a call there */

/* What the record of a bio on its way begins with, in all texts; the user side reads it, too. */
#define BIO_OWNERS 8
struct bio_part {
	__u32 actor;
	__u32 bytes;	/* not completed yet */
};
#define BIO_RECORD \
	__u64 queued_ns; \
	__u32 dev;	/* disk it was queued on */ \
	__u32 left;	/* bytes not completed yet */ \
	__u8 op, cls; \
	__u8 flags;	/* BIO_F_* */ \
	__u8 parts;	/* used slots of part[] */ \
	__u32 via_tid; \
	struct bio_part part[BIO_OWNERS]; \
	__u32 file;	/* whose data it is, in texts that count by file */ \
	__u32 file_pad;
struct bio_record {
	BIO_RECORD
};
#define BIO_F_ORIGIN	1	/* counted at filesystem and block, not only at device */
#define BIO_F_UPPER	2	/* its disk has no requests: counted when the bio ends */
#define BIO_F_WENT_ON	4	/* it was an upper disk's, and is now the one's below */

/*
 * Application interfaces. Up to IFACE_SYSCALLS they are system calls: the name
 * table of the user side (common/base/names.c) has them in this order.
 */
enum iface {
	IFACE_NONE,
	IFACE_READ, IFACE_PREAD64, IFACE_READV, IFACE_PREADV, IFACE_PREADV2,
	IFACE_WRITE, IFACE_PWRITE64, IFACE_WRITEV, IFACE_PWRITEV, IFACE_PWRITEV2,
	IFACE_SENDFILE, IFACE_SPLICE, IFACE_COPY_FILE_RANGE,
	IFACE_FSYNC, IFACE_FDATASYNC, IFACE_SYNC_FILE_RANGE, IFACE_SYNCFS, IFACE_SYNC, IFACE_MSYNC,
	IFACE_FALLOCATE, IFACE_TRUNCATE, IFACE_FTRUNCATE, IFACE_IOCTL,
	IFACE_SYSCALLS,
	IFACE_IO_URING = IFACE_SYSCALLS, IFACE_LIBAIO, IFACE_MMAP,
	IFACE_MAX,
};

/*
 * Who a byte belongs to: an actor id. Below ACTOR_FIRST the fixed ones, then
 * one per process (a process is pid + start time), then pools: owners that the
 * user side splits over actors (a transaction's journal blocks, metadata
 * written home, what a stacked device sends down).
 */
#define ACTOR_NONE		0u
#define ACTOR_SELF		1u
#define ACTOR_BACKGROUND	2u
#define ACTOR_OUTSIDE		3u
#define ACTOR_UNATTRIBUTED	4u
#define ACTOR_PENDING		5u	/* in the target, met at its first I/O */
#define ACTOR_BEFORE		6u	/* whoever caused it before the window: counted with KEY_BEFORE */
#define ACTOR_FIRST		16u
#define ACTOR_POOL		0x80000000u	/* bit: this id is a pool's */
#define POOL_KIND(id)		(((id) >> 28) & 7u)
#define POOL_INDEX(id)		((id) & 0x0fffffffu)
#define POOL_ID(kind, index)	(ACTOR_POOL | ((__u32)(kind) << 28) | ((index) & 0x0fffffffu))
#define POOL_TXN		0u	/* index: number of the transaction, see struct txn */
#define POOL_META		1u	/* index: POOL_DEV() of the file system's device */
#define POOL_STACK		2u	/* index: POOL_DEV() of the upper disk */
#define POOL_FREED		3u	/* index: POOL_DEV(); who freed blocks of a file system that discards them */
/* A device number in 28 bits: 12 of the major, 16 of the minor. */
#define POOL_DEV(dev)		((((__u32)(dev) >> 20 & 0xfff) << 16) | ((__u32)(dev) & 0xffff))
#define DEV_OF_POOL(id)		((POOL_INDEX(id) >> 16) << 20 | (POOL_INDEX(id) & 0xffff))

/* Device numbers are the kernel's dev_t: major << 20 | minor. */

struct agg_key {
	__u32 actor;
	__u32 dev;	/* disk (block, device, cache read); file system's device (above) */
	__u8 layer;
	__u8 op;
	__u8 cls;	/* enum io_class; LAYER_APPLICATION: enum iface */
	__u8 flags;
	__u32 file;	/* id of a file whose data it is, map `files`; 0: none, or not asked for */
};

struct agg_val {
	__u64 ops;
	__u64 bytes;
	__u64 ns;	/* device: issue to completion */
	__u64 queue_ns;	/* device: queued to issue */
};

/* Hierarchies of control groups that a process is looked up in, in this order. */
enum cgroup_hierarchy { CGROUP_V2, CGROUP_IO, CGROUP_MEMORY, CGROUP_IDS };

/* A control group: kernfs ids are unique within a hierarchy; that of version 2 is 0. */
struct cgroup_key {
	__u64 id;
	__u32 hierarchy;	/* as in /proc/cgroups */
	__u32 pad;
};

/* The path of one that was made while probes are attached; cut where it is longer. */
#define CGROUP_PATH 512
struct cgroup_path {
	char path[CGROUP_PATH];
};

/* Parts of a wait, in the order in which an I/O passes through them. */
enum lat_part {
	PART_ABOVE,		/* before the block layer: VFS, cache, throttles */
	PART_FILESYSTEM,	/* between its bios */
	PART_JOURNAL,		/* for a commit that others make */
	PART_QUEUE,		/* a leaf's queue */
	PART_STACK,		/* on its way through dm, md, loop */
	PART_DEVICE,		/* a leaf's driver and the device */
	PART_RETURN,		/* after the last bio */
	PART_UNACCOUNTED,	/* no probe explains it */
	PART_MAX,
};

/*
 * Waits of one kind whose length is of one octave, map `lats`. Lengths fall into
 * slots of which 16 are an octave (the first 16 are 0 to 15 ns), see hist.h.
 */
#define LAT_SLOT_BITS	4
#define LAT_SLOTS	16
struct lat_key {
	__u32 actor;
	__u32 dev;	/* file system's device; background: disk */
	__u8 op;
	__u8 iface;
	__u8 background;	/* nobody waits */
	__u8 octave;
};
struct lat_val {
	__u64 part[PART_MAX];	/* sums; they add up to wait_ns */
	__u64 wait_ns;
	__u64 max_ns;
	__u64 slot[LAT_SLOTS];	/* numbers of waits */
};

/* One process; never deleted by the kernel side, so that names outlive it. */
struct actor {
	__u64 start_ns;	/* task start_time of the leader */
	__u64 cgroup[CGROUP_IDS];	/* of the leader, as last seen; 0 unknown */
	__u64 exe_ino;	/* of the program, after the last exec; 0 unknown */
	__u32 exe_dev;
	__u32 ppid;	/* at its first I/O */
	__u32 tgid;
	__u32 flags;	/* ACTOR_F_* */
	__u32 process;	/* id of the process: its own, but for a thread with another name (LANES) */
	__u32 execs;
	char comm[16];	/* the leader's name after its last exec; a thread's, as it was met */
	char exe[32];	/* last part of the program's path, cut; a process cannot change it */
};
#define ACTOR_F_TARGET	1u	/* matches the filters */
#define ACTOR_F_EXITED	2u
#define ACTOR_F_ABOVE	4u	/* has no number in the PID namespace of the tool: tgid is the first one's */
#define ACTOR_F_FUSE	8u	/* serves a FUSE file system: its calls do the work of others' */

/* Verdict on a process, by tgid. `start` tells a reused pid (0: unknown). */
struct actor_ref {
	__u32 id;
	__u32 start;	/* low bits of start_ns / 2^20 */
};

/* A file that backs a loop device: what works on it works for that disk. */
struct inode_key {
	__u64 ino;
	__u32 dev;
	__u32 pad;
};

/* Who dirtied an inode last, and what is known of its dirty pages. */
struct inode_owner {
	__u32 actor;
	__u16 evicted;	/* 1: some found no room of their own */
	__u16 orders;	/* bit 1 << order of each folio larger than a page */
};

/* Ownership modes (OWNERSHIP). */
#define OWN_PAGE	0
#define OWN_CHUNK	1	/* 256 KiB pieces of a file */
#define OWN_INODE	2
struct chunk_key {
	__u64 inode;
	__u64 chunk;
};

/* What a system call number means, map `sysdesc`; 0: not ours. */
#define SYS_KIND(desc)	((desc) >> 8)
#define SYS_IFACE(desc)	((desc) & 0xff)
#define SYS_DESC(kind, iface) (((kind) << 8) | (iface))
enum sys_kind { SYSK_NONE, SYSK_READ, SYSK_WRITE, SYSK_SENDFILE, SYSK_SPLICE, SYSK_COPY, SYSK_SYNC_FD,
	SYSK_SYNC_ALL, SYSK_ASYNC, SYSK_AIO, SYSK_ALTER_FD, SYSK_ALTER_PATH, SYSK_IOCTL };
#define SYS_HAS_OFFSET	0x8000u	/* the fourth argument is the file offset */
#define SYS_HAS_RWF	0x4000u	/* the sixth argument has RWF_ flags */
#define SYS_COUNTED	0xffffu	/* these bits are 0: the call is only known, not counted */
/* Pages dirtied, or read in, during the call are its own work, not a mapping's. */
#define SYS_DIRTIES	0x10000u
#define SYS_FILLS	0x20000u
#define SYS_REAPS	0x40000u	/* returns the results of requests of libaio */

/*
 * What a dirty folio of the page cache belongs to. A folio is known by its inode and first index
 * (page_id()): the low bits are the slot, the next 31 are `page`; 0: free. A second folio of the
 * same slot goes to a hash by the whole number.
 */
struct page_owner {
	__u32 page;
	__u32 actor;
	__u32 bytes;	/* of the folio; goes down as parts are submitted */
	__u32 flags;	/* PAGE_F_* */
};
#define PAGE_F_DATA	1u	/* a file's or raw device's data, not a file system's metadata */
#define PAGE_F_PARTLY	2u	/* partly submitted */
#define PAGE_F_COPIED	4u	/* submitted, and kept for its second copy */
#define PAGE_F_SECOND	8u	/* another entry follows: dirtied again by somebody else */
#define PAGE_F_MASK	7u
#define PAGE_ORDER_SHIFT 4	/* order of the folio */
#define PAGE_ORDER_MASK	15u
#define PAGE_FILE_SHIFT	8	/* above: id of the file, as in agg_key */

/*
 * A file that was used (BY_FILE). An address may come to hold another inode, and
 * inode numbers repeat from one btrfs subvolume to the next: together, with the
 * generation, they are one file. A raw block device is its number alone.
 */
struct file_key {
	__u64 inode;	/* address */
	__u64 ino;
	__u32 dev;	/* of its file system; a raw block device's own */
	__u32 generation;
};
struct file_ref {
	__u32 id;
	__u32 named;	/* enum file_named */
};
/* How its name was found; a later one is better. */
enum file_named {
	FILE_UNNAMED,
	FILE_BY_INODE,	/* one of its names */
	FILE_BY_CALL,	/* the name under which a system call had it open */
};
#define FILE_DEPTH	32	/* parts of a path; what lies further up is left out */
#define FILE_NAMES	1024	/* bytes of them, each with its NUL */
struct file_entry {
	struct file_key key;
	__u64 path_ino;	/* of the inode and file system that the path leads to: on overlayfs */
	__u32 path_dev;	/* not those of the key */
	__u32 length;	/* of names, without what is left of an earlier use */
	__u8 block;	/* a raw block device */
	__u8 cut;	/* the path goes on above */
	__u8 named;	/* enum file_named */
	__u8 pad[5];
	char names[FILE_NAMES + 256];	/* last part first; the slack is one more part's */
};

/* Journal shares: who dirtied how much in a transaction. */
struct txn_key {
	__u32 dev;
	__u32 tid;
};
struct txn {
	__u32 sole;	/* the first actor */
	__u32 sole_blocks;
	__u32 shared;	/* 1: others joined, see the shares of `pool` */
	__u32 pool;	/* POOL_TXN id */
	__u32 state;	/* 0 running, 1 committed: the user side may split and forget it */
	__u32 early;	/* perhaps open when the window began; all blocks noted so far, and 1 */
};
struct share_key {
	__u32 pool;	/* POOL_TXN, POOL_META or POOL_FREED id */
	__u32 actor;
};

/* Loss and diagnosis counters, one per-CPU array slot each. */
enum loss {
	LOSS_EVENTS,		/* event lines that found the ring buffer full */
	LOSS_EVENTS_SENT,	/* not a loss: the other half of the ratio */
	LOSS_MAP_FULL,		/* an update of a counter found no room */
	LOSS_OWNER_EVICTED,	/* a dirty page or I/O in flight found no room for its owner */
	LOSS_COMPAT_TASKS,	/* system calls of 32-bit tasks, skipped */
	LOSS_ASYNC_CALLS,	/* io_uring and libaio requests of the target, whose bytes are not counted */
	LOSS_CAUGHT,		/* not a loss: completions that a second program counted, see device.bpf.c */
	LOSS_WAITS,		/* requests whose wait is not measured: their end is not seen */
	LOSS_DIRTY_RUNS,	/* not a loss: how often the program ran that sees pages become dirty */
	LOSS_MAX,
};

/* Whose bytes get an owner of their own. */
enum targeted { TARGET_ALL, TARGET_TREE, TARGET_PIDS, TARGET_CGROUPS };

/* What disks there are. */
enum stacked {
	STACKED_NONE,	/* all take requests */
	STACKED_MEMORY,	/* some do not, but nothing lies below them: zram */
	STACKED_DISKS,	/* dm, md and their like */
};

/* Slots of the configuration array. */
enum config {
	CFG_TARGETED,	/* enum targeted */
	CFG_MIN_NS,	/* events: leave out what was faster */
	CFG_EVENT_LAYERS,	/* events: bit mask of layers */
	CFG_STACKED,	/* enum stacked */
	CFG_ACTIVE,	/* CLOCK_MONOTONIC, ns: when the window of the run began; 0: it has not */
	CFG_WAITS,	/* WAITS_*: what ends of waits are told */
	CFG_SYNCS,	/* bits: 1 << interface of a call whose own probe counts the sync of its file */
	CFG_MAX,
};

#define WAITS_JOURNAL	1u	/* commits of journals */
#define WAITS_IOMAP	2u	/* O_DIRECT calls */

/* What a bio's completion function says about it (found by name in kallsyms). */
enum endio {
	ENDIO_UNKNOWN,
	ENDIO_DATA_WRITE,	/* page cache data: owner by page */
	ENDIO_DATA_READ,	/* buffered read */
	ENDIO_DIRECT,		/* O_DIRECT: never look at the pages */
	ENDIO_BH,		/* buffer heads: ask b_end_io */
	ENDIO_BH_READ,
	ENDIO_BH_WRITE,		/* of a page */
	ENDIO_BH_SYNC_WRITE,	/* of one buffer */
	ENDIO_BH_JOURNAL,
	ENDIO_LOG,		/* XFS log */
	ENDIO_METADATA,		/* XFS buffers */
	ENDIO_BTRFS,		/* by page: inode 1 is the tree */
	ENDIO_BTRFS_COPY,	/* one of several copies of the same pages */
	ENDIO_SUPER,		/* btrfs superblock */
	ENDIO_SWAP,
	ENDIO_SYNC,		/* submit_bio_wait: current */
	ENDIO_CLONE,		/* dm, md: not an origin */
	ENDIO_RAID5,		/* a stripe's: data or parity */
	ENDIO_RESYNC,		/* an array brings its copies together */
	ENDIO_MD,		/* an array's superblock and bitmap */
	ENDIO_CHAIN,		/* split: the parent has the owner */
	/* completion functions of kiocbs */
	ENDIO_AIO,
	ENDIO_URING,
};

/* Last part of a file's name, map `names`. */
struct file_name {
	char name[48];
};

struct ioamp_event {
	__u64 ts_ns;		/* CLOCK_MONOTONIC */
	__u64 size;		/* bytes asked for or moved */
	__u64 offset;		/* bytes: file (application, vfs), disk (below) */
	__s64 ret;
	__u64 lat_ns;		/* ~0: not measured */
	__u64 req;		/* joins the events of one request; 0 unknown */
	__u64 inode;		/* inode number, 0 unknown */
	__u32 actor;
	__u32 tid;		/* owner's thread, 0 unknown */
	__u32 via_tid;		/* who issued it */
	__u32 dev;		/* disk; application, vfs: the file system's device */
	__u8 layer;
	__u8 op;
	__u8 cls;
	__u8 flags;		/* EVENT_F_* */
	__s32 fd;		/* application: descriptor, -1 none */
	char via_comm[16];
	__u64 pad;
};
#define EVENT_F_DIRECT	1
#define EVENT_F_NO_RET	2	/* `ret` is not known: the request is only submitted */

#endif
