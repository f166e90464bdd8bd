// SPDX-License-Identifier: GPL-2.0
/*
 * Sorted digit by digit, from the lowest: addresses of one file differ in few of their bits,
 * and a hundred thousand symbols are in order after three passes. Which alias comes first does
 * not matter then, for of one address only the best is looked for.
 */
#include "elf_settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "symbol_alias.h"

#define DIGIT_BITS	11u
#define DIGITS		(1u << DIGIT_BITS)

/* ---- by address -------------------------------------------------------------------- */

static void sort_by_digit(const struct rp_elf_raw_symbol *from, struct rp_elf_raw_symbol *to,
			  size_t nr, unsigned int shift)
{
	uint32_t place[DIGITS] = { 0 }, at = 0, count;
	size_t i;

	for (i = 0; i < nr; i++)
		place[from[i].addr >> shift & (DIGITS - 1)]++;
	for (i = 0; i < DIGITS; i++) {
		count = place[i];
		place[i] = at;
		at += count;
	}
	for (i = 0; i < nr; i++)
		to[place[from[i].addr >> shift & (DIGITS - 1)]++] = from[i];
}

int rp_elf_sort(struct rp_elf_collection *c)
{
	struct rp_elf_raw_symbol *spare, *sorted = c->symbols;
	uint64_t differ = 0;
	size_t room = c->nr + c->nr / 8, i;	/* some more may come */
	unsigned int shift;
	bool done = true;

	for (i = 1; i < c->nr; i++) {
		differ |= c->symbols[i].addr ^ c->symbols[0].addr;
		done &= c->symbols[i - 1].addr <= c->symbols[i].addr;
	}
	c->nr_sorted = c->nr;
	if (done)
		return 0;
	spare = malloc(room * sizeof(*spare));
	if (!spare)
		return -ENOMEM;
	if (c->room < room)
		room = c->room;
	for (shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!(differ >> shift & (DIGITS - 1)))
			continue;
		sort_by_digit(sorted, spare, c->nr, shift);
		c->symbols = spare;
		spare = sorted;
		sorted = c->symbols;
	}
	c->room = room;		/* of either */
	free(spare);
	return 0;
}

/* ---- one an address ------------------------------------------------------------------ */

/* The same name is in .symtab and .dynsym: one of them is to be kept, always the same. */
static bool is_better(const struct rp_elf_collection *c, const struct rp_elf_raw_symbol *a,
		      const struct rp_elf_raw_symbol *b)
{
	int order;

	if (a->rank != b->rank)
		return a->rank < b->rank;
	order = rp_symbol_alias_compare(rp_elf_raw_name(c, a), a->name_len,
					rp_elf_raw_name(c, b), b->name_len);
	return order < 0 || (!order && a->strings < b->strings);
}

/*
 * The best of the symbols from first to behind, which are of one address; NULL: none of them
 * counts within a function.
 */
static const struct rp_elf_raw_symbol *best_of(const struct rp_elf_collection *c, size_t first,
					       size_t behind, bool covered)
{
	const struct rp_elf_raw_symbol *best = NULL, *s;

	for (; first < behind; first++) {
		s = &c->symbols[first];
		if (covered && (s->rank & RP_ELF_RANK_UNTYPED))
			continue;
		if (!best || is_better(c, s, best))
			best = s;
	}
	return best;
}

/* A function is as long as the longest of its aliases says, whichever name is shown. */
static void merge_sizes(const struct rp_elf_collection *c, size_t first, size_t behind,
			struct rp_elf_raw_symbol *kept)
{
	const struct rp_elf_raw_symbol *s;

	for (; first < behind; first++) {
		s = &c->symbols[first];
		if (!((kept->rank | s->rank) & RP_ELF_RANK_UNSIZED) && s->size > kept->size)
			kept->size = s->size;
	}
}

int rp_elf_settle(struct rp_elf_collection *c)
{
	struct rp_elf_raw_symbol *s, kept;
	const struct rp_elf_raw_symbol *best;
	uint64_t covered = 0;	/* up to here by a function that has a size */
	size_t i, behind, n = 0;
	int r = rp_elf_sort(c);

	if (r)
		return r;
	s = c->symbols;
	for (i = 0; i < c->nr; i = behind) {
		for (behind = i + 1; behind < c->nr && s[behind].addr == s[i].addr; behind++)
			;
		best = best_of(c, i, behind, s[i].addr < covered);
		if (!best)
			continue;
		kept = *best;
		merge_sizes(c, i, behind, &kept);
		if (n && (s[n - 1].rank & RP_ELF_RANK_UNSIZED) &&
		    s[n - 1].size > kept.addr - s[n - 1].addr)
			s[n - 1].size = kept.addr - s[n - 1].addr;
		if (!(kept.rank & RP_ELF_RANK_UNSIZED)) {
			if (kept.addr + kept.size > covered)
				covered = kept.addr + kept.size;
		} else if (kept.addr < covered && kept.size > covered - kept.addr) {
			kept.size = covered - kept.addr;
		}
		s[n++] = kept;
	}
	c->nr = c->nr_sorted = n;
	return 0;
}
