// SPDX-License-Identifier: GPL-2.0
/*
 * A stub jumps to where its word of the global offset table points to. At first that is
 * (unless all is bound at the start) by way of the section's first code, the head, which
 * has the dynamic linker look the function up; arguments of that lie on the stack then. On
 * x86-64 a stub pushes the first of them itself, in its last instructions.
 */
#include "unwind_stubs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "plt_stub.h"

#define HEAD_MAX	48	/* bytes that are looked at: a head, and a stub */
#define STUB		16	/* bytes of a stub that pushes, and of x86-64's head */
#define HEAD_ARM64	32

/* The ranges so far, and the section at hand, of which the code's beginning is here. */
struct finder {
	struct rp_unwind_stubs *ranges;
	unsigned int nr;
	uint64_t start, end;
	uint8_t code[HEAD_MAX];
};

/* Code of the section, from so many bytes on, until the next or the section's end. */
static void put(struct finder *x, unsigned int from, struct rp_unwind_rule rule)
{
	uint64_t start = x->start + from;

	if (x->nr == RP_UNWIND_STUBS_MAX || start >= x->end)
		return;
	if (from)
		x->ranges[x->nr - 1].end = start;
	x->ranges[x->nr++] = (struct rp_unwind_stubs){ start, x->end, rule };
}

/* ---- x86-64 ------------------------------------------------------------------------ */

/* So much lies on the stack, the return address as the highest. */
static struct rp_unwind_rule pushed(unsigned int bytes)
{
	return (struct rp_unwind_rule){
		.cfa = RP_UNWIND_CFA_REG, .reg = rp_unwind_sp(RP_UNWIND_X86_64),
		.offset = (__s32)bytes, .ra = RP_UNWIND_SAVED, .ra_offset = -8 };
}

/* False: it is something else than a stub. */
static bool of_stub(const struct finder *x, unsigned int at, struct rp_unwind_rule *ret)
{
	struct rp_plt_stub stub;

	if (!rp_plt_stub_x86(x->code + at, HEAD_MAX - at, true, &stub))
		return false;
	*ret = pushed(8);
	if (stub.push_end) {
		ret->cfa = RP_UNWIND_CFA_PLT;
		ret->reg = stub.push_end;
		ret->add = 8;
	}
	return true;
}

static void x86_64(struct finder *x)
{
	static const uint8_t push_word[] = { 0xff, 0x35 };
	struct rp_unwind_rule rule;
	unsigned int head = memcmp(x->code, push_word, sizeof(push_word)) ? 0 : STUB;

	if (!of_stub(x, head, &rule) ||
	    (rule.cfa == RP_UNWIND_CFA_PLT && x->start % STUB))	/* it counts from there */
		return;
	if (head) {
		put(x, 0, pushed(16));
		put(x, 6, pushed(24));
	}
	put(x, head, rule);
}

/* ---- arm64 ---------------------------------------------------------------------------- */

static uint32_t instruction(const struct finder *x, unsigned int nr)
{
	const uint8_t *p = x->code + 4 * nr;

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void arm64(struct finder *x)
{
	const struct rp_unwind_rule leaf = {
		.cfa = RP_UNWIND_CFA_REG, .reg = rp_unwind_sp(RP_UNWIND_ARM64) };
	const struct rp_unwind_rule head = {
		.cfa = RP_UNWIND_CFA_REG, .reg = rp_unwind_sp(RP_UNWIND_ARM64), .offset = 16,
		.ra = RP_UNWIND_SAVED, .ra_offset = -8 };
	unsigned int at = instruction(x, 0) == RP_PLT_ARM64_BTI_C;

	if (instruction(x, at) == RP_PLT_ARM64_PUSH) {
		put(x, 0, leaf);
		put(x, 4 * (at + 1), head);
		put(x, HEAD_ARM64, leaf);
	} else if (RP_PLT_ARM64_IS_PAGE(instruction(x, at))) {
		put(x, 0, leaf);
	}
}

/* ---- sections --------------------------------------------------------------------------- */

/* Where it lies, if that is code; and its first bytes, what is missing being 0. */
static int read_section(struct rp_elf_file *f, const struct rp_unwind_text *text,
			const GElf_Shdr *sh, struct finder *x)
{
	const struct rp_unwind_segment *s = rp_unwind_segment_of(text, sh->sh_addr);
	uint64_t room, size = sh->sh_size;
	struct rp_elf_table t;
	int r;

	x->start = x->end = 0;
	if (!s)
		return 0;
	room = s->size - (sh->sh_addr - s->address);
	if (size > room)
		size = room;
	memset(x->code, 0, sizeof(x->code));
	x->start = s->offset + (sh->sh_addr - s->address);
	r = rp_elf_file_table(f, ELF_T_BYTE, x->start, size < HEAD_MAX ? size : HEAD_MAX,
			      HEAD_MAX, &t);
	if (r)
		return r == -ENOMEM ? r : 0;
	memcpy(x->code, t.data, t.size);
	free(t.data);
	x->end = x->start + size;
	return 0;
}

int rp_unwind_find_stubs(struct rp_elf_file *f, const struct rp_unwind_text *text,
			 struct rp_unwind_stubs *ret)
{
	static const char *const names[] = { ".plt", ".plt.got", ".plt.sec", ".iplt" };
	struct finder x = { .ranges = ret };
	const GElf_Shdr *sh;
	size_t i;
	int r;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		r = rp_elf_file_section(f, names[i], &sh);
		if (!r && sh)
			r = read_section(f, text, sh, &x);
		if (r)
			return r;
		if (!sh || x.start == x.end)
			continue;
		if (f->ehdr.e_machine == EM_X86_64)
			x86_64(&x);
		else
			arm64(&x);
	}
	return (int)x.nr;
}
