// SPDX-License-Identifier: GPL-2.0
/*
 * One after the other, and each is waited for: whoever asked for it wants the names. What a
 * server sends is looked at in a jail, as what lies on the disk is for the daemon.
 */
#include "symbolize_fetch.h"

#include <signal.h>

#include "cmd.h"
#include "jail.h"
#include "log.h"
#include "symbolize.h"
#include "why.h"

static void get_all(struct rp_debuginfod *d, struct rp_debug_index *ix,
		    const struct rp_build_id *ids, size_t nr, bool *ret_down)
{
	char why[RP_WHY_SIZE], hex[RP_BUILD_ID_HEX];
	struct rp_debuginfod_job job;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (ids[i].size < 2 || !rp_symbolize_lacks(ix, &ids[i]))
			continue;
		job = (struct rp_debuginfod_job){ .id = ids[i] };
		switch (rp_debuginfod_get(d, &job, NULL, NULL, why, sizeof(why))) {
		case RP_DEBUGINFOD_LATER:
			*ret_down = true;
			break;
		case RP_DEBUGINFOD_NONE:
			rp_log(RP_LOG_INFO, "no debug file of build id %s: %s",
			       rp_build_id_hex(&ids[i], hex), why);
			break;
		case RP_DEBUGINFOD_HERE:
			break;
		}
	}
}

static int open_and_get(struct rp_debuginfod_options *o, struct rp_debug_index *ix,
			const struct rp_build_id *ids, size_t nr, bool *ret_down)
{
	struct rp_debuginfod *d;
	char why[RP_WHY_SIZE];
	int err;

	o->once = true;
	if (rp_debuginfod_open(&d, o, why, sizeof(why)))
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", why);
	get_all(d, ix, ids, nr, ret_down);
	err = rp_debug_index_add(ix, o->folder, why, sizeof(why));
	rp_debuginfod_close(d);
	return err ? rp_cmd_fail(RP_EXIT_FAILED, "%s", why) : RP_EXIT_OK;
}

int rp_symbolize_fetch(struct rp_debug_servers *s, struct rp_debug_index *ix,
		       const struct rp_build_id *ids, size_t nr, bool *ret_down)
{
	struct rp_debuginfod_options o;
	char why[RP_WHY_SIZE];
	int status = rp_debug_servers_options(s, &o);

	if (status)
		return status;

	rp_log_init("ringprofctl symbolize", RP_LOG_INFO);
	/* A server that hangs up is an error of its download. */
	signal(SIGPIPE, SIG_IGN);
	if (rp_jail_start(&o.jail, NULL, why, sizeof(why)))
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", why);
	status = open_and_get(&o, ix, ids, nr, ret_down);
	rp_jail_stop(o.jail);
	signal(SIGPIPE, SIG_DFL);
	return status;
}
