/* SPDX-License-Identifier: GPL-2.0 */
/* What jail*.c share. Private to them. */
#ifndef RP_JAIL_PRIVATE_H
#define RP_JAIL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_JAIL_ARGUMENT "--parse-for-ringprof"	/* then: CPU seconds, bytes of memory */
#define RP_JAIL_FD 3		/* its end of the socket */

/* A jail's first steps: goes on as init's child; and, confined, says that it is there. */
void rp_jail_go_apart(void);
void rp_jail_say(int err, const char *why);

/* A job's result, made by it; data is freed when it has been sent. */
struct rp_jail_result {
	void *data;
	size_t size;
	char why[512];		/* a sentence, if it fails */
};

/* Does a job: 0 and a result, or -errno and a sentence. fd is closed by who calls. */
typedef int (*rp_jail_worker)(int fd, const char *words, size_t size,
			      struct rp_jail_result *ret);

/* What this thread does while it waits (rp_jail_meanwhile()), every so many milliseconds. */
#define RP_JAIL_MEANWHILE_MS 10
bool rp_jail_has_meanwhile(void);
void rp_jail_do_meanwhile(void);

/* In a jail: asks the keeper for a file. A descriptor or -errno. */
int rp_jail_open(const char *path);

/*
 * Gives up everything but to read what it has, to write to its socket, and memory. 0 or

 */
int rp_jail_confine(uint64_t memory, char *why, size_t why_size);
/* From now on, so many seconds more of CPU time; then it is killed (SIGXCPU). */
void rp_jail_limit_cpu(uint64_t cpu_s);

#endif
