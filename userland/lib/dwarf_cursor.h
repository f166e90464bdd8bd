/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A place in DWARF data, and reading on from it: nothing is read behind the end.
 *
 * Who reads too far gets zeros and a cursor that is `bad` from then on, so that a parser
 * reads what it expects and asks once. Data is little endian, whatever we are.
 */
#ifndef RP_DWARF_CURSOR_H
#define RP_DWARF_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rp_dwarf_cursor {
	const uint8_t *at, *end;
	bool bad;
};

/* width 1 to 8 bytes. */
uint64_t rp_dwarf_fixed(struct rp_dwarf_cursor *c, unsigned int width);
int64_t rp_dwarf_signed(struct rp_dwarf_cursor *c, unsigned int width);
/* LEB128; what does not fit into 64 bits makes the cursor bad. */
uint64_t rp_dwarf_uleb(struct rp_dwarf_cursor *c);
int64_t rp_dwarf_sleb(struct rp_dwarf_cursor *c);
void rp_dwarf_skip(struct rp_dwarf_cursor *c, uint64_t bytes);
/* The next `bytes` as a cursor of their own; behind them in this one. */
struct rp_dwarf_cursor rp_dwarf_part(struct rp_dwarf_cursor *c, uint64_t bytes);

static inline uint8_t rp_dwarf_byte(struct rp_dwarf_cursor *c)
{
	if (c->at < c->end)
		return *c->at++;
	c->bad = true;
	return 0;
}

static inline size_t rp_dwarf_left(const struct rp_dwarf_cursor *c)
{
	return c->end - c->at;
}

#endif
