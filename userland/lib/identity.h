/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel says of a process besides its mappings: its control groups (cgroup.h),
 * its user, its number in its own PID namespace, its command line. A process's own word
 * is in environ.h; of this, only the command line is (a process may write there what it
 * likes) and the name.
 *
 * As labels, by their names in OpenTelemetry's semantic conventions where these have one:
 *
 *	process.command		argv[0]
 *	process.user.id		the effective user, as the reader's user namespace numbers it
 *	process.vpid		its number where it runs, if that is not the host's
 *	systemd.unit, systemd.user_unit	of cgroup.h
 *
 * and as attributes of a resource: container.id, k8s.pod.uid.
 *
 * Race    All of it is of one process, which is the one that has the number when it is
 *         read: it may have ended (then there is nothing) or have started another
 *         program since; `exe`, what ran then, is there to notice that. While a program
 *         is being loaded its command line is empty.
 *         What cannot be read is not there; nothing stands in for it.
 * Text    Values are such as attributes may have (attributes.h); what was none has '_'
 *         for its bytes. cmdline, cgroup and exe may be any text.
 * Limits  RP_IDENTITY_COMMAND_MAX bytes of argv[0], RP_IDENTITY_CMDLINE_MAX of all.
 */
#ifndef RP_IDENTITY_H
#define RP_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "profile.h"

#define RP_IDENTITY_COMMAND_MAX	255
#define RP_IDENTITY_CMDLINE_MAX	1023

struct rp_identity {		/* its text is its own; NULL: there is none */
	bool known;		/* it was read */
	char *container, *pod, *unit, *user_unit;
	char *cgroup;		/* path */
	char *exe;		/* the program's path, where it runs */
	char *command;		/* argv[0] */
	char *cmdline;		/* with spaces between its words */
	char comm[16];		/* of the first thread, raw; "": not known */
	uint32_t uid, vpid;
	bool has_uid;
	bool has_vpid;		/* and it is another than pid */
};

/* What of it is to be labels. */
enum {
	RP_IDENTITY_CONTAINER	= 1 << 0,	/* container.id, k8s.pod.uid */
	RP_IDENTITY_UNIT	= 1 << 1,
	RP_IDENTITY_USER	= 1 << 2,
	RP_IDENTITY_COMMAND	= 1 << 3,
	RP_IDENTITY_VPID	= 1 << 4,
	RP_IDENTITY_ALL		= (1 << 5) - 1,
};
#define RP_IDENTITY_LABELS_MAX 7

/*
 * proc: "/proc". 0; -ENOENT, -ESRCH and others when there is no such process (any more);
 * -ENOMEM. *ret is untouched on failure.
 */
int rp_identity_read(const char *proc, uint32_t pid, struct rp_identity *ret);
void rp_identity_free(struct rp_identity *id);
bool rp_identity_equal(const struct rp_identity *a, const struct rp_identity *b);

/*
 * Whether it is known, and of the program with this path, by their file names: that may
 * have one path for the kernel and another where it runs. NULL or "": not known either,
 * which may be any.
 */
bool rp_identity_is_of(const struct rp_identity *id, const char *path);
/*
 * Reads it again, or first if it is zeroed, and returns whether it is another now. It
 * stays as it is if it cannot be read, or what is there now is of another program or, as
 * of a process that has exited, has lost its program or its command.
 */
bool rp_identity_refresh(struct rp_identity *id, const char *proc, uint32_t pid,
			 const char *path);

/*
 * The same, for one that was perhaps read too early: if it has no command yet, as of a
 * process that was just loading its program. false: nothing was missing, or is new.
 */
bool rp_identity_complete(struct rp_identity *id, const char *proc, uint32_t pid);

/* Adds container.id and k8s.pod.uid. 0, -ENOSPC or -ENOMEM. */
int rp_identity_attributes(const struct rp_identity *id, struct rp_attributes *a);

/* Writes labels of p, at most RP_IDENTITY_LABELS_MAX. Returns how many. */
unsigned int rp_identity_labels(const struct rp_identity *id, unsigned int which,
				struct rp_profile *p, struct rp_profile_label *ret,
				unsigned int room);
/* Whether a label has this key: then no attribute may. */
bool rp_identity_is_label(const char *key);

#endif
