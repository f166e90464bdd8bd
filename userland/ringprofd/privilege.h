/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon may do, and nothing more. It keeps
 *
 *	CAP_SYS_ADMIN		to open the device and to set, start and stop sampling
 *				(the module asks for it each time), and for
 *				/proc/PID/map_files
 *	CAP_SYS_PTRACE		for /proc/PID/environ, exe, root and map_files
 *	CAP_DAC_READ_SEARCH	for the executables and libraries to be named, which may
 *				lie in folders that are closed to root
 *	CAP_SYSLOG		for the addresses in /proc/kallsyms, read again when a
 *				module was loaded
 *
 * so far as it has them, and gives up all others, from its bounding set too. It does
 * not keep CAP_DAC_OVERRIDE: what it writes, it writes where its user may.
 */
#ifndef RP_PRIVILEGE_H
#define RP_PRIVILEGE_H

#include <stddef.h>

/* Before any thread is started. 0, or -errno and a sentence in why. */
int rp_privilege_drop(char *why, size_t why_size);

#endif
