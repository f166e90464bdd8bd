/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring_user.h - the ring's reader in user space: rp_reader_init, _fetch, _next,
 * _release of proto/ring_consume.h, with the macros that it asks for made of the
 * compiler's atomics. Include this one, never ring_consume.h itself.
 *
 * One thread at a time reads a ring. The kernel is the only producer; tests that
 * play its part include proto/ring_produce.h after this header.
 */
#ifndef RP_RING_USER_H
#define RP_RING_USER_H

#include <stddef.h>

#define RP_RING_READ(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define RP_RING_LOAD_ACQUIRE(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define RP_RING_STORE_RELEASE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define RP_RING_BARRIER() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* Returns what *p held: `old` if it was exchanged. */
#define RP_RING_CMPXCHG(p, old, new) \
	__extension__({ \
		__typeof__(*(p)) rp_found_ = (old); \
		__atomic_compare_exchange_n((p), &rp_found_, (new), 0, \
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
		rp_found_; \
	})

#include "proto/ring_consume.h"

#endif
