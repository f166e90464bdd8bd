// SPDX-License-Identifier: GPL-2.0
/*
 * openat2() would do it (RESOLVE_IN_ROOT), but only since Linux 5.6, and a second way that
 * runs on old kernels alone would be a way that nobody tests. So the walk is done here
 * everywhere, and never asks the kernel for "..": the directories that it came through are
 * kept open.
 */
#include "root_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40		/* as the kernel's */

struct walk {
	int dirs[RP_ROOT_DEPTH_MAX];	/* the root, and where the walk came through */
	unsigned int depth;		/* of dirs that are open; 1 or more */
	unsigned int links;
	char rest[PATH_MAX];		/* what is still to be walked */
};

static int say(char *err, size_t err_size, const char *path, int code, const char *what)
{
	if (err && err_size)
		snprintf(err, err_size, "%s: %s", path, what);
	return code;
}

int rp_regular_reopen(int place, const char *path, struct stat *ret_st, char *err,
		      size_t err_size)
{
	char self[64];
	struct stat st;
	int fd;

	if (fstat(place, &st) < 0)
		return say(err, err_size, path, -errno, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return say(err, err_size, path, -ENOTSUP, "is not a regular file");
	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return say(err, err_size, path, -errno, strerror(errno));
	if (ret_st)
		*ret_st = st;
	return fd;
}

static void go_up(struct walk *w, unsigned int depth)
{
	while (w->depth > depth)
		close(w->dirs[--w->depth]);
}

/* Takes the next component off the rest; false: there is none. */
static bool next_component(struct walk *w, char name[NAME_MAX + 1], int *ret_error)
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/");

	*ret_error = len > NAME_MAX ? -ENAMETOOLONG : 0;
	if (!len || *ret_error)
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	memmove(w->rest, p + len, strlen(p + len) + 1);
	return true;
}

/* The link's text takes its place before the rest. */
static int follow(struct walk *w, int link)
{
	char text[PATH_MAX];
	size_t rest = strlen(w->rest);
	ssize_t len;

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	len = readlinkat(link, "", text, sizeof(text));
	if (len < 0)
		return -errno;
	if (!len)
		return -ENOENT;
	if (len + rest + 2 > sizeof(w->rest))
		return -ENAMETOOLONG;
	if (text[0] == '/')
		go_up(w, 1);
	memmove(w->rest + len, w->rest, rest + 1);
	memcpy(w->rest, text, len);
	return 0;
}

/*
 * One step. 0: go on; 1: *ret_place is what the path leads to; -errno. A last component
 * that is followed by a slash has to be a directory, and so is none that anybody asks for.
 */
static int step(struct walk *w, const char *name, int *ret_place)
{
	struct stat st;
	int r = 0, fd;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (w->depth > 1)
			go_up(w, w->depth - 1);
		return 0;
	}
	fd = openat(w->dirs[w->depth - 1], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISLNK(st.st_mode))
		r = follow(w, fd);
	else if (!S_ISDIR(st.st_mode) && w->rest[0])
		r = -ENOTDIR;
	else if (!S_ISDIR(st.st_mode)) {
		*ret_place = fd;
		return 1;
	} else if (w->depth == RP_ROOT_DEPTH_MAX)
		r = -ENAMETOOLONG;
	else {
		w->dirs[w->depth++] = fd;
		return 0;
	}
	close(fd);
	return r;
}

static int find(struct walk *w, const char *root, const char *path, int *ret_place)
{
	char name[NAME_MAX + 1];
	int r = 0, error = 0;

	if (snprintf(w->rest, sizeof(w->rest), "%s", path) >= (int)sizeof(w->rest))
		return -ENAMETOOLONG;
	w->dirs[0] = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->dirs[0] < 0)
		return -errno;
	w->depth = 1;
	while (!r && next_component(w, name, &error))
		r = step(w, name, ret_place);
	go_up(w, 0);
	if (r > 0)
		return 0;
	return r ? r : error ? error : -ENOTSUP;	/* the path's end is a directory */
}

static int open_in(struct walk *w, const char *root, const char *path, struct stat *ret_st,
		   char *err, size_t err_size)
{
	int place = -1, r;

	r = find(w, root, path, &place);
	if (r == -ENOTSUP)
		return say(err, err_size, path, r, "is not a regular file");
	if (r)
		return say(err, err_size, path, r, strerror(-r));
	r = rp_regular_reopen(place, path, ret_st, err, err_size);
	close(place);
	return r;
}

int rp_root_open(const char *root, const char *path, struct stat *ret_st, char *err,
		 size_t err_size)
{
	struct walk w = { 0 };

	return open_in(&w, root, path, ret_st, err, err_size);
}

int rp_root_open_direct(const char *root, const char *path, struct stat *ret_st, char *err,
			size_t err_size)
{
	struct walk w = { .links = LINKS_MAX };

	return open_in(&w, root, path, ret_st, err, err_size);
}
