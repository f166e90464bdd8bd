// SPDX-License-Identifier: GPL-2.0
/*
 * A walk by any table that passes the check, over any stack: looking up stays within the
 * table, each step leaves the stack pointer higher (but out of a signal, and once with the
 * link register), what fails changes nothing, and so every walk ends.
 *
 * Input: a header's numbers, the rest of the table, registers; then the stack's words.
 * What of the table the input does not say is made such that it passes more often.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/unwind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STACK	0x7f0000000000ull
#define WORDS	64u
#define FRAMES	4096		/* a walk's limit in the module is less */

static const uint8_t *input, *input_end;
static uint64_t words[WORDS], registers[32];

static void take(void *to, size_t n)
{
	size_t have = (size_t)(input_end - input) < n ? (size_t)(input_end - input) : n;

	memset(to, 0, n);
	memcpy(to, input, have);
	input += have;
}

static unsigned int take_byte(void)
{
	uint8_t byte;

	take(&byte, 1);
	return byte;
}

static void require(int ok)
{
	if (!ok)
		abort();
}

static _Bool read_word(void *arg, __u64 address, __u64 *ret)
{
	uint64_t at = (address - STACK) / 8;

	(void)arg;
	if (address < STACK || at >= WORDS)
		return 0;
	*ret = words[at];
	return 1;
}

static _Bool read_register(void *arg, unsigned int reg, __u64 *ret)
{
	(void)arg;
	require(reg < 256);
	*ret = registers[reg % 32];
	return reg < 32;
}

static __u64 code(__u64 address)
{
	return address & 0xffffffffffffull;
}

/* A word that may be of use: a place on the stack, one in the file, or anything. */
static uint64_t take_word(void)
{
	unsigned int kind = take_byte();
	uint64_t word;

	if (kind < 160)
		return STACK + 8 * (kind % WORDS);
	if (kind < 240)
		return take_byte() << 4 | (kind & 15);
	take(&word, sizeof(word));
	return word;
}

/* NULL: not one that passes the check. Of exactly its size, so that ASan sees all. */
static struct rp_unwind_table *make_table(void)
{
	struct rp_unwind_table head = { .magic = RP_UNWIND_MAGIC, .version = RP_UNWIND_VERSION,
					.machine = 1 + take_byte() % 2 };
	struct rp_unwind_table *t;
	struct rp_unwind_rule *rules;
	uint32_t *first, i;

	head.nr_blocks = 1 + take_byte() % 4;
	head.nr_rows = take_byte() % 32;
	head.nr_rules = 1 + take_byte() % 16;
	t = malloc(rp_unwind_size(&head));
	*t = head;
	first = (uint32_t *)(t + 1);
	for (i = 0; i <= head.nr_blocks; i++)
		first[i] = i ? take_byte() : 0;
	if (first[head.nr_blocks] % 8)		/* mostly right */
		first[head.nr_blocks] = head.nr_rows;
	take(first + head.nr_blocks + 1, head.nr_rows * sizeof(struct rp_unwind_row));
	rules = (struct rp_unwind_rule *)((struct rp_unwind_row *)(first + head.nr_blocks + 1) +
					  head.nr_rows);
	memset(rules, 0, sizeof(*rules));
	take(rules + 1, (head.nr_rules - 1) * sizeof(*rules));
	for (i = 1; i < head.nr_rules; i++) {	/* small numbers lead somewhere */
		rules[i].cfa %= RP_UNWIND_CFA_NR + 1;
		rules[i].ra %= RP_UNWIND_WHERE_NR;
		rules[i].fp %= RP_UNWIND_WHERE_NR;
		rules[i].reg %= 34;
		if (rules[i].add % 4)
			rules[i].offset = rules[i].offset % 64 * 8;
	}
	if (rp_unwind_check_rules(t) && rp_unwind_check_blocks(t, 0, t->nr_blocks))
		return t;
	free(t);
	return NULL;
}

static void check_step(const struct rp_unwind_state *was, const struct rp_unwind_state *s,
		       enum rp_unwind_step step)
{
	if (step == RP_UNWIND_SIGNALLED)
		return;
	if (step != RP_UNWIND_CALLER)
		require(was->pc == s->pc && was->sp == s->sp && was->fp == s->fp &&
			was->lr == s->lr && was->exact == s->exact &&
			was->fp_known == s->fp_known);
	else
		require(!s->exact && (s->sp > was->sp || (s->sp == was->sp && was->exact)));
}

static void walk(const struct rp_unwind_table *t)
{
	const struct rp_unwind_reader reader = { read_word, read_register, code, NULL };
	struct rp_unwind_state s = { .pc = take_word(), .sp = STACK + take_byte() % WORDS * 8,
				     .fp = take_word(), .lr = take_word(), .exact = 1,
				     .fp_known = 1 }, was;
	const struct rp_unwind_rule *rule;
	enum rp_unwind_step step;
	unsigned int i;

	for (i = 0; i < FRAMES; i++) {
		was = s;
		rule = rp_unwind_find(t, rp_unwind_place(&s));
		require(rule >= rp_unwind_rules(t) &&
			rule < rp_unwind_rules(t) + t->nr_rules);
		step = rp_unwind_one(&s, rule, t->machine, &reader);
		check_step(&was, &s, step);
		if (step == RP_UNWIND_NO_RULE) {
			step = rp_unwind_by_fp(&s, &reader);
			check_step(&was, &s, step);
		}
		if (step != RP_UNWIND_CALLER && step != RP_UNWIND_SIGNALLED)
			return;
	}
}

/* A header as it is, with what lies behind it: its size is believed only if it is right. */
static void walk_raw(void)
{
	size_t size = input_end - input;
	struct rp_unwind_table *t;

	if (size < sizeof(*t))
		return;
	t = malloc(size);
	memcpy(t, input, size);
	if (rp_unwind_size(t) == size && rp_unwind_check_rules(t) &&
	    rp_unwind_check_blocks(t, 0, t->nr_blocks))
		walk(t);
	free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_unwind_table *t;
	unsigned int i;

	input = data;
	input_end = data + size;
	if (take_byte() % 8 == 0) {
		walk_raw();
		return 0;
	}
	t = make_table();
	if (!t)
		return 0;
	for (i = 0; i < 32; i++)
		registers[i] = take_word();
	for (i = 0; i < WORDS; i++)
		words[i] = take_word();
	walk(t);
	free(t);
	return 0;
}
