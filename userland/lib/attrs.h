/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attributes of a netlink message as a C struct: of an INFO, SESSIONS or STATS
 * answer, of an EVENT, and of a SET request. What a message carried (or is to carry)
 * is in `has`; fields without their bit are 0.
 */
#ifndef RP_ATTRS_H
#define RP_ATTRS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ringprof.h"

struct nlattr;
struct nl_msg;

#define RP_HAS(attr) (1ull << (attr))	/* RP_HAS(RP_A_FREQ) */

struct rp_attrs {
	uint64_t has;			/* RP_HAS(RP_A_*) */
	uint32_t abi_major, abi_minor;
	char release[64];		/* cut if longer, as is owner_comm */
	uint64_t caps;			/* RP_CAP_* */
	uint32_t freq_max, depth_max, nr_cpus;
	uint32_t session;
	uint32_t owner_pid;
	char owner_comm[16];
	uint32_t running;
	uint32_t tick;			/* enum rp_tick: wanted */
	uint32_t tick_source;		/* enum rp_tick_source: what runs */
	uint32_t tick_why;		/* enum rp_tick_why */
	uint32_t freq;			/* Hz */
	uint32_t kernel_depth, user_depth;
	uint32_t modes;			/* RP_MODE_* */
	uint32_t filter_pid, filter;	/* enum rp_filter */
	uint32_t ring_bytes, watermark;
	uint32_t cpu, online;
	uint64_t run_ns, self_ns;
	uint32_t event;			/* enum rp_event */
	uint32_t tables;
	uint64_t table_bytes, table_limit;
	uint32_t budget_ppm;		/* parts per million of each CPU's time */
	uint32_t limited;		/* CPUs that it holds back */
	uint32_t coalesce_ms;		/* that a sample may stand for; 0: one tick each */
	uint64_t counters[RP_COUNTER_NR];
	uint64_t kernel_stops[RP_STOP_NR], user_stops[RP_STOP_NR];
	/* Counters of a newer module that this program has no name for. */
	uint32_t unknown_counters;
};

/*
 * From the attributes of a message (after the generic netlink header). Attributes
 * that are not known are skipped; -EBADMSG: one that is known has the wrong size.
 */
int rp_attrs_parse(const struct nlattr *head, int len, struct rp_attrs *ret);

/* Adds those that `has` names. -EINVAL: one that no request carries. -EMSGSIZE. */
int rp_attrs_put(struct nl_msg *msg, const struct rp_attrs *a);

#endif
