/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbols - addresses of the kernel functions that complete bios, from /proc/kallsyms. */
#include "machine/symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"

static unsigned int endio_kind(const char *name)
{
	for (const struct endio_name *e = probe_endios; e->symbol; e++)
		if (!strcmp(e->symbol, name))
			return e->kind;
	return ENDIO_UNKNOWN;
}

/* A cheap look before the list is searched: all names begin with one of these. */
static bool may_be(const char *name)
{
	return strchr("abcdefijmrswx", *name) && (strstr(name, "end") || strstr(name, "super_written") ||
						  strstr(name, "complete_rw"));
}

int symbols_read(struct symbols *s)
{
	static char buffer[1 << 16];
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], type, *name, *end;
	bool hidden = false;

	s->n = 0;
	if (!f)
		return -errno;
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (fgets(line, sizeof(line), f) && s->n < SYMBOLS_MAX) {
		__u64 addr = strtoull(line, &end, 16);
		unsigned int kind;

		type = end[0] ? end[1] : 0;
		if ((type != 't' && type != 'T') || !end[2])
			continue;
		name = end + 3;
		if (!may_be(name))
			continue;
		name[strcspn(name, " \t\n.")] = 0;
		kind = endio_kind(name);
		if (!kind)
			continue;
		if (!addr) {
			hidden = true;
			break;
		}
		s->v[s->n++] = (struct symbol_endio){ addr, kind };
	}
	fclose(f);
	return hidden ? -EPERM : 0;
}
