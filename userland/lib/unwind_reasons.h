/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every reason for which an unwind table says less than its file, or than one may wish:
 * one line each, in one list.
 *
 * RP_UNWIND_REASONS: X(ID, name, class, text)
 *	class is one of
 *	  UNSAID   code whose frames cannot be left by a rule; the table says so
 *	  LESS     code whose frames can be left, but their caller's frame pointer is lost
 *	  SKIPPED  an entry of the file's descriptions that was not used, or not wholly
 */
#ifndef RP_UNWIND_REASONS_H
#define RP_UNWIND_REASONS_H

#define RP_UNWIND_REASONS(X) \
	X(CFA_EXPRESSION, "cfa-expression", UNSAID, \
	  "the frame's address is an expression beyond what a rule can say") \
	X(CFA_REGISTER, "cfa-register", UNSAID, \
	  "the frame's address is counted from no general register") \
	X(RA_REGISTER, "ra-register", UNSAID, \
	  "the return address is in a register that is not its own") \
	X(RA_EXPRESSION, "ra-expression", UNSAID, \
	  "the return address is an expression beyond what a rule can say") \
	X(RA_UNKNOWN, "ra-unknown", UNSAID, \
	  "it is not said where the return address is") \
	X(SP_RULE, "sp-rule", UNSAID, \
	  "the caller's stack pointer is not the frame's address") \
	X(OFFSET, "offset", UNSAID, \
	  "a distance of more than 2 GiB") \
	X(SIGNAL, "signal", UNSAID, \
	  "marked as a signal's frame, but not the return that the kernel knows") \
	X(INSTRUCTION, "instruction", UNSAID, \
	  "an unknown, misplaced or cut off instruction in the description") \
	X(STATES, "states", UNSAID, \
	  "too many states to remember, or none to return to") \
	X(WORK, "work", UNSAID, \
	  "descriptions that take too much work") \
	X(RULES, "rules", UNSAID, \
	  "more different rules than a table may have") \
	X(ROWS, "rows", UNSAID, \
	  "more rows than a table may have") \
	X(SPAN, "span", UNSAID, \
	  "code more than a gigabyte behind the first") \
	X(FP_REGISTER, "fp-register", LESS, \
	  "the caller's frame pointer is in another register") \
	X(FP_EXPRESSION, "fp-expression", LESS, \
	  "the caller's frame pointer is an expression beyond what a rule can say") \
	X(OVERLAP, "overlap", SKIPPED, \
	  "code that is described twice: the first description stands") \
	X(OUTSIDE, "outside", SKIPPED, \
	  "addresses that are, wholly or partly, not the file's code") \
	X(EMPTY, "empty", SKIPPED, \
	  "a description of no bytes") \
	X(CIE, "cie", SKIPPED, \
	  "without the common part that it refers to, or with a damaged one") \
	X(AUGMENTATION, "augmentation", SKIPPED, \
	  "an unknown extension of the format") \
	X(ENCODING, "encoding", SKIPPED, \
	  "addresses in an encoding that cannot be read here") \
	X(ENTRY, "entry", SKIPPED, \
	  "damaged; where it is an entry's length, all behind it is lost") \
	X(ENTRIES, "entries", SKIPPED, \
	  "more descriptions than are read") \
	X(SECTION, "section", SKIPPED, \
	  "a section that cannot be read (size, compression, place)")

enum rp_unwind_reason {
	RP_UNWIND_SAID,
#define X(id, name, class, text) RP_UNWIND_REASON_##id,
	RP_UNWIND_REASONS(X)
#undef X
	RP_UNWIND_REASONS_NR
};

enum rp_unwind_reason_class {
	RP_UNWIND_CLASS_NONE,
	RP_UNWIND_CLASS_UNSAID,
	RP_UNWIND_CLASS_LESS,
	RP_UNWIND_CLASS_SKIPPED,
};

const char *rp_unwind_reason_name(enum rp_unwind_reason reason);	/* "sp-rule" */
const char *rp_unwind_reason_text(enum rp_unwind_reason reason);
enum rp_unwind_reason_class rp_unwind_reason_class(enum rp_unwind_reason reason);

#endif
