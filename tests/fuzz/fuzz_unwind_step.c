// SPDX-License-Identifier: GPL-2.0
/*
 * A walk by any table that passes the check, over any stack: looking up stays within the
 * table, each step leaves the stack pointer higher (but out of a signal, and once with the
 * link register), what fails changes nothing, and so every walk ends.
 *
 * Input: a byte; if that is a multiple of 8, a table as it is, which may be none; else the
 * rules and rows of one that is right. Then registers, the stack's words, and where from.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/unwind_step.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STACK	0x7f0000000000ull
#define WORDS	64u
#define BLOCKS_MAX 3u
#define ROWS_MAX 8u
#define RULES_MAX 8u
#define FRAMES	4096		/* a walk's limit in the module is less */

static const uint8_t *input, *input_end;
static uint64_t words[WORDS], registers[32];
static uint64_t code_start, code_size;	/* what the table is about */

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

/* A word that may be of use: a place on the stack, one in the code, or anything. */
static uint64_t take_word(void)
{
	unsigned int kind = take_byte();
	uint64_t word;

	if (kind < 128)
		return STACK + 8 * (kind % WORDS);
	if (kind < 250)
		return code_start + (take_byte() << 12 | take_byte() << 4 | (kind & 15)) %
				    code_size;
	take(&word, sizeof(word));
	return word;
}

/* One that leads somewhere, most often: by SP or FP, in small distances, from what is saved. */
static struct rp_unwind_rule take_rule(enum rp_unwind_machine m)
{
	struct rp_unwind_rule r;
	unsigned int kind = take_byte();

	take(&r, sizeof(r));
	r.cfa %= RP_UNWIND_CFA_NR;
	r.ra %= RP_UNWIND_WHERE_NR;
	r.fp %= RP_UNWIND_WHERE_NR;
	if (kind % 4)
		r.reg = kind & 64 ? rp_unwind_fp(m) : rp_unwind_sp(m);
	if (kind % 8) {
		r.offset = r.offset % 16 * 8;
		r.add = r.add % 4 * 8;
		r.ra_offset = r.ra_offset % 16 * 8;
		r.fp_offset = r.fp_offset % 16 * 8;
	}
	if (kind % 16)
		r.ra = kind & 32 ? RP_UNWIND_SAVED : RP_UNWIND_SAME;
	if (kind % 32)
		r.cfa = RP_UNWIND_CFA_REG;
	return r;
}

static uint32_t take_rows(struct rp_unwind_row *rows, unsigned int nr_rules)
{
	unsigned int nr = take_byte() % ROWS_MAX, at = 0, i;

	for (i = 0; i < nr && at < RP_UNWIND_BLOCK; i++) {
		rows[i] = (struct rp_unwind_row){ .at = at, .rule = take_byte() % nr_rules };
		at += 1 + take_byte() * 2;
	}
	return i;
}

/* Of exactly its size, so that ASan sees a look that goes behind it. */
static struct rp_unwind_table *make_table(void)
{
	struct rp_unwind_table head = { .magic = RP_UNWIND_MAGIC, .version = RP_UNWIND_VERSION,
					.machine = 1 + take_byte() % 2 };
	struct rp_unwind_row rows[BLOCKS_MAX * ROWS_MAX];
	struct rp_unwind_rule rules[RULES_MAX] = { 0 };
	uint32_t first[BLOCKS_MAX + 1], i;
	struct rp_unwind_table *t;
	uint8_t *at;

	head.nr_blocks = 1 + take_byte() % BLOCKS_MAX;
	head.nr_rules = 1 + take_byte() % RULES_MAX;
	for (i = 1; i < head.nr_rules; i++)
		rules[i] = take_rule(head.machine);
	for (i = 0; i < head.nr_blocks; i++) {
		first[i] = head.nr_rows;
		head.nr_rows += take_rows(rows + head.nr_rows, head.nr_rules);
	}
	first[i] = head.nr_rows;
	t = malloc(rp_unwind_size(&head));
	*t = head;
	at = (uint8_t *)(t + 1);
	memcpy(at, first, (head.nr_blocks + 1) * sizeof(*first));
	at += (head.nr_blocks + 1) * sizeof(*first);
	memcpy(at, rows, head.nr_rows * sizeof(*rows));
	memcpy(at + head.nr_rows * sizeof(*rows), rules, head.nr_rules * sizeof(*rules));
	require(rp_unwind_check_rules(t) && rp_unwind_check_blocks(t, 0, t->nr_blocks));
	return t;
}

static void check_step(const struct rp_unwind_state *was, const struct rp_unwind_state *s,
		       enum rp_unwind_step step)
{
	if (step == RP_UNWIND_SIGNALLED)
		return;
	if (step == RP_UNWIND_OTHER_STACK)
		require(!s->exact && s->sp - 16 < was->sp && s->other_stack &&
			!was->other_stack);
	else if (step != RP_UNWIND_CALLER)
		require(was->pc == s->pc && was->sp == s->sp && was->fp == s->fp &&
			was->lr == s->lr && was->exact == s->exact &&
			was->fp_known == s->fp_known && was->other_stack == s->other_stack);
	else
		require(!s->exact && (s->sp > was->sp || (s->sp == was->sp && was->exact)));
}

/* Usual rules have a way of their own, which has to come to the same. */
static enum rp_unwind_step step_of(const struct rp_unwind_table *t,
				   const struct rp_unwind_rule *rule,
				   const struct rp_unwind_reader *reader,
				   struct rp_unwind_state *s)
{
	struct rp_unwind_state any = *s;
	enum rp_unwind_step how = rp_unwind_any(&any, rule, t->machine, reader);

	require(rp_unwind_one(s, rule, t->machine, reader) == how && s->pc == any.pc &&
		s->sp == any.sp && s->fp == any.fp && s->fp_known == any.fp_known &&
		s->sp_below == any.sp_below && s->exact == any.exact &&
		s->other_stack == any.other_stack);
	return how;
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
		step = step_of(t, rule, &reader, &s);
		check_step(&was, &s, step);
		if (step == RP_UNWIND_NO_RULE) {
			step = rp_unwind_by_fp(&s, t->machine, &reader);
			check_step(&was, &s, step);
		}
		if (step != RP_UNWIND_CALLER && step != RP_UNWIND_SIGNALLED &&
		    step != RP_UNWIND_OTHER_STACK)
			return;
	}
}

static void walk_some(const struct rp_unwind_table *t)
{
	unsigned int i;

	code_start = t->base;
	code_size = (uint64_t)t->nr_blocks << RP_UNWIND_BLOCK_SHIFT;
	for (i = 0; i < 32; i++)
		registers[i] = take_word();
	for (i = 0; i < WORDS; i++)
		words[i] = take_word();
	for (i = 0; i < 4; i++)
		walk(t);
}

/* A header as it is, with what lies behind it. */
static struct rp_unwind_table *take_table(void)
{
	struct rp_unwind_table head, *t;
	uint64_t size;

	take(&head, sizeof(head));
	size = rp_unwind_size(&head);
	if (size < sizeof(head) || size - sizeof(head) > (uint64_t)(input_end - input))
		return NULL;
	t = malloc(size);
	*t = head;
	take(t + 1, size - sizeof(head));
	if (rp_unwind_check_rules(t) && rp_unwind_check_blocks(t, 0, t->nr_blocks))
		return t;
	free(t);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_unwind_table *t;

	input = data;
	input_end = data + size;
	t = take_byte() % 8 ? make_table() : take_table();
	if (t)
		walk_some(t);
	free(t);
	return 0;
}
