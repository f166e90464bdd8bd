/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of `ringprofctl symbolize` that asks debuginfod servers for what is in no folder.
 */
#ifndef RP_SYMBOLIZE_FETCH_H
#define RP_SYMBOLIZE_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "debug_index.h"
#include "debug_servers.h"

/*
 * Gets the debug files of those ids whose symbols the index lacks, and adds them to it. An
 * exit status; a server that is down is none, but told of, and *ret_down says so.
 */
int rp_symbolize_fetch(struct rp_debug_servers *s, struct rp_debug_index *ix,
		       const struct rp_build_id *ids, size_t nr, bool *ret_down);

#endif
