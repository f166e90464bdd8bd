// SPDX-License-Identifier: GPL-2.0
/*
 * The log says each reason once, with a file. How often it is so, and whether it still is,
 * are numbers for whoever asks.
 */
#include "jit_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "log.h"

#define TEXT_SIZE 512

static uint64_t sum_of(const struct rp_jit_names_stats *s)
{
	uint64_t sum = 0;
	int i;

	for (i = RP_JIT_TAKEN + 1; i < RP_JIT_REFUSALS_NR; i++)
		sum += s->refused[i];
	return sum;
}

char *rp_jit_report_refused(const struct rp_jit_names_stats *s, char *text, size_t size)
{
	size_t used = 0;
	int i, n;

	snprintf(text, size, "none");
	for (i = RP_JIT_TAKEN + 1; i < RP_JIT_REFUSALS_NR && used < size; i++) {
		if (!s->refused[i])
			continue;
		n = snprintf(text + used, size - used, "%s%s %" PRIu64, used ? ", " : "",
			     rp_jit_refusal_name(i), s->refused[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	return text;
}

void rp_jit_report_log(const struct rp_jit_names_stats *s)
{
	char text[TEXT_SIZE];

	rp_log(RP_LOG_INFO,
	       "code made at run time: %" PRIu64 " names of %" PRIu32
	       " processes, %zu KiB; files refused: %s",
	       s->names, s->processes, s->bytes >> 10,
	       rp_jit_report_refused(s, text, sizeof(text)));
}

void rp_jit_report_print(const struct rp_jit_names_stats *s, struct rp_out *o)
{
	int i;

	if (!rp_out_is_json(o) && !sum_of(s))
		return;
	rp_out_table(o, "jit_refused", "Files of code made at run time, refused");
	for (i = RP_JIT_TAKEN + 1; i < RP_JIT_REFUSALS_NR; i++) {
		if (!rp_out_is_json(o) && !s->refused[i])
			continue;
		rp_out_row(o);
		rp_out_string(o, "name", "Reason", rp_jit_refusal_name(i));
		rp_out_u64(o, "count", "Count", s->refused[i]);
		rp_out_string(o, "text", "Meaning", rp_jit_refusal_text(i));
		rp_out_end(o);
	}
	rp_out_end(o);
}
