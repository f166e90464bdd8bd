// SPDX-License-Identifier: GPL-2.0
/*
 * Byte by byte: the data lies unaligned, and a profiled file may be of another machine
 * than the one that compiles its tables.
 */
#include "dwarf_cursor.h"

static void give_up(struct rp_dwarf_cursor *c)
{
	c->bad = true;
	c->at = c->end;
}

uint64_t rp_dwarf_fixed(struct rp_dwarf_cursor *c, unsigned int width)
{
	uint64_t value = 0;
	unsigned int i;

	if (width > rp_dwarf_left(c)) {
		give_up(c);
		return 0;
	}
	for (i = 0; i < width; i++)
		value |= (uint64_t)*c->at++ << (8 * i);
	return value;
}

int64_t rp_dwarf_signed(struct rp_dwarf_cursor *c, unsigned int width)
{
	uint64_t value = rp_dwarf_fixed(c, width);
	uint64_t sign = 1ull << (8 * width - 1);

	return (int64_t)((value ^ sign) - sign);
}

/*
 * Digits of seven bits, the lowest first. Linkers pad a number with empty digits to keep
 * its length, so many are no error as long as they say nothing.
 */
uint64_t rp_dwarf_uleb(struct rp_dwarf_cursor *c)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = rp_dwarf_byte(c);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (shift >= 63 && (byte & 0x7f) > (shift == 63))
			give_up(c);
		shift = shift < 70 ? shift + 7 : shift;
	} while (byte & 0x80);
	return c->bad ? 0 : value;
}

int64_t rp_dwarf_sleb(struct rp_dwarf_cursor *c)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte, digit, padding;

	do {
		byte = rp_dwarf_byte(c);
		digit = byte & 0x7f;
		if (shift < 64)
			value |= (uint64_t)digit << shift;
		padding = value >> 63 ? 0x7f : 0;
		if (shift >= 63 && digit != padding)
			give_up(c);
		shift = shift < 70 ? shift + 7 : shift;
	} while (byte & 0x80);
	if (shift < 64 && (byte & 0x40))
		value |= ~0ull << shift;
	return c->bad ? 0 : (int64_t)value;
}

void rp_dwarf_skip(struct rp_dwarf_cursor *c, uint64_t bytes)
{
	if (bytes > rp_dwarf_left(c))
		give_up(c);
	else
		c->at += bytes;
}

struct rp_dwarf_cursor rp_dwarf_part(struct rp_dwarf_cursor *c, uint64_t bytes)
{
	struct rp_dwarf_cursor part = { .at = c->at };

	rp_dwarf_skip(c, bytes);
	part.end = c->at;
	part.bad = c->bad;
	if (c->bad)
		part.at = part.end;
	return part;
}
