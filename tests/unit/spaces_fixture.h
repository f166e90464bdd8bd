/* SPDX-License-Identifier: GPL-2.0 */
/* Address spaces whose calls to their owner are counted. */
#ifndef TEST_SPACES_FIXTURE_H
#define TEST_SPACES_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "records.h"
#include "spaces.h"

static struct {
	unsigned int appeared, mapped, dropped;
} calls;

static inline void appeared(void *arg, struct rp_aspace *as)
{
	(void)arg;
	as->data = &calls;
	calls.appeared++;
}

static inline void mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	(void)arg;
	assert_ptr_equal(as->data, &calls);
	assert_non_null(maps);
	calls.mapped++;
}

static inline void dropped(void *arg, struct rp_aspace *as)
{
	(void)arg;
	assert_ptr_equal(as->data, &calls);
	calls.dropped++;
}

static inline struct rp_spaces *new_spaces(void)
{
	const struct rp_spaces_options o = {
		.appeared = appeared, .mapped = mapped, .dropped = dropped,
	};
	struct rp_spaces *s = rp_spaces_new(&o);

	memset(&calls, 0, sizeof(calls));
	assert_non_null(s);
	return s;
}

/* One SPACE with one mapping, named path. */
static inline void add_one(struct rp_spaces *s, struct rp_space_id id, uint32_t map_gen,
			   const char *path)
{
	struct rp_space *rec = make_space(id, map_gen);

	add_map(&rec, 0x1000, 0x2000, 0, path);
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
}

#endif
