/* SPDX-License-Identifier: GPL-2.0 */
/*
 * atomic.h - reads and writes that are done once and in order; until 3.13 and 3.18
 * kernels had no names for them. Any context.
 */
#ifndef RINGPROF_COMPAT_ATOMIC_H
#define RINGPROF_COMPAT_ATOMIC_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#ifndef READ_ONCE
#define READ_ONCE(x) ACCESS_ONCE(x)
#define WRITE_ONCE(x, value) (ACCESS_ONCE(x) = (value))
#endif

/* These order everything, which is more than is asked for, on every architecture. */
#ifndef smp_load_acquire
#define smp_load_acquire(p) ({ \
	typeof(*(p)) rp_loaded = READ_ONCE(*(p)); \
\
	smp_mb(); \
	rp_loaded; })
#define smp_store_release(p, value) do { \
	smp_mb(); \
	WRITE_ONCE(*(p), value); \
} while (0)
#endif

#endif
