/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names - words for the enums of abi.h. */
#include "base/names.h"

#include <assert.h>
#include <stddef.h>

#define COUNT(a)		(sizeof(a) / sizeof(*(a)))
#define CHECK(names, n)		static_assert(COUNT(names) == (n), "each value has a name")

static const char *pick(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *names_layer(enum layer layer)
{
	static const char *const names[] = {
		[LAYER_APPLICATION] = "application", [LAYER_VFS] = "vfs", [LAYER_CACHE] = "cache",
		[LAYER_FILESYSTEM] = "filesystem", [LAYER_BLOCK] = "block", [LAYER_DEVICE] = "device",
	};
	CHECK(names, LAYER_MAX);
	return pick(names, COUNT(names), layer);
}

const char *names_class(enum io_class cls)
{
	static const char *const names[] = {
		[CLASS_DATA] = "data", [CLASS_METADATA] = "metadata", [CLASS_JOURNAL] = "journal",
		[CLASS_SWAP] = "swap", [CLASS_RAID] = "raid", [CLASS_OTHER] = "other",
	};
	CHECK(names, CLASS_MAX);
	return pick(names, COUNT(names), cls);
}

bool names_iface_is_estimate(enum iface iface)
{
	return iface == IFACE_LIBAIO || iface == IFACE_MMAP;
}

const char *names_iface(enum iface iface)
{
	static const char *const names[] = {
		[IFACE_NONE] = "none",
		[IFACE_READ] = "read", [IFACE_PREAD64] = "pread64", [IFACE_READV] = "readv",
		[IFACE_PREADV] = "preadv", [IFACE_PREADV2] = "preadv2",
		[IFACE_WRITE] = "write", [IFACE_PWRITE64] = "pwrite64", [IFACE_WRITEV] = "writev",
		[IFACE_PWRITEV] = "pwritev", [IFACE_PWRITEV2] = "pwritev2",
		[IFACE_SENDFILE] = "sendfile", [IFACE_SPLICE] = "splice",
		[IFACE_COPY_FILE_RANGE] = "copy_file_range",
		[IFACE_FSYNC] = "fsync", [IFACE_FDATASYNC] = "fdatasync",
		[IFACE_SYNC_FILE_RANGE] = "sync_file_range", [IFACE_SYNCFS] = "syncfs",
		[IFACE_SYNC] = "sync", [IFACE_MSYNC] = "msync",
		[IFACE_FALLOCATE] = "fallocate", [IFACE_TRUNCATE] = "truncate",
		[IFACE_FTRUNCATE] = "ftruncate", [IFACE_IOCTL] = "ioctl",
		[IFACE_IO_URING] = "io_uring", [IFACE_LIBAIO] = "libaio", [IFACE_MMAP] = "mmap",
	};
	CHECK(names, IFACE_MAX);
	return pick(names, COUNT(names), iface);
}

const char *names_op(enum op op)
{
	static const char *const names[] = {
		[OP_READ] = "read", [OP_WRITE] = "write", [OP_SYNC] = "sync", [OP_FLUSH] = "flush",
		[OP_DISCARD] = "discard", [OP_ZEROES] = "zeroes", [OP_ALTER] = "alter",
	};
	CHECK(names, OP_MAX);
	return op < OP_MAX ? names[op] : "other";
}

const char *names_part(enum lat_part part)
{
	static const char *const names[] = {
		[PART_ABOVE] = "above_block", [PART_FILESYSTEM] = "filesystem",
		[PART_JOURNAL] = "journal", [PART_QUEUE] = "queue", [PART_STACK] = "stack",
		[PART_DEVICE] = "device", [PART_RETURN] = "return",
		[PART_UNACCOUNTED] = "unaccounted",
	};
	CHECK(names, PART_MAX);
	return pick(names, COUNT(names), part);
}
