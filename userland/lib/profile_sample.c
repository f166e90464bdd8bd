// SPDX-License-Identifier: GPL-2.0
/*
 * Samples: a stack and a label set, each stored once, and the values that add up.
 * Stacks stand apart from labels because the same stack comes from many threads
 * and CPUs: labels that differ must not copy it.
 */
#include "profile_store.h"

#include <errno.h>
#include <string.h>

struct stack_key {
	const uint32_t *frames;
	uint32_t nr;
};

static bool stack_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_stack *s = &p->stacks[id];
	const struct stack_key *k = key;

	return s->nr == k->nr &&
	       (!k->nr || !memcmp(p->frames + s->first, k->frames,
				  k->nr * sizeof(*k->frames)));
}

static uint32_t intern_stack(struct rp_profile *p, const struct stack_key *k)
{
	struct rp_hash h;
	uint32_t hash, id;

	rp_hash_start(&h, p->seed);
	rp_hash_bytes(&h, k->nr ? k->frames : (const uint32_t[]){ 0 },
		      k->nr * sizeof(*k->frames));
	hash = rp_hash_end(&h);
	id = rp_index_find(p, &p->by_stack, hash, stack_equal, k);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->stacks, &p->room.stacks, p->nr_stacks,
				sizeof(*p->stacks), &p->by_stack) < 0 ||
	    rp_store_grow(p, &p->frames, &p->room.frames, p->nr_frames + k->nr,
			  sizeof(*p->frames)) < 0)
		return 0;
	id = (uint32_t)++p->nr_stacks;
	p->stacks[id] = (struct rp_profile_stack){ .first = p->nr_frames, .nr = k->nr };
	if (k->nr)
		memcpy(p->frames + p->nr_frames, k->frames, k->nr * sizeof(*k->frames));
	p->nr_frames += k->nr;
	rp_index_insert(&p->by_stack, hash, id);
	return id;
}

struct labelset_key {
	const struct rp_profile_label *labels;	/* sorted */
	uint32_t nr;
};

static bool labelset_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_labelset *s = &p->labelsets[id];
	const struct labelset_key *k = key;
	const struct rp_profile_label *a, *b;
	uint32_t i;

	if (s->nr != k->nr)
		return false;
	for (i = 0; i < k->nr; i++) {
		a = &p->labels[s->first + i];
		b = &k->labels[i];
		if (a->key != b->key || a->str != b->str || a->num != b->num ||
		    a->unit != b->unit)
			return false;
	}
	return true;
}

static uint32_t intern_labelset(struct rp_profile *p, const struct labelset_key *k)
{
	struct rp_hash h;
	uint32_t hash, id, i;

	rp_hash_start(&h, p->seed);
	for (i = 0; i < k->nr; i++) {
		rp_hash_word(&h, (uint64_t)k->labels[i].key << 32 | k->labels[i].str);
		rp_hash_word(&h, (uint64_t)k->labels[i].num);
		rp_hash_word(&h, k->labels[i].unit);
	}
	hash = rp_hash_end(&h);
	id = rp_index_find(p, &p->by_labelset, hash, labelset_equal, k);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->labelsets, &p->room.labelsets, p->nr_labelsets,
				sizeof(*p->labelsets), &p->by_labelset) < 0 ||
	    rp_store_grow(p, &p->labels, &p->room.labels, p->nr_labels + k->nr,
			  sizeof(*p->labels)) < 0)
		return 0;
	id = (uint32_t)++p->nr_labelsets;
	p->labelsets[id] = (struct rp_profile_labelset){ .first = p->nr_labels, .nr = k->nr };
	memcpy(p->labels + p->nr_labels, k->labels, k->nr * sizeof(*k->labels));
	p->nr_labels += k->nr;
	rp_index_insert(&p->by_labelset, hash, id);
	return id;
}

static bool sample_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_sample *k = key;

	return p->samples[id].stack == k->stack && p->samples[id].labelset == k->labelset;
}

static uint32_t intern_sample(struct rp_profile *p, const struct rp_profile_sample *k)
{
	struct rp_hash h;
	uint32_t hash, id;

	rp_hash_start(&h, p->seed);
	rp_hash_word(&h, (uint64_t)k->stack << 32 | k->labelset);
	hash = rp_hash_end(&h);
	id = rp_index_find(p, &p->by_sample, hash, sample_equal, k);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->samples, &p->room.samples, p->nr_samples,
				sizeof(*p->samples), &p->by_sample) < 0 ||
	    rp_store_grow(p, &p->values, &p->room.values, p->nr_values + p->nr_types,
			  sizeof(*p->values)) < 0)
		return 0;
	id = (uint32_t)++p->nr_samples;
	p->samples[id] = *k;
	memset(p->values + p->nr_values, 0, p->nr_types * sizeof(*p->values));
	p->nr_values += p->nr_types;
	rp_index_insert(&p->by_sample, hash, id);
	return id;
}

/* Into `to` in the order of their keys, and in the one form that equal ones have. */
static int sort_labels(const struct rp_profile *p, const struct rp_profile_label *labels,
		       uint32_t nr, struct rp_profile_label *to)
{
	struct rp_profile_label l;
	uint32_t i, j;

	for (i = 0; i < nr; i++) {
		l = labels[i];
		if (!l.key || l.key > p->nr_strings || l.str > p->nr_strings ||
		    l.unit > p->nr_strings)
			return -EINVAL;
		if (l.str)
			l.num = l.unit = 0;
		for (j = i; j && to[j - 1].key > l.key; j--)
			to[j] = to[j - 1];
		if (j && to[j - 1].key == l.key)
			return -EINVAL;
		to[j] = l;
	}
	return 0;
}

int rp_profile_add(struct rp_profile *p, const uint32_t *locations, uint32_t nr,
		   const struct rp_profile_label *labels, uint32_t nr_labels,
		   const int64_t *values)
{
	struct rp_profile_label sorted[RP_PROFILE_LABELS_MAX];
	struct rp_profile_sample s = { 0, 0 };
	uint32_t i, id;
	int64_t *v;

	if (p->error)
		return p->error;
	if (nr > RP_PROFILE_DEPTH_MAX || nr_labels > RP_PROFILE_LABELS_MAX)
		return -E2BIG;
	if (!p->nr_types || sort_labels(p, labels, nr_labels, sorted) < 0)
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (!locations[i] || locations[i] > p->nr_locations)
			return -EINVAL;
	}
	s.stack = intern_stack(p, &(struct stack_key){ locations, nr });
	if (nr_labels && s.stack)
		s.labelset = intern_labelset(p, &(struct labelset_key){ sorted, nr_labels });
	if (p->error)
		return p->error;
	id = intern_sample(p, &s);
	if (!id)
		return p->error;
	v = p->values + (uint64_t)(id - 1) * p->nr_types;
	for (i = 0; i < p->nr_types; i++)
		v[i] = rp_add_saturated(v[i], values[i]);
	return 0;
}

const struct rp_profile_label *rp_profile_find_label(const struct rp_profile *p,
						     uint32_t labelset, uint32_t key)
{
	const struct rp_profile_labelset *s = &p->labelsets[labelset];
	uint32_t i;

	for (i = 0; i < s->nr && key; i++) {
		if (p->labels[s->first + i].key == key)
			return &p->labels[s->first + i];
	}
	return NULL;
}

int64_t rp_profile_total(const struct rp_profile *p, unsigned int type)
{
	int64_t sum = 0;
	uint64_t id;

	for (id = 1; type < p->nr_types && id <= p->nr_samples; id++)
		sum = rp_add_saturated(sum, rp_profile_values(p, id)[type]);
	return sum;
}
