/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading text that may or may not be UTF-8, and showing text that strangers
 * chose.
 */
#ifndef RP_UTF8_H
#define RP_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#define RP_UTF8_REPLACEMENT 0xfffd

/*
 * The code point at *s, which is moved behind it; 0 at the end (not moved). A byte
 * that is not part of a valid sequence is RP_UTF8_REPLACEMENT, and one byte is
 * passed over.
 */
uint32_t rp_utf8_next(const char **s);

/* Writes 1 to 4 bytes, returns how many. */
int rp_utf8_put(char to[static 4], uint32_t c);

/*
 * Whether a terminal or a reader could be misled by it: control characters,
 * which drive terminals, and those that change the direction of writing.
 */
bool rp_utf8_is_unsafe(uint32_t c);

/* A valid copy with '?' for what is unsafe, to be freed; NULL without memory. */
char *rp_utf8_safe_copy(const char *s);

#endif
