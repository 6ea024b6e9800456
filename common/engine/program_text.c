/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program_text - assembles the program text from its pieces and switches. */
#include "engine/program_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void program_text_default(struct text_config *tc)
{
	memset(tc, 0, sizeof(*tc));
	tc->direct = true;
	tc->task_btf = true;
	tc->atomics = true;
	tc->device_times = true;
	tc->ownership = OWN_PAGE;
	tc->agg_entries = 32768;
	tc->actor_entries = 16384;
	tc->page_entries = 262144;
	tc->bio_entries = 16384;
	tc->file_entries = 16384;
	tc->lat_entries = 8192;
	tc->event_pages = 256;
	tc->page_bytes = (unsigned int)sysconf(_SC_PAGESIZE);
}

bool program_text_has(const struct text_config *tc, enum probe_with with)
{
	switch (with) {
	case WITH_ANY:
		return true;
	case WITH_EVENTS:
		return tc->events;
	case WITH_TIMES:
		return tc->times || tc->latency;
	case WITH_DEVICE_TIMES:
		return tc->device_times || tc->times;
	case WITH_LATENCY:
		return tc->latency;
	case WITH_FILES:
		return tc->by_file;
	case WITH_LANES:
		return tc->lanes;
	case WITH_PAGES:
		return tc->ownership == OWN_PAGE;
	case WITH_CGROUPS:
		return tc->cgroups;
	case WITH_PID_NS:
		return tc->pid_ns;
	}
	return false;
}

static void switches(FILE *f, const struct text_config *tc)
{
	const struct {
		const char *name;
		unsigned int value;
	} list[] = {
		{ "IOAMP_BPF", 1 },
		{ "DIRECT", tc->direct },
		{ "HAVE_TASK_BTF", tc->task_btf },
		{ "HAVE_ATOMICS", tc->atomics },
		{ "EVENTS", tc->events },
		{ "TIMES", tc->times },
		{ "LATENCY", tc->latency },
		{ "DEVICE_TIMES", tc->device_times },
		{ "VFS_FENTRY", tc->vfs_fentry },
		{ "VFS_KPROBE", tc->vfs_kprobe },
		{ "OWNERSHIP", tc->ownership },
		{ "BY_FILE", tc->by_file },
		{ "LANES", tc->lanes },
		{ "AGG_ENTRIES", tc->agg_entries },
		{ "ACTOR_ENTRIES", tc->actor_entries },
		{ "PAGE_ENTRIES", tc->page_entries },
		{ "INODE_ENTRIES", 65536 },
		{ "BIO_ENTRIES", tc->bio_entries },
		{ "FILE_ENTRIES", tc->file_entries },
		{ "LAT_ENTRIES", tc->lat_entries },
		{ "WAIT_ENTRIES", 32768 },
		{ "ENDS_STEPS", 16 },
		{ "SHARE_ENTRIES", tc->actor_entries },
		{ "EVENT_PAGES", tc->event_pages },
		{ "PAGE_BYTES", tc->page_bytes },
		{ "TARGET_TID", tc->tid },
		{ "TOOL_PID_NS", tc->pid_ns },
		{ "TARGET_CGROUP", tc->cgroups },
		{ "IO_HIERARCHY", tc->io_hierarchy },
		{ "MEMORY_HIERARCHY", tc->memory_hierarchy },
		{ "CGROUP_ENTRIES", 16384 },
		/* rounds of one program; the kernel allows 33 tail calls after it */
		{ "WALK_STEPS", 128 },
		{ "CHAIN_STEPS", tc->events ? 12 : 16 },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fprintf(f, "#define %s %u\n", list[i].name, list[i].value);
}

static unsigned int power_of_two(unsigned int n)
{
	while (n & (n - 1))
		n &= n - 1;
	return n;
}

void program_text_round(struct text_config *tc)
{
	tc->page_entries = power_of_two(tc->page_entries);
	tc->event_pages = power_of_two(tc->event_pages);
}

int program_text_build(const struct text_config *tc, const char *preamble, const char *extra, char **out)
{
	char *buf = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&buf, &size);

	if (!f)
		return -ENOMEM;
	switches(f, tc);
	fputs(preamble, f);
	for (unsigned int i = 0; i < probe_texts_count; i++)
		fprintf(f, "\n#line 1 \"%s\"\n%s", probe_texts[i].name, probe_texts[i].text);
	if (extra)
		fprintf(f, "\n#line 1 \"self-check\"\n%s", extra);
	if (fclose(f)) {
		free(buf);
		return -ENOMEM;
	}
	*out = buf;
	return 0;
}
