/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DWARF expressions in call-frame information, as far as they come to one of a few
 * simple sums. Compilers and people who write assembly use few; the rest is not for us.
 */
#ifndef RP_CFI_EXPRESSION_H
#define RP_CFI_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_CFI_EXPRESSION_MAX 64	/* bytes; longer ones are beyond */

enum rp_cfi_base {
	RP_CFI_BASE_NONE,		/* a number */
	RP_CFI_BASE_CFA,
	RP_CFI_BASE_REGISTER,
};

/* base + offset, or, if deref, *(base + offset) + add. */
struct rp_cfi_sum {
	enum rp_cfi_base base;
	uint64_t reg;
	bool deref;
	int64_t offset, add;
};

/* cfa: the CFA lies on the stack at the beginning, as for what registers are. */
bool rp_cfi_reduce(const uint8_t *expression, size_t size, bool cfa, struct rp_cfi_sum *ret);

/*
 * What linkers give x86-64's procedure linkage table, each of whose entries of 16 bytes
 * pushes a word somewhere: SP + offset + ((PC & 15) >= from ? add : 0).
 */
struct rp_cfi_plt {
	int64_t offset, add;
	unsigned int from;
};

bool rp_cfi_reduce_plt(const uint8_t *expression, size_t size, struct rp_cfi_plt *ret);

#endif
