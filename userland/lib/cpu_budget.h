/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU budget: the arithmetic of a share of one CPU's time, for who does some work that can
 * wait beside some that cannot. The clocks are the caller's.
 *
 * Given  Time is given out as it passes; what is not used is kept, RP_CPU_BUDGET_KEPT_NS's at
 *        most, with which it begins.
 * Taken  All that was used is taken off, whatever it was used for. What could not wait may
 *        leave a debt, which is made up for before anything else is done; beyond what
 *        RP_CPU_BUDGET_DEBT_NS give out it is forgotten.
 * Need   What is done ahead of need leaves half of what can be kept for what is needed now.
 * Wait   A piece of work may be begun while anything is left. Else it waits until there is
 *        RP_CPU_BUDGET_STEP_NS's: so many steps a second at most, and no look in between.
 */
#ifndef RP_CPU_BUDGET_H
#define RP_CPU_BUDGET_H

#include <stdint.h>

#define RP_CPU_BUDGET_KEPT_NS	(60 * 1000000000ull)
#define RP_CPU_BUDGET_DEBT_NS	(600 * 1000000000ull)
#define RP_CPU_BUDGET_STEP_NS	500000000ull

enum rp_cpu_need { RP_CPU_AHEAD, RP_CPU_NOW };

struct rp_cpu_budget {
	uint32_t percent;		/* of one CPU */
	int64_t left_ns;		/* below 0: a debt */
	uint64_t now_ns, used_ns;	/* when it was looked at last */
};

/* now: a clock that only goes forward. used: the CPU time that was used so far. */
void rp_cpu_budget_begin(struct rp_cpu_budget *b, uint32_t percent, uint64_t now_ns,
			 uint64_t used_ns);

/*
 * For how many nanoseconds a piece of work has to wait, if nothing else is done meanwhile; 0:
 * it may be begun.
 */
uint64_t rp_cpu_budget_wait(struct rp_cpu_budget *b, uint64_t now_ns, uint64_t used_ns,
			    enum rp_cpu_need need);

#endif
