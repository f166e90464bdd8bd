/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An image (unwind_image.h), the table that is made of it, and what is expected of that.
 */
#ifndef TEST_UNWIND_FIXTURE_H
#define TEST_UNWIND_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "unwind_compile.h"
#include "unwind_image.h"

#define CODE(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })
#define NO_CODE "", 0
#define ADVANCE(n) (DW_CFA_advance_loc | (n))
#define OFFSET(reg) (DW_CFA_offset | (reg))

/* What gcc begins each x86-64 function with: CFA = rsp + 8, rip at CFA - 8. */
#define X86_64_CIE CODE(DW_CFA_def_cfa, 7, 8, OFFSET(16), 1)
#define ARM64_CIE CODE(DW_CFA_def_cfa, 31, 0)

#define F (UW_TEXT + 0x100)	/* where most tests have a function, of 0x40 bytes */

static struct uw_image im;
static struct rp_unwind_built built;

/* From a copy of exactly that size, so that ASan sees a read of one byte too many. */
static inline int compile_size(size_t size)
{
	void *copy = malloc(size ? size : 1);
	char why[256] = "";
	int r;

	memcpy(copy, im.bytes, size);
	r = rp_unwind_compile_memory(copy, size, "image", SIZE_MAX, &built, why, sizeof(why));
	free(copy);
	if (r) {
		assert_memory_equal(why, "image: ", 7);
		return r;
	}
	assert_int_equal(rp_unwind_size(built.table), built.size);
	assert_true(rp_unwind_check_rules(built.table));
	assert_true(rp_unwind_check_blocks(built.table, 0, built.table->nr_blocks));
	return 0;
}

static inline int compile(void)
{
	uw_end(&im);
	return compile_size(im.size);
}

static inline void begin(uint16_t machine)
{
	uw_begin(&im, machine);
	if (machine == EM_AARCH64)
		uw_cie(&im, "zR", ARM64_CIE);
	else
		uw_cie(&im, "zR", X86_64_CIE);
}

/* One function at F, of x86-64. */
static inline void with(const void *code, size_t size)
{
	begin(EM_X86_64);
	uw_fde(&im, F, 0x40, code, size);
	assert_int_equal(compile(), 0);
}

static inline void expect(uint64_t offset, struct rp_unwind_rule want)
{
	const struct rp_unwind_rule *r = rp_unwind_find(built.table, offset);

	if (memcmp(r, &want, sizeof(want)))
		print_message("at %#llx: cfa %u reg %u %d %d ra %u %d fp %u %d\n",
			      (unsigned long long)offset, r->cfa, r->reg, r->offset, r->add,
			      r->ra, r->ra_offset, r->fp, r->fp_offset);
	assert_memory_equal(r, &want, sizeof(want));
}

/* CFA = reg + offset, rip at CFA - 8, rbp untouched. */
static inline struct rp_unwind_rule plain(unsigned int reg, int offset)
{
	return (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = reg, .offset = offset,
					.ra = RP_UNWIND_SAVED, .ra_offset = -8 };
}

/* In each test what it needs of these. */
#define UNUSED __attribute__((unused))
static const struct rp_unwind_rule none UNUSED;
static const struct rp_unwind_rule unsaid UNUSED = { .cfa = RP_UNWIND_CFA_UNSAID };
static const struct rp_unwind_rule signalled UNUSED = { .cfa = RP_UNWIND_CFA_SIGNAL };
static const struct rp_unwind_rule root UNUSED = { .cfa = RP_UNWIND_CFA_REG, .reg = 7,
						   .ra = RP_UNWIND_LOST,
						   .fp = RP_UNWIND_LOST };

static inline uint64_t count(enum rp_unwind_reason reason)
{
	return built.stats.reasons[reason].count;
}

/* Nothing was left out for any other reason. */
static inline void expect_only(enum rp_unwind_reason reason, uint64_t times)
{
	int i;

	for (i = 0; i < RP_UNWIND_REASONS_NR; i++)
		if (count(i) != (i == (int)reason ? times : 0))
			fail_msg("%s: %llu times", rp_unwind_reason_name(i),
				 (unsigned long long)count(i));
}

static inline void done(void)
{
	rp_unwind_built_free(&built);
}

/* Signals' returns, by their code. */
static const uint8_t return_x86_64[] UNUSED = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };
static const uint8_t return_narrow[] UNUSED = { 0xb8, 15, 0, 0, 0, 0x0f, 0x05 };
static const uint8_t return_arm64[] UNUSED = { 0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4 };

static inline void place_return(uint64_t offset, const void *code, size_t size)
{
	memcpy(im.bytes + offset, code, size);
}

#endif
