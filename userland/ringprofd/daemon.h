/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: a session of the module's, read and closed window by window until a
 * signal ends it.
 *
 * Signals	SIGTERM, SIGINT	stop sampling, drain, finish the open window, deliver
 *				what can be delivered in RP_DAEMON_LAST_NS, exit
 *		SIGUSR1		the accounting, in the log
 *		SIGHUP		said to be without effect: restart to reconfigure
 * Wake-ups	the rings' watermark, a new process (whose environment is read while it
 *		lives), each second for ten seconds after that, the window's end, signals;
 *		and, while something waits to be read, when the budget allows it. Nothing
 *		else.
 */
#ifndef RP_DAEMON_H
#define RP_DAEMON_H

#include "config.h"

#define RP_DAEMON_LAST_NS (10 * 1000000000ull)
#define RP_DAEMON_SAMPLING "sampling"	/* its status, for systemd */

/* The same numbers as ringprofctl's. */
enum rp_daemon_exit {
	RP_DAEMON_OK = 0,
	RP_DAEMON_FAILED = 1,
	RP_DAEMON_USAGE = 2,
	RP_DAEMON_NO_MODULE = 3,
	RP_DAEMON_PERMISSION = 4,
};

/* From start to end; what goes wrong is in the log. */
enum rp_daemon_exit rp_daemon_run(const struct rp_config *config);

#endif
