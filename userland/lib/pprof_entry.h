/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entries of a pprof file, one function per field: unpack, check every index,
 * add to the profile. Private to the pprof reader; the order in which fields must
 * come is in pprof_read.c.
 *
 * All return 0, or -errno with a sentence in r->why.
 */
#ifndef RP_PPROF_ENTRY_H
#define RP_PPROF_ENTRY_H

#include "pprof_ids.h"
#include "pprof_wire.h"
#include "profile.h"
#include "why.h"

#include <errno.h>

enum rp_pprof_field {
	RP_PPROF_SAMPLE_TYPE = 1, RP_PPROF_SAMPLE, RP_PPROF_MAPPING, RP_PPROF_LOCATION,
	RP_PPROF_FUNCTION, RP_PPROF_STRING_TABLE, RP_PPROF_DROP_FRAMES,
	RP_PPROF_KEEP_FRAMES, RP_PPROF_TIME_NANOS, RP_PPROF_DURATION_NANOS,
	RP_PPROF_PERIOD_TYPE, RP_PPROF_PERIOD, RP_PPROF_COMMENT,
	RP_PPROF_DEFAULT_SAMPLE_TYPE, RP_PPROF_DOC_URL,
};

struct rp_pprof_reader {
	struct rp_profile *p;
	const uint8_t *data;
	size_t len;
	uint32_t *strings;		/* their index -> our id */
	uint64_t nr_strings, room_strings;
	struct rp_pprof_ids mappings, functions, locations;
	uint32_t *frames;		/* scratch: one stack */
	struct rp_profile_line *lines;	/* scratch: one location */
	uint64_t nr;			/* the entry of the pass we are at, for errors */
	char *why;
	size_t why_size;
};

#define RP_PPROF_BAD(r, ...) \
	(rp_why((r)->why, (r)->why_size, __VA_ARGS__), -EBADMSG)

/* The profile did not take something: the reason is memory, or its limits. */
int rp_pprof_refused(struct rp_pprof_reader *r);

typedef int rp_pprof_take(struct rp_pprof_reader *r, const struct rp_wire_field *f);

rp_pprof_take rp_pprof_read_string, rp_pprof_read_type, rp_pprof_read_mapping,
	rp_pprof_read_function, rp_pprof_read_location, rp_pprof_read_sample,
	rp_pprof_read_fact;

#endif
