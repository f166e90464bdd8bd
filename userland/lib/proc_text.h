/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of /proc/PID, of which the process itself has made a part: its name, its command
 * line, its environment. All are read below one descriptor of the folder, which stays that
 * process's when its number goes to another: halves of two processes never come together.
 */
#ifndef RP_PROC_TEXT_H
#define RP_PROC_TEXT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RP_PROC_STATUS_MAX 8192		/* bytes of status, unless of hundreds of groups */

/* PROC/PID, to be closed with close(); -ENOENT and others: there is no such process. */
int rp_proc_open(const char *proc, uint32_t pid);

/*
 * As much of a file of the folder as fits, with a NUL behind it. Returns its length, or
 * -errno: -ENOENT or -ESRCH, the process has ended.
 */
ssize_t rp_proc_read(int folder, const char *name, char *buf, size_t size);

/* The program's path, where it runs; as rp_proc_read(). Whether it is deleted is not told. */
ssize_t rp_proc_exe(int folder, char *buf, size_t size);

/* What follows "KEY:" and tabs in status; NULL: no such line, or not to its end. */
const char *rp_proc_line(const char *status, const char *key);

/*
 * Of such a line's numbers the nth, counted from 1, or the last one if there are fewer.
 * -1: none.
 */
#define RP_PROC_LAST UINT_MAX
long long rp_proc_number(const char *status, const char *key, unsigned int nth);

#endif
