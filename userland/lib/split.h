/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Splitting a profile by its resource: one profile for each distinct set of values
 * that its samples have under the keys given, for receivers that have one series a
 * resource. Samples lose all their labels (those of the resource belong to the
 * series, the others would multiply it), so equal stacks of one service become one.
 *
 * Parts   A part that reaches a limit is handed out and the next one begun; its
 *         start is RP_SPLIT_STEP_NS later, for receivers that take two profiles of
 *         one series and time for the same.
 * Memory  One part at a time.
 */
#ifndef RP_SPLIT_H
#define RP_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "profile.h"

#define RP_SPLIT_STEP_NS 1000000

struct rp_split_limits {		/* 0: none */
	uint64_t samples;
	uint64_t bytes;		/* of the part as pprof, uncompressed; never above */
};

/*
 * Called for each part; the resource and the profile are the split's own and hold
 * during the call. Nonzero ends the split, which returns it.
 */
typedef int (*rp_split_each)(void *arg, const struct rp_attributes *resource,
			     const struct rp_profile *part);

/*
 * keys: string ids of p, each once. A sample's labels with other keys are no part of
 * its resource. Returns 0, each's result, or -ENOMEM or -ENOSPC.
 */
int rp_split(const struct rp_profile *p, const uint32_t *keys, size_t nr_keys,
	     const struct rp_split_limits *limits, rp_split_each each, void *arg);

#endif
