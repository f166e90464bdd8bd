/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether ringprof can work on a host: looked at item by item, each with what is so
 * and what to do about it.
 *
 *	struct rp_doctor_report *r = malloc(sizeof(*r));
 *	rp_doctor_examine(&(struct rp_doctor_host){ .root = "" }, r);
 *	for (i = 0; i < r->nr; i++)
 *		... r->findings[i].what ...
 *
 * It reads files, changes nothing, opens no session, and takes a file that is absent
 * or cannot be read for something that is not known. Items keep their names; which of
 * them are there depends on the host.
 *
 * Threads One at a time for a report; reports do not share anything.
 */
#ifndef RP_DOCTOR_H
#define RP_DOCTOR_H

#include "attrs.h"
#include "why.h"

enum rp_doctor_state {
	RP_DOCTOR_OK,
	RP_DOCTOR_WARNING,	/* works, with less than there could be, or after a step */
	RP_DOCTOR_PROBLEM,	/* keeps ringprof from working, at least for this caller */
	RP_DOCTOR_UNKNOWN,	/* could not be found out */
	RP_DOCTOR_STATES
};

/* "ok", "warning", "problem", "unknown" */
const char *rp_doctor_state_name(enum rp_doctor_state state);

#define RP_DOCTOR_TEXT_SIZE 640

struct rp_doctor_finding {
	const char *name;			/* "signature": one word, static */
	enum rp_doctor_state state;
	char what[RP_DOCTOR_TEXT_SIZE];		/* what is so */
	char advice[RP_DOCTOR_TEXT_SIZE];	/* what to do; "": nothing */
};

#define RP_DOCTOR_FINDINGS_MAX 32

struct rp_doctor_report {
	char release[65];			/* the kernel's; "": not known */
	size_t nr;
	struct rp_doctor_finding findings[RP_DOCTOR_FINDINGS_MAX];
};

/*
 * What is looked at. root stands before every path: "" for the running host, a folder
 * (without a slash at its end) for a tree of files as another host has them.
 */
struct rp_doctor_host {
	const char *root;
	const struct rp_attrs *info;	/* the module's answer to INFO; NULL: none */
	const char *info_why;		/* why, a sentence; NULL: no such netlink family */
};

void rp_doctor_examine(const struct rp_doctor_host *host, struct rp_doctor_report *ret);

/* How many findings of r have that state. */
unsigned int rp_doctor_count(const struct rp_doctor_report *r, enum rp_doctor_state state);

#endif
