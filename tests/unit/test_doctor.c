// SPDX-License-Identifier: GPL-2.0
/* The doctor on several hosts: what keeps ringprof from working, and what does not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "doctor_fixture.h"

static void fresh_debian(void **state)
{
	struct host *h = new_debian();

	(void)state;
	examine(h);
	assert_string_equal(h->report.release, RELEASE);
	expect(h, "modules", RP_DOCTOR_OK, "loads modules", "");
	expect(h, "module", RP_DOCTOR_PROBLEM, "not installed for this kernel, " RELEASE,
	       "make modules && make install && modprobe ringprof");
	expect(h, "headers", RP_DOCTOR_OK, LIB "/build", "");
	expect(h, "signature", RP_DOCTOR_OK, "unsigned modules too", "");
	expect(h, "secure-boot", RP_DOCTOR_OK, "not started by UEFI", "");
	expect(h, "lockdown", RP_DOCTOR_OK, "off", "");
	expect(h, "kernel-log", RP_DOCTOR_OK, "no refused module", "");
	expect(h, "capabilities", RP_DOCTOR_OK, "may sample", "");
	expect(h, "container", RP_DOCTOR_OK, "not in a container", "");
	expect(h, "device", RP_DOCTOR_UNKNOWN, "comes with the module", "");
	expect(h, "netlink", RP_DOCTOR_UNKNOWN, "comes with the module", "");
	expect(h, "timers", RP_DOCTOR_OK, "active on all CPUs", "");
	expect(h, "kernel-stacks", RP_DOCTOR_OK, "ORC", "");
	expect(h, "exits", RP_DOCTOR_OK, "sched_process_exit", "");
	expect(h, "kernel-names", RP_DOCTOR_OK, "shows addresses", "");
	expect(h, "perf", RP_DOCTOR_OK, "is 3", "");
	expect(h, "bpf", RP_DOCTOR_OK, "BPF and BTF", "");
	expect_problems(h, 1);
	free_host(h);
}

static void installed_then_loaded(void **state)
{
	struct host *h = new_debian();

	(void)state;
	install_module(h, "");
	examine(h);
	expect(h, "module", RP_DOCTOR_WARNING, LIB "/extra/ringprof.ko", "modprobe ringprof");
	expect_problems(h, 0);

	load_module(h);
	examine(h);
	expect(h, "module", RP_DOCTOR_OK, "ringprof 0.1.0 is loaded", "");
	expect(h, "netlink", RP_DOCTOR_OK, "release 0.1.0", "");
	expect(h, "ticks", RP_DOCTOR_OK, "hard interrupts", "");
	expect(h, "user-stacks", RP_DOCTOR_OK, "frame pointers", "");
	/* The device that stands in for it is open to everybody. */
	expect(h, "device", RP_DOCTOR_WARNING, "0666", "chmod 600 /dev/ringprof");
	expect_problems(h, 0);
	assert_int_equal(rp_doctor_count(&h->report, RP_DOCTOR_UNKNOWN), 0);
	assert_int_equal(rp_doctor_count(&h->report, RP_DOCTOR_WARNING), 1);
	free_host(h);
}

static void module_of_another_release(void **state)
{
	struct host *h = new_debian();

	(void)state;
	load_module(h);
	h->info.abi_major = RP_ABI_MAJOR + 1;
	examine(h);
	expect(h, "module", RP_DOCTOR_PROBLEM, "speaks ABI", "rmmod ringprof");
	free_host(h);
}

static void ordinary_user(void **state)
{
	struct host *h = new_debian();

	(void)state;
	load_module(h);
	put(h, "/proc/self/status", "CapEff:\t0000000000000000\n");
	put(h, "/proc/kallsyms", "0000000000000000 A x\n0000000000000000 T _stext\n");
	take_away(h, "/proc/timer_list");
	take_away(h, "/dev/kmsg");
	examine(h);
	expect(h, "capabilities", RP_DOCTOR_PROBLEM, "no CAP_SYS_ADMIN", "sudo");
	expect(h, "kernel-names", RP_DOCTOR_WARNING, "for this caller", "CAP_SYSLOG");
	expect(h, "timers", RP_DOCTOR_OK, "root's to see", "");
	expect_problems(h, 1);

	/* CAP_SYS_ADMIN (bit 21) and CAP_SYSLOG (bit 34) alone */
	put(h, "/proc/self/status", "CapEff:\t0000000400200000\n");
	examine(h);
	expect(h, "capabilities", RP_DOCTOR_WARNING, "CAP_SYS_PTRACE: ",
	       "CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH");
	assert_null(strstr(finding(h, "capabilities")->what, "CAP_SYSLOG"));
	expect_problems(h, 0);
	free_host(h);
}

static void hidden_addresses(void **state)
{
	struct host *h = new_debian();

	(void)state;
	load_module(h);
	put(h, "/proc/kallsyms", "0000000000000000 A x\n0000000000000000 T _stext\n");
	put(h, "/proc/sys/kernel/kptr_restrict", "2\n");
	examine(h);
	expect(h, "kernel-names", RP_DOCTOR_WARNING, "kptr_restrict is 2",
	       "sysctl kernel.kptr_restrict=1");
	expect_problems(h, 0);
	take_away(h, "/proc/kallsyms");
	examine(h);
	expect(h, "kernel-names", RP_DOCTOR_WARNING, "cannot be read", "CONFIG_KALLSYMS");
	free_host(h);
}

static void in_containers(void **state)
{
	struct host *h = new_debian();

	(void)state;
	load_module(h);
	put(h, "/.dockerenv", "");
	examine(h);
	expect(h, "container", RP_DOCTOR_OK, "docker", "");

	put_link(h, "/proc/self/ns/cgroup", "cgroup:[4026532202]");
	examine(h);
	expect(h, "container", RP_DOCTOR_WARNING, "cgroup namespace", "--cgroupns=host");
	expect_problems(h, 0);

	put_link(h, "/proc/self/ns/pid", "pid:[4026532201]");
	examine(h);
	expect(h, "container", RP_DOCTOR_WARNING, "PID namespace", "--pid=host");
	expect_problems(h, 0);

	take_away(h, "/.dockerenv");
	put(h, "/proc/self/cgroup", "4:memory:/kubepods/pod1\n");
	put_link(h, "/proc/self/ns/user", "user:[4026532200]");
	examine(h);
	expect(h, "container", RP_DOCTOR_PROBLEM, "kubepods", "--userns=host");

	/* Without the host's network and devices. */
	h->host.info = NULL;
	take_away(h, "/dev/ringprof");
	examine(h);
	expect(h, "module", RP_DOCTOR_OK, "is loaded", "");
	expect(h, "netlink", RP_DOCTOR_PROBLEM, "does not answer", "--network=host");
	expect(h, "device", RP_DOCTOR_PROBLEM, "not here", "--device /dev/ringprof");
	expect_problems(h, 3);
	free_host(h);
}

static void devices(void **state)
{
	struct host *h = new_debian();

	(void)state;
	put_link(h, "/dev/ringprof", "/dev/null");
	examine(h);
	expect(h, "device", RP_DOCTOR_WARNING, "left behind", "rm /dev/ringprof");

	load_module(h);
	put(h, "/proc/misc", "123 ringprof-not\n 57 ringprof\n");
	examine(h);
	expect(h, "device", RP_DOCTOR_PROBLEM, "something else", "rm /dev/ringprof");
	take_away(h, "/dev/ringprof");
	examine(h);
	expect(h, "device", RP_DOCTOR_PROBLEM, "not here", "mknod -m 600 /dev/ringprof c 10 57");
	put(h, "/dev/ringprof", "a file");
	examine(h);
	expect(h, "device", RP_DOCTOR_PROBLEM, "something else", "");
	free_host(h);
}

/* RHEL 7: no BTF, no lockdown, no kptr_restrict above 0; and here no /sys at all. */
static void old_kernel_without_sys(void **state)
{
	struct host *h = new_host();

	(void)state;
	put(h, "/proc/sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n");
	put(h, "/proc/modules", "xfs 996952 1 - Live 0xffffffffa0000000\n");
	put(h, "/proc/cmdline", "ro highres=off\n");
	put(h, "/proc/self/status", "CapEff:\t0000001fffffffff\n");
	put(h, "/etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"7.9\"\n");
	put(h, "/proc/kallsyms", "ffffffff81000000 T _text\n");
	put(h, "/boot/config-3.10.0-1160.el7.x86_64", "CONFIG_MODULES=y\nCONFIG_MODULE_SIG=y\n"
	    "CONFIG_HIGH_RES_TIMERS=y\nCONFIG_HZ=1000\nCONFIG_FRAME_POINTER=y\n"
	    "CONFIG_TRACEPOINTS=y\n");
	examine(h);
	expect(h, "module", RP_DOCTOR_PROBLEM, "not installed", "make modules");
	expect(h, "headers", RP_DOCTOR_WARNING, "no headers",
	       "yum install kernel-devel-3.10.0-1160.el7.x86_64");
	expect(h, "secure-boot", RP_DOCTOR_UNKNOWN, "/sys is not mounted", "");
	expect(h, "lockdown", RP_DOCTOR_OK, "no lockdown", "");
	expect(h, "kernel-log", RP_DOCTOR_UNKNOWN, "cannot be read", "as root");
	expect(h, "container", RP_DOCTOR_UNKNOWN, "namespaces", "");
	expect(h, "timers", RP_DOCTOR_WARNING, "highres=off", "less than 1000 Hz");
	expect(h, "kernel-stacks", RP_DOCTOR_OK, "frame pointers", "");
	expect(h, "perf", RP_DOCTOR_OK, "no perf events", "");
	expect(h, "bpf", RP_DOCTOR_OK, "CONFIG_BPF_SYSCALL is off", "");
	expect_problems(h, 1);
	free_host(h);
}

static void nothing_to_be_seen(void **state)
{
	struct host *h = new_host();

	(void)state;
	examine(h);
	assert_string_equal(h->report.release, "");
	expect(h, "modules", RP_DOCTOR_UNKNOWN, "/proc is not mounted", "mount -t proc");
	expect(h, "capabilities", RP_DOCTOR_UNKNOWN, "cannot be read", "");
	expect(h, "kernel-stacks", RP_DOCTOR_UNKNOWN, "its configuration", "");
	expect_problems(h, 0);
	free_host(h);
}

static void less_than_whole(void **state)
{
	struct host *h = new_debian();

	(void)state;
	load_module(h);
	h->info.caps = RP_CAP_TICK_HRTIMER;
	put(h, "/proc/timer_list", "  .hres_active    : 1\n  .hres_active    : 0\n");
	examine(h);
	expect(h, "ticks", RP_DOCTOR_WARNING, "soft interrupts", "");
	expect(h, "timers", RP_DOCTOR_WARNING, "no high resolution", "less than 250 Hz");
	expect(h, "kernel-stacks", RP_DOCTOR_WARNING, "no kernel stacks", "CONFIG_UNWINDER_ORC");
	expect(h, "user-stacks", RP_DOCTOR_WARNING, "without a standard chain", "");
	expect(h, "exits", RP_DOCTOR_WARNING, "does not tell", "CONFIG_TRACEPOINTS");
	expect_problems(h, 0);
	h->info.has = RP_HAS(RP_A_TICK_WHY);
	h->info.tick_why = RP_TICK_WHY_BUSY;
	examine(h);
	expect(h, "cycles", RP_DOCTOR_WARNING, "NMI watchdog", "timers as ticks");
	h->info.tick_why = RP_TICK_WHY_WORKS;
	h->info.tick_source = RP_TICK_SOURCE_CYCLES;
	examine(h);
	expect(h, "cycles", RP_DOCTOR_OK, "counts cycles", "");
	expect(h, "ticks", RP_DOCTOR_OK, "hardware counter", "");
	h->info.tick_source = RP_TICK_SOURCE_HRTIMER;
	h->info.caps = 0;
	examine(h);
	expect(h, "ticks", RP_DOCTOR_PROBLEM, "no tick", "");
	free_host(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_debian),
		cmocka_unit_test(installed_then_loaded),
		cmocka_unit_test(module_of_another_release),
		cmocka_unit_test(ordinary_user),
		cmocka_unit_test(hidden_addresses),
		cmocka_unit_test(in_containers),
		cmocka_unit_test(devices),
		cmocka_unit_test(old_kernel_without_sys),
		cmocka_unit_test(nothing_to_be_seen),
		cmocka_unit_test(less_than_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
