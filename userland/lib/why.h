/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The human sentence that goes with a -errno: what was wrong, and what to do.
 *
 * Functions that leave one take `char *why, size_t why_size`; why may be NULL. The
 * text is untouched on success, always terminated, and has no newline.
 */
#ifndef RP_WHY_H
#define RP_WHY_H

#include <stddef.h>

#define RP_WHY_SIZE 256		/* enough for any sentence; longer ones are cut */

void rp_why(char *why, size_t why_size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
