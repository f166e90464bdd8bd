/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a process says about itself in its environment: OTEL_SERVICE_NAME and
 * OTEL_RESOURCE_ATTRIBUTES, as they were when its program started.
 *
 * The text is the process's own and may be anything: at most RP_ENVIRON_MAX bytes
 * are looked at, and what breaks the rules of attributes.h is ignored whole.
 *
 * Race    By the time it is read the process may have ended (then there is nothing)
 *         or have started another program; `program`, the file name of what ran
 *         when the environment was read, is there to notice that. While a program
 *         is being loaded its environment is empty, as if it had none.
 */
#ifndef RP_ENVIRON_H
#define RP_ENVIRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

#define RP_ENVIRON_MAX		(1u << 20)
#define RP_ENVIRON_PROGRAM_MAX	256

struct rp_environ {
	char *service_name;		/* NULL: not set */
	struct rp_attributes attributes;
	char program[RP_ENVIRON_PROGRAM_MAX];	/* without folder; "": not known */
	bool malformed;			/* a variable was there and was ignored */
	bool empty;			/* no variable at all; see Race */
};

/*
 * proc: "/proc". 0; -ENOENT, -ESRCH, -EACCES and others when it cannot be read;
 * -ENOMEM. *ret is untouched on failure.
 */
int rp_environ_read(const char *proc, uint32_t pid, struct rp_environ *ret);
void rp_environ_free(struct rp_environ *e);

/* The same from memory: NAME=value strings, each with a NUL behind it. */
int rp_environ_parse(const char *text, size_t len, struct rp_environ *ret);

#endif
