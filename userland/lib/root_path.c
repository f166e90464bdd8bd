// SPDX-License-Identifier: GPL-2.0
/*
 * PROC/TGID/root/PATH given to open() is not enough: a link in PATH to /etc/shadow is
 * resolved from our root, not from the process's. And looking at a path before opening
 * it is a race that the owner of the folder wins. Therefore everything is found as an
 * O_PATH descriptor, which touches nothing, looked at there, and only then opened for
 * reading, by way of that descriptor.
 */
#include "root_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif

#define LINKS_MAX	40	/* as the kernel's */
#define STEPS_MAX	8192	/* opened folders of one path: links and ".." repeat some */
#define RACES_MAX	16	/* times that openat2() may ask to be called again */
#define FIND		(O_PATH | O_CLOEXEC)

int rp_root_path_root(const char *proc, uint32_t tgid)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%.200s/%u/root", proc, tgid);
	fd = open(path, FIND | O_DIRECTORY);
	return fd < 0 ? -errno : fd;
}

int rp_root_path_reopen(int path_fd, struct stat *ret_st)
{
	char path[64];
	struct stat st;
	int fd;

	if (fstat(path_fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -ENOTSUP;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ret_st)
		*ret_st = st;
	return fd;
}

/* ---- without openat2() --------------------------------------------------------- */

struct walk {
	int root, at;		/* at: the folder reached, or root */
	char done[PATH_MAX];	/* its path: no links, no ".." */
	char rest[PATH_MAX];	/* what is still to go */
	enum rp_root_path_links links;
	unsigned int nr_links, steps;
};

static void walk_to(struct walk *w, int fd)
{
	if (w->at != w->root)
		close(w->at);
	w->at = fd;
}

/* Puts text where the component of len bytes (with the slashes before it) was. */
static int replace(struct walk *w, const char *text, size_t len)
{
	size_t room = strlen(text), rest = strlen(w->rest + len);

	if (room + rest >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + room, w->rest + len, rest + 1);
	memcpy(w->rest, text, room);
	return 0;
}

static void restart(struct walk *w)
{
	walk_to(w, w->root);
	w->done[0] = '\0';
}

/* "..": from the root again, to the folder that holds this one. The root has none. */
static int go_up(struct walk *w, size_t len)
{
	char *slash = strrchr(w->done, '/');
	char parent[PATH_MAX];

	if (slash)
		*slash = '\0';
	memcpy(parent, slash ? w->done : "", slash ? strlen(w->done) + 1 : 1);
	restart(w);
	return replace(w, parent, len);
}

/* fd is a link that was found. */
static int go_link(struct walk *w, int fd, size_t len)
{
	char target[PATH_MAX];
	ssize_t n;

	if (w->links == RP_ROOT_PATH_NO_LINKS || ++w->nr_links > LINKS_MAX)
		return -ELOOP;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	if (!n || (size_t)n >= sizeof(target))
		return n ? -ENAMETOOLONG : -ENOENT;
	target[n] = '\0';
	if (*target == '/')
		restart(w);
	return replace(w, target, len);
}

/* The next component goes to name; with the slashes before it it has *ret_len bytes. */
static int next(const struct walk *w, char name[static NAME_MAX + 1], size_t *ret_len)
{
	size_t slashes = strspn(w->rest, "/");
	size_t len = strcspn(w->rest + slashes, "/");

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, w->rest + slashes, len);
	name[len] = '\0';
	*ret_len = slashes + len;
	return 0;
}

static int go_down(struct walk *w, const char *name, size_t len)
{
	size_t done = strlen(w->done);
	struct stat st;
	int fd, err = 0;

	if (++w->steps > STEPS_MAX)
		return -ELOOP;
	fd = openat(w->at, name, FIND | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (S_ISLNK(st.st_mode))
		err = go_link(w, fd, len);
	else if (done + 1 + strlen(name) >= sizeof(w->done))
		err = -ENAMETOOLONG;
	else if (!S_ISDIR(st.st_mode) && w->rest[len] == '/')
		err = -ENOTDIR;
	if (err || S_ISLNK(st.st_mode)) {
		close(fd);
		return err;
	}
	snprintf(w->done + done, sizeof(w->done) - done, "/%s", name);
	walk_to(w, fd);
	return replace(w, "", len);
}

static int step(struct walk *w)
{
	char name[NAME_MAX + 1];
	size_t len;
	int err = next(w, name, &len);

	if (err)
		return err;
	if (!strcmp(name, ".."))
		return ++w->steps > STEPS_MAX ? -ELOOP : go_up(w, len);
	if (*name && strcmp(name, "."))
		return go_down(w, name, len);
	return replace(w, "", len);
}

static int check_path(const char *path)
{
	if (*path != '/')
		return -EINVAL;
	return strlen(path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int rp_root_path_walk(int root, const char *path, enum rp_root_path_links links,
		      struct stat *ret_st)
{
	struct walk w = { .root = root, .at = root, .links = links };
	int err = check_path(path);

	if (err)
		return err;
	memcpy(w.rest, path, strlen(path) + 1);
	while (!err && *w.rest)
		err = step(&w);
	if (!err)
		err = rp_root_path_reopen(w.at, ret_st);
	walk_to(&w, root);
	return err;
}

/* ---- with it ------------------------------------------------------------------- */

/* An O_PATH descriptor, or -errno; -ENOSYS: not to be had here. */
static int find(int root, const char *path, enum rp_root_path_links links)
{
#if defined(SYS_openat2) && defined(RESOLVE_IN_ROOT)
	struct open_how how = {
		.flags = FIND,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd, races = 0;

	if (links == RP_ROOT_PATH_NO_LINKS)
		how.resolve |= RESOLVE_NO_SYMLINKS;
	do {
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR) && ++races < RACES_MAX);
	return fd < 0 ? -errno : fd;
#else
	(void)root;
	(void)path;
	(void)links;
	return -ENOSYS;
#endif
}

int rp_root_path_open(int root, const char *path, enum rp_root_path_links links,
		      struct stat *ret_st)
{
	int fd = check_path(path), err;

	if (fd)
		return fd;
	fd = find(root, path, links);
	/* Filters of system calls answer with EPERM. */
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
		return rp_root_path_walk(root, path, links, ret_st);
	if (fd < 0)
		return fd;
	err = rp_root_path_reopen(fd, ret_st);
	close(fd);
	return err;
}

int rp_root_path_open_of(const char *proc, uint32_t tgid, const char *path,
			 enum rp_root_path_links links, struct stat *ret_st)
{
	int root = rp_root_path_root(proc, tgid), fd;

	if (root < 0)
		return root == -ENOENT ? -ESRCH : root;
	fd = rp_root_path_open(root, path, links, ret_st);
	close(root);
	return fd;
}
