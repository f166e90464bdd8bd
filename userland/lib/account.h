/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The accounting identity: taken = delivered + refused + lost (see counters.h), and
 * the names and texts of the counters and stops.
 */
#ifndef RP_ACCOUNT_H
#define RP_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "attrs.h"

struct rp_account {
	uint64_t taken, delivered, refused, lost;
};

struct rp_counter_line {
	const char *name, *text;	/* "ring-full", "the reader is slower ..." */
	enum rp_counter_class class;
};
extern const struct rp_counter_line rp_counter_lines[RP_COUNTER_NR];

struct rp_stop_line {
	const char *name, *text;
};
extern const struct rp_stop_line rp_stop_lines[RP_STOP_NR];

/* "root"; "unknown" for a number of a newer module. */
const char *rp_stop_name(unsigned int stop);

struct rp_account rp_account_of(const uint64_t counters[static RP_COUNTER_NR]);
bool rp_account_holds(const struct rp_account *a);

/* Adds counters, stops, times and unknown_counters of a message to a sum. */
void rp_attrs_add(struct rp_attrs *sum, const struct rp_attrs *a);

#endif
