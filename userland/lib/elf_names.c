// SPDX-License-Identifier: GPL-2.0
/*
 * A string table is mostly names of functions, and a copy of them would take as much again.
 * So what is no such name is taken out of it where it lies: a bit for each byte says whether
 * it stays, and how many bits there are before a place is where it moves to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_settle.h"

#define WORD 64u	/* bits */

struct kept {		/* bytes of one table of strings */
	uint64_t *bits;
	uint32_t *before;	/* bits before each word */
	size_t words;
	char *strings;
};

static void mark(struct kept *k, size_t from, size_t bytes)
{
	size_t first = from / WORD, last = (from + bytes - 1) / WORD;
	uint64_t head = UINT64_MAX << from % WORD;
	uint64_t tail = UINT64_MAX >> (WORD - 1 - (from + bytes - 1) % WORD);

	if (first == last) {
		k->bits[first] |= head & tail;
		return;
	}
	k->bits[first] |= head;
	for (first++; first < last; first++)
		k->bits[first] = UINT64_MAX;
	k->bits[last] |= tail;
}

/* Where a byte that stays moves to. */
static uint32_t place_of(const struct kept *k, size_t at)
{
	uint64_t below = k->bits[at / WORD] & ~(UINT64_MAX << at % WORD);

	return k->before[at / WORD] + (uint32_t)__builtin_popcountll(below);
}

/* Returns how many bytes stay. */
static uint32_t count(struct kept *k)
{
	uint32_t sum = 0;
	size_t w;

	for (w = 0; w < k->words; w++) {
		k->before[w] = sum;
		sum += k->bits[w] == UINT64_MAX ? WORD :
			(uint32_t)__builtin_popcountll(k->bits[w]);
	}
	return sum;
}

/* The first byte from `at` on that stays, or that does not: all of them, if there is none. */
static size_t next(const struct kept *k, size_t at, bool stays)
{
	uint64_t flip = stays ? 0 : UINT64_MAX, bits;
	size_t w = at / WORD;

	if (w >= k->words)
		return k->words * WORD;
	bits = (k->bits[w] ^ flip) & (UINT64_MAX << at % WORD);
	while (!bits && ++w < k->words)
		bits = k->bits[w] ^ flip;
	return bits ? w * WORD + (size_t)__builtin_ctzll(bits) : k->words * WORD;
}

/* To the front, stretch by stretch. */
static void move(struct kept *k)
{
	size_t from = next(k, 0, true), to = 0, end;

	while (from < k->words * WORD) {
		end = next(k, from, false);
		memmove(k->strings + to, k->strings + from, end - from);
		to += end - from;
		from = next(k, end, true);
	}
}

/* A name ends where it did, or where its version began. */
static void end_names(const struct rp_elf_collection *c, unsigned int table, char *names,
		      const uint32_t *name)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (c->symbols[i].strings == table)
			names[name[i] + c->symbols[i].name_len] = '\0';
}

/* Takes out of a table what is not wanted. *ret: bytes that stay. 0 or -ENOMEM. */
static int pack_table(struct rp_elf_collection *c, unsigned int table, uint32_t base,
		      uint32_t *name, size_t *ret)
{
	struct kept k = { .words = c->strings_size[table] / WORD + 1,
			  .strings = c->strings[table] };
	const struct rp_elf_raw_symbol *s;
	size_t i;

	k.bits = calloc(k.words, sizeof(*k.bits));
	k.before = malloc(k.words * sizeof(*k.before));
	if (!k.bits || !k.before) {
		free(k.bits);
		free(k.before);
		return -ENOMEM;
	}
	for (i = 0; i < c->nr; i++)
		if (c->symbols[i].strings == table)
			mark(&k, c->symbols[i].name, c->symbols[i].name_len + 1u);
	*ret = count(&k);
	for (i = 0; i < c->nr; i++) {
		s = &c->symbols[i];
		if (s->strings == table)
			name[i] = base + place_of(&k, s->name);
	}
	move(&k);
	free(k.bits);
	free(k.before);
	return 0;
}

/* Leaves out the symbols of tables with which it would be too much. */
static void drop_tables(struct rp_elf_collection *c)
{
	bool fits[RP_ELF_STRINGS];
	unsigned int table;
	size_t size = 0, i, n = 0;

	for (table = 0; table < RP_ELF_STRINGS; table++) {
		fits[table] = size + c->strings_size[table] <= RP_ELF_STRINGS_MAX;
		size += fits[table] ? c->strings_size[table] : 0;
	}
	for (i = 0; i < c->nr; i++)
		if (fits[c->symbols[i].strings])
			c->symbols[n++] = c->symbols[i];
	c->partial |= n < c->nr;
	c->nr = n;
}

/* What moved to the front of a table, behind what there is. 0 or -ENOMEM. */
static int append(struct rp_elf_collection *c, unsigned int table, size_t bytes, char **names,
		  size_t size)
{
	char *larger = *names ? *names : c->strings[table];

	if (!*names)
		c->strings[table] = NULL;
	*names = larger;
	larger = realloc(larger, size + bytes ? size + bytes : 1);
	if (!larger)
		return -ENOMEM;
	*names = larger;
	if (c->strings[table])
		memcpy(larger + size, c->strings[table], bytes);
	free(c->strings[table]);
	c->strings[table] = NULL;
	return 0;
}

/* Eight at a time, as long as none of them is below ' ' or 0x7f; a NUL is left alone. */
static void clean(char *names, size_t size)
{
	const uint64_t ones = UINT64_MAX / 255, high = ones << 7;
	uint64_t word, rub_out;
	size_t i = 0, end;

	while (i < size) {
		end = i + sizeof(word);
		if (end <= size) {
			memcpy(&word, names + i, sizeof(word));
			rub_out = word ^ ones * 0x7f;
			if (!(((word - ones * ' ') & ~word & high) |
			      ((rub_out - ones) & ~rub_out & high))) {
				i = end;
				continue;
			}
		} else {
			end = size;
		}
		for (; i < end; i++)
			if (((unsigned char)names[i] < ' ' && names[i]) || names[i] == 0x7f)
				names[i] = '?';
	}
}

int rp_elf_take_names(struct rp_elf_collection *c, uint32_t *ret_name, char **ret_names,
		      size_t *ret_size)
{
	size_t size = 0, bytes = 0;
	char *names = NULL;
	unsigned int table;
	int r = 0;

	drop_tables(c);
	for (table = 0; table < RP_ELF_STRINGS && !r; table++) {
		if (!c->strings[table])
			continue;
		r = pack_table(c, table, size, ret_name, &bytes);
		r = r ? r : append(c, table, bytes, &names, size);
		if (!r) {
			end_names(c, table, names, ret_name);
			size += bytes;
		}
	}
	if (r) {
		free(names);
		return r;
	}
	clean(names, size);
	*ret_names = names;
	*ret_size = size;
	return 0;
}
