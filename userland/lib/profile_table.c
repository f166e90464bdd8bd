// SPDX-License-Identifier: GPL-2.0
/*
 * The profile's tables: mappings, functions, locations, stacks, label sets and
 * samples. Each is interned by value, in the order in which it came, so that ids
 * are 1 .. N as pprof's stricter readers want them.
 */
#include "profile_store.h"

#include <errno.h>
#include <string.h>

static bool is_string(const struct rp_profile *p, uint32_t id)
{
	return id <= p->nr_strings;
}

static bool mapping_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_mapping *a = &p->mappings[id], *b = key;

	return a->start == b->start && a->limit == b->limit && a->offset == b->offset &&
	       a->filename == b->filename && a->build_id == b->build_id;
}

uint32_t rp_profile_mapping(struct rp_profile *p, const struct rp_profile_mapping *m)
{
	struct rp_profile_mapping *found;
	struct rp_hash h;
	uint32_t hash, id;

	if (p->error || !is_string(p, m->filename) || !is_string(p, m->build_id))
		return 0;
	rp_hash_start(&h, p->seed);
	rp_hash_word(&h, m->start);
	rp_hash_word(&h, m->limit);
	rp_hash_word(&h, m->offset);
	rp_hash_word(&h, (uint64_t)m->filename << 32 | m->build_id);
	hash = rp_hash_end(&h);
	id = rp_index_find(p, &p->by_mapping, hash, mapping_equal, m);
	if (id) {
		found = &p->mappings[id];
		found->has_functions |= m->has_functions;
		found->has_filenames |= m->has_filenames;
		found->has_lines |= m->has_lines;
		found->has_inlines |= m->has_inlines;
		return id;
	}
	if (rp_store_grow_table(p, &p->mappings, &p->room.mappings, p->nr_mappings,
				sizeof(*p->mappings), &p->by_mapping) < 0)
		return 0;
	id = (uint32_t)++p->nr_mappings;
	p->mappings[id] = *m;
	rp_index_insert(&p->by_mapping, hash, id);
	return id;
}

int rp_profile_set_main_mapping(struct rp_profile *p, uint32_t mapping)
{
	if (!mapping || mapping > p->nr_mappings)
		return -EINVAL;
	p->main_mapping = mapping;
	return 0;
}

static bool function_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_function *a = &p->functions[id], *b = key;

	return a->name == b->name && a->system_name == b->system_name &&
	       a->filename == b->filename && a->start_line == b->start_line;
}

uint32_t rp_profile_function_ids(struct rp_profile *p,
				 const struct rp_profile_function *f)
{
	struct rp_hash h;
	uint32_t hash, id;

	if (p->error || !is_string(p, f->name) || !is_string(p, f->system_name) ||
	    !is_string(p, f->filename))
		return 0;
	rp_hash_start(&h, p->seed);
	rp_hash_word(&h, (uint64_t)f->name << 32 | f->system_name);
	rp_hash_word(&h, f->filename);
	rp_hash_word(&h, (uint64_t)f->start_line);
	hash = rp_hash_end(&h);
	id = rp_index_find(p, &p->by_function, hash, function_equal, f);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->functions, &p->room.functions, p->nr_functions,
				sizeof(*p->functions), &p->by_function) < 0)
		return 0;
	id = (uint32_t)++p->nr_functions;
	p->functions[id] = *f;
	rp_index_insert(&p->by_function, hash, id);
	return id;
}

uint32_t rp_profile_function(struct rp_profile *p, const char *name,
			     const char *system_name, const char *filename,
			     int64_t start_line)
{
	struct rp_profile_function f = {
		.name = rp_profile_string(p, name),
		.system_name = rp_profile_string(p, system_name),
		.filename = rp_profile_string(p, filename),
		.start_line = start_line,
	};

	return rp_profile_function_ids(p, &f);
}

struct location_key {
	uint64_t address;
	uint32_t mapping, nr_lines;
	const struct rp_profile_line *lines;
};

/*
 * An address in a file that is known by its build id is an identity; anything less is not:
 * another file, or other code, may lie there later, and a mapping that stands for code of
 * many processes has no addresses of its own.
 */
static bool is_identified(const struct rp_profile *p, const struct location_key *k)
{
	const struct rp_profile_mapping *m = &p->mappings[k->mapping];

	return k->mapping && k->address && m->limit && m->build_id;
}

static bool location_equal(const struct rp_profile *p, uint32_t id, const void *key)
{
	const struct rp_profile_location *l = &p->locations[id];
	const struct location_key *k = key;
	const struct rp_profile_line *a, *b;
	uint32_t i;

	if (l->mapping != k->mapping || l->address != k->address)
		return false;
	if (is_identified(p, k))
		return true;
	if (l->nr_lines != k->nr_lines)
		return false;
	for (i = 0; i < k->nr_lines; i++) {
		a = &p->lines[l->first_line + i];
		b = &k->lines[i];
		if (a->function != b->function || a->line != b->line ||
		    a->column != b->column)
			return false;
	}
	return true;
}

static uint32_t location_hash(const struct rp_profile *p, const struct location_key *k)
{
	struct rp_hash h;
	uint32_t i;

	rp_hash_start(&h, p->seed);
	rp_hash_word(&h, k->mapping);
	rp_hash_word(&h, k->address);
	for (i = 0; !is_identified(p, k) && i < k->nr_lines; i++) {
		rp_hash_word(&h, k->lines[i].function);
		rp_hash_word(&h, (uint64_t)k->lines[i].line);
		rp_hash_word(&h, (uint64_t)k->lines[i].column);
	}
	return rp_hash_end(&h);
}

static bool lines_are_valid(const struct rp_profile *p, const struct location_key *k)
{
	uint32_t i;

	if (k->mapping > p->nr_mappings || k->nr_lines > RP_PROFILE_DEPTH_MAX)
		return false;
	for (i = 0; i < k->nr_lines; i++) {
		if (!k->lines[i].function || k->lines[i].function > p->nr_functions)
			return false;
	}
	return true;
}

uint32_t rp_profile_location(struct rp_profile *p, uint32_t mapping, uint64_t address,
			     const struct rp_profile_line *lines, uint32_t nr_lines)
{
	const struct location_key k = { address, mapping, nr_lines, lines };
	uint32_t hash, id;

	if (p->error || !lines_are_valid(p, &k))
		return 0;
	hash = location_hash(p, &k);
	id = rp_index_find(p, &p->by_location, hash, location_equal, &k);
	if (id)
		return id;
	if (rp_store_grow_table(p, &p->locations, &p->room.locations, p->nr_locations,
				sizeof(*p->locations), &p->by_location) < 0 ||
	    rp_store_grow(p, &p->lines, &p->room.lines, p->nr_lines + nr_lines,
			  sizeof(*p->lines)) < 0)
		return 0;
	id = (uint32_t)++p->nr_locations;
	p->locations[id] = (struct rp_profile_location){
		.address = address, .mapping = mapping,
		.first_line = p->nr_lines, .nr_lines = nr_lines,
	};
	if (nr_lines)
		memcpy(p->lines + p->nr_lines, lines, nr_lines * sizeof(*lines));
	p->nr_lines += nr_lines;
	rp_index_insert(&p->by_location, hash, id);
	return id;
}
