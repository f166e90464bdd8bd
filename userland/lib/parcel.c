// SPDX-License-Identifier: GPL-2.0
/*
 * The query is kept as text beside the data, so that a parcel that was spooled by
 * one version can be sent by another, and looked at by a person.
 */
#include "parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "newfile.h"

#define MAGIC "ringprof parcel 1"

void rp_parcel_free(struct rp_parcel *p)
{
	free(p->title);
	free(p->query);
	free(p->data);
	*p = (struct rp_parcel){ 0 };
}

int rp_parcel_write(const struct rp_parcel *p, const char *path)
{
	struct rp_newfile file;
	char *head;
	int err, n;

	n = asprintf(&head, MAGIC "\ntime=%" PRIu64 "\ntitle=%s\nquery=%s\nlength=%zu\n\n",
		     p->time_ns, p->title, p->query, p->len);
	if (n < 0)
		return -ENOMEM;
	err = rp_newfile_open(&file, path);
	if (!err) {
		err = rp_write_all(file.fd, head, (size_t)n);
		if (!err)
			err = rp_write_all(file.fd, p->data, p->len);
		if (err)
			rp_newfile_abort(&file);
		else
			err = rp_newfile_commit(&file, false);
	}
	free(head);
	return err;
}

/* The value of the next line if it is key's; cuts it off. */
static char *take_line(char **at, const char *key)
{
	char *line = strsep(at, "\n");
	size_t len = strlen(key);

	return line && !strncmp(line, key, len) ? line + len : NULL;
}

static bool take_number(char **at, const char *key, uint64_t max, uint64_t *ret)
{
	char *text = take_line(at, key), *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno && !*end && *ret <= max;
}

static int parse(char *text, size_t len, struct rp_parcel *ret)
{
	char *at = text, *magic, *title, *query;
	struct rp_parcel p = { 0 };
	uint64_t length = 0;

	magic = take_line(&at, MAGIC);
	if (!magic || *magic || !take_number(&at, "time=", INT64_MAX, &p.time_ns))
		return -EBADMSG;
	title = take_line(&at, "title=");
	query = take_line(&at, "query=");
	if (!title || !query || strlen(title) > RP_PARCEL_TITLE_MAX ||
	    strlen(query) > RP_PARCEL_QUERY_MAX ||
	    !take_number(&at, "length=", RP_PARCEL_DATA_MAX, &length) ||
	    !at || *at != '\n')
		return -EBADMSG;
	at++;
	if (length != (size_t)(text + len - at))
		return -EBADMSG;
	p.len = (size_t)length;
	p.title = strdup(title);
	p.query = strdup(query);
	p.data = malloc(p.len ? p.len : 1);
	if (!p.title || !p.query || !p.data) {
		rp_parcel_free(&p);
		return -ENOMEM;
	}
	memcpy(p.data, at, p.len);
	*ret = p;
	return 0;
}

int rp_parcel_read(const char *path, struct rp_parcel *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size <= 0 ||
		 st.st_size > RP_PARCEL_DATA_MAX + RP_PARCEL_QUERY_MAX + 1024)
		err = -EBADMSG;
	if (!err) {
		text = malloc((size_t)st.st_size + 1);
		err = text ? rp_read_all(fd, text, (size_t)st.st_size) : -ENOMEM;
	}
	close(fd);
	if (!err) {
		text[st.st_size] = '\0';
		err = parse(text, (size_t)st.st_size, ret);
	}
	free(text);
	return err;
}
