// SPDX-License-Identifier: GPL-2.0
/*
 * A value is right or it is refused with a sentence that shows a right one:
 * nothing is rounded, cut or guessed, for a profiler that runs with other numbers
 * than it was told is worse than one that does not start.
 */
#include "config_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ringprof.h"
#include "tick_lines.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 },
};
static const struct unit times[] = {
	{ "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },
	{ "h", 3600000000000 }, { "d", 86400000000000 }, { NULL, 0 },
};
static const struct unit ones[] = { { "", 1 }, { NULL, 0 } };

/* Digits and one of the units. 0, -EINVAL or -ERANGE. */
static int parse(const char *text, const struct unit *unit, uint64_t *ret)
{
	uint64_t value = 0;
	const char *c = text;

	for (; isdigit((unsigned char)*c); c++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return -ERANGE;
	if (c == text)
		return -EINVAL;
	while (unit->name && strcmp(unit->name, c))
		unit++;
	if (!unit->name)
		return -EINVAL;
	if (__builtin_mul_overflow(value, unit->factor, &value))
		return -ERANGE;
	*ret = value;
	return 0;
}

/* The value in the largest unit that divides it. */
static const char *show(char buf[static 32], uint64_t value, const struct unit *unit)
{
	const struct unit *best = unit;

	for (; unit->name; unit++)
		if (value && value % unit->factor == 0)
			best = unit;
	snprintf(buf, 32, "%" PRIu64 "%s", value / best->factor, best->name);
	return buf;
}

static int parse_between(const char *text, const struct unit *unit, uint64_t min,
			 uint64_t max, const char *kind, uint64_t *ret, char *why,
			 size_t why_size)
{
	char low[32], high[32];
	uint64_t value = 0;
	int err = parse(text, unit, &value);

	if (err == -EINVAL) {
		snprintf(why, why_size, "is not %s", kind);
		return -EINVAL;
	}
	if (err || value < min || value > max) {
		if (max == UINT64_MAX)
			snprintf(why, why_size, "must be at least %s",
				 show(low, min, unit));
		else
			snprintf(why, why_size, "must be %s to %s", show(low, min, unit),
				 show(high, max, unit));
		return -EINVAL;
	}
	*ret = value;
	return 0;
}

int rp_value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
		    char *why, size_t why_size)
{
	return parse_between(text, ones, min, max, "a whole number", ret, why, why_size);
}

int rp_value_bytes(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
		   char *why, size_t why_size)
{
	return parse_between(text, sizes, min, max,
			     "a size: write bytes, or a number with K, M or G, such as 64M",
			     ret, why, why_size);
}

int rp_value_duration(const char *text, uint64_t min_ns, uint64_t max_ns,
		      uint64_t *ret_ns, char *why, size_t why_size)
{
	/* None needs no unit. */
	if (!min_ns && !strcmp(text, "0")) {
		*ret_ns = 0;
		return 0;
	}
	return parse_between(text, times, min_ns, max_ns,
			     "a duration: write a number with ms, s, m, h or d, such as 60s",
			     ret_ns, why, why_size);
}

int rp_value_milliseconds(const char *text, uint64_t max, uint64_t *ret, char *why,
			  size_t why_size)
{
	uint64_t ns;
	int err = rp_value_duration(text, 0, max * 1000000, &ns, why, why_size);

	if (!err)
		*ret = ns / 1000000;
	return err;
}

/* Digits, and at most four behind a point: a ten thousandth of a percent is the smallest. */
int rp_value_share(const char *text, uint64_t *ret_ppm, char *why, size_t why_size)
{
	uint64_t ppm = 0;
	int behind = -1;
	const char *c;

	for (c = text; isdigit((unsigned char)*c) || (*c == '.' && behind < 0); c++) {
		if (*c == '.') {
			behind = 0;
			continue;
		}
		ppm = ppm < RP_BUDGET_ALL ? ppm * 10 + (uint64_t)(*c - '0') : ppm;
		behind += behind >= 0;
	}
	if (!isdigit((unsigned char)*text) || !behind || behind > 4 || strcmp(c, "%")) {
		snprintf(why, why_size, "is not a share: write a percentage, such as 1%% or 0.05%%");
		return -EINVAL;
	}
	for (behind = behind < 0 ? 0 : behind; behind < 4; behind++)
		ppm *= 10;
	if (ppm < RP_BUDGET_MIN || ppm > RP_BUDGET_ALL) {
		snprintf(why, why_size, "must be 0.0001%% to 100%%");
		return -EINVAL;
	}
	*ret_ppm = ppm;
	return 0;
}

int rp_value_switch(const char *text, uint64_t *ret, char *why, size_t why_size)
{
	if (strcmp(text, "yes") && strcmp(text, "no")) {
		snprintf(why, why_size, "is neither yes nor no");
		return -EINVAL;
	}
	*ret = !strcmp(text, "yes");
	return 0;
}

int rp_value_modes(const char *text, uint64_t *ret, char *why, size_t why_size)
{
	static const struct unit modes[] = {
		{ "kernel", RP_MODE_KERNEL }, { "user", RP_MODE_USER },
		{ "kthread", RP_MODE_KTHREAD }, { NULL, 0 },
	};
	const struct unit *mode;
	uint64_t value = 0;
	size_t len;

	for (;;) {
		text += strspn(text, " \t");
		len = strcspn(text, ", \t");
		for (mode = modes; mode->name; mode++)
			if (strlen(mode->name) == len && !memcmp(mode->name, text, len))
				break;
		if (!mode->name) {
			snprintf(why, why_size,
				 "is not a list of kernel, user and kthread with commas between them");
			return -EINVAL;
		}
		value |= mode->factor;
		text += len;
		text += strspn(text, " \t");
		if (!*text)
			break;
		if (*text != ',') {
			snprintf(why, why_size, "needs commas between the modes");
			return -EINVAL;
		}
		text++;
	}
	*ret = value;
	return 0;
}

int rp_value_tick(const char *text, uint64_t *ret, char *why, size_t why_size)
{
	unsigned int tick;

	for (tick = 0; tick < RP_TICK_NR; tick++) {
		if (!rp_tick_lines[tick].name || strcmp(rp_tick_lines[tick].name, text))
			continue;
		*ret = tick;
		return 0;
	}
	snprintf(why, why_size, "is none of auto, hrtimer and perf");
	return -EINVAL;
}

int rp_value_check_path(const char *text, char *why, size_t why_size)
{
	if (*text == '/')
		return 0;
	snprintf(why, why_size,
		 "is not an absolute path: begin it with /, for a daemon's working directory is not yours");
	return -EINVAL;
}

int rp_value_check_folder(const char *text, char *why, size_t why_size)
{
	size_t len = strlen(text);

	if (rp_value_check_path(text, why, why_size))
		return -EINVAL;
	if (!strstr(text, "/../") && (len < 3 || strcmp(text + len - 3, "/..")))
		return 0;
	snprintf(why, why_size, "has a .. in it: write the folder's path without");
	return -EINVAL;
}

int rp_value_check_server(const char *text, char *why, size_t why_size)
{
	const char *host = !strncmp(text, "http://", 7) ? text + 7 :
			   !strncmp(text, "https://", 8) ? text + 8 : "";
	const char *wrong = NULL, *c;

	for (c = text; *c > ' ' && *c < 0x7f; c++)
		;
	if (!*host || *host == '/')
		wrong = "is not a URL of http or https, such as https://debuginfod.example";
	else if (*c)
		wrong = "holds a character that a URL cannot: use printable ASCII without spaces";
	else if (strcspn(host, "@") < strcspn(host, "/"))
		wrong = "holds a user or a password: debuginfod servers are asked without";
	else if (strpbrk(host, "?#"))
		wrong = "has a query or a fragment: leave out what begins with ? or #";
	else if (strlen(text) > 250)
		wrong = "is longer than 250 bytes";
	if (!wrong)
		return 0;
	snprintf(why, why_size, "%s", wrong);
	return -EINVAL;
}

int rp_value_check_word(const char *text, char *why, size_t why_size)
{
	const char *c;

	for (c = text; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			break;
	if (!*c)
		return 0;
	snprintf(why, why_size, "holds a character that a header cannot: use printable ASCII");
	return -EINVAL;
}

int rp_value_check_header(const char *text, char *why, size_t why_size)
{
	const char *c = text;

	while (isalnum((unsigned char)*c) || *c == '-' || *c == '_')
		c++;
	if (c == text || *c != ':' || !c[1 + strspn(c + 1, " ")]) {
		snprintf(why, why_size, "is not a header: write it as Name: value");
		return -EINVAL;
	}
	return rp_value_check_word(text, why, why_size);
}

int rp_value_attribute(struct rp_attributes *a, const char *key, const char *value, char *why,
		       size_t why_size)
{
	int err;

	if (rp_attribute_check_key(key)) {
		snprintf(why, why_size,
			 "is not an attribute's name: use up to %d printable characters without space, comma and =",
			 RP_ATTRIBUTE_KEY_MAX);
		return -EINVAL;
	}
	err = rp_attributes_set(a, key, value);
	if (err == -EINVAL && !*value)
		snprintf(why, why_size, "has no value: leave the line out instead");
	else if (err == -EINVAL)
		snprintf(why, why_size, "is not UTF-8 without control characters");
	else if (err == -E2BIG)
		snprintf(why, why_size, "is longer than %d bytes", RP_ATTRIBUTE_VALUE_MAX);
	else if (err == -ENOSPC)
		snprintf(why, why_size, "is one attribute too many: %d are the limit",
			 RP_ATTRIBUTES_MAX);
	else if (err)
		snprintf(why, why_size, "could not be stored: there is no memory");
	return err && err != -ENOMEM ? -EINVAL : err;
}
