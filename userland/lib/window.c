// SPDX-License-Identifier: GPL-2.0
/*
 * Samples are counted raw and named once, when the window closes: an address that was
 * hit a thousand times is looked up once, and the path from ring to table touches no
 * file and allocates nothing once the tables have grown to what a window needs.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "repeats.h"
#include "stack_store.h"
#include "window.h"

#define BYTES_MAX_DEFAULT ((size_t)512 << 20)
#define SLOTS_FIRST 1024u
#define ENTRIES_FIRST 1024u
#define SMALL_WINDOWS 8		/* in a row, until memory is given back */
#define FLAGS_KEPT (RP_SAMPLE_KTHREAD | RP_SAMPLE_IDLE_TASK | RP_SAMPLE_32BIT | \
		    RP_SAMPLE_FP_FRAMES)

struct rp_window {
	uint64_t seed;
	size_t bytes_max;
	struct rp_stack_store *stacks;
	struct rp_repeats *repeats;	/* counted as entries[] */
	struct rp_window_entry *entries;
	uint32_t nr, room;
	uint32_t *slots;	/* index + 1, 0: free; open addressing */
	uint32_t nr_slots;
	unsigned int small;	/* windows in a row that used little of the memory */
	struct rp_window_totals totals;
};

struct rp_window *rp_window_new(size_t bytes_max)
{
	struct rp_window *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->seed = rp_hash_seed();
	w->bytes_max = bytes_max ? bytes_max : BYTES_MAX_DEFAULT;
	w->stacks = rp_stack_store_new();
	w->repeats = rp_repeats_new();
	w->slots = calloc(SLOTS_FIRST, sizeof(w->slots[0]));
	w->entries = malloc(ENTRIES_FIRST * sizeof(w->entries[0]));
	if (!w->stacks || !w->repeats || !w->slots || !w->entries) {
		rp_window_free(w);
		errno = ENOMEM;
		return NULL;
	}
	w->nr_slots = SLOTS_FIRST;
	w->room = ENTRIES_FIRST;
	return w;
}

void rp_window_free(struct rp_window *w)
{
	if (!w)
		return;
	rp_stack_store_free(w->stacks);
	rp_repeats_free(w->repeats);
	free(w->slots);
	free(w->entries);
	free(w);
}

size_t rp_window_bytes(const struct rp_window *w)
{
	return rp_stack_store_bytes(w->stacks) + w->room * sizeof(w->entries[0]) +
	       w->nr_slots * sizeof(w->slots[0]);
}

/* ---- the table ----------------------------------------------------------------- */

static uint32_t entry_hash(const struct rp_window *w, const struct rp_window_entry *e)
{
	uint64_t hash = rp_hash_mix(w->seed, (uint64_t)(uintptr_t)e->space);

	hash = rp_hash_mix(hash, (uint64_t)e->kernel_stack << 32 | e->user_stack);
	hash = rp_hash_mix(hash, (uint64_t)e->tid << 32 | e->cpu);
	hash = rp_hash_mix(hash, (uint64_t)e->map_gen << 32 | e->flags);
	hash = rp_hash_mix(hash, (uint64_t)e->kind << 16 | e->kernel_stop << 8 | e->user_stop);
	return (uint32_t)rp_hash_bytes(hash, e->comm, sizeof(e->comm));
}

static bool entry_equal(const struct rp_window_entry *a, const struct rp_window_entry *b)
{
	return a->space == b->space && a->map_gen == b->map_gen && a->tid == b->tid &&
	       a->cpu == b->cpu && a->kernel_stack == b->kernel_stack &&
	       a->user_stack == b->user_stack && a->kind == b->kind &&
	       a->kernel_stop == b->kernel_stop && a->user_stop == b->user_stop &&
	       a->flags == b->flags && !memcmp(a->comm, b->comm, sizeof(a->comm));
}

static int make_room(struct rp_window *w)
{
	bool more_entries = w->nr == w->room;
	bool more_slots = (uint64_t)w->nr * 4 >= (uint64_t)w->nr_slots * 3;
	struct rp_window_entry *entries;
	uint32_t *slots, i, at, nr;
	size_t need = 0;

	need += more_entries ? w->room * sizeof(*entries) : 0;
	need += more_slots ? w->nr_slots * sizeof(*slots) : 0;
	if (need && (rp_window_bytes(w) + need > w->bytes_max || w->nr_slots > UINT32_MAX / 4))
		return -ENOSPC;
	if (more_entries) {
		entries = realloc(w->entries, w->room * 2 * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		w->entries = entries;
		w->room *= 2;
	}
	if (!more_slots)
		return 0;
	nr = w->nr_slots * 2;
	slots = calloc(nr, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < w->nr; i++) {
		at = entry_hash(w, &w->entries[i]) & (nr - 1);
		while (slots[at])
			at = (at + 1) & (nr - 1);
		slots[at] = i + 1;
	}
	free(w->slots);
	w->slots = slots;
	w->nr_slots = nr;
	return 0;
}

/* Of which entry it is one more, from 1. */
static int count_entry(struct rp_window *w, const struct rp_window_entry *e,
		       uint32_t *ret_index)
{
	uint32_t hash = entry_hash(w, e), at, index;
	struct rp_window_entry *have;
	int err;

	for (at = hash & (w->nr_slots - 1); (index = w->slots[at]);
	     at = (at + 1) & (w->nr_slots - 1)) {
		have = &w->entries[index - 1];
		if (!entry_equal(have, e))
			continue;
		have->count += e->count;
		have->weight += e->weight;
		*ret_index = index;
		return 0;
	}
	err = make_room(w);
	if (err)
		return err;
	for (at = hash & (w->nr_slots - 1); w->slots[at]; at = (at + 1) & (w->nr_slots - 1))
		;
	w->entries[w->nr] = *e;
	w->slots[at] = *ret_index = ++w->nr;
	return 0;
}

/* ---- records ------------------------------------------------------------------- */

static bool sample_ok(const struct rp_sample *s)
{
	size_t need = sizeof(*s), frames;

	if (s->rec.size < need)
		return false;
	frames = (size_t)s->nr_kernel + s->nr_user;
	need += frames * sizeof(s->addr[0]);
	need += s->flags & RP_SAMPLE_TRACE ? sizeof(struct rp_trace) : 0;
	return s->rec.size >= need && s->nr_kernel <= RP_DEPTH_MAX &&
	       s->nr_user <= RP_DEPTH_MAX && memchr(s->comm, '\0', sizeof(s->comm));
}

static int add_stack(struct rp_window *w, const __u64 *addr, unsigned int nr,
		     uint32_t *ret_id)
{
	size_t bytes = rp_window_bytes(w);

	if (!nr)
		return 0;
	return rp_stack_store_add(w->stacks, addr, nr,
				  bytes < w->bytes_max ? w->bytes_max - bytes : 0, ret_id);
}

static inline void count_totals(struct rp_window *w, const struct rp_sample *s)
{
	w->totals.records++;
	w->totals.count += s->count;
	w->totals.weight += s->weight;
}

const struct rp_window_entry *rp_window_repeat(struct rp_window *w, uint32_t cpu,
					       const struct rp_sample *s)
{
	const struct rp_repeat *repeat;
	struct rp_window_entry *e;

	/* What is like something that was well-formed is so, too. */
	repeat = s->rec.size < sizeof(*s) ? NULL : rp_repeats_find(w->repeats, cpu, s);
	if (!repeat)
		return NULL;
	e = &w->entries[repeat->counted_as];
	e->count += s->count;
	e->weight += s->weight;
	count_totals(w, s);
	return e;
}

static int count_new(struct rp_window *w, struct rp_aspace *space, uint32_t cpu,
		     const struct rp_sample *s)
{
	struct rp_window_entry e = {
		.space = space,
		.cpu = cpu,
	};
	uint32_t index;
	int err;

	e.map_gen = s->map_gen;
	e.time = s->time;
	e.tid = s->tid;
	e.kind = s->kind;
	e.kernel_stop = s->kernel_stop;
	e.user_stop = s->user_stop;
	e.flags = s->flags & FLAGS_KEPT;
	e.count = s->count;
	e.weight = s->weight;
	memcpy(e.comm, s->comm, strlen(s->comm));	/* 0 behind: it is compared whole */
	err = add_stack(w, s->addr, s->nr_kernel, &e.kernel_stack);
	if (!err)
		err = add_stack(w, s->addr + s->nr_kernel, s->nr_user, &e.user_stack);
	if (!err)
		err = count_entry(w, &e, &index);
	if (!err)
		rp_repeats_note(w->repeats, cpu, s, index - 1);
	return err;
}

int rp_window_add(struct rp_window *w, struct rp_aspace *space, uint32_t cpu,
		  const struct rp_sample *s)
{
	int err;

	if (!sample_ok(s)) {
		w->totals.bad++;
		return -EBADMSG;
	}
	err = count_new(w, space, cpu, s);
	if (err) {
		rp_window_overflow(w, s);
		return err;
	}
	count_totals(w, s);
	return 0;
}

int rp_window_lost(struct rp_window *w, const struct rp_lost *l)
{
	if (l->rec.size < sizeof(*l)) {
		w->totals.bad++;
		return -EBADMSG;
	}
	w->totals.lost_count += l->count;
	w->totals.lost_weight += l->weight;
	return 0;
}

void rp_window_overflow(struct rp_window *w, const struct rp_sample *s)
{
	w->totals.overflow_count += s->count;
	w->totals.overflow_weight += s->weight;
}

void rp_window_bad(struct rp_window *w)
{
	w->totals.bad++;
}

/* ---- reading ------------------------------------------------------------------- */

const struct rp_window_entry *rp_window_entries(const struct rp_window *w,
						uint64_t *ret_nr)
{
	*ret_nr = w->nr;
	return w->entries;
}

unsigned int rp_window_stack(const struct rp_window *w, uint32_t id,
			     uint64_t ret_addr[static RP_DEPTH_MAX])
{
	return rp_stack_store_get(w->stacks, id, ret_addr);
}

const struct rp_window_totals *rp_window_totals(const struct rp_window *w)
{
	return &w->totals;
}

uint64_t rp_window_nr_stacks(const struct rp_window *w)
{
	return rp_stack_store_nr(w->stacks);
}

/* One busy minute must not hold its memory for weeks. */
void rp_window_shrink(struct rp_window *w)
{
	struct rp_window_entry *entries;
	uint32_t *slots = calloc(SLOTS_FIRST, sizeof(*slots));

	if (!slots)
		return;
	free(w->slots);
	w->slots = slots;
	w->nr_slots = SLOTS_FIRST;
	entries = realloc(w->entries, ENTRIES_FIRST * sizeof(*entries));
	if (entries) {
		w->entries = entries;
		w->room = ENTRIES_FIRST;
	}
	rp_stack_store_shrink(w->stacks);
}

void rp_window_reset(struct rp_window *w)
{
	bool small = w->room > ENTRIES_FIRST && w->nr < w->room / 8;

	memset(w->slots, 0, w->nr_slots * sizeof(w->slots[0]));
	rp_stack_store_empty(w->stacks);
	rp_repeats_forget(w->repeats);
	w->nr = 0;
	w->totals = (struct rp_window_totals){ 0 };
	w->small = small ? w->small + 1 : 0;
	if (w->small < SMALL_WINDOWS)
		return;
	rp_window_shrink(w);
	w->small = 0;
}
