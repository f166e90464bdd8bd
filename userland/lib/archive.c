// SPDX-License-Identifier: GPL-2.0
/*
 * Dated files in a folder are the whole store: they can be copied, counted, looked
 * at and removed with what every host has, and no index can disagree with them.
 */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "archive_oldest.h"
#include "folder.h"
#include "log.h"
#include "newfile.h"

#define NAME_SIZE	64
#define SECOND		1000000000ull

struct pending {
	struct pending *next;
	char name[NAME_SIZE];
	size_t len;
	char data[];
};

struct rp_archive {
	char *directory;
	struct rp_archive_limits limits;
	struct pending *first, **end;
	size_t pending_bytes;
	bool in_trouble;
	struct rp_archive_stats stats;
	int folder;			/* while a window is added; -1: not open */
	struct rp_archive_oldest oldest;
};

/* ---- the folder --------------------------------------------------------- */

int rp_archive_open(struct rp_archive **ret, const char *directory,
		    const struct rp_archive_limits *limits, char *why, size_t why_size)
{
	struct rp_archive *a;
	int err = rp_folder_make(directory);

	if (!err && access(directory, W_OK | X_OK))
		err = -errno;
	if (err) {
		snprintf(why, why_size,
			 "cannot write profiles to %s: %s; make it writable, or set [output] directory",
			 directory, strerror(-err));
		return err;
	}
	a = calloc(1, sizeof(*a));
	if (a)
		a->directory = strdup(directory);
	if (!a || !a->directory) {
		free(a);
		snprintf(why, why_size, "there is no memory");
		return -ENOMEM;
	}
	a->limits = *limits;
	a->end = &a->first;
	a->folder = -1;
	rp_folder_remove_stale(directory);
	*ret = a;
	return 0;
}

static void pop(struct rp_archive *a)
{
	struct pending *p = a->first;

	a->first = p->next;
	if (!a->first)
		a->end = &a->first;
	a->pending_bytes -= p->len;
	a->stats.pending--;
	free(p);
}

void rp_archive_close(struct rp_archive *a)
{
	if (!a)
		return;
	while (a->first)
		pop(a);
	rp_archive_oldest_forget(&a->oldest);
	free(a->directory);
	free(a);
}

/* ---- writing ------------------------------------------------------------ */

static int write_file(struct rp_archive *a, const char *name, const void *data, size_t len)
{
	struct rp_newfile file;
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", a->directory, name) < 0)
		return -ENOMEM;
	if (a->folder >= 0)
		rp_archive_oldest_before(&a->oldest, a->folder, name);
	err = rp_newfile_open(&file, path);
	if (!err) {
		err = rp_write_all(file.fd, data, len);
		if (err)
			rp_newfile_abort(&file);
		else
			err = rp_newfile_commit(&file, false);
	}
	free(path);
	if (a->folder >= 0)
		rp_archive_oldest_after(&a->oldest, a->folder, name, !err);
	if (!err)
		a->stats.written++;
	return err;
}

static void drop_oldest(struct rp_archive *a)
{
	static struct rp_log_limit limit;

	rp_log_limited(&limit, RP_LOG_ERROR,
		       "%s was never written to %s and is dropped: over %u MiB wait already",
		       a->first->name, a->directory, RP_ARCHIVE_PENDING_BYTES >> 20);
	pop(a);
	a->stats.dropped++;
}

static void keep(struct rp_archive *a, const char *name, const void *data, size_t len)
{
	struct pending *p = NULL;

	if (len <= RP_ARCHIVE_PENDING_BYTES)
		p = malloc(sizeof(*p) + len);
	if (!p) {
		a->stats.dropped++;
		return;
	}
	*p = (struct pending){ .len = len };
	memcpy(p->name, name, NAME_SIZE);
	memcpy(p->data, data, len);
	*a->end = p;
	a->end = &p->next;
	a->pending_bytes += len;
	a->stats.pending++;
	while (a->pending_bytes > RP_ARCHIVE_PENDING_BYTES)
		drop_oldest(a);
}

/* Writes what waits, oldest first. 0, or why the first one still has to wait. */
static int write_pending(struct rp_archive *a)
{
	int err = 0;

	while (a->first && !err) {
		err = write_file(a, a->first->name, a->first->data, a->first->len);
		if (!err)
			pop(a);
	}
	return err;
}

static void say(struct rp_archive *a, int err)
{
	if (err && !a->in_trouble)
		rp_log(RP_LOG_ERROR,
		       "cannot write a profile to %s: %s; up to %u MiB are kept in memory until it works again%s",
		       a->directory, strerror(-err), RP_ARCHIVE_PENDING_BYTES >> 20,
		       err == -ENOSPC ? " (free some space, or lower [output] keep-bytes)" : "");
	else if (!err && a->in_trouble)
		rp_log(RP_LOG_INFO, "profiles are written to %s again (%llu were dropped)",
		       a->directory, (unsigned long long)a->stats.dropped);
	a->in_trouble = err != 0;
}

/* ---- a window ----------------------------------------------------------- */

/* Not when nothing ever goes. */
static void open_folder(struct rp_archive *a)
{
	const struct rp_archive_limits *l = &a->limits;

	if (!l->files && !l->bytes && !l->age_ns)
		return;
	a->folder = open(a->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->folder < 0)
		rp_archive_oldest_forget(&a->oldest);
}

static void trim_and_close(struct rp_archive *a)
{
	if (a->folder < 0)
		return;
	rp_archive_oldest_trim(&a->oldest, a->folder, &a->limits);
	close(a->folder);
	a->folder = -1;
}

int rp_archive_add(struct rp_archive *a, uint64_t start_ns, uint64_t number,
		   const void *data, size_t len)
{
	time_t seconds = (time_t)(start_ns / SECOND);
	char stamp[32], name[NAME_SIZE];
	struct tm tm;
	int err;

	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, sizeof(name), "cpu-%s-%06llu.pb.gz", stamp,
		 (unsigned long long)number);
	open_folder(a);
	/* The files are in order, so that the newest never waits behind nothing. */
	err = write_pending(a);
	if (!err)
		err = write_file(a, name, data, len);
	if (err)
		keep(a, name, data, len);
	say(a, err);
	trim_and_close(a);
	return err;
}

void rp_archive_stats(const struct rp_archive *a, struct rp_archive_stats *ret)
{
	*ret = a->stats;
	ret->removed = a->oldest.removed;
	ret->scans = a->oldest.scans;
}
