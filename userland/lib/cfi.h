/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Call-frame information: .eh_frame and .debug_frame of x86-64 and arm64 files, read
 * from hostile files in little endian, and run.
 *
 *	section  the bytes, wherever the file keeps them
 *	entry    CIE (what many functions have in common) and FDE (one function's), as
 *		 the DWARF standard (6.4) and the LSB (10.6) describe them
 *	run      an FDE's instructions, row by row
 *
 * Of the registers three are followed: those that a walk needs.
 */
#ifndef RP_CFI_H
#define RP_CFI_H

#include "dwarf_cursor.h"
#include "unwind_reasons.h"

struct rp_elf_file;

#define RP_CFI_SECTION_MAX	(128u << 20)	/* bytes, inflated */
#define RP_CFI_STATES_MAX	32		/* remembered at once */

/* ---- sections ------------------------------------------------------------- */

struct rp_cfi_section {
	void *data;		/* owned; NULL: there is none */
	size_t size;
	uint64_t address;	/* of its first byte */
	bool eh;		/* .eh_frame's format, else .debug_frame's */
	bool open;		/* its size is not known: an empty entry ends it */
};

/* 0 with data NULL: the file has none. Failures, but -ENOMEM, leave a count in *skipped. */
int rp_cfi_section_eh(struct rp_elf_file *f, struct rp_cfi_section *ret, uint64_t *skipped);
int rp_cfi_section_debug(struct rp_elf_file *f, struct rp_cfi_section *ret,
			 uint64_t *skipped);

/* ---- rows ------------------------------------------------------------------- */

enum rp_cfi_how {		/* where a register's value before the call is */
	RP_CFI_NOT_SAID,
	RP_CFI_UNDEFINED,
	RP_CFI_SAME,
	RP_CFI_OFFSET,		/* saved at CFA + value */
	RP_CFI_VAL_OFFSET,	/* is CFA + value */
	RP_CFI_REGISTER,	/* in register `value` */
	RP_CFI_EXPRESSION,	/* saved where the expression says */
	RP_CFI_VAL_EXPRESSION,	/* is what the expression says */
};

struct rp_cfi_value {
	enum rp_cfi_how how;
	int64_t value;
	const uint8_t *expression;	/* .. expression + size, in the section */
	size_t size;
};

struct rp_cfi_row {
	/* The CFA is the register `cfa_register` + cfa.value, or cfa's expression. */
	struct rp_cfi_value cfa;
	uint64_t cfa_register;
	struct rp_cfi_value ra, sp, fp;
};

/* Numbers of the registers that are followed. */
struct rp_cfi_registers {
	unsigned int ra, sp, fp;
	bool arm64;
};

/* ---- entries ------------------------------------------------------------------ */

struct rp_cfi_cie {
	size_t at;		/* in the section */
	enum rp_unwind_reason wrong;	/* not SAID: of no use, for this */
	uint64_t code_align;
	int64_t data_align;
	uint64_t ra;		/* register */
	uint8_t encoding;	/* of its FDEs' addresses: DW_EH_PE_… */
	uint8_t address_size;
	bool sized;		/* its FDEs say how long their augmentation is ("z") */
	bool signal;		/* "S" */
	struct rp_dwarf_cursor code;
};

struct rp_cfi_fde {
	const struct rp_cfi_cie *cie;
	uint64_t start, size;	/* addresses */
	struct rp_dwarf_cursor code;
};

struct rp_cfi_entry {
	size_t at;		/* in the section: of the entry, of what it refers to */
	size_t cie;
	bool is_cie;
	struct rp_dwarf_cursor body;	/* behind the reference */
};

/*
 * The entry at *at, and *at behind it. False: there is no more; *ret_wrong then says
 * whether the section is damaged here.
 */
bool rp_cfi_next(const struct rp_cfi_section *s, size_t *at, struct rp_cfi_entry *ret,
		 enum rp_unwind_reason *ret_wrong);

/* Of the CIE at a place; what is wrong with it stands in ret->wrong. */
void rp_cfi_read_cie(const struct rp_cfi_section *s, size_t at, struct rp_cfi_cie *ret);

/* e is no CIE, and cie (which has to stay) the one that it refers to. */
enum rp_unwind_reason rp_cfi_read_fde(const struct rp_cfi_section *s,
				      const struct rp_cfi_entry *e,
				      const struct rp_cfi_cie *cie, struct rp_cfi_fde *ret);

/* An address as the CIE's FDEs have them; false: it cannot be read. */
bool rp_cfi_read_address(const struct rp_cfi_section *s, struct rp_dwarf_cursor *c,
			 const struct rp_cfi_cie *cie, uint64_t *ret);

/* ---- running -------------------------------------------------------------------- */

/* [start, end), never empty, ascending, without gaps, within the FDE. */
typedef void (*rp_cfi_row_fn)(void *arg, uint64_t start, uint64_t end,
			      const struct rp_cfi_row *row);

struct rp_cfi_run {
	const struct rp_cfi_section *section;
	const struct rp_cfi_registers *registers;
	uint64_t *work;		/* instructions that may be run yet */
	rp_cfi_row_fn fn;
	void *arg;
};

/* The row with which the CIE's functions begin. */
enum rp_unwind_reason rp_cfi_run_cie(const struct rp_cfi_run *run,
				     const struct rp_cfi_cie *cie, struct rp_cfi_row *ret);

/*
 * Calls fn for each row. *ret_done: up to where; less than the end if the result is not
 * SAID.
 */
enum rp_unwind_reason rp_cfi_run_fde(const struct rp_cfi_run *run,
				     const struct rp_cfi_fde *fde,
				     const struct rp_cfi_row *begin, uint64_t *ret_done);

#endif
