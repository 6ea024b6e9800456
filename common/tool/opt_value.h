/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * opt_value - parses the value of an option: 0, or -EINVAL after a message.
 *
 * A value is never empty. After an error the members that the option sets are undefined.
 */
#ifndef IOAMP_OPT_VALUE_H
#define IOAMP_OPT_VALUE_H

#include "tool/opt_def.h"
#include "tool/options.h"

/* A whole decimal number from d->min to d->max; *out is set only on 0. */
int opt_value_number(const struct opt_def *d, const char *value, uint64_t *out);
/* One of d->choices, into the member that `d` sets. */
int opt_value_choice(struct options *o, const struct opt_def *d, const char *value);
/* Reports an unknown value with the list of known ones. Always -EINVAL. */
int opt_value_unknown(const struct tool *tool, const struct opt_def *d, const char *value);

/* For `take` in tables. A list is added to the list of an earlier use of the option. */
int opt_value_pids(struct options *o, const struct opt_def *d, const char *value);
int opt_value_disks(struct options *o, const struct opt_def *d, const char *value);
int opt_value_systems(struct options *o, const struct opt_def *d, const char *value);
int opt_value_layers(struct options *o, const struct opt_def *d, const char *value);
int opt_value_duration(struct options *o, const struct opt_def *d, const char *value);
int opt_value_settle(struct options *o, const struct opt_def *d, const char *value);
int opt_value_container(struct options *o, const struct opt_def *d, const char *value);
int opt_value_pages(struct options *o, const struct opt_def *d, const char *value);
/* The descriptor must be open for writing. */
int opt_value_ready_fd(struct options *o, const struct opt_def *d, const char *value);

/* The next operand: INTERVAL, then COUNT. */
int opt_value_interval(struct options *o, const char *value);

#endif
