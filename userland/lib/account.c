// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of counters.h once more as tables, so that whoever prints them has the
 * same names and texts as the module's documentation.
 */
#include "account.h"

#define X(id, counter, kind, words) \
	[RP_COUNTER_##id] = { .name = counter, .text = words, .class = RP_CLASS_##kind },
const struct rp_counter_line rp_counter_lines[RP_COUNTER_NR] = { RP_COUNTERS(X) };
#undef X

#define X(id, stop, words) [RP_STOP_##id] = { .name = stop, .text = words },
const struct rp_stop_line rp_stop_lines[RP_STOP_NR] = { RP_STOPS(X) };
#undef X

const char *rp_stop_name(unsigned int stop)
{
	return stop < RP_STOP_NR ? rp_stop_lines[stop].name : "unknown";
}

struct rp_account rp_account_of(const uint64_t counters[static RP_COUNTER_NR])
{
	struct rp_account a = { 0 };
	unsigned int i;

	for (i = 0; i < RP_COUNTER_NR; i++) {
		switch (rp_counter_lines[i].class) {
		case RP_CLASS_TAKEN:
			a.taken += counters[i];
			break;
		case RP_CLASS_DELIVERED:
			a.delivered += counters[i];
			break;
		case RP_CLASS_REFUSED:
			a.refused += counters[i];
			break;
		case RP_CLASS_LOST:
			a.lost += counters[i];
			break;
		case RP_CLASS_NOTE:
			break;
		}
	}
	return a;
}

bool rp_account_holds(const struct rp_account *a)
{
	return a->taken == a->delivered + a->refused + a->lost;
}

static void add_all(uint64_t *sum, const uint64_t *n, unsigned int nr)
{
	while (nr--)
		sum[nr] += n[nr];
}

void rp_attrs_add(struct rp_attrs *sum, const struct rp_attrs *a)
{
	const uint64_t summed = RP_HAS(RP_A_COUNTERS) | RP_HAS(RP_A_KERNEL_STOPS) |
				RP_HAS(RP_A_USER_STOPS) | RP_HAS(RP_A_RUN_NS) |
				RP_HAS(RP_A_SELF_NS);

	sum->has |= a->has & summed;
	add_all(sum->counters, a->counters, RP_COUNTER_NR);
	add_all(sum->kernel_stops, a->kernel_stops, RP_STOP_NR);
	add_all(sum->user_stops, a->user_stops, RP_STOP_NR);
	sum->run_ns += a->run_ns;
	sum->self_ns += a->self_ns;
	if (sum->unknown_counters < a->unknown_counters)
		sum->unknown_counters = a->unknown_counters;
}
