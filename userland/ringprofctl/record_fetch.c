// SPDX-License-Identifier: GPL-2.0
/*
 * Debug files from servers, for record: they are asked for as soon as a sampled file is read,
 * and come while sampling goes on. Only what has not come by its end is waited for.
 */
#include "record.h"

#include <stdio.h>

#include "cmd.h"
#include "debug_file.h"
#include "log.h"
#include "why.h"

#define WAIT_NS (60 * 1000000000ull)

int rp_record_fetch_open(struct rp_record *r)
{
	struct rp_record_options *o = &r->options;
	struct rp_debuginfod_options fetch;
	char why[RP_WHY_SIZE];
	int status;

	o->debug_dirs[o->nr_debug_dirs] = (char *)RP_DEBUG_DIR;
	if (!o->servers.nr)
		return RP_EXIT_OK;
	status = rp_debug_servers_options(&o->servers, &fetch);
	if (status)
		return status;
	rp_log_init("ringprofctl record", RP_LOG_INFO);
	fetch.jail = r->jail;
	if (rp_debug_fetcher_start(&r->fetcher, &fetch, why, sizeof(why)))
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", why);
	o->debug_dirs[o->nr_debug_dirs + 1] = (char *)rp_debug_fetcher_folder(r->fetcher);
	return RP_EXIT_OK;
}

void rp_record_fetch_rest(struct rp_record *r)
{
	uint64_t timeout = r->options.servers.timeout_ns;
	struct rp_debug_fetcher_stats stats;

	if (!r->fetcher)
		return;
	/* Whatever is read now may want one, too. */
	rp_namer_read_all(r->namer);
	if (!rp_debug_fetcher_wait(r->fetcher, 0)) {
		timeout = timeout ? timeout : WAIT_NS;
		fprintf(stderr, "ringprofctl record: waiting for debug files, %llu s at most\n",
			(unsigned long long)(timeout / 1000000000));
		rp_debug_fetcher_wait(r->fetcher, timeout);
	}
	rp_debug_fetcher_stats(r->fetcher, &stats);
	if (stats.waiting)
		fprintf(stderr, "ringprofctl record: %llu debug files have not come; ringprofctl symbolize can ask for them later\n",
			(unsigned long long)stats.waiting);
}
