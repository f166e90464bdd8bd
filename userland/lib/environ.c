// SPDX-License-Identifier: GPL-2.0
/*
 * The environment is the one place where every OpenTelemetry SDK, whatever its
 * language, is told whose process it is in; so a profile gets the names that the
 * process's traces and metrics have, without anything being configured twice.
 */
#include "environ.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_text.h"

void rp_environ_free(struct rp_environ *e)
{
	free(e->service_name);
	rp_attributes_free(&e->attributes);
	*e = (struct rp_environ){ 0 };
}

/* As getenv() does: the first one counts. */
static const char *find(const char *text, size_t len, const char *name)
{
	const char *end = text + len, *next;
	size_t name_len = strlen(name);

	for (; text < end; text = next + 1) {
		next = memchr(text, '\0', (size_t)(end - text));
		if (!next)
			return NULL;	/* cut off: not whole */
		if (!strncmp(text, name, name_len) && text[name_len] == '=')
			return text + name_len + 1;
	}
	return NULL;
}

int rp_environ_parse(const char *text, size_t len, struct rp_environ *ret)
{
	const char *service = find(text, len, "OTEL_SERVICE_NAME");
	const char *list = find(text, len, "OTEL_RESOURCE_ATTRIBUTES");
	struct rp_environ e = { 0 };
	int err;

	/* An empty variable is as good as none, says OpenTelemetry. */
	if (service && *service) {
		if (rp_attribute_check_value(service)) {
			e.malformed = true;
		} else {
			e.service_name = strdup(service);
			if (!e.service_name)
				return -ENOMEM;
		}
	}
	if (list && *list) {
		err = rp_attributes_parse_otel(&e.attributes, list);
		if (err == -ENOMEM) {
			rp_environ_free(&e);
			return err;
		}
		e.malformed |= err != 0;
	}
	*ret = e;
	return 0;
}

static void read_program(int folder, char ret[static RP_ENVIRON_PROGRAM_MAX])
{
	char link[PATH_MAX];
	const char *name;

	*ret = '\0';
	if (rp_proc_exe(folder, link, sizeof(link)) <= 0)
		return;
	name = strrchr(link, '/');
	snprintf(ret, RP_ENVIRON_PROGRAM_MAX, "%.255s", name ? name + 1 : link);
}

static int read_folder(int folder, struct rp_environ *ret)
{
	/* Of this, only the pages that it fills are taken from the system. */
	char *text = malloc(RP_ENVIRON_MAX + 1);
	struct rp_environ e;
	ssize_t len;
	int err;

	if (!text)
		return -ENOMEM;
	len = rp_proc_read(folder, "environ", text, RP_ENVIRON_MAX + 1);
	err = len < 0 ? (int)len : rp_environ_parse(text, (size_t)len, &e);
	free(text);
	if (err)
		return err;
	e.empty = !len;
	read_program(folder, e.program);
	*ret = e;
	return 0;
}

int rp_environ_read(const char *proc, uint32_t pid, struct rp_environ *ret)
{
	int folder = rp_proc_open(proc, pid), err;

	if (folder < 0)
		return folder;
	err = read_folder(folder, ret);
	close(folder);
	return err;
}
