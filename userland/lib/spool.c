// SPDX-License-Identifier: GPL-2.0
/*
 * A server that is down for an hour must cost neither the host's memory nor the
 * hour's profiles; the bound says how much of the second is given up for the first.
 *
 * The parcel being sent is taken out of the queue, so that a new one can never drive
 * out what the network is reading.
 */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".parcel"

struct entry {
	struct entry *next;
	char *path;			/* NULL: in memory */
	struct rp_parcel parcel;	/* its data, if in memory or taken */
	uint64_t bytes;
};

struct rp_spool {
	char *directory;
	uint64_t max_bytes, number;
	struct entry *first, **end;
	struct entry *taken;
	struct rp_spool_stats stats;
};

static uint64_t cost(const struct rp_parcel *p)
{
	return p->len + strlen(p->title) + strlen(p->query) + sizeof(struct entry);
}

static void free_entry(struct entry *e)
{
	rp_parcel_free(&e->parcel);
	free(e->path);
	free(e);
}

static void append(struct rp_spool *s, struct entry *e)
{
	*s->end = e;
	s->end = &e->next;
	s->stats.waiting++;
	s->stats.bytes += e->bytes;
}

static struct entry *unlink_first(struct rp_spool *s)
{
	struct entry *e = s->first;

	s->first = e->next;
	if (!s->first)
		s->end = &s->first;
	e->next = NULL;
	return e;
}

static void push_first(struct rp_spool *s, struct entry *e)
{
	e->next = s->first;
	s->first = e;
	if (!e->next)
		s->end = &e->next;
}

/* For good: its file too. */
static void forget(struct rp_spool *s, struct entry *e)
{
	s->stats.waiting--;
	s->stats.bytes -= e->bytes;
	if (e->path)
		unlink(e->path);
	free_entry(e);
}

static void make_room(struct rp_spool *s, uint64_t bytes)
{
	while (s->first && s->stats.bytes + bytes > s->max_bytes) {
		forget(s, unlink_first(s));
		s->stats.dropped++;
	}
}

/* ---- the folder --------------------------------------------------------- */

static int only_parcels(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX);
}

static int take_over(struct rp_spool *s, const char *name)
{
	struct entry *e = calloc(1, sizeof(*e));
	struct stat st;

	if (!e || asprintf(&e->path, "%s/%s", s->directory, name) < 0) {
		free(e);
		return -ENOMEM;
	}
	if (lstat(e->path, &st) || !S_ISREG(st.st_mode)) {
		free_entry(e);
		return 0;
	}
	e->bytes = (uint64_t)st.st_size + sizeof(*e);
	append(s, e);
	return 0;
}

/* What a write that was cut short left: the folder is this daemon's alone. */
static int only_leftovers(const struct dirent *entry)
{
	return !strncmp(entry->d_name, ".ringprof-", 10);
}

static void remove_leftovers(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries;
	int n, i;

	if (fd < 0)
		return;
	n = scandirat(fd, ".", &entries, only_leftovers, NULL);
	for (i = 0; i < n; i++) {
		unlinkat(fd, entries[i]->d_name, 0);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	close(fd);
}

/* Names begin with the time, so the alphabet's order is theirs. */
static int scan(struct rp_spool *s)
{
	struct dirent **entries;
	int n = scandir(s->directory, &entries, only_parcels, alphasort);
	int i, err = n < 0 ? -errno : 0;

	for (i = 0; i < n; i++) {
		if (!err)
			err = take_over(s, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return err;
}

static int open_folder(struct rp_spool *s, const char *directory)
{
	int err;

	s->directory = strdup(directory);
	if (!s->directory)
		return -ENOMEM;
	if (mkdir(directory, 0700) && errno != EEXIST)
		return -errno;
	if (access(directory, R_OK | W_OK | X_OK))
		return -errno;
	remove_leftovers(directory);
	err = scan(s);
	if (!err)
		make_room(s, 0);
	return err;
}

int rp_spool_open(struct rp_spool **ret, const char *directory, uint64_t max_bytes,
		  char *why, size_t why_size)
{
	struct rp_spool *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (!err) {
		s->max_bytes = max_bytes;
		s->end = &s->first;
		if (directory)
			err = open_folder(s, directory);
	}
	if (err) {
		snprintf(why, why_size,
			 "cannot use the spool directory %s: %s; make it writable (its parent must be there)",
			 directory ? directory : "", strerror(-err));
		rp_spool_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void rp_spool_close(struct rp_spool *s)
{
	if (!s)
		return;
	if (s->taken)
		free_entry(s->taken);
	while (s->first)
		free_entry(unlink_first(s));
	free(s->directory);
	free(s);
}

/* ---- in and out --------------------------------------------------------- */

/* Moves the parcel to a file; if that fails it stays where it is. */
static void store(struct rp_spool *s, struct entry *e)
{
	char *path;

	if (asprintf(&path, "%s/%020" PRIu64 "-%06" PRIu64 SUFFIX, s->directory,
		     e->parcel.time_ns, s->number++ % 1000000) < 0)
		return;
	s->stats.write_error = rp_parcel_write(&e->parcel, path);
	if (s->stats.write_error) {
		free(path);
		return;
	}
	e->path = path;
	rp_parcel_free(&e->parcel);
}

int rp_spool_add(struct rp_spool *s, struct rp_parcel *p)
{
	uint64_t bytes = cost(p);
	struct entry *e;

	if (bytes > s->max_bytes) {
		rp_parcel_free(p);
		s->stats.dropped++;
		return -ENOSPC;
	}
	make_room(s, bytes);
	/* The one that was taken may be all that there is room for. */
	e = s->stats.bytes + bytes > s->max_bytes ? NULL : calloc(1, sizeof(*e));
	if (!e) {
		rp_parcel_free(p);
		s->stats.dropped++;
		return s->stats.bytes + bytes > s->max_bytes ? -ENOSPC : -ENOMEM;
	}
	e->parcel = *p;
	e->bytes = bytes;
	*p = (struct rp_parcel){ 0 };
	if (s->directory)
		store(s, e);
	append(s, e);
	return 0;
}

bool rp_spool_take(struct rp_spool *s, const struct rp_parcel **ret)
{
	struct entry *e;
	int err = 0;

	if (s->taken)
		return false;
	while (s->first) {
		e = unlink_first(s);
		if (e->path)
			err = rp_parcel_read(e->path, &e->parcel);
		if (!err) {
			s->taken = e;
			*ret = &e->parcel;
			return true;
		}
		if (err == -ENOMEM || err == -EMFILE || err == -ENFILE) {
			push_first(s, e);	/* not the file's fault */
			return false;
		}
		forget(s, e);
		s->stats.damaged++;
	}
	return false;
}

void rp_spool_done(struct rp_spool *s)
{
	forget(s, s->taken);
	s->taken = NULL;
}

void rp_spool_putback(struct rp_spool *s)
{
	struct entry *e = s->taken;

	s->taken = NULL;
	if (e->path)
		rp_parcel_free(&e->parcel);	/* read again when its turn comes */
	push_first(s, e);
}

void rp_spool_stats(const struct rp_spool *s, struct rp_spool_stats *ret)
{
	*ret = s->stats;
}

uint64_t rp_spool_in_memory(const struct rp_spool *s)
{
	uint64_t n = s->taken && !s->taken->path;
	const struct entry *e;

	for (e = s->first; e; e = e->next)
		n += !e->path;
	return n;
}
