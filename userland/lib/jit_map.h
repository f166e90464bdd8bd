/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Perf maps, /tmp/perf-PID.map: text, a line for each function, as perf reads it:
 *
 *	START SIZE NAME		two hexadecimal numbers (with or without 0x), and the rest
 *
 * The file only grows; a line is written when the function is made, and one that comes
 * later is what is there now. Whatever is no such line is passed over. (Format: Linux,
 * tools/perf/Documentation/jit-interface.txt.)
 */
#ifndef RP_JIT_MAP_H
#define RP_JIT_MAP_H

#include "jit_batch.h"
#include "jit_input.h"

/*
 * Reads from m->offset to the last line that has an end. 0; -EAGAIN: the allowance is used
 * up, go on later; -ENOBUFS: the batch is full; errno of reading. m says how far it came.
 */
int rp_jit_map_read(struct rp_jit_mark *m, struct rp_jit_input *in, struct rp_jit_batch *b);

#endif
