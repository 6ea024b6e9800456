/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_verdict - verdicts of layers, and how many of each there are. Pure. */
#include "tools/ioamp-doctor/doctor.h"

#include <stdio.h>
#include <string.h>

/* Is there nothing to see, of all that the user asked for? The tools refuse to start then. */
static bool all_dark(const struct plan *p)
{
	bool asked = false;

	for (int i = 0; i < LAYER_MAX; i++) {
		if (p->layers[i].available)
			return false;
		asked |= p->layers[i].code != REASON_NOT_ASKED;
	}
	return asked;
}

enum verdict doctor_layer_verdict(const struct plan *p, enum layer layer)
{
	const struct layer_state *s = &p->layers[layer];

	/* the machine is not the reason when the user left the layer out */
	if (s->code == REASON_NOT_ASKED)
		return VERDICT_INFO;
	if (s->available)
		return s->reason ? VERDICT_LIMIT : VERDICT_OK;
	return all_dark(p) ? VERDICT_MISSING : VERDICT_LIMIT;
}

/* The reason decides: against the kernel's refusal of a program there is no command, only a report. */
static const char *remedy(const struct layer_state *s, bool btf)
{
	if (s->available && btf)
		return "grep -l DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y /boot/config-*    (with it,"
			" fentry sees what is returned)";
	if (s->available)
		return "grep -l CONFIG_DEBUG_INFO_BTF=y /boot/config-*    (with BTF, fentry sees"
			" what is returned)";
	if (s->code == REASON_OTHER_KIND)
		return "sudo ioamp-doctor    (without --attach: the layer has other kinds of hook)";
	if (s->reason && strstr(s->reason, "no kprobes"))
		return "grep -l CONFIG_KPROBES=y /boot/config-*    (boot one of these;"
			" fentry or kprobes, one of them is enough)";
	return "sudo ioamp-doctor -vv    (shows each probe's reason; the kernel refuses a program:"
		" please report this with the output)";
}

void doctor_mend(struct plan *p, bool btf)
{
	for (int i = 0; i < LAYER_MAX; i++) {
		enum verdict v = doctor_layer_verdict(p, (enum layer)i);

		if (v == VERDICT_LIMIT || v == VERDICT_MISSING)
			snprintf(p->fixes[i], sizeof(p->fixes[i]), "%s", remedy(&p->layers[i], btf));
	}
}

size_t doctor_count(const struct diagnosis *d, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < d->checks.n; i++)
		n += d->checks.v[i].verdict == verdict;
	for (int i = 0; d->plan.made && i < LAYER_MAX; i++)
		n += doctor_layer_verdict(&d->plan, (enum layer)i) == verdict;
	return n;
}

int doctor_status(const struct diagnosis *d)
{
	return doctor_count(d, VERDICT_MISSING) ? 3 : 0;
}
