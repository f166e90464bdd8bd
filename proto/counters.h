/* SPDX-License-Identifier: GPL-2.0 */
/*
 * counters.h - every reason for which a sample is refused or lost, and every
 * reason for which a stack walk stops: one line each, in one list.
 *
 * From these lists come the enums, the kernel's per-CPU counters, the netlink
 * attributes, the texts of `ringprofctl status` and its documentation.
 *
 * RP_COUNTERS: X(ID, name, class, text)
 *	class is one of
 *	  TAKEN      ticks that asked for a sample
 *	  DELIVERED  samples committed to the ring
 *	  REFUSED    the module decided not to take the sample
 *	  LOST       the sample should have been delivered and was not
 *	  NOTE       counts something else; no part of the identity
 *
 * The identity (promise 1), per CPU, at every moment that anyone looks:
 *	taken = delivered + sum(REFUSED) + sum(LOST)
 *
 * New lines go at the end of the list: the position is the number on the wire.
 */
#ifndef RINGPROF_COUNTERS_H
#define RINGPROF_COUNTERS_H

#define RP_COUNTERS(X) \
	X(TAKEN, "taken", TAKEN, "ticks that asked for a sample") \
	X(DELIVERED, "delivered", DELIVERED, "samples committed to the ring") \
	X(IDLE, "idle", REFUSED, "the CPU ran its idle task") \
	X(FILTER_PROCESS, "filter-process", REFUSED, \
	  "the process is not among those asked for") \
	X(FILTER_KTHREAD, "filter-kthread", REFUSED, \
	  "a kernel thread, and kernel threads are switched off") \
	X(FILTER_MODE, "filter-mode", REFUSED, \
	  "no frame is left: the tick hit a mode (kernel or user) that is switched off") \
	X(RING_FULL, "ring-full", LOST, \
	  "the reader is slower than the samples come") \
	X(NESTED, "nested", LOST, \
	  "the tick interrupted a sample being taken on the same CPU") \
	X(UNREAD, "unread", LOST, \
	  "still in the ring when the session was closed") \
	X(SPACE_WRITTEN, "space-written", NOTE, \
	  "descriptions of address spaces written") \
	X(SPACE_DEFERRED, "space-deferred", NOTE, \
	  "address spaces whose description was put off to a later sample") \
	X(SPACE_DROPPED, "space-dropped", NOTE, \
	  "descriptions of address spaces given up (too long, or the ring full for long)") \
	X(EXIT_DROPPED, "exit-dropped", NOTE, \
	  "exits not reported because the ring was full") \
	X(TABLES_LOADED, "tables-loaded", NOTE, \
	  "unwind tables that the session was given") \
	X(TABLES_EVICTED, "tables-evicted", NOTE, \
	  "unwind tables that went to make room for another") \
	X(BUDGET, "budget", REFUSED, \
	  "sampling had taken its share of this CPU's time; the next samples carry the weight") \
	X(STOOD_STILL, "stood-still", NOTE, \
	  "ticks that took over a millisecond (a hypervisor had the CPU?), counted as that") \
	X(COALESCED, "coalesced", NOTE, \
	  "delivered samples that are one record with the one before: same thread, same stack")

/*
 * RP_STOPS: X(ID, name, text): why a stack ends where it ends. Only ROOT is a
 * complete stack. Kept apart for kernel and user stacks; number 0 means that
 * no walk was made.
 */
#define RP_STOPS(X) \
	X(NONE, "none", "no walk was made: nothing to walk, or switched off") \
	X(ROOT, "root", "the stack was walked to its root") \
	X(DEPTH, "depth", "the depth limit was reached") \
	X(FRAME, "frame", "a frame pointer that cannot be one (no frame pointers here?)") \
	X(FAULT, "fault", "the stack's memory was not readable at that moment") \
	X(UNWINDER, "unwinder", "the kernel's unwinder gave up") \
	X(NO_REGS, "no-regs", "the interrupted registers were not to be had") \
	X(NO_CHAIN, "no-chain", \
	  "32-bit ARM code: no standard chain of frames; as far as it could be followed") \
	X(UNSAID, "unsaid", \
	  "the frame's description says more than an unwind table can") \
	X(REGISTER, "register", \
	  "the frame's description needs a register that is not known there") \
	X(BACKWARDS, "backwards", \
	  "the frame's description leads down the stack") \
	X(NEW, "new", \
	  "the process's mappings were not known yet: by frame pointers, not to the root")

#define RP_X_ENUM_COUNTER(id, name, class, text) RP_COUNTER_##id,
enum rp_counter { RP_COUNTERS(RP_X_ENUM_COUNTER) RP_COUNTER_NR };
#undef RP_X_ENUM_COUNTER

#define RP_X_ENUM_STOP(id, name, text) RP_STOP_##id,
enum rp_stop { RP_STOPS(RP_X_ENUM_STOP) RP_STOP_NR };
#undef RP_X_ENUM_STOP

enum rp_counter_class {
	RP_CLASS_TAKEN, RP_CLASS_DELIVERED, RP_CLASS_REFUSED, RP_CLASS_LOST,
	RP_CLASS_NOTE,
};

#endif
