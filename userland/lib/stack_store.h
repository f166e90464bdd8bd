/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Raw stacks, each stored once and known by a number. They are packed: each address
 * is the difference to the one before it, in 7-bit groups, which takes about 3 bytes
 * where an address takes 8.
 *
 * Bounds  bytes_max for chunks and table together; beyond it -ENOSPC.
 * Memory  Kept when emptied, so that the next window allocates nothing;
 *         rp_stack_store_shrink() gives back what lay unused.
 */
#ifndef RP_STACK_STORE_H
#define RP_STACK_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/ringprof.h"

struct rp_stack_store;

struct rp_stack_store *rp_stack_store_new(void);
void rp_stack_store_free(struct rp_stack_store *s);

/*
 * The stack's id, from 1; nr 1 .. RP_DEPTH_MAX. room: bytes that the store may grow
 * by. -ENOSPC, -ENOMEM.
 */
int rp_stack_store_add(struct rp_stack_store *s, const __u64 *addr, unsigned int nr,
		       size_t room, uint32_t *ret_id);

/* Returns the number of frames; 0 for an id that is none. */
unsigned int rp_stack_store_get(const struct rp_stack_store *s, uint32_t id,
				uint64_t ret_addr[static RP_DEPTH_MAX]);

uint64_t rp_stack_store_nr(const struct rp_stack_store *s);
size_t rp_stack_store_bytes(const struct rp_stack_store *s);

/* Forgets the stacks, keeps the memory. */
void rp_stack_store_empty(struct rp_stack_store *s);
/* Of an empty store: gives back all memory but for the first chunks. */
void rp_stack_store_shrink(struct rp_stack_store *s);

#endif
