// SPDX-License-Identifier: GPL-2.0
/*
 * nmi.c - for a machine without a counter that interrupts: NMIs at random moments, each of
 * which takes a sample as the overflow of such a counter would. tests/host/test_nmi.sh
 * links it into a module of its own; no other has it.
 *
 * Parameters: nmi_hz, how many a second each CPU sends to another one (0: none; the
 * handler is registered while it is not), nmi_count, how many came; irqs_off, written to:
 * so many milliseconds with interrupts disabled, in a function of that name.
 *
 * Contexts: the handler in NMI; the timers that send in hard interrupt context; setting
 * the parameter in task context, under the kernel's lock for parameters.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "../../kmod/clock.h"
#include "../../kmod/sample.h"
#include "../../kmod/session.h"
#include "../../kmod/tick_math.h"

struct sender {
	struct hrtimer timer;
	u64 random;
};

static DEFINE_PER_CPU(struct sender, senders);
static DEFINE_PER_CPU(int, underway);	/* to this CPU: one NMI at a time, so that none merge */
static atomic_long_t count;
static unsigned int hz;

/* What a tick weighs here says that it is one of these, and changes no share. */
static void sample(struct pt_regs *regs)
{
	struct rp_session *session;
	struct rp_cpu *c;

	rcu_read_lock();
	list_for_each_entry_rcu(session, &rp_sessions, list) {
		c = rp_session_cpu(session, smp_processor_id());
		if (c && READ_ONCE(c->ticking)) {
			rp_sample_take(c, regs, rp_clock(), 1);
			atomic_long_inc(&count);
		}
	}
	rcu_read_unlock();
}

static int handler(unsigned int cmd, struct pt_regs *regs)
{
	if (!xchg(this_cpu_ptr(&underway), 0))
		return NMI_DONE;
	sample(regs);
	return NMI_HANDLED;
}

static enum hrtimer_restart send(struct hrtimer *timer)
{
	struct sender *s = container_of(timer, struct sender, timer);
	unsigned int cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());

	if (cpu < nr_cpu_ids && !xchg(per_cpu_ptr(&underway, cpu), 1))
		apic->send_IPI(cpu, NMI_VECTOR);
	hrtimer_forward_now(timer, ns_to_ktime(rp_random_interval(&s->random,
								  NSEC_PER_SEC / hz)));
	return HRTIMER_RESTART;
}

static void start_here(void *unused)
{
	struct sender *s = this_cpu_ptr(&senders);

	s->random = 0x9e3779b97f4a7c15ull + smp_processor_id();
	hrtimer_setup(&s->timer, send, CLOCK_MONOTONIC, RP_HRTIMER_MODE);
	hrtimer_start(&s->timer, ns_to_ktime(NSEC_PER_MSEC), RP_HRTIMER_MODE);
}

static void stop(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(&senders, cpu)->timer);
	for_each_online_cpu(cpu)
		while (READ_ONCE(*per_cpu_ptr(&underway, cpu)))
			msleep(1);
	unregister_nmi_handler(NMI_LOCAL, "ringprof-test");
}

static int set_hz(const char *text, const struct kernel_param *kp)
{
	unsigned int value;
	int err = kstrtouint(text, 0, &value);

	if (err || value > 100000)
		return -EINVAL;
	if (hz)
		stop();
	hz = 0;
	if (!value)
		return 0;
	err = register_nmi_handler(NMI_LOCAL, handler, 0, "ringprof-test");
	if (err)
		return err;
	hz = value;
	on_each_cpu(start_here, NULL, 1);
	return 0;
}

/* Enables nothing itself, so that a timer cannot interrupt it anywhere. */
static noinline void spin_with_irqs_off(void)
{
	u64 end = rp_clock() + NSEC_PER_MSEC;

	while (rp_clock() < end)
		cpu_relax();
}

static int set_irqs_off(const char *text, const struct kernel_param *kp)
{
	unsigned int ms;
	int err = kstrtouint(text, 0, &ms);

	if (err)
		return err;
	while (ms--) {
		local_irq_disable();
		spin_with_irqs_off();
		local_irq_enable();
		cond_resched();
	}
	return 0;
}

static int get_count(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%ld\n", atomic_long_read(&count));
}

static const struct kernel_param_ops hz_ops = { .set = set_hz, .get = param_get_uint };
static const struct kernel_param_ops count_ops = { .get = get_count };

static const struct kernel_param_ops irqs_off_ops = { .set = set_irqs_off };

module_param_cb(irqs_off, &irqs_off_ops, NULL, 0200);
module_param_cb(nmi_hz, &hz_ops, &hz, 0600);
module_param_cb(nmi_count, &count_ops, NULL, 0400);
