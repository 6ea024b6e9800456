/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-doctor - what this machine can measure, why not, what to type; and a self-test. */
#include "tools/ioamp-doctor/doctor.h"
#include "tool/tool.h"

static const struct tool tool = {
	.id = TOOL_DOCTOR,
	.name = "ioamp-doctor",
	.alone = doctor_run,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
