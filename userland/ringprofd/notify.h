/* SPDX-License-Identifier: GPL-2.0 */
/*
 * systemd's notification protocol: one datagram to $NOTIFY_SOCKET. Without that
 * variable nothing happens.
 */
#ifndef RP_NOTIFY_H
#define RP_NOTIFY_H

/* state: "READY=1", "STOPPING=1". Failures are of no consequence and not told. */
void rp_notify(const char *state);

#endif
