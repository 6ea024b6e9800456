/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearest - "did you mean": finds the known word that is most similar to a mistyped one. Pure. */
#ifndef IOAMP_NEAREST_H
#define IOAMP_NEAREST_H

#define WORD_MAX 32	/* longer words are similar to none */

/* The most similar of the candidates so far. Strings are not owned. */
struct nearest {
	const char *word, *best;	/* best: NULL if none is similar enough */
	unsigned int distance;
};

struct nearest nearest_start(const char *word);
/* The first of equals wins. A candidate that begins with `word` is most similar. */
void nearest_try(struct nearest *n, const char *candidate);

/* Three arguments for "%s%s%s": "; did you mean BEST?", or nothing. */
#define HINT(n, dashes) (n).best ? "; did you mean " dashes : "", (n).best ? (n).best : "", \
	(n).best ? "?" : ""

#endif
