/* SPDX-License-Identifier: GPL-2.0 */
/*
 * genl.h - generic netlink by hand, for programs that send what a library would not.
 *
 * One request at a time on a socket. Errors come back as they are, positive errno
 * values from the kernel's acknowledgement, negative ones from the socket.
 */
#ifndef RP_GENL_H
#define RP_GENL_H

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/ringprof.h"

struct rp_message {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	char attrs[4096];
};

static inline void rp_message_begin(struct rp_message *m, uint16_t type, uint8_t cmd)
{
	static uint32_t sequence;

	memset(m, 0, sizeof(m->nl) + sizeof(m->genl));
	m->nl.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->nl.nlmsg_type = type;
	m->nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m->nl.nlmsg_seq = __atomic_add_fetch(&sequence, 1, __ATOMIC_RELAXED);
	m->genl.cmd = cmd;
	m->genl.version = 1;
}

static inline void rp_message_put(struct rp_message *m, uint16_t type, const void *data,
				  size_t size)
{
	struct nlattr a = { .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + size) };
	char *at = (char *)m + NLMSG_ALIGN(m->nl.nlmsg_len);

	memset(at, 0, NLA_ALIGN(a.nla_len));	/* and what it is padded with */
	memcpy(at, &a, sizeof(a));
	memcpy(at + NLA_HDRLEN, data, size);
	m->nl.nlmsg_len += NLA_ALIGN(a.nla_len);
}

static inline void rp_message_put_u32(struct rp_message *m, uint16_t type, uint32_t value)
{
	rp_message_put(m, type, &value, sizeof(value));
}

static inline const struct nlattr *rp_attr_find(const char *at, size_t size, uint16_t type)
{
	while (size >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)at;
		size_t whole = NLA_ALIGN(a->nla_len);

		if (a->nla_len < NLA_HDRLEN || whole > size)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		at += whole;
		size -= whole;
	}
	return NULL;
}

/* The message that ends an answer: an acknowledgement, or a dump's end. Or NULL. */
static inline const struct nlmsghdr *rp_genl_end(const struct nlmsghdr *nl, ssize_t len)
{
	for (; NLMSG_OK(nl, len); nl = NLMSG_NEXT(nl, len))
		if (nl->nlmsg_type == NLMSG_DONE || nl->nlmsg_type == NLMSG_ERROR)
			return nl;
	return NULL;
}

/*
 * Sends, and waits for the acknowledgement or the end of the dump. Returns 0, the
 * kernel's error, or -errno; text (which may be NULL) gets the kernel's sentence.
 */
static inline int rp_genl_ask(int fd, const struct rp_message *m, char *text, size_t size)
{
	char buffer[32768];
	const struct nlmsghdr *nl = NULL;
	const struct nlmsgerr *err;
	const struct nlattr *a;
	size_t skip = sizeof(*err);
	ssize_t len;

	if (text)
		text[0] = 0;
	if (send(fd, m, m->nl.nlmsg_len, 0) < 0)
		return -errno;
	while (!nl) {
		len = recv(fd, buffer, sizeof(buffer), 0);
		if (len < 0)
			return -errno;
		nl = rp_genl_end((const void *)buffer, len);
	}
	err = NLMSG_DATA(nl);
	if (nl->nlmsg_type == NLMSG_DONE)
		return -*(const int *)NLMSG_DATA(nl);
	if (text && nl->nlmsg_flags & NLM_F_ACK_TLVS) {
		if (!(nl->nlmsg_flags & NLM_F_CAPPED))
			skip += err->msg.nlmsg_len - sizeof(err->msg);
		a = rp_attr_find((const char *)err + NLMSG_ALIGN(skip),
				 nl->nlmsg_len - NLMSG_HDRLEN - NLMSG_ALIGN(skip),
				 NLMSGERR_ATTR_MSG);
		if (a)
			snprintf(text, size, "%s", (const char *)a + NLA_HDRLEN);
	}
	return -err->error;
}

/* A socket, and the family's number; or -errno, -ENOENT where there is no module. */
static inline int rp_genl_open(uint16_t *ret_family)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int one = 1, error = ENOENT;
	struct rp_message m;
	char buffer[8192];
	const struct nlattr *a = NULL;
	ssize_t len;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	rp_message_begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	m.nl.nlmsg_flags = NLM_F_REQUEST;
	rp_message_put(&m, CTRL_ATTR_FAMILY_NAME, RP_GENL_NAME, sizeof(RP_GENL_NAME));
	len = send(fd, &m, m.nl.nlmsg_len, 0);
	if (len > 0)
		len = recv(fd, buffer, sizeof(buffer), 0);
	if (len < 0)
		error = errno;
	if (len >= (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN))
		a = rp_attr_find(buffer + NLMSG_HDRLEN + GENL_HDRLEN,
				 (size_t)len - NLMSG_HDRLEN - GENL_HDRLEN,
				 CTRL_ATTR_FAMILY_ID);
	if (!a) {
		close(fd);
		return -error;
	}
	memcpy(ret_family, (const char *)a + NLA_HDRLEN, sizeof(*ret_family));
	return fd;
}

#endif
