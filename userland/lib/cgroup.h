/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose process it is, by its control groups: the text of /proc/PID/cgroup (cgroups(7)),
 * read for what container runtimes, the kubelet and systemd put into its paths.
 *
 *	container	A path's innermost folder that is a container of
 *			- docker, containerd, nerdctl, cri-o, podman: an id of 64 hex digits,
 *			  alone or behind a word and '-' or ':', with .scope behind it or not
 *			  (docker-ID.scope, kubepods-...slice:cri-containerd:ID, crio-ID,
 *			  libpod-payload-ID, ID). Their monitors (libpod-conmon-ID) are on the host.
 *			- lxc: lxc.payload.NAME, and NAME below a folder lxc or lxc.payload
 *			- systemd-nspawn and machined: systemd-nspawn@NAME.service (not its
 *			  supervisor below it), machine-NAME.scope (virtual machines of qemu are none)
 *	pod		The uid of a Kubernetes pod, with '-' whatever the path writes:
 *			kubepods-burstable-podUID.slice, kubepods/burstable/podUID. It is a UUID,
 *			or 32 hex digits (a static pod).
 *	unit		systemd's innermost unit that is a unit of work: .service, .scope,
 *			.socket, .mount, .swap; of a user's manager it is user@UID.service, and
 *	user_unit	its innermost unit. Slices only sort units and are none.
 *	path		In the hierarchy that systemd uses (name=systemd, else the one of version 2,
 *			else the first that there is); of a group that is gone without " (deleted)".
 *
 * Where hierarchies differ, container and pod are those of the first one that has them,
 * in the same order.
 *
 * Namespace  A reader in a cgroup namespace of its own sees paths from there ("/../..").
 * Text    Names are anybody's who may make a control group: they are bytes. What is no
 *         value of an attribute (attributes.h) is not taken; path may be any text.
 * Limits  One name is at most NAME_MAX bytes, a path PATH_MAX - 1; what is longer is
 *         no path of the kernel's and is not taken.
 */
#ifndef RP_CGROUP_H
#define RP_CGROUP_H

#include <limits.h>
#include <stddef.h>

#define RP_CGROUP_POD_SIZE 37

struct rp_cgroup {		/* "": there is none */
	char container[NAME_MAX + 1];
	char pod[RP_CGROUP_POD_SIZE];
	char unit[NAME_MAX + 1];
	char user_unit[NAME_MAX + 1];
	char path[PATH_MAX];
};

/* What the text says; an empty one says nothing. */
void rp_cgroup_parse(const char *text, size_t len, struct rp_cgroup *ret);

#endif
