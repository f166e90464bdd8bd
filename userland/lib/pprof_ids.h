/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a file's own ids (any 64-bit numbers) to ids of the profile; private to
 * the pprof reader.
 */
#ifndef RP_PPROF_IDS_H
#define RP_PPROF_IDS_H

#include <stddef.h>
#include <stdint.h>

struct rp_pprof_ids {
	struct rp_pprof_id {
		uint64_t theirs;
		uint32_t ours;		/* 0: a free slot */
	} *slots;
	size_t size, used;
};

/* 0; -EEXIST: their id was there already; -ENOMEM. Ours is not 0. */
int rp_pprof_ids_add(struct rp_pprof_ids *ids, uint64_t theirs, uint32_t ours);
/* Our id, or 0. */
uint32_t rp_pprof_ids_find(const struct rp_pprof_ids *ids, uint64_t theirs);
void rp_pprof_ids_free(struct rp_pprof_ids *ids);

#endif
