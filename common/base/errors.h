/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errors - every error of the suite, in one list: name, number (IOAMP-E100 ...), exit status, and
 * what failed, for people. The reason and the command that helps are the caller's. Each is
 * reported in one place; tests/doc checks that.
 */
#ifndef IOAMP_ERRORS_H
#define IOAMP_ERRORS_H

#define ERRORS(X) \
	X(SETUP, 100, 1, "the measurement could not be set up") \
	X(NOT_ALLOWED, 101, 3, "not allowed to load BPF programs") \
	X(USER_NAMESPACE, 102, 3, "root here is not root on the host") \
	X(SECCOMP, 103, 3, "the container's seccomp filter blocks bpf()") \
	X(PROBES, 104, 1, "the probes could not be set up") \
	X(PROBES_CHECK, 105, 1, "the probes could not be checked") \
	X(OPTIONS, 106, 1, "the options could not be read") \
	X(NO_HEADERS, 110, 3, "no kernel headers for the running kernel") \
	X(HEADERS_INCOMPLETE, 111, 3, "kernel headers are incomplete") \
	X(COMPILE, 112, 3, "the probe program did not compile on this kernel") \
	X(NO_BTF, 113, 3, "no BTF in the running kernel") \
	X(NO_KHEADERS, 114, 3, "no embedded headers in the running kernel") \
	X(HEADER_TREE, 115, 3, "the header tree could not be written") \
	X(COMPILER_ENDED, 116, 1, "the compiler process exited unexpectedly") \
	X(COMPILER_REFUSED, 117, 3, "libbcc could not compile the probe program") \
	X(LAYOUT, 118, 1, "the compiled program does not match this tool") \
	X(FOREIGN_TYPES, 119, 3, "the compiler's types are not this kernel's") \
	X(LOCKDOWN, 120, 3, "kernel lockdown is \"confidentiality\"") \
	X(NO_TYPES, 121, 3, "no usable kernel types for the running kernel") \
	X(KHEADERS_EXTRACT, 122, 3, "the kernel's embedded headers could not be extracted") \
	X(NO_LAYER, 131, 3, "no probe for any of these layers can be attached here") \
	X(LIBBCC_OLD, 140, 3, "this libbcc is too old, 0.26 or newer is needed") \
	X(LIBBCC_MISSING, 141, 3, "libbcc, the BPF compiler library, is not installed") \
	X(LIBBCC_CHECK, 142, 3, "libbcc could not be examined") \
	X(TRACEFS, 150, 3, "tracefs is not mounted") \
	X(MAP, 160, 3, "the kernel refused to create a BPF map") \
	X(COMMAND_PREPARE, 170, 1, "COMMAND could not be prepared") \
	X(COMMAND_RUN, 171, 126, "COMMAND could not be run") \
	X(MEASURE, 172, 1, "the measurement failed") \
	X(OUTPUT_OPEN, 173, 1, "the output file could not be opened") \
	X(OUTPUT_WRITE, 174, 1, "the report could not be written") \
	X(NO_PROCESS, 175, 1, "there is no such process") \
	X(INNER_PROCESS, 191, 1, "this is the number of a process inside a PID namespace") \
	X(KERNEL_THREAD, 192, 2, "a kernel thread is no target") \
	X(PROC, 193, 3, "/proc is not that of this PID namespace") \
	X(NO_DISK, 176, 2, "no such disk") \
	X(NO_CGROUP, 177, 2, "no such cgroup") \
	X(NO_CONTAINER, 178, 2, "no such container") \
	X(MANY_CONTAINERS, 179, 2, "the container id is ambiguous") \
	X(NO_SYSTEM, 180, 2, "no such system") \
	X(SCRATCH, 181, 1, "the scratch directory cannot be used") \
	X(NO_SCRATCH, 182, 3, "there is no place for the self-test") \
	X(SELFTEST_FILES, 183, 1, "the self-test could not make its files") \
	X(SELFTEST, 184, 1, "the self-test could not be finished") \
	X(PROCESS_ENDED, 185, 1, "the process cannot be examined") \
	X(RULE_FILE, 186, 1, "the rule file could not be read") \
	X(TERMINAL, 187, 1, "the terminal cannot show a screen") \
	X(WSL, 190, 3, "no header package for the WSL2 kernel") \

enum error {
#define ERROR_ID(name, number, status, what) ERR_##name,
	ERRORS(ERROR_ID)
#undef ERROR_ID
	ERR_MAX
};

#endif
