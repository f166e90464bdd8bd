// SPDX-License-Identifier: GPL-2.0
/*
 * Events have a socket of their own: on the socket of the requests they would come
 * between question and answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "control.h"
#include "genl.h"

struct rp_events {
	struct nl_sock *sock;
	int family;
	int stopped;		/* what each() returned */
	rp_control_each each;
	void *arg;
};

static int on_event(struct nl_msg *msg, void *arg)
{
	struct rp_events *e = arg;
	struct rp_attrs attrs;

	if (rp_genl_attrs(nlmsg_hdr(msg), e->family, &attrs))
		return NL_SKIP;
	if (!(attrs.has & RP_HAS(RP_A_EVENT)))
		return NL_SKIP;
	e->stopped = e->each(e->arg, &attrs);
	return e->stopped ? NL_STOP : NL_OK;
}

int rp_events_open(struct rp_events **ret, char *why, size_t why_size)
{
	struct rp_events *e = calloc(1, sizeof(*e));
	int err, group;

	if (!e) {
		snprintf(why, why_size, "out of memory");
		return -ENOMEM;
	}
	err = rp_genl_open(&e->sock, &e->family, why, why_size);
	if (err)
		goto close;
	group = genl_ctrl_resolve_grp(e->sock, RP_GENL_NAME, RP_GENL_GROUP);
	err = group < 0 ? group : nl_socket_add_membership(e->sock, group);
	if (!err)
		err = nl_socket_set_nonblocking(e->sock);
	if (err) {
		snprintf(why, why_size, "cannot follow the module's events: %s",
			 nl_geterror(err));
		err = rp_genl_errno(err);
		goto close;
	}
	nl_socket_disable_seq_check(e->sock);
	nl_socket_modify_cb(e->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, e);
	*ret = e;
	return 0;

close:
	rp_events_close(e);
	return err;
}

void rp_events_close(struct rp_events *e)
{
	if (!e)
		return;
	if (e->sock)
		nl_socket_free(e->sock);
	free(e);
}

int rp_events_fd(const struct rp_events *e)
{
	return nl_socket_get_fd(e->sock);
}

int rp_events_read(struct rp_events *e, rp_control_each each, void *arg)
{
	int err;

	e->each = each;
	e->arg = arg;
	e->stopped = 0;
	do {
		err = nl_recvmsgs_default(e->sock);
	} while (err >= 0 && !e->stopped);
	if (e->stopped)
		return e->stopped;
	if (err == -NLE_AGAIN)
		return 0;
	/* libnl has no number of its own for ENOBUFS: it calls it NLE_NOMEM. */
	return err == -NLE_NOMEM ? -ENOBUFS : rp_genl_errno(err);
}
