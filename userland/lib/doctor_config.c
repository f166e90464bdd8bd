// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's configuration lies in one of several places, depending on who built
 * it. It is looked for in that order: what the kernel itself says comes first.
 */
#include "doctor_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rp_doctor_load_config(struct rp_doctor *d)
{
	static const struct {
		const char *before, *after;
	} places[] = {
		{ "/boot/config-", "" }, { "/lib/modules/", "/config" },
		{ "/usr/lib/modules/", "/config" }, { "/lib/modules/", "/build/.config" },
	};
	char path[PATH_MAX];
	size_t i, len;

	if (!rp_doctor_load(d, "/proc/config.gz", &d->config, &len))
		return;
	for (i = 0; *d->report->release && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", places[i].before, d->report->release,
			 places[i].after);
		if (!rp_doctor_load(d, path, &d->config, &len))
			return;
	}
}

/* What stands behind CONFIG_name=; NULL: nothing. */
static const char *value(const struct rp_doctor *d, const char *name)
{
	const char *at = d->config;
	size_t len = strlen(name);

	while (at) {
		if (!strncmp(at, "CONFIG_", 7) && !strncmp(at + 7, name, len) &&
		    at[7 + len] == '=')
			return at + 7 + len + 1;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return NULL;
}

char rp_doctor_config(const struct rp_doctor *d, const char *name)
{
	const char *v = value(d, name);

	if (!d->config)
		return '?';
	return v && (*v == 'y' || *v == 'm') ? *v : 'n';
}

long rp_doctor_config_number(const struct rp_doctor *d, const char *name)
{
	const char *v = value(d, name);

	return v ? strtol(v, NULL, 0) : 0;
}

bool rp_doctor_cmdline_has(const struct rp_doctor *d, const char *word)
{
	char line[4096], *save, *w;

	if (rp_doctor_read(d, "/proc/cmdline", line, sizeof(line)) < 0)
		return false;
	for (w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save)) {
		if (!strcmp(w, word))
			return true;
	}
	return false;
}
