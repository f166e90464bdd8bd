// SPDX-License-Identifier: GPL-2.0
/*
 * One table says where each attribute lives and how large it is; parsing and putting
 * both follow it, so that they cannot disagree. Numbers are copied by memcpy: a u64
 * in a netlink message is aligned to 4 bytes only.
 */
#include <errno.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "attrs.h"

enum kind { NUMBER = 1, STRING, NEST };

static const struct field {
	uint8_t kind;
	bool request;		/* a SET request may carry it */
	uint16_t offset, size;	/* size: bytes; of a NEST: entries */
} fields[RP_A_NR] = {
#define FIELD(member) \
	.offset = __builtin_offsetof(struct rp_attrs, member), \
	.size = sizeof(((struct rp_attrs *)0)->member)
#define NUMBERS(attr, member) [attr] = { .kind = NUMBER, FIELD(member) }
#define SETTING(attr, member) [attr] = { .kind = NUMBER, .request = true, FIELD(member) }
#define NESTS(attr, member, nr) \
	[attr] = { .kind = NEST, .size = nr, \
		   .offset = __builtin_offsetof(struct rp_attrs, member) }
	NUMBERS(RP_A_ABI_MAJOR, abi_major),
	NUMBERS(RP_A_ABI_MINOR, abi_minor),
	[RP_A_RELEASE] = { .kind = STRING, FIELD(release) },
	NUMBERS(RP_A_CAPS, caps),
	NUMBERS(RP_A_FREQ_MAX, freq_max),
	NUMBERS(RP_A_DEPTH_MAX, depth_max),
	NUMBERS(RP_A_NR_CPUS, nr_cpus),
	SETTING(RP_A_SESSION, session),
	NUMBERS(RP_A_OWNER_PID, owner_pid),
	[RP_A_OWNER_COMM] = { .kind = STRING, FIELD(owner_comm) },
	NUMBERS(RP_A_RUNNING, running),
	SETTING(RP_A_TICK, tick),
	SETTING(RP_A_FREQ, freq),
	SETTING(RP_A_KERNEL_DEPTH, kernel_depth),
	SETTING(RP_A_USER_DEPTH, user_depth),
	SETTING(RP_A_MODES, modes),
	SETTING(RP_A_FILTER_PID, filter_pid),
	SETTING(RP_A_FILTER, filter),
	NUMBERS(RP_A_RING_BYTES, ring_bytes),
	NUMBERS(RP_A_WATERMARK, watermark),
	NUMBERS(RP_A_CPU, cpu),
	NUMBERS(RP_A_ONLINE, online),
	NUMBERS(RP_A_RUN_NS, run_ns),
	NUMBERS(RP_A_SELF_NS, self_ns),
	NUMBERS(RP_A_EVENT, event),
	NUMBERS(RP_A_TICK_SOURCE, tick_source),
	NUMBERS(RP_A_TICK_WHY, tick_why),
	NUMBERS(RP_A_TABLES, tables),
	NUMBERS(RP_A_TABLE_BYTES, table_bytes),
	SETTING(RP_A_TABLE_LIMIT, table_limit),
	SETTING(RP_A_BUDGET, budget_ppm),
	SETTING(RP_A_COALESCE, coalesce_ms),
	NUMBERS(RP_A_LIMITED, limited),
	NESTS(RP_A_COUNTERS, counters, RP_COUNTER_NR),
	NESTS(RP_A_KERNEL_STOPS, kernel_stops, RP_STOP_NR),
	NESTS(RP_A_USER_STOPS, user_stops, RP_STOP_NR),
};

static int parse_nest(const struct nlattr *nest, uint64_t *values, unsigned int nr,
		      uint32_t *unknown)
{
	const struct nlattr *a;
	unsigned int type;
	int left;

	nla_for_each_nested(a, nest, left) {
		type = (unsigned int)nla_type(a);
		if (type < 1)	/* the attribute that aligns the next one */
			continue;
		if (type > nr) {
			if (unknown)
				++*unknown;
			continue;
		}
		if (nla_len(a) != sizeof(*values))
			return -EBADMSG;
		memcpy(&values[type - 1], nla_data(a), sizeof(*values));
	}
	return 0;
}

static int parse_one(const struct nlattr *a, unsigned int type, struct rp_attrs *attrs)
{
	const struct field *f = &fields[type];
	char *at = (char *)attrs + f->offset;
	size_t len = (size_t)nla_len(a);

	switch (f->kind) {
	case NUMBER:
		if (len != f->size)
			return -EBADMSG;
		memcpy(at, nla_data(a), f->size);
		break;
	case STRING:
		len = strnlen(nla_data(a), len);
		if (len >= f->size)
			len = f->size - 1;
		memcpy(at, nla_data(a), len);
		at[len] = '\0';
		break;
	case NEST:
		return parse_nest(a, (uint64_t *)(void *)at, f->size,
				  type == RP_A_COUNTERS ? &attrs->unknown_counters : NULL);
	}
	return 0;
}

int rp_attrs_parse(const struct nlattr *head, int len, struct rp_attrs *ret)
{
	struct rp_attrs attrs = { 0 };
	const struct nlattr *a;
	unsigned int type;
	int left, err;

	nla_for_each_attr(a, head, len, left) {
		type = (unsigned int)nla_type(a);
		if (type >= RP_A_NR || !fields[type].kind)
			continue;
		err = parse_one(a, type, &attrs);
		if (err)
			return err;
		attrs.has |= RP_HAS(type);
	}
	*ret = attrs;
	return 0;
}

int rp_attrs_put(struct nl_msg *msg, const struct rp_attrs *a)
{
	unsigned int type;

	for (type = 0; type < RP_A_NR; type++) {
		if (!(a->has & RP_HAS(type)))
			continue;
		if (!fields[type].request)
			return -EINVAL;
		if (nla_put(msg, (int)type, fields[type].size,
			    (const char *)a + fields[type].offset) < 0)
			return -EMSGSIZE;
	}
	return 0;
}
