/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pipeline: from records to what is written and sent. Records go into the open
 * window; finishing it names everything, writes the profile to the archive and gives
 * its parts to the exporter.
 *
 * Failures of one stage do not stop another: a profile that cannot be written is
 * still sent, and the other way round; both say so themselves.
 */
#ifndef RP_PIPELINE_H
#define RP_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector.h"
#include "config.h"

/* Bytes of free memory that are kept for the next window. */
#define RP_PIPELINE_KEEP (1 << 20)

struct rp_pipeline;

struct rp_pipeline_totals {		/* since the start */
	uint64_t windows;
	uint64_t samples, unstored;	/* read: stored in a window, or not */
};

/* config is kept by reference. 0, or -errno and a sentence in why. */
int rp_pipeline_open(struct rp_pipeline **ret, const struct rp_config *config, char *why,
		     size_t why_size);

/*
 * From now on the session of this device (a descriptor) is asked for programs' files, and
 * gets unwind tables of the files that are sampled; where it takes none, that is said in the
 * log. To be ended before the device is closed.
 */
void rp_pipeline_tables_begin(struct rp_pipeline *p, int device);
void rp_pipeline_tables_end(struct rp_pipeline *p);

/* What the daemon may take itself is held from now on; apart: memory that does not count. */
void rp_pipeline_budget_begin(struct rp_pipeline *p, uint64_t apart_bytes);

/* For rp_device_drain(). */
struct rp_collector *rp_pipeline_collector(struct rp_pipeline *p);

/*
 * Reads one of the files that samples lie in, which may be gone later. Returns after how many
 * milliseconds it is to be called again, the rings looked at before; -1: nothing waits, and no
 * process is young (rp_collector_wait).
 */
int rp_pipeline_read(struct rp_pipeline *p);
/* The same when the window is about to be finished: not 0: it can be. */
int rp_pipeline_read_last(struct rp_pipeline *p);
/* Called every few milliseconds meanwhile: empties the rings. */
void rp_pipeline_meanwhile(struct rp_pipeline *p, void (*call)(void *arg), void *arg);

/* The open window begins now (again). */
void rp_pipeline_begin(struct rp_pipeline *p);
/*
 * Looks now and then at the memory that the daemon takes; to be called when it is awake in any
 * case. True: the open window is to be finished now, for it is too much.
 */
bool rp_pipeline_tend(struct rp_pipeline *p);
/* Finishes the open window and begins the next one. */
void rp_pipeline_finish(struct rp_pipeline *p);

/* The open window included. */
void rp_pipeline_totals(const struct rp_pipeline *p, struct rp_pipeline_totals *ret);

/* A line about what was written, sent and dropped. */
void rp_pipeline_log(struct rp_pipeline *p);

/* Delivers for at most timeout_ns, says what became of it, frees everything. */
void rp_pipeline_close(struct rp_pipeline *p, uint64_t timeout_ns);

#endif
