/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of code made at run time: how many names there are, and what was refused. */
#ifndef RP_JIT_REPORT_H
#define RP_JIT_REPORT_H

#include <stddef.h>

#include "jit_names.h"
#include "out.h"

/* "link 1, owner 2", each reason that there was, or "none". Returns text. */
char *rp_jit_report_refused(const struct rp_jit_names_stats *s, char *text, size_t size);

/* One line, for the daemon's log. */
void rp_jit_report_log(const struct rp_jit_names_stats *s);

/*
 * The table jit_refused in the object that o is in: of each reason, how many files were
 * refused for it. Text leaves out those that there were none for; JSON has them all.
 */
void rp_jit_report_print(const struct rp_jit_names_stats *s, struct rp_out *o);

#endif
