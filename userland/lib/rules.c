// SPDX-License-Identifier: GPL-2.0
/*
 * What can be wrong with a rule is found when it is read: a value may only name groups
 * that its pattern has. What a process brings can then only be cut and cleaned.
 */
#include "rules.h"

#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"

#define GROUPS_MAX 10		/* with the whole match */

struct rp_rule {
	regex_t regex;
	enum rp_rule_match match;
	struct rp_attributes values;	/* with their $1 */
	bool groups;			/* a value has one */
};

static const char *const matches[RP_RULE_MATCHES] = {
	"exe", "comm", "cmdline", "unit", "container", "pod", "cgroup",
};

/* ---- reading ------------------------------------------------------------------- */

static bool has_back_reference(const char *pattern)
{
	const char *c;

	for (c = pattern; *c; c++) {
		if (*c != '\\')
			continue;
		if (c[1] >= '1' && c[1] <= '9')
			return true;
		if (c[1])
			c++;
	}
	return false;
}

static int check_new(const struct rp_rules *r, const char *pattern, char *why, size_t why_size)
{
	if (!*pattern)
		snprintf(why, why_size, "the pattern is empty: write \".*\" for every process");
	else if (r->nr == RP_RULES_MAX)
		snprintf(why, why_size, "there are too many rules: %d are the limit",
			 RP_RULES_MAX);
	else if (has_back_reference(pattern))
		snprintf(why, why_size, "the pattern has a back-reference (\\1), which would make it slow: write out what it stands for");
	else
		return 0;
	return -EINVAL;
}

int rp_rules_add(struct rp_rules *r, const char *pattern, char *why, size_t why_size)
{
	struct rp_rule rule = { .match = RP_RULE_EXE }, *items;
	char reason[128];
	int err = check_new(r, pattern, why, why_size);

	if (err)
		return err;
	err = regcomp(&rule.regex, pattern, REG_EXTENDED);
	if (err) {
		regerror(err, &rule.regex, reason, sizeof(reason));
		snprintf(why, why_size, "\"%.128s\" is not an extended regular expression: %s",
			 pattern, reason);
		return err == REG_ESPACE ? -ENOMEM : -EINVAL;
	}
	items = realloc(r->items, (r->nr + 1) * sizeof(*items));
	if (!items) {
		regfree(&rule.regex);
		snprintf(why, why_size, "there is no memory for another rule");
		return -ENOMEM;
	}
	r->items = items;
	items[r->nr++] = rule;
	return 0;
}

static int set_match(struct rp_rule *rule, const char *value, char *why, size_t why_size)
{
	size_t i;

	for (i = 0; i < RP_RULE_MATCHES; i++) {
		if (!strcmp(matches[i], value)) {
			rule->match = (enum rp_rule_match)i;
			return 0;
		}
	}
	snprintf(why, why_size, "match = %.60s: this is none of exe, comm, cmdline, unit, container, pod and cgroup",
		 value);
	return -EINVAL;
}

/* Whether each $ of the value means something. */
static int check_groups(struct rp_rule *rule, const char *key, const char *value, char *why,
			size_t why_size)
{
	const char *c;

	for (c = value; *c; c++) {
		if (*c != '$')
			continue;
		c++;
		if (*c == '$')
			continue;
		if (*c < '1' || *c > '9') {
			snprintf(why, why_size, "%.128s = %.120s: $ stands for a group of the pattern, $1 to $9; write $$ for a $",
				 key, value);
			return -EINVAL;
		}
		if ((size_t)(*c - '0') > rule->regex.re_nsub) {
			snprintf(why, why_size, "%.128s = %.120s: the pattern has no group %c, only %zu",
				 key, value, *c, rule->regex.re_nsub);
			return -EINVAL;
		}
		rule->groups = true;
	}
	return 0;
}

int rp_rules_set(struct rp_rules *r, const char *key, const char *value, char *why,
		 size_t why_size)
{
	struct rp_rule *rule = &r->items[r->nr - 1];
	char reason[256];
	int err;

	if (!strcmp(key, "match"))
		return set_match(rule, value, why, why_size);
	err = rp_value_attribute(&rule->values, key, value, reason, sizeof(reason));
	if (err) {
		snprintf(why, why_size, "%.128s = %.120s: this %s", key, value, reason);
		return err;
	}
	return check_groups(rule, key, value, why, why_size);
}

int rp_rules_check(const struct rp_rules *r, char *why, size_t why_size)
{
	if (!r->nr || r->items[r->nr - 1].values.nr)
		return 0;
	snprintf(why, why_size, "the rule sets nothing: give it an attribute, such as service.name = shop");
	return -EINVAL;
}

void rp_rules_free(struct rp_rules *r)
{
	size_t i;

	for (i = 0; i < r->nr; i++) {
		regfree(&r->items[i].regex);
		rp_attributes_free(&r->items[i].values);
	}
	free(r->items);
	*r = (struct rp_rules){ 0 };
}

/* ---- applying ------------------------------------------------------------------ */

struct value {
	char text[RP_ATTRIBUTE_VALUE_MAX + 1];
	size_t len;
};

static void append(struct value *v, const char *text, size_t len)
{
	if (len > sizeof(v->text) - 1 - v->len)
		len = sizeof(v->text) - 1 - v->len;
	memcpy(v->text + v->len, text, len);
	v->len += len;
}

static void expand(struct value *v, const char *template, const char *text,
		   const regmatch_t groups[static GROUPS_MAX])
{
	const regmatch_t *group;
	const char *c;

	v->len = 0;
	for (c = template; *c; c++) {
		if (*c != '$' || c[1] == '$') {
			append(v, c, 1);
			c += *c == '$';
			continue;
		}
		group = &groups[*++c - '0'];
		if (group->rm_so >= 0)
			append(v, text + group->rm_so, (size_t)(group->rm_eo - group->rm_so));
	}
	v->text[v->len] = '\0';
	rp_attribute_make_value(v->text);
}

static int apply(const struct rp_rule *rule, const char *text, const regmatch_t *groups,
		 struct rp_attributes *ret)
{
	struct value v;
	size_t i;
	int err = 0;

	for (i = 0; i < rule->values.nr && !err; i++) {
		expand(&v, rule->values.items[i].value, text, groups);
		if (v.len)
			err = rp_attributes_set(ret, rule->values.items[i].key, v.text);
	}
	return err == -ENOMEM ? err : 0;
}

int rp_rules_apply(const struct rp_rules *r, const char *const texts[static RP_RULE_MATCHES],
		   struct rp_attributes *ret)
{
	regmatch_t groups[GROUPS_MAX] = { 0 };
	const struct rp_rule *rule;
	const char *text;

	for (rule = r->items; rule < r->items + r->nr; rule++) {
		text = texts[rule->match];
		if (text && *text &&
		    !regexec(&rule->regex, text, rule->groups ? GROUPS_MAX : 0, groups, 0))
			return apply(rule, text, groups, ret);
	}
	return 0;
}
