// SPDX-License-Identifier: GPL-2.0
/*
 * sample.c - Contexts: hard interrupt or NMI on c's CPU, from the tick. No lock is
 * taken, nothing sleeps or allocates. What is looked at belongs to `current`,
 * which cannot go away under its own interrupt; other tasks (its ancestors) are
 * looked at under rcu_read_lock.
 *
 * In an NMI anything may be half done underneath, interrupts disabled or not:
 *  - Another tick's sample on this CPU: c->sampling says so; this one is then counted as
 *    lost, in words that the other tick does not write. What the sample path keeps for
 *    itself (c->addr, the counters) is thus one tick's at a time.
 *  - A record being written by the worker or the exit probe: the ring is made for nested
 *    producers, and NMI is the innermost (ring_produce.h).
 *  - A slot of the table of spaces being changed: its lock is tried, never waited for
 *    (space.c).
 *  - A reader or worker to be woken up: by irq_work, which is for NMIs (cpu.c).
 *  - The clock being updated: it is read without waiting (clock.h), and may step back,
 *    which rp_elapsed keeps from weights.
 *  - exec and exit: current->mm is read while the task cannot change it. Either it is
 *    the old one, to which the task holds its reference still, or the new one, or none.
 *    Whether its page tables are loaded is asked for each stack (compat/uaccess.h).
 *  - The entry from user mode: registers that are not all stored are not taken for the
 *    user's (compat/user_regs.h); the kernel's stack then ends there, and says so.
 *  - The switch of tasks: current is one or the other, with its own stack and registers.
 *  - RCU: the way into an NMI has it watching, also out of idleness, before any handler
 *    runs.
 */
#include <linux/hardirq.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "compat/user_regs.h"
#include "cpu.h"
#include "filter.h"
#include "sample.h"
#include "sample_same.h"
#include "session.h"
#include "space.h"
#include "stack.h"

struct look {
	struct rp_cpu *c;
	struct pt_regs *regs;
	struct rp_stack_guides guides;	/* of current's address space, if known */
	struct rp_sample sample;	/* the record's head */
};

static void count(struct rp_cpu *c, enum rp_counter counter)
{
	c->counts.counters[counter]++;
}

/*
 * Interrupt work on an idle CPU is somebody's time; idling is nobody's. A tick counts as
 * one hard interrupt itself, an NMI, too; with more it has interrupted another one.
 */
static bool is_idle(void)
{
	return is_idle_task(current) && !in_serving_softirq() &&
	       hardirq_count() <= HARDIRQ_OFFSET;
}

/* RP_COUNTER_NR: admitted; else the reason for refusing. */
static enum rp_counter admit(struct look *look)
{
	u32 modes = READ_ONCE(look->c->session->config.modes);
	bool user = look->sample.flags & RP_SAMPLE_USER_MODE;

	if (is_idle())
		return RP_COUNTER_IDLE;
	if (!(modes & (user ? RP_MODE_USER : RP_MODE_KERNEL)))
		return RP_COUNTER_FILTER_MODE;
	if (look->sample.flags & RP_SAMPLE_KTHREAD) {
		if (!(modes & RP_MODE_KTHREAD))
			return RP_COUNTER_FILTER_KTHREAD;
		if (rp_filter_active(look->c->session))
			return RP_COUNTER_FILTER_PROCESS;
	}
	return RP_COUNTER_NR;
}

static void look_at_task(struct look *look, u64 now, u64 weight)
{
	struct rp_sample *s = &look->sample;

	s->rec.type = RP_REC_SAMPLE;
	s->time = now;
	s->weight = weight;
	s->kind = RP_KIND_CPU;
	s->count = 1;
	s->tid = current->pid;
	rp_space_id_of(current, &s->space);
	/* Unlocked, as it is for everybody: prctl may be half way through it. */
	memcpy(s->comm, current->comm, sizeof(s->comm));
	s->comm[sizeof(s->comm) - 1] = 0;

	if (look->regs && user_mode(look->regs))
		s->flags |= RP_SAMPLE_USER_MODE;
	if (is_idle_task(current))
		s->flags |= RP_SAMPLE_IDLE_TASK;
	else if (current->flags & PF_KTHREAD)
		s->flags |= RP_SAMPLE_KTHREAD;
}

/*
 * A walk without mappings, and so by frame pointers, though there are tables: the process,
 * or what it has just executed, is still to be described.
 */
static bool is_new(const struct look *look)
{
	const struct rp_sample *s = &look->sample;

	return !look->guides.maps && READ_ONCE(look->c->session->tables.nr) &&
	       !(s->flags & RP_SAMPLE_32BIT) &&
	       (s->user_stop == RP_STOP_FRAME || s->user_stop == RP_STOP_FAULT);
}

/* User mode was interrupted, or left behind on the way into what was. */
static void look_at_user_stack(struct look *look, u32 depth)
{
	struct rp_sample *s = &look->sample;
	struct pt_regs *regs = look->regs;
	bool by_fp;

	if (!(s->flags & RP_SAMPLE_USER_MODE)) {
		if (!rp_user_regs_stored(regs)) {
			s->user_stop = RP_STOP_NO_REGS;
			return;
		}
		regs = task_pt_regs(current);
	}
	if (rp_stack_user_is_32bit(regs))
		s->flags |= RP_SAMPLE_32BIT;
	s->nr_user = rp_stack_user(regs, &look->guides, look->c->addr + s->nr_kernel, depth,
				   &s->user_stop, &by_fp);
	if (by_fp)
		s->flags |= RP_SAMPLE_FP_FRAMES;
	if (is_new(look))
		s->user_stop = RP_STOP_NEW;
}

static void look_at_stacks(struct look *look, u32 modes)
{
	struct rp_config *config = &look->c->session->config;
	struct rp_sample *s = &look->sample;
	u64 *addr = look->c->addr;
	u32 kernel_depth = READ_ONCE(config->kernel_depth);
	u32 user_depth = READ_ONCE(config->user_depth);

	if (kernel_depth && !(s->flags & RP_SAMPLE_USER_MODE))
		s->nr_kernel = rp_stack_kernel(look->regs, addr, kernel_depth,
					       &s->kernel_stop);
	/*
	 * A kernel thread may have borrowed an mm, and an io worker has one, but
	 * neither has user registers; rp_stack_user sees to the latter.
	 */
	if (user_depth && (modes & RP_MODE_USER) && current->mm &&
	    !(current->flags & PF_KTHREAD) && !rp_task_in_exec(current))
		look_at_user_stack(look, user_depth);
	look->c->counts.kernel_stops[s->kernel_stop]++;
	look->c->counts.user_stops[s->user_stop]++;
}

static noinline void tell_lost(struct rp_cpu *c, u64 now)
{
	struct rp_cpu_nested *nested = &c->nested;
	u64 count = READ_ONCE(nested->count), weight = READ_ONCE(nested->weight);
	struct rp_lost rec = {
		.rec = { .size = sizeof(rec), .type = RP_REC_LOST },
		.time = now,
		.count = c->lost_count + count - nested->told_count,
		.weight = c->lost_weight + weight - nested->told_weight,
	};
	bool wake;

	if (rp_ring_put(&c->ring, &rec, sizeof(rec), &wake)) {
		c->lost_count = c->lost_weight = 0;
		nested->told_count = count;
		nested->told_weight = weight;
	}
	if (wake)
		rp_cpu_wake(c, RP_WAKE_READER);
}

/* Mostly there is none. */
void rp_sample_tell_lost(struct rp_cpu *c, u64 now)
{
	if (unlikely(c->lost_count || READ_ONCE(c->nested.count) != c->nested.told_count))
		tell_lost(c, now);
}

/* Inside the ring. The record that this one can be added to, or NULL. */
static struct rp_sample *same_as_last(struct look *look, u64 coalesce_ns)
{
	struct rp_cpu *c = look->c;
	struct rp_sample *s = &look->sample;
	struct rp_rec *rec = rp_ring_open_record(&c->ring);
	struct rp_sample *last = (struct rp_sample *)rec;

	if (!rec || !rp_sample_same(rec, s, c->addr) ||
	    rp_elapsed(s->time, last->time) >= coalesce_ns)
		return NULL;
	return last;
}

static int add_to(struct look *look, struct rp_sample *last)
{
	struct rp_ring *ring = &look->c->ring;

	last->count++;
	last->weight += look->sample.weight;
	count(look->c, RP_COUNTER_COALESCED);
	rp_ring_spare(ring, last->rec.size);
	return rp_ring_leave_open(ring, last, last->rec.size);
}

/* Inside the ring. False: there was no room. */
static bool append(struct look *look, u32 frames, u64 coalesce_ns, int *ret_wake)
{
	struct rp_sample *s = &look->sample;
	struct rp_ring *ring = &look->c->ring;
	struct rp_sample *to = rp_ring_take(ring, s->rec.size, ret_wake);

	if (!to)
		return false;
	memcpy(to, s, sizeof(*s));
	memcpy(to->addr, look->c->addr, frames);
	*ret_wake = coalesce_ns ? rp_ring_leave_open(ring, to, s->rec.size) :
				  rp_ring_leave(ring);
	return true;
}

static enum rp_counter write(struct look *look)
{
	struct rp_cpu *c = look->c;
	struct rp_sample *s = &look->sample;
	u32 frames = (s->nr_kernel + s->nr_user) * sizeof(u64);
	u64 coalesce_ns = (u64)READ_ONCE(c->session->config.coalesce_ms) * NSEC_PER_MSEC;
	struct rp_sample *last;
	bool written = true;
	int wake = 0;

	rp_sample_tell_lost(c, s->time);
	s->rec.size = sizeof(*s) + frames;
	rp_ring_enter(&c->ring);
	last = same_as_last(look, coalesce_ns);
	if (last)
		wake = add_to(look, last);
	else
		written = append(look, frames, coalesce_ns, &wake);
	if (!written) {
		c->lost_count++;
		c->lost_weight += s->weight;
	}
	if (wake)
		rp_cpu_wake(c, RP_WAKE_READER);
	return written ? RP_COUNTER_DELIVERED : RP_COUNTER_RING_FULL;
}

/* What its user stack is walked by; false: the session's filter does not want it. */
static bool look_at_space(struct look *look, u64 now)
{
	struct rp_cpu *c = look->c;
	struct rp_stack_guides *guides = &look->guides;

	if (!rp_space_note(c, &look->sample.space, now, &look->sample.map_gen,
			   &guides->maps))
		return false;
	if (guides->maps) {
		guides->rules = &c->rules;
		rp_rule_cache_begin(guides->rules, &c->session->tables);
	}
	return true;
}

static bool is_left(struct look *look, u64 now)
{
	struct rp_cpu *c = look->c;

	return rp_budget_left(&c->budget, now, READ_ONCE(c->session->config.budget_ppm));
}

/* The weight is the session's to be kept for later, if it wants such samples at all. */
static enum rp_counter refuse(struct look *look)
{
	struct rp_session *session = look->c->session;

	if (rp_filter_active(session) && !rp_filter_match(session, current))
		return RP_COUNTER_FILTER_PROCESS;
	rp_budget_refuse(&look->c->budget, look->sample.weight);
	return RP_COUNTER_BUDGET;
}

static enum rp_counter take(struct look *look, u64 now, u64 weight)
{
	struct rp_session *session = look->c->session;
	u32 modes = READ_ONCE(session->config.modes);
	enum rp_counter refused;

	look_at_task(look, now, weight);
	refused = admit(look);
	if (refused != RP_COUNTER_NR)
		return refused;
	/* What costs is behind this. */
	if (unlikely(!is_left(look, now)))
		return refuse(look);
	if (current->mm && !(current->flags & PF_KTHREAD)) {
		if (!look_at_space(look, now))
			return RP_COUNTER_FILTER_PROCESS;
	} else if (!rp_filter_match(session, current)) {
		return RP_COUNTER_FILTER_PROCESS;
	}
	look->sample.weight = rp_budget_weight(&look->c->budget, look->sample.weight);
	look_at_stacks(look, modes);
	return write(look);
}

void rp_sample_take(struct rp_cpu *c, struct pt_regs *regs, u64 now, u64 weight)
{
	struct look look = { .c = c, .regs = regs };

	/* Old kernels do not tell lockdep that an NMI is one. */
	if (!in_nmi())
		lockdep_assert_irqs_disabled();
	if (READ_ONCE(c->sampling)) {
		c->nested.weight += weight;
		WRITE_ONCE(c->nested.count, c->nested.count + 1);
		return;
	}
	WRITE_ONCE(c->sampling, true);
	barrier();
	count(c, RP_COUNTER_TAKEN);
	rcu_read_lock();
	count(c, take(&look, now, weight));
	rcu_read_unlock();
	barrier();
	WRITE_ONCE(c->sampling, false);
}
