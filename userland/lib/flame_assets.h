/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the flame graph's page (flame/), as they are in the source tree. */
#ifndef RP_FLAME_ASSETS_H
#define RP_FLAME_ASSETS_H

#define RP_FLAME_SCRIPTS 5

struct rp_flame_asset {
	const char *begin, *end;
};

extern const struct rp_flame_asset rp_flame_style, rp_flame_body;
/* To be put into one script, in this order. */
extern const struct rp_flame_asset rp_flame_scripts[RP_FLAME_SCRIPTS];

#endif
