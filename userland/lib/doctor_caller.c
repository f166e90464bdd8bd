// SPDX-License-Identifier: GPL-2.0
/*
 * Who asks, and from where. The module asks for the host's CAP_SYS_ADMIN: root of a
 * user namespace has all the bits in its status and none of the host's power. It tells
 * of processes by the host's numbers, which mean others in a PID namespace.
 */
#include "doctor_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "namespace.h"

static const struct {
	unsigned int cap;
	const char *name, *what;
} wanted[] = {
	{ CAP_SYSLOG, "CAP_SYSLOG", "kernel functions have no names" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "other users' processes are not looked into for their files and service names" },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "files closed to this user give no names" },
};

static int find_caps(void *arg, char *line)
{
	struct rp_doctor *d = arg;

	if (strncmp(line, "CapEff:", 7))
		return 0;
	d->caps = strtoull(line + 7, NULL, 16);
	d->caps_known = true;
	return 1;
}

/* Which container this is, from what its makers leave behind; NULL: none is seen. */
static const char *find_container(const struct rp_doctor *d, char *buf, size_t size)
{
	static const char *const words[] = { "docker", "kubepods", "libpod", "containerd", "lxc" };
	char text[4096];
	size_t i;

	if (rp_doctor_exists(d, "/.dockerenv"))
		return "docker";
	if (rp_doctor_exists(d, "/run/.containerenv"))
		return "podman";
	if (rp_doctor_read(d, "/run/systemd/container", buf, size) > 0)
		return buf;
	if (rp_doctor_read(d, "/proc/self/cgroup", text, sizeof(text)) < 0)
		return NULL;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(text, words[i]))
			return words[i];
	}
	return NULL;
}

void rp_doctor_gather_caller(struct rp_doctor *d)
{
	char buf[64];

	rp_doctor_lines(d, "/proc/self/status", find_caps, d);
	d->in_container = find_container(d, buf, sizeof(buf));
}

static void check_capabilities(struct rp_doctor *d)
{
	char missing[320] = "", names[80] = "";
	size_t i, len;

	if (!d->caps_known) {
		rp_doctor_find(d, "capabilities", RP_DOCTOR_UNKNOWN, "the caller's capabilities cannot be read in /proc/self/status");
		return;
	}
	if (!rp_doctor_capable(d, CAP_SYS_ADMIN)) {
		rp_doctor_find(d, "capabilities", RP_DOCTOR_PROBLEM, "this caller may not sample: it has no CAP_SYS_ADMIN");
		rp_doctor_advise(d, "run it as root%s", d->in_container ?
				 ", in a container that has the capability (--privileged)" :
				 " (sudo ringprofctl doctor): root may see more here, too");
		return;
	}
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (rp_doctor_capable(d, wanted[i].cap))
			continue;
		len = strlen(missing);
		snprintf(missing + len, sizeof(missing) - len, "%s%s: %s", len ? "; " : "",
			 wanted[i].name, wanted[i].what);
		len = strlen(names);
		snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
			 wanted[i].name);
	}
	if (!*missing) {
		rp_doctor_find(d, "capabilities", RP_DOCTOR_OK, "this caller may sample and look into processes");
		return;
	}
	rp_doctor_find(d, "capabilities", RP_DOCTOR_WARNING, "this caller may sample, but has not %s",
		       missing);
	rp_doctor_advise(d, "give it %s as well, or run it as root", names);
}

static void check_container(struct rp_doctor *d)
{
	char folder[PATH_MAX], buf[64], who[96] = "";
	const char *kind = find_container(d, buf, sizeof(buf));
	enum rp_namespace_which user, pid, cgroup;

	rp_doctor_path(d, folder, "/proc/self/ns");
	user = rp_namespace_find(folder, RP_NAMESPACE_USER);
	pid = rp_namespace_find(folder, RP_NAMESPACE_PID);
	cgroup = rp_namespace_find(folder, RP_NAMESPACE_CGROUP);

	if (kind)
		snprintf(who, sizeof(who), "in a container (%s), ", kind);
	if (user == RP_NAMESPACE_OTHER) {
		rp_doctor_find(d, "container", RP_DOCTOR_PROBLEM, "%sin a user namespace: its root has no power over the host's kernel, and the module refuses it",
			       who);
		rp_doctor_advise(d, "run it on the host, or in a container with the host's user namespace (--privileged --userns=host)");
	} else if (pid == RP_NAMESPACE_OTHER) {
		rp_doctor_find(d, "container", RP_DOCTOR_WARNING, "%sin a PID namespace: samples have the host's process numbers, which are not those seen here, so that user code is left without names",
			       who);
		rp_doctor_advise(d, "run it on the host, or in a container with the host's processes (--pid=host)");
	} else if (user == RP_NAMESPACE_UNKNOWN && pid == RP_NAMESPACE_UNKNOWN) {
		rp_doctor_find(d, "container", RP_DOCTOR_UNKNOWN, "%snamespaces cannot be seen in /proc/self/ns",
			       who);
	} else if (cgroup == RP_NAMESPACE_OTHER) {
		rp_doctor_find(d, "container", RP_DOCTOR_WARNING, "%sin a cgroup namespace: control groups are seen from there, so that a process's unit or pod may be missed",
			       who);
		rp_doctor_advise(d, "run it on the host, or in a container with the host's control groups (--cgroupns=host)");
	} else {
		rp_doctor_find(d, "container", RP_DOCTOR_OK, "%s%s", who,
			       kind ? "with the host's processes and users" :
			       "not in a container that matters here");
	}
}

void rp_doctor_check_caller(struct rp_doctor *d)
{
	check_capabilities(d);
	check_container(d);
}
