// SPDX-License-Identifier: GPL-2.0
/*
 * Rings have no order between them, so everything here may come in any order: the
 * sample before its SPACE, a SPACE before the one that it refers to, the EXIT before
 * the last samples. Therefore things are forgotten only one whole window after they
 * were said to be over.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "spaces_history.h"

#define BUCKETS_FIRST 256u
#define SPACES_MAX_DEFAULT 65536u
#define BYTES_MAX_DEFAULT ((size_t)256 << 20)
#define SWEEP_PER_TRIM 256	/* buckets looked through for processes without EXIT */

struct space {
	struct rp_aspace as;
	struct rp_aspace_history history;
	struct space *next;
};

struct rp_spaces {
	struct rp_spaces_options options;
	struct rp_maps_store *store;
	struct space **buckets;		/* by tgid: those of one process are together */
	uint32_t size, used;
	uint32_t sweep;			/* the bucket where the next trim looks */
	uint64_t seed;
	struct rp_spaces_stats stats;
};

static struct space **bucket(struct rp_spaces *s, uint32_t tgid)
{
	return &s->buckets[rp_hash_mix(s->seed, tgid) & (s->size - 1)];
}

struct rp_spaces *rp_spaces_new(const struct rp_spaces_options *o)
{
	struct rp_spaces *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->options = *o;
	if (!o->spaces_max)
		s->options.spaces_max = SPACES_MAX_DEFAULT;
	s->seed = rp_hash_seed();
	s->size = BUCKETS_FIRST;
	s->buckets = calloc(s->size, sizeof(s->buckets[0]));
	s->store = rp_maps_store_new(o->bytes_max ? o->bytes_max : BYTES_MAX_DEFAULT);
	if (s->buckets && s->store)
		return s;
	rp_spaces_free(s);
	errno = ENOMEM;
	return NULL;
}

/* Unlinks *at. */
static void drop(struct rp_spaces *s, struct space **at)
{
	struct space *space = *at;

	if (s->options.dropped)
		s->options.dropped(s->options.arg, &space->as);
	*at = space->next;
	s->used--;
	rp_history_free(s->store, &space->history);
	free(space);
}

void rp_spaces_free(struct rp_spaces *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; s->buckets && i < s->size; i++) {
		while (s->buckets[i])
			drop(s, &s->buckets[i]);
	}
	rp_maps_store_free(s->store);
	free(s->buckets);
	free(s);
}

/* ---- spaces -------------------------------------------------------------------- */

static bool same_id(const struct rp_space_id *a, const struct rp_space_id *b)
{
	return a->start == b->start && a->tgid == b->tgid && a->exec == b->exec;
}

/* Of the same tgid: a was before b. */
static bool before(const struct rp_space_id *a, const struct rp_space_id *b)
{
	return a->start != b->start ? a->start < b->start : a->exec < b->exec;
}

static void grow(struct rp_spaces *s)
{
	struct space **old = s->buckets, *space, *next, **to;
	uint32_t i, old_size = s->size;

	s->buckets = calloc(old_size * 2, sizeof(s->buckets[0]));
	if (!s->buckets) {
		s->buckets = old;	/* longer chains will do */
		return;
	}
	s->size = old_size * 2;
	for (i = 0; i < old_size; i++) {
		for (space = old[i]; space; space = next) {
			next = space->next;
			to = bucket(s, space->as.id.tgid);
			space->next = *to;
			*to = space;
		}
	}
	free(old);
}

static void end(struct rp_spaces *s, struct space *space)
{
	if (space->as.exited)
		return;
	space->as.exited = true;
	if (s->options.exited)
		s->options.exited(s->options.arg, &space->as);
}

/*
 * A tgid has one space at a time: of two, the one that was before is over, even if
 * nobody said so (the EXIT was lost, or an exec replaced it).
 */
static void end_older(struct rp_spaces *s, struct space *new)
{
	struct space *other;

	if (!new->as.id.tgid)
		return;
	for (other = *bucket(s, new->as.id.tgid); other; other = other->next) {
		if (other == new || other->as.id.tgid != new->as.id.tgid)
			continue;
		if (before(&other->as.id, &new->as.id))
			end(s, other);
		else
			end(s, new);
	}
}

struct rp_aspace *rp_spaces_find(struct rp_spaces *s, const struct rp_space_id *id)
{
	struct space *space;

	for (space = *bucket(s, id->tgid); space; space = space->next) {
		if (same_id(&space->as.id, id))
			return &space->as;
	}
	return NULL;
}

struct rp_aspace *rp_spaces_get(struct rp_spaces *s, const struct rp_space_id *id)
{
	struct rp_aspace *as = rp_spaces_find(s, id);
	struct space *space, **to;

	if (as)
		return as;
	space = s->used < s->options.spaces_max ? calloc(1, sizeof(*space)) : NULL;
	if (!space) {
		s->stats.refused++;
		return NULL;
	}
	if (s->used >= s->size)
		grow(s);
	space->as.id = *id;
	space->as.history = &space->history;
	to = bucket(s, id->tgid);
	space->next = *to;
	*to = space;
	s->used++;
	end_older(s, space);
	if (s->options.appeared)
		s->options.appeared(s->options.arg, &space->as);
	return &space->as;
}

/* ---- records ------------------------------------------------------------------- */

static bool text_ok(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool record_ok(const struct rp_space *rec)
{
	return rec->rec.size >= sizeof(*rec) && text_ok(rec->comm, sizeof(rec->comm)) &&
	       rec->space.tgid && rec->map_gen;
}

int rp_spaces_add(struct rp_spaces *s, const struct rp_space *rec)
{
	const struct rp_maps *maps = NULL;
	struct rp_aspace *as;
	int err;

	if (!record_ok(rec)) {
		s->stats.bad++;
		return -EBADMSG;
	}
	as = rp_spaces_get(s, &rec->space);
	if (!as)
		return -ENOSPC;
	memcpy(as->comm, rec->comm, sizeof(as->comm));
	if (rec->flags & RP_SPACE_SAME)
		err = rp_history_add_same(s->store, as->history, rec->map_gen);
	else
		err = rp_history_add_part(s->store, as->history, rec, &maps);
	if (maps) {
		as->lists++;
		as->list_gen = rec->map_gen;
	}
	if (maps && s->options.mapped)
		s->options.mapped(s->options.arg, as, maps);
	if (!err)
		s->stats.records++;
	else if (err == -EBADMSG || err == -EEXIST)
		s->stats.bad++;
	else
		s->stats.refused++;
	return err == -EEXIST ? -EBADMSG : err;
}

int rp_spaces_exit(struct rp_spaces *s, const struct rp_exit *rec)
{
	struct space *space;

	if (rec->rec.size < sizeof(*rec) || !rec->space.tgid) {
		s->stats.bad++;
		return -EBADMSG;
	}
	/* Its earlier execs are over as well. */
	for (space = *bucket(s, rec->space.tgid); space; space = space->next) {
		if (space->as.id.tgid == rec->space.tgid &&
		    !before(&rec->space, &space->as.id))
			end(s, space);
	}
	return 0;
}

/* ---- look-ups ------------------------------------------------------------------ */

const struct rp_maps *rp_aspace_newest(const struct rp_aspace *as)
{
	bool exact;

	return rp_history_maps(as->history, UINT32_MAX, &exact);
}

const struct rp_maps *rp_spaces_maps(struct rp_spaces *s, const struct rp_aspace *as,
				     uint32_t map_gen)
{
	const struct rp_maps *maps;
	bool exact;

	if (!map_gen)
		return rp_aspace_newest(as);
	maps = rp_history_maps(as->history, map_gen, &exact);
	s->stats.inexact += maps && !exact;
	return maps;
}

const struct rp_mapped *rp_maps_find(const struct rp_maps *maps, uint64_t address)
{
	uint32_t low = 0, high = maps ? maps->nr : 0, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (address < maps->map[middle].start)
			high = middle;
		else if (address >= maps->map[middle].end)
			low = middle + 1;
		else
			return &maps->map[middle];
	}
	return NULL;
}

const struct rp_mapped *rp_maps_exe(const struct rp_maps *maps)
{
	uint32_t i;

	for (i = 0; maps && i < maps->nr; i++) {
		if (maps->map[i].exe)
			return &maps->map[i];
	}
	return NULL;
}

/* ---- forgetting ---------------------------------------------------------------- */

/* Processes whose EXIT was lost would stay for ever. */
static void sweep(struct rp_spaces *s)
{
	struct space *space;
	uint32_t n;

	for (n = 0; n < SWEEP_PER_TRIM && n < s->size; n++) {
		s->sweep = (s->sweep + 1) & (s->size - 1);
		for (space = s->buckets[s->sweep]; space; space = space->next) {
			if (space->as.id.tgid && kill((pid_t)space->as.id.tgid, 0) < 0 &&
			    errno == ESRCH)
				end(s, space);
		}
	}
}

void rp_spaces_trim(struct rp_spaces *s)
{
	struct space **at;
	uint32_t i;

	if (s->options.sweep)
		sweep(s);
	for (i = 0; i < s->size; i++) {
		for (at = &s->buckets[i]; *at; ) {
			if ((*at)->history.old) {
				drop(s, at);
				continue;
			}
			(*at)->history.old = (*at)->as.exited;
			rp_history_trim(s->store, &(*at)->history);
			at = &(*at)->next;
		}
	}
}

void rp_spaces_stats(const struct rp_spaces *s, struct rp_spaces_stats *ret)
{
	*ret = s->stats;
	ret->spaces = s->used;
	ret->bytes = rp_maps_store_bytes(s->store) + s->used * sizeof(struct space);
	rp_maps_store_count(s->store, &ret->maps, &ret->files);
}
