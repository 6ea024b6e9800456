/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-stat - run a command, or watch a target, and print its I/O layer by layer. */
#include <errno.h>

#include "tool/opt_shared.h"
#include "tool/tool.h"

static const char usage[] =
	"Usage: ioamp-stat [OPTIONS] [--] COMMAND [ARG...]\n"
	"       ioamp-stat [OPTIONS] {-p PID | --cgroup PATH | --container ID | -a}\n"
	"                  [--duration TIME]\n"
	"Run COMMAND, or watch a target until --duration or Ctrl-C, and count the bytes\n"
	"and operations that its I/O became at each layer of the kernel.\n";

static const char examples[] =
	"  ioamp-stat dd if=/dev/zero of=x bs=4k count=99   # what this dd costs a disk\n"
	"  ioamp-stat -j -o sum.json -- make                # JSON into a file\n"
	"  ioamp-stat -p 1234 --duration 10                 # a running process, 10 s\n"
	"  ioamp-stat --cgroup system.slice/cron.service    # a service, until Ctrl-C\n"
	"  ioamp-stat -a --by device --duration 1m          # the machine, by disk\n"
	"  ioamp-stat --settle none -- cp -r a b            # dirty data stays pending\n";

/* Only -a measures the whole machine, so that nobody does so by mistake. */
static int check(const struct options *o)
{
	const struct target_wish *t = &o->ask.target;

	if (t->command || t->nr_pids || t->tid || t->cgroup || t->container || t->comm ||
	    t->nr_systems || t->all || o->show_ebpf)
		return 0;
	log_usage("no target: give a COMMAND, -p PID, -S SYSTEM, --cgroup PATH,"
		  " --container ID, or -a for the whole machine");
	return -EINVAL;
}

static const struct tool tool = {
	.name = "ioamp-stat",
	.usage = usage,
	.examples = examples,
	.options = {
		opt_shared_target, opt_shared_command, opt_shared_window, opt_shared_rows,
		opt_shared_output, opt_shared_probes, opt_shared_always,
	},
	.check = check,
	.writers = writer_common,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
