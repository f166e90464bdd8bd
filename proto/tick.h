/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick.h - what asks for CPU samples: what can be wanted, what runs then, and why that.
 *
 * From these lists come the enums, the numbers on the wire, and the words of the control
 * utility, the daemon's configuration and the doctor. New lines go at the end.
 *
 * RP_TICKS: X(ID, name, text): what is wanted of a session.
 * RP_TICK_SOURCES: X(ID, name, text): what runs on a CPU.
 * RP_TICK_WHYS: X(ID, name, text): why it is that one.
 */
#ifndef RINGPROF_TICK_H
#define RINGPROF_TICK_H

#define RP_TICKS(X) \
	X(HRTIMER, "hrtimer", "a timer on each CPU") \
	X(AUTO, "auto", "hardware cycles where they work, else a timer on each CPU") \
	X(PERF, "perf", "perf events: hardware cycles, or the CPU clock as a last resort")

#define RP_TICK_SOURCES(X) \
	X(NONE, "none", "nothing ticks") \
	X(HRTIMER, "hrtimer", "a timer, which interrupts when interrupts are enabled") \
	X(CYCLES, "cycles", "a hardware counter of cycles, by its overflow interrupt") \
	X(CPU_CLOCK, "cpu-clock", "perf's CPU clock, which is a timer as well") \
	X(MIXED, "mixed", "not the same on all CPUs: see each of them")

#define RP_TICK_WHYS(X) \
	X(NONE, "none", "sampling has not begun") \
	X(ASKED, "asked", "it was asked for") \
	X(WORKS, "works", "the hardware counts cycles here, and interrupts") \
	X(NO_PERF, "no-perf", "this kernel has no perf events (CONFIG_PERF_EVENTS)") \
	X(NO_IDLE, "no-idle", \
	  "cycles need the tracepoint cpu_idle, which this kernel does not have") \
	X(NO_COUNTER, "no-counter", "nothing in this machine counts cycles and interrupts") \
	X(BUSY, "busy", \
	  "others hold the counters (the NMI watchdog? sysctl kernel.nmi_watchdog=0)") \
	X(SILENT, "silent", "the counter of cycles does not interrupt") \
	X(REFUSED, "refused", "the kernel did not give the event out") \
	X(LOST, "lost", "the counter was taken away: start the session again") \
	X(LIMITED, "limited", \
	  "and less often: the kernel limits it (sysctl kernel.perf_event_max_sample_rate)") \
	X(DIFFERS, "differs", "for reasons that are each CPU's own")

#define RP_X_ENUM_TICK(id, name, text) RP_TICK_##id,
enum rp_tick { RP_TICK_UNSPEC, RP_TICKS(RP_X_ENUM_TICK) RP_TICK_NR };
#undef RP_X_ENUM_TICK

#define RP_X_ENUM_SOURCE(id, name, text) RP_TICK_SOURCE_##id,
enum rp_tick_source { RP_TICK_SOURCES(RP_X_ENUM_SOURCE) RP_TICK_SOURCE_NR };
#undef RP_X_ENUM_SOURCE

#define RP_X_ENUM_WHY(id, name, text) RP_TICK_WHY_##id,
enum rp_tick_why { RP_TICK_WHYS(RP_X_ENUM_WHY) RP_TICK_WHY_NR };
#undef RP_X_ENUM_WHY

#endif
