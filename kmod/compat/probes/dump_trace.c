// SPDX-License-Identifier: GPL-2.0
/*
 * x86 until 4.8: the unwinder that calls back. exported: dump_trace print_context_stack_bp
 */
#include <asm/stacktrace.h>

walk_stack_t walk = print_context_stack_bp;

void probe(struct pt_regs *regs, const struct stacktrace_ops *ops);
void probe(struct pt_regs *regs, const struct stacktrace_ops *ops)
{
	dump_trace(NULL, regs, NULL, 0, ops, NULL);
}
