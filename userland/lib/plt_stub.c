// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes are compared, not disassembled: a linker writes one of these few forms, and
 * anything else has to be left alone.
 */
#include "plt_stub.h"

#include <string.h>

/* Code that is read from its beginning on. */
struct reader {
	const uint8_t *code;
	size_t size, at;
};

static bool take(struct reader *x, const void *bytes, size_t size)
{
	if (x->size - x->at < size || memcmp(x->code + x->at, bytes, size))
		return false;
	x->at += size;
	return true;
}

static uint32_t word_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool take_word(struct reader *x, uint32_t *ret)
{
	if (x->size - x->at < 4)
		return false;
	*ret = word_at(x->code + x->at);
	x->at += 4;
	return true;
}

/* ---- x86 ------------------------------------------------------------------------ */

#define TAKE(x, ...) take(x, (const uint8_t[]){ __VA_ARGS__ }, \
			  sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void x86_jump(struct reader *x, bool is_64, struct rp_plt_stub *s)
{
	const size_t start = x->at;
	enum rp_plt_word kind;
	uint32_t word;

	TAKE(x, 0xf2);				/* bnd */
	if (TAKE(x, 0xff, 0x25))
		kind = is_64 ? RP_PLT_FROM_CODE : RP_PLT_ABSOLUTE;
	else if (!is_64 && TAKE(x, 0xff, 0xa3))
		kind = RP_PLT_FROM_GOT;		/* whose address is in ebx */
	else
		kind = RP_PLT_NO_WORD;
	if (kind == RP_PLT_NO_WORD || !take_word(x, &word)) {
		x->at = start;
		return;
	}
	s->kind = kind;
	s->word = kind == RP_PLT_ABSOLUTE ? (int64_t)word : (int32_t)word;
	s->from = x->at;
}

static void x86_push(struct reader *x, struct rp_plt_stub *s)
{
	const size_t start = x->at;
	uint32_t head;

	if (!TAKE(x, 0x68) || !take_word(x, &s->pushed)) {
		x->at = start;
		return;
	}
	s->push_end = x->at;
	TAKE(x, 0xf2);
	if (TAKE(x, 0xe9))
		take_word(x, &head);
}

bool rp_plt_stub_x86(const uint8_t *code, size_t size, bool is_64, struct rp_plt_stub *ret)
{
	struct reader x = { code, size < RP_PLT_STUB_MAX ? size : RP_PLT_STUB_MAX, 0 };
	struct rp_plt_stub s = { 0 };
	uint32_t number;

	if (is_64)
		TAKE(&x, 0xf3, 0x0f, 0x1e, 0xfa);	/* endbr64 */
	else
		TAKE(&x, 0xf3, 0x0f, 0x1e, 0xfb);	/* endbr32 */
	if (is_64 && TAKE(&x, 0x41, 0xbb) && !take_word(&x, &number))	/* mov r11d */
		return false;
	x86_jump(&x, is_64, &s);
	x86_push(&x, &s);
	if (s.kind == RP_PLT_NO_WORD && !s.push_end)
		return false;
	s.size = x.at;
	*ret = s;
	return true;
}

/* ---- arm64 ---------------------------------------------------------------------- */

/* ldr x17, [x16, #n * 8] and add x16, x16, #n have to mean the same word. */
static bool arm64_offset(uint32_t load, uint32_t add, uint32_t *ret)
{
	if ((load & 0xffc003ff) != 0xf9400211 || (add & 0xffc003ff) != 0x91000210)
		return false;
	*ret = (load >> 10 & 0xfff) * 8;
	return *ret == (add >> 10 & 0xfff);
}

static bool arm64_leaves(struct reader *x)
{
	const uint32_t autia1716 = 0xd503219f, br = 0xd61f0220, braa = 0xd71f0a30;
	uint32_t code;

	if (!take_word(x, &code) || (code == autia1716 && !take_word(x, &code)))
		return false;
	return code == br || code == braa;
}

bool rp_plt_stub_arm64(const uint8_t *code, size_t size, struct rp_plt_stub *ret)
{
	struct reader x = { code, size < RP_PLT_STUB_MAX ? size : RP_PLT_STUB_MAX, 0 };
	uint32_t page, load, add, offset;
	uint8_t from;

	if (!take_word(&x, &page) || (page == RP_PLT_ARM64_BTI_C && !take_word(&x, &page)))
		return false;
	from = x.at - 4;
	if (!RP_PLT_ARM64_IS_PAGE(page) || !take_word(&x, &load) || !take_word(&x, &add) ||
	    !arm64_offset(load, add, &offset) || !arm64_leaves(&x))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->size = x.at;
	ret->kind = RP_PLT_FROM_PAGE;
	ret->from = from;
	/* 21 bits, the lowest two apart; as a signed number of pages */
	ret->word = (int64_t)(int32_t)((page >> 5 & 0x7ffff) << 13 | (page >> 29 & 3) << 11) * 2;
	ret->word += offset;
	return true;
}

uint64_t rp_plt_stub_word(const struct rp_plt_stub *stub, uint64_t address, uint64_t got)
{
	switch (stub->kind) {
	case RP_PLT_FROM_CODE:
		return address + stub->from + stub->word;
	case RP_PLT_FROM_PAGE:
		return ((address + stub->from) & ~0xfffull) + stub->word;
	case RP_PLT_FROM_GOT:
		return got + stub->word;
	default:
		return stub->word;
	}
}
