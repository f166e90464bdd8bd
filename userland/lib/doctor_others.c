// SPDX-License-Identifier: GPL-2.0
/*
 * What ringprof does not need, and people ask about: whether perf or an eBPF profiler
 * would do here. Never a problem.
 */
#include "doctor_private.h"

#include <stdio.h>

static void check_perf(struct rp_doctor *d)
{
	long long paranoid;

	if (rp_doctor_number(d, "/proc/sys/kernel/perf_event_paranoid", &paranoid))
		rp_doctor_find(d, "perf", RP_DOCTOR_OK, "this kernel has no perf events; ringprof does without");
	else
		rp_doctor_find(d, "perf", RP_DOCTOR_OK, "kernel.perf_event_paranoid is %lld, which restricts perf and not ringprof",
			       paranoid);
}

static void check_bpf(struct rp_doctor *d)
{
	char config = rp_doctor_config(d, "BPF_SYSCALL");
	bool btf = rp_doctor_exists(d, "/sys/kernel/btf/vmlinux");
	long long unprivileged = -1;
	/* The setting exists where the system call does. */
	bool has = !rp_doctor_number(d, "/proc/sys/kernel/unprivileged_bpf_disabled",
				     &unprivileged) || btf || config == 'y';

	if (!has && config == 'n')
		rp_doctor_find(d, "bpf", RP_DOCTOR_OK, "an eBPF profiler cannot run here (CONFIG_BPF_SYSCALL is off); ringprof does without");
	else if (!has)
		rp_doctor_find(d, "bpf", RP_DOCTOR_OK, "no trace of BPF: an eBPF profiler hardly runs here; ringprof does without");
	else if (!btf)
		rp_doctor_find(d, "bpf", RP_DOCTOR_OK, "the kernel has BPF and no BTF (/sys/kernel/btf/vmlinux): most eBPF profilers do not run here; ringprof does without");
	else
		rp_doctor_find(d, "bpf", RP_DOCTOR_OK, "the kernel has BPF and BTF (for users without privileges: %s): an eBPF profiler may run here as well; ringprof does without",
			       unprivileged < 0 ? "not known" :
			       unprivileged ? "no" : "yes");
}

void rp_doctor_check_others(struct rp_doctor *d)
{
	check_perf(d);
	check_bpf(d);
}
