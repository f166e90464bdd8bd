/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exit.h - telling sessions that a process has gone. All of it in task context; the
 * probe's is in exit.c.
 */
#ifndef RP_KMOD_EXIT_H
#define RP_KMOD_EXIT_H

#include <linux/types.h>

/* At load: looks for the tracepoint. True: EXIT records can be written. */
bool rp_exit_find(void);
bool rp_exit_available(void);

/*
 * The probe is registered while at least one session runs. Under rp_sessions_lock.
 * 0 also where the kernel has no such tracepoint. After the last put no probe runs.
 */
int rp_exit_get(void);
void rp_exit_put(void);

#endif
