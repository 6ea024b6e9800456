/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-doctor - what this machine can measure, what not and why, what helps; and a self-test. */
#include <errno.h>

#include "tool/opt_shared.h"
#include "tool/opt_value.h"
#include "tool/tool.h"
#include "tools/ioamp-doctor/doctor.h"
#include "tools/ioamp-doctor/out_doctor.h"
#include "tools/ioamp-doctor/out_selftest.h"

static const char usage[] =
	"Usage: ioamp-doctor [OPTIONS]\n"
	"List what these tools can measure on this machine, what not and why, and the\n"
	"command that helps; or check the figures with a known workload (--selftest).\n";

static const char examples[] =
	"  ioamp-doctor                        # the machine, and how layers attach\n"
	"  ioamp-doctor -v                     # each probe, too\n"
	"  ioamp-doctor -q                     # only what is wrong; 3: cannot trace\n"
	"  ioamp-doctor -j >doctor.json        # for programs\n"
	"  ioamp-doctor --selftest             # known I/O against every figure\n"
	"  ioamp-doctor --selftest --scratch . # the same on the disk of this directory\n";

/* ---- options ---- */

#define SETS(member) OPT_SETS_OWN(struct doctor_wish, member)

static const struct opt_def own_options[] = {
	{ 0, "selftest", NULL, "run a workload whose I/O is known, and compare every figure with it",
	  .kind = OPT_FLAG, SETS(selftest) },
	{ 0, "scratch", "DIR", "with --selftest: its disk is a file in DIR, not in memory",
	  .kind = OPT_TEXT, SETS(scratch) },
	{ 0, "systems", NULL, "list the system of each process, or of the PID that follows,"
	  " and the evidence", .kind = OPT_FLAG, SETS(list_systems) },
	{ 0, "lint", "FILE", "check a rule file for systems", .kind = OPT_TEXT, SETS(lint) },
	{ 0 },
};

static const struct opt_words words[] = {
	{ "quiet", "only what is wrong" },
	{ "verbose", "each probe, too; -vv also the compiler's words" },
	{ 0 },
};

/* The PID of --systems. */
static int operands(struct options *o, int argc, char **argv)
{
	static const struct opt_def pid = { .name = "PID", OPT_RANGE(1, OPT_PID_LIMIT) };
	const struct doctor_wish *wish = o->own;

	if (wish->list_systems && argc == 1)
		return opt_value_pids(o, &pid, argv[0]);
	log_usage(wish->list_systems ? "'%s': --systems takes one PID" : "'%s' is not an option",
		  argv[wish->list_systems]);
	return -EINVAL;
}

static int check(const struct options *o)
{
	const struct doctor_wish *wish = o->own;

	if (wish->scratch && !wish->selftest)
		log_usage("--scratch is for --selftest");
	else if (wish->selftest + wish->list_systems + !!wish->lint > 1)
		log_usage("--selftest, --systems and --lint exclude each other");
	else
		return 0;
	return -EINVAL;
}

/* ---- formats ---- */

static int text_diagnosis(FILE *f, const struct options *o, const struct diagnosis *d)
{
	return out_doctor_text(f, d, o->quiet, o->verbose > 0, &o->style);
}

static int text_selftest(FILE *f, const struct options *o, const struct selftest *t)
{
	return out_selftest_text(f, t, o->quiet, &o->style);
}

static int text_systems(FILE *f, const struct options *o, const struct systems_report *r)
{
	return out_systems_text(f, r, o->quiet, &o->style);
}

static int json_diagnosis(FILE *f, const struct options *o, const struct diagnosis *d)
{
	(void)o;
	return out_doctor_json(f, d);
}

static int json_selftest(FILE *f, const struct options *o, const struct selftest *t)
{
	(void)o;
	return out_selftest_json(f, t);
}

static int json_systems(FILE *f, const struct options *o, const struct systems_report *r)
{
	(void)o;
	return out_systems_json(f, r);
}

static const struct doctor_writer text = {
	{ .name = "text" }, text_diagnosis, text_selftest, text_systems,
};
static const struct doctor_writer json = {
	{ .name = "json" }, json_diagnosis, json_selftest, json_systems,
};
static const struct writer *const writers[] = { &text.writer, &json.writer, NULL };

static const struct tool tool = {
	.name = "ioamp-doctor",
	.usage = usage,
	.examples = examples,
	.options = {
		own_options, opt_shared_rows, opt_shared_output, opt_shared_probes, opt_shared_always,
	},
	.words = words,
	.own_size = sizeof(struct doctor_wish),
	.operands = operands,
	.check = check,
	.writers = writers,
	.alone = doctor_run,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
