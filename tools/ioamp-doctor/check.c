/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check - small files of the examined machine, for all checks. */
#include "tools/ioamp-doctor/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *check_path(const struct check *c, const char *format, ...)
{
	static char path[4][PATH_MAX];
	static unsigned int turn;
	char *buf = path[turn++ % 4];
	int n = snprintf(buf, PATH_MAX, "%s", c->m->root);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + n, PATH_MAX - (size_t)n, format, ap);
	va_end(ap);
	return buf;
}

bool check_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

bool check_first_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	else
		*buf = '\0';
	return ok;
}

long check_number(const char *path)
{
	char line[64], *end;
	long n;

	if (!check_first_line(path, line, sizeof(line)))
		return -1;
	n = strtol(line, &end, 10);
	return end == line ? -1 : n;
}

bool check_has_capability(const struct check *c, unsigned int cap)
{
	return c->self.caps >> cap & 1;
}

void check_system_name(const char *os_release, char *out, size_t size)
{
	FILE *f = fopen(os_release, "re");
	char line[256];

	snprintf(out, size, "Linux");
	while (f && fgets(line, sizeof(line), f)) {
		char *value = line + 12;

		if (strncmp(line, "PRETTY_NAME=", 12))
			continue;
		value += *value == '"' || *value == '\'';
		snprintf(out, size, "%.*s", (int)strcspn(value, "\"'\n"), value);
	}
	if (f)
		fclose(f);
}
