// SPDX-License-Identifier: GPL-2.0
/* The rules of a configuration file: which are wrong, and whom the others name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_fixture.h"

/* Each is the first line, which the sentence is about. */
static const struct {
	const char *section, *sentence;
} wrong_rules[] = {
	{ "[service]", "a rule needs a pattern: write its section as [service \"REGEX\"]" },
	{ "[service ]", "a rule needs a pattern" },
	{ "[service /x]", "a rule needs a pattern" },
	{ "[service \"/x]", "a rule needs a pattern" },
	{ "[service \"/x\"", "a rule needs a pattern" },
	{ "[service \"/x\"] more", "a rule needs a pattern" },
	{ "[service \"\"]", "the pattern is empty" },
	{ "[service \"(a\"]", "\"(a\" is not an extended regular expression: " },
	{ "[service \"[a\"]", "\"[a\" is not an extended regular expression: " },
	{ "[service \"a{2,1}\"]", "is not an extended regular expression: " },
	{ "[service \"(a)\\1\"]", "the pattern has a back-reference" },
};

static void test_wrong_rules(void **state)
{
	char text[512], place[64];
	struct rp_config c;
	struct said s;
	size_t i;

	(void)state;
	snprintf(place, sizeof(place), "%s:1: ", path);
	for (i = 0; i < sizeof(wrong_rules) / sizeof(wrong_rules[0]); i++) {
		/* What follows such a section is neither said nor taken to be another's. */
		snprintf(text, sizeof(text), "%s\nservice.name = a\nfrequency = x\n[window]\nlength = 2s\n",
			 wrong_rules[i].section);
		assert_int_not_equal(read_text(&c, text, &s), 0);
		if (s.nr != 1 || strncmp(s.text, place, strlen(place)) ||
		    !strstr(s.text, wrong_rules[i].sentence))
			fail_msg("'%s' gives %u sentences: %s", wrong_rules[i].section, s.nr, s.text);
		assert_true(c.window.length_ns == 2000000000u);
		rp_config_free(&c);
	}
}

/* With the lines of both: a rule may be wrong by what is not there. */
static void test_rule_places(void **state)
{
	static const char text[] =
		"[service \"a\"]\n"			/* 1: sets nothing */
		"match = comm\n"
		"[service \"b\"]\n"
		"service.name = b\n"
		"service.name = c\n"			/* 5: twice */
		"match = comm\n"
		"match = exe\n"				/* 7: twice */
		"[service \"b\"]\n"
		"service.name = d\n"			/* another rule's: not twice */
		"[service \"c\"]\n";			/* 10: sets nothing */
	struct rp_config c;
	struct said s;

	(void)state;
	assert_int_not_equal(read_text(&c, text, &s), 0);
	rp_config_free(&c);
	expect_said(&s, 1, "the rule sets nothing");
	expect_said(&s, 5, "service.name is given twice");
	expect_said(&s, 7, "match is given twice");
	expect_said(&s, 10, "the rule sets nothing");
	assert_int_equal(s.nr, 4);
}

static void check_rule(const struct rp_config *c, enum rp_rule_match match, const char *value,
		       const char *service)
{
	const char *texts[RP_RULE_MATCHES] = { 0 };
	struct rp_attributes a = { 0 };
	const char *got;

	texts[match] = value;
	assert_int_equal(rp_rules_apply(&c->rules, texts, &a), 0);
	got = rp_attributes_get(&a, "service.name");
	if (!got != !service || (got && strcmp(got, service)))
		fail_msg("'%s' is of '%s', not of '%s'", value, got ? got : "(none)",
			 service ? service : "(none)");
	rp_attributes_free(&a);
}

static void test_rules(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf[service \"^/opt/shop/bin/([^]/]+)$\"] ; with a ]\n"
		"service.name = shop-$1\n"
		"service.namespace = $$1\n"
		"  [service\t\"say \"[a-z]+\"\"]# with quotes\n"
		"match = cmdline\n"
		"service.name = talker\n"
		"[sampling]\nfrequency = 99\n"
		"[service \"^a-name-of-a-section-that-is-longer-than-what-inih-keeps-of-it-[0-9]+$\"]\n"
		"match = comm\n"
		"service.name = long\n"
		"[service \"\\.service$|(x)\"]\n"
		"match = unit\n"
		"service.name = $1\n"
		"service.version = 2\n"
		"[service \"shop\"]\n"
		"service.name = second\n"
		"[service \"(.*)\"]\n"
		"match = container\n"
		"service.name = $1\n";
	char longer[3000];
	struct rp_config c;
	struct said s;

	(void)state;
	if (read_text(&c, text, &s))
		fail_msg("%s", s.text);
	assert_int_equal(c.sampling.frequency, 99);
	assert_int_equal(c.rules.nr, 6);
	check_rule(&c, RP_RULE_EXE, "/opt/shop/bin/cart", "shop-cart");
	check_rule(&c, RP_RULE_EXE, "/opt/shop/lib/cart", "second");
	check_rule(&c, RP_RULE_EXE, "/bin/sh", NULL);
	check_rule(&c, RP_RULE_EXE, "", NULL);
	check_rule(&c, RP_RULE_CMDLINE, "sh -c say \"hello\"", "talker");
	check_rule(&c, RP_RULE_COMM, "a-name-of-a-section-that-is-longer-than-what-inih-keeps-of-it-1",
		   "long");
	check_rule(&c, RP_RULE_COMM, "shop", NULL);
	/* A group that took no part: there is nothing to say. */
	check_rule(&c, RP_RULE_UNIT, "ssh.service", NULL);
	check_rule(&c, RP_RULE_UNIT, "a-x-", "x");
	check_rule(&c, RP_RULE_POD, "x", NULL);
	check_rule(&c, RP_RULE_CONTAINER, "a\nb\xff", "a_b_");
	memset(longer, 'y', sizeof(longer));
	longer[1100] = longer[sizeof(longer) - 1] = '\0';
	check_rule(&c, RP_RULE_CONTAINER, longer,
		   longer + sizeof(longer) - 1 - RP_ATTRIBUTE_VALUE_MAX);
	rp_config_free(&c);
}

static void test_too_many_rules(void **state)
{
	char text[RP_RULES_MAX * 32 + 64] = "", *at = text;
	struct rp_config c;
	struct said s;
	int i;

	(void)state;
	for (i = 0; i <= RP_RULES_MAX; i++)
		at += sprintf(at, "[service \"a\"]\nteam = b\n");
	assert_int_not_equal(read_text(&c, text, &s), 0);
	assert_int_equal(s.nr, 1);
	assert_non_null(strstr(s.text, ":513: there are too many rules"));
	rp_config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_rules),
		cmocka_unit_test(test_rule_places),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_too_many_rules),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
