/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalog - the probes, their hooks in order of preference, and what depends on them. */
#include "probe.h"

#define L(layer) (1u << LAYER_##layer)
#define BELOW (L(FILESYSTEM) | L(BLOCK) | L(DEVICE))
#define EVERY (L(APPLICATION) | L(VFS) | L(CACHE) | BELOW)

#define VFS_PROBE(func)                                                       \
	{ #func, NEED_GROUP, L(VFS),                                          \
	  { { HOOK_FEXIT, #func }, { HOOK_KPROBE, #func } }, "calls of " #func }

const struct probe probe_catalog[] = {
	{ "fork", NEED_LAYER, EVERY, { { HOOK_TP, "sched_process_fork" } }, "children" },
	{ "exec", NEED_HELP, EVERY,
	  { { HOOK_TP, "sched_process_exec" }, { HOOK_TRACEPOINT, "sched_process_exec" } },
	  "names after exec" },
	{ "exit", NEED_HELP, EVERY,
	  { { HOOK_TP, "sched_process_exit" }, { HOOK_TRACEPOINT, "sched_process_exit" } },
	  "end of kernel work" },
	{ "free", NEED_HELP, EVERY, { { HOOK_TP, "sched_process_free" } }, "reused pids" },

	{ "call", NEED_LAYER, L(APPLICATION), { { HOOK_TP, "sys_exit" } }, "system calls" },
	{ "call_start", NEED_HELP, L(APPLICATION), { { HOOK_TP, "sys_enter" } },
	  "time of system calls" },

	{ "uring", NEED_HELP, L(APPLICATION), { { HOOK_TP, "io_uring_complete" } }, "io_uring" },
	{ "uring_new", NEED_HELP, L(APPLICATION),
	  { { HOOK_TP, "io_uring_submit_req" }, { HOOK_TP, "io_uring_submit_sqe" } },
	  "io_uring requests that complete in silence" },

	VFS_PROBE(vfs_read),
	VFS_PROBE(vfs_write),
	VFS_PROBE(vfs_readv),
	VFS_PROBE(vfs_writev),
	VFS_PROBE(vfs_iter_read),
	VFS_PROBE(vfs_iter_write),
	VFS_PROBE(vfs_iocb_iter_read),
	VFS_PROBE(vfs_iocb_iter_write),
	VFS_PROBE(vfs_fsync_range),

	{ "dirty", NEED_LAYER, L(CACHE) | BELOW,
	  { { HOOK_TP, "writeback_dirty_folio" }, { HOOK_TP, "writeback_dirty_page" } },
	  "owners of deferred writes" },
	{ "drop", NEED_HELP, L(CACHE) | BELOW,
	  { { HOOK_TP, "mm_filemap_delete_from_page_cache" } }, "cancelled bytes" },
	{ "writeback", NEED_HELP, BELOW, { { HOOK_TP, "writeback_single_inode_start" } },
	  "cause of a flusher's own changes" },
	{ "writeback_end", NEED_HELP, BELOW, { { HOOK_TP, "writeback_single_inode" } },
	  "cause of a flusher's own changes" },
	{ "work_end", NEED_HELP, BELOW, { { HOOK_TP, "workqueue_execute_end" } },
	  "cause of a worker's changes ends in time" },
	{ "inode", NEED_HELP, BELOW, { { HOOK_TP, "ext4_mark_inode_dirty" } },
	  "cause of kernel threads' ext4 changes" },

	{ "extent", NEED_HELP, BELOW,
	  { { HOOK_TP, "ext4_journal_start_inode" }, { HOOK_TP, "ext4_ext_map_blocks_enter" } },
	  "cause of kernel threads' ext4 changes" },

	{ "handle", NEED_HELP, BELOW, { { HOOK_TP, "jbd2_handle_stats" } }, "journal shares" },
	{ "commit", NEED_HELP, BELOW, { { HOOK_TP, "jbd2_commit_flushing" } }, "journal owners" },
	{ "commit_end", NEED_HELP, BELOW, { { HOOK_TP, "jbd2_end_commit" } }, "journal owners" },
	{ "fsync", NEED_HELP, BELOW, { { HOOK_TP, "ext4_sync_file_enter" } },
	  "owner of an empty transaction" },

	{ "bio", NEED_LAYER, L(CACHE) | BELOW, { { HOOK_TP, "block_bio_queue" } }, "bios" },
	{ "split", NEED_HELP, BELOW, { { HOOK_TP, "block_split" } }, "owners of split bios" },
	{ "bio_end", NEED_HELP, BELOW, { { HOOK_TP, "block_bio_complete" } },
	  "bios that end without a request" },
	{ "issue", NEED_HELP, L(BLOCK) | L(DEVICE), { { HOOK_TP, "block_rq_issue" } },
	  "time on the device" },
	{ "done", NEED_LAYER, L(BLOCK) | L(DEVICE), { { HOOK_TP, "block_rq_complete" } }, "device bytes" },
};
const unsigned int probe_catalog_count = sizeof(probe_catalog) / sizeof(probe_catalog[0]);

/* Symbols: kernels 5.10 to 7.3; a static function may stand more than once in kallsyms. */
const struct endio_name endio_names[] = {
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
	{ "end_buffer_write_sync", ENDIO_BH_SYNC_WRITE },
	{ "end_buffer_async_write", ENDIO_BH_WRITE },
	{ "bh_end_write", ENDIO_BH_SYNC_WRITE },
	{ "bh_end_async_write", ENDIO_BH_WRITE },
	{ "ext4_end_buffer_io_sync", ENDIO_BH_WRITE },
	{ "journal_end_buffer_io_sync", ENDIO_BH_JOURNAL },
	{ "xlog_bio_end_io", ENDIO_LOG },
	{ "xfs_buf_bio_end_io", ENDIO_METADATA },
	{ "btrfs_end_bio", ENDIO_BTRFS },
	{ "btrfs_simple_end_io", ENDIO_BTRFS },
	{ "btrfs_orig_write_end_io", ENDIO_BTRFS },
	{ "btrfs_clone_write_end_io", ENDIO_BTRFS },
	{ "btrfs_raid56_end_io", ENDIO_BTRFS },
	{ "btrfs_end_super_write", ENDIO_SUPER },
	{ "end_swap_bio_write", ENDIO_SWAP },
	{ "end_swap_bio_read", ENDIO_SWAP },
	{ "swap_bio_read_end_io", ENDIO_SWAP },
	{ "submit_bio_wait_endio", ENDIO_SYNC },
	{ "bio_wait_end_io", ENDIO_SYNC },
	{ "clone_endio", ENDIO_CLONE },
	{ "raid1_end_read_request", ENDIO_CLONE },
	{ "raid1_end_write_request", ENDIO_CLONE },
	{ "raid10_end_read_request", ENDIO_CLONE },
	{ "raid10_end_write_request", ENDIO_CLONE },
	{ "raid5_end_read_request", ENDIO_CLONE },
	{ "raid5_end_write_request", ENDIO_CLONE },
	{ "super_written", ENDIO_CLONE },
	{ "bio_chain_endio", ENDIO_CHAIN },
	{ 0, ENDIO_UNKNOWN },
};
