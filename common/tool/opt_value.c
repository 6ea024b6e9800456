/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_value - turns the value of an option into what it means, or says why it cannot. */
#include "tool/opt_value.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/names.h"
#include "base/nearest.h"
#include "machine/container.h"

#define SHORTEST	1e-3		/* seconds; timers of less would round to "never" */
#define LONGEST		1e9

static void join(char *list, size_t size, const char *word)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", word);
}

/* ---- values ---- */

/* Operands (INTERVAL, COUNT, PID) have a definition without `arg`, and no dashes in messages. */
#define DASHES(d) ((d)->arg ? "--" : "")

int opt_value_number(const struct opt_def *d, const char *value, uint64_t *out)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(value, &end, 10);
	/* strtoull() alone would take "-1", " 1" and "" */
	if (!isdigit((unsigned char)*value) || *end || errno || v < d->min || v > d->max) {
		log_usage("%s%s: '%s' is not a whole number from %llu to %llu", DASHES(d), d->name, value,
			  (unsigned long long)d->min, (unsigned long long)d->max);
		return -EINVAL;
	}
	*out = v;
	return 0;
}

static double unit_seconds(const char *unit)
{
	static const struct { const char *name; double seconds; } units[] = {
		{ "", 1 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].seconds;
	return 0;
}

/* Not strtod(): it follows the locale, and accepts "inf", "nan" and "0x1". */
static int take_time(const struct opt_def *d, const char *value, double *out)
{
	const char *s = value;
	double number = 0, scale = 1;

	for (; isdigit((unsigned char)*s); s++)
		number = number * 10 + (*s - '0');
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++, scale *= 10)
			number = number * 10 + (*s - '0');
	number = number / scale * unit_seconds(s);
	/* without digits or with an unknown unit the number is 0; too many digits make it NaN */
	if (!(number >= SHORTEST && number <= LONGEST)) {
		log_usage("%s%s: '%s' is not a time: a number of seconds, or one with ms, s, m or h"
			  " (1.5s), 1ms at least", DASHES(d), d->name, value);
		return -EINVAL;
	}
	*out = number;
	return 0;
}

int opt_value_unknown(const struct tool *tool, const struct opt_def *d, const char *value)
{
	struct nearest near = nearest_start(value);
	char list[128] = "";
	const char *name;

	for (size_t i = 0; (name = opt_def_value(tool, d, i)); i++) {
		nearest_try(&near, name);
		join(list, sizeof(list), name);
	}
	log_usage("--%s: '%s' is unknown (supported here: %s)%s%s%s", d->name, value, list,
		  HINT(near, ""));
	return -EINVAL;
}

int opt_value_choice(struct options *o, const struct opt_def *d, const char *value)
{
	for (const struct opt_choice *c = d->choices; c->name; c++)
		if (!strcmp(c->name, value)) {
			memcpy(opt_def_member(o, d), &c->value, sizeof(c->value));
			return 0;
		}
	return opt_value_unknown(NULL, d, value);
}

/* ---- lists ---- */

#define ITEM_MAX 256

typedef int take_item(struct options *o, const struct opt_def *d, const char *item);

static int each_item(struct options *o, const struct opt_def *d, const char *value, take_item *take)
{
	char item[ITEM_MAX];
	size_t n;
	int err = 0;

	for (;; value += n + 1) {
		n = strcspn(value, ",");
		if (!n || n >= sizeof(item)) {
			log_usage("--%s: %s in the list", d->name,
				  n ? "a name is too long" : "an item is missing before or after a comma");
			return -EINVAL;
		}
		memcpy(item, value, n);
		item[n] = '\0';
		err = take(o, d, item);
		if (err || !value[n])
			return err;
	}
}

static int too_many(const struct opt_def *d, unsigned int limit)
{
	log_usage("--%s: more than %u in the list", d->name, limit);
	return -EINVAL;
}

static int one_pid(struct options *o, const struct opt_def *d, const char *item)
{
	uint64_t pid;
	int err = opt_value_number(d, item, &pid);

	if (err)
		return err;
	if (o->ask.target.nr_pids == TARGET_MAX_PIDS)
		return too_many(d, TARGET_MAX_PIDS);
	o->ask.target.pids[o->ask.target.nr_pids++] = (uint32_t)pid;
	return 0;
}

int opt_value_pids(struct options *o, const struct opt_def *d, const char *value)
{
	return each_item(o, d, value, one_pid);
}

/* Copies an item behind the last one in `text`; argv stays as the user typed it. NULL: no room. */
static const char *keep_item(char *text, size_t size, const char *last, const char *item)
{
	size_t used = last ? (size_t)(last - text) + strlen(last) + 1 : 0, n = strlen(item) + 1;

	return n > size - used ? NULL : memcpy(text + used, item, n);
}

static int one_disk(struct options *o, const struct opt_def *d, const char *item)
{
	const char *last = o->ask.target.nr_disks ? o->ask.target.disks[o->ask.target.nr_disks - 1] : NULL, *kept;

	if (!strncmp(item, "/dev/", 5))
		item += 5;
	if (!*item) {
		log_usage("--%s: a disk name is missing after /dev/", d->name);
		return -EINVAL;
	}
	kept = o->ask.target.nr_disks < TARGET_MAX_DISKS ? keep_item(o->ask.target.disk_text, sizeof(o->ask.target.disk_text), last, item) : NULL;
	if (!kept)
		return too_many(d, TARGET_MAX_DISKS);
	o->ask.target.disks[o->ask.target.nr_disks++] = kept;
	return 0;
}

/* The name is not checked here: the rule files are read later. */
static int one_system(struct options *o, const struct opt_def *d, const char *item)
{
	const char *last = o->ask.target.nr_systems ? o->ask.target.systems[o->ask.target.nr_systems - 1] : NULL, *kept;

	kept = o->ask.target.nr_systems < TARGET_MAX_SYSTEMS ?
		keep_item(o->ask.target.system_text, sizeof(o->ask.target.system_text), last, item) : NULL;
	if (!kept)
		return too_many(d, TARGET_MAX_SYSTEMS);
	o->ask.target.systems[o->ask.target.nr_systems++] = kept;
	return 0;
}

int opt_value_systems(struct options *o, const struct opt_def *d, const char *value)
{
	return each_item(o, d, value, one_system);
}

int opt_value_disks(struct options *o, const struct opt_def *d, const char *value)
{
	return each_item(o, d, value, one_disk);
}

static int one_layer(struct options *o, const struct opt_def *d, const char *item)
{
	static const struct opt_choice shorts[] = {
		{ "sys", LAYER_APPLICATION }, { "fs", LAYER_FILESYSTEM }, { "blk", LAYER_BLOCK },
		{ "dev", LAYER_DEVICE }, { NULL, 0 },
	};
	struct nearest near = nearest_start(item);
	char list[128] = "";
	int found = -1;

	for (int l = 0; l < LAYER_MAX; l++) {
		if (!strcmp(item, names_layer((enum layer)l)))
			found = l;
		nearest_try(&near, names_layer((enum layer)l));
		join(list, sizeof(list), names_layer((enum layer)l));
	}
	for (const struct opt_choice *c = shorts; c->name; c++)
		if (!strcmp(item, c->name))
			found = c->value;
	if (found < 0) {
		log_usage("--%s: '%s' is not a layer (%s)%s%s%s", d->name, item, list, HINT(near, ""));
		return -EINVAL;
	}
	o->ask.engine.layers |= 1u << found;
	return 0;
}

int opt_value_layers(struct options *o, const struct opt_def *d, const char *value)
{
	return each_item(o, d, value, one_layer);
}

/* ---- values with a rule of their own ---- */

int opt_value_duration(struct options *o, const struct opt_def *d, const char *value)
{
	return take_time(d, value, &o->duration_s);
}

#define INTERVAL_MIN_S 0.1	/* reading the counters takes time, too */

int opt_value_interval(struct options *o, const char *value)
{
	static const struct opt_def interval = { .name = "INTERVAL" };
	static const struct opt_def count = { .name = "COUNT", .min = 1, .max = UINT32_MAX };
	uint64_t n;
	int err;

	if (o->count) {
		log_usage("'%s': nothing may follow INTERVAL and COUNT; put -- before a command",
			  value);
		return -EINVAL;
	}
	if (o->interval_s > 0) {
		err = opt_value_number(&count, value, &n);
		if (!err)
			o->count = (unsigned int)n;
		return err;
	}
	if (*value < '0' || *value > '9') {
		log_usage("'%s' is not an INTERVAL; put -- before a command", value);
		return -EINVAL;
	}
	err = take_time(&interval, value, &o->interval_s);
	if (!err && o->interval_s < INTERVAL_MIN_S) {
		log_usage("an INTERVAL of %s is too short; 100ms is the shortest", value);
		return -EINVAL;
	}
	return err;
}

int opt_value_settle(struct options *o, const struct opt_def *d, const char *value)
{
	o->settle_wait_s = 0;
	if (strncmp(value, "wait:", 5))
		return opt_value_choice(o, d, value);
	o->settle = SETTLE_WAIT;
	return take_time(d, value + 5, &o->settle_wait_s);
}

int opt_value_container(struct options *o, const struct opt_def *d, const char *value)
{
	if (!container_want_valid(value)) {
		log_usage("--%s: '%s' is neither an id nor a name of a container", d->name, value);
		return -EINVAL;
	}
	o->ask.target.container = value;
	return 0;
}

/* The kernel accepts only powers of two as the size of a ring buffer. */
int opt_value_pages(struct options *o, const struct opt_def *d, const char *value)
{
	uint64_t pages;
	int err = opt_value_number(d, value, &pages);

	if (!err && pages & (pages - 1)) {
		log_usage("--%s: %s is not a power of two (1, 2, 4 ... %u)", d->name, value,
			  (unsigned int)d->max);
		return -EINVAL;
	}
	if (!err)
		o->buffer_pages = (unsigned int)pages;
	return err;
}

int opt_value_ready_fd(struct options *o, const struct opt_def *d, const char *value)
{
	uint64_t fd;
	int err = opt_value_number(d, value, &fd), mode;

	if (err)
		return err;
	mode = fcntl((int)fd, F_GETFD) < 0 ? -1 : fcntl((int)fd, F_GETFL);
	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY) {
		log_usage("--%s: descriptor %s is not open%s", d->name, value,
			  mode < 0 ? "" : " for writing");
		return -EINVAL;
	}
	o->ready_fd = (int)fd;
	return 0;
}
