/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place - loads the programs of a compiled text and attaches them. */
#include "engine/place.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/message.h"
#include "engine/program.h"

#define WHY_MAX 160

bool place_wants(const struct engine_request *rq, const struct probe *p, const struct hook *h)
{
	if (!(p->layers & rq->layers) || !program_text_has(&rq->text, p->only_with))
		return false;
	if (p->always)
		return true;
	switch (rq->attach) {
	case ATTACH_AUTO:
		return true;
	case ATTACH_TRACEPOINT:
		return h->kind == HOOK_TP || h->kind == HOOK_TRACEPOINT;
	case ATTACH_FENTRY:
		return h->kind == HOOK_FEXIT;
	case ATTACH_KPROBE:
		return h->kind == HOOK_KPROBE;
	}
	return false;
}

void place_function(const struct probe *p, const struct hook *h, char *name, size_t size)
{
	const char *prefix = h->kind == HOOK_FEXIT ? "fexit__" : h->kind == HOOK_KPROBE ? "kprobe__" : "tp__";

	snprintf(name, size, "%s%s", prefix, p->program ? p->program : h->point);
}

/* Appends a reason; several hooks often fail for the same reason, which is written once. */
static void why_add(char *why, size_t size, const char *reason)
{
	size_t n = strlen(why);

	if (*reason && !strstr(why, reason))
		snprintf(why + n, size - n, "%s%s", n ? "; " : "", reason);
}

static struct attach_program program_named(const struct placement *x, const struct hook *h,
					   const char *function, const char *bpf_name)
{
	struct attach_program a = {
		.hook = h, .bpf_name = bpf_name, .direct = x->config->direct, .kt = x->kt,
	};

	a.insns = program_function(x->program, function, &a.count);
	return a;
}

static bool load_continuation(const struct placement *x, const struct probe *p, int i,
			      const struct hook *h, char why[WHY_MAX])
{
	const struct continuation *c = &p->continuations[i];
	struct attach_program a = program_named(x, h, c->program, c->bpf_name);
	struct message m = {
		.kind = MSG_PROGRAM, .index = (int)(p - probe_catalog), .role = PROGRAM_CONTINUATION,
	};
	int map = program_map(x->program, c->map, sizeof(__u32), sizeof(__u32));
	int prog = map < 0 || !a.insns ? -1 : attach_load(&a, why, WHY_MAX);

	if (prog < 0)
		return false;
	/* the kernel empties a map of programs when its last descriptor is closed: both are sent */
	if (bpf_map_update_elem(map, &(__u32){ 0 }, &prog, BPF_ANY)) {
		snprintf(why, WHY_MAX, "%s", strerror(errno));
		close(prog);
		return false;
	}
	message_send(x->sock, &m, (int[]){ prog, map }, 2);
	close(prog);
	return true;
}

/* Before the probe is attached: it may run at once. False if one is refused: the probe is useless then. */
static bool load_continuations(const struct placement *x, const struct probe *p, const struct hook *h,
			       char why[WHY_MAX])
{
	for (int i = 0; i < PROBE_CONTINUATIONS && p->continuations[i].program; i++)
		if (!load_continuation(x, p, i, h, why))
			return false;
	return true;
}

static bool attach_and_send(const struct placement *x, const struct attach_program *a, struct message *m,
			    char why[WHY_MAX])
{
	struct attached done;

	if (attach_hook(a, &done, why, WHY_MAX))
		return false;
	m->via = done.via;
	message_send(x->sock, m, (int[]){ done.prog, done.link }, 2);
	close(done.prog);
	close(done.link);
	return true;
}

/* Without it, runs that the kernel skips are losses, and counted as such. */
static void attach_understudy(const struct placement *x, const struct probe *p, const struct hook *h)
{
	struct attach_program a = program_named(x, h, p->understudy.program, p->understudy.bpf_name);
	struct message m = {
		.kind = MSG_PROGRAM, .index = (int)(p - probe_catalog), .role = PROGRAM_UNDERSTUDY,
	};
	char why[WHY_MAX];

	if (a.insns)
		attach_and_send(x, &a, &m, why);
}

/* The result is sent when it is attached; else the reason is added to the message. */
static bool try_hook(const struct placement *x, const struct probe *p, int hook, struct message *m)
{
	const struct hook *h = &p->hooks[hook];
	struct message attached = *m;
	char function[96], name[16], why[WHY_MAX] = "";
	struct attach_program a;

	place_function(p, h, function, sizeof(function));
	snprintf(name, sizeof(name), "ioamp_%.9s", p->bpf_name ? p->bpf_name : p->name);
	a = program_named(x, h, function, name);
	attached.hook = hook;
	attached.reason = REASON_NONE;
	attached.text[0] = 0;
	if (h->kind == HOOK_FEXIT && !x->config->vfs_fentry)
		snprintf(why, sizeof(why), "%s", x->no_fentry);
	else if (h->kind == HOOK_KPROBE && !x->config->vfs_kprobe)
		snprintf(why, sizeof(why), "%s", x->no_kprobe);
	else if (!a.insns)
		snprintf(why, sizeof(why), "these switches leave it out");
	else if (load_continuations(x, p, h, why) && attach_and_send(x, &a, &attached, why)) {
		if (p->understudy.program)
			attach_understudy(x, p, h);
		return true;
	}
	why_add(m->text, sizeof(m->text), why);
	return false;
}

/* Why the request has no use for any hook of a probe. */
static enum reason not_wanted(const struct placement *x, const struct probe *p, char *words, size_t size)
{
	if (!(p->layers & x->rq->layers)) {
		snprintf(words, size, "not asked for");
		return REASON_NOT_ASKED;
	}
	if (!program_text_has(&x->rq->text, p->only_with)) {
		snprintf(words, size, "not needed by these options");
		return REASON_NOT_NEEDED;
	}
	snprintf(words, size, "no hook of the kind asked for");
	return REASON_OTHER_KIND;
}

/* Tries the hooks of one probe in order, and sends the result. False: wanted, and not attached. */
static bool attach_probe(struct placement *x, int index)
{
	const struct probe *p = &probe_catalog[index];
	struct message m = { .kind = MSG_PROBE, .index = index, .hook = -1, .reason = REASON_REFUSED };
	bool wanted = false;

	for (int i = 0; i < PROBE_HOOKS && p->hooks[i].point; i++) {
		if (!place_wants(x->rq, p, &p->hooks[i]))
			continue;
		wanted = true;
		if (try_hook(x, p, i, &m))
			return true;
	}
	if (!wanted)
		m.reason = not_wanted(x, p, m.text, sizeof(m.text));
	else if (p->need == NEED_LAYER)
		snprintf(x->refused, sizeof(x->refused), "%s: %.160s", p->name, m.text);
	message_send(x->sock, &m, NULL, 0);
	return !wanted;
}

bool place_all(struct placement *x)
{
	bool good = true;

	for (unsigned int i = 0; i < probe_catalog_count; i++)
		good &= attach_probe(x, (int)i) || probe_catalog[i].need != NEED_LAYER;
	return good;
}
