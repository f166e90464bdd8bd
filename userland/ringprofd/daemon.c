// SPDX-License-Identifier: GPL-2.0
/*
 * One thread and one epoll over three descriptors: the device, the window's timer, the
 * signals. With poll() the kernel would ask all three at each wake-up, twice.
 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"
#include "pipeline.h"
#include "privilege.h"
#include "session.h"

#define WHY_SIZE 512

struct daemon {
	const struct rp_config *config;
	struct rp_session session;
	struct rp_pipeline *pipeline;
	int signals, timer, epoll;
	uint64_t broken;		/* what was said of the device's */
	bool stop;
	bool failed;
};

/* ---- set-up ------------------------------------------------------------- */

/* Before any thread exists, so that signals come to this one only. */
static int open_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signals < 0 ? -errno : 0;
}

static int open_timer(struct daemon *d)
{
	uint64_t ns = d->config->window.length_ns;
	const struct timespec length = {
		.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000),
	};
	const struct itimerspec spec = { .it_value = length, .it_interval = length };

	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->timer < 0 || timerfd_settime(d->timer, 0, &spec, NULL))
		return -errno;
	return 0;
}

static enum rp_daemon_exit exit_of(int err)
{
	switch (err) {
	case 0:
		return RP_DAEMON_OK;
	case -ENODEV:
		return RP_DAEMON_NO_MODULE;
	case -EPERM:
	case -EACCES:
		return RP_DAEMON_PERMISSION;
	default:
		return RP_DAEMON_FAILED;
	}
}

static enum rp_daemon_exit fail(int err, const char *why)
{
	rp_log(RP_LOG_ERROR, "%s", why);
	return exit_of(err);
}

enum source { DEVICE, TIMER, SIGNALS, SOURCES };

static int open_epoll(struct daemon *d)
{
	const int fds[SOURCES] = {
		[DEVICE] = rp_device_fd(d->session.device), [TIMER] = d->timer,
		[SIGNALS] = d->signals,
	};
	struct epoll_event event = { 0 };
	int i;

	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < SOURCES && d->epoll >= 0; i++) {
		event.data.u32 = (uint32_t)i;
		/* It says so once, and need not be asked a second time. */
		event.events = i == DEVICE ? EPOLLIN | EPOLLET : EPOLLIN;
		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fds[i], &event))
			return -errno;
	}
	return d->epoll < 0 ? -errno : 0;
}

static int start(struct daemon *d, char *why, size_t why_size)
{
	int err;

	umask(027);		/* profiles are not everybody's to read */
	err = open_signals(d);
	if (err) {
		snprintf(why, why_size, "cannot take signals: %s", strerror(-err));
		return err;
	}
	err = rp_privilege_drop(why, why_size);
	if (!err)
		err = rp_session_open(&d->session, d->config, why, why_size);
	if (!err)
		err = rp_pipeline_open(&d->pipeline, d->config, why, why_size);
	if (err)
		return err;
	err = open_timer(d);
	if (err) {
		snprintf(why, why_size, "cannot make a timer: %s", strerror(-err));
		return err;
	}
	err = open_epoll(d);
	if (err) {
		snprintf(why, why_size, "cannot wait for events: %s", strerror(-err));
		return err;
	}
	rp_pipeline_budget_begin(d->pipeline, (uint64_t)d->config->sampling.ring_bytes *
				 rp_device_nr_rings(d->session.device));
	rp_pipeline_tables_begin(d->pipeline, rp_device_fd(d->session.device));
	rp_pipeline_begin(d->pipeline);
	return rp_session_start(&d->session, why, why_size);
}

/* ---- the loop ----------------------------------------------------------- */

/* Returns how many records there were. */
static int drain(struct daemon *d)
{
	static struct rp_log_limit unmapped, broken, failed;
	int n = rp_device_drain(d->session.device, rp_collector_records,
				rp_pipeline_collector(d->pipeline));
	int err = rp_device_map_error(d->session.device);

	if (n < 0)
		rp_log_limited(&failed, RP_LOG_ERROR, "cannot read the rings: %s",
			       strerror(-n));
	if (err)
		rp_log_limited(&unmapped, RP_LOG_WARNING,
			       "a CPU's ring cannot be mapped, its samples are lost: %s",
			       strerror(-err));
	if (rp_device_broken(d->session.device) != d->broken) {
		d->broken = rp_device_broken(d->session.device);
		rp_log_limited(&broken, RP_LOG_ERROR,
			       "a ring held what is no record and was skipped to its end");
	}
	return n;
}

static void drain_meanwhile(void *d)
{
	drain(d);
}

/* The samples that the module may still add to, too. */
static void drain_flushed(struct daemon *d)
{
	rp_device_flush(d->session.device);
	drain(d);
}

static void account(struct daemon *d)
{
	struct rp_pipeline_totals totals;
	struct rp_session_read read;
	char why[WHY_SIZE];

	rp_pipeline_totals(d->pipeline, &totals);
	read = (struct rp_session_read){ totals.samples, totals.unstored };
	if (rp_session_log_account(&d->session, &read, why, sizeof(why)))
		rp_log(RP_LOG_ERROR, "no accounting: %s", why);
}

static void take_signals(struct daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGUSR1:
			drain_flushed(d);
			account(d);
			rp_pipeline_log(d->pipeline);
			break;
		case SIGHUP:
			rp_log(RP_LOG_WARNING,
			       "SIGHUP: the configuration is read at the start only; restart to change it");
			break;
		default:
			d->stop = true;
		}
	}
}

/* The rings are emptied while files are read, which is not so when the window closes. */
static void read_last(struct daemon *d)
{
	drain_flushed(d);
	while (!rp_pipeline_read_last(d->pipeline))
		drain(d);
}

static void end_window(struct daemon *d)
{
	uint64_t times;

	read_last(d);
	/* After a SIGSTOP several ends may have passed: they are one window. */
	if (read(d->timer, &times, sizeof(times)) == sizeof(times))
		rp_pipeline_finish(d->pipeline);
}

static void handle(struct daemon *d, const struct epoll_event *event)
{
	switch ((enum source)event->data.u32) {
	case DEVICE:
		if (!(event->events & (EPOLLERR | EPOLLHUP)))
			break;
		rp_log(RP_LOG_ERROR, "the module has ended the session");
		d->failed = d->stop = true;
		break;
	case TIMER:
		end_window(d);
		break;
	case SIGNALS:
		take_signals(d);
		break;
	case SOURCES:
		break;
	}
}

static void loop(struct daemon *d)
{
	struct epoll_event events[SOURCES];
	int i, n, wait_ms = -1;

	rp_pipeline_meanwhile(d->pipeline, drain_meanwhile, d);
	while (!d->stop) {
		n = epoll_wait(d->epoll, events, SOURCES, wait_ms);
		if (n < 0 && errno != EINTR) {
			rp_log(RP_LOG_ERROR, "cannot wait: %s", strerror(errno));
			d->failed = d->stop = true;
			break;
		}
		/* Whatever woke us up: what is there is read, and before any file. */
		drain(d);
		for (i = 0; i < n; i++)
			handle(d, &events[i]);
		wait_ms = rp_pipeline_read(d->pipeline);
		if (rp_pipeline_tend(d->pipeline)) {
			read_last(d);
			rp_pipeline_finish(d->pipeline);
		}
	}
}

/* ---- the end ------------------------------------------------------------ */

static void finish(struct daemon *d)
{
	char why[WHY_SIZE];

	rp_notify("STOPPING=1");
	if (rp_session_stop(&d->session, why, sizeof(why))) {
		rp_log(RP_LOG_ERROR, "cannot stop sampling: %s", why);
		d->failed = true;
		drain(d);
	} else {
		while (drain(d) > 0)
			;
	}
	rp_pipeline_finish(d->pipeline);
	account(d);
}

static void close_all(struct daemon *d, uint64_t timeout_ns)
{
	if (d->pipeline)
		rp_pipeline_tables_end(d->pipeline);
	rp_session_close(&d->session);
	if (d->pipeline)
		rp_pipeline_close(d->pipeline, timeout_ns);
	if (d->epoll >= 0)
		close(d->epoll);
	if (d->timer >= 0)
		close(d->timer);
	if (d->signals >= 0)
		close(d->signals);
}

enum rp_daemon_exit rp_daemon_run(const struct rp_config *config)
{
	struct daemon d = { .config = config, .signals = -1, .timer = -1, .epoll = -1 };
	enum rp_daemon_exit status;
	char why[WHY_SIZE];
	int err;

	err = start(&d, why, sizeof(why));
	if (err) {
		status = fail(err, why);
	} else {
		rp_log(RP_LOG_INFO, "sampling %u CPUs at %u Hz, windows of %g s",
		       rp_device_nr_rings(d.session.device), config->sampling.frequency,
		       (double)config->window.length_ns / 1e9);
		rp_notify("READY=1\nSTATUS=" RP_DAEMON_SAMPLING);
		loop(&d);
		finish(&d);
		status = d.failed ? RP_DAEMON_FAILED : RP_DAEMON_OK;
	}
	close_all(&d, err ? 0 : RP_DAEMON_LAST_NS);
	return status;
}
