/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sample_same.h - whether two samples are of the same thread, in the same stack, and so can
 * be one record whose count and weight are their sums. It is tested in user space.
 *
 * Contexts: any; nobody changes either meanwhile.
 */
#ifndef RP_KMOD_SAMPLE_SAME_H
#define RP_KMOD_SAMPLE_SAME_H

#include "../proto/ringprof.h"

/* memcmp() is a call in the kernel, and a loop on the bytes in many. Both are aligned. */
static inline bool rp_same_words(const void *a, const void *b, __u32 nr)
{
	const __u64 *x = a, *y = b, *end = x + nr;

	for (; x < end; x++, y++)
		if (*x != *y)
			return false;
	return true;
}

/*
 * All that a record says of a thread and of how its stack was walked: from its address space
 * to its count, and its name.
 */
static inline bool rp_sample_same_head(const struct rp_sample *a, const struct rp_sample *b)
{
	return a->kernel_stop == b->kernel_stop && a->user_stop == b->user_stop &&
	       a->nr_user == b->nr_user &&
	       rp_same_words(&a->space, &b->space, 4) && rp_same_words(a->comm, b->comm, 2);
}

/*
 * rec: a whole record of any type, at least 8 bytes. addr: b's frames, as its record would
 * have them.
 */
static inline bool rp_sample_same(const struct rp_rec *rec, const struct rp_sample *b,
				  const __u64 *addr)
{
	const struct rp_sample *a = (const struct rp_sample *)rec;
	/* A sample of that size has as many frames; they are what differs most. */
	return rec->size == b->rec.size && rec->type == RP_REC_SAMPLE &&
	       rp_same_words(a->addr, addr, b->nr_kernel + b->nr_user) &&
	       rp_sample_same_head(a, b);
}

#endif
