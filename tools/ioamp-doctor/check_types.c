/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_types - libbcc, and the sources of the kernel's types. */
#include "tools/ioamp-doctor/check.h"

#include <string.h>

#include "engine/bcc.h"
#include "types/ktypes.h"

/* The oldest libbcc that is tested. */
#define BCC_MINOR	26

void check_library(struct check *c)
{
	struct finding *f = finding_add(c->out, "libbcc");
	const struct bcc_library *lib = c->m->library;
	int major, minor;

	if (!lib) {
		finding_fail(f, VERDICT_MISSING, c->m->no_library);
		return;
	}
	finding_say(f, VERDICT_OK, "%s%s%s%s%s%s", *lib->version ? lib->version : "version unknown",
		    *lib->llvm ? " (" : "", lib->llvm, *lib->llvm ? ")" : "", ", ", lib->path);
	if (sscanf(lib->version, "%d.%d", &major, &minor) != 2 || major > 0 || minor >= BCC_MINOR)
		return;
	finding_say(f, VERDICT_LIMIT, "%s, %s: older than 0.%d, the oldest that is tested",
		    lib->version, lib->path, BCC_MINOR);
	finding_fix(f, "sudo apt-get install libbpfcc    (dnf, pacman, apk: bcc; zypper: libbcc0)");
}

/* Is this module installed? */
static bool has_module(const struct check *c, const char *module)
{
	FILE *f = fopen(check_path(c, "/lib/modules/%s/modules.dep", c->m->release), "re");
	char line[1024];
	bool has = false;

	while (f && !has && fgets(line, sizeof(line), f))
		has = strstr(line, module) != NULL;
	if (f)
		fclose(f);
	return has;
}


static void one_source(struct check *c, struct finding *f, enum ktypes_source source,
		       const struct failure *e, bool other)
{
	finding_say(f, other ? VERDICT_INFO : VERDICT_MISSING, "%s%s", e->why,
		    other ? "; not needed" : "");
	/* no fix for a source that is neither needed nor available */
	if (other && source == KTYPES_KHEADERS && !has_module(c, "/kheaders.ko"))
		return;
	if (other && source == KTYPES_BTF)
		return;
	if (source == KTYPES_KHEADERS)
		finding_fix(f, has_module(c, "/kheaders.ko") ? "sudo modprobe kheaders" :
			    "sudo modprobe kheaders    (kernels built with CONFIG_IKHEADERS=m)");
	else if (source == KTYPES_BTF)
		finding_fix(f, "grep -l CONFIG_DEBUG_INFO_BTF=y /boot/config-*    (boot one of"
			    " these)");
	else
		finding_fix(f, "%s", e->fix);
}

/* One finding for each source. One source is enough. */
void check_types(struct check *c)
{
	static const struct {
		enum ktypes_source source;
		const char *name;
	} list[] = {
		{ KTYPES_BTF, "BTF" }, { KTYPES_HEADERS, "headers" }, { KTYPES_KHEADERS, "kheaders" },
	};
	struct failure errors[3];
	char where[3][PATH_MAX];
	bool there[3], any = false;

	for (int i = 0; i < 3; i++) {
		there[i] = !ktypes_look(list[i].source, c->m->root, c->m->release, where[i],
					sizeof(where[i]), &errors[i]);
		any |= there[i];
	}
	for (int i = 0; i < 3; i++) {
		struct finding *f = finding_add(c->out, list[i].name);

		if (there[i])
			finding_say(f, VERDICT_OK, "%.600s", where[i]);
		else
			one_source(c, f, list[i].source, &errors[i], any);
	}
}
