// SPDX-License-Identifier: GPL-2.0
/*
 * hot - what a program loses (losses.h) that has one stack all the time, its leaf included:
 * like nested, but all of spin's time is at one instruction, so nearly all of its samples
 * merge. Where there is no such instruction, as many as in nested.
 *
 *	hot DEPTH TURNS [FOLDER]
 */
#define HOT
#include "nested.c"
