/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_shared - the options of several tools, as tables for struct tool. */
#ifndef IOAMP_OPT_SHARED_H
#define IOAMP_OPT_SHARED_H

#include "tool/opt_def.h"

#define OPT_PID_LIMIT	4194304		/* the kernel's PID_MAX_LIMIT */

extern const struct opt_def opt_shared_target[];	/* whose I/O */
extern const struct opt_def opt_shared_command[];	/* COMMAND and its end */
extern const struct opt_def opt_shared_window[];	/* how long */
extern const struct opt_def opt_shared_rows[];		/* what a row is, and which layers */
extern const struct opt_def opt_shared_output[];	/* formats, numbers, FILE */
extern const struct opt_def opt_shared_probes[];	/* kernel types, probes, sizes of tables */
extern const struct opt_def opt_shared_always[];	/* --help, --version */

#endif
