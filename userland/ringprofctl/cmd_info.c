// SPDX-License-Identifier: GPL-2.0
/*
 * What this kernel and module can do, and what is missing and what that means:
 * whoever reads it wants to know what the profiles will look like here.
 */
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct capability {
	uint64_t bit;
	const char *name, *text, *missing;
} capabilities[] = {
	{ RP_CAP_TICK_HRTIMER, "tick-hrtimer", "CPU sampling by a timer on each CPU",
	  "no CPU sampling by timer" },
	{ RP_CAP_KERNEL_STACK, "kernel-stack", "kernel stacks",
	  "kernel frames stop at the interrupted function" },
	{ RP_CAP_USER_STACK_FP, "user-stack-fp", "user stacks by frame pointers",
	  "user stacks end where code without a standard chain of frames begins" },
	{ RP_CAP_EXIT, "exit", "the end of each process is told",
	  "what belonged to a process that ended is kept until its number is used again" },
	{ RP_CAP_BUILD_ID, "build-id", "build ids of mapped files, read when they are mapped",
	  "files are told apart by device and inode alone" },
	{ RP_CAP_HARD_TICK, "hard-tick", "ticks in hard interrupt context",
	  "ticks are soft interrupts: code that has interrupts off is seen late" },
	{ RP_CAP_MESSAGES, "messages", "the module says in a sentence why it refuses a request",
	  "this kernel cannot pass such a sentence on: a refusal is an error's name alone" },
	{ RP_CAP_NMI_CLOCK, "nmi-clock", "exact times in non-maskable interrupts",
	  "times in non-maskable interrupts may be some microseconds off" },
	{ RP_CAP_TICK_PERF, "tick-perf", "CPU sampling by perf events",
	  "no CPU sampling by perf events" },
	{ RP_CAP_USER_STACK_TABLES, "user-stack-tables",
	  "user stacks by unwind tables, where code keeps no frame pointers",
	  "user stacks end early where code keeps no frame pointers" },
	{ RP_CAP_IDLE_SILENT, "idle-silent", "timers pause while their CPU is idle",
	  "timers tick on idle CPUs, too, and wake them up" },
};

static void print_capabilities(struct rp_out *o, uint64_t caps)
{
	const struct capability *c;
	uint64_t known = 0;

	rp_out_table(o, "capabilities", "Capabilities");
	for (c = capabilities; c < capabilities + sizeof(capabilities) / sizeof(*c); c++) {
		known |= c->bit;
		rp_out_row(o);
		rp_out_string(o, "name", "Name", c->name);
		rp_out_bool(o, "there", "There", caps & c->bit);
		rp_out_string(o, "text", "Meaning", caps & c->bit ? c->text : c->missing);
		rp_out_end(o);
	}
	rp_out_end(o);
	rp_out_u64(o, "capabilities_unknown", NULL, caps & ~known);
	if (caps & ~known)
		rp_out_text(o, "The module can do more than this program knows of (0x%llx).",
			    (unsigned long long)(caps & ~known));
}

static void print(struct rp_out *o, const struct rp_attrs *a)
{
	struct utsname name;
	char abi[32];

	snprintf(abi, sizeof(abi), "%u.%u", a->abi_major, a->abi_minor);
	rp_out_object(o, NULL, NULL);
	rp_out_string(o, "module", "Module", a->release);
	rp_out_string(o, "program", "Program", RP_VERSION);
	rp_out_string(o, "abi", "ABI", abi);
	if (!uname(&name)) {
		rp_out_string(o, "kernel", "Kernel", name.release);
		rp_out_string(o, "machine", "Machine", name.machine);
	}
	rp_out_i64(o, "cpus_online", "CPUs online", sysconf(_SC_NPROCESSORS_ONLN));
	rp_out_u64(o, "cpus_possible", "CPUs possible", a->nr_cpus);
	rp_out_amount(o, "frequency_max", "Highest frequency", a->freq_max, "Hz");
	rp_out_amount(o, "depth_max", "Deepest stack", a->depth_max, "frames");
	rp_ctl_print_tick(o, a);
	print_capabilities(o, a->caps);
	rp_out_end(o);
}

static int run(int argc, char **argv)
{
	struct rp_control *c;
	struct rp_attrs info;
	struct rp_out *o;
	int status, err;

	while (rp_cmd_getopt(argc, argv, "", NULL) != -1)
		;
	status = rp_ctl_no_arguments(argc, argv);
	if (!status)
		status = rp_ctl_open(&c);
	if (status)
		return status;
	err = rp_control_info(c, &info);
	if (err) {
		status = rp_ctl_fail(c, err);
		goto close;
	}
	o = rp_out_new(stdout, rp_options.json);
	if (!o) {
		status = rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(ENOMEM));
		goto close;
	}
	print(o, &info);
	if (info.abi_major != RP_ABI_MAJOR)
		status = rp_cmd_fail(RP_EXIT_FAILED, "the module speaks ABI %u.%u, this program %u.%u: install the same release of both",
				     info.abi_major, info.abi_minor, RP_ABI_MAJOR, RP_ABI_MINOR);
	status = rp_ctl_finish(o, status);
close:
	rp_control_close(c);
	return status;
}

const struct rp_cmd rp_cmd_info = {
	.name = "info",
	.args = "",
	.summary = "what the module and this kernel can do",
	.help = "Prints the module's release and ABI, the CPUs, the limits, what --tick auto\n"
		"comes to (as far as it is known before sampling), and each capability, with\n"
		"what is missing where this kernel does not have it.\n",
	.run = run,
};
