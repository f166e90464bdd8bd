// SPDX-License-Identifier: GPL-2.0
/*
 * The two doors of the module: its device and its netlink family. Both can be out of
 * reach while the module is loaded: a container has its own /dev and its own network.
 *
 * The device is not opened, because that would be a session.
 */
#include "doctor_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MISC_MAJOR 10u

/* "123 ringprof" */
static int find_minor(void *arg, char *line)
{
	unsigned int *minor_nr = arg;
	char *name;
	unsigned long number = strtoul(line, &name, 10);

	while (*name == ' ')
		name++;
	if (strcmp(name, RP_DEVICE_NAME))
		return 0;
	*minor_nr = (unsigned int)number;
	return 1;
}

static void device_absent(struct rp_doctor *d, bool minor_known, unsigned int minor_nr)
{
	if (!d->loaded) {
		rp_doctor_find(d, "device", RP_DOCTOR_UNKNOWN, "%s comes with the module, which is not loaded",
			       RP_DEVICE_PATH);
		return;
	}
	rp_doctor_find(d, "device", RP_DOCTOR_PROBLEM, "the module is loaded, but %s is not here",
		       RP_DEVICE_PATH);
	if (d->in_container)
		rp_doctor_advise(d, "give it to the container: --device %s", RP_DEVICE_PATH);
	else if (minor_known)
		rp_doctor_advise(d, "mount devtmpfs on /dev, or: mknod -m 600 %s c %u %u",
				 RP_DEVICE_PATH, MISC_MAJOR, minor_nr);
	else
		rp_doctor_advise(d, "mount devtmpfs on /dev");
}

static void check_device(struct rp_doctor *d)
{
	unsigned int minor_nr = 0;
	bool minor_known = rp_doctor_lines(d, "/proc/misc", find_minor, &minor_nr) == 1;
	char path[PATH_MAX];
	struct stat st;

	rp_doctor_path(d, path, "%s", RP_DEVICE_PATH);
	if (stat(path, &st)) {
		if (errno == ENOENT)
			device_absent(d, minor_known, minor_nr);
		else
			rp_doctor_find(d, "device", RP_DOCTOR_UNKNOWN, "%s: %s",
				       RP_DEVICE_PATH, strerror(errno));
	} else if (!S_ISCHR(st.st_mode) || (minor_known && (major(st.st_rdev) != MISC_MAJOR ||
							    minor(st.st_rdev) != minor_nr))) {
		rp_doctor_find(d, "device", RP_DOCTOR_PROBLEM, "%s is something else than ringprof's device",
			       RP_DEVICE_PATH);
		rp_doctor_advise(d, "rm %s, and load the module again", RP_DEVICE_PATH);
	} else if (!d->loaded) {
		rp_doctor_find(d, "device", RP_DOCTOR_WARNING, "%s is there without the module: it was left behind",
			       RP_DEVICE_PATH);
		rp_doctor_advise(d, "rm %s before loading the module", RP_DEVICE_PATH);
	} else if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS)) {
		rp_doctor_find(d, "device", RP_DOCTOR_PROBLEM, "%s (mode %04o) is closed to this user",
			       RP_DEVICE_PATH, st.st_mode & 07777);
		rp_doctor_advise(d, "run it as root: its mode may be changed, but opening it takes CAP_SYS_ADMIN anyway");
	} else if (st.st_mode & 07) {
		rp_doctor_find(d, "device", RP_DOCTOR_WARNING, "%s has mode %04o: open to all, who still need CAP_SYS_ADMIN",
			       RP_DEVICE_PATH, st.st_mode & 07777);
		rp_doctor_advise(d, "chmod 600 %s", RP_DEVICE_PATH);
	} else {
		rp_doctor_find(d, "device", RP_DOCTOR_OK, "%s is there (mode %04o)",
			       RP_DEVICE_PATH, st.st_mode & 07777);
	}
}

static void check_netlink(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;

	if (info) {
		rp_doctor_find(d, "netlink", RP_DOCTOR_OK, "the module answers: release %s, ABI %u.%u",
			       info->release, info->abi_major, info->abi_minor);
	} else if (!d->loaded) {
		rp_doctor_find(d, "netlink", RP_DOCTOR_UNKNOWN, "the netlink family comes with the module, which is not loaded");
	} else {
		rp_doctor_find(d, "netlink", RP_DOCTOR_PROBLEM, "the module is loaded, but does not answer%s%s",
			       d->host->info_why ? ": " : "",
			       d->host->info_why ? d->host->info_why : "");
		rp_doctor_advise(d, "its netlink family is in the host's network namespace: run it there, or in a container with the host's network (--network=host)");
	}
}

void rp_doctor_check_reach(struct rp_doctor *d)
{
	if (!d->can_load && !d->loaded)
		return;
	check_device(d);
	check_netlink(d);
}
