/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_page - what the JSON objects of ioamp-doctor begin and end with. */
#ifndef IOAMP_OUT_PAGE_H
#define IOAMP_OUT_PAGE_H

#include <stdio.h>

#include "report/json.h"

/* Opens the object, with the members `schema`, `tool` and `version`. */
void out_page_begin(struct json *j, FILE *f, const char *schema, const char *version);
/* Closes it. 0 or -errno of the stream. */
int out_page_end(struct json *j);

#endif
