// SPDX-License-Identifier: GPL-2.0
/* Netlink without a kernel: attributes, extended acks, error numbers, accounting. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "account.h"
#include "attrs.h"
#include "control.h"
#include "genl.h"

static int parse(struct nl_msg *msg, struct rp_attrs *ret)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	return rp_attrs_parse(nlmsg_attrdata(hdr, 0), nlmsg_attrlen(hdr, 0), ret);
}

static struct nl_msg *new_message(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(nlmsg_put(msg, 0, 0, 100, 0, 0));
	return msg;
}

static void put_list(struct nl_msg *msg, int attr, unsigned int nr)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	assert_non_null(nest);
	for (unsigned int i = 0; i < nr; i++) {
		nla_put(msg, 0, 0, "");		/* the kernel's padding */
		nla_put_u64(msg, (int)i + 1, 1000000000000ull + i);
	}
	nla_nest_end(msg, nest);
}

static void test_parse(void **state)
{
	struct nl_msg *msg = new_message();
	struct rp_attrs a;

	(void)state;
	nla_put_u32(msg, RP_A_SESSION, 7);
	nla_put(msg, RP_A_PAD, 0, "");
	nla_put_u64(msg, RP_A_RUN_NS, 1ull << 40);
	nla_put_string(msg, RP_A_OWNER_COMM, "ringprofd");
	nla_put_u32(msg, RP_A_NR + 5, 1);		/* of a newer module */
	put_list(msg, RP_A_COUNTERS, RP_COUNTER_NR);
	put_list(msg, RP_A_USER_STOPS, RP_STOP_NR);
	assert_int_equal(parse(msg, &a), 0);
	assert_true(a.has == (RP_HAS(RP_A_SESSION) | RP_HAS(RP_A_RUN_NS) |
			      RP_HAS(RP_A_OWNER_COMM) | RP_HAS(RP_A_COUNTERS) |
			      RP_HAS(RP_A_USER_STOPS)));
	assert_int_equal(a.session, 7);
	assert_int_equal(a.run_ns, 1ull << 40);
	assert_string_equal(a.owner_comm, "ringprofd");
	assert_int_equal(a.counters[0], 1000000000000ull);
	assert_int_equal(a.counters[RP_COUNTER_NR - 1], 1000000000000ull + RP_COUNTER_NR - 1);
	assert_int_equal(a.user_stops[RP_STOP_FAULT], 1000000000000ull + RP_STOP_FAULT);
	assert_int_equal(a.kernel_stops[0], 0);
	assert_int_equal(a.unknown_counters, 0);
	assert_int_equal(a.freq, 0);
	nlmsg_free(msg);
}

static void test_parse_newer_and_long(void **state)
{
	struct nl_msg *msg = new_message();
	struct rp_attrs a;
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name));
	nla_put(msg, RP_A_OWNER_COMM, sizeof(name), name);	/* not even terminated */
	put_list(msg, RP_A_COUNTERS, RP_COUNTER_NR + 3);
	put_list(msg, RP_A_KERNEL_STOPS, RP_STOP_NR + 3);
	assert_int_equal(parse(msg, &a), 0);
	assert_int_equal(strlen(a.owner_comm), sizeof(a.owner_comm) - 1);
	assert_int_equal(a.unknown_counters, 3);
	nlmsg_free(msg);
}

static void test_parse_malformed(void **state)
{
	struct rp_attrs a = { .session = 5 };
	struct nlattr *nest;
	struct nl_msg *msg;

	(void)state;
	msg = new_message();
	nla_put_u16(msg, RP_A_SESSION, 7);
	assert_int_equal(parse(msg, &a), -EBADMSG);
	nlmsg_free(msg);
	msg = new_message();
	nla_put_u32(msg, RP_A_RUN_NS, 7);
	assert_int_equal(parse(msg, &a), -EBADMSG);
	nlmsg_free(msg);
	msg = new_message();
	nest = nla_nest_start(msg, RP_A_COUNTERS);
	nla_put_u32(msg, 1, 1);
	nla_nest_end(msg, nest);
	assert_int_equal(parse(msg, &a), -EBADMSG);
	nlmsg_free(msg);
	assert_int_equal(a.session, 5);		/* untouched */
}

/* What a request puts is what the other side would parse. */
static void test_put(void **state)
{
	struct rp_attrs a = {
		.has = RP_HAS(RP_A_SESSION) | RP_HAS(RP_A_FREQ) | RP_HAS(RP_A_KERNEL_DEPTH) |
		       RP_HAS(RP_A_TICK) | RP_HAS(RP_A_MODES) | RP_HAS(RP_A_FILTER) | RP_HAS(RP_A_FILTER_PID) |
		       RP_HAS(RP_A_TABLE_LIMIT),
		.session = 3, .freq = 99, .kernel_depth = 0, .modes = RP_MODE_USER,
		.tick = RP_TICK_PERF,
		.filter = RP_FILTER_CHILDREN, .filter_pid = 4711, .user_depth = 55,
		.table_limit = 1ull << 32,
	}, b;
	struct nl_msg *msg = new_message();

	(void)state;
	assert_int_equal(rp_attrs_put(msg, &a), 0);
	assert_int_equal(parse(msg, &b), 0);
	a.user_depth = 0;	/* it had no bit */
	assert_memory_equal(&a, &b, sizeof(a));
	a.has |= RP_HAS(RP_A_COUNTERS);
	assert_int_equal(rp_attrs_put(msg, &a), -EINVAL);
	nlmsg_free(msg);
}

/* ---- extended acks ------------------------------------------------------------- */

/* An NLMSG_ERROR as the kernel sends it: `echo` bytes of the request's payload. */
static struct nl_msg *make_error(int flags, unsigned int echo, const char *text)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *hdr = nlmsg_put(msg, 0, 1, NLMSG_ERROR, 0, flags);
	struct nlmsgerr e = { .error = -EINVAL };
	char payload[64] = { 0 };

	assert_non_null(hdr);
	e.msg.nlmsg_len = NLMSG_HDRLEN + 40;
	assert_int_equal(nlmsg_append(msg, &e, sizeof(e), NLMSG_ALIGNTO), 0);
	if (echo)
		assert_int_equal(nlmsg_append(msg, payload, echo, NLMSG_ALIGNTO), 0);
	nla_put_u32(msg, NLMSGERR_ATTR_OFFS, 20);
	nla_put(msg, NLMSGERR_ATTR_MSG, (int)strlen(text) + 1, text);
	return msg;
}

static void test_ext_ack(void **state)
{
	struct nl_msg *msg = make_error(NLM_F_ACK_TLVS, 40, "frequency out of range");
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	(void)state;
	assert_string_equal(rp_genl_ext_ack(hdr), "frequency out of range");
	/* Cut anywhere, it is no text and nothing is read behind the end. */
	hdr->nlmsg_len--;		/* a byte of padding */
	while (hdr->nlmsg_len--)
		assert_null(rp_genl_ext_ack(hdr));
	nlmsg_free(msg);

	msg = make_error(NLM_F_ACK_TLVS | NLM_F_CAPPED, 0, "capped");
	assert_string_equal(rp_genl_ext_ack(nlmsg_hdr(msg)), "capped");
	nlmsg_free(msg);

	msg = make_error(0, 40, "of an older kernel");
	assert_null(rp_genl_ext_ack(nlmsg_hdr(msg)));
	nlmsg_free(msg);

	/* The copy of the request says that it is longer than the message. */
	msg = make_error(NLM_F_ACK_TLVS, 40, "x");
	((struct nlmsgerr *)nlmsg_data(nlmsg_hdr(msg)))->msg.nlmsg_len = 1u << 30;
	assert_null(rp_genl_ext_ack(nlmsg_hdr(msg)));
	nlmsg_free(msg);
}

static void test_ext_ack_of_dump(void **state)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err = -ENOENT;

	(void)state;
	assert_non_null(nlmsg_put(msg, 0, 1, NLMSG_DONE, 0, NLM_F_ACK_TLVS | NLM_F_MULTI));
	nlmsg_append(msg, &err, sizeof(err), NLMSG_ALIGNTO);
	nla_put_string(msg, NLMSGERR_ATTR_MSG, "no such session");
	assert_string_equal(rp_genl_ext_ack(nlmsg_hdr(msg)), "no such session");
	nlmsg_free(msg);
}

static void test_message(void **state)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct rp_attrs a;

	(void)state;
	assert_non_null(genlmsg_put(msg, 0, 0, 33, 0, 0, RP_CMD_EVENT, 1));
	nla_put_u32(msg, RP_A_EVENT, RP_EVENT_CLOSED);
	assert_int_equal(rp_genl_attrs(nlmsg_hdr(msg), 33, &a), 0);
	assert_int_equal(a.event, RP_EVENT_CLOSED);
	assert_int_equal(rp_genl_attrs(nlmsg_hdr(msg), 34, &a), -ENOMSG);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + 2;
	assert_int_equal(rp_genl_attrs(nlmsg_hdr(msg), 33, &a), -EBADMSG);
	nlmsg_free(msg);
}

static void test_errno(void **state)
{
	(void)state;
	assert_int_equal(rp_genl_errno(-NLE_OBJ_NOTFOUND), -ENOENT);
	assert_int_equal(rp_genl_errno(NLE_PERM), -EPERM);
	assert_int_equal(rp_genl_errno(-NLE_AGAIN), -ETIMEDOUT);
	assert_int_equal(rp_genl_errno(-NLE_MAX), -EIO);
}

/* ---- accounting ---------------------------------------------------------------- */

static void test_account(void **state)
{
	struct rp_attrs one = { .has = RP_HAS(RP_A_COUNTERS), .run_ns = 5 }, sum = { 0 };
	struct rp_account a;

	(void)state;
	one.counters[RP_COUNTER_TAKEN] = 100;
	one.counters[RP_COUNTER_DELIVERED] = 60;
	one.counters[RP_COUNTER_IDLE] = 20;
	one.counters[RP_COUNTER_FILTER_MODE] = 5;
	one.counters[RP_COUNTER_RING_FULL] = 10;
	one.counters[RP_COUNTER_UNREAD] = 5;
	one.counters[RP_COUNTER_SPACE_WRITTEN] = 999;
	one.user_stops[RP_STOP_FRAME] = 3;
	rp_attrs_add(&sum, &one);
	rp_attrs_add(&sum, &one);
	a = rp_account_of(sum.counters);
	assert_int_equal(a.taken, 200);
	assert_int_equal(a.delivered, 120);
	assert_int_equal(a.refused, 50);
	assert_int_equal(a.lost, 30);
	assert_true(rp_account_holds(&a));
	assert_int_equal(sum.user_stops[RP_STOP_FRAME], 6);
	assert_int_equal(sum.run_ns, 10);
	assert_true(sum.has == RP_HAS(RP_A_COUNTERS));
	a.lost--;
	assert_false(rp_account_holds(&a));
}

/* Every line of the list has its class: the sum of all but notes is twice taken. */
static void test_account_lines(void **state)
{
	uint64_t counters[RP_COUNTER_NR];
	unsigned int notes = 0, i;
	struct rp_account a;

	(void)state;
	for (i = 0; i < RP_COUNTER_NR; i++) {
		counters[i] = 1;
		notes += rp_counter_lines[i].class == RP_CLASS_NOTE;
		assert_non_null(rp_counter_lines[i].name);
		assert_non_null(rp_counter_lines[i].text);
	}
	a = rp_account_of(counters);
	assert_int_equal(a.taken + a.delivered + a.refused + a.lost + notes, RP_COUNTER_NR);
	assert_int_equal(a.taken, 1);
	assert_int_equal(a.delivered, 1);
	for (i = 0; i < RP_STOP_NR; i++)
		assert_string_equal(rp_stop_name(i), rp_stop_lines[i].name);
	assert_string_equal(rp_stop_name(RP_STOP_NR), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_newer_and_long),
		cmocka_unit_test(test_parse_malformed),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_ext_ack),
		cmocka_unit_test(test_ext_ack_of_dump),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_account_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
