/* SPDX-License-Identifier: GPL-2.0 */
/*
 * genl.h - generic netlink under its newest names: messages in refusals, what each
 * command takes, registration. Task context.
 */
#ifndef RINGPROF_COMPAT_GENL_H
#define RINGPROF_COMPAT_GENL_H

#include <net/genetlink.h>

#include "have.h"

/* ---- why a request is refused -------------------------------------------- */

#ifdef RP_HAVE_GENL_EXT_ACK
static inline struct netlink_ext_ack *rp_genl_extack(struct genl_info *info)
{
	return info->extack;
}
#else
struct netlink_ext_ack;

/* Not looked at: none of these kernels can deliver the sentence. RHEL 7 has the name. */
#undef NL_SET_ERR_MSG
#define NL_SET_ERR_MSG(extack, sentence) do { } while (0)
#define NL_SET_ERR_MSG_ATTR(extack, attr, sentence) do { } while (0)
#define GENL_SET_ERR_MSG(info, sentence) do { } while (0)

static inline struct netlink_ext_ack *rp_genl_extack(struct genl_info *info)
{
	return NULL;
}
#endif

static inline struct netlink_ext_ack *rp_dump_extack(struct netlink_callback *cb)
{
#ifdef RP_HAVE_NETLINK_DUMP_EXT_ACK
	return cb->extack;
#else
	return NULL;
#endif
}

/* ---- what a command takes ------------------------------------------------- */

#ifdef RP_HAVE_GENL_OPS_MAXATTR

#define RP_GENL_TAKES(takes, max) .policy = takes, .maxattr = max
#define RP_GENL_FAMILY_MAXATTR(max)

static inline int rp_genl_check(const struct nlmsghdr *request,
				const struct nla_policy *takes, int max,
				struct netlink_ext_ack *extack)
{
	return 0;	/* the core has done it */
}

#else

#define RP_GENL_TAKES(takes, max)
#define RP_GENL_FAMILY_MAXATTR(max) .maxattr = max,

static inline const char *rp_genl_fault(const struct nlattr *attr,
					const struct nla_policy *takes, int max)
{
	int type = attr->nla_type & NLA_TYPE_MASK;

	if (!type || type > max || !takes[type].type)
		return "this command does not take that attribute";
	if (takes[type].type == NLA_U64)
		return type == attr->nla_type && nla_len(attr) == sizeof(u64) ? NULL :
			"that attribute is not a 64-bit number";
	if (type != attr->nla_type || nla_len(attr) != sizeof(u32))
		return "that attribute is not a 32-bit number";
	return NULL;
}

/*
 * Before 5.2 the core lets pass what it does not know, looks at no dump's request, and
 * until 5.9 has one policy for all commands. This is as strict as what came then; all
 * that this family takes are 32-bit and 64-bit numbers.
 */
static inline int rp_genl_check(const struct nlmsghdr *request,
				const struct nla_policy *takes, int max,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, request, GENL_HDRLEN, left) {
		const char *fault = rp_genl_fault(attr, takes, max);

		if (!fault)
			continue;
#ifdef RP_HAVE_GENL_EXT_ACK
		if (extack) {
			extack->_msg = fault;
			extack->bad_attr = attr;
		}
#endif
		return -EINVAL;
	}
	if (left > 0) {
		NL_SET_ERR_MSG(extack, "bytes are left over behind the attributes");
		return -EINVAL;
	}
	return 0;
}
#endif

/* ---- the family ----------------------------------------------------------- */

#ifdef RP_HAVE_GENL_FAMILY_OPS

#define RP_GENL_TABLE const
#define RP_GENL_FAMILY_OPS(list, groups) \
	.ops = list, .n_ops = ARRAY_SIZE(list), \
	.mcgrps = groups, .n_mcgrps = ARRAY_SIZE(groups),

#define rp_genl_register(family, list, groups) genl_register_family(family)

#else
/* Until 3.12 the core linked them into lists, and groups had numbers of their own. */

#define RP_GENL_TABLE
#define RP_GENL_FAMILY_OPS(list, groups) .id = GENL_ID_GENERATE,

/* One group. */
#define rp_genl_register(family, list, groups) \
	rp_genl_register_lists(family, list, ARRAY_SIZE(list), groups)

static inline int rp_genl_register_lists(struct genl_family *family,
					 struct genl_ops *list, size_t nr,
					 struct genl_multicast_group *group)
{
	int err = genl_register_family_with_ops(family, list, nr);

	if (err)
		return err;
	err = genl_register_mc_group(family, group);
	if (err)
		genl_unregister_family(family);
	return err;
}

static inline int rp_genlmsg_multicast(struct genl_family *family, struct sk_buff *skb,
				       u32 portid, gfp_t flags)
{
	struct genl_multicast_group *group =
		list_first_entry(&family->mcast_groups, struct genl_multicast_group,
				 list);

	return genlmsg_multicast(skb, portid, group->id, flags);
}

#define genlmsg_multicast(family, skb, portid, group, flags) \
	rp_genlmsg_multicast(family, skb, portid, flags)

#endif

#ifndef RP_HAVE_NLA_PUT_U64_64BIT
/* Without the padding; readers copy. */
static inline int nla_put_u64_64bit(struct sk_buff *skb, int attr, u64 value, int pad)
{
	return nla_put_u64(skb, attr, value);
}
#endif

#endif
