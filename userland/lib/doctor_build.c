// SPDX-License-Identifier: GPL-2.0
/*
 * What it takes to build the module here. None of it keeps ringprof from working where
 * the module is there already: it comes to matter with the next kernel.
 */
#include "doctor_private.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define DKMS "/var/lib/dkms/ringprof"

/* How this distribution gets a kernel's headers; by the words of os-release. */
static const char *headers_command(const struct rp_doctor *d)
{
	static const struct {
		const char *word, *command;
	} commands[] = {
		{ "debian", "apt install linux-headers-" }, { "ubuntu", "apt install linux-headers-" },
		{ "rhel", "yum install kernel-devel-" }, { "fedora", "dnf install kernel-devel-" },
		{ "centos", "yum install kernel-devel-" },
	};
	char text[4096], *line, *save;
	size_t i;

	if (rp_doctor_read(d, "/etc/os-release", text, sizeof(text)) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "ID=", 3) && strncmp(line, "ID_LIKE=", 8))
			continue;
		for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
			if (strstr(line, commands[i].word))
				return commands[i].command;
		}
	}
	return NULL;
}

static void advise_headers(struct rp_doctor *d)
{
	const char *command = headers_command(d), *release = d->report->release;

	if (command)
		rp_doctor_advise(d, "%s%s; or build it on another machine: make modules KDIR=...",
				 command, release);
	else
		rp_doctor_advise(d, "install the headers (kernel-devel) of %s; or build the module on another machine: make modules KDIR=...",
				 *release ? release : "this kernel");
}

static void check_headers(struct rp_doctor *d)
{
	const char *release = d->report->release;
	bool needed = !d->loaded && !*d->module;

	if (!rp_doctor_exists(d, "/lib/modules/%s/build/Makefile", release)) {
		rp_doctor_find(d, "headers", needed ? RP_DOCTOR_WARNING : RP_DOCTOR_OK,
			       "no headers are seen at /lib/modules/%s/build: the module cannot be built on this machine%s",
			       release, needed ? "" : ", and need not be now");
		advise_headers(d);
	} else if (!rp_doctor_exists(d, "/lib/modules/%s/build/include/generated/autoconf.h",
				     release)) {
		rp_doctor_find(d, "headers", needed ? RP_DOCTOR_WARNING : RP_DOCTOR_OK,
			       "/lib/modules/%s/build is a kernel's source that was not prepared for building modules",
			       release);
		rp_doctor_advise(d, "there, with this kernel's .config and Module.symvers: make modules_prepare");
	} else {
		rp_doctor_find(d, "headers", RP_DOCTOR_OK,
			       "the kernel's headers are there: /lib/modules/%s/build", release);
	}
}

/* The release that DKMS has of ringprof, as a folder; the last one if several. */
static bool find_added(const struct rp_doctor *d, char *ret, size_t size)
{
	char path[PATH_MAX];
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	rp_doctor_path(d, path, DKMS);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		if (*e->d_name == '.' || !rp_doctor_exists(d, DKMS "/%s/source", e->d_name))
			continue;
		if (!found || strcmp(e->d_name, ret) > 0)
			snprintf(ret, size, "%s", e->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

/* kernel-RELEASE-MACHINE, a link to what is installed for that kernel */
static bool is_installed(const struct rp_doctor *d)
{
	char path[PATH_MAX], prefix[96];
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(prefix, sizeof(prefix), "kernel-%s-", d->report->release);
	rp_doctor_path(d, path, DKMS);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (e = readdir(dir)))
		found = !strncmp(e->d_name, prefix, strlen(prefix)) &&
			!strchr(e->d_name + strlen(prefix), '-');
	closedir(dir);
	return found;
}

/* A build that failed leaves its log, whose first line names the kernel. */
static bool has_failed(const struct rp_doctor *d, const char *version)
{
	char path[PATH_MAX], first[512], kernel[96];

	snprintf(path, sizeof(path), DKMS "/%s/build/make.log", version);
	snprintf(kernel, sizeof(kernel), " %s ", d->report->release);
	return rp_doctor_read(d, path, first, sizeof(first)) > 0 && strstr(first, kernel);
}

static void check_dkms(struct rp_doctor *d)
{
	const char *release = d->report->release;
	char version[NAME_MAX + 1];

	if (!find_added(d, version, sizeof(version))) {
		rp_doctor_find(d, "dkms", RP_DOCTOR_OK,
			       "ringprof is not under DKMS: for another kernel it has to be built by hand");
	} else if (is_installed(d)) {
		rp_doctor_find(d, "dkms", RP_DOCTOR_OK, "DKMS has installed ringprof %s for this kernel",
			       version);
	} else if (has_failed(d, version)) {
		rp_doctor_find(d, "dkms", RP_DOCTOR_WARNING, "DKMS could not build ringprof %s for this kernel",
			       version);
		rp_doctor_advise(d, "read " DKMS "/%s/build/make.log, then: dkms install ringprof/%s -k %s",
				 version, version, release);
	} else {
		rp_doctor_find(d, "dkms", RP_DOCTOR_WARNING, "DKMS knows ringprof %s, and has not installed it for this kernel",
			       version);
		rp_doctor_advise(d, "dkms install ringprof/%s -k %s", version, release);
	}
}

void rp_doctor_check_build(struct rp_doctor *d)
{
	if (!d->can_load || !*d->report->release)
		return;
	check_headers(d);
	check_dkms(d);
}
