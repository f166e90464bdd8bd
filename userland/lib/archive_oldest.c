// SPDX-License-Identifier: GPL-2.0
/*
 * A week of minutes is 10,080 files. To list, sort and look at all of them each minute, in
 * order to remove one, would cost more than the rest of the daemon.
 *
 * What is remembered is only ever used to find the file that goes next, and it goes only if
 * it is still what it was: whatever looks different ends in another scan.
 */
#include "archive_oldest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND	1000000000ull

static void forget_files(struct rp_archive_file *files, size_t *nr)
{
	while (*nr)
		free(files[--*nr].name);
}

void rp_archive_oldest_forget(struct rp_archive_oldest *o)
{
	forget_files(o->oldest, &o->nr);
	forget_files(o->refused, &o->nr_refused);
	o->files = o->bytes = 0;
	o->last[0] = '\0';
	o->known = false;
}

/* ---- has somebody else changed the folder? ------------------------------ */

/* Not its mtime: that can be set, and tools that copy folders do so. */
static void record(struct rp_archive_oldest *o, int folder)
{
	struct stat st;

	if (fstat(folder, &st))
		o->known = false;
	else
		o->ctime = st.st_ctim;
}

static bool is_unchanged(const struct rp_archive_oldest *o, int folder)
{
	struct stat st;

	return !fstat(folder, &st) && st.st_ctim.tv_sec == o->ctime.tv_sec &&
	       st.st_ctim.tv_nsec == o->ctime.tv_nsec;
}

static bool exists(int folder, const char *name)
{
	struct stat st;

	return !fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW);
}

/* Fills all but the name; false: it is no file. */
static bool look(int folder, const char *name, struct rp_archive_file *ret)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return false;
	*ret = (struct rp_archive_file){
		.bytes = (uint64_t)st.st_size, .modified = st.st_mtime,
		.earliest = st.st_mtime,
	};
	return true;
}

/* ---- a new file --------------------------------------------------------- */

/*
 * The file that was written last is looked for, because one that goes as soon as it came (to
 * who collects them) may go in the same tick of the kernel's clock: the folder's ctime stays.
 */
void rp_archive_oldest_before(struct rp_archive_oldest *o, int folder, const char *name)
{
	if (o->known && (!is_unchanged(o, folder) ||
			 (o->last[0] && !exists(folder, o->last)) ||
			 exists(folder, name)))		/* to be replaced, not added */
		o->known = false;
}

/*
 * Mostly the new file is the newest, and remembered only if all are. It is one of the oldest
 * when the clock was set back.
 */
static void insert(struct rp_archive_oldest *o, const char *name,
		   const struct rp_archive_file *new)
{
	struct rp_archive_file file = *new;
	bool all = o->nr == o->files;
	size_t at = o->nr, i;

	while (at && strcmp(o->oldest[at - 1].name, name) > 0)
		at--;
	for (i = at; i && o->oldest[i - 1].earliest > new->modified; i--)
		o->oldest[i - 1].earliest = new->modified;
	if (at == RP_ARCHIVE_OLDEST || (at == o->nr && !all))
		return;
	file.name = strdup(name);
	if (!file.name) {
		o->known = false;
		return;
	}
	if (at < o->nr && o->oldest[at].earliest < file.earliest)
		file.earliest = o->oldest[at].earliest;
	if (o->nr == RP_ARCHIVE_OLDEST)
		free(o->oldest[--o->nr].name);
	memmove(&o->oldest[at + 1], &o->oldest[at], (o->nr - at) * sizeof(*o->oldest));
	o->oldest[at] = file;
	o->nr++;
}

void rp_archive_oldest_after(struct rp_archive_oldest *o, int folder, const char *name,
			     bool written)
{
	struct rp_archive_file new;

	if (!o->known)
		return;
	record(o, folder);
	if (!written)
		return;
	if (!look(folder, name, &new)) {
		o->known = false;
		return;
	}
	insert(o, name, &new);
	o->files++;
	o->bytes += new.bytes;
	snprintf(o->last, sizeof(o->last), "%s", name);
}

/* ---- what goes ---------------------------------------------------------- */

/* Is the oldest of so many files with so many bytes one too many? */
static bool is_over(const struct rp_archive_limits *l, uint64_t files, uint64_t bytes,
		    time_t earliest)
{
	int64_t seconds = (int64_t)(l->age_ns / SECOND);

	return (l->files && files > l->files) ||
	       (l->bytes && bytes > l->bytes && files > 1) ||
	       (seconds && earliest < time(NULL) - seconds);
}

/* 0 or -errno. */
static int remove_file(struct rp_archive_oldest *o, int folder, const char *name)
{
	if (unlinkat(folder, name, 0))
		return -errno;
	o->removed++;
	if (!strcmp(o->last, name))
		o->last[0] = '\0';
	return 0;
}

static void keep_refused(struct rp_archive_oldest *o, const struct rp_archive_file *file)
{
	if (o->nr_refused < RP_ARCHIVE_REFUSED)
		o->refused[o->nr_refused++] = *file;
	else
		free(file->name);
}

/*
 * Takes the name. What is not as it was when it was remembered stays, and nothing is known
 * any more.
 */
static void remove_remembered(struct rp_archive_oldest *o, int folder,
			      const struct rp_archive_file *file)
{
	struct rp_archive_file now;
	int err = -ENOENT;

	if (look(folder, file->name, &now) && now.bytes == file->bytes &&
	    now.modified == file->modified)
		err = remove_file(o, folder, file->name);
	if (err && err != -ENOENT) {
		keep_refused(o, file);
		return;
	}
	if (err)
		o->known = false;
	free(file->name);
}

static void retry_refused(struct rp_archive_oldest *o, int folder)
{
	size_t i, nr = o->nr_refused;

	/* What is refused again goes to a place that was passed already. */
	o->nr_refused = 0;
	for (i = 0; i < nr; i++)
		remove_remembered(o, folder, &o->refused[i]);
}

static void trim_remembered(struct rp_archive_oldest *o, int folder,
			    const struct rp_archive_limits *l)
{
	uint64_t removed = o->removed;
	size_t gone = 0;

	retry_refused(o, folder);
	while (o->known && gone < o->nr &&
	       is_over(l, o->files, o->bytes, o->oldest[gone].earliest)) {
		o->files--;
		o->bytes -= o->oldest[gone].bytes;
		remove_remembered(o, folder, &o->oldest[gone++]);
	}
	o->nr -= gone;
	memmove(o->oldest, &o->oldest[gone], o->nr * sizeof(*o->oldest));
	if (o->removed != removed)
		record(o, folder);
}

/* ---- reading the folder ------------------------------------------------- */

static int is_ours(const struct dirent *entry)
{
	const char *name = entry->d_name, *c;

	for (c = "cpu-########T######Z-######"; *c; c++, name++)
		if (*c == '#' ? *name < '0' || *name > '9' : *name != *c)
			return false;
	while (*name >= '0' && *name <= '9')
		name++;		/* a number above 999999 is longer */
	return !strcmp(name, ".pb.gz");
}

static int by_name(const void *a, const void *b)
{
	const struct rp_archive_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* What a scan has filled in points to names that go when it ends. */
static void own_names(struct rp_archive_file *files, size_t *nr, bool *known)
{
	size_t i, end = *nr;

	*nr = 0;
	for (i = 0; i < end; i++) {
		files[*nr] = files[i];
		files[*nr].name = strdup(files[i].name);
		if (files[*nr].name)
			++*nr;
		else
			*known = false;
	}
}

/*
 * Newest first, so that it is known of each file how much is newer. Those that stay take the
 * places in turn, so that the oldest of them are left.
 */
static void scan_files(struct rp_archive_oldest *o, int folder,
		       const struct rp_archive_limits *l, struct dirent **entries, int n)
{
	uint64_t files = 0, bytes = 0;
	struct rp_archive_file file;
	bool over = false;
	time_t earliest = 0;
	int err;

	while (n--) {
		if (!look(folder, entries[n]->d_name, &file))
			continue;
		file.name = entries[n]->d_name;
		if (!files++ || file.modified < earliest)
			earliest = file.modified;
		file.earliest = earliest;
		bytes += file.bytes;
		over |= is_over(l, files, bytes, earliest);
		if (!over) {
			o->oldest[o->files++ % RP_ARCHIVE_OLDEST] = file;
			o->bytes += file.bytes;
			continue;
		}
		err = remove_file(o, folder, file.name);
		if (err && err != -ENOENT && o->nr_refused < RP_ARCHIVE_REFUSED)
			o->refused[o->nr_refused++] = file;
	}
	o->nr = o->files < RP_ARCHIVE_OLDEST ? (size_t)o->files : RP_ARCHIVE_OLDEST;
}

static void scan(struct rp_archive_oldest *o, int folder, const struct rp_archive_limits *l)
{
	struct dirent **entries;
	int i, n;

	rp_archive_oldest_forget(o);
	o->scans++;
	record(o, folder);
	n = scandirat(folder, ".", &entries, is_ours, alphasort);
	if (n < 0)
		return;
	/* Somebody else's change meanwhile is for the next call, ours are not. */
	o->known = is_unchanged(o, folder);
	scan_files(o, folder, l, entries, n);
	record(o, folder);
	own_names(o->oldest, &o->nr, &o->known);
	own_names(o->refused, &o->nr_refused, &o->known);
	qsort(o->oldest, o->nr, sizeof(*o->oldest), by_name);
	for (i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
}

void rp_archive_oldest_trim(struct rp_archive_oldest *o, int folder,
			    const struct rp_archive_limits *limits)
{
	if (o->known && is_unchanged(o, folder))
		trim_remembered(o, folder, limits);
	else
		o->known = false;
	if (!o->known || (!o->nr && o->files))
		scan(o, folder, limits);
}
