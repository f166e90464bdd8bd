/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's sampling session: device and control as one thing, from opening to
 * the accounting at its end.
 *
 * All return 0 or -errno (-ENODEV: no module; -EPERM, -EACCES: not allowed) and
 * leave a sentence in why.
 */
#ifndef RP_SESSION_H
#define RP_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "control.h"
#include "device.h"

struct rp_session {
	struct rp_device *device;
	struct rp_control *control;
	uint32_t id;
};

/* What the daemon itself saw, beside the module's numbers. */
struct rp_session_read {
	uint64_t samples;	/* stored in a window */
	uint64_t unstored;	/* read, but no room in the window, or malformed */
};

int rp_session_open(struct rp_session *s, const struct rp_config *config, char *why,
		    size_t why_size);
void rp_session_close(struct rp_session *s);

int rp_session_start(struct rp_session *s, char *why, size_t why_size);
int rp_session_stop(struct rp_session *s, char *why, size_t why_size);

/*
 * "taken 10 = delivered 7 + refused 2 + lost 1; read 7", and the reasons. At the
 * end (stopped and drained) delivered and read are equal.
 */
int rp_session_log_account(struct rp_session *s, const struct rp_session_read *read,
			   char *why, size_t why_size);

#endif
