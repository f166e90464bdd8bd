/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of numbers, addresses mostly, of which there are ten thousand at a time. */
#ifndef RP_NUMBERS_H
#define RP_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* Ascending, in time that grows with their number only. */
void rp_numbers_sort(uint64_t *at, size_t nr);
/* The same, and then each once: returns how many there are. */
size_t rp_numbers_unique(uint64_t *at, size_t nr);

#endif
