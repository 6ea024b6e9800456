/* SPDX-License-Identifier: GPL-3.0-or-later */
/* golden.h - what a writer wrote, and its comparison with a file of tests/data. */
#ifndef IOAMP_TEST_GOLDEN_H
#define IOAMP_TEST_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TEST_DATA
#define TEST_DATA	"tests/data"	/* from the root of the tree */
#endif
#define GOLDEN_MAX	(1 << 20)

/* The text must be that of the file; with RECORD_GOLDEN in the environment the file is written first. */
static inline void golden_compare(const char *name, const char *text, size_t len)
{
	char path[512], *want = calloc(1, GOLDEN_MAX);
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	if (getenv("RECORD_GOLDEN")) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(text, 1, len, f), len);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(path, "r");
	if (!f || !want)
		fail_msg("%s: %s", path, strerror(errno));
	n = fread(want, 1, GOLDEN_MAX - 1, f);
	fclose(f);
	if (n != len || memcmp(want, text, len))
		fail_msg("differs from %s; it is now:\n%s", path, text);
	free(want);
}

/* What is written to `f`; complete after fflush() or fclose(). */
struct capture {
	FILE *f;
	char *buf;
	size_t len;
};

static inline FILE *capture(struct capture *c)
{
	c->f = open_memstream(&c->buf, &c->len);
	assert_non_null(c->f);
	return c->f;
}

/* Ends the capture. No line of the report is longer than a terminal. */
static inline void golden_report(const char *name, struct capture *c)
{
	assert_int_equal(fclose(c->f), 0);
	golden_compare(name, c->buf, c->len);
	for (const char *line = c->buf; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") < 80);
	free(c->buf);
}

/* Ends the capture: a JSON object as a schema of tests/data has it. */
static inline void golden_schema(const char *schema, struct capture *c)
{
	char path[] = "/tmp/ioamp-golden.json.XXXXXX", command[256];
	int fd = mkstemp(path), status;

	assert_int_equal(fclose(c->f), 0);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->buf, c->len), (ssize_t)c->len);
	close(fd);
	snprintf(command, sizeof(command), "python3 tests/unit/check_schema.py %s %s/%s", path, TEST_DATA,
		 schema);
	status = system(command);
	unlink(path);
	status = WEXITSTATUS(status);
	if (status && status != 77 && status != 127)	/* no python3, no jsonschema */
		fail_msg("not as in the schema: %s", c->buf);
	free(c->buf);
}

#endif
