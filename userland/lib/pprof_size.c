// SPDX-License-Identifier: GPL-2.0
/*
 * Receivers limit a profile's size before compression. Knowing it while a profile is
 * being filled takes an upper bound that is close: tags and lengths are counted at
 * their usual size, numbers at their own, ids as if all entries had the largest.
 */
#include "pprof_size.h"

#include <string.h>

uint64_t rp_pprof_size_number(uint64_t n)
{
	uint64_t bytes = 2;

	while (n >>= 7)
		bytes++;
	return bytes;
}

static uint64_t string_bytes(const struct rp_profile *p, uint32_t id)
{
	uint64_t len = strlen(rp_profile_str(p, id));

	/* And two numbers that refer to it. */
	return len + rp_pprof_size_number(len) + 2 * rp_pprof_size_number(p->nr_strings);
}

uint64_t rp_pprof_size_mapping(const struct rp_profile *p, uint32_t id)
{
	const struct rp_profile_mapping *m = &p->mappings[id];

	return 16 + rp_pprof_size_number(m->start) + rp_pprof_size_number(m->limit) +
	       rp_pprof_size_number(m->offset) + string_bytes(p, m->filename) +
	       string_bytes(p, m->build_id);
}

uint64_t rp_pprof_size_function(const struct rp_profile *p, uint32_t id)
{
	const struct rp_profile_function *f = &p->functions[id];
	uint64_t bytes = 8 + rp_pprof_size_number((uint64_t)f->start_line) +
			 string_bytes(p, f->name) + string_bytes(p, f->filename);

	return f->system_name == f->name ? bytes : bytes + string_bytes(p, f->system_name);
}
