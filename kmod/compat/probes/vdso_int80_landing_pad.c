// SPDX-License-Identifier: GPL-2.0
/*
 * x86-64 from 4.4 on: system calls of 32-bit programs go through C code, which fetches
 * the frame pointer from where the vDSO pushed it. By what else it needs of the vDSO.
 */
#include <asm/vdso.h>

long probe(const struct vdso_image *image);
long probe(const struct vdso_image *image)
{
	return image->sym_int80_landing_pad;
}
