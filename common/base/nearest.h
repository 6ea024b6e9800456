/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearest - "did you mean": the known word that a mistyped one is most like. Pure. */
#ifndef IOAMP_NEAREST_H
#define IOAMP_NEAREST_H

#define WORD_MAX 32	/* longer words are like no other */

/* Of the candidates tried so far, the one most like `word`; both strings are the caller's. */
struct nearest {
	const char *word, *best;	/* best: NULL while none is near enough */
	unsigned int distance;
};

struct nearest nearest_start(const char *word);
/* Keeps the first of equals; what begins with `word` is nearest. */
void nearest_try(struct nearest *n, const char *candidate);

/* Three arguments for "%s%s%s": "; did you mean BEST?", or nothing. */
#define HINT(n, dashes) (n).best ? "; did you mean " dashes : "", (n).best ? (n).best : "", \
	(n).best ? "?" : ""

#endif
