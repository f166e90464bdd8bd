// SPDX-License-Identifier: GPL-2.0
/* A product of 96 bits, shifted; from 3.13 on. */
#include <linux/math64.h>

u64 probe(u64 a, u32 b);
u64 probe(u64 a, u32 b)
{
	return mul_u64_u32_shr(a, b, 32);
}
