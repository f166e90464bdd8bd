// SPDX-License-Identifier: GPL-2.0
/*
 * A place has one slot. Files that fill slots in turn are hostile, and pay by the work
 * that they may cause.
 */
#include "cfi_cies.h"

static struct rp_cfi_kept_cie *get(struct rp_cfi_cies *cies, const struct rp_cfi_section *s,
				   size_t at)
{
	/* Entries are padded to words, and the smallest has five. */
	struct rp_cfi_kept_cie *kept = &cies->kept[at / 4 % RP_CFI_CIES_KEPT];

	if (kept->there && kept->cie.at == at)
		return kept;
	kept->there = true;
	kept->run = false;
	rp_cfi_read_cie(s, at, &kept->cie);
	return kept;
}

const struct rp_cfi_kept_cie *rp_cfi_cies_get(struct rp_cfi_cies *cies,
					      const struct rp_cfi_section *s, size_t at)
{
	return get(cies, s, at);
}

const struct rp_cfi_kept_cie *rp_cfi_cies_run(struct rp_cfi_cies *cies,
					      const struct rp_cfi_run *run, size_t at)
{
	struct rp_cfi_kept_cie *kept = get(cies, run->section, at);

	if (!kept->run) {
		kept->wrong = kept->cie.wrong;
		if (kept->wrong == RP_UNWIND_SAID && kept->cie.ra != run->registers->ra)
			kept->wrong = RP_UNWIND_REASON_RA_REGISTER;
		if (kept->wrong == RP_UNWIND_SAID)
			kept->wrong = rp_cfi_run_cie(run, &kept->cie, &kept->begin);
		kept->run = true;
	}
	return kept;
}
