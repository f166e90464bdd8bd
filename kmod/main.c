// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - loading and unloading. Context: task context, one of them at a time (the
 * module loader sees to it).
 *
 * A loaded module that nobody asked to sample is a device, a netlink family and a
 * CPU hotplug state: no timer, no probe, no memory to speak of.
 *
 * Unloading: an open session holds the module (the file's owner), so rmmod gets
 * EBUSY from the core while there is one. When exit runs, no file is open and none
 * can be opened any more; then no netlink operation is inside; then no session and
 * no worker is left, and tracepoint_synchronize_unregister has waited for probes.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "compat/user_regs.h"
#include "device.h"
#include "exit.h"
#include "netlink.h"
#include "session.h"
#include "tick.h"

#define ASSERT_ABI(condition) BUILD_BUG_ON(!(condition))

struct workqueue_struct *rp_workqueue;

static int __init ringprof_init(void)
{
	int err;

	RP_ASSERT_ABI(ASSERT_ABI);
	if (!rp_exit_find())
		pr_info("no tracepoint sched_process_exit: exits are not reported\n");
	rp_tick_find();
	rp_user_regs_find();
	/* At once, since who is to be described may end: a busy host would have it wait. */
	rp_workqueue = alloc_workqueue("ringprof", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!rp_workqueue)
		return -ENOMEM;
	err = rp_sessions_init();
	if (err)
		goto err_workqueue;
	err = rp_netlink_init();
	if (err)
		goto err_sessions;
	err = rp_device_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	rp_netlink_exit();
err_sessions:
	rp_sessions_exit();
err_workqueue:
	destroy_workqueue(rp_workqueue);
	return err;
}

static void __exit ringprof_exit(void)
{
	rp_device_exit();
	rp_netlink_exit();
	rp_sessions_exit();
	destroy_workqueue(rp_workqueue);
}

module_init(ringprof_init);
module_exit(ringprof_exit);

MODULE_DESCRIPTION("Continuous profiler: samples stacks into a shared ring");
MODULE_AUTHOR("The ringprof authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(RP_VERSION);
