// SPDX-License-Identifier: GPL-2.0
/*
 * When the files of a process are looked for, opened and read. Its place among the others is
 * jit_processes.c's.
 */
#include "jit_names.h"

#include <stdlib.h>

#include "clock.h"
#include "hash.h"
#include "jit_places.h"
#include "jit_processes.h"
#include "log.h"
#include "own_budget.h"

#define OPEN_MAX	96u		/* files */
#define ALLOWANCE	(256ull << 20)	/* bytes a window */
#define ALLOWANCE_ONE	(64ull << 20)	/* of them one file's, at once */
#define NEW_NS		5000000ull	/* between two looks at a process without a file */
#define KNOWN_NS	500000000ull	/* and with one */
#define KEEP_NS		1000000000ull	/* of one without, where nothing happens */
#define ROUNDS_KEPT	2u		/* windows in which nobody asked for it */

/* ---- their files --------------------------------------------------------------- */

static void tell(struct rp_jit_names *n, const struct rp_jit_process *p, const char *path,
		 enum rp_jit_refusal why, enum rp_jit_refusal *last)
{
	bool is_new = why != *last;

	*last = why;
	if (why == RP_JIT_TAKEN || !is_new)
		return;
	n->stats.refused[why]++;
	if (n->said[why])
		return;
	n->said[why] = true;
	rp_log(RP_LOG_WARNING,
	       "names of code that process %u made at run time are missing: %s (in its root): %s; more of the kind is not told",
	       p->id.tgid, path,
	       why == RP_JIT_PARSER ? n->reading.why : rp_jit_refusal_text(why));
}

/* Room for one more file: that of whoever was asked for longest ago is closed. */
static void limit_open_files(struct rp_jit_names *n)
{
	struct rp_jit_process *p = n->oldest;

	for (; p && n->stats.open_files >= OPEN_MAX; p = p->newer) {
		if (p == n->kept)
			continue;
		rp_jit_process_close(n, &p->map);
		rp_jit_process_close(n, &p->dump);
	}
}

/* Looks where the file should be, while the process lives. */
static enum rp_jit_refusal look_for(struct rp_jit_names *n, struct rp_jit_process *p,
				    struct rp_jit_file *f, const struct rp_maps *maps,
				    char path[static RP_JIT_PATH_MAX])
{
	struct rp_jit_place place = { .owner = &p->owner, .proc = n->proc, .maps = maps };
	enum rp_jit_refusal why = rp_jit_place_open(&place, f->is_dump, path);

	if (place.fd < 0)
		return why;
	limit_open_files(n);
	n->stats.open_files += f->fd < 0;
	f->mapped = place.mapped;
	rp_jit_file_found(f, place.fd, place.st.st_dev, place.st.st_ino);
	return why;
}

static enum rp_jit_refusal read_file(struct rp_jit_names *n, struct rp_jit_process *p,
				     struct rp_jit_file *f)
{
	uint64_t *allowance = &n->reading.allowance;
	uint64_t kept = *allowance > ALLOWANCE_ONE ? *allowance - ALLOWANCE_ONE : 0;
	enum rp_jit_refusal why;

	if (f->code)
		rp_jit_code_forget(f->code, n->last_close_ns);
	*allowance -= kept;
	n->kept = p;
	why = rp_jit_file_read(f, &p->owner, &n->reading);
	n->kept = NULL;
	*allowance += kept;
	return why;
}

/* read: else it is opened only. */
static void update_file(struct rp_jit_names *n, struct rp_jit_process *p,
			struct rp_jit_file *f, const struct rp_maps *maps, bool alive,
			bool read)
{
	char path[RP_JIT_PATH_MAX] = "its file";
	enum rp_jit_refusal why = RP_JIT_TAKEN, *last = f->is_dump ? &p->why_dump : &p->why_map;

	if (alive)
		why = look_for(n, p, f, maps, path);
	if (read && why == RP_JIT_TAKEN && f->fd >= 0)
		why = read_file(n, p, f);
	tell(n, p, path, why, last);
}

/* The same process as before is still there. */
static bool is_alive(struct rp_jit_names *n, struct rp_jit_process *p,
		     const struct rp_aspace *as)
{
	struct rp_jit_owner now;

	if (as->exited || rp_jit_owner_read(n->proc, p->id.tgid, &now))
		return false;
	if (p->owner_known && p->owner.start != now.start)
		return false;
	p->owner = now;
	p->owner_known = true;
	return true;
}

static bool has_file(const struct rp_jit_process *p)
{
	return p->map.fd >= 0 || p->dump.fd >= 0;
}

/* as: NULL, it need not be. */
static void look_again(struct rp_jit_names *n, struct rp_jit_process *p,
		       const struct rp_aspace *as, uint64_t when_ns)
{
	n->nr_again += (as != NULL) - (p->again != NULL);
	p->again = as;
	p->again_ns = when_ns;
}

/* When there is something left for reading. */
static uint64_t time_after(uint64_t now_ns, uint64_t wait_ns)
{
	return wait_ns < UINT64_MAX - now_ns ? now_ns + wait_ns : UINT64_MAX;
}

static void update(struct rp_jit_names *n, struct rp_jit_process *p,
		   const struct rp_aspace *as, const struct rp_maps *maps)
{
	bool alive = is_alive(n, p, as), last = n->closing || n->last_look;
	uint64_t wait_ns = rp_own_budget_wait(n->budget, last ? RP_CPU_NOW : RP_CPU_AHEAD);

	p->looked_ns = rp_clock_ns(CLOCK_MONOTONIC);
	look_again(n, p, NULL, 0);
	update_file(n, p, &p->map, maps, alive, !wait_ns);
	update_file(n, p, &p->dump, maps, alive, !wait_ns);
	if (wait_ns && !last) {
		look_again(n, p, as, time_after(p->looked_ns, wait_ns));
		return;
	}
	n->stats.unread += wait_ns && !alive && has_file(p);
	if (!p->again && n->keep_looking && alive && !has_file(p))
		look_again(n, p, as, p->looked_ns + KEEP_NS);
	if (alive)
		return;
	/* Nothing more will come. */
	rp_jit_process_close(n, &p->map);
	rp_jit_process_close(n, &p->dump);
}

/*
 * The same while another file is being parsed, which is the reader's time to empty the rings
 * (rp_namer_meanwhile()): what is there is opened, and read when that is done. The files of
 * the process that it is for stay as they are.
 */
static void update_soon(struct rp_jit_names *n, struct rp_jit_process *p,
			const struct rp_aspace *as, const struct rp_maps *maps)
{
	if (p != n->kept && is_alive(n, p, as)) {
		update_file(n, p, &p->map, maps, true, false);
		update_file(n, p, &p->dump, maps, true, false);
	}
	look_again(n, p, as, 0);
}

/* ---- for callers --------------------------------------------------------------- */

struct rp_jit_names *rp_jit_names_new(const char *proc, size_t bytes, struct rp_jail *jail)
{
	struct rp_jit_names *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->proc = proc;
	n->seed = rp_hash_seed();
	n->reading.memory.max = bytes ? bytes : RP_JIT_BYTES_DEFAULT;
	n->reading.allowance = ALLOWANCE;
	n->reading.jail = jail;
	n->reading.room = rp_jit_process_evict;
	n->reading.arg = n;
	n->round = 1;
	return n;
}

void rp_jit_names_free(struct rp_jit_names *n)
{
	if (!n)
		return;
	while (n->oldest)
		rp_jit_process_drop(n, n->oldest);
	free(n);
}

void rp_jit_names_note(struct rp_jit_names *n, const struct rp_aspace *as,
		       const struct rp_maps *maps)
{
	struct rp_jit_process *p;
	uint64_t wait_ns;

	if (!rp_jit_has_place(maps))
		return;
	p = rp_jit_process_of(n, &as->id);
	if (!p) {
		p = rp_jit_process_add(n, &as->id);
		if (!p)
			return;
	}
	wait_ns = has_file(p) ? KNOWN_NS : NEW_NS;
	if (rp_clock_ns(CLOCK_MONOTONIC) - p->looked_ns < wait_ns) {
		/* What these mappings lead to must not wait for the process's next ones. */
		look_again(n, p, has_file(p) ? NULL : as, p->looked_ns + wait_ns);
		return;
	}
	rp_jit_process_use(n, p);
	if (n->busy)
		update_soon(n, p, as, maps);
	else
		update(n, p, as, maps);
}

void rp_jit_names_budget(struct rp_jit_names *n, struct rp_own_budget *budget)
{
	n->budget = budget;
}

void rp_jit_names_busy(struct rp_jit_names *n, bool busy)
{
	n->busy = busy;
}

void rp_jit_names_keep_looking(struct rp_jit_names *n)
{
	n->keep_looking = true;
}

int rp_jit_names_look(struct rp_jit_names *n, bool all)
{
	uint64_t now = n->nr_again ? rp_clock_ns(CLOCK_MONOTONIC) : 0, next = UINT64_MAX;
	size_t left = n->nr_again;
	struct rp_jit_process *p;
	const struct rp_aspace *as;

	n->last_look = all;
	for (p = n->newest; p && left; p = p->older) {
		as = p->again;
		if (!as)
			continue;
		left--;
		if (all || now >= p->again_ns)
			update(n, p, as, rp_aspace_newest(as));
		if (all)
			look_again(n, p, NULL, 0);
		else if (p->again && p->again_ns < next)
			next = p->again_ns;
	}
	n->last_look = false;
	if (next == UINT64_MAX)
		return -1;
	return next > now ? (int)((next - now) / 1000000) + 1 : 1;
}

void rp_jit_names_exited(struct rp_jit_names *n, const struct rp_aspace *as)
{
	struct rp_jit_process *p = rp_jit_process_of(n, &as->id);

	if (p && n->busy)
		update_soon(n, p, as, NULL);
	else if (p)
		update(n, p, as, NULL);
}

void rp_jit_names_begin(struct rp_jit_names *n)
{
	n->closing = true;
	n->round++;
}

struct rp_jit_process *rp_jit_names_get(struct rp_jit_names *n, const struct rp_aspace *as,
					const struct rp_maps *maps)
{
	struct rp_jit_process *p = rp_jit_process_of(n, &as->id);

	if (!p && rp_jit_has_place(maps))
		p = rp_jit_process_add(n, &as->id);
	if (!p)
		return NULL;
	rp_jit_process_use(n, p);
	update(n, p, as, maps);
	return p;
}

void rp_jit_names_end(struct rp_jit_names *n)
{
	n->closing = false;
	n->reading.allowance = ALLOWANCE;
	n->last_close_ns = rp_clock_ns(CLOCK_MONOTONIC);
	while (n->oldest && n->round - n->oldest->round >= ROUNDS_KEPT)
		rp_jit_process_drop(n, n->oldest);
}

const struct rp_jit_symbol *rp_jit_process_find(const struct rp_jit_process *p,
						uint64_t address, uint64_t time)
{
	const struct rp_jit_symbol *s = NULL;

	if (p->dump.code)
		s = rp_jit_code_find(p->dump.code, address, time);
	if (!s && p->map.code)
		s = rp_jit_code_find(p->map.code, address, time);
	return s;
}

void rp_jit_names_stats(const struct rp_jit_names *n, struct rp_jit_names_stats *ret)
{
	const struct rp_jit_process *p;

	*ret = n->stats;
	ret->bytes = n->reading.memory.used;
	ret->max_bytes = n->reading.memory.max;
	for (p = n->newest; p; p = p->older) {
		ret->names += p->map.code ? rp_jit_code_nr(p->map.code) : 0;
		ret->names += p->dump.code ? rp_jit_code_nr(p->dump.code) : 0;
	}
}
