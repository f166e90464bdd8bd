/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a row of call-frame information to a rule of an unwind table.
 */
#ifndef RP_UNWIND_RULE_H
#define RP_UNWIND_RULE_H

#include "cfi.h"
#include "proto/unwind.h"

/*
 * Always fills *ret. Returns why it says less than the row does, SAID if it says all that
 * a walk can use. Rules that mean the same are the same, byte by byte.
 */
enum rp_unwind_reason rp_unwind_rule_from(const struct rp_cfi_row *row,
					  enum rp_unwind_machine machine,
					  struct rp_unwind_rule *ret);

/* The rules that no row makes. */
struct rp_unwind_rule rp_unwind_rule_unsaid(void);
struct rp_unwind_rule rp_unwind_rule_signal(void);
struct rp_unwind_rule rp_unwind_rule_root(enum rp_unwind_machine machine);

#endif
