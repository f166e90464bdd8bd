// SPDX-License-Identifier: GPL-2.0
/*
 * .incbin keeps HTML, CSS and JavaScript in files of their own, which editors and
 * browsers understand; paths are from the top of the source tree, where make runs.
 * The Makefile knows that this file depends on them.
 */
#include "flame_assets.h"

#define INCLUDE(name, file) \
	extern const char name##_begin[], name##_end[]; \
	__asm__(".pushsection .rodata\n" \
		#name "_begin:\n" \
		".incbin \"userland/lib/flame/" file "\"\n" \
		#name "_end:\n" \
		".byte 0\n" \
		".popsection\n")

INCLUDE(rp_flame_style_text, "style.css");
INCLUDE(rp_flame_body_text, "body.html");
INCLUDE(rp_flame_model_text, "model.js");
INCLUDE(rp_flame_draw_text, "draw.js");
INCLUDE(rp_flame_ui_text, "ui.js");
INCLUDE(rp_flame_table_text, "table.js");
INCLUDE(rp_flame_input_text, "input.js");

#define ASSET(name) { name##_begin, name##_end }

const struct rp_flame_asset rp_flame_style = ASSET(rp_flame_style_text);
const struct rp_flame_asset rp_flame_body = ASSET(rp_flame_body_text);
const struct rp_flame_asset rp_flame_scripts[RP_FLAME_SCRIPTS] = {
	ASSET(rp_flame_model_text),
	ASSET(rp_flame_draw_text),
	ASSET(rp_flame_ui_text),
	ASSET(rp_flame_table_text),
	ASSET(rp_flame_input_text),
};
