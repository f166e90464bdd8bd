/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One generic netlink socket: a request sent, its answers handed out, and the kernel's
 * extended ack turned into a sentence. What control.c and events.c share.
 */
#ifndef RP_GENL_H
#define RP_GENL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attrs.h"

struct nl_sock;
struct nlmsghdr;

#define RP_GENL_WHY_SIZE 256

/*
 * Connects, and finds the family's number. -ENODEV: there is none, the module is not
 * loaded. The sentence goes to why.
 */
int rp_genl_open(struct nl_sock **ret, int *ret_family, char *why, size_t why_size);

/* libnl's error (negative or not) as -errno. */
int rp_genl_errno(int nl_error);

/*
 * The message of an extended ack in an NLMSG_ERROR or NLMSG_DONE, NULL if there is
 * none. It is NUL-terminated and lies in the message.
 */
const char *rp_genl_ext_ack(const struct nlmsghdr *hdr);

/*
 * The attributes of a message of the family. -EBADMSG: too short, or malformed;
 * -ENOMSG: of another family.
 */
int rp_genl_attrs(struct nlmsghdr *hdr, int family, struct rp_attrs *ret);

#endif
