// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel frames. The rule that decides everything here: no absolute kernel address may
 * get into a profile, neither as an address nor in a name, since it would tell where
 * KASLR put the kernel. What is not known relative to its image has no address at all.
 */
#include <stdio.h>

#include "build_id.h"
#include "namer_private.h"

#define UNKNOWN_NAME "[kernel]"

static uint32_t build_id_string(const struct rp_namer *n, struct rp_profile *p,
				const struct rp_kernel_symbol *sym)
{
	const struct rp_build_id *id = rp_kernel_symbols_build_id(n->kernel, sym,
								  n->options.sysfs);
	char hex[RP_BUILD_ID_HEX];

	return id->size ? rp_profile_string(p, rp_build_id_hex(id, hex)) : 0;
}

static uint32_t mapping(struct rp_namer *n, struct rp_profile *p,
			const struct rp_kernel_symbol *sym)
{
	const struct rp_name_key key = {
		.profile = p, .owner = sym->module, .kind = RP_NAME_MAPPING,
	};
	uint32_t id = rp_name_cache_get(&n->cache, &key);
	struct rp_profile_mapping m = {
		.limit = sym->image_size,
		.has_functions = true,
	};
	char name[128];

	if (id)
		return id;
	if (sym->module)
		snprintf(name, sizeof(name), RP_KERNEL_MAPPING "[%s]", sym->module);
	m.filename = rp_profile_string(p, sym->module ? name : RP_KERNEL_MAPPING);
	/* Generated code (bpf, ftrace) belongs to no file. */
	if (sym->has_rel)
		m.build_id = build_id_string(n, p, sym);
	id = rp_profile_mapping(p, &m);
	rp_name_cache_put(&n->cache, &key, id);
	return id;
}

static uint32_t without_symbol(struct rp_namer *n, struct rp_profile *p,
			       const struct rp_kernel_symbol *sym)
{
	char name[160];

	if (!sym->has_rel)
		snprintf(name, sizeof(name), "[%s]", sym->module ? sym->module : "kernel");
	else if (sym->module)
		snprintf(name, sizeof(name), "[%s]+0x%llx", sym->module,
			 (unsigned long long)sym->rel);
	else
		snprintf(name, sizeof(name), "[kernel]+0x%llx", (unsigned long long)sym->rel);
	return rp_namer_location(p, mapping(n, p, sym), sym->has_rel ? sym->rel : 0, name);
}

static uint32_t name_address(struct rp_namer *n, struct rp_profile *p, uint64_t address)
{
	struct rp_kernel_symbol sym;
	struct rp_name_key key = { .profile = p, .kind = RP_NAME_FUNCTION };

	if (rp_kernel_symbols_lookup(n->kernel, address, &sym)) {
		n->stats.kernel_unnamed++;
		return rp_namer_kernel_hidden(n, p);
	}
	if (!sym.name) {
		n->stats.kernel_unnamed++;
		return without_symbol(n, p, &sym);
	}
	n->stats.kernel_named++;
	key.owner = sym.name;
	return rp_namer_symbol(n, p, mapping(n, p, &sym), sym.has_rel ? sym.rel : 0,
			       sym.name, &key);
}

uint32_t rp_namer_kernel(struct rp_namer *n, struct rp_profile *p, uint64_t address)
{
	const struct rp_name_key key = {
		.profile = p, .number = address, .kind = RP_NAME_LOCATION,
	};
	uint32_t id = rp_name_cache_get(&n->cache, &key);

	if (!id) {
		id = name_address(n, p, address);
		rp_name_cache_put(&n->cache, &key, id);
	}
	return id;
}

uint32_t rp_namer_kernel_hidden(struct rp_namer *n, struct rp_profile *p)
{
	const struct rp_kernel_symbol sym = { 0 };

	return rp_namer_location(p, mapping(n, p, &sym), 0, UNKNOWN_NAME);
}
