// SPDX-License-Identifier: GPL-2.0
/*
 * People know "write", not "__write" or "__libc_write"; and a rule that ends in the
 * alphabet leaves nothing to the order in which a linker happened to write its table.
 */
#include "symbol_alias.h"

#include <string.h>

static size_t underscores(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && name[n] == '_')
		n++;
	return n;
}

int rp_symbol_alias_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t ua = underscores(a, a_len), ub = underscores(b, b_len);

	if (ua != ub)
		return ua < ub ? -1 : 1;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}
