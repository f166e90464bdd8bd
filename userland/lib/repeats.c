// SPDX-License-Identifier: GPL-2.0
/*
 * One place for each sample to be, found by its addresses: another one that comes there
 * takes its room. Deep stacks are not kept: they repeat least.
 */
#include <stdlib.h>

#include "repeats.h"

struct rp_repeats *rp_repeats_new(void)
{
	struct rp_repeats *r = malloc(sizeof(*r));
	size_t i;

	if (!r)
		return NULL;
	r->round = 0;
	/* This way its pages are there, too: none has to come in the middle of a drain. */
	for (i = 0; i < sizeof(r->repeats) / sizeof(r->repeats[0]); i++)
		r->repeats[i].round = UINT32_MAX;
	return r;
}

void rp_repeats_free(struct rp_repeats *r)
{
	free(r);
}

void rp_repeats_note(struct rp_repeats *r, uint32_t cpu, const struct rp_sample *s,
		     uint32_t counted_as)
{
	struct rp_repeat *repeat = &r->repeats[rp_repeats_place(s)];
	size_t size = s->rec.size - RP_REPEATS_WHAT;

	if (size > sizeof(repeat->what))
		return;
	repeat->counted_as = counted_as;
	repeat->round = r->round;
	repeat->cpu = cpu;
	repeat->size = s->rec.size;
	memcpy(repeat->what, &s->space, size);
}

void rp_repeats_forget(struct rp_repeats *r)
{
	r->round++;
}
