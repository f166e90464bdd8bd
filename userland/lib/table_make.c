// SPDX-License-Identifier: GPL-2.0
/*
 * What was opened as a file has to prove that it is the one: a table of another file
 * would send walks astray, and, in the cache, those of later days.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_collect.h"
#include "mapped_file.h"
#include "table_file.h"
#include "unwind_compile.h"
#include "why.h"

#define NAME_BYTES 512

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

static int compile(const struct rp_table_file *file, int fd, const char *name,
		   struct rp_unwind_built *ret, char *why, size_t why_size)
{
	int err = is_the_file(&file->id, fd, name, why, why_size);

	return err ? err : rp_unwind_compile_fd(fd, name, 0, ret, why, why_size);
}

static int compile_candidates(const struct rp_table_file *file, const char *proc,
			      struct rp_unwind_built *ret, char *why, size_t why_size)
{
	const struct rp_mapped_file mapped = { .path = file->path };
	const struct rp_mapped m = {
		.start = file->start, .end = file->end, .file = &mapped,
	};
	char name[NAME_BYTES];
	unsigned int i;
	int fd, err = -ENOENT;

	if (file->fd >= 0)
		return compile(file, file->fd, file->path, ret, why, why_size);
	for (i = 0; ; i++) {
		fd = rp_mapped_file_open(proc, file->tgid, &m, i, name, sizeof(name));
		if (fd == -ENODATA)
			return err;
		if (fd < 0) {
			rp_why(why, why_size, "%s", name);
			err = fd;
			continue;
		}
		err = compile(file, fd, name, ret, why, why_size);
		close(fd);
		/* Another place may have the right one; what it is stays what it is. */
		if (err != -ESTALE)
			return err;
	}
}

static int compile_vdso(struct rp_unwind_built *ret, char *why, size_t why_size)
{
	size_t size;
	const void *image = rp_vdso_image(&size);

	if (!image) {
		rp_why(why, why_size, "[vdso]: this process has none");
		return -ENODATA;
	}
	return rp_unwind_compile_memory(image, size, "[vdso]", 0, ret, why, why_size);
}

/* The file is not ELF, is damaged, of another machine, or describes no frames. */
static bool is_final(int err)
{
	return err == -ENOEXEC || err == -EBADMSG || err == -EFBIG || err == -ENOTSUP ||
	       err == -ENODATA;
}

int rp_table_file_make(const struct rp_table_file *file, struct rp_table_cache *cache,
		       const char *proc, void **ret, size_t *ret_size, bool *ret_compiled,
		       char *why, size_t why_size)
{
	struct rp_build_id id = { .size = (uint8_t)file->id.build_id_len };
	struct rp_unwind_built built = { 0 };
	int err;

	memcpy(id.bytes, file->id.build_id, id.size);
	*ret_compiled = false;
	if (cache && !rp_table_cache_get(cache, &id, ret, ret_size))
		return 0;
	err = file->id.kind == RP_FILE_VDSO ? compile_vdso(&built, why, why_size) :
	      compile_candidates(file, proc, &built, why, why_size);
	if (err)
		return is_final(err) ? -ENODATA : err;
	if (cache)
		rp_table_cache_put(cache, &id, built.table, built.size);
	*ret = built.table;
	*ret_size = built.size;
	*ret_compiled = true;
	built.table = NULL;
	rp_unwind_built_free(&built);
	return 0;
}
