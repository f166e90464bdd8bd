// SPDX-License-Identifier: GPL-2.0
/* The doctor on the way of a module into a kernel: files, DKMS, signatures, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "doctor_fixture.h"
#include "gzip.h"

#define SECURE_BOOT "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SHIM "MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23"

static void module_files(void **state)
{
	struct host *h = new_debian();

	(void)state;
	put(h, LIB "/updates/dkms/ringprof.ko.xz", "x");
	examine(h);
	expect(h, "module", RP_DOCTOR_PROBLEM, "updates/dkms/ringprof.ko.xz", "depmod -a");

	put(h, LIB "/modules.dep", "extra/ringprof.ko.zst: kernel/lib/x.ko\n");
	examine(h);
	expect(h, "module", RP_DOCTOR_PROBLEM, LIB "/extra/ringprof.ko.zst", "install it again");
	put(h, LIB "/extra/ringprof.ko.zst", "x");
	examine(h);
	expect(h, "module", RP_DOCTOR_WARNING, "is there", "modprobe ringprof");

	/* Others that only begin like it */
	put(h, LIB "/modules.dep", "extra/ringprof_kunit.ko: extra/ringprof.ko.zst\n");
	put(h, "/proc/modules", "ringprof_kunit 36864 0 - Live 0x0\n");
	take_away(h, LIB "/updates/dkms/ringprof.ko.xz");
	examine(h);
	expect(h, "module", RP_DOCTOR_PROBLEM, "does not list it", "depmod");
	free_host(h);
}

static void no_modules(void **state)
{
	struct host *h = new_debian();

	(void)state;
	put(h, "/proc/sys/kernel/modules_disabled", "1\n");
	examine(h);
	expect(h, "modules", RP_DOCTOR_PROBLEM, "modules_disabled", "boot again");
	load_module(h);
	examine(h);
	expect(h, "modules", RP_DOCTOR_WARNING, "modules_disabled", "do not unload");
	expect_problems(h, 0);

	h->host.info = NULL;
	take_away(h, "/proc/modules");
	examine(h);
	expect(h, "modules", RP_DOCTOR_PROBLEM, "CONFIG_MODULES is off", "CONFIG_MODULES=y");
	assert_null(finding(h, "module"));
	assert_null(finding(h, "signature"));
	expect_problems(h, 1);
	free_host(h);
}

static void headers(void **state)
{
	struct host *h = new_debian();

	(void)state;
	take_away(h, LIB "/build/include/generated/autoconf.h");
	examine(h);
	expect(h, "headers", RP_DOCTOR_WARNING, "not prepared", "modules_prepare");
	take_away(h, LIB "/build/Makefile");
	examine(h);
	expect(h, "headers", RP_DOCTOR_WARNING, "no headers", "apt install linux-headers-" RELEASE);
	put(h, "/etc/os-release", "ID=buildroot\n");
	examine(h);
	expect(h, "headers", RP_DOCTOR_WARNING, "no headers", "make modules KDIR=");
	load_module(h);
	examine(h);
	expect(h, "headers", RP_DOCTOR_OK, "need not be now", "");
	free_host(h);
}

static void dkms(void **state)
{
	struct host *h = new_debian();

	(void)state;
	examine(h);
	expect(h, "dkms", RP_DOCTOR_OK, "not under DKMS", "");
	put_folder(h, "/var/lib/dkms/ringprof/0.0.9/source");
	put_folder(h, "/var/lib/dkms/ringprof/0.1.0/source");
	examine(h);
	expect(h, "dkms", RP_DOCTOR_WARNING, "0.1.0", "dkms install ringprof/0.1.0 -k " RELEASE);
	put(h, "/var/lib/dkms/ringprof/0.1.0/build/make.log",
	    "DKMS make.log for ringprof-0.1.0 for kernel " RELEASE "-rt (x86_64)\n");
	examine(h);
	expect(h, "dkms", RP_DOCTOR_WARNING, "has not installed", "");
	put(h, "/var/lib/dkms/ringprof/0.1.0/build/make.log",
	    "DKMS make.log for ringprof-0.1.0 for kernel " RELEASE " (x86_64)\n");
	put_link(h, "/var/lib/dkms/ringprof/kernel-" RELEASE "-rt-x86_64", "0.1.0/x");
	examine(h);
	expect(h, "dkms", RP_DOCTOR_WARNING, "could not build", "make.log");
	put_link(h, "/var/lib/dkms/ringprof/kernel-" RELEASE "-x86_64", "0.1.0/x");
	examine(h);
	expect(h, "dkms", RP_DOCTOR_OK, "has installed ringprof 0.1.0", "");
	free_host(h);
}

static void enforced_signatures(void **state)
{
	struct host *h = new_debian();

	(void)state;
	put(h, "/sys/module/module/parameters/sig_enforce", "Y\n");
	examine(h);
	expect(h, "signature", RP_DOCTOR_WARNING, "module.sig_enforce", "before loading");
	install_module(h, "");
	examine(h);
	expect(h, "signature", RP_DOCTOR_PROBLEM, "Key was rejected by service", "README");
	expect_problems(h, 1);
	install_module(h, SIGNATURE);
	examine(h);
	expect(h, "signature", RP_DOCTOR_OK, "is signed", "");
	expect_problems(h, 0);
	load_module(h);
	examine(h);
	expect(h, "signature", RP_DOCTOR_OK, "loaded all the same", "");
	free_host(h);
}

/* By the command line or the configuration, where /sys does not tell. */
static void enforced_without_sys(void **state)
{
	struct host *h = new_debian();

	(void)state;
	install_module(h, "");
	take_away(h, "/sys/module/module/parameters/sig_enforce");
	examine(h);
	expect(h, "signature", RP_DOCTOR_OK, "unsigned modules too", "");
	put(h, "/proc/cmdline", "ro module.sig_enforce=1 quiet\n");
	examine(h);
	expect(h, "signature", RP_DOCTOR_PROBLEM, "module.sig_enforce", "README");
	put(h, "/proc/cmdline", "ro xmodule.sig_enforce=1 quiet\n");
	put(h, "/boot/config-" RELEASE, "CONFIG_MODULES=y\nCONFIG_MODULE_SIG_FORCE=y\n");
	examine(h);
	expect(h, "signature", RP_DOCTOR_PROBLEM, "CONFIG_MODULE_SIG_FORCE", "README");
	put(h, "/boot/config-" RELEASE, "CONFIG_MODULES=y\n");
	examine(h);
	expect(h, "signature", RP_DOCTOR_OK, "does not look", "");
	free_host(h);
}

static void compressed_modules(void **state)
{
	static const char content[] = "ELF" SIGNATURE;
	struct host *h = new_debian();
	struct rp_gzip *g;
	void *data;
	size_t len;

	(void)state;
	put(h, "/sys/module/module/parameters/sig_enforce", "Y\n");
	put(h, LIB "/modules.dep", "extra/ringprof.ko.xz:\n");
	put(h, LIB "/extra/ringprof.ko.xz", "x");
	examine(h);
	expect(h, "signature", RP_DOCTOR_UNKNOWN, "ringprof.ko.xz", "modinfo -F signer");

	g = rp_gzip_new(-1);
	assert_non_null(g);
	assert_int_equal(rp_gzip_add(g, content, sizeof(content) - 1), 0);
	assert_int_equal(rp_gzip_finish(g, &data, &len), 0);
	put(h, LIB "/modules.dep", "extra/ringprof.ko.gz:\n");
	put_bytes(h, LIB "/extra/ringprof.ko.gz", data, len);
	free(data);
	rp_gzip_free(g);
	examine(h);
	expect(h, "signature", RP_DOCTOR_OK, "is signed", "");
	free_host(h);
}

static void put_variable(struct host *h, const char *name, char value)
{
	char path[160], bytes[5] = { 6, 0, 0, 0, value };

	snprintf(path, sizeof(path), "/sys/firmware/efi/efivars/%s", name);
	put_bytes(h, path, bytes, sizeof(bytes));
}

static void secure_boot(void **state)
{
	struct host *h = new_debian();

	(void)state;
	install_module(h, "");
	put_folder(h, "/sys/firmware/efi/efivars");
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_UNKNOWN, "cannot be read", "mokutil --sb-state");
	put_variable(h, SECURE_BOOT, 0);
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_OK, "is off", "");

	put_variable(h, SECURE_BOOT, 1);
	put(h, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	put(h, "/dev/kmsg", "5,9,7,-;Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7\n");
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_WARNING, "is on", "mokutil --import");
	expect(h, "lockdown", RP_DOCTOR_WARNING, "integrity", "sign the module");
	expect(h, "signature", RP_DOCTOR_PROBLEM, "lockdown is on", "README");
	expect(h, "kernel-log", RP_DOCTOR_WARNING, "loading is restricted", "locked down");
	expect_problems(h, 1);

	install_module(h, SIGNATURE);
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_OK, "is on", "");
	expect(h, "lockdown", RP_DOCTOR_OK, "does not restrict sampling", "");
	put_variable(h, SHIM, 1);
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_OK, "--disable-validation", "");
	free_host(h);
}

/* Linux 3.10 shows variables of the firmware in another way. */
static void secure_boot_of_old(void **state)
{
	struct host *h = new_debian();

	(void)state;
	put_bytes(h, "/sys/firmware/efi/vars/" SECURE_BOOT "/data", "\1", 1);
	take_away(h, "/sys/kernel/security/lockdown");
	examine(h);
	expect(h, "secure-boot", RP_DOCTOR_OK, "asks for no signatures", "");
	expect(h, "lockdown", RP_DOCTOR_OK, "no lockdown", "");
	take_away(h, "/sys/kernel/security/lsm");
	put(h, "/boot/config-" RELEASE, "CONFIG_MODULES=y\nCONFIG_SECURITY_LOCKDOWN_LSM=y\n");
	examine(h);
	expect(h, "lockdown", RP_DOCTOR_UNKNOWN, "not mounted", "securityfs");
	free_host(h);
}

static void refusals(void **state)
{
	static const struct {
		const char *line, *advice;	/* advice NULL: it is not about ringprof */
	} cases[] = {
		{ "Loading of unsigned module is rejected", "sign the module" },
		{ "ringprof: loading of unsigned module is rejected", "sign the module" },
		{ "nvidia: loading of unsigned module is rejected", NULL },
		{ "Loading of module with unavailable key is rejected", "enrol it" },
		{ "Loading of module with unsupported crypto is rejected", "CONFIG_MODULE_SIG_HASH" },
		{ "PKCS#7 signature not signed with a trusted key", "enrol it" },
		{ "Request for unknown module key 'me: 0011' err -11", "enrol it" },
		{ "ringprof: version magic '6.1.0 SMP' should be '6.1.1 SMP'", "another kernel" },
		{ "module ringprof: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time",
		  "another kernel" },
		{ "dummy: version magic '6.1.0 SMP' should be '6.1.1 SMP'", NULL },
		{ "ringprof: disagrees about version of symbol module_layout", "headers" },
		{ "ringprof: Unknown symbol hrtimer_setup (err -2)", "headers" },
		{ "Loading of unsigned module is rejected\n"
		  "5,9,8,-;ringprof: module verification failed: signature and/or required key missing - tainting kernel",
		  NULL },
	};
	struct host *h = new_debian();
	char log[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(log, sizeof(log), "6,1,5,-;Linux\n5,8,7,-;%s\n KEY=a;b\n", cases[i].line);
		put(h, "/dev/kmsg", log);
		examine(h);
		if (cases[i].advice)
			expect(h, "kernel-log", RP_DOCTOR_WARNING, cases[i].line, cases[i].advice);
		else
			expect(h, "kernel-log", RP_DOCTOR_OK, "no refused", "");
	}
	/* What is loaded was not refused last. */
	load_module(h);
	examine(h);
	assert_null(finding(h, "kernel-log"));
	free_host(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(module_files),
		cmocka_unit_test(no_modules),
		cmocka_unit_test(headers),
		cmocka_unit_test(dkms),
		cmocka_unit_test(enforced_signatures),
		cmocka_unit_test(enforced_without_sys),
		cmocka_unit_test(compressed_modules),
		cmocka_unit_test(secure_boot),
		cmocka_unit_test(secure_boot_of_old),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
