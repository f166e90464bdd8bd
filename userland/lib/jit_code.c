// SPDX-License-Identifier: GPL-2.0
/*
 * A program that compiles all the time announces millions of functions in the place of
 * others: only what is there now takes memory. So the pieces of code are kept without
 * overlaps from the beginning, in a treap (a search tree by address, a heap by random
 * numbers that nobody outside can guess): cutting a range out of it and putting one in
 * are two splits and some merges.
 */
#include "jit_code.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "utf8.h"

#define MALLOC_COST 16		/* what an allocation takes besides */

struct piece {
	struct piece *left, *right;
	uint64_t start, end;	/* [start, end) */
	uint64_t since;
	struct rp_jit_symbol *symbol;
	uint64_t priority;
};

struct replaced {
	uint64_t start, end;
	uint64_t since, until;	/* until never decreases */
	struct rp_jit_symbol *symbol;
};

struct rp_jit_code {
	struct rp_jit_memory *memory;
	struct piece *root;
	struct piece *spare;	/* for the far end of what is cut in two */
	uint64_t random, nr;
	struct replaced *replaced;	/* a ring; NULL: nothing yet */
	uint32_t oldest, nr_replaced;
};

/* ---- memory -------------------------------------------------------------------- */

static void *take(struct rp_jit_code *t, size_t size)
{
	void *p;

	size += MALLOC_COST;
	if (size > t->memory->max - t->memory->used) {
		errno = ENOSPC;
		return NULL;
	}
	p = malloc(size);
	if (p)
		t->memory->used += size;
	return p;
}

static void give(struct rp_jit_code *t, void *p, size_t size)
{
	if (!p)
		return;
	t->memory->used -= size + MALLOC_COST;
	free(p);
}

static size_t symbol_size(size_t len)
{
	return sizeof(struct rp_jit_symbol) + len + 1;
}

static void put_symbol(struct rp_jit_code *t, struct rp_jit_symbol *s)
{
	if (!--s->refs)
		give(t, s, symbol_size(strlen(s->name)));
}

static void free_piece(struct rp_jit_code *t, struct piece *p)
{
	put_symbol(t, p->symbol);
	give(t, p, sizeof(*p));
	t->nr--;
}

/* As deep as the tree: some tens of calls. */
static void free_tree(struct rp_jit_code *t, struct piece *p)
{
	if (!p)
		return;
	free_tree(t, p->left);
	free_tree(t, p->right);
	free_piece(t, p);
}

struct rp_jit_code *rp_jit_code_new(struct rp_jit_memory *memory)
{
	struct rp_jit_code *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->memory = memory;
	t->random = rp_hash_seed();
	return t;
}

void rp_jit_code_free(struct rp_jit_code *t)
{
	if (!t)
		return;
	rp_jit_code_forget(t, UINT64_MAX);
	give(t, t->replaced, RP_JIT_REPLACED_MAX * sizeof(*t->replaced));
	free_tree(t, t->root);
	give(t, t->spare, sizeof(*t->spare));
	free(t);
}

uint64_t rp_jit_code_nr(const struct rp_jit_code *t)
{
	return t->nr;
}

/* ---- what was replaced --------------------------------------------------------- */

static struct replaced *nth_replaced(const struct rp_jit_code *t, uint32_t n)
{
	return &t->replaced[(t->oldest + n) % RP_JIT_REPLACED_MAX];
}

static void forget_oldest(struct rp_jit_code *t)
{
	put_symbol(t, nth_replaced(t, 0)->symbol);
	t->oldest = (t->oldest + 1) % RP_JIT_REPLACED_MAX;
	t->nr_replaced--;
}

void rp_jit_code_forget(struct rp_jit_code *t, uint64_t before)
{
	while (t->nr_replaced && nth_replaced(t, 0)->until <= before)
		forget_oldest(t);
}

/* The piece had [start, end) until then. Without memory it is forgotten at once. */
static void remember(struct rp_jit_code *t, const struct piece *p, uint64_t start,
		     uint64_t end, uint64_t until)
{
	struct replaced *last;

	if (!until || until <= p->since)
		return;
	if (!t->replaced)
		t->replaced = take(t, RP_JIT_REPLACED_MAX * sizeof(*t->replaced));
	if (!t->replaced)
		return;
	if (t->nr_replaced == RP_JIT_REPLACED_MAX)
		forget_oldest(t);
	if (t->nr_replaced) {
		last = nth_replaced(t, t->nr_replaced - 1);
		until = until > last->until ? until : last->until;
	}
	*nth_replaced(t, t->nr_replaced++) = (struct replaced){
		.start = start, .end = end, .since = p->since, .until = until,
		.symbol = p->symbol,
	};
	p->symbol->refs++;
}

/* ---- the tree ------------------------------------------------------------------ */

/* *left gets what starts before the address, *right the others. */
static void split(struct piece *p, uint64_t address, struct piece **left,
		  struct piece **right)
{
	while (p) {
		if (p->start < address) {
			*left = p;
			left = &p->right;
			p = p->right;
		} else {
			*right = p;
			right = &p->left;
			p = p->left;
		}
	}
	*left = *right = NULL;
}

/* All of a is before all of b. */
static struct piece *merge(struct piece *a, struct piece *b)
{
	struct piece *root, **at = &root;

	while (a && b) {
		if (a->priority > b->priority) {
			*at = a;
			at = &a->right;
			a = a->right;
		} else {
			*at = b;
			at = &b->left;
			b = b->left;
		}
	}
	*at = a ? a : b;
	return root;
}

static void init_piece(struct rp_jit_code *t, struct piece *p, uint64_t start, uint64_t end,
		       struct rp_jit_symbol *symbol, uint64_t since)
{
	t->random = rp_hash_mix(t->random, start);
	*p = (struct piece){
		.start = start, .end = end, .since = since, .symbol = symbol,
		.priority = t->random,
	};
	symbol->refs++;
	t->nr++;
}

/* Cuts [start, end) out of the last piece before start; returns what is left behind end. */
static struct piece *cut_before(struct rp_jit_code *t, struct piece *before, uint64_t start,
				uint64_t end, uint64_t at)
{
	struct piece *rest = NULL;

	while (before && before->right)
		before = before->right;
	if (!before || before->end <= start)
		return NULL;
	remember(t, before, start, before->end < end ? before->end : end, at);
	if (before->end > end) {
		rest = t->spare;
		t->spare = NULL;
		init_piece(t, rest, end, before->end, before->symbol, before->since);
	}
	before->end = start;
	return rest;
}

/* Cuts away all pieces of a tree up to end; returns what one of them has behind it. */
static struct piece *cut_tree(struct rp_jit_code *t, struct piece *p, uint64_t end,
			      uint64_t at)
{
	struct piece *left, *right;

	if (!p)
		return NULL;
	left = cut_tree(t, p->left, end, at);
	right = cut_tree(t, p->right, end, at);
	remember(t, p, p->start, p->end < end ? p->end : end, at);
	if (p->end <= end) {
		free_piece(t, p);
		return left ? left : right;
	}
	p->left = p->right = NULL;
	p->start = end;
	return p;
}

/* Takes [start, end) out, since then, and puts new there (or nothing). Needs the spare. */
static void replace(struct rp_jit_code *t, uint64_t start, uint64_t end, uint64_t at,
		    struct piece *new)
{
	struct piece *before, *inside, *behind, *rest;

	split(t->root, start, &before, &behind);
	split(behind, end, &inside, &behind);
	rest = cut_before(t, before, start, end, at);
	if (rest)
		behind = merge(rest, behind);
	rest = cut_tree(t, inside, end, at);
	if (rest)
		behind = merge(rest, behind);
	t->root = merge(merge(before, new), behind);
}

static const struct piece *piece_at(const struct rp_jit_code *t, uint64_t address)
{
	const struct piece *p = t->root, *found = NULL;

	while (p) {
		if (p->start <= address) {
			found = p;
			p = p->right;
		} else {
			p = p->left;
		}
	}
	return found && address < found->end ? found : NULL;
}

/* ---- for callers --------------------------------------------------------------- */

/* Valid, safe to be shown, and at most RP_JIT_NAME_MAX bytes. NULL and errno. */
static struct rp_jit_symbol *make_symbol(struct rp_jit_code *t, const char *name, size_t len)
{
	char text[RP_JIT_NAME_MAX + 4], safe[RP_JIT_NAME_MAX + 4];
	const char *s = text;
	struct rp_jit_symbol *symbol;
	size_t n = 0;
	uint32_t c;

	len = strnlen(name, len < RP_JIT_NAME_MAX + 3 ? len : RP_JIT_NAME_MAX + 3);
	memcpy(text, name, len);
	text[len] = '\0';
	while (n + 4 <= RP_JIT_NAME_MAX && (c = rp_utf8_next(&s)))
		n += (size_t)rp_utf8_put(safe + n, rp_utf8_is_unsafe(c) ? '?' : c);
	if (!n) {
		errno = EINVAL;
		return NULL;
	}
	symbol = take(t, symbol_size(n));
	if (!symbol)
		return NULL;
	symbol->refs = 1;
	memcpy(symbol->name, safe, n);
	symbol->name[n] = '\0';
	return symbol;
}

/* Puts the symbol there; the caller has the range checked. */
static int put(struct rp_jit_code *t, uint64_t start, uint64_t size,
	       struct rp_jit_symbol *symbol, uint64_t since)
{
	struct piece *new;

	if (!t->spare)
		t->spare = take(t, sizeof(*t->spare));
	new = t->spare ? take(t, sizeof(*new)) : NULL;
	if (!new)
		return -errno;
	init_piece(t, new, start, start + size, symbol, since);
	replace(t, start, start + size, since, new);
	return 0;
}

static bool range_ok(uint64_t start, uint64_t size)
{
	return size && size <= UINT64_MAX - start;
}

int rp_jit_code_add(struct rp_jit_code *t, uint64_t start, uint64_t size, const char *name,
		    size_t len, uint64_t since)
{
	struct rp_jit_symbol *symbol;
	int err;

	if (!range_ok(start, size))
		return -EINVAL;
	symbol = make_symbol(t, name, len);
	if (!symbol)
		return -errno;
	err = put(t, start, size, symbol, since);
	put_symbol(t, symbol);
	return err;
}

int rp_jit_code_move(struct rp_jit_code *t, uint64_t old, uint64_t new, uint64_t size,
		     uint64_t since)
{
	const struct piece *from = piece_at(t, old);
	struct rp_jit_symbol *symbol;
	int err;

	if (!range_ok(old, size) || !range_ok(new, size))
		return -EINVAL;
	if (!from)
		return -ENOENT;
	if (!t->spare)
		t->spare = take(t, sizeof(*t->spare));
	if (!t->spare)
		return -errno;
	symbol = from->symbol;
	symbol->refs++;
	replace(t, old, old + size, since, NULL);
	err = put(t, new, size, symbol, since);
	put_symbol(t, symbol);
	return err;
}

const struct rp_jit_symbol *rp_jit_code_find(const struct rp_jit_code *t, uint64_t address,
					     uint64_t time)
{
	const struct piece *p = piece_at(t, address);
	const struct replaced *r;
	uint32_t i;

	if (p && (!time || p->since <= time))
		return p->symbol;
	for (i = t->nr_replaced; time && i; i--) {
		r = nth_replaced(t, i - 1);
		if (r->until <= time)
			break;
		if (address >= r->start && address < r->end && r->since <= time)
			return r->symbol;
	}
	return p ? p->symbol : NULL;
}
