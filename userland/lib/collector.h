/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The collector: takes records as rp_device_drain() hands them out and puts each
 * where it belongs, samples into the window, mappings and exits into the spaces.
 *
 *	rp_device_drain(device, rp_collector_records, &collector);
 *
 * Unknown record types are skipped, malformed ones counted (window totals `bad`,
 * spaces' stats `bad`). Neither ends the drain.
 */
#ifndef RP_COLLECTOR_H
#define RP_COLLECTOR_H

#include "spaces.h"
#include "window.h"

struct rp_device_records;
struct rp_namer;
struct rp_table_loader;

struct rp_collector {
	struct rp_spaces *spaces;
	struct rp_window *window;
	struct rp_namer *namer;		/* NULL: nobody reads symbols before they are asked for */
	struct rp_table_loader *tables;	/* NULL: user stacks go by frame pointers */
	/* May be NULL: a CPU started, stopped, or changed its frequency. */
	void (*state)(void *arg, const struct rp_state_rec *rec);
	void *arg;
	uint64_t mapped_ns;		/* when the last mappings came, by rp_collector_clock() */
};

int rp_collector_records(void *collector, uint32_t cpu, struct rp_device_records *records);
/* One of them. */
void rp_collector_record(struct rp_collector *c, uint32_t cpu, const struct rp_rec *rec);

/*
 * How long to wait for the device, which says something at its watermark only: wait_ms (-1:
 * for ever), but a second at most while the last mappings came less than ten seconds ago. What
 * runs in a young process has files that are read while it is there, or never.
 */
int rp_collector_wait(const struct rp_collector *c, uint64_t now_ns, int wait_ms);
uint64_t rp_collector_clock(void);	/* ns; coarse */

#endif
