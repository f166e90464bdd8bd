/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples that came not long ago, as they were, and what they were counted as: a program
 * that does the same thing for a while has the same stack again and again, and comparing
 * bytes is many times faster than packing and looking up.
 *
 * Exact: who finds one here has the same thread, address space and mappings, CPU, stops,
 * flags and addresses. What is not found may be a repeat all the same.
 * Memory: 192 KiB, whatever comes. No thread of its own, no lock.
 */
#ifndef RP_REPEATS_H
#define RP_REPEATS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "proto/ringprof.h"

#define RP_REPEATS_SHIFT 8
#define RP_REPEATS_BYTES 768	/* of one; some 87 frames */

/*
 * From here to a sample's end stands what it is, but for its count; before that when, and for
 * how long.
 */
#define RP_REPEATS_WHAT offsetof(struct rp_sample, space)
#define RP_REPEATS_COUNT (offsetof(struct rp_sample, count) - RP_REPEATS_WHAT)
#define RP_REPEATS_NAME (offsetof(struct rp_sample, comm) - RP_REPEATS_WHAT)

struct rp_repeat {
	uint32_t counted_as;
	uint32_t round;		/* another one than the present: free */
	uint32_t cpu;
	uint32_t size;		/* of the record */
	unsigned char what[RP_REPEATS_BYTES - 4 * sizeof(uint32_t)];
};

struct rp_repeats {
	uint32_t round;
	struct rp_repeat repeats[1 << RP_REPEATS_SHIFT];
};

struct rp_repeats *rp_repeats_new(void);
void rp_repeats_free(struct rp_repeats *r);

static inline uint64_t rp_repeats_key(uint64_t key, const __u64 *addr)
{
	return 5 * key + addr[0] + addr[2] + addr[4] + addr[6];
}

/*
 * By every other of its addresses, since stacks may differ near the leaf, near the root or in
 * between; by all that are near the root, and by where the leaf was called from. It is little
 * more than their sum: whoever means to have his samples meet in one place may do so, they
 * are looked up as new ones are.
 */
static inline uint32_t rp_repeats_place(const struct rp_sample *s)
{
	size_t nr = (s->rec.size - sizeof(*s)) / sizeof(s->addr[0]);
	const __u64 *addr = s->addr, *last;
	uint64_t key = s->tid;

	if (nr >= 8) {
		key += addr[1];
		for (last = addr + nr - 8; addr < last; addr += 8)
			key = rp_repeats_key(key, addr);
		key = rp_repeats_key(rp_repeats_key(key, last), last + 1);
	} else {
		while (nr--)
			key = 5 * key + *addr++;
	}
	return (uint32_t)(key * 0x9e3779b97f4a7c15ull >> (64 - RP_REPEATS_SHIFT));
}

/* The one that it is like, or NULL. Of the sample only its size has been checked. */
static inline const struct rp_repeat *
rp_repeats_find(const struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s)
{
	const struct rp_repeat *repeat = &r->repeats[rp_repeats_place(s)];

	if (repeat->round != r->round || repeat->size != s->rec.size || repeat->cpu != cpu ||
	    memcmp(repeat->what, &s->space, RP_REPEATS_COUNT) ||
	    memcmp(repeat->what + RP_REPEATS_NAME, s->comm,
		   repeat->size - RP_REPEATS_WHAT - RP_REPEATS_NAME))
		return NULL;
	return repeat;
}

/* It was counted as that. */
void rp_repeats_note(struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s,
		     uint32_t counted_as);
void rp_repeats_forget(struct rp_repeats *r);

#endif
