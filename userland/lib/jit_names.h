/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of code that processes made at run time, from the files in which their runtimes
 * tell of it: /tmp/perf-PID.map, and jit-PID.dump (found by the mapping that the runtime
 * makes of it for that purpose, else in /tmp or the working folder). Paths are the
 * process's own (mount namespace, chroot), PID is its number in its own PID namespace.
 *
 * Which   Only of processes with executable memory that is no file's. A file is read only
 *         if it is a regular one without other names, belongs to the user that the
 *         process makes files as, was written since the process started, and no symbolic
 *         link leads to it. Why one is not is counted, and said once in the log.
 *         It is opened and checked here, and parsed in a jail (jail.h): if that is lost by
 *         it, its process has no more names, and all goes on.
 * When    When mappings come (rp_jit_names_note()), when the process ends, and when a window
 *         is closed; each reads what is new. The files of a living process stay open, some
 *         tens of them, since there is no way to them when it has ended; not for longer, as
 *         an open file keeps a container's file system from being taken away.
 * Time    Code in a jitdump is named as of the sample's time (the first of equal ones in
 *         a window), for as long back as to the close of the window before. Lines of a
 *         perf map have no time: the last one counts. Where both have a name, the
 *         jitdump's is taken.
 * Budget  Each look is ahead of need, but for those of a closing window (own_budget.h): one that
 *	   has to wait opens files and reads them later. Of a process that has ended, what was
 *	   not read when the window closes is never read, and counted.
 * Bounds  Memory for all names together; those of the processes that were not asked for
 *         longest go first. In a window some 256 MiB of files are read, of all processes.
 * Threads One at a time.
 */
#ifndef RP_JIT_NAMES_H
#define RP_JIT_NAMES_H

#include "jit_code.h"
#include "jit_refusal.h"
#include "spaces.h"

#define RP_JIT_BYTES_DEFAULT ((size_t)16 << 20)

struct rp_jail;
struct rp_jit_names;
struct rp_jit_process;
struct rp_own_budget;

struct rp_jit_names_stats {
	uint32_t processes;	/* that are known */
	uint32_t open_files;
	size_t bytes, max_bytes;	/* of names, and of processes */
	uint64_t names;		/* pieces of code that have one now */
	uint64_t unread;	/* processes that ended before the budget allowed to read all */
	uint64_t evictions;	/* processes that went for others */
	uint64_t refused[RP_JIT_REFUSALS_NR];	/* files, each time that a reason is new */
};

/*
 * proc: "/proc", and jail, in which files are parsed (NULL: in this process), stay the
 * caller's; bytes 0: 16 MiB. NULL and errno without memory.
 */
struct rp_jit_names *rp_jit_names_new(const char *proc, size_t bytes, struct rp_jail *jail);
/* NULL: there is none. */
void rp_jit_names_budget(struct rp_jit_names *n, struct rp_own_budget *budget);
void rp_jit_names_free(struct rp_jit_names *n);

/* May code at this mapping (NULL: none is known) be made at run time? */
bool rp_jit_is_place(const struct rp_mapped *m);

/*
 * The space's mappings came: reads what there is, at most every few milliseconds. look() is
 * for those that came too soon after others: it returns after how many milliseconds it is to
 * be called again, -1: not before the next note(). all: none may wait any longer, since
 * spaces may go.
 */
void rp_jit_names_note(struct rp_jit_names *n, const struct rp_aspace *as,
		       const struct rp_maps *maps);
int rp_jit_names_look(struct rp_jit_names *n, bool all);

/*
 * A file is being parsed: whatever note() and exited() are told of meanwhile is opened, and
 * is for look().
 */
void rp_jit_names_busy(struct rp_jit_names *n, bool busy);

/*
 * For whoever closes no windows while a process lives: one that has made code and no file is
 * looked at each second, since a file may come long after its code (java's, by jcmd).
 */
void rp_jit_names_keep_looking(struct rp_jit_names *n);

/* It has ended: what it wrote last is read, and its files are closed. */
void rp_jit_names_exited(struct rp_jit_names *n, const struct rp_aspace *as);

/*
 * Between begin and end, names hold. The process of a space, brought up to date: to be asked
 * for once between the two; NULL: it has no such code.
 */
void rp_jit_names_begin(struct rp_jit_names *n);
struct rp_jit_process *rp_jit_names_get(struct rp_jit_names *n, const struct rp_aspace *as,
					const struct rp_maps *maps);
void rp_jit_names_end(struct rp_jit_names *n);

/* The function at the address at that time (CLOCK_MONOTONIC, ns), or NULL. */
const struct rp_jit_symbol *rp_jit_process_find(const struct rp_jit_process *p,
						uint64_t address, uint64_t time);

void rp_jit_names_stats(const struct rp_jit_names *n, struct rp_jit_names_stats *ret);

#endif
