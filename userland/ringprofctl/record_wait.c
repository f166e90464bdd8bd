// SPDX-License-Identifier: GPL-2.0
/*
 * One epoll over everything that can happen. Between the rings' watermarks nothing
 * wakes us up, but for young processes (rp_collector_wait) and the progress line, which only
 * a terminal has.
 */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"

#define NS_PER_S 1000000000ull
#define PROGRESS_NS (NS_PER_S / 2)
#define TWICE_NS 100000000	/* signals that come within it are one */
#define LOOK_NS NS_PER_S	/* for the process of -p, where there is no pidfd */

enum source { RINGS, SIGNALS, DURATION, PROGRESS, PROCESS, SOURCES };

struct waiter {
	struct rp_record *r;
	int epoll;
	int fds[SOURCES];	/* -1: not waited for */
	bool pidfd;		/* fds[PROCESS] is one, else a timer */
	bool line;		/* a progress line stands on the terminal */
};

uint64_t rp_record_clock(void)
{
	return rp_clock_ns(CLOCK_MONOTONIC);
}

int rp_record_drain(struct rp_record *r)
{
	int n = rp_device_drain(r->device, rp_collector_records, &r->collector);

	if (n < 0)
		return rp_cmd_fail(RP_EXIT_FAILED, "cannot read the rings: %s", strerror(-n));
	return RP_EXIT_OK;
}

void rp_record_block_signals(struct rp_record *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &r->old_signals);
	signal(SIGPIPE, SIG_IGN);	/* a pipe that ends is an error like others */
}

void rp_record_unblock_signals(const struct rp_record *r)
{
	const struct timespec wait = { .tv_nsec = TWICE_NS };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	/* timeout(1) sends its signal twice, which is no second Ctrl-C. */
	if (r->reason == RP_RECORD_SIGNAL)
		sigtimedwait(&set, NULL, &wait);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- what is waited for -------------------------------------------------------- */

static int timer(uint64_t first_ns, bool repeat)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(first_ns / NS_PER_S),
			      .tv_nsec = (long)(first_ns % NS_PER_S) },
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (repeat)
		when.it_interval = when.it_value;
	if (fd >= 0)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}

static int signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int process(struct waiter *w, uint32_t pid)
{
	int fd = -1;

#ifdef SYS_pidfd_open
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
#endif
	w->pidfd = fd >= 0;
	return w->pidfd ? fd : timer(LOOK_NS, true);
}

static int waiter_open(struct waiter *w, struct rp_record *r)
{
	const struct rp_record_options *o = &r->options;
	struct epoll_event event = { 0 };
	bool wanted[SOURCES] = {
		[RINGS] = true, [SIGNALS] = true, [DURATION] = o->duration_ns,
		[PROGRESS] = isatty(STDERR_FILENO), [PROCESS] = o->pid,
	};
	int i;

	*w = (struct waiter){ .r = r, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	w->fds[RINGS] = rp_device_fd(r->device);
	w->fds[SIGNALS] = signals();
	w->fds[DURATION] = wanted[DURATION] ? timer(o->duration_ns, false) : -1;
	w->fds[PROGRESS] = wanted[PROGRESS] ? timer(PROGRESS_NS, true) : -1;
	w->fds[PROCESS] = wanted[PROCESS] ? process(w, o->pid) : -1;
	for (i = 0; i < SOURCES; i++) {
		event.data.u32 = (uint32_t)i;
		/* It says so once, and need not be asked a second time. */
		event.events = i == RINGS ? EPOLLIN | EPOLLET : EPOLLIN;
		if (wanted[i] && epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->fds[i], &event) < 0)
			return rp_cmd_fail(RP_EXIT_FAILED, "cannot wait for events: %s",
					   strerror(errno));
	}
	return RP_EXIT_OK;
}

static void waiter_close(struct waiter *w)
{
	int i;

	for (i = 0; i < SOURCES; i++) {
		if (i != RINGS && w->fds[i] >= 0)
			close(w->fds[i]);
	}
	if (w->epoll >= 0)
		close(w->epoll);
	if (w->line)
		fputs("\r\033[K", stderr);
}

/* ---- what happened ------------------------------------------------------------- */

static void print_progress(struct waiter *w)
{
	const struct rp_window_totals *t = rp_window_totals(w->r->window);
	char time[RP_OUT_HUMAN_SIZE];

	rp_out_human(time, (int64_t)(rp_record_clock() - w->r->start_ns), "nanoseconds");
	fprintf(stderr, "\r\033[K%s  %" PRIu64 " samples", time, t->count);
	if (t->lost_count)
		fprintf(stderr, "  %" PRIu64 " lost", t->lost_count);
	fflush(stderr);
	w->line = true;
}

static void take_signals(struct waiter *w)
{
	struct signalfd_siginfo info;

	while (read(w->fds[SIGNALS], &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			w->r->reason = RP_RECORD_SIGNAL;
	}
	rp_record_child_reap(w->r);
	if (w->r->child.ended && w->r->reason == RP_RECORD_GOES_ON)
		w->r->reason = RP_RECORD_COMMAND;
}

static void eat_timer(int fd)
{
	uint64_t times;

	if (read(fd, &times, sizeof(times)) < 0)
		return;		/* it was not due yet: nothing to eat */
}

static int handle(struct waiter *w, enum source source)
{
	struct rp_record *r = w->r;

	switch (source) {
	case RINGS:
		return rp_record_drain(r);
	case SIGNALS:
		take_signals(w);
		break;
	case DURATION:
		r->reason = RP_RECORD_DURATION;
		break;
	case PROGRESS:
		eat_timer(w->fds[PROGRESS]);
		if (rp_record_drain(r))
			return RP_EXIT_FAILED;
		print_progress(w);
		break;
	case PROCESS:
		if (!w->pidfd)
			eat_timer(w->fds[PROCESS]);
		if (w->pidfd || (kill((pid_t)r->options.pid, 0) < 0 && errno == ESRCH))
			r->reason = RP_RECORD_PROCESS;
		break;
	case SOURCES:
		break;
	}
	return RP_EXIT_OK;
}

static void drain(void *record)
{
	rp_record_drain(record);
}

/* Returns for how long to wait at most, in ms. */
static int read_files(struct rp_record *r)
{
	return rp_collector_wait(&r->collector, rp_collector_clock(), rp_namer_read(r->namer));
}

int rp_record_wait(struct rp_record *r)
{
	struct epoll_event events[SOURCES];
	struct waiter w;
	int i, n, wait_ms = -1, status = waiter_open(&w, r);

	/*
	 * The device says once that there is something, to whoever asks: to epoll when it
	 * was told of it, if that was after the first record.
	 */
	if (!status)
		status = rp_record_drain(r);
	rp_namer_meanwhile(r->namer, drain, r);
	if (!status)
		wait_ms = read_files(r);
	while (!status && r->reason == RP_RECORD_GOES_ON) {
		n = epoll_wait(w.epoll, events, SOURCES, wait_ms);
		if (n < 0 && errno != EINTR)
			status = rp_cmd_fail(RP_EXIT_FAILED, "cannot wait for events: %s",
					     strerror(errno));
		for (i = 0; i < n && !status; i++)
			status = handle(&w, events[i].data.u32);
		if (!n && !status)	/* a young process's may be there, below the watermark */
			status = rp_record_drain(r);
		wait_ms = read_files(r);
	}
	waiter_close(&w);
	if (status)
		r->reason = RP_RECORD_ERROR;
	return status;
}
