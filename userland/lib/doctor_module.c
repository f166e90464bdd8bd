// SPDX-License-Identifier: GPL-2.0
/*
 * Loaded, loadable, or what is in between. /proc/modules and modules.dep are what the
 * kernel and modprobe go by; a module that lies somewhere else is not found by them,
 * however near it is.
 */
#include "doctor_private.h"

#include <stdio.h>
#include <string.h>

#define MODULE "ringprof"

static int find_loaded(void *arg, char *line)
{
	(void)arg;
	return !strncmp(line, MODULE " ", strlen(MODULE) + 1);
}

/* "extra/ringprof.ko.xz: what it depends on", relative to the folder of modules */
static int find_file(void *arg, char *line)
{
	char *end = strchr(line, ':'), *name;

	if (!end)
		return 0;
	*end = '\0';
	name = strrchr(line, '/');
	name = name ? name + 1 : line;
	if (strncmp(name, MODULE ".ko", strlen(MODULE) + 3))
		return 0;
	snprintf(arg, PATH_MAX, "%s", line);
	return 1;
}

void rp_doctor_gather_module(struct rp_doctor *d)
{
	char path[PATH_MAX], file[PATH_MAX];

	/* A kernel whose module list is absent may still show that it had a /proc. */
	d->can_load = rp_doctor_config(d, "MODULES") != 'n' &&
		      (rp_doctor_exists(d, "/proc/modules") ||
		       !rp_doctor_exists(d, "/proc/sys/kernel/osrelease"));
	d->loaded = d->host->info ||
		    rp_doctor_lines(d, "/proc/modules", find_loaded, NULL) == 1;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", d->report->release);
	if (rp_doctor_lines(d, path, find_file, file) != 1)
		return;
	if (*file == '/')
		snprintf(d->module, sizeof(d->module), "%s", file);
	else if (snprintf(path, sizeof(path), "/lib/modules/%s/%s", d->report->release,
			  file) < (int)sizeof(path))
		snprintf(d->module, sizeof(d->module), "%s", path);
}

/* Where it is put by `make install` and by DKMS, whether or not depmod was run since. */
static bool find_unlisted(const struct rp_doctor *d, char ret[static PATH_MAX])
{
	static const char *const folders[] = { "extra", "updates", "updates/dkms", "kernel/extra" };
	static const char *const ends[] = { "", ".xz", ".gz", ".zst" };
	size_t i, j;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (j = 0; j < sizeof(ends) / sizeof(ends[0]); j++) {
			snprintf(ret, PATH_MAX, "/lib/modules/%s/%s/" MODULE ".ko%s",
				 d->report->release, folders[i], ends[j]);
			if (rp_doctor_exists(d, "%s", ret))
				return true;
		}
	}
	return false;
}

static void check_loaded(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;
	char version[64];

	if (info && info->abi_major != RP_ABI_MAJOR) {
		rp_doctor_find(d, "module", RP_DOCTOR_PROBLEM, "the loaded module speaks ABI %u.%u, this program %u.%u",
			       info->abi_major, info->abi_minor, RP_ABI_MAJOR, RP_ABI_MINOR);
		rp_doctor_advise(d, "install the same release of both, then: rmmod ringprof && modprobe ringprof");
		return;
	}
	if (rp_doctor_read(d, "/sys/module/" MODULE "/version", version, sizeof(version)) <= 0)
		snprintf(version, sizeof(version), "%s", info ? info->release : "");
	rp_doctor_find(d, "module", RP_DOCTOR_OK, "ringprof%s%s is loaded",
		       *version ? " " : "", version);
}

static void check_loadable(struct rp_doctor *d)
{
	const char *where = d->in_container ? " (on the host: a container shares its kernel)" : "";
	char file[PATH_MAX];

	if (*d->module && rp_doctor_exists(d, "%s", d->module)) {
		rp_doctor_find(d, "module", RP_DOCTOR_WARNING, "ringprof is not loaded; %.300s is there for it",
			       d->module);
		rp_doctor_advise(d, "modprobe ringprof%s", where);
	} else if (*d->module) {
		rp_doctor_find(d, "module", RP_DOCTOR_PROBLEM, "ringprof is not loaded, and %.300s, which modules.dep names, is gone",
			       d->module);
		rp_doctor_advise(d, "install it again (make modules && make install, or dkms install), then: modprobe ringprof%s",
				 where);
	} else if (find_unlisted(d, file)) {
		rp_doctor_find(d, "module", RP_DOCTOR_PROBLEM, "ringprof is not loaded; %.300s is there, but modules.dep does not list it",
			       file);
		rp_doctor_advise(d, "depmod -a && modprobe ringprof%s", where);
	} else {
		rp_doctor_find(d, "module", RP_DOCTOR_PROBLEM, "ringprof is not loaded, and not installed for this kernel, %s",
			       d->report->release);
		rp_doctor_advise(d, "make modules && make install && modprobe ringprof%s; a module that was built elsewhere for exactly this kernel: insmod ringprof.ko",
				 where);
	}
}

static void check_disabled(struct rp_doctor *d)
{
	long long disabled = 0;

	rp_doctor_number(d, "/proc/sys/kernel/modules_disabled", &disabled);
	if (!disabled) {
		rp_doctor_find(d, "modules", RP_DOCTOR_OK, "this kernel loads modules");
	} else if (d->loaded) {
		rp_doctor_find(d, "modules", RP_DOCTOR_WARNING, "no module can be loaded any more until the next boot (kernel.modules_disabled is 1)");
		rp_doctor_advise(d, "nothing now: ringprof is loaded already; do not unload it");
	} else {
		rp_doctor_find(d, "modules", RP_DOCTOR_PROBLEM, "no module can be loaded until the next boot (kernel.modules_disabled is 1)");
		rp_doctor_advise(d, "boot again, and load ringprof before that is set: a line \"ringprof\" in /etc/modules-load.d/ringprof.conf");
	}
}

void rp_doctor_check_module(struct rp_doctor *d)
{
	if (!*d->report->release && !d->loaded) {
		rp_doctor_find(d, "modules", RP_DOCTOR_UNKNOWN, "whether ringprof is loaded was not found out: /proc is not mounted");
		rp_doctor_advise(d, "mount -t proc proc /proc");
		return;
	}
	if (!d->can_load && !d->loaded) {
		rp_doctor_find(d, "modules", RP_DOCTOR_PROBLEM, "this kernel cannot load modules (CONFIG_MODULES is off)");
		rp_doctor_advise(d, "boot a kernel with CONFIG_MODULES=y: ringprof is a module and has no other way in");
		return;
	}
	check_disabled(d);
	if (d->loaded)
		check_loaded(d);
	else
		check_loadable(d);
}
