// SPDX-License-Identifier: GPL-2.0
/*
 * Label sets are few (threads times CPUs) and groups fewer (services), samples are
 * many: so label sets are grouped first, and then each group's samples are copied in
 * one pass, with an array from old location ids to new ones.
 *
 * What a part will weigh is added up as it is filled, each message at its largest,
 * so that it can be closed before a limit and never has to be taken apart again.
 */
#include "split.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pprof_size.h"

struct group {
	uint64_t hash;
	uint32_t labelset;		/* one that has these values */
};

struct split {
	const struct rp_profile *p;
	const uint32_t *keys;
	size_t nr_keys;
	const struct rp_split_limits *limits;
	rp_split_each each;
	void *arg;
	struct group *groups;
	size_t nr_groups;
	uint32_t *group_of;		/* by label set: 0 .. nr_labelsets */
	/* The part being filled. */
	struct rp_attributes resource;
	struct rp_profile *part;
	uint32_t *location, *mapping, *function;	/* old id to new, 0: not there yet */
	uint64_t bytes, number;
};

/* ---- groups ------------------------------------------------------------- */

static uint32_t value_of(const struct split *s, uint32_t labelset, size_t key)
{
	const struct rp_profile_label *l;

	if (!labelset)
		return 0;
	l = rp_profile_find_label(s->p, labelset, s->keys[key]);
	return l ? l->str : 0;
}

static uint64_t hash_of(const struct split *s, uint32_t labelset)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < s->nr_keys; i++)
		hash = (hash ^ value_of(s, labelset, i)) * 0x100000001b3;
	return hash;
}

static bool same_group(const struct split *s, uint32_t a, uint32_t b)
{
	size_t i;

	for (i = 0; i < s->nr_keys; i++)
		if (value_of(s, a, i) != value_of(s, b, i))
			return false;
	return true;
}

static int find_group(struct split *s, uint32_t labelset, uint32_t *ret)
{
	uint64_t hash = hash_of(s, labelset);
	struct group *groups;
	size_t i;

	for (i = 0; i < s->nr_groups; i++)
		if (s->groups[i].hash == hash &&
		    same_group(s, s->groups[i].labelset, labelset))
			break;
	if (i == s->nr_groups) {
		groups = realloc(s->groups, (i + 1) * sizeof(*groups));
		if (!groups)
			return -ENOMEM;
		s->groups = groups;
		groups[i] = (struct group){ hash, labelset };
		s->nr_groups++;
	}
	*ret = (uint32_t)i;
	return 0;
}

static int make_groups(struct split *s)
{
	uint64_t i;
	int err = 0;

	s->group_of = calloc(s->p->nr_labelsets + 1, sizeof(*s->group_of));
	s->location = calloc(s->p->nr_locations + 1, sizeof(*s->location));
	s->mapping = calloc(s->p->nr_mappings + 1, sizeof(*s->mapping));
	s->function = calloc(s->p->nr_functions + 1, sizeof(*s->function));
	if (!s->group_of || !s->location || !s->mapping || !s->function)
		return -ENOMEM;
	for (i = 0; !err && i <= s->p->nr_labelsets; i++)
		err = find_group(s, (uint32_t)i, &s->group_of[i]);
	return err;
}

static int read_resource(struct split *s, uint32_t labelset)
{
	const char *key, *value;
	size_t i;
	int err = 0;

	rp_attributes_free(&s->resource);
	for (i = 0; !err && i < s->nr_keys; i++) {
		key = rp_profile_str(s->p, s->keys[i]);
		value = rp_profile_str(s->p, value_of(s, labelset, i));
		if (*value)
			err = rp_attributes_set(&s->resource, key, value);
		if (err && err != -ENOMEM)
			err = 0;	/* no attribute, whatever else it is */
	}
	return err;
}

/* ---- a part ------------------------------------------------------------- */

static const char *text(const struct split *s, uint32_t id)
{
	return rp_profile_str(s->p, id);
}

static int begin_part(struct split *s)
{
	const struct rp_profile *p = s->p;
	unsigned int i;
	int err = 0;

	s->part = rp_profile_new();
	if (!s->part)
		return -ENOMEM;
	memset(s->location, 0, (p->nr_locations + 1) * sizeof(*s->location));
	memset(s->mapping, 0, (p->nr_mappings + 1) * sizeof(*s->mapping));
	memset(s->function, 0, (p->nr_functions + 1) * sizeof(*s->function));
	s->part->time_nanos = p->time_nanos + (int64_t)s->number * RP_SPLIT_STEP_NS;
	s->part->duration_nanos = p->duration_nanos;
	for (i = 0; !err && i < p->nr_types; i++)
		err = rp_profile_add_type(s->part, text(s, p->types[i].type),
					  text(s, p->types[i].unit));
	if (!err)
		err = rp_profile_set_period(s->part, text(s, p->period_type.type),
					    text(s, p->period_type.unit), p->period);
	if (!err && p->default_type)
		err = rp_profile_set_default_type(s->part, text(s, p->default_type));
	s->bytes = 1024;
	return err;
}

static int end_part(struct split *s)
{
	int err = s->part->error;

	if (!err && s->part->nr_samples)
		err = s->each(s->arg, &s->resource, s->part);
	rp_profile_free(s->part);
	s->part = NULL;
	s->number++;
	return err;
}

/* Its lines, and mapping and functions that are not there yet. */
static uint64_t location_bytes(const struct split *s, uint32_t id)
{
	const struct rp_profile_location *l = &s->p->locations[id];
	const struct rp_profile_line *line;
	uint64_t bytes = 12 + rp_pprof_size_number(l->address);
	uint32_t i;

	if (l->mapping && !s->mapping[l->mapping])
		bytes += rp_pprof_size_mapping(s->p, l->mapping);
	for (i = 0; i < l->nr_lines; i++) {
		line = &s->p->lines[l->first_line + i];
		bytes += 8 + rp_pprof_size_number((uint64_t)line->line) +
			 rp_pprof_size_number((uint64_t)line->column);
		if (!s->function[line->function])
			bytes += rp_pprof_size_function(s->p, line->function);
	}
	return bytes;
}

static uint32_t copy_mapping(struct split *s, uint32_t id)
{
	struct rp_profile_mapping m = s->p->mappings[id];

	if (!id || s->mapping[id])
		return s->mapping[id];
	m.filename = rp_profile_string(s->part, text(s, m.filename));
	m.build_id = rp_profile_string(s->part, text(s, m.build_id));
	s->mapping[id] = rp_profile_mapping(s->part, &m);
	return s->mapping[id];
}

static uint32_t copy_function(struct split *s, uint32_t id)
{
	const struct rp_profile_function *f = &s->p->functions[id];

	if (!s->function[id])
		s->function[id] = rp_profile_function(s->part, text(s, f->name),
						      text(s, f->system_name),
						      text(s, f->filename),
						      f->start_line);
	return s->function[id];
}

static int copy_location(struct split *s, uint32_t id)
{
	const struct rp_profile_location *l = &s->p->locations[id];
	struct rp_profile_line *lines;
	uint32_t i;

	lines = calloc(l->nr_lines ? l->nr_lines : 1, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	for (i = 0; i < l->nr_lines; i++) {
		lines[i] = s->p->lines[l->first_line + i];
		lines[i].function = copy_function(s, lines[i].function);
	}
	if (!s->part->error)
		s->location[id] = rp_profile_location(s->part,
						      copy_mapping(s, l->mapping),
						      l->address, lines, l->nr_lines);
	free(lines);
	return s->part->error ? s->part->error : s->location[id] ? 0 : -EINVAL;
}

/*
 * What the part would grow by, at most. A sample that is there already counts again,
 * so a value that grows has had its room.
 */
static uint64_t sample_bytes(const struct split *s, uint64_t sample)
{
	const struct rp_profile_stack *stack = &s->p->stacks[s->p->samples[sample].stack];
	const int64_t *values = rp_profile_values(s->p, sample);
	uint64_t bytes = 12 + (uint64_t)stack->nr * rp_pprof_size_number(s->p->nr_locations);
	uint32_t i, id;

	for (i = 0; i < s->p->nr_types; i++)
		bytes += rp_pprof_size_number((uint64_t)values[i]);
	for (i = 0; i < stack->nr; i++) {
		id = s->p->frames[stack->first + i];
		if (!s->location[id])
			bytes += location_bytes(s, id);
	}
	return bytes;
}

static bool is_full(const struct split *s, uint64_t bytes)
{
	const struct rp_split_limits *l = s->limits;

	return s->part->nr_samples &&
	       ((l->samples && s->part->nr_samples >= l->samples) ||
		(l->bytes && s->bytes + bytes > l->bytes));
}

static int copy_sample(struct split *s, uint64_t id)
{
	const struct rp_profile_stack *stack = &s->p->stacks[s->p->samples[id].stack];
	uint64_t bytes = sample_bytes(s, id);
	uint32_t *frames, i, old;
	int err = 0;

	if (is_full(s, bytes)) {
		err = end_part(s);
		if (!err)
			err = begin_part(s);
		if (err)
			return err;
		bytes = sample_bytes(s, id);
	}
	s->bytes += bytes;
	frames = calloc(stack->nr ? stack->nr : 1, sizeof(*frames));
	if (!frames)
		return -ENOMEM;
	for (i = 0; !err && i < stack->nr; i++) {
		old = s->p->frames[stack->first + i];
		if (!s->location[old])
			err = copy_location(s, old);
		frames[i] = s->location[old];
	}
	if (!err)
		err = rp_profile_add(s->part, frames, stack->nr, NULL, 0,
				     rp_profile_values(s->p, id));
	free(frames);
	return err;
}

/* ---- all of it ---------------------------------------------------------- */

struct place {
	uint32_t group;
	uint32_t sample;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static int copy_group(struct split *s, const struct place *places, uint64_t nr)
{
	uint64_t i;
	int err;

	s->number = 0;
	err = read_resource(s, s->p->samples[places[0].sample].labelset);
	if (!err)
		err = begin_part(s);
	for (i = 0; !err && i < nr; i++)
		err = copy_sample(s, places[i].sample);
	if (!s->part)
		return err;
	if (err) {
		rp_profile_free(s->part);
		s->part = NULL;
		return err;
	}
	return end_part(s);
}

static int copy_all(struct split *s)
{
	uint64_t nr = s->p->nr_samples, i, from;
	struct place *places = calloc(nr ? nr : 1, sizeof(*places));
	int err = places ? 0 : -ENOMEM;

	for (i = 0; !err && i < nr; i++)
		places[i] = (struct place){ s->group_of[s->p->samples[i + 1].labelset],
					    (uint32_t)(i + 1) };
	if (!err)
		qsort(places, nr, sizeof(*places), compare_places);
	for (from = 0; !err && from < nr; from = i) {
		for (i = from + 1; i < nr && places[i].group == places[from].group; i++)
			;
		err = copy_group(s, places + from, i - from);
	}
	free(places);
	return err;
}

int rp_split(const struct rp_profile *p, const uint32_t *keys, size_t nr_keys,
	     const struct rp_split_limits *limits, rp_split_each each, void *arg)
{
	struct split s = {
		.p = p, .keys = keys, .nr_keys = nr_keys, .limits = limits,
		.each = each, .arg = arg,
	};
	int err = p->error;

	if (!err)
		err = make_groups(&s);
	if (!err)
		err = copy_all(&s);
	rp_attributes_free(&s.resource);
	free(s.groups);
	free(s.group_of);
	free(s.location);
	free(s.mapping);
	free(s.function);
	return err;
}
