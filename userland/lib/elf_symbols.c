// SPDX-License-Identifier: GPL-2.0
/*
 * The table keeps 16 bytes a function and its name, for it lives as long as anyone runs
 * the file, and a host runs hundreds of files: addresses, sizes and names in three flat
 * arrays, so that a look-up's binary search touches addresses alone. What the file said
 * besides (aliases, data, versions, string tables) is gone when the table is built.
 */
#include "elf_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_collect.h"
#include "elf_file.h"
#include "elf_settle.h"
#include "elf_symbols_private.h"
#include "elf_take.h"
#include "root_open.h"

/* Functions within functions (entry points in assembly); deeper ones are not real. */
#define NESTING_MAX 32

static int say(char *err, size_t err_size, const char *path, int code, const char *what)
{
	if (err && err_size)
		snprintf(err, err_size, "%s: %s", path, what);
	return code;
}

/*
 * In two steps: O_PATH opens nothing but the name, so that looking at what it is cannot
 * rewind a tape or wait for a writer; then exactly that inode is opened, not the path
 * again, which may lead elsewhere by then.
 */
int rp_elf_open(const char *path, struct stat *ret_st, char *err, size_t err_size)
{
	int place, r;

	place = open(path, O_PATH | O_CLOEXEC);
	if (place < 0)
		return say(err, err_size, path, -errno, strerror(errno));
	r = rp_regular_reopen(place, path, ret_st, err, err_size);
	close(place);
	return r;
}

static int fill(struct rp_elf_symbols *es, struct rp_elf_collection *c)
{
	size_t i;
	int r;

	if (!c->nr)
		return 0;
	r = rp_elf_settle(c);
	if (r)
		return r;
	es->name = malloc(c->nr * sizeof(*es->name));
	if (!es->name)
		return -ENOMEM;
	r = rp_elf_take_names(c, es->name, &es->names, &es->names_size);
	if (r)
		return r;
	es->nr = c->nr;
	es->partial |= c->partial;
	es->addr = malloc((es->nr + 1) * sizeof(*es->addr));
	es->size = malloc((es->nr + 1) * sizeof(*es->size));
	if (!es->addr || !es->size)
		return -ENOMEM;
	for (i = 0; i < es->nr; i++) {
		es->addr[i] = c->symbols[i].addr;
		es->size[i] = c->symbols[i].size;
	}
	return 0;
}

static int build(struct rp_elf_file *f, const struct rp_debug_search *where,
		 const struct rp_elf_wanted *wanted, struct rp_elf_symbols **ret)
{
	struct rp_elf_symbols *es = calloc(1, sizeof(*es));
	struct rp_elf_collection c;
	int r;

	if (!es)
		return rp_elf_file_fail(f, -ENOMEM, "no memory for symbols");
	r = rp_elf_file_begin(f);
	if (r) {
		free(es);
		return r;
	}
	es->machine = f->ehdr.e_machine;
	es->type = f->ehdr.e_type;
	es->is_64 = f->is_64;
	es->picked = wanted && rp_elf_can_pick(f, wanted->more_than);
	r = rp_elf_collect(f, where, es->picked ? wanted : NULL, &c);
	if (!r) {
		es->build_id = c.build_id;
		es->symtab = c.symtab;
		es->partial = f->partial;
		es->segments = c.segments;
		es->nr_segments = c.nr_segments;
		c.segments = NULL;
		r = fill(es, &c);
		rp_elf_collection_free(&c);
	}
	if (!r && !es->nr_segments)
		r = rp_elf_file_fail(f, -EBADMSG, "has no loadable segment");
	else if (r)
		rp_elf_file_fail(f, r, "no memory for symbols");
	rp_elf_file_end(f);
	if (r) {
		rp_elf_symbols_free(es);
		return r;
	}
	*ret = es;
	return 0;
}

int rp_elf_symbols_pick(int fd, const char *path, const struct rp_debug_search *where,
			const struct rp_elf_wanted *wanted, struct rp_elf_symbols **ret, char *err,
			size_t err_size)
{
	struct rp_elf_file f = { .fd = fd, .name = path, .err = err, .err_size = err_size };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return say(err, err_size, path, -errno, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return say(err, err_size, path, -ENOTSUP, "is not a regular file");
	f.size = st.st_size;
	return build(&f, where, wanted, ret);
}

int rp_elf_symbols_from_fd(int fd, const char *path, const struct rp_debug_search *where,
			   struct rp_elf_symbols **ret, char *err, size_t err_size)
{
	return rp_elf_symbols_pick(fd, path, where, NULL, ret, err, err_size);
}

int rp_elf_symbols_pick_from_memory(const void *image, size_t size, const char *name,
				    const struct rp_elf_wanted *wanted,
				    struct rp_elf_symbols **ret, char *err, size_t err_size)
{
	struct rp_elf_file f = { .fd = -1, .image = image, .size = size, .name = name,
				 .err = err, .err_size = err_size };

	return build(&f, NULL, wanted, ret);
}

int rp_elf_symbols_from_memory(const void *image, size_t size, const char *name,
			       struct rp_elf_symbols **ret, char *err, size_t err_size)
{
	return rp_elf_symbols_pick_from_memory(image, size, name, NULL, ret, err, err_size);
}

void rp_elf_symbols_empty(struct rp_elf_symbols *es)
{
	if (es->block) {
		free(es->block);
	} else {
		free(es->addr);
		free(es->size);
		free(es->name);
		free(es->names);
		free(es->segments);
	}
}

void rp_elf_symbols_free(struct rp_elf_symbols *es)
{
	if (es)
		rp_elf_symbols_empty(es);
	free(es);
}

/*
 * Pages are mapped whole, so a mapping may begin before its segment does; but an offset
 * inside of a segment belongs to it, and to the executable one if two share a page.
 */
int rp_elf_symbols_vaddr(const struct rp_elf_symbols *es, uint64_t file_offset,
			 uint64_t *ret_vaddr)
{
	const struct rp_elf_segment *s, *best = NULL;
	size_t i;

	for (i = 0; i < es->nr_segments; i++) {
		s = &es->segments[i];
		if (file_offset < s->offset || file_offset - s->offset >= s->filesz)
			continue;
		if (!best || (s->code && !best->code))
			best = s;
	}
	if (!best)
		return -ENOENT;
	*ret_vaddr = best->vaddr + (file_offset - best->offset);
	return 0;
}

/* How many bytes the kernel maps of a segment, with pages of a size. */
static uint64_t pages_of(const struct rp_elf_segment *s, uint64_t page)
{
	return ((s->vaddr + s->memsz + page - 1) & ~(page - 1)) - (s->vaddr & ~(page - 1));
}

/* The only segment of code, if a file of debugging data alone has its bytes elsewhere. */
static const struct rp_elf_segment *emptied_code(const struct rp_elf_symbols *es)
{
	const struct rp_elf_segment *code = NULL;
	size_t i;

	for (i = 0; i < es->nr_segments; i++) {
		if (!es->segments[i].code)
			continue;
		if (code)
			return NULL;
		code = &es->segments[i];
	}
	return code && code->filesz < code->memsz ? code : NULL;
}

int rp_elf_symbols_mapped(const struct rp_elf_symbols *es, uint64_t start, uint64_t limit,
			  uint64_t offset, uint64_t address, uint64_t *ret_vaddr)
{
	const struct rp_elf_segment *code = emptied_code(es);
	uint64_t page;

	if (address < start || address >= limit)
		return -ENOENT;
	if (!code)
		return rp_elf_symbols_vaddr(es, address - start + offset, ret_vaddr);
	for (page = 4096; page <= 65536; page *= 4) {
		if ((start | limit | offset) & (page - 1) || pages_of(code, page) != limit - start)
			continue;
		*ret_vaddr = (code->vaddr & ~(page - 1)) + (address - start);
		return 0;
	}
	return -ENOENT;
}

int rp_elf_symbols_lookup(const struct rp_elf_symbols *es, uint64_t vaddr,
			  struct rp_elf_symbol *ret)
{
	size_t low = 0, high = es->nr, mid, stop;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (es->addr[mid] <= vaddr)
			low = mid + 1;
		else
			high = mid;
	}
	stop = low > NESTING_MAX ? low - NESTING_MAX : 0;
	for (; low > stop; low--) {
		if (vaddr - es->addr[low - 1] >= es->size[low - 1])
			continue;
		ret->name = es->names + es->name[low - 1];
		ret->start = es->addr[low - 1];
		ret->size = es->size[low - 1];
		ret->offset = vaddr - ret->start;
		return 0;
	}
	return -ENOENT;
}

const struct rp_build_id *rp_elf_symbols_build_id(const struct rp_elf_symbols *es)
{
	return &es->build_id;
}

void rp_elf_symbols_info(const struct rp_elf_symbols *es, struct rp_elf_symbols_info *ret)
{
	*ret = (struct rp_elf_symbols_info){
		.symbols = es->nr,
		.bytes = sizeof(*es) + es->names_size +
			 es->nr * (sizeof(*es->addr) + sizeof(*es->size) + sizeof(*es->name)) +
			 es->nr_segments * sizeof(*es->segments),
		.machine = es->machine,
		.type = es->type,
		.is_64 = es->is_64,
		.symtab = es->symtab,
		.partial = es->partial,
		.picked = es->picked,
	};
}
