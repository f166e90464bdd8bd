// SPDX-License-Identifier: GPL-2.0
/*
 * Through the same calls that everybody else fills a profile with, so that the tables hold
 * what they always hold. Ids change, so each table's are kept until the samples are done.
 */
#include "profile_copy.h"

#include <errno.h>
#include <stdlib.h>

struct copier {
	const struct rp_profile *from;
	const struct rp_profile_naming *naming;
	struct rp_profile *to;
	uint32_t *strings, *mappings, *locations;	/* new ids by old */
	struct rp_profile_line *lines;			/* room for one location's */
	uint32_t *frames;				/* and for one stack's */
};

static int make_room(struct copier *c)
{
	c->strings = calloc(c->from->nr_strings + 1, sizeof(*c->strings));
	c->mappings = calloc(c->from->nr_mappings + 1, sizeof(*c->mappings));
	c->locations = calloc(c->from->nr_locations + 1, sizeof(*c->locations));
	c->lines = malloc(RP_PROFILE_DEPTH_MAX * sizeof(*c->lines));
	c->frames = malloc(RP_PROFILE_DEPTH_MAX * sizeof(*c->frames));
	return c->strings && c->mappings && c->locations && c->lines && c->frames ? 0 : -ENOMEM;
}

static void drop_room(struct copier *c)
{
	free(c->strings);
	free(c->mappings);
	free(c->locations);
	free(c->lines);
	free(c->frames);
}

/* Only those that something still needs. */
static uint32_t string(struct copier *c, uint32_t id)
{
	if (id && !c->strings[id])
		c->strings[id] = rp_profile_string(c->to, rp_profile_str(c->from, id));
	return c->strings[id];
}

static void copy_facts(struct copier *c)
{
	const struct rp_profile *p = c->from;
	struct rp_profile *to = c->to;
	unsigned int i;

	for (i = 0; i < p->nr_types; i++)
		rp_profile_add_type(to, rp_profile_str(p, p->types[i].type),
				    rp_profile_str(p, p->types[i].unit));
	to->period = p->period;
	to->period_type.type = string(c, p->period_type.type);
	to->period_type.unit = string(c, p->period_type.unit);
	to->time_nanos = p->time_nanos;
	to->duration_nanos = p->duration_nanos;
	to->default_type = string(c, p->default_type);
	to->doc_url = string(c, p->doc_url);
	to->drop_frames = string(c, p->drop_frames);
	to->keep_frames = string(c, p->keep_frames);
	for (i = 0; i < p->nr_comments; i++)
		rp_profile_add_comment(to, rp_profile_str(p, p->comments[i]));
}

static void copy_mappings(struct copier *c)
{
	struct rp_profile_mapping m;
	uint64_t i;

	for (i = 1; i <= c->from->nr_mappings; i++) {
		m = c->from->mappings[i];
		m.filename = string(c, m.filename);
		m.build_id = string(c, m.build_id);
		c->mappings[i] = rp_profile_mapping(c->to, &m);
	}
	if (c->from->main_mapping)
		rp_profile_set_main_mapping(c->to, c->mappings[c->from->main_mapping]);
}

static uint32_t copy_function(struct copier *c, uint32_t id)
{
	struct rp_profile_function f = c->from->functions[id];

	f.name = string(c, f.name);
	f.system_name = string(c, f.system_name);
	f.filename = string(c, f.filename);
	return rp_profile_function_ids(c->to, &f);
}

static uint32_t copy_location(struct copier *c, uint64_t id)
{
	const struct rp_profile_location *l = &c->from->locations[id];
	uint32_t mapping = c->mappings[l->mapping], i;

	if (c->naming[id].function) {
		c->lines[0] = (struct rp_profile_line){ .function = c->naming[id].function };
		c->to->mappings[mapping].has_functions = true;
		return rp_profile_location(c->to, mapping, l->address, c->lines, 1);
	}
	for (i = 0; i < l->nr_lines; i++) {
		c->lines[i] = c->from->lines[l->first_line + i];
		c->lines[i].function = copy_function(c, c->lines[i].function);
	}
	return rp_profile_location(c->to, mapping, l->address, c->lines, l->nr_lines);
}

static void copy_sample(struct copier *c, uint64_t id)
{
	const struct rp_profile *p = c->from;
	const struct rp_profile_stack *stack = &p->stacks[p->samples[id].stack];
	const struct rp_profile_labelset *set = &p->labelsets[p->samples[id].labelset];
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	uint32_t i;

	for (i = 0; i < stack->nr; i++)
		c->frames[i] = c->locations[p->frames[stack->first + i]];
	for (i = 0; i < set->nr; i++) {
		labels[i] = p->labels[set->first + i];
		labels[i].key = string(c, labels[i].key);
		labels[i].str = string(c, labels[i].str);
		labels[i].unit = string(c, labels[i].unit);
	}
	rp_profile_add(c->to, c->frames, stack->nr, labels, set->nr, rp_profile_values(p, id));
}

int rp_profile_copy(const struct rp_profile *from, const struct rp_profile_naming *naming,
		    struct rp_profile *to)
{
	struct copier c = { .from = from, .naming = naming, .to = to };
	uint64_t i;
	int r;

	r = make_room(&c);
	if (!r) {
		copy_facts(&c);
		copy_mappings(&c);
		for (i = 1; i <= from->nr_locations && !to->error; i++)
			c.locations[i] = copy_location(&c, i);
		for (i = 1; i <= from->nr_samples && !to->error; i++)
			copy_sample(&c, i);
		r = to->error;
	}
	drop_room(&c);
	return r;
}
