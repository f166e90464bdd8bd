/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples that came not long ago, as they were, and what they were counted as: a program
 * that does the same thing for a while has the same stack again and again, and comparing
 * bytes is many times faster than packing and looking up.
 *
 * Exact: who finds one here has the same thread, address space and mappings, CPU, stops,
 * flags and addresses. What is not found may be a repeat all the same.
 * Memory: some 40 KiB, whatever comes. No thread of its own, no lock.
 */
#ifndef RP_REPEATS_H
#define RP_REPEATS_H

#include <stdint.h>

#include "proto/ringprof.h"

struct rp_repeats;

struct rp_repeats *rp_repeats_new(void);
void rp_repeats_free(struct rp_repeats *r);

/* What rp_repeats_note was given, or 0. Of the sample only its size has been checked. */
uint32_t rp_repeats_find(const struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s);
/* It was counted as that, which is not 0. */
void rp_repeats_note(struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s,
		     uint32_t counted_as);
void rp_repeats_forget(struct rp_repeats *r);

#endif
