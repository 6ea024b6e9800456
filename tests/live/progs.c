/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progs - lists the BPF programs of ours that the kernel has loaded, a name per line. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	__u32 id = 0, size;
	int fd;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info;

		memset(&info, 0, sizeof(info));
		size = sizeof(info);
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && !strncmp(info.name, "ioamp_", 6))
			puts(info.name);
		close(fd);
	}
	return 0;
}
