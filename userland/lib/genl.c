// SPDX-License-Identifier: GPL-2.0
/*
 * libnl 3.7 reads no extended acks: it hands the error structure to a callback. The
 * message header stands right before that structure, and the attributes behind it,
 * behind a copy of the request if the ack is not capped. A dump that fails half-way
 * says so in its NLMSG_DONE, which has the same attributes behind an int.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "genl.h"

#define ANSWER_TIMEOUT_S 10	/* the kernel answers at once, or something is stuck */

int rp_genl_errno(int nl_error)
{
	static const struct {
		int nl, err;
	} map[] = {
		{ NLE_AGAIN, ETIMEDOUT }, { NLE_NOMEM, ENOMEM }, { NLE_INVAL, EINVAL },
		{ NLE_RANGE, ERANGE }, { NLE_MSGSIZE, EMSGSIZE }, { NLE_PERM, EPERM },
		{ NLE_NOACCESS, EACCES }, { NLE_OBJ_NOTFOUND, ENOENT },
		{ NLE_BUSY, EBUSY }, { NLE_NODEV, ENODEV }, { NLE_OPNOTSUPP, EOPNOTSUPP },
		{ NLE_MSG_TRUNC, EMSGSIZE }, { NLE_MSG_TOOSHORT, EBADMSG },
		{ NLE_PARSE_ERR, EBADMSG }, { NLE_BAD_SOCK, EBADF }, { NLE_INTR, EINTR },
		{ NLE_AF_NOSUPPORT, EAFNOSUPPORT }, { NLE_DUMP_INTR, EAGAIN },
		{ NLE_PROTO_MISMATCH, EPROTONOSUPPORT },
	};
	size_t i;

	nl_error = nl_error < 0 ? -nl_error : nl_error;
	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if (map[i].nl == nl_error)
			return -map[i].err;
	}
	return -EIO;
}

static int resolve_error(int nl_error, char *why, size_t size)
{
	int err = rp_genl_errno(nl_error);

	if (err == -ENOENT) {
		snprintf(why, size, "the kernel has no netlink family \"%s\": the module is not loaded (modprobe ringprof; ringprofctl doctor says what is in the way)",
			 RP_GENL_NAME);
		return -ENODEV;
	}
	snprintf(why, size, "generic netlink does not answer: %s", nl_geterror(nl_error));
	return err;
}

int rp_genl_open(struct nl_sock **ret, int *ret_family, char *why, size_t why_size)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct nl_sock *sock = nl_socket_alloc();
	int family, err, on = 1;

	if (!sock) {
		snprintf(why, why_size, "out of memory");
		return -ENOMEM;
	}
	err = genl_connect(sock);
	if (err) {
		snprintf(why, why_size, "no generic netlink socket: %s", nl_geterror(err));
		err = rp_genl_errno(err);
		goto free;
	}
	/* Both are refinements: before Linux 4.12 the first does not exist. */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		   sizeof(timeout));
	family = genl_ctrl_resolve(sock, RP_GENL_NAME);
	if (family < 0) {
		err = resolve_error(family, why, why_size);
		goto free;
	}
	*ret_family = family;
	*ret = sock;
	return 0;

free:
	nl_socket_free(sock);
	return err;
}

/* Bytes of the payload that stand before the attributes; -1: there are none. */
static long ext_ack_offset(const struct nlmsghdr *hdr)
{
	size_t len = hdr->nlmsg_len - NLMSG_HDRLEN, at;
	const struct nlmsgerr *e;

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return -1;
	if (hdr->nlmsg_type == NLMSG_DONE)
		return NLMSG_ALIGN(sizeof(int));
	if (hdr->nlmsg_type != NLMSG_ERROR || len < sizeof(*e))
		return -1;
	e = NLMSG_DATA(hdr);
	at = sizeof(*e);
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED)) {
		if (e->msg.nlmsg_len < NLMSG_HDRLEN || e->msg.nlmsg_len > len)
			return -1;
		at += e->msg.nlmsg_len - NLMSG_HDRLEN;
	}
	return (long)NLMSG_ALIGN(at);
}

const char *rp_genl_ext_ack(const struct nlmsghdr *hdr)
{
	const struct nlattr *a;
	long at;
	int left;

	if (hdr->nlmsg_len < NLMSG_HDRLEN)
		return NULL;
	at = ext_ack_offset(hdr);
	left = (int)(hdr->nlmsg_len - NLMSG_HDRLEN);
	if (at < 0 || at >= left)
		return NULL;
	a = (const struct nlattr *)((const char *)NLMSG_DATA(hdr) + at);
	for (left -= (int)at; nla_ok(a, left); a = nla_next(a, &left)) {
		if (nla_type(a) == NLMSGERR_ATTR_MSG && nla_len(a) > 0 &&
		    memchr(nla_data(a), '\0', (size_t)nla_len(a)))
			return nla_data(a);
	}
	return NULL;
}

int rp_genl_attrs(struct nlmsghdr *hdr, int family, struct rp_attrs *ret)
{
	struct genlmsghdr *genl;

	if (hdr->nlmsg_type != family)
		return -ENOMSG;
	if (!genlmsg_valid_hdr(hdr, 0))
		return -EBADMSG;
	genl = nlmsg_data(hdr);
	return rp_attrs_parse(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), ret);
}
