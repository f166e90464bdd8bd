/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strings, each stored once, by number. They are a stranger's: control characters, which
 * have no place on a terminal or in a line of text, become '?'.
 *
 * Limits  RP_STRING_POOL_MAX bytes in all; what is over it, or without memory, is "" and
 *	   `partial` is set.
 */
#ifndef RP_STRING_POOL_H
#define RP_STRING_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_STRING_POOL_MAX (256u << 20)

struct rp_string_pool {		/* all 0: empty */
	char *bytes;
	uint32_t size, room;
	uint32_t *slots;	/* places in bytes; 0: free */
	uint32_t nr_slots, used;
	uint64_t seed;
	bool partial;
};

/* The number of that string, which is its place in the bytes; 0 is "". */
uint32_t rp_string_pool_add(struct rp_string_pool *p, const char *s, size_t len);
static inline const char *rp_string_pool_get(const struct rp_string_pool *p, uint32_t id)
{
	return id < p->size ? p->bytes + id : "";
}
size_t rp_string_pool_bytes(const struct rp_string_pool *p);
void rp_string_pool_free(struct rp_string_pool *p);

#endif
