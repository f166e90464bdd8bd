// SPDX-License-Identifier: GPL-2.0
/*
 * Digit by digit, from the lowest: addresses of one file differ in few of their bits. Without
 * memory for a second array, or for a few numbers, as the C library does it.
 */
#include "numbers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS	11u
#define DIGITS		(1u << DIGIT_BITS)
#define FEW		512u

static int compare(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t nr, unsigned int shift)
{
	size_t place[DIGITS] = { 0 }, at = 0, count, i;

	for (i = 0; i < nr; i++)
		place[from[i] >> shift & (DIGITS - 1)]++;
	for (i = 0; i < DIGITS; i++) {
		count = place[i];
		place[i] = at;
		at += count;
	}
	for (i = 0; i < nr; i++)
		to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static void sort_by_digits(uint64_t *at, uint64_t *spare, size_t nr, uint64_t differ)
{
	uint64_t *from = at, *to = spare, *last;
	unsigned int shift;

	for (shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!(differ >> shift & (DIGITS - 1)))
			continue;
		sort_by_digit(from, to, nr, shift);
		last = from;
		from = to;
		to = last;
	}
	if (from != at)
		memcpy(at, from, nr * sizeof(*at));
}

void rp_numbers_sort(uint64_t *at, size_t nr)
{
	uint64_t differ = 0, *spare;
	bool done = true;
	size_t i;

	for (i = 1; i < nr; i++) {
		differ |= at[i] ^ at[0];
		done &= at[i - 1] <= at[i];
	}
	if (done)
		return;
	spare = nr > FEW ? malloc(nr * sizeof(*spare)) : NULL;
	if (spare)
		sort_by_digits(at, spare, nr, differ);
	else
		qsort(at, nr, sizeof(*at), compare);
	free(spare);
}

size_t rp_numbers_unique(uint64_t *at, size_t nr)
{
	size_t i, n = 0;

	rp_numbers_sort(at, nr);
	for (i = 0; i < nr; i++)
		if (!n || at[i] != at[n - 1])
			at[n++] = at[i];
	return n;
}
