/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts for the doctor's tests: a folder with the files that a host has, made when a
 * test begins, and what the doctor says about it.
 */
#ifndef RP_DOCTOR_FIXTURE_H
#define RP_DOCTOR_FIXTURE_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

#define RELEASE "6.1.0-99-amd64"
#define LIB "/lib/modules/" RELEASE

#define ALL_CAPS "000001ffffffffff"
#define SIGNATURE "signature~Module signature appended~\n"

struct host {
	char root[32];
	struct rp_doctor_host host;
	struct rp_attrs info;
	struct rp_doctor_report report;
};

static inline void put_bytes(struct host *h, const char *path, const void *data, size_t len)
{
	char full[PATH_MAX], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", h->root, path);
	for (slash = strchr(full + strlen(h->root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static inline void put(struct host *h, const char *path, const char *text)
{
	put_bytes(h, path, text, strlen(text));
}

/* A folder with nothing in it. */
static inline void put_folder(struct host *h, const char *path)
{
	char full[256];

	/* The parents come with a file, which goes again. */
	snprintf(full, sizeof(full), "%s/x", path);
	put(h, full, "");
	snprintf(full, sizeof(full), "%s%s/x", h->root, path);
	assert_int_equal(unlink(full), 0);
}

static inline void put_link(struct host *h, const char *path, const char *to)
{
	char full[PATH_MAX];

	put(h, path, "");
	snprintf(full, sizeof(full), "%s%s", h->root, path);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(symlink(to, full), 0);
}

static inline void take_away(struct host *h, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", h->root, path);
	assert_int_equal(unlink(full), 0);
}

static inline struct host *new_host(void)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	strcpy(h->root, "/tmp/test_doctor.XXXXXX");
	assert_non_null(mkdtemp(h->root));
	h->host.root = h->root;
	return h;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void free_host(struct host *h)
{
	assert_int_equal(nftw(h->root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(h);
}

/* Debian 12 as installed, with headers, seen by root; ringprof was never there. */
static inline struct host *new_debian(void)
{
	struct host *h = new_host();

	put(h, "/proc/sys/kernel/osrelease", RELEASE "\n");
	put(h, "/proc/modules", "ext4 20480 1 - Live 0xffffffffc0400000\n");
	put(h, "/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet\n");
	put(h, "/proc/self/status", "Name:\tx\nCapPrm:\t0\nCapEff:\t" ALL_CAPS "\nSeccomp:\t0\n");
	put(h, "/proc/self/cgroup", "0::/user.slice/user-0.slice/session-1.scope\n");
	put_link(h, "/proc/self/ns/user", "user:[4026531837]");
	put_link(h, "/proc/self/ns/pid", "pid:[4026531836]");
	put_link(h, "/proc/self/ns/cgroup", "cgroup:[4026531835]");
	put(h, "/proc/misc", "123 ringprof-not\n 10 fuse\n");
	put(h, "/proc/timer_list", "cpu: 0\n  .hres_active    : 1\ncpu: 1\n  .hres_active    : 1\n");
	put(h, "/proc/kallsyms", "0000000000000000 A fixed_percpu_data\n"
	    "ffffffff81000000 T _stext\n");
	put(h, "/proc/sys/kernel/kptr_restrict", "0\n");
	put(h, "/proc/sys/kernel/perf_event_paranoid", "3\n");
	put(h, "/proc/sys/kernel/modules_disabled", "0\n");
	put(h, "/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	put(h, "/sys/kernel/btf/vmlinux", "");
	put(h, "/sys/kernel/security/lsm", "lockdown,capability");
	put(h, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put(h, "/sys/module/module/parameters/sig_enforce", "N\n");
	put_folder(h, "/sys/firmware/acpi");
	put(h, "/dev/kmsg", "6,1,5,-;Linux version " RELEASE "\n SUBSYSTEM=x\n");
	put(h, "/etc/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\n");
	put(h, "/boot/config-" RELEASE, "CONFIG_MODULES=y\nCONFIG_MODULE_SIG=y\n"
	    "# CONFIG_MODULE_SIG_FORCE is not set\nCONFIG_HIGH_RES_TIMERS=y\nCONFIG_HZ=250\n"
	    "CONFIG_UNWINDER_ORC=y\nCONFIG_TRACEPOINTS=y\nCONFIG_BPF_SYSCALL=y\n");
	put(h, LIB "/modules.dep", "kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko\n");
	put(h, LIB "/build/Makefile", "");
	put(h, LIB "/build/include/generated/autoconf.h", "");
	return h;
}

/* The module in its place; what its file ends with. */
static inline void install_module(struct host *h, const char *end)
{
	char text[64];

	snprintf(text, sizeof(text), "ELF%s", end);
	put(h, LIB "/extra/ringprof.ko", text);
	put(h, LIB "/modules.dep", "kernel/fs/ext4/ext4.ko:\nextra/ringprof.ko:\n");
}

/* And loaded: it answers with all its capabilities. /dev/null stands for its device. */
static inline void load_module(struct host *h)
{
	put(h, "/proc/modules", "ringprof 36864 0 - Live 0xffffffffc0400000 (OE)\n");
	put(h, "/sys/module/ringprof/version", "0.1.0\n");
	take_away(h, "/proc/misc");
	put_link(h, "/dev/ringprof", "/dev/null");
	h->info.abi_major = RP_ABI_MAJOR;
	h->info.abi_minor = RP_ABI_MINOR;
	strcpy(h->info.release, "0.1.0");
	h->info.caps = RP_CAP_TICK_HRTIMER | RP_CAP_KERNEL_STACK | RP_CAP_USER_STACK_FP |
		       RP_CAP_EXIT | RP_CAP_BUILD_ID | RP_CAP_HARD_TICK;
	h->host.info = &h->info;
}

static inline void examine(struct host *h)
{
	rp_doctor_examine(&h->host, &h->report);
	assert_true(h->report.nr > 0 && h->report.nr < RP_DOCTOR_FINDINGS_MAX);
}

/* The finding of that name, of which there is one; NULL if there is none. */
static inline const struct rp_doctor_finding *finding(const struct host *h, const char *name)
{
	const struct rp_doctor_finding *found = NULL;
	size_t i;

	for (i = 0; i < h->report.nr; i++) {
		if (strcmp(h->report.findings[i].name, name))
			continue;
		assert_null(found);
		found = &h->report.findings[i];
	}
	return found;
}

static inline void expect(const struct host *h, const char *name, enum rp_doctor_state state,
			  const char *what, const char *advice)
{
	const struct rp_doctor_finding *f = finding(h, name);

	if (!f)
		fail_msg("nothing is said about %s", name);
	if (f->state != state || !strstr(f->what, what) || !strstr(f->advice, advice))
		fail_msg("%s: %s: %s -> %s; wanted %s: %s -> %s", name,
			 rp_doctor_state_name(f->state), f->what, f->advice,
			 rp_doctor_state_name(state), what, advice);
	/* Whoever is warned is told what to do. */
	if (state == RP_DOCTOR_WARNING || state == RP_DOCTOR_PROBLEM)
		assert_true(*f->advice != '\0');
	assert_true(strlen(f->what) < RP_DOCTOR_TEXT_SIZE - 1);
	assert_true(strlen(f->advice) < RP_DOCTOR_TEXT_SIZE - 1);
}

static inline void expect_problems(const struct host *h, unsigned int nr)
{
	assert_int_equal(rp_doctor_count(&h->report, RP_DOCTOR_PROBLEM), nr);
}

#endif
