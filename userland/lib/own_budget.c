// SPDX-License-Identifier: GPL-2.0
/*
 * A jail is nobody's child, and what it takes for a job in hand counts too: so its own clock
 * is read. What was started on the way to it is this process's child.
 */
#include "own_budget.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "jail.h"

#define MS 1000000u

/* The memory of a process, whose file stays open: to find it would take most of a look. */
struct watched {
	pid_t pid;		/* 0: none */
	int fd;			/* /proc/PID/statm */
};

struct rp_own_budget {
	struct rp_own_budget_options options;
	pthread_mutex_t lock;
	struct rp_cpu_budget cpu;		/* under the lock */
	struct rp_own_budget_stats stats;	/* the same */
	uint64_t began_ns, used_before_ns;
	atomic_bool over;			/* memory */
	struct watched watched[1 + RP_OWN_BUDGET_JAILS];	/* under the lock */
};

static uint64_t now_ns(const struct rp_own_budget *b)
{
	return b->options.now_ns ? b->options.now_ns(b->options.arg) :
		rp_clock_ns(CLOCK_MONOTONIC);
}

static uint64_t ns_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

uint64_t rp_own_budget_used(struct rp_own_budget *b)
{
	struct rusage children = { 0 };
	uint64_t ns;
	size_t i;

	if (b->options.used_ns)
		return b->options.used_ns(b->options.arg);
	ns = rp_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	getrusage(RUSAGE_CHILDREN, &children);
	ns += ns_of(&children.ru_utime) + ns_of(&children.ru_stime);
	for (i = 0; i < RP_OWN_BUDGET_JAILS; i++)
		if (b->options.jails[i])
			ns += rp_jail_cpu_ns(b->options.jails[i]);
	return ns;
}

/* From now on w is of this process; 0, or one that has ended: of none. */
static void watch(struct watched *w, pid_t pid)
{
	char path[40];

	if (w->pid)
		close(w->fd);
	*w = (struct watched){ .fd = -1 };
	if (!pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	w->fd = open(path, O_RDONLY | O_CLOEXEC);
	w->pid = w->fd < 0 ? 0 : pid;
}

struct rp_own_budget *rp_own_budget_new(const struct rp_own_budget_options *o)
{
	struct rp_own_budget *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->options = *o;
	pthread_mutex_init(&b->lock, NULL);
	b->began_ns = now_ns(b);
	b->used_before_ns = rp_own_budget_used(b);
	rp_cpu_budget_begin(&b->cpu, o->cpu_percent, b->began_ns, b->used_before_ns);
	return b;
}

void rp_own_budget_free(struct rp_own_budget *b)
{
	size_t i;

	if (!b)
		return;
	for (i = 0; i < 1 + RP_OWN_BUDGET_JAILS; i++)
		watch(&b->watched[i], 0);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

uint64_t rp_own_budget_wait(struct rp_own_budget *b, enum rp_cpu_need need)
{
	uint64_t used, wait = 0;

	if (!b)
		return 0;
	used = b->options.cpu_percent ? rp_own_budget_used(b) : 0;
	pthread_mutex_lock(&b->lock);
	if (need == RP_CPU_AHEAD && b->over)
		wait = RP_OWN_BUDGET_WAIT;
	else if (b->options.cpu_percent)
		wait = rp_cpu_budget_wait(&b->cpu, now_ns(b), used, need);
	b->stats.waited[need] += wait > 0;
	pthread_mutex_unlock(&b->lock);
	return wait;
}

int rp_own_budget_ms(uint64_t wait_ns)
{
	if (wait_ns == RP_OWN_BUDGET_WAIT)
		return -1;
	return wait_ns / MS < INT_MAX ? (int)((wait_ns + MS - 1) / MS) : INT_MAX;
}

/* Bytes; 0: it has ended. */
static uint64_t resident(struct watched *w)
{
	unsigned long long pages = 0;
	char text[128];
	ssize_t n = w->pid ? pread(w->fd, text, sizeof(text) - 1, 0) : 0;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return sscanf(text, "%*u %llu", &pages) == 1 ?
		pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* The file stays that process's when its number goes to another one, and then says nothing. */
static uint64_t resident_of(struct watched *w, pid_t pid)
{
	uint64_t bytes = w->pid == pid ? resident(w) : 0;

	if (bytes || (!pid && !w->pid))
		return bytes;
	watch(w, pid);
	return resident(w);
}

uint64_t rp_own_budget_memory(struct rp_own_budget *b)
{
	uint64_t bytes;
	size_t i;

	if (b->options.resident)
		return b->options.resident(b->options.arg);
	pthread_mutex_lock(&b->lock);
	bytes = resident_of(&b->watched[0], getpid());
	for (i = 0; i < RP_OWN_BUDGET_JAILS; i++)
		bytes += resident_of(&b->watched[1 + i], b->options.jails[i] ?
				     rp_jail_pid(b->options.jails[i]) : 0);
	pthread_mutex_unlock(&b->lock);
	return bytes;
}

void rp_own_budget_hold(struct rp_own_budget *b, bool over)
{
	b->over = over;
}

void rp_own_budget_stats(struct rp_own_budget *b, struct rp_own_budget_stats *ret)
{
	uint64_t used = rp_own_budget_used(b);

	pthread_mutex_lock(&b->lock);
	*ret = b->stats;
	pthread_mutex_unlock(&b->lock);
	ret->passed_ns = now_ns(b) - b->began_ns;
	ret->used_ns = used - b->used_before_ns;
}
