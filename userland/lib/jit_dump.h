/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jitdumps, jit-PID.dump: what a runtime tells of the code that it makes, with the time of
 * each event and the code itself. Only names, places and times are read.
 *
 *	head	magic u32 0x4A695444, version u32 1, size of the head u32, machine u32,
 *		pad u32, pid u32, time u64, flags u64 (1: times are of the CPU's counter)
 *	record	kind u32, size u32 (all of it), time u64, then
 *	  load	(0) pid u32, tid u32, vma u64, address u64, code size u64, index u64,
 *		name with a NUL, code
 *	  move	(1) pid u32, tid u32, vma u64, old address u64, new u64, code size u64, index u64
 *	  others are passed over by their size
 *
 * All in the byte order of the machine. (Format: Linux, tools/perf/Documentation/
 * jitdump-specification.txt.) Times are CLOCK_MONOTONIC nanoseconds, as all runtimes write
 * them that perf can use; those of a counter are not known as times, and the order of
 * records alone counts.
 */
#ifndef RP_JIT_DUMP_H
#define RP_JIT_DUMP_H

#include "jit_batch.h"
#include "jit_input.h"

/* Bytes of a record before its name, and of a move. */
#define RP_JIT_DUMP_LOAD 56u
#define RP_JIT_DUMP_MOVE 64u

/*
 * Reads from d->offset to the last record that is whole. 0; -EBADMSG: this is no jitdump,
 * or it is from there on none; -EAGAIN, -ENOBUFS: go on, as for rp_jit_map_read(); errno of
 * reading.
 */
int rp_jit_dump_read(struct rp_jit_mark *d, struct rp_jit_input *in, struct rp_jit_batch *b);

#endif
