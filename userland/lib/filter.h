/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which samples to look at: KEY=VALUE of their labels, all of which must hold.
 */
#ifndef RP_FILTER_H
#define RP_FILTER_H

#include "profile.h"

#define RP_FILTERS_MAX 16

struct rp_filters {
	const char *terms[RP_FILTERS_MAX];	/* "KEY=VALUE", the caller's */
	unsigned int nr;
};

/* -EINVAL: not KEY=VALUE; -E2BIG: too many. The text must outlive the filters. */
int rp_filters_add(struct rp_filters *f, const char *term);
/*
 * Whether samples with this label set pass. A number is compared as decimal text;
 * without the label the value is "".
 */
bool rp_filters_match(const struct rp_filters *f, const struct rp_profile *p,
		      uint32_t labelset);

/* A label's value as text, into buf if it is a number; "" for NULL. */
#define RP_LABEL_TEXT_SIZE 32
const char *rp_label_text(const struct rp_profile *p, const struct rp_profile_label *l,
			  char buf[static RP_LABEL_TEXT_SIZE]);

#endif
