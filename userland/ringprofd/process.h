/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose work a sample was: for every address space its resource and its labels
 * (identity.h), and the callbacks of spaces.h and namer.h that make them.
 *
 * A process's environment and identity are read the moment its space is first heard of,
 * while it is likely to be alive, and again while there is none; its identity, which
 * changes (a server gives up root, a user's manager moves it), also at the end of its first
 * window, and then the less often the longer it has been the same: in every eighth window at
 * last, since to read it costs more than to name the samples. Its name comes with the
 * mappings. What another program left there (the process made an exec in between) is not
 * believed.
 *
 * Namespaces  In a PID namespace the module's numbers are other processes' here: nothing
 *         is read then, and that is said once.
 */
#ifndef RP_PROCESS_H
#define RP_PROCESS_H

#include <stdbool.h>

#include "config.h"
#include "namer.h"
#include "publish.h"
#include "resource.h"
#include "spaces.h"

struct rp_processes {
	const struct rp_config *config;
	struct rp_attributes host;
	bool blind;				/* our numbers are not the module's */
	struct rp_publish_keys keys;		/* of the profile being made */
	uint64_t environs_read, environs_missed;
	uint64_t window;			/* number of the one that is being closed */
};

/* config is kept by reference. 0 or -errno. */
int rp_processes_init(struct rp_processes *p, const struct rp_config *config);
void rp_processes_free(struct rp_processes *p);

/* A window is about to be closed. */
void rp_processes_next_window(struct rp_processes *p);

/* For struct rp_spaces_options, with the rp_processes as arg. */
void rp_process_appeared(void *processes, struct rp_aspace *as);
void rp_process_dropped(void *processes, struct rp_aspace *as);

/* Its mappings came: what could not be read so far may be there now. */
void rp_process_seen(struct rp_processes *p, struct rp_aspace *as);

/* For struct rp_namer_options. */
unsigned int rp_process_labels(void *processes, struct rp_profile *p,
			       struct rp_aspace *as, const struct rp_maps *maps,
			       struct rp_profile_label *ret, unsigned int room);

#endif
