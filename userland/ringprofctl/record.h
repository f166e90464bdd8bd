/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of `ringprofctl record`: the command that is run (record_child.c), what is
 * waited for (record_wait.c), labels of processes (record_labels.c), debug files from servers
 * (record_fetch.c), and the profile and the talk at the end (record_end.c).
 */
#ifndef RP_RECORD_H
#define RP_RECORD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collector.h"
#include "control.h"
#include "debug_fetcher.h"
#include "debug_servers.h"
#include "device.h"
#include "jail.h"
#include "namer.h"
#include "table_loader.h"

#define RP_RECORD_DIRS_MAX 16

enum rp_record_unwind {
	RP_RECORD_UNWIND_AUTO,		/* by tables where the module has them */
	RP_RECORD_UNWIND_TABLES,
	RP_RECORD_UNWIND_FP,
};

struct rp_record_options {
	struct rp_attrs settings;	/* of the session; FREQ is always there */
	uint64_t duration_ns;		/* 0: until something else ends it */
	uint32_t pid;			/* -p; 0: none */
	const char *file;		/* "-": stdout */
	struct rp_device_setup setup;
	enum rp_record_unwind unwind;
	unsigned int labels;		/* RP_IDENTITY_*, of identity.h */
	unsigned int debug;		/* RP_DEBUG_*, of debug_info.h */
	char *debug_dirs[RP_RECORD_DIRS_MAX + 3];	/* with RP_DEBUG_DIR, a cache, NULL */
	unsigned int nr_debug_dirs;	/* of them, told */
	struct rp_debug_servers servers;
	char **command;			/* NULL: none */
};

struct rp_record_child {
	pid_t pid;			/* 0: none, or it was waited for */
	int go;				/* its pipe: it starts when this is written to */
	int failed;			/* the pipe that exec closes, or tells its errno */
	bool ended;			/* status is there */
	int status;			/* as from waitpid() */
};

enum rp_record_reason {
	RP_RECORD_GOES_ON,
	RP_RECORD_DURATION,		/* the time is over */
	RP_RECORD_COMMAND,		/* the command has ended */
	RP_RECORD_PROCESS,		/* the process of -p has ended */
	RP_RECORD_SIGNAL,		/* Ctrl-C, SIGTERM */
	RP_RECORD_ERROR,
};

struct rp_record {
	struct rp_record_options options;
	struct rp_device *device;
	struct rp_control *control;
	struct rp_spaces *spaces;
	struct rp_window *window;
	struct rp_namer *namer;
	struct rp_jail *jail;		/* where profiled processes' files are parsed */
	struct rp_jail *lines_jail;	/* their debugging data; NULL: nobody wants those */
	struct rp_debug_fetcher *fetcher;	/* NULL: no server is asked */
	struct rp_collector collector;
	struct rp_record_child child;
	sigset_t old_signals;		/* before they were blocked */
	uint64_t wall_ns;		/* when sampling began, since 1970 */
	uint64_t start_ns, end_ns;	/* CLOCK_MONOTONIC */
	enum rp_record_reason reason;
	bool limited;			/* the session's budget held ticks back */
};

uint64_t rp_record_clock(void);		/* CLOCK_MONOTONIC, ns */
/* Everything that is in the rings now. 0, or an exit status after a sentence. */
int rp_record_drain(struct rp_record *r);

/* ---- record_child.c */

/*
 * Makes the process that will run the command, and makes us the reaper of its orphans.
 * It does nothing before rp_record_child_go(). An exit status.
 */
int rp_record_child_fork(struct rp_record *r);
/* An exit status: that the command cannot be run is known then. */
int rp_record_child_go(struct rp_record *r);
/* After SIGCHLD: takes what has ended. */
void rp_record_child_reap(struct rp_record *r);
/* Ends a command that is still running: SIGTERM, and SIGKILL if that does not help. */
void rp_record_child_end(struct rp_record *r);
/* What record exits with when all went well. */
int rp_record_child_exit(const struct rp_record *r);

/* ---- record_labels.c */

/* A list with commas. An exit status. */
int rp_record_labels_parse(const char *text, unsigned int *ret);
/* Whether those that are asked for can be had here. An exit status. */
int rp_record_labels_check(const struct rp_record *r);
/* For struct rp_spaces_options and struct rp_namer_options, with the rp_record as arg. */
void rp_record_labels_appeared(void *record, struct rp_aspace *as);
void rp_record_labels_mapped(struct rp_aspace *as);
void rp_record_labels_dropped(void *record, struct rp_aspace *as);
unsigned int rp_record_labels(void *record, struct rp_profile *p, struct rp_aspace *as,
			      const struct rp_maps *maps, struct rp_profile_label *ret,
			      unsigned int room);

/* ---- record_fetch.c */

/* Where debug files are, and who is asked for them. An exit status. */
int rp_record_fetch_open(struct rp_record *r);
/* Waits for those that are coming. */
void rp_record_fetch_rest(struct rp_record *r);

/* ---- record_wait.c */

/* Blocks the signals that rp_record_wait() reads; before the child is made. */
void rp_record_block_signals(struct rp_record *r);
/* From now on they do what they always do: the second Ctrl-C kills. */
void rp_record_unblock_signals(const struct rp_record *r);
/* Collects until something ends it (r->reason). An exit status. */
int rp_record_wait(struct rp_record *r);

/* ---- record_end.c */

/* Stops, drains, names, writes, tells. An exit status. */
int rp_record_end(struct rp_record *r);

#endif
