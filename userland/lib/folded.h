/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folded stacks: one line per stack, "root;...;leaf VALUE", kernel frames with the
 * suffix "_[k]"; what other flame graph tools read.
 *
 * In names ';' becomes ':', and control characters become '?'. Stacks whose value
 * is 0 are left out, and so is a sample without any frame (there is no name for it
 * in this format).
 */
#ifndef RP_FOLDED_H
#define RP_FOLDED_H

#include "flame_tree.h"

#include <stdio.h>

/* The name of node's path, to be freed; NULL without memory. */
char *rp_folded_stack(const struct rp_flame_tree *t, uint32_t node);
/* All stacks. 0, -ENOMEM, or what writing to f failed with. */
int rp_folded_write(const struct rp_flame_tree *t, unsigned int type, FILE *f);

#endif
