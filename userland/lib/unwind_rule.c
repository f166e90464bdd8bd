// SPDX-License-Identifier: GPL-2.0
/*
 * What may be reduced, and to what, is a matter of what files contain: see the list of
 * reasons for what is not. Return address and stack pointer decide whether a frame can be
 * left at all; a frame pointer that is lost is only needed by callers that count from it.
 */
#include "unwind_rule.h"

#include "cfi_expression.h"

struct rp_unwind_rule rp_unwind_rule_unsaid(void)
{
	return (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_UNSAID };
}

struct rp_unwind_rule rp_unwind_rule_signal(void)
{
	return (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_SIGNAL };
}

struct rp_unwind_rule rp_unwind_rule_root(enum rp_unwind_machine machine)
{
	return (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = rp_unwind_sp(machine),
					.ra = RP_UNWIND_LOST, .fp = RP_UNWIND_LOST };
}

static bool fits(int64_t value, __s32 *ret)
{
	*ret = (__s32)value;
	return value >= INT32_MIN && value <= INT32_MAX;
}

/* Registers whose values an exact frame can give: x86-64's 16, x0 to x30 and SP. */
static bool general(enum rp_unwind_machine machine, uint64_t reg)
{
	return reg < (machine == RP_UNWIND_X86_64 ? 16 : 32);
}

/* ---- CFA ------------------------------------------------------------------- */

static enum rp_unwind_reason cfa_sum(const struct rp_cfi_value *v,
				     enum rp_unwind_machine machine, struct rp_unwind_rule *r)
{
	struct rp_cfi_sum sum;

	if (!rp_cfi_reduce(v->expression, v->size, false, &sum))
		return RP_UNWIND_REASON_CFA_EXPRESSION;
	if (!general(machine, sum.reg))
		return RP_UNWIND_REASON_CFA_REGISTER;
	r->cfa = sum.deref ? RP_UNWIND_CFA_DEREF : RP_UNWIND_CFA_REG;
	r->reg = sum.reg;
	if (!fits(sum.offset, &r->offset) || !fits(sum.add, &r->add))
		return RP_UNWIND_REASON_OFFSET;
	return RP_UNWIND_SAID;
}

static enum rp_unwind_reason cfa_of(const struct rp_cfi_row *row,
				    enum rp_unwind_machine machine, struct rp_unwind_rule *r)
{
	struct rp_cfi_plt plt;

	if (row->cfa.how == RP_CFI_VAL_EXPRESSION) {
		if (machine != RP_UNWIND_X86_64 ||
		    !rp_cfi_reduce_plt(row->cfa.expression, row->cfa.size, &plt))
			return cfa_sum(&row->cfa, machine, r);
		r->cfa = RP_UNWIND_CFA_PLT;
		r->reg = plt.from;
		if (!fits(plt.offset, &r->offset) || !fits(plt.add, &r->add))
			return RP_UNWIND_REASON_OFFSET;
		return RP_UNWIND_SAID;
	}
	if (row->cfa.how != RP_CFI_VAL_OFFSET || !general(machine, row->cfa_register))
		return RP_UNWIND_REASON_CFA_REGISTER;
	r->cfa = RP_UNWIND_CFA_REG;
	r->reg = row->cfa_register;
	return fits(row->cfa.value, &r->offset) ? RP_UNWIND_SAID : RP_UNWIND_REASON_OFFSET;
}

/* ---- where a register was saved ----------------------------------------------- */

enum found { NOT_FOUND, BY_CFA, BY_REGISTER };

/*
 * The place of a saved register: from the CFA (also if it is given from the register that
 * the CFA is counted from), or from the register in which the CFA's own address is found.
 */
static enum found saved_at(const struct rp_cfi_value *v, const struct rp_unwind_rule *r,
			   int64_t *ret)
{
	struct rp_cfi_sum sum;

	*ret = v->value;
	if (v->how == RP_CFI_OFFSET)
		return BY_CFA;
	if (!rp_cfi_reduce(v->expression, v->size, true, &sum) || sum.deref)
		return NOT_FOUND;
	*ret = sum.offset;
	if (sum.base == RP_CFI_BASE_CFA)
		return BY_CFA;
	if (sum.reg != r->reg || (r->cfa != RP_UNWIND_CFA_REG && r->cfa != RP_UNWIND_CFA_DEREF))
		return NOT_FOUND;
	*ret = (int64_t)((uint64_t)sum.offset - (uint64_t)(int64_t)r->offset);
	if (r->cfa == RP_UNWIND_CFA_REG)
		return BY_CFA;
	*ret = sum.offset;
	return BY_REGISTER;
}

static enum rp_unwind_reason ra_of(const struct rp_cfi_row *row,
				   enum rp_unwind_machine machine, struct rp_unwind_rule *r)
{
	bool linked = machine == RP_UNWIND_ARM64;	/* there is a link register */
	int64_t at;

	switch (row->ra.how) {
	case RP_CFI_REGISTER:
		if (!linked || row->ra.value != 30)
			return RP_UNWIND_REASON_RA_REGISTER;
		r->ra = RP_UNWIND_SAME;
		return RP_UNWIND_SAID;
	case RP_CFI_NOT_SAID:
	case RP_CFI_SAME:
		r->ra = RP_UNWIND_SAME;
		return linked ? RP_UNWIND_SAID : RP_UNWIND_REASON_RA_UNKNOWN;
	case RP_CFI_OFFSET:
	case RP_CFI_EXPRESSION:
		if (saved_at(&row->ra, r, &at) != BY_CFA)
			return RP_UNWIND_REASON_RA_EXPRESSION;
		r->ra = RP_UNWIND_SAVED;
		return fits(at, &r->ra_offset) ? RP_UNWIND_SAID : RP_UNWIND_REASON_OFFSET;
	default:	/* a value that is counted: of no code that anybody has seen */
		return RP_UNWIND_REASON_RA_EXPRESSION;
	}
}

static enum rp_unwind_reason fp_of(const struct rp_cfi_row *row,
				   enum rp_unwind_machine machine, struct rp_unwind_rule *r)
{
	enum found found;
	int64_t at;

	r->fp = RP_UNWIND_ELSEWHERE;
	switch (row->fp.how) {
	case RP_CFI_UNDEFINED:
		r->fp = RP_UNWIND_LOST;
		return RP_UNWIND_SAID;
	case RP_CFI_NOT_SAID:	/* a function leaves its caller's as it was */
	case RP_CFI_SAME:
		r->fp = RP_UNWIND_SAME;
		return RP_UNWIND_SAID;
	case RP_CFI_REGISTER:
		if (row->fp.value != (int64_t)rp_unwind_fp(machine))
			return RP_UNWIND_REASON_FP_REGISTER;
		r->fp = RP_UNWIND_SAME;
		return RP_UNWIND_SAID;
	case RP_CFI_OFFSET:
	case RP_CFI_EXPRESSION:
		found = saved_at(&row->fp, r, &at);
		if (found == NOT_FOUND || !fits(at, &r->fp_offset)) {
			r->fp_offset = 0;
			return RP_UNWIND_REASON_FP_EXPRESSION;
		}
		r->fp = found == BY_CFA ? RP_UNWIND_SAVED : RP_UNWIND_SAVED_REG;
		return RP_UNWIND_SAID;
	default:
		return RP_UNWIND_REASON_FP_EXPRESSION;
	}
}

static enum rp_unwind_reason sp_of(const struct rp_cfi_row *row)
{
	if (row->sp.how == RP_CFI_NOT_SAID ||
	    (row->sp.how == RP_CFI_VAL_OFFSET && !row->sp.value))
		return RP_UNWIND_SAID;
	return RP_UNWIND_REASON_SP_RULE;
}

enum rp_unwind_reason rp_unwind_rule_from(const struct rp_cfi_row *row,
					  enum rp_unwind_machine machine,
					  struct rp_unwind_rule *ret)
{
	struct rp_unwind_rule r = { 0 };
	enum rp_unwind_reason reason;

	if (row->ra.how == RP_CFI_UNDEFINED) {
		*ret = rp_unwind_rule_root(machine);
		return RP_UNWIND_SAID;
	}
	reason = cfa_of(row, machine, &r);
	if (reason == RP_UNWIND_SAID)
		reason = ra_of(row, machine, &r);
	if (reason == RP_UNWIND_SAID)
		reason = sp_of(row);
	if (reason != RP_UNWIND_SAID) {
		*ret = rp_unwind_rule_unsaid();
		return reason;
	}
	reason = fp_of(row, machine, &r);
	*ret = r;
	return reason;
}
