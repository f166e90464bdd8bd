// SPDX-License-Identifier: GPL-2.0
/*
 * The descriptor comes with the first byte of a head; a head is sent in one piece, and asked
 * for in one.
 */
#include "jail_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "jail_private.h"

#define MS 1000000u

static int send_all(int socket, const void *data, size_t size)
{
	const char *p = data;
	ssize_t n;

	while (size) {
		n = send(socket, p, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int rp_jail_send_head(int socket, const struct rp_jail_head *head, int fd, const void *data)
{
	struct iovec part = { .iov_base = (void *)head, .iov_len = sizeof(*head) };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(*head))
		return -EPIPE;
	return send_all(socket, data, (size_t)head->size);
}

int rp_jail_send(int socket, enum rp_jail_kind kind, int code, int fd, const void *data,
		 size_t size)
{
	const struct rp_jail_head head = { .kind = kind, .code = code, .size = size };

	return rp_jail_send_head(socket, &head, fd, data);
}

static int wait_for(int socket, uint64_t deadline)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	int n, wait_ms;
	uint64_t at;

	for (;;) {
		at = rp_clock_ns(CLOCK_MONOTONIC);
		if (deadline && at >= deadline)
			return -ETIMEDOUT;
		wait_ms = deadline ? (int)((deadline - at) / MS) + 1 : -1;
		if (rp_jail_has_meanwhile())
			wait_ms = RP_JAIL_MEANWHILE_MS;
		n = poll(&p, 1, wait_ms);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		rp_jail_do_meanwhile();
	}
}

static int receive_some(int socket, uint64_t deadline, char *to, size_t size, struct msghdr *m,
			size_t *ret)
{
	struct iovec part = { .iov_base = to, .iov_len = size };
	int err = wait_for(socket, deadline);
	ssize_t n;

	if (err)
		return err;
	m->msg_iov = &part;
	m->msg_iovlen = 1;
	n = recvmsg(socket, m, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (!n)
		return -EPIPE;
	*ret = (size_t)n;
	return 0;
}

static int receive_all(int socket, uint64_t deadline, char *to, size_t size)
{
	size_t done = 0, n;
	int err = 0;

	while (!err && done < size) {
		struct msghdr m = { 0 };

		n = 0;
		err = receive_some(socket, deadline, to + done, size - done, &m, &n);
		done += n;
	}
	return err;
}

/* One descriptor at most; whatever else came is closed. */
static int take_descriptor(struct msghdr *m)
{
	struct cmsghdr *c;
	int fd = -1, one;
	size_t i;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len; i++) {
			memcpy(&one, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (fd < 0)
				fd = one;
			else
				close(one);
		}
	}
	return fd;
}

static int receive_head(int socket, uint64_t deadline, struct rp_jail_head *ret, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { 0 };
	size_t n = 0;
	int err = 0;

	*ret_fd = -1;
	while (!err && !n) {
		m = (struct msghdr){ .msg_control = control.bytes,
				     .msg_controllen = sizeof(control.bytes) };
		err = receive_some(socket, deadline, (char *)ret, sizeof(*ret), &m, &n);
	}
	if (err)
		return err;
	*ret_fd = take_descriptor(&m);
	return receive_all(socket, deadline, (char *)ret + n, sizeof(*ret) - n);
}

int rp_jail_receive(int socket, uint64_t deadline, size_t max, struct rp_jail_head *ret,
		    int *ret_fd, void **ret_data)
{
	char *data = NULL;
	int err = receive_head(socket, deadline, ret, ret_fd);

	if (!err && ret->size > max)
		err = -EPROTO;
	if (!err) {
		data = malloc((size_t)ret->size + 1);
		err = data ? receive_all(socket, deadline, data, (size_t)ret->size) : -ENOMEM;
	}
	if (err) {
		free(data);
		if (*ret_fd >= 0)
			close(*ret_fd);
		*ret_fd = -1;
		return err;
	}
	data[ret->size] = '\0';
	*ret_data = data;
	return 0;
}
