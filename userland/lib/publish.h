/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Publishing: a window's profile becomes parcels for the exporter, one for each
 * distinct resource (more if it is over what the receiver takes).
 *
 * The resource's labels of a profile's samples are put there through
 * rp_publish_label(), which remembers their keys: that is how they are told from
 * the samples' other labels.
 *
 * Bounds  RP_PUBLISH_KEYS_MAX different keys in a window; labels with further ones
 *         are left out. Keys that samples use themselves (pid, comm, ...) and what
 *         pprof reserves cannot be attributes' keys and are left out too.
 */
#ifndef RP_PUBLISH_H
#define RP_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "exporter.h"
#include "profile.h"

#define RP_PUBLISH_KEYS_MAX 256

struct rp_publish_keys {		/* zeroed at first, and for each new profile */
	uint32_t ids[RP_PUBLISH_KEYS_MAX];
	size_t nr;
};

/*
 * Writes a resource as labels of p, at most room. Returns how many; less than all
 * (and p->error set) without memory.
 */
unsigned int rp_publish_labels(struct rp_publish_keys *keys, struct rp_profile *p,
			       const struct rp_attributes *resource,
			       struct rp_profile_label *ret, unsigned int room);

/*
 * Splits and hands over; p stays the caller's. rate: Hz. *ret_parcels (may be NULL)
 * is their number. 0 or -errno; those handed over before a failure stay so.
 */
int rp_publish(struct rp_exporter *e, const struct rp_profile *p,
	       const struct rp_publish_keys *keys, uint32_t rate,
	       unsigned int *ret_parcels);

#endif
