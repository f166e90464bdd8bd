/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file of any content, and what is said of it. */
#ifndef TEST_CONFIG_FIXTURE_H
#define TEST_CONFIG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

struct said {
	unsigned int nr;
	char text[4096];	/* sentences, a newline behind each */
};

static inline void hear(void *user, const char *sentence)
{
	struct said *s = user;

	s->nr++;
	strncat(s->text, sentence, sizeof(s->text) - strlen(s->text) - 2);
	strcat(s->text, "\n");
}

static char path[] = "/tmp/test_config.XXXXXX";

static inline int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static inline int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static inline int read_bytes(struct rp_config *c, const void *data, size_t len, struct said *s)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	*s = (struct said){ 0 };
	assert_int_equal(rp_config_init(c), 0);
	return rp_config_read(c, path, hear, s);
}

static inline int read_text(struct rp_config *c, const char *text, struct said *s)
{
	return read_bytes(c, text, strlen(text), s);
}

/* A sentence about a line of the file is among what was said. */
static inline void expect_said(const struct said *s, unsigned int line, const char *sentence)
{
	char expected[128];

	snprintf(expected, sizeof(expected), "%s:%u: %s", path, line, sentence);
	if (!strstr(s->text, expected))
		fail_msg("'%s' is not in: %s", expected, s->text);
}

#endif
