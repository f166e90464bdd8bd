/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of `ringprofctl overhead`: what is measured (overhead_load.c), and the sampling that
 * it is measured with (overhead_session.c).
 */
#ifndef RP_OVERHEAD_H
#define RP_OVERHEAD_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control.h"

#define RP_OVERHEAD_WHY_SIZE 512

/* ---- what is measured ---- */

struct rp_overhead_load {
	char **command;		/* NULL: our own, on all CPUs */
	bool has_figure;	/* the command prints how much it has done in a time */
	regex_t figure;		/* with one group, the number; its last match counts */
	uint64_t slice_ns;	/* for which our own one runs */
};

/*
 * Runs it once. *ret: what it costs, in any unit: time, or time for each of what it does. 0, or
 * -errno and a sentence.
 */
int rp_overhead_measure(const struct rp_overhead_load *l, double *ret, char *why,
			size_t why_size);

/* ---- with what ---- */

struct rp_overhead_session {
	pid_t pid;		/* of the `record` that samples and reads */
	uint32_t id;
	uint32_t frequency;
	uint64_t run_ns, self_ns;	/* as they were at the start */
	int talk;		/* what it says */
};

/*
 * Starts `record`, with these arguments behind its own, and waits until it samples. 0, or
 * -errno and a sentence.
 */
int rp_overhead_start(struct rp_control *c, char *const *settings, unsigned int nr,
		      struct rp_overhead_session *ret, char *why, size_t why_size);
/*
 * Ends it. *ret_run and *ret_self grow by the time for which each CPU was sampled and by what
 * of it the module took. As above.
 */
int rp_overhead_stop(struct rp_control *c, struct rp_overhead_session *s, uint64_t *ret_run,
		     uint64_t *ret_self, char *why, size_t why_size);

#endif
