/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_page - what the JSON objects of ioamp-doctor begin and end with. */
#include "tools/ioamp-doctor/out_page.h"

#include "report/out.h"

void out_page_begin(struct json *j, FILE *f, const char *schema, const char *version)
{
	*j = (struct json){ .f = f };
	json_open(j, NULL, '{');
	json_str(j, "schema", schema);
	json_str(j, "tool", "ioamp-doctor");
	json_str(j, "version", version);
}

int out_page_end(struct json *j)
{
	json_close(j, '}');
	fputc('\n', j->f);
	return stream_finish(j->f);
}
