/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CIEs that were read lately: a file has a few, to which all its FDEs refer, mostly the
 * same as the one before.
 */
#ifndef RP_CFI_CIES_H
#define RP_CFI_CIES_H

#include "cfi.h"

#define RP_CFI_CIES_KEPT 64	/* of each section; a power of two */

struct rp_cfi_kept_cie {
	bool there, run;
	struct rp_cfi_cie cie;
	struct rp_cfi_row begin;	/* once it was run */
	enum rp_unwind_reason wrong;	/* with its instructions */
};

struct rp_cfi_cies {
	struct rp_cfi_kept_cie kept[RP_CFI_CIES_KEPT];
};

/* Holds until the next call. */
const struct rp_cfi_kept_cie *rp_cfi_cies_get(struct rp_cfi_cies *cies,
					      const struct rp_cfi_section *s, size_t at);
/* The same, with its instructions run. */
const struct rp_cfi_kept_cie *rp_cfi_cies_run(struct rp_cfi_cies *cies,
					      const struct rp_cfi_run *run, size_t at);

#endif
