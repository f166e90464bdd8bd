// SPDX-License-Identifier: GPL-2.0
/*
 * The mean and the squares are brought up to date with each pair (Welford): no list of pairs
 * has to be kept.
 */
#include "paired.h"

#include <math.h>

/* 97.5 % of the normal distribution. */
#define NORMAL 1.959963985

void rp_paired_add(struct rp_paired *p, double with, double without)
{
	double x = log(with / without), before = x - p->mean;

	p->nr++;
	p->mean += before / (double)p->nr;
	p->squares += before * (x - p->mean);
}

/* The expansion is good to three places from 9 on. */
double rp_paired_t(size_t freedom)
{
	static const double few[] = {
		0, 12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060,
	};
	const double z = NORMAL, n = (double)freedom;
	const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;

	if (freedom < sizeof(few) / sizeof(few[0]))
		return few[freedom];
	return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
	       (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

bool rp_paired_result(const struct rp_paired *p, struct rp_paired_result *ret)
{
	double error;

	if (p->nr < 2)
		return false;
	error = rp_paired_t(p->nr - 1) *
		sqrt(p->squares / (double)(p->nr - 1) / (double)p->nr);
	*ret = (struct rp_paired_result){
		.difference = expm1(p->mean),
		.low = expm1(p->mean - error),
		.high = expm1(p->mean + error),
	};
	return true;
}
