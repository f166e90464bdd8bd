// SPDX-License-Identifier: GPL-2.0
/*
 * inih splits the lines. Its handler is not told the line, and its return value
 * knows one error only; so the lines are counted where inih asks for them, which
 * also is the place to see what it would silently do: cut a long line in two, or
 * take an indented one for a continuation. The name of a section it ends at 49 bytes and at
 * the first ], so a rule's pattern is taken out before it.
 */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config_key.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reading {
	struct rp_config *config;
	const char *path;
	FILE *file;
	unsigned int line;
	unsigned int seen[RP_CONFIG_KEYS_MAX];	/* the line that set it, 0: none */
	struct rp_attributes seen_resource;
	unsigned int rule;		/* the line of the open rule's section, 0: none */
	bool rule_failed;		/* it had a wrong line */
	struct rp_attributes seen_rule;
	char section[64];
	bool skip;			/* the section is unknown: that was said */
	bool failed;
	rp_config_report *report;
	void *user;
};

static void complain_at(struct reading *r, unsigned int line, const char *sentence)
{
	char text[RP_CONFIG_WHY_SIZE + 256];

	snprintf(text, sizeof(text), "%s:%u: %s", r->path, line, sentence);
	r->report(r->user, text);
	r->failed = true;
}

static void complain(struct reading *r, const char *sentence)
{
	complain_at(r, r->line, sentence);
}

/* ---- rules --------------------------------------------------------------------- */

static void end_rule(struct reading *r)
{
	char why[RP_CONFIG_WHY_SIZE];

	if (r->rule && !r->rule_failed &&
	    rp_rules_check(&r->config->rules, why, sizeof(why)))
		complain_at(r, r->rule, why);
	r->rule = 0;
	r->rule_failed = false;
	rp_attributes_free(&r->seen_rule);
}

static bool is_rule(const char *line)
{
	size_t word = strlen("[" RP_CONFIG_RULE);

	return !strncmp(line, "[" RP_CONFIG_RULE, word) && strchr(" \t\"]\r\n", line[word]);
}

/*
 * The pattern of [service "PATTERN"], with an end; NULL: there is none. It ends at the
 * first "] that only a comment may follow, so that it can hold ] and ".
 */
static char *find_pattern(char *line)
{
	char *pattern, *end, *after;

	pattern = line + strlen("[" RP_CONFIG_RULE);
	pattern += strspn(pattern, " \t");
	if (*pattern++ != '"')
		return NULL;
	for (end = strstr(pattern, "\"]"); end; end = strstr(end + 1, "\"]")) {
		after = end + 2 + strspn(end + 2, " \t\r\n");
		if (!*after || *after == '#' || *after == ';') {
			*end = '\0';
			return pattern;
		}
	}
	return NULL;
}

/* inih sees a section that it can take. */
static void begin_rule(struct reading *r, char *line)
{
	const char *pattern = find_pattern(line);
	char why[RP_CONFIG_WHY_SIZE] =
		"a rule needs a pattern: write its section as [service \"REGEX\"]";

	r->skip = !pattern || rp_rules_add(&r->config->rules, pattern, why, sizeof(why));
	if (r->skip)
		complain(r, why);
	else
		r->rule = r->line;
	strcpy(line, "[" RP_CONFIG_RULE "]\n");
}

/* ---- lines --------------------------------------------------------------------- */

/* inih calls the handler for keys only: an unknown empty section shows here. */
static void look_at_section(struct reading *r, char *line)
{
	char why[RP_CONFIG_WHY_SIZE];
	size_t len;

	if (*line != '[')
		return;
	end_rule(r);
	if (is_rule(line)) {
		begin_rule(r, line);
		return;
	}
	len = strcspn(line + 1, "]");
	if (line[1 + len] != ']')
		return;
	snprintf(r->section, sizeof(r->section), "%.*s", (int)len, line + 1);
	r->skip = rp_config_section_check(r->section, why, sizeof(why));
	if (r->skip)
		complain(r, why);
}

/* fgets() for inih. What it must not see is replaced by an empty line. */
static char *read_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;
	char *start;
	int c;

	if (!fgets(buf, size, r->file))
		return NULL;
	r->line++;
	if (!strchr(buf, '\n') && !feof(r->file)) {
		while ((c = fgetc(r->file)) != EOF && c != '\n')
			;
		complain(r, "the line is too long (or holds a NUL byte): 198 characters are the limit");
		/* What follows a section of which nothing is known is nobody's. */
		if (*buf == '[') {
			end_rule(r);
			r->skip = true;
		}
		return strcpy(buf, "\n");
	}
	start = buf + (r->line == 1 && !strncmp(buf, BYTE_ORDER_MARK, 3) ? 3 : 0);
	start += strspn(start, " \t");
	memmove(buf, start, strlen(start) + 1);
	look_at_section(r, buf);
	return buf;
}

static bool attribute_twice(struct reading *r, struct rp_attributes *seen, const char *name)
{
	char why[RP_CONFIG_WHY_SIZE];

	if (!rp_attributes_get(seen, name)) {
		rp_attributes_set(seen, name, "seen");
		return false;
	}
	snprintf(why, sizeof(why), "%.128s is given twice: keep one of the lines", name);
	complain(r, why);
	return true;
}

static bool given_twice(struct reading *r, const char *section, const char *name)
{
	int key = rp_config_key_once(section, name);
	char why[RP_CONFIG_WHY_SIZE];
	unsigned int *seen;

	if (!strcmp(section, "resource"))
		return attribute_twice(r, &r->seen_resource, name);
	if (r->rule)
		return attribute_twice(r, &r->seen_rule, name);
	if (key < 0)
		return false;
	seen = &r->seen[key];
	if (!*seen) {
		*seen = r->line;
		return false;
	}
	snprintf(why, sizeof(why), "%s is given twice: line %u has it already", name, *seen);
	complain(r, why);
	return true;
}

static int take_pair(void *user, const char *section, const char *name,
		     const char *value)
{
	struct reading *r = user;
	char why[RP_CONFIG_WHY_SIZE];

	if (!*section) {
		complain(r, "a key stands before the first section: begin with a line such as [sampling]");
		return 1;
	}
	if (r->skip)
		return 1;
	if (given_twice(r, section, name))
		return 1;
	if (r->rule ? rp_rules_set(&r->config->rules, name, value, why, sizeof(why)) :
		      rp_config_set(r->config, section, name, value, why, sizeof(why))) {
		complain(r, why);
		r->rule_failed = true;
	}
	return 1;
}

int rp_config_read(struct rp_config *c, const char *path, rp_config_report *report,
		   void *user)
{
	struct reading r = { .config = c, .path = path, .report = report, .user = user };
	char text[RP_CONFIG_WHY_SIZE];
	int line, err = 0;

	r.file = fopen(path, "re");
	if (r.file) {
		line = ini_parse_stream(read_line, &r, take_pair, &r);
		if (line > 0) {
			r.line = (unsigned int)line;
			complain(&r, "the line is neither [section] nor key = value");
		}
		end_rule(&r);
		if (ferror(r.file))
			err = -(errno ? errno : EIO);
		fclose(r.file);
	} else {
		err = -errno;
	}
	rp_attributes_free(&r.seen_resource);
	if (err) {
		snprintf(text, sizeof(text), "%.300s: cannot read the configuration: %s",
			 path, strerror(-err));
		report(user, text);
		return err;
	}
	return r.failed ? -EINVAL : 0;
}
