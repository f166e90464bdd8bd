/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The jail: a process of this program's own in which files of profiled processes are
 * parsed. It has no capability, can open nothing, connect to nothing and start nothing; it
 * gets descriptors for reading and gives back bytes. A file that finds an error in a parser
 * comes into an empty room, and one that takes too long or too much memory loses that room
 * alone: it counts as a damaged file, and the next one gets a new jail.
 *
 * How     The program is executed anew (/proc/self/exe), so that nothing of the keeper's
 *         memory is there, gives up what it has (jail_confine.h) and takes jobs from a
 *         socket until that is closed. main() has to call rp_jail_main() first.
 * Limits  CPU time and memory of each job; and the time that the keeper waits.
 * Keeper  Believes nothing: what comes back is checked by who asked for it.
 * Without If no jail can be started, that is an error (rp_jail_start); there is no parsing
 *         outside instead.
 * Threads Any number; one job at a time.
 */
#ifndef RP_JAIL_H
#define RP_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum rp_jail_job {
	RP_JAIL_TABLE,		/* an unwind table: jail_table.h */
	RP_JAIL_SYMBOLS,	/* a symbol table: jail_symbols.h */
	RP_JAIL_JIT,		/* of a perf map or jitdump, what is new: jail_jit.h */
	RP_JAIL_PLACES_OPEN,	/* where a file's debugging data are: jail_places.h */
	RP_JAIL_PLACES,		/* lines and inlined functions */
	RP_JAIL_DEBUG_FILE,	/* whether it is a debug file: jail_debug.h */
	RP_JAIL_JOBS_NR
};

struct rp_jail;

struct rp_jail_limits {			/* 0: what is said here */
	uint64_t cpu_s;			/* of a job: 20 seconds */
	uint64_t memory;		/* of address space: 1 GiB; half of it if 32-bit */
	uint64_t wait_ns;		/* for a job: two minutes */
};

struct rp_jail_stats {
	uint64_t jobs, started;		/* jails that were started */
	uint64_t died, late;		/* jobs that ended so */
	uint64_t cpu_ns[RP_JAIL_JOBS_NR]; /* CPU time of those that were done */
};

/*
 * Starts one, and sees that it answers. 0 or -errno, with a sentence in why. limits may be
 * NULL.
 */
int rp_jail_start(struct rp_jail **ret, const struct rp_jail_limits *limits, char *why,
		  size_t why_size);
void rp_jail_stop(struct rp_jail *j);	/* j may be NULL */

/* A file that a job asks for, by a path that it was told or made up. fd or -errno. */
typedef int (*rp_jail_opener)(void *arg, const char *path);

/*
 * Has a job done: fd, words (their size at most RP_JAIL_WORDS_MAX) and opener (NULL: nothing
 * is opened) are what it gets. Returns what the job returned, with its result (to be freed)
 * on 0 and a sentence in why otherwise; -EBADMSG also if the jail died of it or was too
 * late; or -errno if there was no jail to be had.
 */
int rp_jail_ask(struct rp_jail *j, enum rp_jail_job job, int fd, const void *words,
		size_t size, rp_jail_opener opener, void *arg, void **ret, size_t *ret_size,
		char *why, size_t why_size);

/* Of an error of asking: may it be none the next time? This machine was short of something. */
bool rp_jail_error_passes(int err);

/*
 * For who asked and got what cannot be: a file has made that jail its own, and what is parsed
 * next should not be left to it. It ends, as if it had died of the job. j may be NULL.
 * -EBADMSG, with a sentence in why.
 */
int rp_jail_disown(struct rp_jail *j, char *why, size_t why_size);

/*
 * From now on, while this thread waits for a job to be done, or for another thread's to make
 * room, call() is called every few milliseconds; NULL: no longer. A job that it asks for is
 * -EDEADLK.
 */
void rp_jail_meanwhile(void (*call)(void *arg), void *arg);

/* These do not wait for a job. */
void rp_jail_stats(struct rp_jail *j, struct rp_jail_stats *ret);
/* The CPU time of its process, and of those before it; the job in hand included. */
uint64_t rp_jail_cpu_ns(struct rp_jail *j);
/* 0: there is none now. */
pid_t rp_jail_pid(struct rp_jail *j);

/*
 * Gives its memory back: its process ends, and the next job gets a new one. False: a job is
 * being done. j may be NULL.
 */
bool rp_jail_rest(struct rp_jail *j);

/* If this process was started as a jail: does its work, and never returns. */
void rp_jail_main(int argc, char **argv);

#endif
