/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One stub of a procedure linkage table, as linkers write them for x86 (64 and 32 bit) and
 * arm64: which word of the global offset table it jumps through, and what it pushes.
 *
 * x86      [endbr] [mov r11d, number] [bnd] jmp *word [push number, jmp head], or
 *          [endbr] push number, [bnd] jmp head
 * arm64    [bti c] adrp x16, page; ldr x17, [x16, word]; add x16, x16, word;
 *          [autia1716] br x17 (or one that authenticates)
 *
 * Sources: System V ABI, AMD64 supplement, 5.2 (procedure linkage table), and Intel386
 * supplement, 5; ELF for the Arm 64-bit architecture, appendix on linkage tables.
 */
#ifndef RP_PLT_STUB_H
#define RP_PLT_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_PLT_STUB_MAX		24	/* bytes of a stub that are ever looked at */

#define RP_PLT_ARM64_BTI_C	0xd503245fu
#define RP_PLT_ARM64_PUSH	0xa9bf7bf0u	/* of x16 and x30: a head begins with it */
/* adrp x16, of any page */
#define RP_PLT_ARM64_IS_PAGE(instruction) (((instruction) & 0x9f00001fu) == 0x90000010u)

enum rp_plt_word {
	RP_PLT_NO_WORD,		/* it does not jump through a word */
	RP_PLT_ABSOLUTE,	/* word is its address */
	RP_PLT_FROM_CODE,	/* it counts from the stub's offset from */
	RP_PLT_FROM_PAGE,	/* it counts from the page of 4 KiB of that offset */
	RP_PLT_FROM_GOT,	/* it counts from the global offset table */
};

struct rp_plt_stub {
	uint8_t size;		/* bytes of instructions, without padding behind them */
	uint8_t push_end;	/* offset behind the push; 0: there is none */
	uint8_t from;
	enum rp_plt_word kind;
	int64_t word;
	uint32_t pushed;
};

/* The address of the word of a stub at an address; got: the global offset table's. */
uint64_t rp_plt_stub_word(const struct rp_plt_stub *stub, uint64_t address, uint64_t got);

/* False: the code (of size bytes, of which RP_PLT_STUB_MAX count) is not such a stub. */
bool rp_plt_stub_x86(const uint8_t *code, size_t size, bool is_64, struct rp_plt_stub *ret);
bool rp_plt_stub_arm64(const uint8_t *code, size_t size, struct rp_plt_stub *ret);

#endif
