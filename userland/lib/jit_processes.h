/* SPDX-License-Identifier: GPL-2.0 */
/* The processes whose code has names: what jit_names.c and jit_processes.c share. */
#ifndef RP_JIT_PROCESSES_H
#define RP_JIT_PROCESSES_H

#include "jit_file.h"
#include "jit_names.h"
#include "jit_owner.h"

#define RP_JIT_BUCKETS 256u

struct rp_jit_process {
	struct rp_space_id id;
	struct rp_jit_process *chain;
	struct rp_jit_process *newer, *older;	/* by last use */
	struct rp_jit_owner owner;
	bool owner_known;
	struct rp_jit_file map, dump;
	enum rp_jit_refusal why_map, why_dump;	/* told */
	uint64_t looked_ns;
	const struct rp_aspace *again;	/* to be looked at once more, or NULL */
	uint64_t again_ns;		/* and when */
	uint32_t round;			/* when it was used last */
};

struct rp_jit_names {
	const char *proc;
	struct rp_jit_process *buckets[RP_JIT_BUCKETS];
	struct rp_jit_process *newest, *oldest;
	uint64_t seed;
	uint32_t round;
	bool closing;			/* names have to hold */
	bool last_look;			/* before that */
	struct rp_own_budget *budget;	/* or NULL */
	const struct rp_jit_process *kept;	/* is being read for: does not go */
	bool keep_looking, busy;
	bool said[RP_JIT_REFUSALS_NR];
	uint64_t last_close_ns;
	size_t nr_again;
	struct rp_jit_names_stats stats;
	struct rp_jit_reading reading;
};

/* The process with this address space; NULL: it is not known, or there is no room for it. */
struct rp_jit_process *rp_jit_process_of(struct rp_jit_names *n, const struct rp_space_id *id);
struct rp_jit_process *rp_jit_process_add(struct rp_jit_names *n, const struct rp_space_id *id);
/* It is the one that was used last. */
void rp_jit_process_use(struct rp_jit_names *n, struct rp_jit_process *p);
void rp_jit_process_close(struct rp_jit_names *n, struct rp_jit_file *f);
void rp_jit_process_drop(struct rp_jit_names *n, struct rp_jit_process *p);
/* One that is not in use now goes, for names of others, too. false: there is none. */
bool rp_jit_process_evict(void *names);

#endif
