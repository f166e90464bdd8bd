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

#ifndef __KERNEL__
#include <string.h>
#endif

/* All that a record says of a thread and of how its stack was walked. */
static inline bool rp_sample_same_head(const struct rp_sample *a, const struct rp_sample *b)
{
	return a->rec.size == b->rec.size && a->tid == b->tid &&
	       a->space.start == b->space.start && a->space.tgid == b->space.tgid &&
	       a->space.exec == b->space.exec && a->map_gen == b->map_gen &&
	       a->flags == b->flags && a->kind == b->kind &&
	       a->nr_kernel == b->nr_kernel && a->nr_user == b->nr_user &&
	       a->kernel_stop == b->kernel_stop && a->user_stop == b->user_stop &&
	       !memcmp(a->comm, b->comm, sizeof(a->comm));
}

/*
 * rec: a whole record of any type, at least 8 bytes. addr: b's frames, as its record would
 * have them.
 */
static inline bool rp_sample_same(const struct rp_rec *rec, const struct rp_sample *b,
				  const __u64 *addr)
{
	const struct rp_sample *a = (const struct rp_sample *)rec;
	__u32 nr = b->nr_kernel + b->nr_user, i;

	if (rec->type != RP_REC_SAMPLE || !rp_sample_same_head(a, b))
		return false;
	for (i = 0; i < nr; i++)
		if (a->addr[i] != addr[i])
			return false;
	return true;
}

#endif
