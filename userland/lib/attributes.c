// SPDX-License-Identifier: GPL-2.0
/*
 * A few dozen entries at most, looked up by key and compared as a whole: a sorted
 * array does both, and two processes of one service share their label set because
 * the order of their environment does not show.
 */
#include "attributes.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void rp_attributes_free(struct rp_attributes *a)
{
	size_t i;

	for (i = 0; i < a->nr; i++) {
		free(a->items[i].key);
		free(a->items[i].value);
	}
	free(a->items);
	*a = (struct rp_attributes){ 0 };
}

int rp_attribute_check_key(const char *key)
{
	const char *c;

	if (!*key)
		return -EINVAL;
	for (c = key; *c; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == '=' || *c == ',')
			return -EINVAL;
	return c - key > RP_ATTRIBUTE_KEY_MAX ? -E2BIG : 0;
}

int rp_attribute_check_value(const char *value)
{
	const char *at = value, *before;
	uint32_t c;

	if (!*value)
		return -EINVAL;
	while (*at) {
		before = at;
		c = rp_utf8_next(&at);
		/* The replacement itself is three bytes; one byte of it is an error. */
		if (rp_utf8_is_unsafe(c) ||
		    (c == RP_UTF8_REPLACEMENT && at - before == 1))
			return -EINVAL;
	}
	return at - value > RP_ATTRIBUTE_VALUE_MAX ? -E2BIG : 0;
}

void rp_attribute_make_value(char *text)
{
	char *c;

	if (!rp_attribute_check_value(text))
		return;
	for (c = text; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '_';
}

/* Where key is, or would have to stand. */
static size_t find(const struct rp_attributes *a, const char *key, bool *ret_there)
{
	size_t low = 0, high = a->nr, middle;
	int order;

	*ret_there = false;
	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(key, a->items[middle].key);
		if (!order) {
			*ret_there = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int insert(struct rp_attributes *a, size_t at, const char *key, char *value)
{
	struct rp_attribute *items;
	char *copy;

	if (a->nr == RP_ATTRIBUTES_MAX)
		return -ENOSPC;
	copy = strdup(key);
	items = realloc(a->items, (a->nr + 1) * sizeof(*items));
	if (items)
		a->items = items;
	if (!copy || !items) {
		free(copy);
		return -ENOMEM;
	}
	memmove(items + at + 1, items + at, (a->nr - at) * sizeof(*items));
	items[at] = (struct rp_attribute){ copy, value };
	a->nr++;
	return 0;
}

int rp_attributes_set(struct rp_attributes *a, const char *key, const char *value)
{
	int err = rp_attribute_check_key(key);
	char *copy;
	bool there;
	size_t at;

	if (!err)
		err = rp_attribute_check_value(value);
	if (err)
		return err;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	at = find(a, key, &there);
	if (there) {
		free(a->items[at].value);
		a->items[at].value = copy;
		return 0;
	}
	err = insert(a, at, key, copy);
	if (err)
		free(copy);
	return err;
}

int rp_attributes_copy(struct rp_attributes *ret, const struct rp_attributes *from)
{
	struct rp_attributes copy = { 0 };
	size_t i;
	int err;

	for (i = 0; i < from->nr; i++) {
		err = rp_attributes_set(&copy, from->items[i].key, from->items[i].value);
		if (err) {
			rp_attributes_free(&copy);
			return err;
		}
	}
	*ret = copy;
	return 0;
}

void rp_attributes_remove(struct rp_attributes *a, const char *key)
{
	bool there;
	size_t at = find(a, key, &there);

	if (!there)
		return;
	free(a->items[at].key);
	free(a->items[at].value);
	a->nr--;
	memmove(a->items + at, a->items + at + 1, (a->nr - at) * sizeof(*a->items));
}

const char *rp_attributes_get(const struct rp_attributes *a, const char *key)
{
	bool there;
	size_t at = find(a, key, &there);

	return there ? a->items[at].value : NULL;
}

bool rp_attributes_equal(const struct rp_attributes *a, const struct rp_attributes *b)
{
	size_t i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (strcmp(a->items[i].key, b->items[i].key) ||
		    strcmp(a->items[i].value, b->items[i].value))
			return false;
	return true;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		s[--len] = '\0';
	return s;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. %00 is refused: it would cut the text short. */
static int decode_percent(char *s)
{
	char *to = s;
	int high, low;

	for (; *s; s++) {
		if (*s != '%') {
			*to++ = *s;
			continue;
		}
		high = hex(s[1]);
		low = high < 0 ? -1 : hex(s[2]);
		if (low < 0 || !(high | low))
			return -EINVAL;
		*to++ = (char)(high << 4 | low);
		s += 2;
	}
	*to = '\0';
	return 0;
}

static int parse_pair(struct rp_attributes *a, char *pair)
{
	char *value = strchr(pair, '=');
	char *key;
	int err;

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	key = trim(pair);
	value = trim(value);
	err = decode_percent(key);
	if (!err)
		err = decode_percent(value);
	if (err)
		return err;
	/* An attribute without a value is as good as none. */
	if (!*value)
		return rp_attribute_check_key(key) == -EINVAL ? -EINVAL : 0;
	err = rp_attributes_set(a, key, value);
	return err == -E2BIG || err == -ENOSPC ? 0 : err;
}

int rp_attributes_parse_otel(struct rp_attributes *a, const char *text)
{
	struct rp_attributes parsed = { 0 };
	char *copy = strdup(text), *rest = copy, *pair;
	size_t i;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (pair = strsep(&rest, ",")) != NULL)
		if (*trim(pair))
			err = parse_pair(&parsed, pair);
	for (i = 0; !err && i < parsed.nr; i++) {
		err = rp_attributes_set(a, parsed.items[i].key, parsed.items[i].value);
		if (err == -ENOSPC)
			err = 0;
	}
	rp_attributes_free(&parsed);
	free(copy);
	return err;
}
