// SPDX-License-Identifier: GPL-2.0
/*
 * What was opened as a file has to prove that it is the one: a table of another file
 * would send walks astray, and, in the cache, those of later days. A jail is told the id
 * that it is to have, and its name for messages.
 */
#include "jail_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build_id.h"
#include "elf_collect.h"
#include "jail_private.h"
#include "unwind_compile.h"
#include "why.h"

#define NAME_MAX_BYTES 4096

struct words {
	struct rp_file_id id;
	char name[NAME_MAX_BYTES];
};

static int same_build_id(const struct rp_file_id *id, int fd, const struct stat *st,
			 const char *name, char *why, size_t why_size)
{
	struct rp_elf_file f = {
		.fd = fd, .size = (uint64_t)st->st_size, .name = name,
		.err = why, .err_size = why_size,
	};
	struct rp_build_id found = { 0 }, wanted = { .size = (uint8_t)id->build_id_len };
	int err = rp_elf_file_begin(&f);

	if (err)
		return err;
	memcpy(wanted.bytes, id->build_id, id->build_id_len);
	err = rp_elf_file_build_id(&f, &found);
	if (!err && !rp_build_id_equal(&found, &wanted)) {
		rp_why(why, why_size, "%s: is not the file that is mapped", name);
		err = -ESTALE;
	}
	rp_elf_file_end(&f);
	return err;
}

/* The device is not compared: stat() may show another one than the mapping does. */
static int is_the_file(const struct rp_file_id *id, int fd, const char *name, char *why,
		       size_t why_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		rp_why(why, why_size, "%s: %s", name, strerror(errno));
		return -errno;
	}
	if (id->kind == RP_FILE_BUILD_ID)
		return same_build_id(id, fd, &st, name, why, why_size);
	if (st.st_ino == id->inode)
		return 0;
	rp_why(why, why_size, "%s: is not the file that is mapped", name);
	return -ESTALE;
}

static int compile(const struct rp_file_id *id, int fd, const char *name, void **ret,
		   size_t *ret_size, char *why, size_t why_size)
{
	struct rp_unwind_built built = { 0 };
	int err = is_the_file(id, fd, name, why, why_size);

	if (!err)
		err = rp_unwind_compile_fd(fd, name, 0, &built, why, why_size);
	if (err)
		return err;
	*ret = built.table;
	*ret_size = built.size;
	built.table = NULL;
	rp_unwind_built_free(&built);
	return 0;
}

int rp_jail_table(struct rp_jail *jail, const struct rp_file_id *id, int fd, const char *name,
		  void **ret, size_t *ret_size, char *why, size_t why_size)
{
	struct words words = { .id = *id };
	size_t len = strlen(name);

	if (!jail)
		return compile(id, fd, name, ret, ret_size, why, why_size);
	if (len >= sizeof(words.name))
		len = sizeof(words.name) - 1;
	memcpy(words.name, name, len);
	return rp_jail_ask(jail, RP_JAIL_TABLE, fd, &words, offsetof(struct words, name) + len,
			   NULL, NULL, ret, ret_size, why, why_size);
}

int rp_jail_table_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	struct rp_file_id id;

	if (size < offsetof(struct words, name))
		return -EINVAL;
	memcpy(&id, words, sizeof(id));
	if (id.build_id_len > sizeof(id.build_id))
		return -EINVAL;
	return compile(&id, fd, words + offsetof(struct words, name), &ret->data, &ret->size,
		       ret->why, sizeof(ret->why));
}
