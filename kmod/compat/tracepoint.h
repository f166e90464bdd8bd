/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tracepoint.h - the kernel's tracepoints by name: the sched_* ones are exported by
 * symbol on no kernel. Until 3.14 they are walked with an iterator and probed by their
 * name; everything here is then done by name, too. Task context.
 */
#ifndef RINGPROF_COMPAT_TRACEPOINT_H
#define RINGPROF_COMPAT_TRACEPOINT_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include "have.h"

#if defined(RP_HAVE_TRACEPOINTS)

struct rp_tracepoint_search {
	const char *name;
	struct tracepoint *found;
};

static inline void rp_tracepoint_look_at(struct tracepoint *tp, void *arg)
{
	struct rp_tracepoint_search *search = arg;

	if (!strcmp(tp->name, search->name))
		search->found = tp;
}

/* NULL: this kernel has none of that name. */
static inline struct tracepoint *rp_tracepoint_find(const char *name)
{
	struct rp_tracepoint_search search = { .name = name };

	for_each_kernel_tracepoint(rp_tracepoint_look_at, &search);
	return search.found;
}

static inline int rp_tracepoint_probe(struct tracepoint *tp, void *probe)
{
	return tracepoint_probe_register(tp, probe, NULL);
}

/* When it returns, the probe runs nowhere any more. */
static inline void rp_tracepoint_unprobe(struct tracepoint *tp, void *probe)
{
	tracepoint_probe_unregister(tp, probe, NULL);
	tracepoint_synchronize_unregister();
}

#elif defined(RP_HAVE_TRACEPOINT_ITER)

static inline struct tracepoint *rp_tracepoint_find(const char *name)
{
	struct tracepoint *found = NULL;
	struct tracepoint_iter iter;

	tracepoint_iter_reset(&iter);
	for (tracepoint_iter_start(&iter); iter.tracepoint && !found;
	     tracepoint_iter_next(&iter))
		if (!strcmp((*iter.tracepoint)->name, name))
			found = *iter.tracepoint;
	tracepoint_iter_stop(&iter);
	return found;
}

static inline int rp_tracepoint_probe(struct tracepoint *tp, void *probe)
{
	return tracepoint_probe_register(tp->name, probe, NULL);
}

static inline void rp_tracepoint_unprobe(struct tracepoint *tp, void *probe)
{
	tracepoint_probe_unregister(tp->name, probe, NULL);
	tracepoint_synchronize_unregister();
}

#else

static inline struct tracepoint *rp_tracepoint_find(const char *name)
{
	return NULL;
}

static inline int rp_tracepoint_probe(struct tracepoint *tp, void *probe)
{
	return 0;
}

static inline void rp_tracepoint_unprobe(struct tracepoint *tp, void *probe) { }

#endif

#endif
