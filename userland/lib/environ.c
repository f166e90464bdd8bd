// SPDX-License-Identifier: GPL-2.0
/*
 * The environment is the one place where every OpenTelemetry SDK, whatever its
 * language, is told whose process it is in; so a profile gets the names that the
 * process's traces and metrics have, without anything being configured twice.
 */
#include "environ.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DELETED " (deleted)"

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

static void read_program(const char *proc, uint32_t pid, char *ret)
{
	char path[256], link[4096];
	const char *name;
	ssize_t n;
	size_t len;

	*ret = '\0';
	snprintf(path, sizeof(path), "%.200s/%u/exe", proc, pid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return;
	link[n] = '\0';
	len = (size_t)n;
	if (len > strlen(DELETED) && !strcmp(link + len - strlen(DELETED), DELETED))
		link[len - strlen(DELETED)] = '\0';
	name = strrchr(link, '/');
	snprintf(ret, RP_ENVIRON_PROGRAM_MAX, "%.255s", name ? name + 1 : link);
}

/* A file of /proc has no size: it is read until it ends. */
static int read_all(int fd, char **ret, size_t *ret_len)
{
	size_t room = 16 << 10, len = 0;
	char *text = NULL, *more;
	ssize_t n = 1;

	while (n > 0 && len < RP_ENVIRON_MAX) {
		if (!text || len == room) {
			room = text ? room * 2 : room;
			more = realloc(text, room);
			if (!more) {
				free(text);
				return -ENOMEM;
			}
			text = more;
		}
		n = read(fd, text + len, room - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	if (n < 0) {
		free(text);
		return -errno;
	}
	*ret = text;
	*ret_len = len;
	return 0;
}

int rp_environ_read(const char *proc, uint32_t pid, struct rp_environ *ret)
{
	char path[256], *text = NULL;
	struct rp_environ e;
	size_t len = 0;
	int fd, err;

	snprintf(path, sizeof(path), "%.200s/%u/environ", proc, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = read_all(fd, &text, &len);
	close(fd);
	if (err)
		return err;
	err = rp_environ_parse(text, len, &e);
	free(text);
	if (err)
		return err;
	e.empty = !len;
	read_program(proc, pid, e.program);
	*ret = e;
	return 0;
}
