// SPDX-License-Identifier: GPL-2.0
/*
 * A line that is longer than a chunk has its name cut, and its rest is passed over as it
 * comes: the file may be one line without an end, and is not read twice for that.
 */
#include "jit_map.h"

#include <errno.h>
#include <string.h>

/* A hexadecimal number that ends at a space; returns what is behind that, or NULL. */
static const char *number(const char *s, const char *end, uint64_t *ret)
{
	uint64_t n = 0;
	int digits = 0;
	unsigned int c;

	if (end - s > 2 && s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	for (; s < end && *s != ' ' && *s != '\t'; s++, digits++) {
		c = (unsigned char)*s;
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return NULL;
		if (n >> 60)
			return NULL;
		n = n << 4 | c;
	}
	if (!digits || s == end)
		return NULL;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	*ret = n;
	return s;
}

/* 0, also if it says nothing; -ENOSPC, -ENOMEM. */
static int take_line(struct rp_jit_map *m, struct rp_jit_code *t, const char *s,
		     const char *end)
{
	uint64_t start, size;
	int err = -EINVAL;

	if (end > s && end[-1] == '\r')
		end--;
	s = number(s, end, &start);
	if (s)
		s = number(s, end, &size);
	if (s && s < end)
		err = rp_jit_code_add(t, start, size, s, (size_t)(end - s), 0);
	if (err && err != -EINVAL)
		return err;
	m->lines += !err;
	m->bad += err != 0;
	return 0;
}

/* Takes the lines that end in the text. */
static int take_lines(struct rp_jit_map *m, struct rp_jit_code *t, const char *s,
		      const char *end)
{
	const char *nl;
	int err = 0;

	while (!err && (nl = memchr(s, '\n', (size_t)(end - s)))) {
		err = take_line(m, t, s, nl);
		m->offset += err ? 0 : (uint64_t)(nl + 1 - s);
		s = nl + 1;
	}
	return err;
}

/* A chunk that has no end of a line. */
static int take_long_line(struct rp_jit_map *m, struct rp_jit_code *t, const char *s,
			  size_t len)
{
	int err = take_line(m, t, s, s + 64 + RP_JIT_NAME_MAX);

	m->in_long_line = !err;
	m->offset += err ? 0 : len;
	return err;
}

static void pass_long_line(struct rp_jit_map *m, const char *s, size_t len)
{
	const char *nl = memchr(s, '\n', len);

	m->offset += nl ? (uint64_t)(nl + 1 - s) : len;
	m->in_long_line = !nl;
}

int rp_jit_map_read(struct rp_jit_map *m, struct rp_jit_input *in, struct rp_jit_code *t)
{
	const char *text;
	size_t len;
	int err = 0;

	while (!err) {
		text = (const char *)rp_jit_input_view(in, m->offset, RP_JIT_CHUNK, &len);
		if (!text)
			return -errno;
		if (m->in_long_line && len)
			pass_long_line(m, text, len);
		else if (len && memchr(text, '\n', len))
			err = take_lines(m, t, text, text + len);
		else if (len == RP_JIT_CHUNK)
			err = take_long_line(m, t, text, len);
		else
			break;		/* the rest of the line may still come */
	}
	return err;
}
