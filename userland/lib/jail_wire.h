/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes between a jail (jail.h) and its keeper: messages over a stream socket, each a
 * head, perhaps with a descriptor, and `size` bytes. Private to jail*.c.
 *
 *	keeper	JOB	code: which (enum rp_jail_job); a descriptor; what it is told
 *	jail	OPEN	asks for a file: its path
 *	keeper	OPENED	code: 0 and a descriptor, or -errno
 *	jail	DONE	code: what the job returned; its result, or, if that is not 0, a sentence
 *
 * Either side takes the other's messages for hostile: sizes are bounded before memory is
 * asked for, and what is out of turn ends the conversation (-EPROTO).
 */
#ifndef RP_JAIL_WIRE_H
#define RP_JAIL_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum rp_jail_kind { RP_JAIL_JOB = 1, RP_JAIL_OPEN, RP_JAIL_OPENED, RP_JAIL_DONE };

#define RP_JAIL_WORDS_MAX (64u << 10)	/* bytes of any message but a result */
#define RP_JAIL_RESULT_MAX (512u << 20)	/* bytes of a result */

struct rp_jail_head {
	uint32_t kind;
	int32_t code;
	uint64_t size;
	uint64_t cpu_ns;	/* of DONE: the CPU time of the job */
	uint64_t pid;		/* of the first DONE, which says that it is there */
};

/* fd -1: none; it stays the caller's. 0 or -errno; -EPIPE: the other side is gone. */
int rp_jail_send(int socket, enum rp_jail_kind kind, int code, int fd, const void *data,
		 size_t size);
/* The same, with all of the head as it is. */
int rp_jail_send_head(int socket, const struct rp_jail_head *head, int fd, const void *data);

/*
 * Waits for a message, of at most max bytes, but not longer than until the time `deadline`
 * (CLOCK_MONOTONIC, ns; 0: for ever). *ret_data, to be freed, has a NUL behind its end;
 * *ret_fd is -1 if none came. 0; -ETIMEDOUT; -EPIPE: the other side is gone; -EPROTO;
 * -ENOMEM; -errno.
 */
int rp_jail_receive(int socket, uint64_t deadline, size_t max, struct rp_jail_head *ret,
		    int *ret_fd, void **ret_data);

#endif
