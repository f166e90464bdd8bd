// SPDX-License-Identifier: GPL-2.0
/*
 * Rows are what a table consists of: 4 bytes each, some millions in the largest files.
 * They grow by half, so that the memory for them is at most that much more than they need.
 */
#include "unwind_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT64_MAX
#define INDEX_LEAST 1024

/* Room for one more. */
static bool grow(struct rp_unwind_rows *r, void *array, size_t *room, size_t nr, size_t size)
{
	size_t wanted = *room + *room / 2 + 64;
	void *grown, *old;

	if (nr < *room)
		return true;
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, wanted * size);
	if (!grown) {
		r->failed = true;
		return false;
	}
	memcpy(array, &grown, sizeof(grown));
	*room = wanted;
	return true;
}

static uint32_t hash(const struct rp_unwind_rule *rule)
{
	uint32_t words[sizeof(*rule) / 4], h = 0, i;

	memcpy(words, rule, sizeof(words));
	for (i = 0; i < sizeof(words) / 4; i++)
		h = (h ^ words[i]) * 0x9e3779b1u ^ h >> 15;
	return h ^ h >> 16;
}

/* Where a rule's number is, or the free place for it. */
static uint32_t *place_of(const struct rp_unwind_rows *r, const struct rp_unwind_rule *rule)
{
	size_t mask = r->index_size - 1, at = hash(rule) & mask;

	while (r->index[at] && memcmp(&r->rules[r->index[at]], rule, sizeof(*rule)) != 0)
		at = (at + 1) & mask;
	return &r->index[at];
}

/* Rule 0 is found by its number only. */
static bool grow_index(struct rp_unwind_rows *r)
{
	size_t i, size = r->index_size ? 2 * r->index_size : INDEX_LEAST;
	uint32_t *grown = calloc(size, sizeof(*grown));

	if (!grown) {
		r->failed = true;
		return false;
	}
	free(r->index);
	r->index = grown;
	r->index_size = size;
	for (i = 1; i < r->nr_rules; i++)
		*place_of(r, &r->rules[i]) = i;
	return true;
}

enum rp_unwind_reason rp_unwind_rows_rule(struct rp_unwind_rows *r,
					  const struct rp_unwind_rule *rule,
					  unsigned int *ret)
{
	uint32_t *place = place_of(r, rule);

	*ret = *place;
	if (*ret)
		return RP_UNWIND_SAID;
	*ret = RP_UNWIND_ROW_UNSAID;
	if (r->nr_rules == RP_UNWIND_RULES_MAX || r->failed)
		return RP_UNWIND_REASON_RULES;
	if (!grow(r, &r->rules, &r->room_rules, r->nr_rules, sizeof(*r->rules)))
		return RP_UNWIND_REASON_RULES;
	r->rules[r->nr_rules] = *rule;
	*ret = *place = r->nr_rules++;
	if (2 * r->nr_rules > r->index_size)
		grow_index(r);
	return RP_UNWIND_SAID;
}

int rp_unwind_rows_begin(struct rp_unwind_rows *r, uint64_t lowest)
{
	static const struct rp_unwind_rule none, unsaid = { .cfa = RP_UNWIND_CFA_UNSAID };
	unsigned int number;

	*r = (struct rp_unwind_rows){ .base = lowest & ~(uint64_t)(RP_UNWIND_BLOCK - 1),
				      .last_at = NOWHERE };
	if (!grow_index(r) || !grow(r, &r->rules, &r->room_rules, 0, sizeof(*r->rules)))
		return -ENOMEM;
	r->rules[r->nr_rules++] = none;
	rp_unwind_rows_rule(r, &unsaid, &number);
	return 0;
}

void rp_unwind_rows_free(struct rp_unwind_rows *r)
{
	free(r->rows);
	free(r->first);
	free(r->rules);
	free(r->index);
	memset(r, 0, sizeof(*r));
}

/* Blocks up to that of a place; those that no row begins in, too. */
static bool begin_blocks(struct rp_unwind_rows *r, uint64_t block)
{
	while (r->nr_blocks <= block) {
		if (!grow(r, &r->first, &r->room_blocks, r->nr_blocks, sizeof(*r->first)))
			return false;
		r->first[r->nr_blocks++] = r->nr_rows;
	}
	return true;
}

/* The last row was for nothing: another one begins at the same place. */
static void take_back(struct rp_unwind_rows *r)
{
	r->nr_rows--;
	r->last_rule = r->nr_rows ? r->rows[r->nr_rows - 1].rule : 0;
	r->last_at = NOWHERE;
}

enum rp_unwind_reason rp_unwind_rows_put(struct rp_unwind_rows *r, uint64_t at,
					 unsigned int rule)
{
	uint64_t block = (at - r->base) >> RP_UNWIND_BLOCK_SHIFT;

	if (r->nr_rows && r->last_at == at)
		take_back(r);
	if (rule == r->last_rule)
		return RP_UNWIND_SAID;
	if (block >= RP_UNWIND_BLOCKS_MAX)
		return RP_UNWIND_REASON_SPAN;
	/* One row is kept for saying that nothing is said from here on. */
	if (r->full || r->nr_rows == RP_UNWIND_ROWS_MAX - 1) {
		rule = RP_UNWIND_ROW_UNSAID;
		if (r->full)
			return RP_UNWIND_REASON_ROWS;
		r->full = true;
	}
	if (!begin_blocks(r, block) ||
	    !grow(r, &r->rows, &r->room_rows, r->nr_rows, sizeof(*r->rows)))
		return RP_UNWIND_REASON_ROWS;
	r->rows[r->nr_rows++] = (struct rp_unwind_row){
		.at = (at - r->base) & (RP_UNWIND_BLOCK - 1), .rule = rule };
	r->last_at = at;
	r->last_rule = rule;
	return r->full ? RP_UNWIND_REASON_ROWS : RP_UNWIND_SAID;
}

static void fill(const struct rp_unwind_rows *r, struct rp_unwind_table *t)
{
	uint32_t *first = (uint32_t *)(t + 1);
	struct rp_unwind_row *rows = (struct rp_unwind_row *)(first + r->nr_blocks + 1);

	memcpy(first, r->first, r->nr_blocks * sizeof(*first));
	first[r->nr_blocks] = r->nr_rows;
	if (r->nr_rows)
		memcpy(rows, r->rows, r->nr_rows * sizeof(*rows));
	memcpy(rows + r->nr_rows, r->rules, r->nr_rules * sizeof(*r->rules));
}

int rp_unwind_rows_finish(struct rp_unwind_rows *r, enum rp_unwind_machine machine,
			  struct rp_unwind_table **ret, size_t *ret_size)
{
	struct rp_unwind_table head = {
		.magic = RP_UNWIND_MAGIC, .version = RP_UNWIND_VERSION, .machine = machine,
		.base = r->base }, *t;

	if (r->failed || !begin_blocks(r, 0))
		return -ENOMEM;
	head.nr_blocks = r->nr_blocks;
	head.nr_rows = r->nr_rows;
	head.nr_rules = r->nr_rules;
	*ret_size = rp_unwind_size(&head);
	t = malloc(*ret_size);
	if (!t)
		return -ENOMEM;
	*t = head;
	fill(r, t);
	rp_unwind_rows_free(r);
	*ret = t;
	return 0;
}
