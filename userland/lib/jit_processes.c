// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes there are, and which of them go when there is no more room. A process is
 * known by its address space: the code of a program that another one replaced by exec is
 * gone, whatever its number says.
 */
#include "jit_processes.h"

#include <stdlib.h>

#include "hash.h"

#define PROCESSES_MAX 2048u

static struct rp_jit_process **bucket(struct rp_jit_names *n, const struct rp_space_id *id)
{
	return &n->buckets[rp_hash_mix(rp_hash_mix(n->seed, id->tgid), id->start) % RP_JIT_BUCKETS];
}

static bool same_id(const struct rp_space_id *a, const struct rp_space_id *b)
{
	return a->tgid == b->tgid && a->start == b->start && a->exec == b->exec;
}

static void unlink_use(struct rp_jit_names *n, struct rp_jit_process *p)
{
	*(p->newer ? &p->newer->older : &n->newest) = p->older;
	*(p->older ? &p->older->newer : &n->oldest) = p->newer;
}

static void link_newest(struct rp_jit_names *n, struct rp_jit_process *p)
{
	p->newer = NULL;
	p->older = n->newest;
	*(n->newest ? &n->newest->newer : &n->oldest) = p;
	n->newest = p;
}

void rp_jit_process_close(struct rp_jit_names *n, struct rp_jit_file *f)
{
	n->stats.open_files -= f->fd >= 0;
	rp_jit_file_close(f);
}

void rp_jit_process_drop(struct rp_jit_names *n, struct rp_jit_process *p)
{
	struct rp_jit_process **at = bucket(n, &p->id);

	while (*at != p)
		at = &(*at)->chain;
	*at = p->chain;
	unlink_use(n, p);
	rp_jit_process_close(n, &p->map);
	rp_jit_process_close(n, &p->dump);
	rp_jit_file_forget(&p->map);
	rp_jit_file_forget(&p->dump);
	n->stats.processes--;
	n->nr_again -= p->again != NULL;
	n->reading.memory.used -= sizeof(*p);
	free(p);
}

bool rp_jit_process_evict(void *names)
{
	struct rp_jit_names *n = names;
	struct rp_jit_process *p = n->oldest;

	if (!p || p == n->kept || (n->closing && p->round == n->round))
		return false;
	rp_jit_process_drop(n, p);
	n->stats.evictions++;
	return true;
}

struct rp_jit_process *rp_jit_process_of(struct rp_jit_names *n, const struct rp_space_id *id)
{
	struct rp_jit_process *p;

	for (p = *bucket(n, id); p && !same_id(&p->id, id); p = p->chain)
		;
	return p;
}

struct rp_jit_process *rp_jit_process_add(struct rp_jit_names *n, const struct rp_space_id *id)
{
	struct rp_jit_memory *memory = &n->reading.memory;
	struct rp_jit_process *p, **at;

	while (n->stats.processes >= PROCESSES_MAX || memory->max - memory->used < sizeof(*p))
		if (!rp_jit_process_evict(n))
			return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	memory->used += sizeof(*p);
	p->id = *id;
	p->map.fd = p->dump.fd = -1;
	p->dump.is_dump = true;
	at = bucket(n, id);
	p->chain = *at;
	*at = p;
	link_newest(n, p);
	n->stats.processes++;
	return p;
}

void rp_jit_process_use(struct rp_jit_names *n, struct rp_jit_process *p)
{
	unlink_use(n, p);
	link_newest(n, p);
	p->round = n->round;
}
