/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz - what the drivers share: numbers that are the same on every machine,
 * hostile strings, mutation, and how a failure is said. Sanitizers find the rest.
 */
#ifndef IOAMP_FUZZ_H
#define IOAMP_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fuzz {
	uint64_t state;
	uint64_t input;		/* number of the input: what reproduces it */
	uint64_t first, last;
};

/* PROGRAM [FIRST [LAST]]: inputs of these numbers, by default 1 to `last`. */
static inline void fuzz_args(struct fuzz *z, int argc, char **argv, uint64_t last)
{
	z->first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	z->last = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? z->first : last;
}

static inline void fuzz_start(struct fuzz *z, uint64_t input)
{
	z->input = z->state = input;
}

/* Knuth's MMIX generator, its better half. */
static inline uint32_t fuzz_below(struct fuzz *z, uint32_t below)
{
	z->state = z->state * 6364136223846793005ull + 1442695040888963407ull;
	return below ? (uint32_t)(z->state >> 33) % below : 0;
}

static inline bool fuzz_one_in(struct fuzz *z, uint32_t n)
{
	return fuzz_below(z, n) == 0;
}

/* Small, large and extreme numbers. */
static inline uint64_t fuzz_number(struct fuzz *z)
{
	switch (fuzz_below(z, 8)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT64_MAX - fuzz_below(z, 3);
	case 3:
		return (1ull << fuzz_below(z, 64)) - fuzz_below(z, 2);
	default:
		return (uint64_t)fuzz_below(z, 1u << 31) >> fuzz_below(z, 31);
	}
}

/* Bytes but NUL into buf, up to size - 1 of them: text, UTF-8 good and bad, control. */
static inline char *fuzz_string(struct fuzz *z, char *buf, size_t size)
{
	static const char *const pieces[] = {
		"a", "dd", " ", "\"", "\\", "\n", "\r\n", "\t", ",", ";", "'", "%s%n", "\033[2J",
		"\x7f", "\x01", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xe2\x80\xae", "\xef\xbf\xbd", "\xe2\x82",
		"</script>", "\xc2\x9b", "\\u0000", "=1+1",
	};
	size_t used = 0, want = fuzz_below(z, fuzz_one_in(z, 8) ? (uint32_t)size : 24);

	while (used < want) {
		const char *p = pieces[fuzz_below(z, sizeof(pieces) / sizeof(*pieces))];
		char byte[2] = { (char)(1 + fuzz_below(z, 255)), 0 };

		if (fuzz_one_in(z, 3))
			p = byte;
		if (used + strlen(p) >= size)
			break;
		memcpy(buf + used, p, strlen(p));
		used += strlen(p);
	}
	buf[used] = 0;
	return buf;
}

/* One change of a text with room for size bytes; *len may grow or shrink. */
static inline void fuzz_mutate(struct fuzz *z, char *text, size_t *len, size_t size)
{
	static const char special[] = " \\:,-/0189\n\t\0\xff" "=.";
	size_t at = fuzz_below(z, (uint32_t)*len + 1), n = 1 + fuzz_below(z, 16);

	switch (fuzz_below(z, 5)) {
	case 0:		/* another byte */
		if (at < *len)
			text[at] = special[fuzz_below(z, sizeof(special) - 1)];
		break;
	case 1:
		if (at < *len)
			text[at] = (char)fuzz_below(z, 256);
		break;
	case 2:		/* some less */
		n = n < *len - at ? n : *len - at;
		memmove(text + at, text + at + n, *len - at - n);
		*len -= n;
		break;
	case 3:		/* some twice */
		n = n < *len - at ? n : *len - at;
		n = n < size - *len ? n : size - *len;
		memmove(text + at + n, text + at, *len - at);
		*len += n;
		break;
	case 4:		/* the end missing */
		if (fuzz_one_in(z, 8))
			*len = at;
		break;
	}
}

#define FUZZ_CHECK(z, condition, ...)                                          \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s: input %lu: not %s: ", __FILE__,   \
				(unsigned long)(z)->input, #condition);        \
			fprintf(stderr, __VA_ARGS__);                          \
			fputc('\n', stderr);                                   \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
