/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lockdep.h - assertions that kernels with CONFIG_PROVE_LOCKING check: on interrupts
 * from 4.15 on, on preemption from 5.10 on, here wherever they can be; and on RCU with
 * CONFIG_PROVE_RCU, by its name since 4.3. Any context.
 */
#ifndef RINGPROF_COMPAT_LOCKDEP_H
#define RINGPROF_COMPAT_LOCKDEP_H

#include <linux/bug.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>

#ifndef lockdep_assert_irqs_disabled
#define lockdep_assert_irqs_disabled() \
	WARN_ON_ONCE(IS_ENABLED(CONFIG_PROVE_LOCKING) && !irqs_disabled())
#endif

#ifndef lockdep_assert_preemption_disabled
#define lockdep_assert_preemption_disabled() \
	WARN_ON_ONCE(IS_ENABLED(CONFIG_PROVE_LOCKING) && preemptible())
#endif

#ifndef RCU_LOCKDEP_WARN
#define RCU_LOCKDEP_WARN(condition, text) rcu_lockdep_assert(!(condition), text)
#endif

#endif
