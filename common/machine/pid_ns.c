/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pid_ns - process numbers here and in PID namespaces below. */
#include "machine/pid_ns.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_PID_NS	0xeffffffcu	/* PROC_PID_INIT_INO, since 3.8 */
#define FLAG_KTHREAD	0x00200000u	/* PF_KTHREAD, since 2.6.27 */

uint32_t pid_ns_number(void)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino == FIRST_PID_NS)
		return 0;
	return (uint32_t)st.st_ino;
}

bool pid_ns_has_proc(void)
{
	char link[32] = "";

	return readlink("/proc/self", link, sizeof(link) - 1) > 0 &&
	       strtoul(link, NULL, 10) == (unsigned long)getpid();
}

bool pid_ns_is_kernel_thread(uint32_t pid)
{
	char path[64], line[512] = "";
	unsigned int flags = 0;
	const char *after;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* the name is in brackets, and may hold anything */
	after = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (after && sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		flags = 0;
	fclose(f);
	return flags & FLAG_KTHREAD;
}

/* Last number of a process's chain when it lies in a namespace below; 0: it does not. */
static uint32_t innermost(const char *pid)
{
	char path[64 + sizeof(((struct dirent *)0)->d_name)], line[256];
	uint32_t last = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *words = line + strlen("NSpid:"), *save, *word;
		unsigned int n = 0;

		if (strncmp(line, "NSpid:", strlen("NSpid:")) != 0)
			continue;
		for (word = strtok_r(words, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
			last = (uint32_t)strtoul(word, NULL, 10);
			n++;
		}
		if (n < 2)
			last = 0;
		break;
	}
	if (f)
		fclose(f);
	return last;
}

uint32_t pid_ns_outer(uint32_t inner)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	uint32_t found = 0;
	bool several = false;

	while (d && (e = readdir(d))) {
		if (!isdigit((unsigned char)*e->d_name) || innermost(e->d_name) != inner)
			continue;
		several = found != 0;
		found = (uint32_t)strtoul(e->d_name, NULL, 10);
		if (several)
			break;
	}
	if (d)
		closedir(d);
	return several ? 0 : found;
}
