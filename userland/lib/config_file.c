// SPDX-License-Identifier: GPL-2.0
/*
 * inih splits the lines. Its handler is not told the line, and its return value
 * knows one error only; so the lines are counted where inih asks for them, which
 * also is the place to see what it would silently do: cut a long line in two, or
 * take an indented one for a continuation.
 */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config_key.h"

struct reading {
	struct rp_config *config;
	const char *path;
	FILE *file;
	unsigned int line;
	unsigned int seen[RP_CONFIG_KEYS_MAX];	/* the line that set it, 0: none */
	struct rp_attributes seen_resource;
	char section[64];
	bool skip;			/* the section is unknown: that was said */
	bool failed;
	rp_config_report *report;
	void *user;
};

static void complain(struct reading *r, const char *sentence)
{
	char text[RP_CONFIG_WHY_SIZE + 256];

	snprintf(text, sizeof(text), "%s:%u: %s", r->path, r->line, sentence);
	r->report(r->user, text);
	r->failed = true;
}

/* inih calls the handler for keys only: an unknown empty section shows here. */
static void look_at_section(struct reading *r, const char *line)
{
	size_t len = strcspn(line + 1, "]");
	char why[RP_CONFIG_WHY_SIZE];

	if (*line != '[' || line[1 + len] != ']')
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
		return strcpy(buf, "\n");
	}
	start = buf + strspn(buf, " \t");
	memmove(buf, start, strlen(start) + 1);
	look_at_section(r, buf);
	return buf;
}

static bool given_twice(struct reading *r, const char *section, const char *name)
{
	int key = rp_config_key_once(section, name);
	char why[RP_CONFIG_WHY_SIZE];
	unsigned int *seen;

	if (!strcmp(section, "resource")) {
		if (!rp_attributes_get(&r->seen_resource, name)) {
			rp_attributes_set(&r->seen_resource, name, "seen");
			return false;
		}
		snprintf(why, sizeof(why), "%.128s is given twice: keep one of the lines",
			 name);
		complain(r, why);
		return true;
	}
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
	if (!given_twice(r, section, name) &&
	    rp_config_set(r->config, section, name, value, why, sizeof(why)))
		complain(r, why);
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
