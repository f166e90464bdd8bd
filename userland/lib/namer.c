// SPDX-License-Identifier: GPL-2.0
/*
 * The walk over a closed window. Ids belong to a profile and a window may go to many
 * (one for each service), so everything remembered here is remembered per profile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "hash.h"
#include "namer_contexts.h"
#include "namer_private.h"
#include "own_budget.h"

#define SYMBOLS_BYTES_DEFAULT ((size_t)256 << 20)
#define NS_PER_S 1000000000ull

struct rp_namer *rp_namer_new(const struct rp_namer_options *o)
{
	struct rp_namer *n = calloc(1, sizeof(*n));
	char kallsyms[4096], modules[4096];
	int err;

	if (!n)
		return NULL;
	n->options = *o;
	n->device = -1;
	if (!n->options.proc)
		n->options.proc = "/proc";
	snprintf(kallsyms, sizeof(kallsyms), "%s/kallsyms", n->options.proc);
	snprintf(modules, sizeof(modules), "%s/modules", n->options.proc);
	n->symbols = rp_symbol_cache_new(o->symbols_bytes ? o->symbols_bytes :
					 SYMBOLS_BYTES_DEFAULT);
	n->jit = rp_jit_names_new(n->options.proc, o->jit_bytes, o->jail);
	err = n->symbols && n->jit ? rp_kernel_symbols_open(o->kallsyms ? o->kallsyms : kallsyms,
						  o->modules ? o->modules : modules,
						  &n->kernel) : -ENOMEM;
	if (!err)
		err = rp_namer_vdso_open(n);
	if (n->jit)
		rp_jit_names_budget(n->jit, o->budget);
	if (n->jit && o->one_window)
		rp_jit_names_keep_looking(n->jit);
	/* Which line of a function it is, is not known without those inlined there. */
	if (n->symbols && o->debug)
		rp_symbol_cache_want(n->symbols, o->debug | RP_DEBUG_INLINES);
	if (!err)
		return n;
	rp_namer_free(n);
	errno = -err;
	return NULL;
}

void rp_namer_free(struct rp_namer *n)
{
	if (!n)
		return;
	rp_namer_forget_all(n);
	rp_name_cache_free(&n->cache);
	rp_elf_symbols_free(n->vdso);
	rp_symbol_cache_free(n->symbols);
	rp_jit_names_free(n->jit);
	rp_kernel_symbols_free(n->kernel);
	free(n);
}

void rp_namer_device(struct rp_namer *n, int device)
{
	n->device = device;
}

int rp_namer_begin(struct rp_profile *p, uint64_t time_nanos, uint64_t duration_nanos,
		   uint32_t frequency)
{
	int err = rp_profile_add_type(p, "samples", "count");

	if (!err)
		err = rp_profile_add_type(p, "cpu", "nanoseconds");
	if (!err)
		err = rp_profile_set_period(p, "cpu", "nanoseconds",
					    (int64_t)(frequency ? NS_PER_S / frequency : 0));
	if (!err)
		err = rp_profile_set_default_type(p, "cpu");
	if (err)
		return err;
	p->time_nanos = (int64_t)time_nanos;
	p->duration_nanos = (int64_t)duration_nanos;
	return 0;
}

/* ---- samples ------------------------------------------------------------------- */

char *rp_namer_process(const struct rp_window_entry *e, const struct rp_maps *maps,
		       char buf[static RP_NAMER_PROCESS_SIZE])
{
	const struct rp_mapped *exe = rp_maps_exe(maps);
	const char *slash = exe ? strrchr(exe->file->path, '/') : NULL;

	if (e->flags & RP_SAMPLE_IDLE_TASK)
		snprintf(buf, RP_NAMER_PROCESS_SIZE, "[swapper]");
	else if (!e->space->id.tgid)
		snprintf(buf, RP_NAMER_PROCESS_SIZE, "[%s]", e->comm);
	else if (slash && slash[1])
		snprintf(buf, RP_NAMER_PROCESS_SIZE, "%s", slash + 1);
	else
		snprintf(buf, RP_NAMER_PROCESS_SIZE, "%s",
			 *e->space->comm ? e->space->comm : e->comm);
	return buf;
}

static bool truncated(unsigned int stop)
{
	return stop != RP_STOP_ROOT && stop != RP_STOP_NONE;
}

/* labels has room for RP_NAMER_OWN_LABELS and the context's. */
static unsigned int add_labels(const struct rp_namer_context *c, const struct rp_window_entry *e,
			       const struct rp_maps *maps, struct rp_profile_label *labels)
{
	/* A kernel thread is a process of its own for everybody but the kernel. */
	int64_t pid = c->as->id.tgid ? c->as->id.tgid : e->tid;
	char process[RP_NAMER_PROCESS_SIZE];
	struct rp_profile *p = c->profile;
	unsigned int nr = 0;

	labels[nr++] = (struct rp_profile_label){ .key = c->key.pid, .num = pid };
	labels[nr++] = (struct rp_profile_label){ .key = c->key.thread_id, .num = e->tid };
	labels[nr++] = (struct rp_profile_label){ .key = c->key.cpu, .num = e->cpu };
	if (*e->comm)
		labels[nr++] = (struct rp_profile_label){
			.key = c->key.comm, .str = rp_profile_string(p, e->comm) };
	rp_namer_process(e, maps, process);
	if (*process)
		labels[nr++] = (struct rp_profile_label){
			.key = c->key.process, .str = rp_profile_string(p, process) };
	if (truncated(e->kernel_stop))
		labels[nr++] = (struct rp_profile_label){
			.key = c->key.kernel_truncated,
			.str = rp_profile_string(p, rp_stop_name(e->kernel_stop)) };
	if (truncated(e->user_stop))
		labels[nr++] = (struct rp_profile_label){
			.key = c->key.user_truncated,
			.str = rp_profile_string(p, rp_stop_name(e->user_stop)) };
	if (e->flags & RP_SAMPLE_FP_FRAMES)
		labels[nr++] = (struct rp_profile_label){
			.key = c->key.user_unwound,
			.str = rp_profile_string(p, "frame-pointers") };
	if (c->nr_labels)
		memcpy(labels + nr, c->labels, c->nr_labels * sizeof(labels[0]));
	return nr + c->nr_labels;
}

static unsigned int name_kernel(struct rp_namer *n, struct rp_profile *p,
				const uint64_t *addr, unsigned int nr, uint32_t *locations)
{
	unsigned int i;

	if (!nr)
		return 0;
	if (rp_kernel_symbols_problem(n->kernel)) {
		n->stats.kernel_unnamed += nr;
		locations[0] = rp_namer_kernel_hidden(n, p);
		return 1;
	}
	for (i = 0; i < nr; i++)
		locations[i] = rp_namer_kernel(n, p, rp_namer_call(addr, i));
	return nr;
}

/* A user stack that is to be named. */
struct user_stack {
	const struct rp_maps *maps;
	uint64_t addr[RP_DEPTH_MAX];
	unsigned int nr;
	unsigned int same;	/* of its callers, how many are the last stack's as well */
};

static void name_user(struct rp_namer *n, const struct rp_namer_context *c,
		      const struct rp_window_entry *e, const struct user_stack *s,
		      uint32_t *locations)
{
	struct rp_namer_frame f = {
		.tgid = e->space->id.tgid,
		.is_32bit = e->flags & RP_SAMPLE_32BIT,
		.maps = s->maps,
		.jit = c->jit,
		.time = e->time,
	};
	unsigned int i;

	if (!s->nr)
		return;
	for (i = 0; i < s->nr - s->same; i++) {
		f.address = rp_namer_call(s->addr, i);
		locations[i] = rp_namer_user(n, c->profile, &f);
	}
	rp_namer_last_take(&n->last, s->same, locations, s->nr);
	/* What stands at an address of code that is made at run time depends on the time. */
	if (!c->jit)
		rp_namer_last_note(&n->last, c->profile, s->maps,
				   s->maps && e->flags & RP_SAMPLE_FP_FRAMES, s->addr,
				   locations, s->nr);
}

/* In a mapping, or in code that was made there since the mappings were looked at. */
static bool is_code(const struct rp_namer_context *c, const struct rp_window_entry *e,
		    const struct rp_maps *maps, uint64_t address)
{
	return rp_maps_find(maps, address) ||
	       (c->jit && rp_jit_process_find(c->jit, address, e->time));
}

/*
 * In code without frame pointers, what is taken for one may lead to data: from the first
 * caller that lies in no mapping on, it is no stack. Leaves as many frames as are one, and has
 * the entry say that these are not all.
 */
static void cut_user(const struct rp_namer *n, const struct rp_namer_context *c,
		     struct rp_window_entry *e, struct user_stack *s)
{
	unsigned int i, nr = s->nr - (n->last.is_code ? s->same : 0);

	if (!s->maps || !(e->flags & RP_SAMPLE_FP_FRAMES))
		return;
	for (i = 1; i < nr && is_code(c, e, s->maps, rp_namer_call(s->addr, i)); i++)
		;
	if (i >= nr)
		return;
	if (!truncated(e->user_stop))
		e->user_stop = RP_STOP_FRAME;
	s->nr = i;
	s->same = 0;
}

static void take_user(const struct rp_namer *n, const struct rp_namer_context *c,
		      const struct rp_window *w, struct rp_window_entry *e, struct user_stack *s)
{
	s->nr = rp_window_stack(w, e->user_stack, s->addr);
	s->same = c->jit ? 0 : rp_namer_last_same(&n->last, c->profile, s->maps, s->addr, s->nr);
	cut_user(n, c, e, s);
}

static int add_entry(struct rp_namer *n, struct rp_spaces *spaces, const struct rp_window *w,
		     const struct rp_window_entry *entry, struct rp_namer_context *c)
{
	struct user_stack user;
	struct rp_window_entry own = *entry, *e = &own;
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	const int64_t values[] = { (int64_t)e->count, (int64_t)e->weight };
	uint32_t locations[2 * RP_DEPTH_MAX];
	uint64_t addr[RP_DEPTH_MAX];
	unsigned int nr, nr_labels;

	nr = rp_window_stack(w, e->kernel_stack, addr);
	nr = name_kernel(n, c->profile, addr, nr, locations);
	user.maps = rp_spaces_maps(spaces, e->space, e->map_gen);
	take_user(n, c, w, e, &user);
	name_user(n, c, e, &user, locations + nr);
	nr_labels = add_labels(c, e, user.maps, labels);
	if (c->profile->error)
		return c->profile->error;
	c->weight += e->weight;
	return rp_profile_add(c->profile, locations, nr + user.nr, labels, nr_labels, values);
}

int rp_namer_close(struct rp_namer *n, struct rp_spaces *spaces,
		   const struct rp_window *w, struct rp_profile *p)
{
	struct rp_namer_contexts contexts = { 0 };
	const struct rp_window_entry *entries;
	struct rp_namer_context *c;
	uint64_t i, nr;
	int err = rp_kernel_symbols_refresh(n->kernel) < 0 ? -ENOMEM : 0;

	n->over_budget = false;
	rp_namer_read_all(n);
	rp_namer_take_fetched(n);
	rp_jit_names_begin(n->jit);
	err = err ? err : rp_namer_ask(n, spaces, w);
	entries = rp_window_entries(w, &nr);
	for (i = 0; i < nr && !err; i++) {
		c = rp_namer_context_of(n, &contexts, entries[i].space, p);
		if (!c)
			err = -ENOMEM;
		else if (c->profile)
			err = add_entry(n, spaces, w, &entries[i], c);
	}
	if (!err)
		rp_namer_main_mappings(n, &contexts);
	rp_namer_contexts_free(&contexts);
	rp_name_cache_empty(&n->cache);
	n->last.profile = NULL;
	rp_jit_names_end(n->jit);
	rp_symbol_cache_retry(n->symbols);
	return err;
}

bool rp_namer_affords(struct rp_namer *n)
{
	if (!n->over_budget)
		n->over_budget = rp_own_budget_wait(n->options.budget, RP_CPU_NOW) > 0;
	return !n->over_budget;
}

void rp_namer_save_memory(struct rp_namer *n, size_t symbols_bytes)
{
	rp_symbol_cache_limit(n->symbols, symbols_bytes);
	rp_name_cache_free(&n->cache);
}

const char *rp_namer_problem(const struct rp_namer *n)
{
	return rp_kernel_symbols_problem(n->kernel);
}

void rp_namer_stats(const struct rp_namer *n, struct rp_namer_stats *ret)
{
	struct rp_symbol_cache_stats symbols;
	struct rp_kernel_symbols_stats kernel;

	*ret = n->stats;
	rp_jit_names_stats(n->jit, &ret->jit);
	rp_symbol_cache_stats(n->symbols, &symbols);
	rp_kernel_symbols_stats(n->kernel, &kernel);
	ret->symbol_bytes = symbols.bytes;
	ret->kernel_bytes = kernel.bytes;
}
