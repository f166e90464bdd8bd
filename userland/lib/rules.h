/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules: the sections [service "REGEX"] of the configuration. Each gives attributes to the
 * processes that its pattern matches.
 *
 *	[service "^/opt/shop/bin/([a-z]+)$"]
 *	service.name = shop-$1
 *	service.namespace = shop
 *
 * Order   As in the file; a process has the attributes of the first rule that matches,
 *         and of no other.
 * Pattern An extended regular expression of POSIX (regex(7)), found anywhere in the
 *         text, as grep -E does, byte by byte. No back-references (\1): their cost has no
 *         bound, and the text is a stranger's.
 * match   What it is compared with: exe, the program's path where it runs (if not told);
 *         comm, the process's name; cmdline, the words of its command line with spaces
 *         between; unit, systemd's innermost (user_unit of cgroup.h, else unit);
 *         container, pod; cgroup, the path. What is not known matches nothing.
 * Values  $1 .. $9 are the pattern's groups, $$ is a $. Of what a group brings, bytes that
 *         a value cannot have become '_'; a value that comes to nothing is left out.
 * Limits  RP_RULES_MAX rules, attributes as in attributes.h.
 * Memory  The rules own everything. Zeroed they are none.
 */
#ifndef RP_RULES_H
#define RP_RULES_H

#include <stddef.h>

#include "attributes.h"

#define RP_RULES_MAX 256

struct rp_rule;

struct rp_rules {
	struct rp_rule *items;
	size_t nr;
};

enum rp_rule_match {
	RP_RULE_EXE, RP_RULE_COMM, RP_RULE_CMDLINE, RP_RULE_UNIT, RP_RULE_CONTAINER,
	RP_RULE_POD, RP_RULE_CGROUP,
	RP_RULE_MATCHES,
};

/*
 * A further rule, without attributes. 0; -EINVAL and a sentence: not a pattern, or too
 * many rules; -ENOMEM and a sentence.
 */
int rp_rules_add(struct rp_rules *r, const char *pattern, char *why, size_t why_size);
/* match or an attribute of the last one. The same. */
int rp_rules_set(struct rp_rules *r, const char *key, const char *value, char *why,
		 size_t why_size);
/* Whether the last one is complete. 0, or -EINVAL and a sentence. */
int rp_rules_check(const struct rp_rules *r, char *why, size_t why_size);
void rp_rules_free(struct rp_rules *r);

/*
 * The attributes for a process, NULL or "" for what is not known of it. Adds none if no
 * rule matches. 0 or -ENOMEM.
 */
int rp_rules_apply(const struct rp_rules *r, const char *const texts[static RP_RULE_MATCHES],
		   struct rp_attributes *ret);

#endif
