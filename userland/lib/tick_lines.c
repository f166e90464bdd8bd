// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of proto/tick.h once more as tables.
 */
#include "tick_lines.h"

#include <stddef.h>

#define X(id, word, words) [RP_TICK_##id] = { .name = word, .text = words },
const struct rp_tick_line rp_tick_lines[RP_TICK_NR] = { RP_TICKS(X) };
#undef X

#define X(id, word, words) [RP_TICK_SOURCE_##id] = { .name = word, .text = words },
static const struct rp_tick_line sources[RP_TICK_SOURCE_NR] = { RP_TICK_SOURCES(X) };
#undef X

#define X(id, word, words) [RP_TICK_WHY_##id] = { .name = word, .text = words },
static const struct rp_tick_line whys[RP_TICK_WHY_NR] = { RP_TICK_WHYS(X) };
#undef X

static const struct rp_tick_line *line(const struct rp_tick_line *lines, unsigned int nr,
				       unsigned int number)
{
	static const struct rp_tick_line unknown = {
		"unknown", "for a reason that this program does not know",
	};

	return number < nr && lines[number].name ? &lines[number] : &unknown;
}

const struct rp_tick_line *rp_tick_line(unsigned int tick)
{
	return line(rp_tick_lines, RP_TICK_NR, tick);
}

const struct rp_tick_line *rp_tick_source_line(unsigned int source)
{
	return line(sources, RP_TICK_SOURCE_NR, source);
}

const struct rp_tick_line *rp_tick_why_line(unsigned int why)
{
	return line(whys, RP_TICK_WHY_NR, why);
}
