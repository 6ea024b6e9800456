/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style - how the user wants reports to look. */
#include "report/style.h"

#define LINE_DEFAULT	80
#define LINE_ENDLESS	100000

size_t style_line_width(const struct out_style *style)
{
	if (style->wide)
		return LINE_ENDLESS;
	/* Leave a column free: some terminals wrap when the last one is written. */
	return (style->width > LINE_DEFAULT ? style->width : LINE_DEFAULT) - 1;
}
