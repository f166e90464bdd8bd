/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who spent it: the samples of a profile summed by function, mapping, process,
 * thread or any other label.
 *
 * Flat is what was sampled in a row itself (its frame was the leaf), cumulative
 * what was sampled in it or in anything that it called. A frame that is on a stack
 * several times (recursion) counts once. For labels both are the same.
 */
#ifndef RP_REPORT_H
#define RP_REPORT_H

#include "filter.h"
#include "frames.h"

struct rp_report_options {
	/* "function", "mapping", "line" (function, source file and line), "process" (comm),
	 * "thread" (comm/thread_id), or a label. */
	const char *by;
	bool by_cumulative;		/* sort by it; otherwise by flat */
	unsigned int type;		/* the sample type */
	const struct rp_filters *filters; /* or NULL */
};

struct rp_report_row {
	const char *name;
	const char *mapping;		/* by function: where it is; otherwise "" */
	enum rp_frame_kind kind;	/* by function */
	int64_t flat, cumulative;
};

struct rp_report {
	struct rp_report_row *rows;	/* sorted; then by name */
	uint32_t nr;
	int64_t total;			/* of the samples that passed the filters */
	int64_t shown_total;		/* of all samples */

	/* Private: who owns the names. */
	struct rp_frames *frames;
	struct rp_profile *names;
};

/* NULL and errno: ENOMEM, or ENOENT if no sample has the label `by`. */
struct rp_report *rp_report_new(const struct rp_profile *p,
				const struct rp_report_options *options);
void rp_report_free(struct rp_report *r);

/*
 * The labels that all samples have with the same value: what the profile as a
 * whole is of (service.name, host.name, ...). Fills up to max, returns how many.
 */
uint32_t rp_report_common_labels(const struct rp_profile *p,
				 struct rp_profile_label *ret_labels, uint32_t max);

#endif
