/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.h - one CPU's ring: its memory, its mapping into user space, and writing
 * records. The algorithm is proto/ring_produce.h.
 *
 * Contexts: alloc, free and mmap in task context. Everything that writes runs on
 * the ring's CPU with preemption disabled, in any context up to NMI.
 * Lifetime: a ring is freed with its session, when no producer is left (see
 * session.c) and no mapping either: a mapping pins the open file.
 */
#ifndef RP_KMOD_RING_H
#define RP_KMOD_RING_H

#include "compat/atomic.h"

#define RP_RING_READ(x) READ_ONCE(x)
#define RP_RING_LOAD_ACQUIRE(p) smp_load_acquire(p)
#define RP_RING_STORE_RELEASE(p, v) smp_store_release(p, v)
#define RP_RING_CMPXCHG(p, old, new) cmpxchg_local(p, old, new)
#define RP_RING_BARRIER() barrier()

#include "../proto/ring_produce.h"

struct vm_area_struct;

/* 0 or -ENOMEM. size is a power of two and a multiple of the page size. */
int rp_ring_alloc(struct rp_ring *ring, unsigned int cpu, u32 size, u32 watermark);
void rp_ring_free(struct rp_ring *ring);

/* Maps the control page (data = false) or the data. 0, -EINVAL, -EPERM. */
int rp_ring_mmap(struct rp_ring *ring, struct vm_area_struct *vma, bool data);

/*
 * Copies one whole record into the ring. False: no room. *ret_wake is true when
 * the reader is to be woken up.
 */
bool rp_ring_put(struct rp_ring *ring, const void *rec, u32 len, bool *ret_wake);

/*
 * The ticks of the SAMPLE records that the reader has not taken. Only when nobody produces.
 * The tail is the reader's word: if it cannot be right, this counts none.
 */
u64 rp_ring_unread(struct rp_ring *ring);

#endif
