/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oneprobe - the smallest libbcc program, to compare with: an empty one on
 * sys_exit. `oneprobe compile COMMAND...` compiles it with types from BTF;
 * `oneprobe insns COMMAND...` loads two instructions; `oneprobe pair COMMAND...` these on
 * sys_enter, too. Then it runs COMMAND.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/bcc.h"
#include "types/ktypes.h"

static const char body[] = "int empty(void *ctx)\n{\n\treturn 0;\n}\n";

static int load_compiled(void)
{
	struct failure e;
	struct failure f = { 0 };
	struct ktypes *kt;
	struct bcc *b;
	const struct bpf_insn *insns;
	char dir[256], scratch[] = "/tmp/oneprobe-XXXXXX", *text;
	size_t n = 0;

	if (ktypes_open(&kt, KTYPES_AUTO, 0, &e) || !mkdtemp(scratch) ||
	    ktypes_materialize(kt, scratch, dir, sizeof(dir), &e) || bcc_open(&b, &f) ||
	    asprintf(&text, "%s%s", ktypes_preamble(kt), body) < 0 ||
	    bcc_compile(b, text, ktypes_cflags(kt), dir))
		return -1;
	insns = bcc_function(b, "empty", &n);
	return insns ? bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "empty", "GPL", insns, n, NULL) : -1;
}

static int load_plain(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "empty", "GPL", insns, 2, NULL);
}

int main(int argc, char **argv)
{
	int prog, status = 0;
	pid_t pid;

	if (argc < 3)
		return 2;
	prog = !strcmp(argv[1], "compile") ? load_compiled() : load_plain();
	if (prog < 0 || bpf_raw_tracepoint_open("sys_exit", prog) < 0 ||
	    (!strcmp(argv[1], "pair") && bpf_raw_tracepoint_open("sys_enter", load_plain()) < 0)) {
		fprintf(stderr, "oneprobe: cannot trace here\n");
		return 3;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
