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

/* The line goes on at next. 0, also if it says nothing; -ENOBUFS. */
static int take_line(struct rp_jit_batch *b, const char *s, const char *end, uint64_t next,
		     bool is_long)
{
	struct rp_jit_record r = { .next = next, .in_long_line = is_long };

	if (end > s && end[-1] == '\r')
		end--;
	s = number(s, end, &r.start);
	if (s)
		s = number(s, end, &r.size);
	if (s && s < end)
		return rp_jit_batch_add(b, &r, s, (size_t)(end - s));
	b->bad++;
	return 0;
}

/* Takes the lines that end in the text. */
static int take_lines(struct rp_jit_mark *m, struct rp_jit_batch *b, const char *s,
		      const char *end)
{
	const char *nl;
	uint64_t next;
	int err = 0;

	while (!err && (nl = memchr(s, '\n', (size_t)(end - s)))) {
		next = m->offset + (uint64_t)(nl + 1 - s);
		err = take_line(b, s, nl, next, false);
		m->offset = err ? m->offset : next;
		s = nl + 1;
	}
	return err;
}

/* A chunk that has no end of a line. */
static int take_long_line(struct rp_jit_mark *m, struct rp_jit_batch *b, const char *s,
			  size_t len)
{
	int err = take_line(b, s, s + 64 + RP_JIT_NAME_MAX, m->offset + len, true);

	m->in_long_line = !err;
	m->offset += err ? 0 : len;
	return err;
}

static void pass_long_line(struct rp_jit_mark *m, const char *s, size_t len)
{
	const char *nl = memchr(s, '\n', len);

	m->offset += nl ? (uint64_t)(nl + 1 - s) : len;
	m->in_long_line = !nl;
}

int rp_jit_map_read(struct rp_jit_mark *m, struct rp_jit_input *in, struct rp_jit_batch *b)
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
			err = take_lines(m, b, text, text + len);
		else if (len == RP_JIT_CHUNK)
			err = take_long_line(m, b, text, len);
		else
			break;		/* the rest of the line may still come */
	}
	return err;
}
