// SPDX-License-Identifier: GPL-2.0
#include "namer_contexts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

static struct rp_namer_context **slot(const struct rp_namer_contexts *c, const struct rp_aspace *as)
{
	uint64_t at = rp_hash_mix(0, (uint64_t)(uintptr_t)as) & (c->size - 1);

	while (c->slots[at] && c->slots[at]->as != as)
		at = (at + 1) & (c->size - 1);
	return &c->slots[at];
}

static int contexts_grow(struct rp_namer_contexts *c)
{
	struct rp_namer_contexts larger = { .size = c->size ? c->size * 2 : 64, .used = c->used };
	size_t i;

	larger.slots = calloc(larger.size, sizeof(struct rp_namer_context *));
	if (!larger.slots)
		return -ENOMEM;
	for (i = 0; i < c->size; i++) {
		if (c->slots[i])
			*slot(&larger, c->slots[i]->as) = c->slots[i];
	}
	free(c->slots);
	*c = larger;
	return 0;
}

void rp_namer_contexts_free(struct rp_namer_contexts *c)
{
	size_t i;

	for (i = 0; i < c->size; i++) {
		if (c->slots[i])
			free(c->slots[i]->labels);
		free(c->slots[i]);
	}
	free(c->slots);
}

static int context_fill(struct rp_namer *n, struct rp_namer_context *c)
{
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	const struct rp_maps *maps = rp_aspace_newest(c->as);
	struct rp_profile *p = c->profile;

	if (n->options.profile)
		p = c->profile = n->options.profile(n->options.arg, c->as, maps);
	if (!p)
		return 0;
	if (!n->options.blind)
		c->jit = rp_jit_names_get(n->jit, c->as, maps);
	c->key.pid = rp_profile_string(p, "pid");
	c->key.thread_id = rp_profile_string(p, "thread_id");
	c->key.cpu = rp_profile_string(p, "cpu");
	c->key.comm = rp_profile_string(p, "comm");
	c->key.process = rp_profile_string(p, "process");
	c->key.kernel_truncated = rp_profile_string(p, "kernel_truncated");
	c->key.user_truncated = rp_profile_string(p, "user_truncated");
	c->key.user_unwound = rp_profile_string(p, "user_unwound");
	if (n->options.labels)
		c->nr_labels = n->options.labels(n->options.arg, p, c->as, maps, labels,
						 RP_PROFILE_LABELS_MAX - RP_NAMER_OWN_LABELS);
	if (!c->nr_labels)
		return p->error;
	c->labels = malloc(c->nr_labels * sizeof(labels[0]));
	if (!c->labels)
		return -ENOMEM;
	memcpy(c->labels, labels, c->nr_labels * sizeof(labels[0]));
	return p->error;
}

struct rp_namer_context *rp_namer_context_of(struct rp_namer *n, struct rp_namer_contexts *all,
					     struct rp_aspace *as, struct rp_profile *p)
{
	struct rp_namer_context **at, *c;

	if (all->used * 4 >= all->size * 3 && contexts_grow(all))
		return NULL;
	at = slot(all, as);
	if (*at)
		return *at;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	*at = c;
	all->used++;
	c->as = as;
	c->profile = p;
	return context_fill(n, c) ? NULL : c;
}

/* By profile, and in it the busiest space first. */
static int by_profile(const void *a, const void *b)
{
	const struct rp_namer_context *x = *(struct rp_namer_context *const *)a;
	const struct rp_namer_context *y = *(struct rp_namer_context *const *)b;

	if (!x || !y)
		return !x - !y;
	if (x->profile != y->profile)
		return (uintptr_t)x->profile < (uintptr_t)y->profile ? -1 : 1;
	return x->weight > y->weight ? -1 : x->weight < y->weight;
}

void rp_namer_main_mappings(struct rp_namer *n, struct rp_namer_contexts *all)
{
	struct rp_profile *done = NULL;
	const struct rp_mapped *exe;
	size_t i;

	if (all->size)
		qsort(all->slots, all->size, sizeof(all->slots[0]), by_profile);
	for (i = 0; i < all->used; i++) {
		struct rp_profile *p = all->slots[i]->profile;

		exe = p && p != done ? rp_maps_exe(rp_aspace_newest(all->slots[i]->as)) : NULL;
		if (!exe)
			continue;
		rp_profile_set_main_mapping(p, rp_namer_user_mapping(n, p, exe, 0));
		done = p;
	}
}
