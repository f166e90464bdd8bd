/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paired measurements: the same thing measured twice in a row, with something and without it,
 * many times; how much it differs, and how sure that is.
 *
 * Each pair gives one ratio, with / without. Of their logarithms the mean is taken, and its
 * confidence interval by Student's t-distribution: a machine that slows down from pair to pair
 * has no part in it, and twice as long counts as much as half as long.
 *
 * Source: W. S. Gosset, The probable error of a mean (1908); quantiles by the expansion of
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5 and 26.2.23.
 */
#ifndef RP_PAIRED_H
#define RP_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

struct rp_paired {			/* all 0: none yet */
	size_t nr;
	double mean, squares;		/* of the logarithms: squares of what they differ by */
};

struct rp_paired_result {
	double difference;		/* 0.01: with it, it is 1 % more */
	double low, high;		/* of the interval with 95 % confidence */
};

/* Both above 0. */
void rp_paired_add(struct rp_paired *p, double with, double without);
/* False: there are less than two, nothing is known. */
bool rp_paired_result(const struct rp_paired *p, struct rp_paired_result *ret);

/* The t that is exceeded with a probability of 2.5 %; degrees of freedom: 1 or more. */
double rp_paired_t(size_t freedom);

#endif
