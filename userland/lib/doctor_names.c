// SPDX-License-Identifier: GPL-2.0
/*
 * Names of kernel functions come from /proc/kallsyms, which is there for everybody
 * and shows zeros instead of addresses to most. What it shows is looked at, rather
 * than worked out from the settings: those only explain it.
 */
#include "doctor_private.h"

#include <string.h>

struct kallsyms {
	bool any, addresses;
};

static int look_at(void *arg, char *line)
{
	struct kallsyms *k = arg;

	k->any = true;
	k->addresses = line[strspn(line, "0")] != ' ';
	return k->addresses;
}

void rp_doctor_check_names(struct rp_doctor *d)
{
	struct kallsyms k = { 0 };
	long long restricted = -1;
	int err = rp_doctor_lines(d, "/proc/kallsyms", look_at, &k);

	rp_doctor_number(d, "/proc/sys/kernel/kptr_restrict", &restricted);
	if (k.addresses) {
		rp_doctor_find(d, "kernel-names", RP_DOCTOR_OK, "kernel functions have names: /proc/kallsyms shows addresses");
	} else if (err < 0 || !k.any) {
		rp_doctor_find(d, "kernel-names", RP_DOCTOR_WARNING, "kernel functions have no names: /proc/kallsyms %s",
			       err < 0 ? "cannot be read" : "is empty");
		rp_doctor_advise(d, "a kernel with CONFIG_KALLSYMS=y has them; kernel frames are addresses without");
	} else if (restricted > 1) {
		rp_doctor_find(d, "kernel-names", RP_DOCTOR_WARNING, "kernel functions have no names: kernel.kptr_restrict is %lld, so /proc/kallsyms hides addresses from root, too",
			       restricted);
		rp_doctor_advise(d, "sysctl kernel.kptr_restrict=1 while sampling: then root alone sees them");
	} else {
		rp_doctor_find(d, "kernel-names", RP_DOCTOR_WARNING, "kernel functions have no names for this caller: /proc/kallsyms shows it no addresses");
		rp_doctor_advise(d, "run it as root, or with CAP_SYSLOG");
	}
}
