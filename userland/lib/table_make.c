// SPDX-License-Identifier: GPL-2.0
/* Where a table comes from: the cache, else one of the places where its file may be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jail_table.h"
#include "mapped_file.h"
#include "table_file.h"
#include "unwind_compile.h"
#include "why.h"

#define NAME_BYTES 512

static int compile_candidates(const struct rp_table_file *file,
			      const struct rp_table_maker *how, void **ret, size_t *ret_size,
			      char *why, size_t why_size)
{
	const struct rp_mapped_file mapped = { .path = file->path };
	const struct rp_mapped m = {
		.start = file->start, .end = file->end, .file = &mapped,
	};
	char name[NAME_BYTES];
	unsigned int i;
	int fd, err = -ENOENT;

	if (file->fd >= 0)
		return rp_jail_table(how->jail, &file->id, file->fd, file->path, ret, ret_size,
				     why, why_size);
	for (i = 0; ; i++) {
		fd = rp_mapped_file_open(how->proc, file->tgid, &m, i, name, sizeof(name));
		if (fd == -ENODATA)
			return err;
		if (fd < 0) {
			rp_why(why, why_size, "%s", name);
			err = fd;
			continue;
		}
		err = rp_jail_table(how->jail, &file->id, fd, name, ret, ret_size, why,
				    why_size);
		close(fd);
		/* Another place may have the right one; what it is stays what it is. */
		if (err != -ESTALE)
			return err;
	}
}

/* Our own: no stranger's file. */
static int compile_vdso(void **ret, size_t *ret_size, char *why, size_t why_size)
{
	struct rp_unwind_built built = { 0 };
	size_t size;
	const void *image = rp_vdso_image(&size);
	int err;

	if (!image) {
		rp_why(why, why_size, "[vdso]: this process has none");
		return -ENODATA;
	}
	err = rp_unwind_compile_memory(image, size, "[vdso]", 0, &built, why, why_size);
	if (err)
		return err;
	*ret = built.table;
	*ret_size = built.size;
	built.table = NULL;
	rp_unwind_built_free(&built);
	return 0;
}

/* The file is not ELF, is damaged, of another machine, or describes no frames. */
static bool is_final(int err)
{
	return err == -ENOEXEC || err == -EBADMSG || err == -EFBIG || err == -ENOTSUP ||
	       err == -ENODATA;
}

int rp_table_file_make(const struct rp_table_file *file, const struct rp_table_maker *how,
		       void **ret, size_t *ret_size, bool *ret_compiled, char *why,
		       size_t why_size)
{
	struct rp_build_id id = { .size = (uint8_t)file->id.build_id_len };
	int err;

	memcpy(id.bytes, file->id.build_id, id.size);
	*ret_compiled = false;
	if (how->cache && !rp_table_cache_get(how->cache, &id, ret, ret_size))
		return 0;
	err = file->id.kind == RP_FILE_VDSO ?
		compile_vdso(ret, ret_size, why, why_size) :
		compile_candidates(file, how, ret, ret_size, why, why_size);
	if (err)
		return is_final(err) ? -ENODATA : err;
	if (how->cache)
		rp_table_cache_put(how->cache, &id, *ret, *ret_size);
	*ret_compiled = true;
	return 0;
}
