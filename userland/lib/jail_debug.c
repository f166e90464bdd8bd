// SPDX-License-Identifier: GPL-2.0
/*
 * A jail is told the build id, and behind it the file's name for messages.
 */
#include "jail_debug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "debug_file.h"
#include "jail_private.h"
#include "why.h"

#define NAME_MAX_BYTES 4096

struct words {
	struct rp_build_id id;
	char name[NAME_MAX_BYTES];
};

static int check(int fd, const char *name, const struct rp_build_id *id, char *why,
		 size_t why_size)
{
	struct rp_elf_file f = { .fd = fd, .name = name, .err = why, .err_size = why_size };
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return rp_elf_file_fail(&f, -errno, "%s", strerror(errno));
	f.size = (uint64_t)st.st_size;
	err = rp_elf_file_begin(&f);
	if (err)
		return err;
	err = rp_debug_file_check(&f, id);
	rp_elf_file_end(&f);
	return err;
}

int rp_jail_debug_check(struct rp_jail *jail, int fd, const char *name,
			const struct rp_build_id *id, char *why, size_t why_size)
{
	struct words words = { .id = *id };
	size_t len = strlen(name), size = 0;
	void *nothing = NULL;
	int err;

	if (!jail)
		return check(fd, name, id, why, why_size);
	if (len >= sizeof(words.name))
		len = sizeof(words.name) - 1;
	memcpy(words.name, name, len);
	err = rp_jail_ask(jail, RP_JAIL_DEBUG_FILE, fd, &words,
			  offsetof(struct words, name) + len, NULL, NULL, &nothing, &size, why,
			  why_size);
	free(nothing);
	return err;
}

int rp_jail_debug_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	struct rp_build_id id;

	if (size < offsetof(struct words, name))
		return -EINVAL;
	memcpy(&id, words, sizeof(id));
	if (id.size > sizeof(id.bytes))
		return -EINVAL;
	return check(fd, words + offsetof(struct words, name), &id, ret->why, sizeof(ret->why));
}
