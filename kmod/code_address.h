/* SPDX-License-Identifier: GPL-2.0 */
/*
 * code_address.h - a return address as it is stored, made one that can be called by a
 * name. Any context.
 */
#ifndef RP_KMOD_CODE_ADDRESS_H
#define RP_KMOD_CODE_ADDRESS_H

/*
 * arm64 may have signed it: XPACLRI takes the signature out of x30, of the kernel's
 * addresses as of the user's, and is a hint that does nothing where the CPU does not
 * sign. By its number, for assemblers that do not know it.
 */
static inline unsigned long rp_code_address(unsigned long address)
{
#ifdef CONFIG_ARM64
	register unsigned long x30 asm("x30") = address;

	asm("hint #7" : "+r" (x30));
	return x30;
#else
	return address;
#endif
}

#endif
