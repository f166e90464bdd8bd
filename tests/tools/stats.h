/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats.h - promise 1, asked of the module: the counters of a session, CPU by CPU,
 * and whether taken = delivered + refused + lost holds in each of them.
 */
#ifndef RP_STATS_H
#define RP_STATS_H

#include "genl.h"

struct rp_stats {
	unsigned int cpus;	/* for how many there was an answer */
	unsigned int wrong;	/* for how many the sum does not hold */
	uint64_t taken, delivered;	/* of all of them */
};

static inline uint64_t rp_attr_u64(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *a = rp_attr_find((const char *)nest + NLA_HDRLEN,
					      nest->nla_len - NLA_HDRLEN, type);
	uint64_t value = 0;

	if (a && a->nla_len == NLA_HDRLEN + sizeof(value))
		memcpy(&value, (const char *)a + NLA_HDRLEN, sizeof(value));
	return value;
}

static inline void rp_stats_add(struct rp_stats *stats, const struct nlmsghdr *nl)
{
	uint64_t sums[] = { [RP_CLASS_TAKEN] = 0, [RP_CLASS_NOTE] = 0 };
	const char *attrs = (const char *)NLMSG_DATA(nl) + GENL_HDRLEN;
	const struct nlattr *nest;

	if (nl->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return;
	nest = rp_attr_find(attrs, nl->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
			    RP_A_COUNTERS);
	if (!nest)
		return;
#define RP_X_SUM(id, name, class, text) \
	sums[RP_CLASS_##class] += rp_attr_u64(nest, 1 + RP_COUNTER_##id);
	RP_COUNTERS(RP_X_SUM)
#undef RP_X_SUM
	stats->cpus++;
	stats->wrong += sums[RP_CLASS_TAKEN] != sums[RP_CLASS_DELIVERED] +
			sums[RP_CLASS_REFUSED] + sums[RP_CLASS_LOST];
	stats->taken += sums[RP_CLASS_TAKEN];
	stats->delivered += sums[RP_CLASS_DELIVERED];
}

/* Returns as rp_genl_ask. A session that ends meanwhile gives fewer CPUs. */
static inline int rp_stats_ask(int fd, uint16_t family, uint32_t session,
			       struct rp_stats *ret)
{
	const struct nlmsghdr *nl;
	struct rp_message m;
	char buffer[32768];
	ssize_t len;

	memset(ret, 0, sizeof(*ret));
	rp_message_begin(&m, family, RP_CMD_STATS);
	m.nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rp_message_put_u32(&m, RP_A_SESSION, session);
	if (send(fd, &m, m.nl.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		len = recv(fd, buffer, sizeof(buffer), 0);
		if (len < 0)
			return -errno;
		for (nl = (const void *)buffer; NLMSG_OK(nl, len); nl = NLMSG_NEXT(nl, len)) {
			if (nl->nlmsg_type == NLMSG_DONE || nl->nlmsg_type == NLMSG_ERROR)
				return -*(const int *)NLMSG_DATA(nl);
			rp_stats_add(ret, nl);
		}
	}
}

#endif
