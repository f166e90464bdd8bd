// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - messages that are nearly right, several in one packet, from sockets of
 * several kinds; dumps that nobody reads to their end; a subscriber who never reads.
 */
#include "face.h"

#define SOCKETS 4
#define NEST_MAX 6
#define PACKET 16384

struct packet {
	unsigned char bytes[PACKET];
	size_t used;
};

struct peer {
	int fd;
	uint16_t family;
	uint32_t sequence;
};

static const int clean[] = {
	EPERM, EINVAL, ERANGE, ENOENT, EBUSY, ESRCH, EOPNOTSUPP, EMSGSIZE, ENOMEM, ENOBUFS,
};

/* ---- what is sent ------------------------------------------------------------- */

static void put(struct packet *p, const void *data, size_t size)
{
	if (size > sizeof(p->bytes) - p->used)
		size = sizeof(p->bytes) - p->used;
	memcpy(p->bytes + p->used, data, size);
	p->used += size;
}

static void align(struct packet *p)
{
	static const char zero[NLA_ALIGNTO];

	put(p, zero, (NLA_ALIGNTO - p->used % NLA_ALIGNTO) % NLA_ALIGNTO);
}

static uint16_t attribute_type(uint64_t *random)
{
	uint16_t type = (uint16_t)rp_below(random, RP_A_NR + 3);

	if (rp_one_in(random, 16))
		type = (uint16_t)rp_random(random);
	if (rp_one_in(random, 16))
		type |= NLA_F_NESTED;
	if (rp_one_in(random, 32))
		type |= NLA_F_NET_BYTEORDER;
	return type;
}

static void put_attributes(uint64_t *random, struct packet *p, int depth);

static void put_attribute(uint64_t *random, struct packet *p, int depth)
{
	struct nlattr a = { .nla_type = attribute_type(random) };
	size_t at = p->used;
	uint32_t number;

	put(p, &a, sizeof(a));
	if (depth < NEST_MAX && rp_one_in(random, 8)) {
		put_attributes(random, p, depth + 1);
	} else {
		uint32_t words = rp_one_in(random, 4) ? rp_magnitude(random, 64) : 1;

		while (words--) {
			number = face_number(random);
			put(p, &number, sizeof(number));
		}
		if (rp_one_in(random, 8))
			put(p, "odd", 1 + rp_below(random, 3));
	}
	a.nla_len = (uint16_t)(p->used - at);
	if (rp_one_in(random, 16))
		a.nla_len = (uint16_t)(a.nla_len + (int)rp_below(random, 33) - 16);
	else if (rp_one_in(random, 64))
		a.nla_len = (uint16_t)rp_random(random);
	memcpy(p->bytes + at, &a, at + sizeof(a) <= sizeof(p->bytes) ? sizeof(a) : 0);
	align(p);
}

static void put_attributes(uint64_t *random, struct packet *p, int depth)
{
	for (uint32_t nr = rp_below(random, 5); nr; nr--)
		put_attribute(random, p, depth);
}

static void put_u32(struct packet *p, uint16_t type, uint32_t value)
{
	struct nlattr a = { .nla_type = type, .nla_len = NLA_HDRLEN + sizeof(value) };

	put(p, &a, sizeof(a));
	put(p, &value, sizeof(value));
}

/* One that may well be carried out: garbage alone would never get beyond the policy. */
static void put_right(uint64_t *random, struct packet *p, uint8_t cmd)
{
	put_u32(p, RP_A_SESSION, face_session(random));
	if (cmd != RP_CMD_SET)
		return;
	if (rp_one_in(random, 2))
		put_u32(p, RP_A_FREQ, rp_magnitude(random, 2000));
	if (rp_one_in(random, 2))
		put_u32(p, RP_A_USER_DEPTH, rp_below(random, RP_DEPTH_MAX + 1));
	if (rp_one_in(random, 2))
		put_u32(p, RP_A_MODES, 1 + rp_below(random, RP_MODE_ALL));
	if (rp_one_in(random, 8))
		put_u32(p, RP_A_TICK, RP_TICK_HRTIMER + rp_below(random, RP_TICK_PERF));
	if (rp_one_in(random, 4)) {
		put_u32(p, RP_A_FILTER, RP_FILTER_TREE + rp_below(random, 2));
		put_u32(p, RP_A_FILTER_PID, 1 + rp_below(random, 300));
	}
}

static bool is_dump(const struct nlmsghdr *nl, uint8_t cmd)
{
	return (nl->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP &&
	       (cmd == RP_CMD_SESSIONS || cmd == RP_CMD_STATS);
}

/* Returns whether it asks for a dump. */
static bool put_message(uint64_t *random, struct peer *peer, struct packet *p)
{
	static const uint16_t flags[] = {
		NLM_F_REQUEST, NLM_F_REQUEST | NLM_F_ACK, NLM_F_REQUEST | NLM_F_DUMP,
		NLM_F_REQUEST | NLM_F_DUMP | NLM_F_ACK, NLM_F_REQUEST | NLM_F_ECHO, 0,
	};
	bool right = rp_one_in(random, 128);
	struct genlmsghdr genl = {
		.cmd = (uint8_t)rp_below(random, RP_CMD_NR + 2), .version = 1,
	};
	struct nlmsghdr nl = {
		.nlmsg_type = peer->family,
		.nlmsg_flags = flags[rp_below(random, 6)],
		.nlmsg_seq = ++peer->sequence,
	};
	size_t at = p->used;

	if (!right && rp_one_in(random, 32))
		genl.cmd = (uint8_t)rp_random(random);
	if (!right && rp_one_in(random, 32))
		genl.version = (uint8_t)rp_random(random);
	if (!right && rp_one_in(random, 32))
		genl.reserved = (uint16_t)rp_random(random);
	if (!right && rp_one_in(random, 64))
		nl.nlmsg_type = (uint16_t)rp_below(random, NLMSG_MIN_TYPE);
	if (!right && rp_one_in(random, 32))
		nl.nlmsg_flags = (uint16_t)rp_random(random);
	/* Starting and stopping wait for all CPUs: rarely, or there is time for nothing else. */
	if (right && (genl.cmd == RP_CMD_START || genl.cmd == RP_CMD_STOP))
		right = rp_one_in(random, 8);
	/* A dump interrupts every CPU for every session, and waits for it: likewise. */
	if (is_dump(&nl, genl.cmd) && !rp_one_in(random, 8))
		nl.nlmsg_flags &= (uint16_t)~NLM_F_DUMP;
	put(p, &nl, sizeof(nl));
	put(p, &genl, sizeof(genl));
	if (right)
		put_right(random, p, genl.cmd);
	else
		put_attributes(random, p, 0);
	nl.nlmsg_len = (uint32_t)(p->used - at);
	if (!right && rp_one_in(random, 64))
		nl.nlmsg_len = face_number(random);
	memcpy(p->bytes + at, &nl, at + sizeof(nl) <= sizeof(p->bytes) ? sizeof(nl) : 0);
	align(p);
	face_did(FACE_MESSAGES);
	return is_dump(&nl, genl.cmd);
}

/* ---- what comes back ------------------------------------------------------------- */

static void look(const unsigned char *bytes, ssize_t len, uint16_t family)
{
	const struct nlmsghdr *nl = (const void *)bytes;

	for (; NLMSG_OK(nl, len); nl = NLMSG_NEXT(nl, len)) {
		const struct nlmsgerr *err = NLMSG_DATA(nl);

		/* What another family says about garbage is its own business. */
		if (nl->nlmsg_type == NLMSG_ERROR && err->msg.nlmsg_type == family)
			face_answer("a netlink request", -err->error, clean,
				    sizeof(clean) / sizeof(*clean));
		if (nl->nlmsg_type == NLMSG_DONE && nl->nlmsg_len >= NLMSG_LENGTH(4))
			face_answer("a dump", -*(const int *)NLMSG_DATA(nl), clean,
				    sizeof(clean) / sizeof(*clean));
	}
}

static void drain(uint64_t *random, struct peer *peer)
{
	static unsigned char buffer[65536];
	size_t size = rp_one_in(random, 8) ? rp_magnitude(random, 4096) : sizeof(buffer);
	ssize_t len;

	while ((len = recv(peer->fd, buffer, size, MSG_DONTWAIT)) > 0)
		if ((size_t)len < size)
			look(buffer, len, peer->family);
}

static void subscribe(int fd)
{
	/* Ids of groups are given out one by one; ours is among the first. */
	for (int group = 1; group < 32; group++)
		setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

static void open_peer(uint64_t *random, struct peer *peer)
{
	static const int options[] = { NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK, NETLINK_PKTINFO };
	int one = 1;

	peer->fd = rp_genl_open(&peer->family);
	if (peer->fd < 0) {
		face_answer("the family", -peer->fd, NULL, 0);
		return;
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (rp_one_in(random, 2))
			setsockopt(peer->fd, SOL_NETLINK, options[i], &one, sizeof(one));
}

void face_netlink(uint64_t *random)
{
	static struct packet packet;
	struct peer peers[SOCKETS], deaf;
	bool dump;

	for (int i = 0; i < SOCKETS; i++)
		open_peer(random, &peers[i]);
	open_peer(random, &deaf);
	if (deaf.fd >= 0)
		subscribe(deaf.fd);
	while (!face_over()) {
		struct peer *peer = &peers[rp_below(random, SOCKETS)];

		packet.used = 0;
		dump = false;
		for (uint32_t nr = rp_magnitude(random, 8); nr; nr--)
			dump |= put_message(random, peer, &packet);
		if (send(peer->fd, packet.bytes, packet.used, MSG_DONTWAIT) < 0)
			face_answer("sending", errno, clean, sizeof(clean) / sizeof(*clean));
		if (dump && rp_one_in(random, 8)) {
			face_did(FACE_DUMPS);
			close(peer->fd);
			open_peer(random, peer);
		} else if (!rp_one_in(random, 4)) {
			drain(random, peer);
		}
	}
}
