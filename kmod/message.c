// SPDX-License-Identifier: GPL-2.0
/*
 * message.c - Context: task context, under rp_sessions_lock where a session is read.
 */
#include <linux/cpumask.h>
#include <linux/pid.h>

#include "compat/compat.h"
#include "compat/genl.h"
#include "compat/unwinder.h"
#include "exit.h"
#include "filter.h"
#include "limit.h"
#include "message.h"
#include "session.h"
#include "tick_idle.h"

static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, RP_A_PAD);
}

static u64 capabilities(void)
{
	u64 caps = RP_CAP_TICK_HRTIMER | RP_CAP_BUILD_ID;

	/* 32-bit ARM: see stack_user_arm32.c. */
	if (!IS_ENABLED(CONFIG_ARM))
		caps |= RP_CAP_USER_STACK_FP;
	if (RP_HARD_TICK)
		caps |= RP_CAP_HARD_TICK;
#ifndef RP_KERNEL_STACK_NONE
	caps |= RP_CAP_KERNEL_STACK;
#endif
#ifdef RP_HAVE_GENL_EXT_ACK
	caps |= RP_CAP_MESSAGES;
#endif
#ifdef RP_HAVE_KTIME_GET_MONO_FAST_NS
	caps |= RP_CAP_NMI_CLOCK;
#endif
	if (RP_TABLE_MACHINE)
		caps |= RP_CAP_USER_STACK_TABLES;
	if (rp_exit_available())
		caps |= RP_CAP_EXIT;
	if (rp_tick_perf_available())
		caps |= RP_CAP_TICK_PERF;
	if (rp_tick_idle_available())
		caps |= RP_CAP_IDLE_SILENT;
	return caps;
}

int rp_message_put_info(struct sk_buff *skb)
{
	if (nla_put_u32(skb, RP_A_ABI_MAJOR, RP_ABI_MAJOR) ||
	    nla_put_u32(skb, RP_A_ABI_MINOR, RP_ABI_MINOR) ||
	    nla_put_string(skb, RP_A_RELEASE, RP_VERSION) ||
	    put_u64(skb, RP_A_CAPS, capabilities()) ||
	    nla_put_u32(skb, RP_A_FREQ_MAX, RP_FREQ_MAX) ||
	    nla_put_u32(skb, RP_A_DEPTH_MAX, RP_DEPTH_MAX) ||
	    nla_put_u32(skb, RP_A_NR_CPUS, nr_cpu_ids))
		return -EMSGSIZE;
	return rp_message_put_tick(skb, rp_tick_auto());
}

int rp_message_put_tick(struct sk_buff *skb, struct rp_tick_state state)
{
	if (nla_put_u32(skb, RP_A_TICK_SOURCE, state.source) ||
	    nla_put_u32(skb, RP_A_TICK_WHY, state.why))
		return -EMSGSIZE;
	return 0;
}

int rp_message_put_config(struct sk_buff *skb, struct rp_session *session)
{
	struct rp_config *config = &session->config;
	struct rp_filter_rule *rule;

	rule = rcu_dereference_protected(session->filter,
					 lockdep_is_held(&rp_sessions_lock));
	if (nla_put_u32(skb, RP_A_FREQ, config->freq) ||
	    nla_put_u32(skb, RP_A_KERNEL_DEPTH, config->kernel_depth) ||
	    nla_put_u32(skb, RP_A_USER_DEPTH, config->user_depth) ||
	    nla_put_u32(skb, RP_A_MODES, config->modes) ||
	    nla_put_u32(skb, RP_A_TICK, config->tick) ||
	    put_u64(skb, RP_A_TABLE_LIMIT, config->table_limit) ||
	    nla_put_u32(skb, RP_A_BUDGET, config->budget_ppm) ||
	    nla_put_u32(skb, RP_A_COALESCE, config->coalesce_ms) ||
	    nla_put_u32(skb, RP_A_FILTER, rule ? rule->mode : RP_FILTER_NONE))
		return -EMSGSIZE;
	if (rule && nla_put_u32(skb, RP_A_FILTER_PID, pid_nr(rule->pid)))
		return -EMSGSIZE;
	return 0;
}

int rp_message_put_session(struct sk_buff *skb, struct rp_session *session)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (nla_put_u32(skb, RP_A_SESSION, session->id) ||
	    nla_put_u32(skb, RP_A_OWNER_PID, session->owner_pid) ||
	    nla_put_string(skb, RP_A_OWNER_COMM, session->owner_comm) ||
	    nla_put_u32(skb, RP_A_RUNNING, session->running) ||
	    rp_message_put_tick(skb, rp_tick_of_session(session)) ||
	    nla_put_u32(skb, RP_A_LIMITED, rp_limit_cpus(session)) ||
	    nla_put_u32(skb, RP_A_TABLES, READ_ONCE(session->tables.nr)) ||
	    put_u64(skb, RP_A_TABLE_BYTES, READ_ONCE(session->tables.bytes)) ||
	    nla_put_u32(skb, RP_A_RING_BYTES, session->ring_bytes) ||
	    nla_put_u32(skb, RP_A_WATERMARK, session->watermark))
		return -EMSGSIZE;
	return rp_message_put_config(skb, session);
}

static int put_list(struct sk_buff *skb, int attr, const u64 *values, int nr)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < nr; i++)
		/* In here 0 is no attribute's number: it can be the padding's. */
		if (nla_put_u64_64bit(skb, 1 + i, values[i], 0))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int rp_message_put_counts(struct sk_buff *skb, const struct rp_cpu_counts *counts)
{
	if (put_list(skb, RP_A_COUNTERS, counts->counters, RP_COUNTER_NR) ||
	    put_list(skb, RP_A_KERNEL_STOPS, counts->kernel_stops, RP_STOP_NR) ||
	    put_list(skb, RP_A_USER_STOPS, counts->user_stops, RP_STOP_NR) ||
	    put_u64(skb, RP_A_RUN_NS, counts->run_ns) ||
	    put_u64(skb, RP_A_SELF_NS, counts->self_ns))
		return -EMSGSIZE;
	return 0;
}
