/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of several names for one address is shown: the rule that kernel and ELF symbols
 * share, so that the same code has the same name on every host and in every run.
 *
 * Negative: a is the better name; positive: b is; 0: they are equal. Fewer leading
 * underscores win, then the shorter name, then the first in the alphabet. The names need
 * no NUL.
 */
#ifndef RP_SYMBOL_ALIAS_H
#define RP_SYMBOL_ALIAS_H

#include <stddef.h>

int rp_symbol_alias_compare(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
