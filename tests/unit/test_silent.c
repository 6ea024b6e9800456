/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_silent - each pair of probes: one that saw nothing beside one that saw the same I/O. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/silent.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define KEY(l, o, c) { .actor = ACTOR_FIRST, .layer = l, .op = o, .cls = c }
#define CALL(iface, op) { KEY(LAYER_APPLICATION, op, iface), { .ops = 997, .bytes = 4083712 } }
#define VFS(op) { KEY(LAYER_VFS, op, 0), { .ops = 997, .bytes = 4083712 } }
#define BIO(cls) { KEY(LAYER_BLOCK, OP_WRITE, cls), { .ops = 997, .bytes = 4083712 } }
#define REQUEST { KEY(LAYER_DEVICE, OP_WRITE, CLASS_DATA), { .ops = 997, .bytes = 4083712 } }
#define DIRECT { KEY(LAYER_CACHE, CACHE_DIRECT_WRITE, 0), { .ops = 997, .bytes = 4083712 } }

/* What a run counts that writes, reads and syncs through the page cache. */
static const struct count all[] = {
	CALL(IFACE_READ, OP_READ), CALL(IFACE_WRITE, OP_WRITE), CALL(IFACE_FDATASYNC, OP_SYNC),
	VFS(OP_READ), VFS(OP_WRITE), VFS(OP_SYNC), BIO(CLASS_DATA), REQUEST,
};

static void open_layers(struct layer_state layers[LAYER_MAX], const char *vfs_via)
{
	for (int i = 0; i < LAYER_MAX; i++)
		layers[i] = (struct layer_state){ .available = true, .via = i == LAYER_VFS ? vfs_via : "tp_btf" };
}

static unsigned int dark(const struct layer_state layers[LAYER_MAX])
{
	unsigned int bits = 0;

	for (int i = 0; i < LAYER_MAX; i++) {
		bits |= (unsigned int)!layers[i].available << i;
		if (!layers[i].available) {
			assert_int_equal(layers[i].code, REASON_SILENT);
			assert_non_null(strstr(layers[i].reason, "its probe did not fire"));
		}
	}
	return bits;
}

/* All of the run but what the probes of `layer` (and of one operation: op) count. */
static size_t without(struct count out[COUNT(all)], int layer, int op)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i].key.layer != layer || (op >= 0 && all[i].key.op != op))
			out[n++] = all[i];
	return n;
}

static void test_each_pair(void **state)
{
	static const struct { int layer, op; unsigned int dark; const char *probe; } cases[] = {
		{ LAYER_VFS, OP_READ, 1u << LAYER_VFS, "vfs_read" },
		{ LAYER_VFS, OP_WRITE, 1u << LAYER_VFS, "vfs_write" },
		{ LAYER_VFS, OP_SYNC, 1u << LAYER_VFS, "fsync" },
		{ LAYER_APPLICATION, -1, 1u << LAYER_APPLICATION, "call" },
		{ LAYER_BLOCK, -1, 1u << LAYER_BLOCK | 1u << LAYER_FILESYSTEM, "bio" },
		{ LAYER_DEVICE, -1, 1u << LAYER_DEVICE, "done" },
		{ LAYER_CACHE, -1, 1u << LAYER_CACHE, "dirty" },
		{ -1, -1, 0, "" },
	};
	struct layer_state layers[LAYER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct count v[COUNT(all)];
		struct counts c = { v, without(v, cases[i].layer, cases[i].op) }, before = { (struct count *)all, COUNT(all) };
		struct silent_input in = { .window = &c, .ever = &c, .disk_bytes = 4083712,
			.dirty_runs = cases[i].layer != LAYER_CACHE };

		open_layers(layers, "fentry");
		assert_int_equal(silent_layers(&in, layers) != NULL, cases[i].dark != 0);
		assert_int_equal(dark(layers), cases[i].dark);
		for (int l = 0; l < LAYER_MAX; l++)
			if (!layers[l].available)
				assert_non_null(strstr(layers[l].reason, cases[i].probe));
		/* it ran in an earlier interval: it is no silent one */
		in.ever = &before;
		in.dirty_runs = 1;
		open_layers(layers, "fentry");
		assert_null(silent_layers(&in, layers));
		/* a layer that is unavailable keeps its reason */
		memset(layers, 0, sizeof(layers));
		in.ever = &c;
		assert_null(silent_layers(&in, layers));
	}
}

/* What a silent probe is not. */
static void test_not_silent(void **state)
{
	static const struct { struct count v; const char *via; uint64_t disk_bytes; } cases[] = {
		/* a sync that a write is; a call that other functions serve */
		{ { { .actor = ACTOR_FIRST, .layer = LAYER_APPLICATION, .op = OP_SYNC, .cls = IFACE_WRITE,
		      .flags = KEY_AGAIN }, { .ops = 997 } }, "fentry", 0 },
		{ CALL(IFACE_IO_URING, OP_WRITE), "fentry", 0 },
		{ CALL(IFACE_PREADV2, OP_READ), "fentry", 0 },
		/* on its way when the window began */
		{ { KEY(LAYER_APPLICATION, OP_SYNC, IFACE_FSYNC), { .ops = 5 } }, "kprobe", 0 },
		{ { KEY(LAYER_DEVICE, OP_WRITE, CLASS_DATA), { .ops = 5 } }, "fentry", 0 },
		{ { KEY(LAYER_BLOCK, OP_WRITE, CLASS_DATA), { .ops = 5, .bytes = 20480 } }, "fentry", 20480 },
		/* no pages of the cache; what reaches a disk through another one */
		{ BIO(CLASS_JOURNAL), "fentry", 0 },
		/* pages that were dirty before: nobody wrote into the cache in the window */
		{ BIO(CLASS_DATA), "fentry", 0 },
		/* a kernel thread's writes */
		{ { { .actor = ACTOR_BACKGROUND, .layer = LAYER_VFS, .op = OP_WRITE }, { .ops = 997 } }, "fentry", 0 },
	};
	struct layer_state layers[LAYER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct counts c = { (struct count *)&cases[i].v, 1 };
		struct silent_input in = { .window = &c, .ever = &c, .disk_bytes = cases[i].disk_bytes };

		open_layers(layers, cases[i].via);
		assert_null(silent_layers(&in, layers));
	}
}

/* O_DIRECT writes dirty no page, and are made by calls. */
static void test_direct(void **state)
{
	static const struct count v[] = { BIO(CLASS_DATA), DIRECT };
	struct counts c = { (struct count *)v, COUNT(v) };
	struct silent_input in = { .window = &c, .ever = &c };
	struct layer_state layers[LAYER_MAX];

	(void)state;
	open_layers(layers, "fentry");
	assert_non_null(silent_layers(&in, layers));
	assert_int_equal(dark(layers), 1u << LAYER_APPLICATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pair),
		cmocka_unit_test(test_not_silent),
		cmocka_unit_test(test_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
