/* SPDX-License-Identifier: GPL-2.0 */
/* noinline.h - a function that is in every stack as itself. */
#ifndef TEST_NOINLINE_H
#define TEST_NOINLINE_H

#ifdef __clang__	/* makes no clones, and does not know the word */
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone))
#endif

#endif
