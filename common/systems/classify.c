/* SPDX-License-Identifier: GPL-3.0-or-later */
/* classify - evidence to points, points to a system, an instance and roles. */
#include "systems/classify.h"

#include <fnmatch.h>
#include <string.h>

#define POINTS_HOST	10	/* for an interpreter: only the command line tells which program runs */

static const int weights[EVIDENCE_KINDS] = {
	[EVIDENCE_EXE] = 50, [EVIDENCE_CMDLINE] = 40, [EVIDENCE_UNIT] = 35, [EVIDENCE_IMAGE] = 30,
	[EVIDENCE_OPENFILE] = 30, [EVIDENCE_PORT] = 10, [EVIDENCE_COMM] = 15, [EVIDENCE_PARENT] = 50,
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool among(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!fnmatch(*list, name, 0))
			return true;
	return false;
}

/* Interpreters and the like: the program alone does not tell the system. */
static bool is_host(const char *exe)
{
	static const char *const hosts[] = {
		"java", "python*", "pypy*", "beam.smp", "node", "nodejs", "perl*", "ruby*", "php*", "dotnet",
		"mono*", "lua*", "guile*", "tclsh*", "sh", "bash", "dash", "zsh", "ksh*", "busybox", "qemu-*-static",
		NULL,
	};

	return among(hosts, base_name(exe));
}

bool classify_stops(const char *comm, const char *exe)
{
	static const char *const stops[] = {
		"sh", "bash", "dash", "ash", "zsh", "ksh*", "mksh", "fish", "csh", "tcsh", "busybox",
		"containerd-shim*", "conmon*", "crun", "runc", "tini", "dumb-init", "catatonit", "docker-init",
		"systemd", "init", "su", "sudo", "runuser", "setpriv", "s6-*", "supervisord", "cron*",
		NULL,
	};

	return among(stops, *exe ? base_name(exe) : comm);
}

/* ---- matches: each returns what matched, or NULL ---- */

static const char *match_words(const struct pattern *p, const struct evidence *ev)
{
	size_t at = 0;

	if (p->regex)
		return pattern_matches(p, ev->title) ? ev->title : NULL;
	for (; at < ev->cmdline_len; at += strlen(ev->cmdline + at) + 1)
		if (pattern_matches_path(p, ev->cmdline + at))
			return ev->cmdline + at;
	return NULL;
}

static const char *match_files(const struct pattern *p, const struct evidence *ev)
{
	for (size_t i = 0; i < ev->nr_files; i++)
		if (*ev->files[i] == '/' && pattern_matches_path(p, ev->files[i]))
			return ev->files[i];
	return NULL;
}

/* Tries the image also without registry and tag: mirrors change the first, releases the second. */
static const char *match_image(const struct pattern *p, const struct evidence *ev)
{
	char plain[sizeof(ev->image)];

	if (!*ev->image)
		return NULL;
	if (pattern_matches_path(p, ev->image))
		return ev->image;
	snprintf(plain, sizeof(plain), "%s", base_name(ev->image));
	plain[strcspn(plain, ":@")] = 0;
	return pattern_matches(p, plain) ? ev->image : NULL;
}

static const char *match_port(const struct pattern *p, const struct evidence *ev)
{
	for (size_t i = 0; i < ev->nr_ports; i++)
		if (ev->ports[i] == p->port)
			return p->text;
	return NULL;
}

static const char *match_text(const struct pattern *p, const char *text, bool path)
{
	if (!*text)
		return NULL;
	return (path ? pattern_matches_path(p, text) : pattern_matches(p, text)) ? text : NULL;
}

static const char *match_one(enum evidence_kind kind, const struct pattern *p, const struct evidence *ev)
{
	switch (kind) {
	case EVIDENCE_EXE:
		return match_text(p, ev->exe, true);
	case EVIDENCE_CMDLINE:
		return match_words(p, ev);
	case EVIDENCE_UNIT:
		return match_text(p, ev->unit, false);
	case EVIDENCE_IMAGE:
		return match_image(p, ev);
	case EVIDENCE_OPENFILE:
		return match_files(p, ev);
	case EVIDENCE_PORT:
		return match_port(p, ev);
	case EVIDENCE_COMM:
		return match_text(p, ev->comm, false);
	case EVIDENCE_PARENT:
		return match_text(p, ev->parent ? ev->parent : "", false);
	default:
		return NULL;
	}
}

static int weigh(enum evidence_kind kind, const struct evidence *ev)
{
	if (kind == EVIDENCE_EXE && is_host(ev->exe))
		return POINTS_HOST;
	/* the kernel names its threads; a process names its own */
	if (kind == EVIDENCE_COMM && ev->kthread)
		return weights[EVIDENCE_EXE];
	return weights[kind];
}

/* ---- points ---- */

static int add_kind(const struct patterns *list, enum evidence_kind kind, bool not,
		    const struct evidence *ev, struct points *out)
{
	int points = not ? -POINTS_NOT : weigh(kind, ev);
	const char *value;

	for (size_t i = 0; i < list->n; i++) {
		value = match_one(kind, &list->v[i], ev);
		if (!value)
			continue;
		if (out) {
			out->v[out->n].kind = kind;
			out->v[out->n].not = not;
			out->v[out->n].pattern = list->v[i].text;
			out->v[out->n].value = value;
			out->v[out->n++].points = points;
		}
		return points;
	}
	return 0;
}

int classify_score(const struct rule_system *s, const struct evidence *ev, struct points *out)
{
	int claimed = 0, total = 0, points;

	if (out)
		memset(out, 0, sizeof(*out));
	for (int i = 0; i < EVIDENCE_KINDS; i++) {
		enum evidence_kind kind = (enum evidence_kind)i;

		points = add_kind(&s->is[i], kind, false, ev, out);
		if (!ev->kthread && (kind == EVIDENCE_CMDLINE || kind == EVIDENCE_COMM))
			claimed += points;
		else
			total += points;
		total += add_kind(&s->is_not[i], kind, true, ev, out);
	}
	total += claimed < POINTS_CLAIMED ? claimed : POINTS_CLAIMED;
	if (out)
		out->total = total;
	return total;
}

const struct rule_system *classify(const struct rules *r, const struct evidence *ev, int *points)
{
	const struct rule_system *best = NULL;
	int most = 0;

	for (size_t i = 0; i < r->n; i++) {
		int score = classify_score(&r->v[i], ev, NULL);

		if (score > most) {
			most = score;
			best = &r->v[i];
		}
	}
	*points = most;
	return most >= POINTS_DETECTED ? best : NULL;
}

bool classify_needs_files(const struct rules *r, const struct evidence *ev)
{
	int points;

	if (ev->has_files || ev->kthread || classify(r, ev, &points))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct rule_system *s = &r->v[i];

		if (!s->is[EVIDENCE_OPENFILE].n && !s->is[EVIDENCE_PORT].n)
			continue;
		if (classify_score(s, ev, NULL) >= POINTS_CANDIDATE)
			return true;
	}
	return false;
}

/* ---- instances ---- */

static bool capture(const struct rule_instance *i, const struct evidence *ev, char *buf, size_t size)
{
	const char *text[INSTANCE_SOURCES] = {
		[INSTANCE_CMDLINE] = ev->title, [INSTANCE_UNIT] = ev->unit, [INSTANCE_CWD] = ev->cwd,
		[INSTANCE_EXE] = ev->exe, [INSTANCE_CONTAINER] = ev->container,
	};

	for (size_t k = 0; i->source == INSTANCE_OPENFILE && k < ev->nr_files; k++)
		if (*ev->files[k] == '/' && pattern_capture(&i->pattern, ev->files[k], buf, size) && *buf)
			return true;
	if (i->source == INSTANCE_OPENFILE || !*text[i->source])
		return false;
	return pattern_capture(&i->pattern, text[i->source], buf, size) && *buf;
}

bool classify_instance(const struct rule_system *s, const struct evidence *ev, char *buf, size_t size)
{
	const char *dot = strrchr(ev->unit, '.');

	for (size_t i = 0; i < s->nr_instances; i++) {
		if (s->instances[i].source == INSTANCE_OPENFILE && !ev->has_files)
			return false;
		if (capture(&s->instances[i], ev, buf, size))
			return true;
	}
	/* a scope is a user's session or was made by any program */
	snprintf(buf, size, "%s", *ev->container ? ev->container :
		 dot && !strcmp(dot, ".service") && strncmp(ev->unit, "user@", 5) ? ev->unit : "");
	return true;
}

/* ---- roles ---- */

static const struct rule_role *first_role(const struct rule_system *s, size_t list_at, const char *text,
					  bool path)
{
	for (size_t i = 0; i < s->nr_roles; i++) {
		const struct patterns *list = (const void *)((const char *)&s->roles[i] + list_at);

		for (size_t k = 0; k < list->n; k++)
			if (path ? pattern_matches_path(&list->v[k], text) : pattern_matches(&list->v[k], text))
				return &s->roles[i];
	}
	return NULL;
}

const struct rule_role *classify_file(const struct rule_system *s, const char *path)
{
	return first_role(s, offsetof(struct rule_role, file), path, true);
}

const struct rule_role *classify_thread(const struct rule_system *s, const char *comm)
{
	return first_role(s, offsetof(struct rule_role, thread), comm, false);
}

const struct rule_role *classify_title(const struct rule_system *s, const char *title)
{
	return first_role(s, offsetof(struct rule_role, title), title, false);
}
