/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unwinder.h - by which way kernel stacks are walked: the first of these that this
 * kernel has. For each there is a kmod/stack_kernel_<way>.c, with its contexts.
 */
#ifndef RINGPROF_UNWINDER_H
#define RINGPROF_UNWINDER_H

#include "compat.h"

#if defined(RP_HAVE_UNWIND_START)
#define RP_KERNEL_STACK_UNWIND
#elif defined(RP_HAVE_DUMP_TRACE)
#define RP_KERNEL_STACK_DUMP
#elif defined(CONFIG_ARM64)
#define RP_KERNEL_STACK_RECORDS
#elif defined(RP_HAVE_WALK_STACKFRAME)
#define RP_KERNEL_STACK_WALK
#elif defined(RP_HAVE_STACK_TRACE_SAVE)
#define RP_KERNEL_STACK_SAVE
#else
#define RP_KERNEL_STACK_NONE
#endif

#endif
