// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever is asked for, a stack becomes a list of group numbers, leaf last: frames,
 * their mappings, or the one group of a label. The sums are the same for all.
 */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum by { BY_FUNCTION, BY_MAPPING, BY_LINE, BY_LABEL, BY_THREAD };

struct sums {
	int64_t flat, cumulative;
	uint64_t last;			/* sample that was added last: once per stack */
	bool used;
};

struct counting {
	struct rp_report *r;
	const struct rp_profile *p;
	const struct rp_report_options *options;
	enum by by;
	uint32_t key, thread_key;	/* labels, as string ids of p */
	struct sums *sums;		/* by group */
	uint64_t room;
};

static int make_room(struct counting *c, uint32_t group)
{
	uint64_t room = c->room ? c->room : 256;
	struct sums *more;

	while (room <= group)
		room *= 2;
	if (room == c->room)
		return 0;
	more = realloc(c->sums, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + c->room, 0, (room - c->room) * sizeof(*more));
	c->sums = more;
	c->room = room;
	return 0;
}

static int count(struct counting *c, uint32_t group, bool leaf, uint64_t sample, int64_t value)
{
	struct sums *s;

	if (make_room(c, group) < 0)
		return -ENOMEM;
	s = &c->sums[group];
	s->used = true;
	if (leaf)
		s->flat = rp_add_saturated(s->flat, value);
	if (s->last != sample)
		s->cumulative = rp_add_saturated(s->cumulative, value);
	s->last = sample;
	return 0;
}

static int count_frames(struct counting *c, uint64_t sample, int64_t value)
{
	const uint32_t *ids;
	uint32_t i, nr, group;
	const char *mapping;
	int err = 0;

	ids = rp_frames_of_stack(c->r->frames, c->p->samples[sample].stack, &nr);
	for (i = 0; i < nr && !err; i++) {
		group = ids[i];
		if (c->by == BY_MAPPING) {
			mapping = rp_frames_get(c->r->frames, ids[i]).mapping;
			group = rp_profile_string(c->r->names,
						  *mapping ? mapping : "[no mapping]");
		}
		err = c->r->names->error ? -ENOMEM :
			count(c, group, i == nr - 1, sample, value);
	}
	return err;
}

/* A line of a location as a group; names of functions alone where there are no lines. */
static uint32_t line_group(struct counting *c, const struct rp_profile_location *l, uint32_t i)
{
	const struct rp_profile *p = c->p;
	const struct rp_profile_line *line = &p->lines[l->first_line + i];
	const struct rp_profile_function *f = &p->functions[line->function];
	const char *name = rp_profile_str(p, f->name), *file = rp_profile_str(p, f->filename);
	uint32_t group;
	char *text;

	if (!*file)
		return rp_profile_string(c->r->names, *name ? name : "[unknown]");
	if (asprintf(&text, "%s %s:%lld", name, file, (long long)line->line) < 0)
		return 0;
	group = rp_profile_string(c->r->names, text);
	free(text);
	return group;
}

static int count_lines(struct counting *c, uint64_t sample, int64_t value)
{
	const struct rp_profile_stack *s = &c->p->stacks[c->p->samples[sample].stack];
	const struct rp_profile_location *l;
	uint32_t i, j, nr, group;
	int err = 0;

	for (i = s->nr; i-- && !err;) {
		l = &c->p->locations[c->p->frames[s->first + i]];
		nr = l->nr_lines ? l->nr_lines : 1;
		for (j = nr; j-- && !err;) {
			group = l->nr_lines ? line_group(c, l, j) :
				rp_profile_string(c->r->names, "[unknown]");
			err = group ? count(c, group, !i && !j, sample, value) : -ENOMEM;
		}
	}
	return err;
}

static int count_label(struct counting *c, uint64_t sample, int64_t value)
{
	char buf[RP_LABEL_TEXT_SIZE], thread_buf[RP_LABEL_TEXT_SIZE];
	uint32_t labelset = c->p->samples[sample].labelset, group;
	const char *text, *thread;
	char *both;

	text = rp_label_text(c->p, rp_profile_find_label(c->p, labelset, c->key), buf);
	if (c->by == BY_THREAD) {
		thread = rp_label_text(c->p, rp_profile_find_label(c->p, labelset,
								   c->thread_key), thread_buf);
		if (asprintf(&both, "%s/%s", text, thread) < 0)
			return -ENOMEM;
		group = rp_profile_string(c->r->names, both);
		free(both);
	} else {
		group = rp_profile_string(c->r->names, *text ? text : "[none]");
	}
	return c->r->names->error ? -ENOMEM : count(c, group, true, sample, value);
}

static int count_all(struct counting *c)
{
	const struct rp_profile *p = c->p;
	int64_t value;
	uint64_t id;
	int err = 0;

	for (id = 1; id <= p->nr_samples && !err; id++) {
		if (!rp_filters_match(c->options->filters, p, p->samples[id].labelset))
			continue;
		value = rp_profile_values(p, id)[c->options->type];
		c->r->total = rp_add_saturated(c->r->total, value);
		if (c->by == BY_FUNCTION || c->by == BY_MAPPING)
			err = count_frames(c, id, value);
		else if (c->by == BY_LINE)
			err = count_lines(c, id, value);
		else
			err = count_label(c, id, value);
	}
	return err;
}

static int compare(const void *a, const void *b, void *by_cumulative)
{
	const struct rp_report_row *x = a, *y = b;
	bool cumulative = *(bool *)by_cumulative;
	int64_t x1 = cumulative ? x->cumulative : x->flat;
	int64_t y1 = cumulative ? y->cumulative : y->flat;
	int64_t x2 = cumulative ? x->flat : x->cumulative;
	int64_t y2 = cumulative ? y->flat : y->cumulative;
	int names;

	if (x1 != y1)
		return x1 > y1 ? -1 : 1;
	if (x2 != y2)
		return x2 > y2 ? -1 : 1;
	names = strcmp(x->name, y->name);
	return names ? names : strcmp(x->mapping, y->mapping);
}

static int make_rows(struct counting *c)
{
	bool by_cumulative = c->options->by_cumulative;
	struct rp_report *r = c->r;
	struct rp_report_row *row;
	struct rp_frame frame;
	uint64_t group;

	r->rows = calloc(c->room + 1, sizeof(*r->rows));
	if (!r->rows)
		return -ENOMEM;
	for (group = 0; group < c->room; group++) {
		if (!c->sums[group].used)
			continue;
		row = &r->rows[r->nr++];
		row->flat = c->sums[group].flat;
		row->cumulative = c->sums[group].cumulative;
		row->mapping = "";
		if (c->by == BY_FUNCTION) {
			frame = rp_frames_get(r->frames, (uint32_t)group);
			row->name = frame.name;
			row->mapping = frame.mapping;
			row->kind = frame.kind;
		} else {
			row->name = rp_profile_str(r->names, (uint32_t)group);
		}
	}
	qsort_r(r->rows, r->nr, sizeof(*r->rows), compare, &by_cumulative);
	return 0;
}

static bool any_sample_has(const struct rp_profile *p, uint32_t key)
{
	uint64_t id;

	for (id = 1; id <= p->nr_labelsets; id++) {
		if (rp_profile_find_label(p, (uint32_t)id, key))
			return true;
	}
	return false;
}

static int choose(struct counting *c)
{
	const char *by = c->options->by, *label = by;

	if (!strcmp(by, "function")) {
		c->by = BY_FUNCTION;
		return 0;
	}
	if (!strcmp(by, "mapping")) {
		c->by = BY_MAPPING;
		return 0;
	}
	if (!strcmp(by, "line")) {
		c->by = BY_LINE;
		return 0;
	}
	c->by = BY_LABEL;
	if (!strcmp(by, "process") || !strcmp(by, "thread"))
		label = "comm";
	if (!strcmp(by, "thread")) {
		c->by = BY_THREAD;
		c->thread_key = rp_profile_find_string(c->p, "thread_id");
		if (!any_sample_has(c->p, c->thread_key))
			return -ENOENT;
	}
	c->key = rp_profile_find_string(c->p, label);
	return any_sample_has(c->p, c->key) || c->by == BY_THREAD ? 0 : -ENOENT;
}

struct rp_report *rp_report_new(const struct rp_profile *p,
				const struct rp_report_options *options)
{
	struct rp_report *r = calloc(1, sizeof(*r));
	struct counting c = { .r = r, .p = p, .options = options };
	int err = -ENOMEM;

	if (!r)
		return NULL;
	r->names = rp_profile_new();
	r->frames = rp_frames_new(p);
	if (r->names && r->frames)
		err = choose(&c);
	if (!err)
		err = count_all(&c);
	if (!err)
		err = make_rows(&c);
	r->shown_total = rp_profile_total(p, options->type);
	free(c.sums);
	if (err) {
		rp_report_free(r);
		errno = -err;
		return NULL;
	}
	return r;
}

void rp_report_free(struct rp_report *r)
{
	if (!r)
		return;
	free(r->rows);
	rp_frames_free(r->frames);
	rp_profile_free(r->names);
	free(r);
}

static bool all_have(const struct rp_profile *p, const struct rp_profile_label *l)
{
	const struct rp_profile_label *other;
	uint64_t id;

	for (id = 1; id <= p->nr_labelsets; id++) {
		other = rp_profile_find_label(p, (uint32_t)id, l->key);
		if (!other || other->str != l->str || other->num != l->num)
			return false;
	}
	return true;
}

uint32_t rp_report_common_labels(const struct rp_profile *p,
				 struct rp_profile_label *ret_labels, uint32_t max)
{
	const struct rp_profile_labelset *s;
	uint32_t i, nr = 0;
	uint64_t id;

	for (id = 1; id <= p->nr_samples; id++) {
		if (!p->samples[id].labelset)
			return 0;
	}
	if (!p->nr_labelsets)
		return 0;
	s = &p->labelsets[1];
	for (i = 0; i < s->nr && nr < max; i++) {
		if (all_have(p, &p->labels[s->first + i]))
			ret_labels[nr++] = p->labels[s->first + i];
	}
	return nr;
}
