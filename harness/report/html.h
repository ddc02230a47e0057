/* SPDX-License-Identifier: MIT */
/* Parts of the page of a story. */
#ifndef CLAIMCHECK_HTML_H
#define CLAIMCHECK_HTML_H

#include <stdio.h>

#include "story.h"

/* Text as it is; what is no printing ASCII character becomes '?'. */
void html_text(FILE *f, const char *s);

/* The pages of the host over the steps, as an SVG: what each domain owns, what
 * it claims, what is free, and the line that claims must stay below. */
void timeline_svg(FILE *f, const struct story *s);

#endif /* CLAIMCHECK_HTML_H */
