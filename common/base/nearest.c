/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearest - "did you mean": finds the known word that is most similar to a mistyped one. */
#include "base/nearest.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Levenshtein distance; the maximum for words that do not fit into the row. */
static unsigned int word_distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1], diagonal, above;
	size_t n = strlen(b);

	if (n > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (; *a; a++) {
		diagonal = row[0]++;
		for (size_t j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1, diagonal + (*a != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

/* With three wrong letters, or all letters wrong, it is another word. */
struct nearest nearest_start(const char *word)
{
	return (struct nearest){ word, NULL, least(3, (unsigned int)strlen(word)) };
}

void nearest_try(struct nearest *n, const char *candidate)
{
	bool prefix = !strncmp(n->word, candidate, strlen(n->word));
	unsigned int distance = prefix ? 0 : word_distance(n->word, candidate);

	if (distance < n->distance) {
		n->distance = distance;
		n->best = candidate;
	}
}
