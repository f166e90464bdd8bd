// SPDX-License-Identifier: GPL-2.0
/*
 * User frames. Whatever was opened as a mapped file (mapped_file.h) has to prove (build
 * id, else inode) that it is the one. The symbol cache does that.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "debug_fetcher.h"
#include "demangle.h"
#include "mapped_file.h"
#include "namer_private.h"
#include "unnamed.h"

struct candidates {
	const struct rp_namer *namer;
	const struct rp_mapped *m;
	uint32_t tgid;
	int fd;			/* the file itself, the first candidate; -1: no more */
	bool had_fd;
};

static int open_candidate(void *arg, unsigned int nr, char *err, size_t err_size)
{
	struct candidates *c = arg;
	int fd = c->fd;

	if (fd >= 0) {
		c->fd = -1;
		snprintf(err, err_size, "%s", c->m->file->path);
		return fd;
	}
	if (c->had_fd)
		nr--;
	return rp_mapped_file_open(c->namer->options.proc, c->tgid, c->m, nr, err, err_size);
}

/* What is exported is not all of a file's symbols. */
static void want_symbols(struct rp_namer *n, const struct rp_elf_symbols *table,
			 const struct rp_build_id *id)
{
	struct rp_elf_symbols_info info;

	if (!n->options.fetcher || !table || !id->size)
		return;
	rp_elf_symbols_info(table, &info);
	if (info.symtab == RP_ELF_SYMTAB_NONE)
		rp_debug_fetcher_want(n->options.fetcher, id);
}

void rp_namer_take_fetched(struct rp_namer *n)
{
	struct rp_build_id id;

	while (n->options.fetcher && rp_debug_fetcher_arrived(n->options.fetcher, &id))
		rp_symbol_cache_refresh(n->symbols, &id);
}

const struct rp_elf_symbols *rp_namer_symbols(struct rp_namer *n, const struct rp_mapped *m,
					      uint32_t tgid,
					      const struct rp_namer_file *held)
{
	const struct rp_mapped_file *file = m->file;
	struct rp_file_identity id = {
		.dev = makedev(file->dev_major, file->dev_minor),
		.ino = file->inode,
		.size = file->stat.size,
		.mtime_ns = file->stat.mtime,
		.ctime_ns = file->stat.ctime,
	};
	struct candidates c = {
		.namer = n, .m = m, .tgid = tgid, .fd = held ? held->fd : -1,
		.had_fd = held && held->fd >= 0,
	};
	const struct rp_elf_symbols *table;
	char root[PATH_MAX];
	bool all;
	const struct rp_debug_search debug = {
		.root = root, .path = file->path, .dirs = n->options.debug_dirs,
	};
	const struct rp_symbol_source source = {
		.open = open_candidate, .arg = &c, .place = tgid, .debug = &debug,
		.jail = n->options.jail, .lines_jail = n->options.lines_jail,
	};

	if (held && held->root >= 0)
		snprintf(root, sizeof(root), "/proc/self/fd/%d", held->root);
	else
		snprintf(root, sizeof(root), "%s/%u/root", n->options.proc, tgid);
	id.build_id.size = file->build_id_len;
	memcpy(id.build_id.bytes, file->build_id, file->build_id_len);
	table = rp_symbol_cache_known(n->symbols, &id, &source, &all);
	if (!all && (held || rp_namer_affords(n)))
		table = rp_symbol_cache_get(n->symbols, &id, &source, NULL, NULL);
	n->unread = !all && !held && n->over_budget;
	if (!n->options.debug && table && rp_symbol_cache_asks(n->symbols))
		n->any_asks = file->note->asks = true;
	want_symbols(n, table, &id.build_id);
	if (c.fd >= 0)
		close(c.fd);
	return table;
}

/* ---- the vdso ------------------------------------------------------------------ */

int rp_namer_vdso_open(struct rp_namer *n)
{
	const void *image = rp_vdso_image(&n->vdso_size);

	if (!image)
		return 0;
	n->vdso_file.path = "[vdso]";
	return rp_elf_symbols_from_memory(image, n->vdso_size, "[vdso]", &n->vdso, NULL,
					  0) == -ENOMEM ? -ENOMEM : 0;
}

static bool is_vdso(const struct rp_namer *n, const struct rp_namer_frame *f,
		    const struct rp_mapped *m)
{
	return n->vdso && !f->is_32bit && (m->file->flags & RP_MAP_ANON) &&
	       !strcmp(m->file->path, "[vdso]") && m->end - m->start == n->vdso_size;
}

/* ---- locations ----------------------------------------------------------------- */

uint32_t rp_namer_location(struct rp_profile *p, uint32_t mapping, uint64_t address,
			   const char *name)
{
	struct rp_profile_line line = {
		.function = rp_profile_function(p, name, name, "", 0),
	};

	return line.function ? rp_profile_location(p, mapping, address, &line, 1) : 0;
}

uint32_t rp_namer_symbol(struct rp_namer *n, struct rp_profile *p, uint32_t mapping,
			 uint64_t address, const char *symbol, const struct rp_name_key *key)
{
	struct rp_profile_line line = { .function = rp_name_cache_get(&n->cache, key) };
	char *name;

	if (!line.function) {
		name = rp_demangle(symbol, RP_DEMANGLE_SHORT);
		line.function = rp_profile_function(p, name ? name : symbol, symbol, "", 0);
		free(name);
		rp_name_cache_put(&n->cache, key, line.function);
	}
	return line.function ? rp_profile_location(p, mapping, address, &line, 1) : 0;
}

static const char *mapping_name(const struct rp_mapped_file *file)
{
	return *file->path ? file->path : file->flags & RP_MAP_ANON ? "[anon]" : "[unnamed]";
}

uint32_t rp_namer_user_mapping(struct rp_namer *n, struct rp_profile *p,
			       const struct rp_mapped *m, unsigned int has)
{
	const struct rp_name_key key = {
		.profile = p, .owner = m,
		.kind = has & RP_NAMER_LINES ? RP_NAME_MAPPING_LINES : RP_NAME_MAPPING,
	};
	unsigned int debug = has & RP_NAMER_LINES ? n->options.debug : 0;
	uint32_t id = rp_name_cache_get(&n->cache, &key);
	struct rp_build_id build_id = { .size = m->file->build_id_len };
	struct rp_profile_mapping mapping = {
		.start = m->start,
		.limit = m->end,
		.offset = m->offset,
		.has_functions = has & RP_NAMER_FUNCTIONS,
		.has_filenames = debug & RP_DEBUG_LINES,
		.has_lines = debug & RP_DEBUG_LINES,
		.has_inlines = debug & RP_DEBUG_INLINES,
	};
	char hex[RP_BUILD_ID_HEX];

	if (id)
		return id;
	memcpy(build_id.bytes, m->file->build_id, build_id.size);
	mapping.filename = rp_profile_string(p, mapping_name(m->file));
	mapping.build_id = rp_profile_string(p, rp_build_id_hex(&build_id, hex));
	id = rp_profile_mapping(p, &mapping);
	rp_name_cache_put(&n->cache, &key, id);
	return id;
}

/* "libfoo.so+0x1234": the offset in the file, or in a mapping that has none. */
static uint32_t unnamed(struct rp_namer *n, struct rp_profile *p, const struct rp_mapped *m,
			uint64_t address, bool has_table)
{
	bool anon = m->file->flags & RP_MAP_ANON;
	uint64_t offset = address - m->start + (anon ? 0 : m->offset);
	char text[RP_UNNAMED_SIZE];

	rp_unnamed(mapping_name(m->file), offset, text);
	n->stats.user_unnamed++;
	n->stats.put_off += !anon && !has_table && n->unread;
	return rp_namer_location(p, rp_namer_user_mapping(n, p, m, has_table ?
							   RP_NAMER_FUNCTIONS : 0),
				 address, text);
}

/* A large file's table may have had to go since the window's addresses were asked for. */
static bool read_name(struct rp_namer *n, const struct rp_elf_symbols *table, uint64_t vaddr,
		      struct rp_elf_symbol *ret)
{
	if (!rp_namer_affords(n)) {
		n->stats.put_off++;
		return false;
	}
	return !rp_symbol_cache_find(n->symbols, &vaddr, 1) &&
	       !rp_elf_symbols_lookup(table, vaddr, ret);
}

static uint32_t name_address(struct rp_namer *n, struct rp_profile *p,
			     const struct rp_namer_frame *f, const struct rp_mapped *m)
{
	struct rp_name_key key = { .profile = p, .owner = m->file, .kind = RP_NAME_FUNCTION };
	uint64_t offset = f->address - m->start, vaddr;
	const struct rp_elf_symbols *table = NULL;
	struct rp_elf_symbol sym;
	bool named;
	uint32_t id;

	if (is_vdso(n, f, m)) {
		table = n->vdso;
		key.owner = &n->vdso_file;
	} else if (!(m->file->flags & RP_MAP_ANON)) {
		table = rp_namer_symbols(n, m, f->tgid, NULL);
		offset += m->offset;
	}
	if (!table || rp_elf_symbols_vaddr(table, offset, &vaddr))
		return unnamed(n, p, m, f->address, table);
	named = !rp_elf_symbols_lookup(table, vaddr, &sym) ||
		(table != n->vdso && m->file->note->asks && read_name(n, table, vaddr, &sym));
	id = n->options.debug && table != n->vdso ?
		rp_namer_lines(n, p, m, f->address, vaddr, named ? &sym : NULL) : 0;
	n->stats.user_named += named || id;
	if (id)
		return id;
	if (!named)
		return unnamed(n, p, m, f->address, table);
	key.number = sym.start;
	return rp_namer_symbol(n, p, rp_namer_user_mapping(n, p, m, RP_NAMER_FUNCTIONS),
			       f->address, sym.name, &key);
}

uint32_t rp_namer_user(struct rp_namer *n, struct rp_profile *p,
		       const struct rp_namer_frame *f)
{
	const struct rp_mapped *m = rp_maps_find(f->maps, f->address);
	const struct rp_name_key key = {
		.profile = p,
		.owner = m,
		.number = f->address,
		.kind = m ? RP_NAME_LOCATION : RP_NAME_UNMAPPED,
	};
	uint32_t id = f->jit && rp_jit_is_place(m) ? rp_namer_jit(n, p, f) : 0;

	if (!id)
		id = rp_name_cache_get(&n->cache, &key);
	if (id)
		return id;
	if (m) {
		id = name_address(n, p, f, m);
	} else {
		n->stats.user_unmapped++;
		id = rp_namer_location(p, 0, f->address, "[unmapped]");
	}
	rp_name_cache_put(&n->cache, &key, id);
	return id;
}
