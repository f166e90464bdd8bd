/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was named already while one window is being closed: ids of a profile's
 * locations, functions and mappings, by the thing that they came from. Its keys hold
 * pointers, so it is emptied before anything that they point to may go.
 */
#ifndef RP_NAME_CACHE_H
#define RP_NAME_CACHE_H

#include <stddef.h>
#include <stdint.h>

enum rp_name_kind {
	RP_NAME_LOCATION = 1, RP_NAME_UNMAPPED, RP_NAME_FUNCTION, RP_NAME_MAPPING,
	RP_NAME_MAPPING_LINES, RP_NAME_TEXT, RP_NAME_WANTED,
};

struct rp_name_key {
	const void *profile;	/* ids are this profile's */
	const void *owner;	/* mapping, file, module, ...; NULL: the kernel */
	uint64_t number;	/* address in it */
	enum rp_name_kind kind;
};

struct rp_name_cache {	/* all 0: empty */
	struct rp_name_slot {
		struct rp_name_key key;
		uint32_t id;	/* 0: free */
	} *slots;
	uint64_t size, used;
	uint64_t seed;
};

/* The id, 0 if it was not put yet. */
uint32_t rp_name_cache_get(const struct rp_name_cache *c, const struct rp_name_key *key);
/* Without memory it forgets: the name will be found once more. */
void rp_name_cache_put(struct rp_name_cache *c, const struct rp_name_key *key, uint32_t id);
/* Keeps a moderate amount of memory for the next window. */
void rp_name_cache_empty(struct rp_name_cache *c);
void rp_name_cache_free(struct rp_name_cache *c);

#endif
