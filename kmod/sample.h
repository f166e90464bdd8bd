/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sample.h - from a tick to a record: admit, look, write. Contexts: a tick's.
 */
#ifndef RP_KMOD_SAMPLE_H
#define RP_KMOD_SAMPLE_H

#include <linux/types.h>

struct pt_regs;
struct rp_cpu;

/*
 * Takes one sample of what runs on this CPU. regs are the interrupted ones (NULL:
 * unknown), weight the nanoseconds that it stands for. Hard interrupt context.
 * Counts TAKEN, and exactly one other counter of the identity.
 */
void rp_sample_take(struct rp_cpu *c, struct pt_regs *regs, u64 now, u64 weight);

/* Writes the LOST record that is due, if there is room. Same context, or stopped. */
void rp_sample_tell_lost(struct rp_cpu *c, u64 now);

#endif
