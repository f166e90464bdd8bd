// SPDX-License-Identifier: GPL-2.0
/*
 * Every call is one request and a wait until the kernel's last message for it: an ack,
 * an error, or the end of a dump. Answers are always read to the end, even when the
 * caller had enough, and answers to an older request (one that timed out) are skipped
 * by their sequence number: otherwise the next call would read them as its own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "control.h"
#include "genl.h"

struct rp_control {
	struct nl_sock *sock;
	struct nl_cb *cb;
	int family;
	char why[RP_GENL_WHY_SIZE];

	/* The request that is under way. */
	uint32_t seq;
	bool done;
	int error;		/* the kernel's, or the callback's own: -errno */
	int stopped;		/* what each() returned */
	rp_control_each each;
	void *arg;
};

__attribute__((format(printf, 3, 4)))
static int fail(struct rp_control *c, int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(c->why, sizeof(c->why), format, ap);
	va_end(ap);
	return err;
}

/* The kernel's words if it has any, otherwise ours for its error number. */
static void kernel_error(struct rp_control *c, int err, const char *message)
{
	const char *text;

	switch (-err) {
	case EPERM: case EACCES:
		text = "no permission: this takes CAP_SYS_ADMIN (run it as root)";
		break;
	case ENOENT:
		text = "there is no such session";
		break;
	case ESRCH:
		text = "there is no such process";
		break;
	case EINVAL:
		text = "the module refuses the request as invalid (several sessions? name one)";
		break;
	case ERANGE:
		text = "a value is outside of what the module can do";
		break;
	case EBUSY:
		text = "the session is busy";
		break;
	default:
		text = strerror(-err);
	}
	c->error = fail(c, err, "%s", message && *message ? message : text);
}

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct rp_control *c = arg;
	struct rp_attrs attrs;
	int err = rp_genl_attrs(nlmsg_hdr(msg), c->family, &attrs);

	if (err == -ENOMSG)
		return NL_SKIP;
	if (err)
		c->error = fail(c, err, "the module's answer is malformed: install the same release of module and program");
	else if (c->each && !c->stopped && !c->error)
		c->stopped = c->each(c->arg, &attrs);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct rp_control *c = arg;
	/* libnl points into the message: its header stands before. */
	const struct nlmsghdr *hdr = (const void *)((const char *)e - NLMSG_HDRLEN);

	(void)from;
	if (e->msg.nlmsg_seq != c->seq)
		return NL_SKIP;
	c->done = true;
	kernel_error(c, e->error, rp_genl_ext_ack(hdr));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct rp_control *)arg)->done = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct rp_control *c = arg;
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	int err = 0;

	if (nlmsg_datalen(hdr) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(hdr), sizeof(err));
	if (err < 0)
		kernel_error(c, err, rp_genl_ext_ack(hdr));
	c->done = true;
	return NL_STOP;
}

static int on_sequence(struct nl_msg *msg, void *arg)
{
	const struct rp_control *c = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == c->seq ? NL_OK : NL_SKIP;
}

/* Sessions that come and go during a dump are no error: each message is true. */
static int on_interrupted(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

int rp_control_open(struct rp_control **ret, char *why, size_t why_size)
{
	struct rp_control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		goto no_memory;
	err = rp_genl_open(&c->sock, &c->family, why, why_size);
	if (err) {
		free(c);
		return err;
	}
	c->cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!c->cb)
		goto no_memory;
	nl_cb_set(c->cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, c);
	nl_cb_set(c->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, c);
	nl_cb_set(c->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, c);
	nl_cb_set(c->cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, c);
	nl_cb_set(c->cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, c);
	nl_cb_err(c->cb, NL_CB_CUSTOM, on_error, c);
	*ret = c;
	return 0;

no_memory:
	rp_control_close(c);
	snprintf(why, why_size, "out of memory");
	return -ENOMEM;
}

void rp_control_close(struct rp_control *c)
{
	if (!c)
		return;
	if (c->cb)
		nl_cb_put(c->cb);
	if (c->sock)
		nl_socket_free(c->sock);
	free(c);
}

const char *rp_control_error(const struct rp_control *c)
{
	return c->why;
}

static int wait_for_answer(struct rp_control *c)
{
	int err;

	while (!c->done) {
		err = nl_recvmsgs(c->sock, c->cb);
		if (err < 0 && !c->done) {
			err = rp_genl_errno(err);
			return fail(c, err, "no answer from the module: %s", strerror(-err));
		}
	}
	return c->error ? c->error : c->stopped;
}

/* attrs may be NULL: a request without attributes. */
static int ask(struct rp_control *c, enum rp_cmd_nr cmd, int flags,
	       const struct rp_attrs *attrs, rp_control_each each, void *arg)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	c->why[0] = '\0';
	c->done = false;
	c->error = c->stopped = 0;
	c->each = each;
	c->arg = arg;
	if (!msg)
		return fail(c, -ENOMEM, "out of memory");
	err = -EMSGSIZE;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0, flags, (uint8_t)cmd,
			RP_GENL_VERSION))
		err = attrs ? rp_attrs_put(msg, attrs) : 0;
	if (err) {
		fail(c, err, "the request does not fit a message");
		goto free;
	}
	err = nl_send_auto(c->sock, msg);
	if (err < 0) {
		err = rp_genl_errno(err);
		fail(c, err, "the request could not be sent: %s", strerror(-err));
		goto free;
	}
	c->seq = nlmsg_hdr(msg)->nlmsg_seq;
	err = wait_for_answer(c);
free:
	nlmsg_free(msg);
	return err;
}

static int keep_first(void *arg, const struct rp_attrs *a)
{
	struct rp_attrs *ret = arg;

	if (!ret->has)
		*ret = *a;
	return 0;
}

int rp_control_info(struct rp_control *c, struct rp_attrs *ret)
{
	struct rp_attrs info = { 0 };
	int err = ask(c, RP_CMD_INFO, 0, NULL, keep_first, &info);

	if (err)
		return err;
	if (!info.has)
		return fail(c, -EBADMSG, "the module's answer is empty");
	*ret = info;
	return 0;
}

int rp_control_sessions(struct rp_control *c, rp_control_each each, void *arg)
{
	return ask(c, RP_CMD_SESSIONS, NLM_F_DUMP, NULL, each, arg);
}

int rp_control_stats(struct rp_control *c, uint32_t session, rp_control_each each,
		     void *arg)
{
	const struct rp_attrs attrs = { .has = RP_HAS(RP_A_SESSION), .session = session };

	return ask(c, RP_CMD_STATS, NLM_F_DUMP, &attrs, each, arg);
}

int rp_control_set(struct rp_control *c, const struct rp_attrs *change)
{
	return ask(c, RP_CMD_SET, 0, change, NULL, NULL);
}

int rp_control_start(struct rp_control *c, uint32_t session)
{
	const struct rp_attrs attrs = { .has = RP_HAS(RP_A_SESSION), .session = session };

	return ask(c, RP_CMD_START, 0, &attrs, NULL, NULL);
}

int rp_control_stop(struct rp_control *c, uint32_t session)
{
	const struct rp_attrs attrs = { .has = RP_HAS(RP_A_SESSION), .session = session };

	return ask(c, RP_CMD_STOP, 0, &attrs, NULL, NULL);
}
