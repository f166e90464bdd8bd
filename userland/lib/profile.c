// SPDX-License-Identifier: GPL-2.0
/*
 * What a profile says about itself (types, period, comments) and its strings; the
 * tables are in profile_table.c. Names repeat in every stack, so a string is
 * kept once and is a number from then on.
 */
#include "profile_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/*
 * Entry 0 of each table: the zero value, so that id 0 can be looked up. And some
 * room in the flat arrays, so that "nothing at index 0" has an address.
 */
static int make_zero_entries(struct rp_profile *p)
{
#define ZERO_ENTRY(table) \
	(rp_store_grow(p, &p->table, &p->room.table, 1, sizeof(*p->table)) ? -ENOMEM : \
	 (memset(p->table, 0, sizeof(*p->table)), 0))

	if (ZERO_ENTRY(strings) || ZERO_ENTRY(mappings) || ZERO_ENTRY(functions) ||
	    ZERO_ENTRY(locations) || ZERO_ENTRY(stacks) || ZERO_ENTRY(labelsets) ||
	    ZERO_ENTRY(samples))
		return -ENOMEM;
#undef ZERO_ENTRY
	p->strings[0] = "";
	if (rp_store_grow(p, &p->lines, &p->room.lines, 1, sizeof(*p->lines)) ||
	    rp_store_grow(p, &p->labels, &p->room.labels, 1, sizeof(*p->labels)) ||
	    rp_store_grow(p, &p->frames, &p->room.frames, 1, sizeof(*p->frames)) ||
	    rp_store_grow(p, &p->values, &p->room.values, 1, sizeof(*p->values)))
		return -ENOMEM;
	return 0;
}

struct rp_profile *rp_profile_new(void)
{
	struct rp_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	/* Without random numbers the tables still work, only not against an attacker. */
	if (getrandom(p->seed, sizeof(p->seed), GRND_NONBLOCK) != sizeof(p->seed))
		p->seed[0] = (uintptr_t)p;
	if (make_zero_entries(p) < 0) {
		rp_profile_free(p);
		errno = ENOMEM;
		return NULL;
	}
	return p;
}

void rp_profile_free(struct rp_profile *p)
{
	if (!p)
		return;
	free(p->strings);
	free(p->mappings);
	free(p->functions);
	free(p->locations);
	free(p->stacks);
	free(p->labelsets);
	free(p->samples);
	free(p->lines);
	free(p->labels);
	free(p->frames);
	free(p->values);
	free(p->by_string.slots);
	free(p->by_mapping.slots);
	free(p->by_function.slots);
	free(p->by_location.slots);
	free(p->by_stack.slots);
	free(p->by_labelset.slots);
	free(p->by_sample.slots);
	rp_arena_free(p);
	free(p);
}

struct text {
	const char *s;
	size_t len;
};

static bool string_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct text *t = key;

	return !strncmp(p->strings[id], t->s, t->len) && !p->strings[id][t->len];
}

static uint32_t string_find(const struct rp_profile *p, const struct text *t,
			    uint32_t *ret_hash)
{
	struct rp_hash h;

	rp_hash_start(&h, p->seed);
	rp_hash_bytes(&h, t->s, t->len);
	*ret_hash = rp_hash_end(&h);
	return rp_index_find(p, &p->by_string, *ret_hash, string_equal, t);
}

uint32_t rp_profile_string_n(struct rp_profile *p, const char *s, size_t len)
{
	struct text t = { s, s ? strnlen(s, len) : 0 };
	uint32_t hash, id;
	const char *copy;

	if (!t.len || p->error)
		return 0;
	id = string_find(p, &t, &hash);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->strings, &p->room.strings, p->nr_strings,
				sizeof(*p->strings), &p->by_string) < 0)
		return 0;
	copy = rp_arena_copy(p, t.s, t.len);
	if (!copy)
		return 0;
	id = (uint32_t)++p->nr_strings;
	p->strings[id] = copy;
	rp_index_insert(&p->by_string, hash, id);
	return id;
}

uint32_t rp_profile_string(struct rp_profile *p, const char *s)
{
	return s ? rp_profile_string_n(p, s, strlen(s)) : 0;
}

uint32_t rp_profile_find_string(const struct rp_profile *p, const char *s)
{
	struct text t = { s, strlen(s) };
	uint32_t hash;

	return string_find(p, &t, &hash);
}

static int set_value_type(struct rp_profile *p, struct rp_profile_value_type *to,
			  const char *type, const char *unit)
{
	struct rp_profile_value_type t;

	t.type = rp_profile_string(p, type);
	t.unit = rp_profile_string(p, unit);
	if (p->error)
		return p->error;
	*to = t;
	return 0;
}

int rp_profile_add_type(struct rp_profile *p, const char *type, const char *unit)
{
	int err;

	if (p->nr_samples)
		return -EBUSY;
	if (p->nr_types == RP_PROFILE_TYPES_MAX)
		return -E2BIG;
	err = set_value_type(p, &p->types[p->nr_types], type, unit);
	if (!err)
		p->nr_types++;
	return err;
}

int rp_profile_set_period(struct rp_profile *p, const char *type, const char *unit,
			  int64_t period)
{
	int err = set_value_type(p, &p->period_type, type, unit);

	if (!err)
		p->period = period;
	return err;
}

/*
 * Without a default pprof shows the last type, and so do we. A default that names
 * no type is a foreign file's mistake, and is taken as none.
 */
int rp_profile_find_type(const struct rp_profile *p, const char *type)
{
	bool any = !type;
	unsigned int i;

	if (any)
		type = rp_profile_str(p, p->default_type);
	for (i = 0; i < p->nr_types && *type; i++) {
		if (!strcmp(rp_profile_str(p, p->types[i].type), type))
			return (int)i;
	}
	return any && p->nr_types ? (int)p->nr_types - 1 : -ENOENT;
}

int rp_profile_set_default_type(struct rp_profile *p, const char *type)
{
	int i = type && *type ? rp_profile_find_type(p, type) : -ENOENT;

	if (i < 0)
		return -EINVAL;
	p->default_type = p->types[i].type;
	return 0;
}

int rp_profile_add_comment(struct rp_profile *p, const char *text)
{
	uint32_t id;

	if (p->nr_comments == RP_PROFILE_COMMENTS_MAX)
		return -E2BIG;
	id = rp_profile_string(p, text);
	if (p->error)
		return p->error;
	p->comments[p->nr_comments++] = id;
	return 0;
}

int rp_profile_set_doc_url(struct rp_profile *p, const char *url)
{
	uint32_t id;

	if (!url || (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8)))
		return -EINVAL;
	id = rp_profile_string(p, url);
	if (p->error)
		return p->error;
	p->doc_url = id;
	return 0;
}
