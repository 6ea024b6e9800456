/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * one_tool - the main file of a tool (TOOL_FILE) as part of a test: its main() is out of the way,
 * and TOOL_GET() returns its struct tool.
 */
static int unused_main(int argc, char **argv) __attribute__((unused));
#define main unused_main
#include TOOL_FILE

const struct tool *TOOL_GET(void);

const struct tool *TOOL_GET(void)
{
	return &tool;
}
