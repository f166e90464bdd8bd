// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as an ELF file of which an unwind table is to be made: no crash, no hang, and
 * what comes out passes the check that the module makes, and is looked up within itself.
 *
 * The first byte says what follows:
 *	0, 1	the file as it is
 *	2	patches of a small correct file: triples of (offset, 16 bits) and value
 *	3	descriptions: a byte of flags, then entries. 0, a length and so many bytes of
 *		instructions are a CIE; 1, a start and a size (16 bits each), a length and
 *		so many bytes an FDE
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unwind_compile.h"
#include "tests/unit/unwind_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct uw_image im;
static const uint8_t *input, *input_end;

static unsigned int take(void)
{
	return input < input_end ? *input++ : 0;
}

/* As many bytes as the next one says, and there are. */
static const uint8_t *take_part(size_t *ret_size)
{
	const uint8_t *part;
	size_t size = take();

	part = input;
	if (size > (size_t)(input_end - input))
		size = input_end - input;
	input += size;
	*ret_size = size;
	return part;
}

static void build_described(void)
{
	unsigned int flags = take(), start, bytes;
	const uint8_t *code;
	size_t size;

	uw_begin(&im, flags & 1 ? EM_AARCH64 : EM_X86_64);
	im.debug = flags & 2;
	im.no_sections = flags & 4 && !im.debug;
	if (flags & 8)
		im.entry = UW_TEXT + 0x40;
	if (flags & 16)
		memcpy(im.bytes + UW_TEXT + 0x81, "\x48\xc7\xc0\x0f\0\0\0\x0f\x05", 9);
	uw_cie(&im, "zR", "", 0);
	while (input < input_end && im.size < UW_MAX - 4096) {
		if (take() % 2 == 0) {
			code = take_part(&size);
			uw_cie(&im, flags & 32 ? "zRS" : im.debug ? "" : "zR", code, size);
		} else {
			start = take() | take() << 8;
			bytes = take() | take() << 8;
			code = take_part(&size);
			uw_fde(&im, UW_TEXT + start % UW_TEXT_SIZE, bytes, code, size);
		}
	}
	uw_end(&im);
}

static void build_patched(void)
{
	static const uint8_t cie[] = { DW_CFA_def_cfa, 7, 8, DW_CFA_offset | 16, 1 };
	static const uint8_t fde[] = {
		DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset, 16, DW_CFA_offset | 6, 2,
		DW_CFA_advance_loc | 3, DW_CFA_def_cfa_register, 6, DW_CFA_remember_state,
		DW_CFA_advance_loc | 9, DW_CFA_restore_state,
		DW_CFA_def_cfa_expression, 3, DW_OP_breg6, 0x78, DW_OP_deref };
	size_t at;

	uw_begin(&im, EM_X86_64);
	uw_cie(&im, "zPLR", cie, sizeof(cie));
	uw_fde(&im, UW_TEXT + 0x100, 0x40, fde, sizeof(fde));
	uw_fde(&im, UW_TEXT + 0x140, 0x10, "", 0);
	uw_end(&im);
	while (input_end - input >= 3) {
		at = take() | take() << 8;
		im.bytes[at % im.size] = take();
	}
}

static void require(int ok)
{
	if (!ok)
		abort();
}

static void use(const struct rp_unwind_built *b)
{
	const struct rp_unwind_table *t = b->table;
	const struct rp_unwind_rule *rule;
	uint64_t end = (uint64_t)t->nr_blocks << RP_UNWIND_BLOCK_SHIFT, i;
	size_t listed;

	require(rp_unwind_size(t) == b->size && rp_unwind_check_rules(t) &&
		rp_unwind_check_blocks(t, 0, t->nr_blocks));
	require(t->nr_rows == b->stats.rows && t->nr_rules == b->stats.rules);
	for (i = 0; i < end + 100; i += 1 + i / 512) {
		rule = rp_unwind_find(t, t->base - 50 + i);
		require(rule >= rp_unwind_rules(t) &&
			rule < rp_unwind_rules(t) + t->nr_rules);
	}
	require(b->nr_listed <= 100);
	for (listed = 0; listed < b->nr_listed; listed++)
		require(b->stats.reasons[b->listed[listed].reason].count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_unwind_built built;
	char why[128];
	uint8_t *file;
	unsigned int kind;

	if (!size)
		return 0;
	input = data + 1;
	input_end = data + size;
	kind = data[0] % 4;
	if (kind == 2)
		build_patched();
	else if (kind == 3)
		build_described();
	data = kind < 2 ? data + 1 : im.bytes;
	size = kind < 2 ? size - 1 : im.size;
	file = malloc(size ? size : 1);
	memcpy(file, data, size);
	if (rp_unwind_compile_memory(file, size, "fuzz", 100, &built, why, sizeof(why)) == 0) {
		use(&built);
		rp_unwind_built_free(&built);
	}
	free(file);
	return 0;
}
