/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All stacks of a profile as one tree: what flame graphs and folded stacks are
 * made from. Node 0 is the root, which stands for all samples; every other node is
 * a frame below its parent's.
 *
 * Values: for every sample type of the profile each node has its own (self:
 * samples that end here) and its total (self and everything below).
 */
#ifndef RP_FLAME_TREE_H
#define RP_FLAME_TREE_H

#include "filter.h"
#include "frames.h"

#define RP_FLAME_NODES_MAX	(1u << 24)

struct rp_flame_options {
	bool by_process;		/* a first level per "comm" label */
	const struct rp_filters *filters; /* or NULL */
	unsigned int type;		/* the sample type that children are sorted by */
	uint32_t depth_max;		/* deeper frames count for the one at the limit; 0: none */
};

struct rp_flame_node {
	uint32_t frame;			/* 0: the root */
	uint32_t parent;
	uint32_t depth;			/* the root's is 0 */
};

struct rp_flame_tree {
	const struct rp_profile *p;
	struct rp_frames *frames;
	struct rp_flame_node *nodes;
	int64_t *self, *total;		/* p->nr_types for each node */
	uint32_t nr;			/* nodes, the root included */
	uint32_t depth;			/* of the deepest node */
	uint64_t cut;			/* samples that were cut at depth_max */
	/*
	 * All nodes, parents first and each one's subtree behind it; children with
	 * the largest total first, then by name.
	 */
	uint32_t *order;

	/* Private. */
	uint64_t room_nodes, room_values;
	uint32_t *slots;
	uint64_t nr_slots;
};

/* NULL and errno: ENOMEM, or EFBIG above RP_FLAME_NODES_MAX nodes. */
struct rp_flame_tree *rp_flame_tree_new(const struct rp_profile *p,
					const struct rp_flame_options *options);
void rp_flame_tree_free(struct rp_flame_tree *t);

static inline int64_t rp_flame_self(const struct rp_flame_tree *t, uint32_t node,
				    unsigned int type)
{
	return t->self[(uint64_t)node * t->p->nr_types + type];
}

static inline int64_t rp_flame_total(const struct rp_flame_tree *t, uint32_t node,
				     unsigned int type)
{
	return t->total[(uint64_t)node * t->p->nr_types + type];
}

#endif
