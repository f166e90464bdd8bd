// SPDX-License-Identifier: GPL-2.0
/*
 * What a key is, may hold and defaults to stands in one table, which the file, the
 * command line and the sentences about errors share.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_key.h"
#include "config_value.h"
#include "proto/ringprof.h"

#define SECOND	1000000000ull
#define DAY	(86400 * SECOND)

/* Numbers to SWITCH, texts from PATH, lists of texts from HEADER. */
enum type { NUMBER, BYTES, LIMIT, POWER, DURATION, MILLISECONDS, MODES, TICK, SHARE, SWITCH, PATH, URL, WORD, HEADER, FOLDER,
	    SERVER };

struct key {
	const char *section, *name;
	enum type type;
	size_t offset;
	size_t size;			/* of the field: numbers have 4 or 8 bytes */
	uint64_t min, max;
	const char *def;		/* as it would be written; NULL: none */
};

#define KEY(section, name, type, field, min, max, def) \
	{ section, name, type, offsetof(struct rp_config, field), \
	  sizeof(((struct rp_config *)0)->field), min, max, def }
#define TEXT(section, name, type, field) KEY(section, name, type, field, 0, 0, NULL)

static const struct key keys[] = {
	KEY("sampling", "frequency", NUMBER, sampling.frequency, RP_FREQ_MIN, RP_FREQ_MAX, "19"),
	KEY("sampling", "kernel-depth", NUMBER, sampling.kernel_depth, 0, RP_DEPTH_MAX, "127"),
	KEY("sampling", "user-depth", NUMBER, sampling.user_depth, 0, RP_DEPTH_MAX, "127"),
	KEY("sampling", "modes", MODES, sampling.modes, 0, 0, "kernel,user,kthread"),
	KEY("sampling", "tick", TICK, sampling.tick, 0, 0, "auto"),
	KEY("sampling", "budget", SHARE, sampling.budget_ppm, 0, 0, NULL),
	KEY("sampling", "coalesce", MILLISECONDS, sampling.coalesce_ms, 0, RP_COALESCE_MAX, "1s"),
	KEY("sampling", "ring-size", POWER, sampling.ring_bytes, RP_RING_BYTES_MIN,
	    RP_RING_BYTES_MAX, "512K"),
	KEY("unwind", "memory", BYTES, unwind.memory_bytes, 0, RP_TABLE_LIMIT_MAX, "64M"),
	KEY("unwind", "cpu", NUMBER, unwind.cpu_percent, 1, 100, "5"),
	KEY("unwind", "cache-directory", PATH, unwind.cache_directory, 0, 0,
	    "/var/cache/ringprof/tables"),
	KEY("unwind", "cache-bytes", BYTES, unwind.cache_bytes, 0, UINT64_MAX, "256M"),
	KEY("symbols", "lines", SWITCH, symbols.lines, 0, 0, "no"),
	KEY("symbols", "inlines", SWITCH, symbols.inlines, 0, 0, "no"),
	TEXT("symbols", "debug-directory", FOLDER, symbols.debug_dirs),
	TEXT("symbols", "debuginfod", SERVER, symbols.servers),
	KEY("symbols", "debuginfod-directory", PATH, symbols.server_directory, 0, 0,
	    "/var/cache/ringprof/debuginfod"),
	KEY("symbols", "debuginfod-bytes", BYTES, symbols.server_bytes, 1 << 20, UINT64_MAX, "2G"),
	KEY("symbols", "debuginfod-file-bytes", BYTES, symbols.server_file_bytes, 64 << 10,
	    UINT64_MAX, "512M"),
	KEY("symbols", "debuginfod-timeout", DURATION, symbols.server_timeout_ns, SECOND,
	    3600 * SECOND, "5m"),
	KEY("budget", "cpu", NUMBER, budget.cpu_percent, 0, 100, "5"),
	KEY("budget", "memory", LIMIT, budget.memory_bytes, 8 << 20, UINT64_MAX, "128M"),
	KEY("window", "length", DURATION, window.length_ns, SECOND, 3600 * SECOND, "60s"),
	KEY("output", "directory", PATH, output.directory, 0, 0, "/var/lib/ringprof/profiles"),
	KEY("output", "keep-files", NUMBER, output.keep_files, 0, UINT32_MAX, "0"),
	KEY("output", "keep-bytes", BYTES, output.keep_bytes, 0, UINT64_MAX, "1G"),
	KEY("output", "keep-age", DURATION, output.keep_age_ns, 0, 3650 * DAY, "7d"),
	TEXT("export", "url", URL, export.url),
	TEXT("export", "tenant", WORD, export.tenant),
	KEY("export", "timeout", DURATION, export.timeout_ns, SECOND, 600 * SECOND, "10s"),
	TEXT("export", "spool-directory", PATH, export.spool_directory),
	KEY("export", "spool-bytes", BYTES, export.spool_bytes, 64 << 10, UINT64_MAX, "64M"),
	TEXT("export", "header", HEADER, export.headers),
	TEXT("export", "token-file", PATH, export.token_file),
	TEXT("export", "username", WORD, export.username),
	TEXT("export", "password-file", PATH, export.password_file),
};

#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))
_Static_assert(NR_KEYS <= RP_CONFIG_KEYS_MAX, "config_file.c remembers the line of each");

static const struct key *find_key(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (!strcmp(keys[i].section, section) && !strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* "a, b and c" of the sections (section == NULL) or of one section's keys. */
static void list_names(const char *section, char *text, size_t size)
{
	const char *last = "";
	const char *name;
	size_t i, used = 0;

	for (i = 0; i < NR_KEYS && used < size; i++) {
		name = section ? keys[i].name : keys[i].section;
		if ((section && strcmp(keys[i].section, section)) || !strcmp(name, last))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 used ? ", " : "", name);
		last = name;
	}
	if (!section && used < size)
		snprintf(text + used, size - used, ", resource, service \"REGEX\"");
}

int rp_config_section_check(const char *section, char *why, size_t why_size)
{
	char names[256];
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (!strcmp(keys[i].section, section))
			return 0;
	if (!strcmp(section, "resource"))
		return 0;
	if (!strcmp(section, RP_CONFIG_RULE)) {
		snprintf(why, why_size, "rules stand in the file only, as [service \"REGEX\"]");
		return -EINVAL;
	}
	list_names(NULL, names, sizeof(names));
	snprintf(why, why_size, "there is no section [%.60s]; there are: %s", section, names);
	return -EINVAL;
}

int rp_config_key_once(const char *section, const char *name)
{
	const struct key *key = find_key(section, name);

	return key && key->type < HEADER ? (int)(key - keys) : -1;
}

static int set_text(char **field, const char *value)
{
	char *copy = NULL;

	if (*value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*field);
	*field = copy;
	return 0;
}

static int set_number(void *field, const struct key *key, const char *value,
		      char *why, size_t why_size)
{
	uint64_t n = 0;
	int err;

	switch (key->type) {
	case NUMBER:
		err = rp_value_number(value, key->min, key->max, &n, why, why_size);
		break;
	case DURATION:
		err = rp_value_duration(value, key->min, key->max, &n, why, why_size);
		break;
	case LIMIT:
		/* "0" says that there is none. */
		err = !strcmp(value, "0") ? 0 :
			rp_value_bytes(value, key->min, key->max, &n, why, why_size);
		break;
	case MILLISECONDS:
		err = rp_value_milliseconds(value, key->max, &n, why, why_size);
		break;
	case MODES:
		err = rp_value_modes(value, &n, why, why_size);
		break;
	case TICK:
		err = rp_value_tick(value, &n, why, why_size);
		break;
	case SHARE:
		err = rp_value_share(value, &n, why, why_size);
		break;
	case SWITCH:
		err = rp_value_switch(value, &n, why, why_size);
		break;
	default:
		err = rp_value_bytes(value, key->min, key->max, &n, why, why_size);
		break;
	}
	if (!err && key->type == POWER && (n & (n - 1))) {
		snprintf(why, why_size, "is not a power of two, such as 256K, 512K or 1M");
		err = -EINVAL;
	}
	if (err)
		return err;
	if (key->size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)n;
	else
		*(uint64_t *)field = n;
	return 0;
}

static int check_text(const struct key *key, const char *value, char *why, size_t why_size)
{
	if (!*value)
		return 0;
	switch (key->type) {
	case PATH:
		return rp_value_check_path(value, why, why_size);
	case FOLDER:
		return rp_value_check_folder(value, why, why_size);
	case SERVER:
		return rp_value_check_server(value, why, why_size);
	case URL:
		return rp_value_check_url(value, why, why_size);
	case HEADER:
		return rp_value_check_header(value, why, why_size);
	default:
		return rp_value_check_word(value, why, why_size);
	}
}

static int set_key(struct rp_config *c, const struct key *key, const char *value,
		   char *why, size_t why_size)
{
	void *field = (char *)c + key->offset;
	struct rp_config_list *list;
	int err;

	if (key->type <= SWITCH)
		return set_number(field, key, value, why, why_size);
	err = check_text(key, value, why, why_size);
	if (err)
		return err;
	list = key->type >= HEADER ? field : NULL;
	if (list && list->nr == RP_CONFIG_LIST_MAX) {
		snprintf(why, why_size, "is one too many: %d are the limit", RP_CONFIG_LIST_MAX);
		return -EINVAL;
	}
	err = set_text(list ? &list->items[list->nr] : field, value);
	if (list && !err && *value)
		list->nr++;
	if (err)
		snprintf(why, why_size, "could not be stored: there is no memory");
	return err;
}

/* Secrets are named, not shown; the rest is shown as it was written. */
int rp_config_set(struct rp_config *c, const char *section, const char *name,
		  const char *value, char *why, size_t why_size)
{
	const struct key *key = find_key(section, name);
	char names[256], reason[256] = "";
	int err;

	if (rp_config_section_check(section, why, why_size))
		return -EINVAL;
	if (!key && strcmp(section, "resource")) {
		list_names(section, names, sizeof(names));
		snprintf(why, why_size, "there is no key %.60s in [%s]; there are: %s", name,
			 section, names);
		return -EINVAL;
	}
	err = key ? set_key(c, key, value, reason, sizeof(reason)) :
		    rp_value_attribute(&c->resource, name, value, reason,
				       sizeof(reason));
	if (err && key && (key->type == HEADER || key->type == URL || key->type == SERVER))
		snprintf(why, why_size, "%s: the value %s", name, reason);
	else if (err)
		snprintf(why, why_size, "%.128s = %.120s: this %s", name, value, reason);
	return err;
}

int rp_config_init(struct rp_config *c)
{
	char why[RP_CONFIG_WHY_SIZE];
	size_t i;
	int err;

	*c = (struct rp_config){ 0 };
	for (i = 0; i < NR_KEYS; i++) {
		if (!keys[i].def)
			continue;
		err = set_key(c, &keys[i], keys[i].def, why, sizeof(why));
		if (err)
			return err;
	}
	return 0;
}

void rp_config_free(struct rp_config *c)
{
	struct rp_config_list *list;
	size_t i;

	for (i = 0; i < NR_KEYS; i++) {
		void *field = (char *)c + keys[i].offset;

		if (keys[i].type >= HEADER)
			for (list = field; list->nr; list->nr--)
				free(list->items[list->nr - 1]);
		else if (keys[i].type >= PATH)
			free(*(char **)field);
	}
	rp_attributes_free(&c->resource);
	rp_rules_free(&c->rules);
	*c = (struct rp_config){ 0 };
}

int rp_config_set_text(struct rp_config *c, const char *text, char *why, size_t why_size)
{
	char *copy = strdup(text), *key, *value;
	int err = -EINVAL;

	if (!copy) {
		snprintf(why, why_size, "there is no memory");
		return -ENOMEM;
	}
	value = strchr(copy, '=');
	key = strchr(copy, '.');
	if (!value || !key || key > value) {
		snprintf(why, why_size,
			 "%.120s: write it as section.key=value, such as window.length=10s",
			 text);
	} else {
		*key++ = '\0';
		*value++ = '\0';
		err = rp_config_set(c, copy, key, value, why, why_size);
	}
	free(copy);
	return err;
}

int rp_config_check(const struct rp_config *c, char *why, size_t why_size)
{
	const char *wrong = NULL;

	if (!c->output.directory && !c->export.url)
		wrong = "neither [output] directory nor [export] url is set: profiles would go nowhere";
	else if (!(c->sampling.modes & (RP_MODE_KERNEL | RP_MODE_USER)))
		wrong = "[sampling] modes must name kernel or user: kthread alone leaves no frames";
	else if (!c->sampling.kernel_depth && !c->sampling.user_depth)
		wrong = "[sampling] kernel-depth and user-depth are both 0: no stack would be left";
	else if (!c->export.username != !c->export.password_file)
		wrong = "[export] username and password-file go together: set both or none";
	else if (c->export.username && c->export.token_file)
		wrong = "[export] has token-file and username: a request can be authorized in one way only";
	else if (c->symbols.servers.nr && !c->symbols.server_directory)
		wrong = "[symbols] debuginfod is set and debuginfod-directory is empty: what comes needs a place";
	else if (c->symbols.server_file_bytes > c->symbols.server_bytes)
		wrong = "[symbols] debuginfod-file-bytes is more than debuginfod-bytes: raise this, or lower that";
	if (!wrong)
		return 0;
	snprintf(why, why_size, "%s", wrong);
	return -EINVAL;
}
