// SPDX-License-Identifier: GPL-2.0
/*
 * One table a file instead of one a process is what makes symbols affordable on a host
 * with hundreds of processes; a limit in bytes instead of in files is what keeps one
 * browser from taking the room of a thousand small programs. Buckets are few and chains
 * short (hundreds of files), so that the index needs no growing.
 */
#include "symbol_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "jail_symbols.h"
#include "symbol_rest.h"

#define BUCKETS		1024
#define TEXT_MAX	512		/* bytes of a failure's sentence */

struct entry {
	struct entry *chain;			/* next of the same bucket */
	struct entry *newer, *older;		/* by last use */
	struct rp_file_identity id;
	struct rp_elf_symbols *table;		/* or NULL and why and text */
	struct rp_symbol_rest rest;
	struct rp_symbol_debug debug;
	enum rp_symbol_failure why;
	bool again;				/* to be read again, if it can be */
	uint64_t place;				/* where it was not found */
	size_t bytes;
	char text[];
};

struct rp_symbol_cache {
	struct entry *buckets[BUCKETS];
	struct entry *newest, *oldest;
	uint64_t seed;				/* of the buckets */
	unsigned int want;			/* of debugging data */
	char problem[TEXT_MAX];
	struct rp_symbol_cache_stats stats;
};

/* What one attempt to read a file came to. */
struct attempt {
	struct rp_elf_symbols *table;
	struct rp_symbol_rest rest;
	struct rp_symbol_debug debug;
	enum rp_symbol_failure why;
	char text[TEXT_MAX];
};

/* ---- entries --------------------------------------------------------------- */

static struct entry **bucket_of(struct rp_symbol_cache *cache, const struct rp_file_identity *id)
{
	uint64_t hash;

	if (id->build_id.size)
		hash = rp_hash_bytes(cache->seed, id->build_id.bytes, id->build_id.size);
	else
		hash = rp_hash_mix(rp_hash_mix(cache->seed, id->dev), id->ino);
	return &cache->buckets[hash % BUCKETS];
}

static bool same_file(const struct rp_file_identity *a, const struct rp_file_identity *b)
{
	if (a->build_id.size || b->build_id.size)
		return rp_build_id_equal(&a->build_id, &b->build_id);
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static struct entry *find(struct rp_symbol_cache *cache, const struct rp_file_identity *id)
{
	struct entry *e;

	for (e = *bucket_of(cache, id); e; e = e->chain)
		if (same_file(&e->id, id))
			return e;
	return NULL;
}

static void unlink_use(struct rp_symbol_cache *cache, struct entry *e)
{
	*(e->newer ? &e->newer->older : &cache->newest) = e->older;
	*(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(struct rp_symbol_cache *cache, struct entry *e)
{
	e->newer = NULL;
	e->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = e;
	cache->newest = e;
}

static void drop(struct rp_symbol_cache *cache, struct entry *e)
{
	struct entry **link = bucket_of(cache, &e->id);

	while (*link != e)
		link = &(*link)->chain;
	*link = e->chain;
	unlink_use(cache, e);
	cache->stats.files--;
	cache->stats.bytes -= e->bytes;
	rp_symbol_rest_close(&e->rest);
	rp_symbol_debug_close(&e->debug);
	rp_elf_symbols_free(e->table);
	free(e);
}

static void use(struct rp_symbol_cache *cache, struct entry *e)
{
	unlink_use(cache, e);
	link_newest(cache, e);
}

static size_t bytes_of(const struct entry *e)
{
	struct rp_elf_symbols_info info = { 0 };

	if (e->table)
		rp_elf_symbols_info(e->table, &info);
	return sizeof(*e) + strlen(e->text) + 1 + info.bytes + rp_symbol_rest_bytes(&e->rest) +
	       rp_symbol_debug_bytes(&e->debug);
}

static struct entry *add(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
			 uint64_t place, const struct attempt *a)
{
	size_t text = a->table ? 1 : strlen(a->text) + 1;
	struct entry *e = calloc(1, sizeof(*e) + text), **bucket = bucket_of(cache, id);

	if (!e)
		return NULL;
	e->id = *id;
	e->place = place;
	e->table = a->table;
	e->rest = a->rest;
	e->debug = a->debug;
	e->why = a->why;
	memcpy(e->text, a->table ? "" : a->text, text);
	e->bytes = bytes_of(e);
	e->chain = *bucket;
	*bucket = e;
	link_newest(cache, e);
	cache->stats.files++;
	cache->stats.bytes += e->bytes;
	return e;
}

/* ---- reading --------------------------------------------------------------- */

static int64_t nanoseconds(const struct timespec *t)
{
	return t->tv_sec * 1000000000ll + t->tv_nsec;
}

/*
 * The device is not compared: on btrfs and overlayfs, stat() shows another one than the
 * mapping does. The build id, where both sides have it, says everything. What has lost its
 * last name since has another ctime for that, and was found by no path.
 */
static bool stat_fits(const struct rp_file_identity *id, const struct stat *st)
{
	if (id->build_id.size)
		return true;
	return (!id->ino || id->ino == st->st_ino) &&
	       (!id->size || id->size == (uint64_t)st->st_size) &&
	       (!id->mtime_ns || id->mtime_ns == nanoseconds(&st->st_mtim)) &&
	       (!id->ctime_ns || !st->st_nlink || id->ctime_ns == nanoseconds(&st->st_ctim));
}

/* err holds the file's name, and a sentence with it if this fails. */
static int read_one(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		    const struct rp_symbol_source *source, int fd, struct attempt *ret, char *err,
		    size_t err_size)
{
	struct rp_elf_symbols *table;
	char name[TEXT_MAX];
	struct stat st;
	size_t none;
	int r;

	snprintf(name, sizeof(name), "%s", err);
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!stat_fits(id, &st)) {
		snprintf(err, err_size, "%.400s: %s", name,
			 rp_symbol_failure_text(RP_SYMBOL_CHANGED));
		return -ESTALE;
	}
	r = rp_jail_symbols(source->jail, fd, name, source->debug, rp_symbol_rest_first(),
			    &none, &table, err, err_size);
	if (r)
		return r;
	if (id->build_id.size &&
	    !rp_build_id_equal(&id->build_id, rp_elf_symbols_build_id(table))) {
		rp_elf_symbols_free(table);
		snprintf(err, err_size, "%.300s: has another build id, %s", name,
			 rp_symbol_failure_text(RP_SYMBOL_CHANGED));
		return -ESTALE;
	}
	ret->table = table;
	rp_symbol_rest_open(&ret->rest, table, source->jail, fd, name);
	if (cache->want)
		rp_symbol_debug_open(&ret->debug,
				     source->lines_jail ? source->lines_jail : source->jail, fd,
				     name, source->debug, cache->problem, sizeof(cache->problem));
	return 0;
}

/* Keeps the first failure that says more than that there is nothing at a path. */
static void read_any(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		     const struct rp_symbol_source *source, struct attempt *ret)
{
	char text[TEXT_MAX];
	unsigned int n;
	int fd, r;

	ret->table = NULL;
	ret->rest = (struct rp_symbol_rest){ .fd = -1 };
	ret->debug = (struct rp_symbol_debug){ .data = NULL };
	ret->why = RP_SYMBOL_NOT_FOUND;
	snprintf(ret->text, sizeof(ret->text), "%s", rp_symbol_failure_text(ret->why));
	for (n = 0; !ret->table; n++) {
		text[0] = '\0';
		r = fd = source->open(source->arg, n, text, sizeof(text));
		if (fd == -ENODATA)
			return;
		if (fd >= 0) {
			r = read_one(cache, id, source, fd, ret, text, sizeof(text));
			close(fd);
		}
		if (r < 0 && ret->why == RP_SYMBOL_NOT_FOUND) {
			ret->why = rp_symbol_failure_of(-r);
			snprintf(ret->text, sizeof(ret->text), "%s",
				 *text ? text : rp_symbol_failure_text(ret->why));
		}
	}
	ret->why = RP_SYMBOL_OK;
}

/* ---- for callers ----------------------------------------------------------- */

struct rp_symbol_cache *rp_symbol_cache_new(size_t max_bytes)
{
	struct rp_symbol_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->seed = rp_hash_seed();
	cache->stats.max_bytes = max_bytes;
	return cache;
}

void rp_symbol_cache_free(struct rp_symbol_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest)
		drop(cache, cache->oldest);
	free(cache);
}

static void make_room(struct rp_symbol_cache *cache)
{
	while (cache->stats.bytes > cache->stats.max_bytes && cache->oldest != cache->newest) {
		drop(cache, cache->oldest);
		cache->stats.evictions++;
	}
}

/* NULL without memory; what it came to is gone then. */
static struct entry *add_attempt(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
				 uint64_t place, struct attempt *a)
{
	struct entry *e = add(cache, id, place, a);

	if (!e) {
		rp_symbol_rest_close(&a->rest);
		rp_symbol_debug_close(&a->debug);
		rp_elf_symbols_free(a->table);
	}
	make_room(cache);
	return e;
}

/* The entry of what was read again; the old one if it could not be. */
static struct entry *read_again(struct rp_symbol_cache *cache, struct entry *old,
				const struct rp_symbol_source *source)
{
	struct rp_file_identity id = old->id;
	struct attempt a;

	old->again = false;
	read_any(cache, &id, source, &a);
	cache->stats.reads++;
	if (!a.table)
		return old;
	drop(cache, old);
	return add_attempt(cache, &id, source->place, &a);
}

const struct rp_elf_symbols *
rp_symbol_cache_get(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		    const struct rp_symbol_source *source,
		    enum rp_symbol_failure *ret_why, const char **ret_text)
{
	struct entry *e = find(cache, id);
	struct attempt a;

	if (e && rp_symbol_failure_may_pass(e->why) && e->place != source->place) {
		drop(cache, e);
		e = NULL;
	}
	if (e)
		use(cache, e);		/* also one that cannot be read again */
	if (e && e->again) {
		e = read_again(cache, e, source);
	} else if (e) {
		cache->stats.hits++;
	} else {
		read_any(cache, id, source, &a);
		cache->stats.reads++;
		cache->stats.failures[a.why] += a.why != RP_SYMBOL_OK;
		e = add_attempt(cache, id, source->place, &a);
	}
	if (ret_why)
		*ret_why = e ? e->why : RP_SYMBOL_MEMORY;
	if (ret_text)
		*ret_text = e && !e->table ? e->text :
			rp_symbol_failure_text(e ? RP_SYMBOL_OK : RP_SYMBOL_MEMORY);
	return e ? e->table : NULL;
}

const struct rp_elf_symbols *
rp_symbol_cache_known(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		      const struct rp_symbol_source *source, bool *ret_all)
{
	struct entry *e = find(cache, id);

	*ret_all = e && !e->again &&
		(!rp_symbol_failure_may_pass(e->why) || e->place == source->place);
	if (!e)
		return NULL;
	use(cache, e);
	cache->stats.hits += *ret_all;
	return e->table;
}

void rp_symbol_cache_limit(struct rp_symbol_cache *cache, size_t max_bytes)
{
	cache->stats.max_bytes = max_bytes;
	make_room(cache);
}

void rp_symbol_cache_want(struct rp_symbol_cache *cache, unsigned int what)
{
	cache->want = what;
}

const struct rp_debug_places *rp_symbol_cache_places(const struct rp_symbol_cache *cache)
{
	const struct entry *e = cache->newest;

	return e && e->debug.data ? &e->debug.places : NULL;
}

int rp_symbol_cache_find(struct rp_symbol_cache *cache, const uint64_t *addresses, size_t nr)
{
	struct entry *e = cache->newest;
	int r = 0;

	if (!e)
		return 0;
	if (e->rest.fd >= 0)
		r = rp_symbol_rest_find(&e->rest, e->table, addresses, nr, cache->problem,
					sizeof(cache->problem));
	if (!r && e->debug.data)
		r = rp_symbol_debug_find(&e->debug, cache->want, addresses, nr, cache->problem,
					 sizeof(cache->problem));
	cache->stats.bytes -= e->bytes;
	e->bytes = bytes_of(e);
	cache->stats.bytes += e->bytes;
	make_room(cache);
	return r;
}

bool rp_symbol_cache_asks(const struct rp_symbol_cache *cache)
{
	const struct entry *e = cache->newest;

	return e && (e->rest.fd >= 0 || e->debug.data);
}

const char *rp_symbol_cache_problem(const struct rp_symbol_cache *cache)
{
	return cache->problem;
}

void rp_symbol_cache_refresh(struct rp_symbol_cache *cache, const struct rp_build_id *id)
{
	const struct rp_file_identity file = { .build_id = *id };
	struct entry *e = id->size ? find(cache, &file) : NULL;

	if (e)
		e->again = e->table;
}

void rp_symbol_cache_retry(struct rp_symbol_cache *cache)
{
	struct entry *e, *older;

	for (e = cache->newest; e; e = older) {
		older = e->older;
		if (rp_symbol_failure_may_pass(e->why))
			drop(cache, e);
	}
}

void rp_symbol_cache_stats(const struct rp_symbol_cache *cache,
			   struct rp_symbol_cache_stats *ret)
{
	*ret = cache->stats;
}
