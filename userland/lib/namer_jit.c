// SPDX-License-Identifier: GPL-2.0
/*
 * User frames in code that was made at run time. The address alone does not tell whose
 * code it is, not even with the mapping: equal mappings of many processes are one object,
 * and code comes and goes within one. What is remembered is remembered by the symbol.
 */
#include "jit_names.h"
#include "namer_private.h"

/*
 * All such code is in one mapping of the profile, without addresses: there is no file to
 * tell it apart by, and the same address is another function's in another process.
 */
static uint32_t mapping(struct rp_namer *n, struct rp_profile *p)
{
	const struct rp_name_key key = { .profile = p, .owner = n->jit, .kind = RP_NAME_MAPPING };
	struct rp_profile_mapping m = { .has_functions = true };
	uint32_t id = rp_name_cache_get(&n->cache, &key);

	if (id)
		return id;
	m.filename = rp_profile_string(p, RP_JIT_MAPPING);
	id = rp_profile_mapping(p, &m);
	rp_name_cache_put(&n->cache, &key, id);
	return id;
}

void rp_namer_exited(struct rp_namer *n, const struct rp_aspace *as)
{
	if (!n->options.blind)
		rp_jit_names_exited(n->jit, as);
}

uint32_t rp_namer_jit(struct rp_namer *n, struct rp_profile *p,
		      const struct rp_namer_frame *f)
{
	const struct rp_jit_symbol *s = rp_jit_process_find(f->jit, f->address, f->time);
	const struct rp_name_key location = {
		.profile = p, .owner = s, .number = f->address, .kind = RP_NAME_LOCATION,
	};
	const struct rp_name_key function = {
		.profile = p, .owner = s, .kind = RP_NAME_FUNCTION,
	};
	uint32_t id;

	if (!s)
		return 0;
	id = rp_name_cache_get(&n->cache, &location);
	if (id)
		return id;
	n->stats.user_named++;
	id = rp_namer_symbol(n, p, mapping(n, p), f->address, s->name, &function);
	rp_name_cache_put(&n->cache, &location, id);
	return id;
}
