/* SPDX-License-Identifier: GPL-2.0 */
/* Functions of code made at run time, anew for each test, and what is found in them. */
#ifndef TEST_JIT_CODE_FIXTURE_H
#define TEST_JIT_CODE_FIXTURE_H

#include "jit_code.h"

static struct rp_jit_memory memory;
static struct rp_jit_code *code;

static inline int make_code(void **state)
{
	(void)state;
	memory = (struct rp_jit_memory){ .max = 16 << 20 };
	code = rp_jit_code_new(&memory);
	return code ? 0 : -1;
}

/* All that was taken is given back. */
static inline int free_code(void **state)
{
	(void)state;
	rp_jit_code_free(code);
	return memory.used ? -1 : 0;
}

static inline const char *at(uint64_t address, uint64_t time)
{
	const struct rp_jit_symbol *s = rp_jit_code_find(code, address, time);

	return s ? s->name : "";
}

#endif
