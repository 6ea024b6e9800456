/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalog - the probes, their hooks in order of preference, and what depends on them. */
#include "probe.h"

#define L(layer) (1u << LAYER_##layer)
#define BELOW (L(FILESYSTEM) | L(BLOCK) | L(DEVICE))
#define EVERY (L(APPLICATION) | L(VFS) | L(CACHE) | BELOW)

#define VFS_PROBE(func)                                                          \
	{ .name = "vfs_" #func, .need = NEED_GROUP, .layers = L(VFS),            \
	  .hooks = { { HOOK_FEXIT, "vfs_" #func }, { HOOK_KPROBE, "vfs_" #func } }, \
	  .lost = "calls of vfs_" #func, .bpf_name = #func }

/* A call by its own function in the kernel, which the compiler cannot merge into its callers. */
#define SYNC_PROBE(call, what)                                                   \
	{ .name = "sys_" #call, .need = NEED_GROUP, .layers = L(VFS),            \
	  .hooks = { { HOOK_FEXIT, "__x64_sys_" #call }, { HOOK_KPROBE, "__x64_sys_" #call } }, \
	  .lost = "syncs by " #call ", where the call holds a copy of vfs_fsync_range", \
	  .program = "sys_" #call, .bpf_name = #call, .tells = what }

const struct probe probe_catalog[] = {
	{ .name = "fork", .need = NEED_LAYER, .layers = EVERY,
	  .hooks = { { HOOK_TP, "sched_process_fork" } },
	  .lost = "children",
	  .always = true },
	{ .name = "exec", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "sched_process_exec" }, { HOOK_TRACEPOINT, "sched_process_exec" } },
	  .lost = "names after exec",
	  .always = true },
	{ .name = "exit", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "sched_process_exit" }, { HOOK_TRACEPOINT, "sched_process_exit" } },
	  .lost = "end of kernel work",
	  .always = true },
	{ .name = "free", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "sched_process_free" } },
	  .lost = "reused pids",
	  .always = true },
	{ .name = "rename", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "task_rename" } },
	  .lost = "threads that change their name",
	  .always = true, .only_with = WITH_LANES },
	{ .name = "cgroup", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "cgroup_mkdir" } },
	  .lost = "names of short-lived cgroups",
	  .always = true },
	{ .name = "move", .need = NEED_HELP, .layers = EVERY,
	  .hooks = { { HOOK_TP, "cgroup_attach_task" } },
	  .lost = "cgroups that a process moves to",
	  .always = true },

	{ .name = "call", .need = NEED_LAYER, .layers = L(APPLICATION),
	  .hooks = { { HOOK_TP, "sys_exit" } },
	  .lost = "system calls",
	  .continuations = { { "more__sys_exit", "aio_more", "ioamp_call_more" },
			     { "more__sys_reap", "aio_reap", "ioamp_reap" } } },
	{ .name = "call_start", .need = NEED_HELP, .layers = L(APPLICATION),
	  .hooks = { { HOOK_TP, "sys_enter" } },
	  .lost = "time of system calls",
	  .only_with = WITH_TIMES,
	  .lost_waits = "system calls are not seen to begin: only background is measured" },

	{ .name = "uring", .need = NEED_HELP, .layers = L(APPLICATION),
	  .hooks = { { HOOK_TP, "io_uring_complete" } },
	  .lost = "io_uring",
	  .tells = TELLS_URING },
	{ .name = "uring_new", .need = NEED_HELP, .layers = L(APPLICATION),
	  .hooks = { { HOOK_TP, "io_uring_submit_req" }, { HOOK_TP, "io_uring_submit_sqe" } },
	  .lost = "io_uring requests that complete in silence" },

	VFS_PROBE(read),
	VFS_PROBE(write),
	VFS_PROBE(readv),
	VFS_PROBE(writev),
	VFS_PROBE(iter_read),
	VFS_PROBE(iter_write),
	VFS_PROBE(iocb_iter_read),
	VFS_PROBE(iocb_iter_write),
	SYNC_PROBE(fsync, TELLS_FSYNC),
	SYNC_PROBE(fdatasync, TELLS_FDATASYNC),
	VFS_PROBE(fsync),
	/* the last of its group names how the layer is seen */
	VFS_PROBE(fsync_range),

	{ .name = "dirty", .need = NEED_LAYER, .layers = L(CACHE) | BELOW,
	  .hooks = { { HOOK_TP, "writeback_dirty_folio" }, { HOOK_TP, "writeback_dirty_page" } },
	  .lost = "owners of deferred writes" },
	{ .name = "drop", .need = NEED_HELP, .layers = L(CACHE) | BELOW,
	  .hooks = { { HOOK_TP, "mm_filemap_delete_from_page_cache" } },
	  .lost = "cancelled bytes" },
	{ .name = "writeback", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "writeback_single_inode_start" } },
	  .lost = "cause of a flusher's own changes" },
	{ .name = "writeback_end", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "writeback_single_inode" } },
	  .lost = "cause of a flusher's own changes" },
	{ .name = "work_end", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "workqueue_execute_end" } },
	  .lost = "cause of a worker's changes ends in time" },
	{ .name = "inode", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "ext4_mark_inode_dirty" } },
	  .lost = "cause of kernel threads' ext4 changes" },

	{ .name = "extent", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "ext4_journal_start_inode" }, { HOOK_TP, "ext4_ext_map_blocks_enter" } },
	  .lost = "cause of kernel threads' ext4 changes" },

	{ .name = "handle", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "jbd2_handle_stats" } },
	  .lost = "journal shares" },
	{ .name = "commit", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "jbd2_commit_flushing" } },
	  .lost = "journal owners" },
	{ .name = "commit_end", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "jbd2_end_commit" } },
	  .lost = "journal owners",
	  .tells = TELLS_JOURNAL_END,
	  .lost_waits = "jbd2's commits are not seen: journal ends with a journal's last write" },
	{ .name = "open_txn", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "jbd2_run_stats" } },
	  .lost = "journal blocks from before the window" },
	{ .name = "fsync", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "ext4_sync_file_enter" } },
	  .lost = "owner of an empty transaction" },

	{ .name = "freed", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "ext4_mballoc_free" } },
	  .lost = "owners of ext4's discards" },

	{ .name = "btrfs_freed", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "add_delayed_ref_head" } },
	  .lost = "shares in btrfs' discards" },
	{ .name = "btrfs_commit", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "btrfs_transaction_commit" } },
	  .lost = "later btrfs discards of blocks freed before the window" },
	{ .name = "btrfs_page", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "extent_writepage" }, { HOOK_TP, "__extent_writepage" } },
	  .lost = "btrfs pages written otherwise" },
	{ .name = "xfs_log", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_log_ticket_ungrant" } },
	  .lost = "XFS log shares" },
	{ .name = "xfs_roll", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_log_ticket_regrant" } },
	  .lost = "XFS log shares" },
	{ .name = "xfs_size", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_setfilesize" } },
	  .lost = "cause of workers' XFS changes" },
	{ .name = "xfs_written", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_unwritten_convert" } },
	  .lost = "cause of workers' XFS changes" },
	{ .name = "xfs_gone", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_inode_inactivating" } },
	  .lost = "cause of workers' XFS changes" },

	{ .name = "xfs_drop", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_inode_set_need_inactive" } },
	  .lost = "who removed a file that an XFS worker frees" },
	{ .name = "xfs_freed", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_extent_busy" } },
	  .lost = "owners of XFS' discards" },

	{ .name = "xfs_sync", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "xfs_file_fsync" } },
	  .lost = "waits for the XFS log",
	  .only_with = WITH_LATENCY },

	/* since 6.12 */
	{ .name = "dio_end", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "iomap_dio_complete" } },
	  .lost = "what libaio requests wait after their last bio",
	  .only_with = WITH_LATENCY, .tells = TELLS_IOMAP_END },
	{ .name = "aio", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "iomap_dio_rw_begin" } },
	  .lost = "owners of libaio requests that io.max holds back" },
	{ .name = "remap", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "block_bio_remap" } },
	  .lost = "owners below dm, md and their like" },
	{ .name = "split", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "block_split" } },
	  .lost = "owners of split bios" },
	{ .name = "bio_end", .need = NEED_HELP, .layers = BELOW,
	  .hooks = { { HOOK_TP, "block_bio_complete" } },
	  .lost = "bios that end without a request",
	  .understudy = { "again__block_bio_complete", "ioamp_bio_again", UNDERSTUDY_SEES_ALL } },
	{ .name = "issue", .need = NEED_HELP, .layers = L(BLOCK) | L(DEVICE),
	  .hooks = { { HOOK_TP, "block_rq_issue" } },
	  .lost = "time on the device",
	  .only_with = WITH_DEVICE_TIMES,
	  .lost_waits = "what is handed to a driver is not seen: queue holds device, too" },
	/* before done, which deletes the entries of bios */
	{ .name = "waits", .need = NEED_HELP, .layers = L(BLOCK) | L(DEVICE),
	  .hooks = { { HOOK_TP, "block_rq_complete" } },
	  .lost = "parts of waits below the file system",
	  .program = "waits_end", .only_with = WITH_LATENCY,
	  .continuations = { { "more__waits_end", "ends_more", "ioamp_ends" } },
	  .tells = TELLS_JOURNAL_END,
	  .lost_waits = "no end of a bio is seen: above_block and return hold what queue, stack"
		" and device are" },
	{ .name = "done", .need = NEED_LAYER, .layers = L(BLOCK) | L(DEVICE),
	  .hooks = { { HOOK_TP, "block_rq_complete" } },
	  .lost = "device bytes",
	  .continuations = { { "more__block_rq_complete", "done_more", "ioamp_done_more" } },
	  .understudy = { "again__block_rq_complete", "ioamp_done_agai", LOSS_CAUGHT } },
	/* after the probes that see bios end: a bio that is noted must not end unseen */
	{ .name = "bio", .need = NEED_LAYER, .layers = L(CACHE) | BELOW,
	  .hooks = { { HOOK_TP, "block_bio_queue" } },
	  .lost = "bios",
	  .continuations = { { "more__block_bio_queue", "bio_more", "ioamp_bio_more" },
			     { "more__block_bio_lower", "bio_lower", "ioamp_bio_lower" },
			     { "more__block_bio_freed", "bio_freed", "ioamp_bio_freed" } } },
};
const unsigned int probe_catalog_count = sizeof(probe_catalog) / sizeof(probe_catalog[0]);

unsigned int probe_programs(const struct probe *p)
{
	unsigned int n = p->understudy.program ? 2 : 1;

	for (int i = 0; i < PROBE_CONTINUATIONS && p->continuations[i].program; i++)
		n++;
	return n;
}

const struct probe_map probe_maps[MAP_COUNT] = {
#define MAP_INFO(id, name, key_size, value_size, with) [MAP_##id] = { #name, key_size, value_size, with },
	PROBE_MAPS(MAP_INFO)
#undef MAP_INFO
};

/* Symbols of kernels 5.10 to 7.3. kallsyms may have a static function several times. */
const struct endio_name probe_endios[] = {
	{ "ext4_end_bio", ENDIO_DATA_WRITE },
	{ "mpage_end_io", ENDIO_DATA_READ },
	{ "mpage_read_end_io", ENDIO_DATA_READ },
	{ "mpage_write_end_io", ENDIO_DATA_WRITE },
	{ "iomap_writepage_end_bio", ENDIO_DATA_WRITE },
	{ "ioend_writeback_end_bio", ENDIO_DATA_WRITE },
	{ "xfs_end_bio", ENDIO_DATA_WRITE },
	{ "iomap_read_end_io", ENDIO_DATA_READ },
	{ "f2fs_write_end_io", ENDIO_DATA_WRITE },
	{ "f2fs_read_end_io", ENDIO_DATA_READ },
	{ "iomap_dio_bio_end_io", ENDIO_DIRECT },
	{ "iomap_dio_simple_end_io", ENDIO_DIRECT },
	{ "dio_bio_end_io", ENDIO_DIRECT },
	{ "dio_bio_end_aio", ENDIO_DIRECT },
	{ "blkdev_bio_end_io", ENDIO_DIRECT },
	{ "blkdev_bio_end_io_simple", ENDIO_DIRECT },
	{ "blkdev_bio_end_io_async", ENDIO_DIRECT },
	{ "f2fs_dio_end_bio", ENDIO_DIRECT },
	{ "end_bio_bh_io_sync", ENDIO_BH },
	{ "end_buffer_read_sync", ENDIO_BH_READ },
	{ "end_buffer_async_read", ENDIO_BH_READ },
	{ "end_buffer_async_read_io", ENDIO_BH_READ },
	{ "ext4_end_bitmap_read", ENDIO_BH_READ },
	{ "bh_end_read", ENDIO_BH_READ },
	{ "bh_end_async_read", ENDIO_BH_READ },	/* since 7.2 */
	{ "end_buffer_write_sync", ENDIO_BH_SYNC_WRITE },
	{ "end_buffer_async_write", ENDIO_BH_WRITE },
	{ "bh_end_write", ENDIO_BH_SYNC_WRITE },
	{ "bh_end_async_write", ENDIO_BH_WRITE },
	{ "ext4_end_buffer_io_sync", ENDIO_BH_JOURNAL },	/* a fast commit */
	{ "journal_end_buffer_io_sync", ENDIO_BH_JOURNAL },
	{ "xlog_bio_end_io", ENDIO_LOG },
	{ "xfs_buf_bio_end_io", ENDIO_METADATA },
	{ "btrfs_end_bio", ENDIO_BTRFS },
	{ "btrfs_simple_end_io", ENDIO_BTRFS },
	{ "btrfs_orig_write_end_io", ENDIO_BTRFS_COPY },
	{ "btrfs_clone_write_end_io", ENDIO_BTRFS_COPY },
	{ "btrfs_raid56_end_io", ENDIO_BTRFS },
	{ "btrfs_end_super_write", ENDIO_SUPER },
	{ "end_swap_bio_write", ENDIO_SWAP },
	{ "end_swap_bio_read", ENDIO_SWAP },
	{ "swap_bio_read_end_io", ENDIO_SWAP },
	{ "submit_bio_wait_endio", ENDIO_SYNC },
	{ "bio_wait_end_io", ENDIO_SYNC },
	{ "clone_endio", ENDIO_CLONE },
	{ "crypt_endio", ENDIO_CLONE },
	{ "md_end_io_acct", ENDIO_CLONE },
	{ "md_end_clone_io", ENDIO_CLONE },
	{ "raid5_align_endio", ENDIO_CLONE },
	{ "end_sync_read", ENDIO_RESYNC },
	{ "end_sync_write", ENDIO_RESYNC },
	{ "end_reshape_read", ENDIO_RESYNC },
	{ "end_reshape_write", ENDIO_RESYNC },
	{ "raid1_end_read_request", ENDIO_CLONE },
	{ "raid1_end_write_request", ENDIO_CLONE },
	{ "raid10_end_read_request", ENDIO_CLONE },
	{ "raid10_end_write_request", ENDIO_CLONE },
	{ "raid5_end_read_request", ENDIO_RAID5 },
	{ "raid5_end_write_request", ENDIO_RAID5 },
	{ "super_written", ENDIO_MD },
	{ "bio_chain_endio", ENDIO_CHAIN },
	{ "aio_complete_rw", ENDIO_AIO },
	{ "io_complete_rw", ENDIO_URING },
	{ "io_complete_rw_iopoll", ENDIO_URING },
	{ 0, ENDIO_UNKNOWN },
};
