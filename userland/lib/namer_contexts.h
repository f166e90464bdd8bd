/* SPDX-License-Identifier: GPL-2.0 */
/* What is found once for each space of a window, while it is named. Private to namer*.c. */
#ifndef RP_NAMER_CONTEXTS_H
#define RP_NAMER_CONTEXTS_H

#include "namer_private.h"

#define RP_NAMER_OWN_LABELS 8	/* besides the resource's: see add_labels() */

struct rp_namer_context {
	struct rp_aspace *as;
	struct rp_profile *profile;	/* NULL: left out */
	struct rp_jit_process *jit;	/* NULL: it makes no code */
	uint64_t weight;
	unsigned int nr_labels;
	struct rp_profile_label *labels;	/* the resource's */
	struct {
		uint32_t pid, thread_id, cpu, comm, process;
		uint32_t kernel_truncated, user_truncated, user_unwound;
	} key;				/* strings of the profile */
};

/* Contexts by space; open addressing. */
struct rp_namer_contexts {
	struct rp_namer_context **slots;
	size_t size, used;
};

/* The space's context; NULL without memory. p: the profile if nobody chooses one. */
struct rp_namer_context *rp_namer_context_of(struct rp_namer *n, struct rp_namer_contexts *all,
					     struct rp_aspace *as, struct rp_profile *p);
void rp_namer_contexts_free(struct rp_namer_contexts *c);

/*
 * Mapping number 1 is, by convention, the main binary: that of the busiest process.
 * The slots are sorted for it: no context is to be asked for after this.
 */
void rp_namer_main_mappings(struct rp_namer *n, struct rp_namer_contexts *all);

#endif
