// SPDX-License-Identifier: GPL-2.0
/*
 * Children are found by a hash of (parent, frame), so that a node with thousands of
 * children costs no more than others; a node is always younger than its parent, so
 * one walk from the end adds up the totals, and nothing here recurses, however
 * deep a hostile file's stacks are.
 */
#include "flame_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow_array(void *array, uint64_t *room, uint64_t need, size_t size)
{
	uint64_t more = *room + *room / 2 < need ? need + 64 : *room + *room / 2;
	void *old, *new;

	if (need <= *room)
		return 0;
	memcpy(&old, array, sizeof(old));
	new = more > SIZE_MAX / size ? NULL : realloc(old, more * size);
	if (!new)
		return -ENOMEM;
	memcpy(array, &new, sizeof(new));
	*room = more;
	return 0;
}

/* Node ids and frame ids are ours, in the order of arrival: nobody can aim at this. */
static uint64_t home(uint32_t parent, uint32_t frame)
{
	uint64_t x = ((uint64_t)parent << 32 | frame) * 0x9e3779b97f4a7c15;

	return x ^ x >> 29;
}

static uint32_t *find_slot(const struct rp_flame_tree *t, uint32_t *slots, uint64_t nr,
			   uint32_t parent, uint32_t frame)
{
	uint64_t i = home(parent, frame) & (nr - 1);

	while (slots[i] && (t->nodes[slots[i]].parent != parent ||
			    t->nodes[slots[i]].frame != frame))
		i = (i + 1) & (nr - 1);
	return &slots[i];
}

static int grow_slots(struct rp_flame_tree *t)
{
	uint64_t nr = t->nr_slots ? t->nr_slots * 2 : 1024;
	uint32_t *slots, i;

	if ((uint64_t)t->nr * 3 < t->nr_slots * 2)
		return 0;
	slots = calloc(nr, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 1; i < t->nr; i++)
		*find_slot(t, slots, nr, t->nodes[i].parent, t->nodes[i].frame) = i;
	free(t->slots);
	t->slots = slots;
	t->nr_slots = nr;
	return 0;
}

static int add_node(struct rp_flame_tree *t, struct rp_flame_node node)
{
	unsigned int types = t->p->nr_types;

	if (t->nr == RP_FLAME_NODES_MAX)
		return -EFBIG;
	if (grow_array(&t->nodes, &t->room_nodes, t->nr + 1, sizeof(*t->nodes)) < 0 ||
	    grow_array(&t->self, &t->room_values, ((uint64_t)t->nr + 1) * types,
		       sizeof(*t->self)) < 0)
		return -ENOMEM;
	memset(t->self + (uint64_t)t->nr * types, 0, types * sizeof(*t->self));
	t->nodes[t->nr++] = node;
	if (node.depth > t->depth)
		t->depth = node.depth;
	return 0;
}

static int child(struct rp_flame_tree *t, uint32_t *node, uint32_t frame)
{
	uint32_t *slot;
	int err;

	err = grow_slots(t);
	if (err)
		return err;
	slot = find_slot(t, t->slots, t->nr_slots, *node, frame);
	if (!*slot) {
		err = add_node(t, (struct rp_flame_node){
			.frame = frame, .parent = *node,
			.depth = t->nodes[*node].depth + 1,
		});
		if (err)
			return err;
		*slot = t->nr - 1;
	}
	*node = *slot;
	return 0;
}

static void add_values(int64_t *to, const int64_t *values, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		to[i] = rp_add_saturated(to[i], values[i]);
}

static int descend(struct rp_flame_tree *t, const struct rp_flame_options *options,
		   const struct rp_profile_sample *s, uint32_t comm, uint32_t *ret_node)
{
	char buf[RP_LABEL_TEXT_SIZE];
	const uint32_t *ids;
	uint32_t i, nr, node = 0, process;
	int err = 0;

	if (options->by_process) {
		process = rp_frames_process(t->frames, rp_label_text(t->p,
			rp_profile_find_label(t->p, s->labelset, comm), buf));
		err = process ? child(t, &node, process) : -ENOMEM;
	}
	ids = rp_frames_of_stack(t->frames, s->stack, &nr);
	for (i = 0; i < nr && !err; i++) {
		if (options->depth_max && t->nodes[node].depth == options->depth_max) {
			t->cut++;
			break;
		}
		err = child(t, &node, ids[i]);
	}
	if (!err)
		*ret_node = node;
	return err;
}

static int add_samples(struct rp_flame_tree *t, const struct rp_flame_options *options)
{
	uint32_t comm = rp_profile_find_string(t->p, "comm");
	const struct rp_profile *p = t->p;
	uint32_t node;
	uint64_t id;
	int err;

	err = add_node(t, (struct rp_flame_node){ 0 });
	for (id = 1; id <= p->nr_samples && !err; id++) {
		if (!rp_filters_match(options->filters, p, p->samples[id].labelset))
			continue;
		err = descend(t, options, &p->samples[id], comm, &node);
		if (!err)
			add_values(t->self + (uint64_t)node * p->nr_types,
				   rp_profile_values(p, id), p->nr_types);
	}
	return err;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct rp_flame_tree *t = ((void **)context)[0];
	unsigned int type = *(unsigned int *)((void **)context)[1];
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int64_t vx = rp_flame_total(t, x, type), vy = rp_flame_total(t, y, type);
	int names;

	if (t->nodes[x].parent != t->nodes[y].parent)
		return t->nodes[x].parent < t->nodes[y].parent ? -1 : 1;
	if (vx != vy)
		return vx > vy ? -1 : 1;
	names = strcmp(rp_frames_get(t->frames, t->nodes[x].frame).name,
		       rp_frames_get(t->frames, t->nodes[y].frame).name);
	if (names)
		return names;
	return x < y ? -1 : x > y;
}

/*
 * Sorted by parent, the children of a node are neighbours. `first` is where a
 * node's children begin; the walk goes down to the first child, else to the next
 * sibling of the nearest ancestor that has one.
 */
static void walk(struct rp_flame_tree *t, const uint32_t *sorted, uint32_t *first,
		 const uint32_t *place)
{
	uint32_t node = 0, n = 0, i;

	for (i = t->nr - 1; i >= 1; i--)
		first[t->nodes[sorted[i]].parent] = i;
	t->order[n++] = 0;
	while (n < t->nr) {
		if (first[node]) {
			node = sorted[first[node]];
		} else {
			while (place[node] + 1 == t->nr ||
			       t->nodes[sorted[place[node] + 1]].parent !=
			       t->nodes[node].parent)
				node = t->nodes[node].parent;
			node = sorted[place[node] + 1];
		}
		t->order[n++] = node;
	}
}

static int put_in_order(struct rp_flame_tree *t, unsigned int type)
{
	void *context[] = { t, &type };
	uint32_t *sorted, *first, *place, i;
	int err = -ENOMEM;

	sorted = calloc(t->nr, sizeof(*sorted));
	first = calloc(t->nr, sizeof(*first));
	place = calloc(t->nr, sizeof(*place));
	t->order = calloc(t->nr, sizeof(*t->order));
	if (sorted && first && place && t->order) {
		for (i = 0; i < t->nr; i++)
			sorted[i] = i;
		qsort_r(sorted + 1, t->nr - 1, sizeof(*sorted), compare, context);
		for (i = 0; i < t->nr; i++)
			place[sorted[i]] = i;
		walk(t, sorted, first, place);
		err = 0;
	}
	free(sorted);
	free(first);
	free(place);
	return err;
}

static int add_up(struct rp_flame_tree *t)
{
	unsigned int types = t->p->nr_types;
	uint32_t i;

	t->total = malloc((size_t)t->nr * types * sizeof(*t->total));
	if (!t->total)
		return -ENOMEM;
	memcpy(t->total, t->self, (size_t)t->nr * types * sizeof(*t->total));
	for (i = t->nr - 1; i >= 1; i--)
		add_values(t->total + (uint64_t)t->nodes[i].parent * types,
			   t->total + (uint64_t)i * types, types);
	return 0;
}

struct rp_flame_tree *rp_flame_tree_new(const struct rp_profile *p,
					const struct rp_flame_options *options)
{
	struct rp_flame_tree *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (!t)
		return NULL;
	t->p = p;
	t->frames = rp_frames_new(p);
	if (t->frames)
		err = add_samples(t, options);
	if (!err)
		err = add_up(t);
	if (!err)
		err = put_in_order(t, options->type < p->nr_types ? options->type : 0);
	free(t->slots);
	t->slots = NULL;
	if (err) {
		rp_flame_tree_free(t);
		errno = -err;
		return NULL;
	}
	return t;
}

void rp_flame_tree_free(struct rp_flame_tree *t)
{
	if (!t)
		return;
	rp_frames_free(t->frames);
	free(t->nodes);
	free(t->self);
	free(t->total);
	free(t->order);
	free(t->slots);
	free(t);
}
