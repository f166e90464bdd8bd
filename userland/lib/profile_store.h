/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a profile's tables are kept in; private to profile*.c.
 *
 * Hash    SipHash-1-3 over 64-bit words, keyed with the profile's seed: strings
 *         come from profiled processes, which must not be able to make the tables
 *         slow by choosing names that collide.
 * Index   open addressing, linear probing, at most 2/3 full, nothing is deleted.
 * Arena   text that never moves.
 */
#ifndef RP_PROFILE_STORE_H
#define RP_PROFILE_STORE_H

#include "profile.h"

struct rp_hash {
	uint64_t v[4];
};

void rp_hash_start(struct rp_hash *h, const uint64_t seed[static 2]);
void rp_hash_word(struct rp_hash *h, uint64_t word);
void rp_hash_bytes(struct rp_hash *h, const void *data, size_t len);
uint32_t rp_hash_end(struct rp_hash *h);

/* Whether entry id equals what is looked for. */
typedef bool rp_index_equal(const struct rp_profile *p, uint32_t id, const void *key);

/* The id, or 0. */
uint32_t rp_index_find(const struct rp_profile *p, const struct rp_profile_index *ix,
		       uint32_t hash, rp_index_equal *equal, const void *key);
/* Room for one more, so that rp_index_insert() cannot fail. 0 or -ENOMEM. */
int rp_index_reserve(struct rp_profile_index *ix);
void rp_index_insert(struct rp_profile_index *ix, uint32_t hash, uint32_t id);

/*
 * Make *array (a pointer to the array's pointer) hold `need` entries. Sets
 * p->error to -ENOMEM on failure, and returns it.
 */
int rp_store_grow(struct rp_profile *p, void *array, uint64_t *room, uint64_t need,
		  size_t size);
/* The same for a table with ids, and its index: one more entry. */
int rp_store_grow_table(struct rp_profile *p, void *array, uint64_t *room, uint64_t nr,
			size_t size, struct rp_profile_index *ix);

/* A copy with a NUL behind it; NULL (and p->error) without memory. */
const char *rp_arena_copy(struct rp_profile *p, const char *s, size_t len);
void rp_arena_free(struct rp_profile *p);

#endif
