/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window: the raw samples of some time, equal ones counted, nothing named yet.
 *
 * Equal means: same address space, map_gen, thread, thread name, CPU, kind, stacks
 * and reasons why the stacks end. Stacks are stored once each, packed (about 3 bytes
 * a frame); a million different ones are no trouble. In the steady state a sample
 * allocates nothing: tables and chunks are kept when the window is reset, and given
 * back when several windows in a row did not need them.
 *
 * Spaces  are kept by whoever adds samples of them, until the window is reset.
 * Bounds  Over bytes_max a sample that needs new room is not stored: it is counted
 *         in totals.overflow_*. Records are checked; a malformed one returns
 *         -EBADMSG and is counted in totals.bad.
 * Threads One at a time.
 */
#ifndef RP_WINDOW_H
#define RP_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "spaces.h"

struct rp_window;

struct rp_window_entry {
	struct rp_aspace *space;
	uint32_t map_gen;
	uint32_t tid;
	uint32_t cpu;
	uint32_t kernel_stack, user_stack;	/* ids; 0: no frames */
	uint16_t kind;				/* enum rp_kind */
	uint8_t kernel_stop, user_stop;		/* enum rp_stop */
	uint32_t flags;		/* RP_SAMPLE_KTHREAD, _IDLE_TASK, _32BIT */
	char comm[16];
	uint64_t count;		/* ticks */
	uint64_t time;		/* of the first of its samples; CLOCK_MONOTONIC, ns */
	uint64_t weight;	/* nanoseconds for RP_KIND_CPU */
};

struct rp_window_totals {
	uint64_t records;		/* SAMPLE records stored */
	uint64_t count, weight;		/* theirs */
	uint64_t lost_count, lost_weight;	/* of LOST records */
	uint64_t overflow_count, overflow_weight;	/* over bytes_max */
	uint64_t bad;			/* malformed records */
};

/* bytes_max 0: 512 MiB. */
struct rp_window *rp_window_new(size_t bytes_max);
void rp_window_free(struct rp_window *w);

/*
 * Counts a sample that is like one that was added not long ago, and returns the entry that
 * it is in now, whose space is the one of s->space. NULL: it is to be added.
 */
const struct rp_window_entry *rp_window_repeat(struct rp_window *w, uint32_t cpu,
					       const struct rp_sample *s);
/* space is the one of s->space. -EBADMSG, -ENOSPC (over bytes_max), -ENOMEM. */
int rp_window_add(struct rp_window *w, struct rp_aspace *space, uint32_t cpu,
		  const struct rp_sample *s);
int rp_window_lost(struct rp_window *w, const struct rp_lost *l);
/* A sample that could not be stored because its space could not. */
void rp_window_overflow(struct rp_window *w, const struct rp_sample *s);
/* A record that is none. */
void rp_window_bad(struct rp_window *w);

/* Entries 0 .. *ret_nr, in order of arrival; valid until the next add or reset. */
const struct rp_window_entry *rp_window_entries(const struct rp_window *w,
						uint64_t *ret_nr);
/* Unpacks a stack, leaf first; returns the number of frames (0 for id 0). */
unsigned int rp_window_stack(const struct rp_window *w, uint32_t id,
			     uint64_t ret_addr[static RP_DEPTH_MAX]);
const struct rp_window_totals *rp_window_totals(const struct rp_window *w);
uint64_t rp_window_nr_stacks(const struct rp_window *w);
size_t rp_window_bytes(const struct rp_window *w);	/* held, used or not */

/* Empties it for the next window. */
void rp_window_reset(struct rp_window *w);
/* Of an empty one: gives its memory back at once. */
void rp_window_shrink(struct rp_window *w);

#endif
