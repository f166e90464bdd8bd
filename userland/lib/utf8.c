// SPDX-License-Identifier: GPL-2.0
/*
 * Names of processes and symbols are bytes; a JSON reader refuses a document with
 * one wrong byte in it, so everything that leaves goes through here.
 */
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static int length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

uint32_t rp_utf8_next(const char **s)
{
	const unsigned char *at = (const unsigned char *)*s;
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int i, len = length_of(*at);
	uint32_t c;

	if (!*at)
		return 0;
	c = len == 1 ? *at : *at & (0x7fu >> len);
	/* The end of the string is not a continuation, so this cannot run past it. */
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			len = 0;
		else
			c = c << 6 | (at[i] & 0x3f);
	}
	if (!len || c < smallest[len] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
		(*s)++;
		return RP_UTF8_REPLACEMENT;
	}
	*s += len;
	return c;
}

int rp_utf8_put(char to[static 4], uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

bool rp_utf8_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
	       c == 0x2028 || c == 0x2029;
}

char *rp_utf8_safe_copy(const char *s)
{
	/* U+FFFD takes three bytes for one that was wrong. */
	char *safe = malloc(strlen(s) * 3 + 1), *to = safe;
	uint32_t c;

	while (safe && (c = rp_utf8_next(&s)))
		to += rp_utf8_put(to, rp_utf8_is_unsafe(c) ? '?' : c);
	if (safe)
		*to = '\0';
	return safe;
}
