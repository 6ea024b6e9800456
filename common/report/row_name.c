/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_name - what rows are called in tables, and the head of such a column. */
#include "report/row_name.h"

#include <string.h>

#include "base/utf8.h"
#include "report/prose.h"

const char *row_name_head(enum row_by by)
{
	static const char *const heads[] = {
		[BY_PROCESS] = "COMM", [BY_SYSTEM] = "SYSTEM", [BY_ROLE] = "ROLE",
		[BY_CGROUP] = "CGROUP", [BY_CONTAINER] = "CONTAINER", [BY_FILE] = "FILE",
		[BY_DEVICE] = "DISK", [BY_TOTAL] = "NAME",
	};

	return heads[by];
}

const char *row_name_word(const struct row *row)
{
	if (row->kind != ROW_OWNER)
		return row_kind_name(row->kind);
	switch (row->by) {
	case BY_PROCESS: return row->comm;
	case BY_SYSTEM:
	case BY_ROLE: return row->system;
	case BY_CGROUP: return row->cgroup;
	case BY_CONTAINER: return row->container;
	case BY_FILE: return row->file ? row->file : "[no file]";	/* journal, metadata */
	case BY_DEVICE: return row->disk;
	case BY_TOTAL: break;
	}
	return "total";
}

void row_name_system(char *buf, size_t size, const struct row_names *n, const char *instance)
{
	struct prose t = { 0 };

	prose_add(&t, "%s", n->system);
	if (instance)
		prose_add(&t, "%s%s", *instance == '/' ? "" : "/", instance);
	if (n->role)
		prose_add(&t, " %s", n->role);
	utf8_safe(buf, size, t.buf);
}

bool row_name_has_sister(const struct row_names *of, const struct row_names *first, size_t n,
			 size_t stride)
{
	for (size_t i = 0; of->instance && i < n; i++) {
		const struct row_names *other = (const void *)((const char *)first + i * stride);

		if (other->instance && !strcmp(other->system, of->system) &&
		    strcmp(other->instance, of->instance))
			return true;
	}
	return false;
}

#define ID_DIGITS	64	/* a container's, in the path of its cgroup */
#define ID_SHOWN	12	/* enough for those who type it */

void row_name_shorten_ids(char *path)
{
	static const char dots[] = "...";

	for (size_t n; *path; path += n) {
		n = strspn(path, "0123456789abcdef");
		if (n == ID_DIGITS) {
			memcpy(path + ID_SHOWN, dots, sizeof(dots) - 1);
			memmove(path + ID_SHOWN + sizeof(dots) - 1, path + n, strlen(path + n) + 1);
			n = ID_SHOWN + sizeof(dots) - 1;
		}
		n = n ? n : 1;
	}
}
