// SPDX-License-Identifier: GPL-2.0
/*
 * A flat sorted table instead of a tree of nodes: a quarter of a million lines of
 * kallsyms come and go with every module, and each sample asks twenty times. Names lie
 * behind one another in one pool; an address, a name's place and an image's number are
 * all that a function costs.
 *
 * Whatever is not a function (data, padding, markers, the end of an image) becomes a
 * gap: an entry with name 0. So a look-up is one binary search, and there is no length
 * to compare: a function ends where the next entry begins. Gaps behind gaps are dropped,
 * which is why a kernel's hundred thousand data symbols cost nothing.
 */
#include "kernel_symbols.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"
#include "kernel_images.h"

/* How far a function without a known end reaches (generated code: no list has its size). */
#define REACH_MAX	65536
/* Windows from one reload without a change of modules to the next one, doubled up to this. */
#define BACKOFF_MAX	64

struct rp_kernel_symbols {
	char *kallsyms, *modules;		/* paths */
	struct rp_kernel_images images;
	uint64_t *addr;				/* these three in parallel, ascending */
	uint32_t *name;
	uint16_t *image;
	size_t nr, symbols;
	char *names;
	size_t names_size;
	char problem[256];			/* "": none */
	uint64_t loads, misses, misses_at_load;
	unsigned int backoff, wait;
};

/* ---- building -------------------------------------------------------------- */

/* Where e ends if nothing follows: with its image, or after a while if that is unknown. */
static uint64_t reach(const struct rp_kallsyms *k, const struct rp_kallsyms_entry *e)
{
	const struct rp_kernel_image *image = &k->images.of[e->image];

	if (image->base && e->addr >= image->base && e->addr < image->end)
		return image->end;
	return e->addr < UINT64_MAX - REACH_MAX ? e->addr + REACH_MAX : UINT64_MAX;
}

static void append(struct rp_kernel_symbols *ks, uint64_t addr, uint32_t name, uint16_t image)
{
	ks->addr[ks->nr] = addr;
	ks->name[ks->nr] = name;
	ks->image[ks->nr] = image;
	ks->nr++;
	ks->symbols += name != 0;
}

static void shrink(struct rp_kernel_symbols *ks)
{
	size_t nr = ks->nr ? ks->nr : 1;

	/* A smaller block cannot fail to be had; if it does, the larger one stays. */
	ks->addr = realloc(ks->addr, nr * sizeof(*ks->addr)) ?: ks->addr;
	ks->name = realloc(ks->name, nr * sizeof(*ks->name)) ?: ks->name;
	ks->image = realloc(ks->image, nr * sizeof(*ks->image)) ?: ks->image;
	ks->names = realloc(ks->names, ks->names_size) ?: ks->names;
}

/* Sorted entries to the table: one per address, gaps behind functions that end early. */
static int fill(struct rp_kernel_symbols *ks, struct rp_kallsyms *k)
{
	size_t i, room = 2 * k->nr + 1;
	uint64_t end;

	ks->addr = malloc(room * sizeof(*ks->addr));
	ks->name = malloc(room * sizeof(*ks->name));
	ks->image = malloc(room * sizeof(*ks->image));
	if (!ks->addr || !ks->name || !ks->image)
		return -ENOMEM;
	for (i = 0; i < k->nr; i++) {
		const struct rp_kallsyms_entry *e = &k->entries[i];

		if (i && e->addr == k->entries[i - 1].addr)
			continue;
		if (ks->nr && ks->name[ks->nr - 1]) {
			end = reach(k, &(struct rp_kallsyms_entry){ .addr = ks->addr[ks->nr - 1],
							.image = ks->image[ks->nr - 1] });
			if (end < e->addr)
				append(ks, end, 0, 0);
		}
		if (e->name || (ks->nr && ks->name[ks->nr - 1]))
			append(ks, e->addr, e->name, e->image);
	}
	if (ks->nr && ks->name[ks->nr - 1])
		append(ks, reach(k, &(struct rp_kallsyms_entry){ .addr = ks->addr[ks->nr - 1],
						     .image = ks->image[ks->nr - 1] }), 0, 0);
	return 0;
}

static void find_problem(struct rp_kernel_symbols *ks, const struct rp_kallsyms *k)
{
	ks->problem[0] = '\0';
	if (ks->symbols)
		return;
	if (k->error)
		snprintf(ks->problem, sizeof(ks->problem),
			 "%.100s: %s; kernel functions have no names "
			 "(is the kernel built with CONFIG_KALLSYMS, and is this run as root?)",
			 ks->kallsyms, strerror(k->error));
	else if (!k->seen_address)
		snprintf(ks->problem, sizeof(ks->problem),
			 "%.100s shows no addresses, the kernel hides them: run as root, "
			 "and if kernel.kptr_restrict is 2, do: sysctl kernel.kptr_restrict=1",
			 ks->kallsyms);
	else
		snprintf(ks->problem, sizeof(ks->problem),
			 "%.100s lists no functions; kernel functions have no names", ks->kallsyms);
}

static void free_table(struct rp_kernel_symbols *ks)
{
	rp_kernel_images_free(&ks->images);
	free(ks->addr);
	free(ks->name);
	free(ks->image);
	free(ks->names);
}

/* Reads everything anew; on failure the old tables stay. */
static int load(struct rp_kernel_symbols *ks)
{
	struct rp_kernel_symbols new = *ks;
	struct rp_kallsyms k;
	int r;

	r = rp_kallsyms_read(ks->kallsyms, ks->modules, &k);
	if (r)
		return r;
	new.nr = new.symbols = 0;
	r = fill(&new, &k);
	if (r) {
		free(new.addr);
		free(new.name);
		free(new.image);
		rp_kallsyms_free(&k);
		return r;
	}
	new.images = k.images;
	new.names = k.names;
	new.names_size = k.names_size;
	free(k.entries);
	free_table(ks);
	*ks = new;
	shrink(ks);
	find_problem(ks, &k);
	ks->loads++;
	ks->misses_at_load = ks->misses;
	return 0;
}

/* ---- for callers ----------------------------------------------------------- */

int rp_kernel_symbols_open(const char *kallsyms, const char *modules,
			   struct rp_kernel_symbols **ret)
{
	struct rp_kernel_symbols *ks = calloc(1, sizeof(*ks));
	int r = -ENOMEM;

	if (!ks)
		return r;
	ks->kallsyms = strdup(kallsyms ? kallsyms : "/proc/kallsyms");
	ks->modules = strdup(modules ? modules : "/proc/modules");
	if (ks->kallsyms && ks->modules)
		r = load(ks);
	if (r) {
		rp_kernel_symbols_free(ks);
		return r;
	}
	*ret = ks;
	return 0;
}

void rp_kernel_symbols_free(struct rp_kernel_symbols *ks)
{
	if (!ks)
		return;
	free_table(ks);
	free(ks->kallsyms);
	free(ks->modules);
	free(ks);
}

const char *rp_kernel_symbols_problem(const struct rp_kernel_symbols *ks)
{
	return *ks->problem ? ks->problem : NULL;
}

/*
 * A problem or unknown addresses may be gone after a reload, or may be there for good;
 * a reload costs the most when it helps the least, so each one makes the next wait longer.
 */
static bool worth_trying(struct rp_kernel_symbols *ks)
{
	bool wanted = *ks->problem || ks->misses != ks->misses_at_load;

	if (ks->wait) {
		ks->wait--;
		return false;
	}
	if (!wanted) {
		ks->backoff = 0;
		return false;
	}
	ks->backoff = ks->backoff ? 2 * ks->backoff : 1;
	if (ks->backoff > BACKOFF_MAX)
		ks->backoff = BACKOFF_MAX;
	ks->wait = ks->backoff - 1;
	return true;
}

int rp_kernel_symbols_refresh(struct rp_kernel_symbols *ks)
{
	struct rp_kernel_images now;
	bool changed;
	int r;

	r = rp_kernel_images_read(ks->modules, &now);
	if (r)
		return r;
	changed = now.hash != ks->images.hash;
	rp_kernel_images_free(&now);
	if (!changed && !worth_trying(ks))
		return 0;
	r = load(ks);
	return r ? r : 1;
}

int rp_kernel_symbols_lookup(struct rp_kernel_symbols *ks, uint64_t address,
			     struct rp_kernel_symbol *ret)
{
	struct rp_kernel_symbol sym = { 0 };
	const struct rp_kernel_image *image;
	size_t low = 0, high = ks->nr, mid;
	int i;

	if (!ks->nr)
		return -ENODATA;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (ks->addr[mid] <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (low && ks->name[low - 1]) {
		i = ks->image[low - 1];
		sym.name = ks->names + ks->name[low - 1];
		sym.offset = address - ks->addr[low - 1];
	} else {
		i = rp_kernel_images_find(&ks->images, address);
		if (i < 0) {
			ks->misses++;
			return i;
		}
	}
	image = &ks->images.of[i];
	sym.image = i;
	sym.module = *image->name ? image->name : NULL;
	if (image->base && address >= image->base && address < image->end) {
		sym.has_rel = true;
		sym.rel = address - image->base;
		sym.image_size = image->end - image->base;
	}
	*ret = sym;
	return 0;
}

const struct rp_build_id *rp_kernel_symbols_build_id(struct rp_kernel_symbols *ks,
						     const struct rp_kernel_symbol *sym,
						     const char *sysfs)
{
	return rp_kernel_images_build_id(&ks->images, sym->image, sysfs);
}

void rp_kernel_symbols_stats(const struct rp_kernel_symbols *ks,
			     struct rp_kernel_symbols_stats *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->symbols = ks->symbols;
	for (i = 1; i < ks->images.nr; i++)
		ret->modules += ks->images.of[i].base != 0;
	ret->bytes = sizeof(*ks) + ks->names_size +
		     ks->nr * (sizeof(*ks->addr) + sizeof(*ks->name) + sizeof(*ks->image)) +
		     ks->images.room * sizeof(*ks->images.of);
	ret->loads = ks->loads;
	ret->misses = ks->misses;
}
