// SPDX-License-Identifier: GPL-2.0
/*
 * One place for each sample to be, found by little of it: another one with the same leaf in
 * the same thread takes its room. Deep stacks are not kept: they repeat least.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "repeats.h"

#define PLACES 64u
#define BYTES_MAX (sizeof(struct rp_sample) + 64 * sizeof(__u64))

/* A sample's bytes that say what it is; between them is how often, before them when. */
#define WHAT offsetof(struct rp_sample, space)
#define WHAT_END offsetof(struct rp_sample, count)
#define WHO offsetof(struct rp_sample, comm)

struct repeat {
	uint32_t counted_as;	/* 0: free */
	uint32_t cpu;
	uint32_t size;
	_Alignas(struct rp_sample) unsigned char bytes[BYTES_MAX];
};

struct rp_repeats {
	struct repeat repeats[PLACES];
};

struct rp_repeats *rp_repeats_new(void)
{
	return calloc(1, sizeof(struct rp_repeats));
}

void rp_repeats_free(struct rp_repeats *r)
{
	free(r);
}

static uint32_t place(const struct rp_sample *s)
{
	uint64_t leaf = s->rec.size > sizeof(*s) ? s->addr[0] : 0;

	return (uint32_t)rp_hash_mix(leaf, s->tid) % PLACES;
}

uint32_t rp_repeats_find(const struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s)
{
	const struct repeat *repeat = &r->repeats[place(s)];
	const unsigned char *bytes = (const unsigned char *)s;

	if (!repeat->counted_as || repeat->size != s->rec.size || repeat->cpu != cpu ||
	    memcmp(repeat->bytes + WHO, bytes + WHO, repeat->size - WHO) ||
	    memcmp(repeat->bytes + WHAT, bytes + WHAT, WHAT_END - WHAT))
		return 0;
	return repeat->counted_as;
}

void rp_repeats_note(struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s,
		     uint32_t counted_as)
{
	struct repeat *repeat = &r->repeats[place(s)];

	if (s->rec.size > BYTES_MAX)
		return;
	repeat->counted_as = counted_as;
	repeat->cpu = cpu;
	repeat->size = s->rec.size;
	memcpy(repeat->bytes, s, s->rec.size);
}

void rp_repeats_forget(struct rp_repeats *r)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		r->repeats[i].counted_as = 0;
}
