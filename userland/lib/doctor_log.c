// SPDX-License-Identifier: GPL-2.0
/*
 * insmod prints the words of an error number; the reason stands in the kernel's log.
 * The last line there that is about a module being refused is looked for. Most kernels
 * do not say which module they mean: a line that names another one is passed over, and
 * one that names none is taken with a word of caution.
 */
#include "doctor_private.h"

#include <stdio.h>
#include <string.h>

#define README "README, \"Secure Boot and signing\""

static const struct refusal {
	const char *words, *more;	/* both in the line; more may be NULL */
	bool ours;			/* the line has to name ringprof */
	const char *advice;
} refusals[] = {
	{ "unsigned module is rejected", NULL, false,
	  "sign the module with a key that this kernel trusts: " README },
	{ "unsigned module loading is restricted", NULL, false,
	  "the kernel is locked down: sign the module with a key that it trusts: " README },
	{ "module with unavailable key is rejected", NULL, false,
	  "the module is signed, with a key that this kernel does not know: enrol it (mokutil --import) and boot again: " README },
	{ "module with unsupported crypto is rejected", NULL, false,
	  "the module was signed with a hash that this kernel does not have: sign it with the one of CONFIG_MODULE_SIG_HASH" },
	{ "signature not signed with a trusted key", NULL, false,
	  "the module is signed, with a key that this kernel does not know: enrol it (mokutil --import) and boot again: " README },
	{ "Request for unknown module key", NULL, false,
	  "the module is signed, with a key that this kernel does not know: enrol it (mokutil --import) and boot again: " README },
	{ "ringprof: version magic", NULL, true,
	  "the module was built for another kernel: build it for this one (make modules)" },
	{ "module ringprof: ", "section size must match", true,
	  "the module was built for another kernel: build it for this one (make modules)" },
	{ "ringprof: disagrees about version of symbol", NULL, true,
	  "the module was built against the headers of another build of this kernel: build it against this one's" },
	{ "ringprof: Unknown symbol", NULL, true,
	  "this kernel does not offer what the module was built with: build it against this kernel's own headers" },
	{ "ringprof:", "is blacklisted", true,
	  "this build of the module is on the kernel's blacklist: build and sign another" },
};

struct search {
	const struct refusal *found;
	char line[200];
};

/* "ringprof: loading of ... is rejected": recent kernels name the module in front. */
static bool names_another(const char *text)
{
	const char *at = strstr(text, ": loading of ");

	return at && (at - text != 8 || strncmp(text, "ringprof", 8));
}

static int look_at(void *arg, char *line)
{
	/* A record of /dev/kmsg: "level,sequence,time,flags;text" */
	char *text = strchr(line, ';');
	struct search *s = arg;
	size_t i;

	if (*line == ' ' || !text)
		return 0;
	text++;
	if (strstr(text, "ringprof: module verification failed"))
		s->found = NULL;	/* it was taken, unsigned as it was */
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (!strstr(text, refusals[i].words) || names_another(text) ||
		    (refusals[i].more && !strstr(text, refusals[i].more)))
			continue;
		s->found = &refusals[i];
		snprintf(s->line, sizeof(s->line), "%s", text);
	}
	return 0;
}

void rp_doctor_check_log(struct rp_doctor *d)
{
	struct search s = { 0 };
	int err;

	if (!d->can_load || d->loaded)
		return;
	err = rp_doctor_lines(d, "/dev/kmsg", look_at, &s);
	if (err) {
		rp_doctor_find(d, "kernel-log", RP_DOCTOR_UNKNOWN, "the kernel's log cannot be read (%s): whether it refused ringprof is not known",
			       strerror(-err));
		rp_doctor_advise(d, "as root: ringprofctl doctor, or dmesg | grep -i module");
	} else if (!s.found) {
		rp_doctor_find(d, "kernel-log", RP_DOCTOR_OK, "the kernel's log tells of no refused module");
	} else {
		rp_doctor_find(d, "kernel-log", RP_DOCTOR_WARNING, "the kernel has refused a module%s: \"%s\"",
			       s.found->ours ? "" : " (if it was ringprof)", s.line);
		rp_doctor_advise(d, "%s", s.found->advice);
	}
}
