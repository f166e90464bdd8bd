// SPDX-License-Identifier: GPL-2.0
/*
 * One place for "no buffer given" and for control characters: sentences quote
 * file names and other people's text, and end up on terminals and in logs.
 */
#include "why.h"

#include <stdarg.h>
#include <stdio.h>

void rp_why(char *why, size_t why_size, const char *format, ...)
{
	va_list args;
	char *c;

	if (!why || !why_size)
		return;
	va_start(args, format);
	vsnprintf(why, why_size, format, args);
	va_end(args);
	for (c = why; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
}
