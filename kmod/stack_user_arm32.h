/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stack_user_arm32.h - user stacks of 32-bit ARM code, on ARM and on arm64. Contract
 * and contexts are those of rp_stack_user; no such stack is ever whole.
 */
#ifndef RP_KMOD_STACK_USER_ARM32_H
#define RP_KMOD_STACK_USER_ARM32_H

#include <linux/types.h>

struct pt_regs;

#if defined(CONFIG_ARM) || (defined(CONFIG_ARM64) && defined(CONFIG_COMPAT))
#define RP_STACK_USER_ARM32
unsigned int rp_stack_user_arm32(struct pt_regs *regs, u64 *addr, unsigned int max,
				 u8 *ret_stop);
#endif

#endif
