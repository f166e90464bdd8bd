// SPDX-License-Identifier: GPL-2.0
/*
 * Three mechanisms refuse unsigned modules, and the error of insmod does not tell
 * which: the enforcement of signatures, lockdown, and, by way of one of these two,
 * Secure Boot. Whoever has to sign wants to know what asks for it.
 *
 * A signature is appended to the module's file, with a line of text as its end.
 * Whether its key is trusted is known to the kernel alone.
 */
#include "doctor_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_END	"~Module signature appended~\n"
#define SECURE_BOOT	"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SHIM		"605dab50-e046-4300-abb6-3dd810dd8b23"
#define README		"README, \"Secure Boot and signing\""

static const char by_param[] = "module.sig_enforce is on";
static const char by_config[] = "it was built with CONFIG_MODULE_SIG_FORCE";
static const char by_lockdown[] = "lockdown is on";

enum lockdown { LOCKDOWN_UNKNOWN, LOCKDOWN_ABSENT, LOCKDOWN_NONE, LOCKDOWN_ON };

/* ret: its mode, "integrity" */
static enum lockdown read_lockdown(const struct rp_doctor *d, char *ret, size_t size)
{
	char text[128], *begin, *end;

	if (rp_doctor_read(d, "/sys/kernel/security/lockdown", text, sizeof(text)) <= 0) {
		/* Without its file system nothing can be seen there. */
		if (rp_doctor_exists(d, "/sys/kernel/security/lsm") ||
		    rp_doctor_config(d, "SECURITY_LOCKDOWN_LSM") == 'n')
			return LOCKDOWN_ABSENT;
		return LOCKDOWN_UNKNOWN;
	}
	begin = strchr(text, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end)
		return LOCKDOWN_UNKNOWN;
	*end = '\0';
	snprintf(ret, size, "%s", begin + 1);
	return strcmp(ret, "none") ? LOCKDOWN_ON : LOCKDOWN_NONE;
}

static enum rp_doctor_signed read_signed(const struct rp_doctor *d)
{
	static const char end[] = SIGNATURE_END;
	size_t len, n = sizeof(end) - 1;
	enum rp_doctor_signed ret;
	char *data;

	len = strlen(d->module);
	/* These two are not inflated here. */
	if ((len > 3 && !strcmp(d->module + len - 3, ".xz")) ||
	    (len > 4 && !strcmp(d->module + len - 4, ".zst")))
		return RP_SIGNED_UNKNOWN;
	if (!*d->module || rp_doctor_load(d, d->module, &data, &len))
		return RP_SIGNED_UNKNOWN;
	ret = len > n && !memcmp(data + len - n, end, n) ? RP_SIGNED_YES : RP_SIGNED_NO;
	free(data);
	return ret;
}

void rp_doctor_gather_signing(struct rp_doctor *d)
{
	char text[64];

	if (rp_doctor_read(d, "/sys/module/module/parameters/sig_enforce", text,
			   sizeof(text)) > 0) {
		if (*text == 'Y' || *text == '1')
			d->refuses_unsigned = by_param;
	} else if (rp_doctor_cmdline_has(d, "module.sig_enforce=1") ||
		   rp_doctor_cmdline_has(d, "module.sig_enforce")) {
		d->refuses_unsigned = by_param;
	}
	if (rp_doctor_config(d, "MODULE_SIG_FORCE") == 'y')
		d->refuses_unsigned = by_config;
	if (!d->refuses_unsigned && read_lockdown(d, text, sizeof(text)) == LOCKDOWN_ON)
		d->refuses_unsigned = by_lockdown;
	d->is_signed = read_signed(d);
}

static void check_refused(struct rp_doctor *d)
{
	const char *why = d->refuses_unsigned;

	if (d->loaded) {
		rp_doctor_find(d, "signature", RP_DOCTOR_OK, "this kernel takes signed modules only (%s); ringprof is loaded all the same",
			       why);
	} else if (!*d->module) {
		rp_doctor_find(d, "signature", RP_DOCTOR_WARNING, "this kernel takes signed modules only: %s",
			       why);
		rp_doctor_advise(d, "sign ringprof.ko with a key that this kernel trusts before loading it: " README);
	} else if (d->is_signed == RP_SIGNED_YES) {
		rp_doctor_find(d, "signature", RP_DOCTOR_OK, "this kernel takes signed modules only (%s), and %.200s is signed; whether its key is trusted shows when it is loaded",
			       why, d->module);
	} else if (d->is_signed == RP_SIGNED_NO) {
		rp_doctor_find(d, "signature", RP_DOCTOR_PROBLEM, "this kernel takes signed modules only (%s), and %.200s is not signed: loading it fails with \"Key was rejected by service\", \"Required key not available\" or \"Operation not permitted\"",
			       why, d->module);
		rp_doctor_advise(d, "sign it with a key that this kernel trusts: " README);
	} else {
		rp_doctor_find(d, "signature", RP_DOCTOR_UNKNOWN, "this kernel takes signed modules only (%s); whether %.200s is signed was not found out",
			       why, d->module);
		rp_doctor_advise(d, "modinfo -F signer ringprof: if nothing is printed, sign it: " README);
	}
}

static void check_signature(struct rp_doctor *d)
{
	bool asks = rp_doctor_exists(d, "/sys/module/module/parameters/sig_enforce");

	if (d->refuses_unsigned)
		check_refused(d);
	else if (asks || rp_doctor_config(d, "MODULE_SIG") == 'y')
		rp_doctor_find(d, "signature", RP_DOCTOR_OK, "this kernel checks signatures and takes unsigned modules too (it calls itself tainted then)");
	else if (rp_doctor_config(d, "MODULE_SIG") == 'n')
		rp_doctor_find(d, "signature", RP_DOCTOR_OK, "this kernel does not look at signatures of modules");
	else if (rp_doctor_exists(d, "/sys/module"))
		rp_doctor_find(d, "signature", RP_DOCTOR_OK, "nothing asks for signatures of modules");
	else
		rp_doctor_find(d, "signature", RP_DOCTOR_UNKNOWN, "whether modules have to be signed was not found out: /sys is not mounted");
}

/*
 * A variable of the firmware, in either form that kernels show them: four bytes of
 * attributes and the value, or the value alone. -ENOENT: it is not there.
 */
static int read_variable(const struct rp_doctor *d, const char *name, const char *guid)
{
	char path[PATH_MAX], bytes[8];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/firmware/efi/efivars/%s-%s", name, guid);
	n = rp_doctor_read(d, path, bytes, sizeof(bytes));
	if (n >= 5)
		return bytes[4];
	snprintf(path, sizeof(path), "/sys/firmware/efi/vars/%s-%s/data", name, guid);
	n = rp_doctor_read(d, path, bytes, sizeof(bytes));
	return n >= 1 ? bytes[0] : -ENOENT;
}

static void check_secure_boot(struct rp_doctor *d)
{
	int on = read_variable(d, "SecureBoot", SECURE_BOOT);
	bool waits = !d->loaded && d->is_signed != RP_SIGNED_YES;

	if (!rp_doctor_exists(d, "/sys/firmware")) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_UNKNOWN, "Secure Boot: not found out, /sys is not mounted or has no firmware");
	} else if (!rp_doctor_exists(d, "/sys/firmware/efi")) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_OK, "this machine was not started by UEFI: no Secure Boot");
	} else if (on < 0) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_UNKNOWN, "the firmware's variable SecureBoot cannot be read");
		rp_doctor_advise(d, "mount -t efivarfs efivarfs /sys/firmware/efi/efivars, or: mokutil --sb-state");
	} else if (!on) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_OK, "Secure Boot is off");
	} else if (read_variable(d, "MokSBStateRT", SHIM) == 1) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_OK, "Secure Boot is on, and shim was told not to check (mokutil --disable-validation)");
	} else if (d->refuses_unsigned && waits) {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_WARNING, "Secure Boot is on, and this kernel takes signed modules only");
		rp_doctor_advise(d, "make a key, enrol it with mokutil --import, sign the module with it: " README);
	} else {
		rp_doctor_find(d, "secure-boot", RP_DOCTOR_OK, "Secure Boot is on%s",
			       d->refuses_unsigned ? "" : "; this kernel asks for no signatures because of it");
	}
}

static void check_lockdown(struct rp_doctor *d)
{
	char mode[64] = "";

	switch (read_lockdown(d, mode, sizeof(mode))) {
	case LOCKDOWN_UNKNOWN:
		rp_doctor_find(d, "lockdown", RP_DOCTOR_UNKNOWN, "lockdown cannot be seen: /sys/kernel/security is not mounted, or closed to this user");
		rp_doctor_advise(d, "as root: mount -t securityfs securityfs /sys/kernel/security");
		return;
	case LOCKDOWN_ABSENT:
		rp_doctor_find(d, "lockdown", RP_DOCTOR_OK, "this kernel has no lockdown");
		return;
	case LOCKDOWN_NONE:
		rp_doctor_find(d, "lockdown", RP_DOCTOR_OK, "lockdown is off");
		return;
	case LOCKDOWN_ON:
		break;
	}
	if (d->loaded || d->is_signed == RP_SIGNED_YES) {
		rp_doctor_find(d, "lockdown", RP_DOCTOR_OK, "lockdown is on (%s): signed modules only; it does not restrict sampling",
			       mode);
		return;
	}
	rp_doctor_find(d, "lockdown", RP_DOCTOR_WARNING, "lockdown is on (%s): loading an unsigned module fails with \"Operation not permitted\"",
		       mode);
	rp_doctor_advise(d, "sign the module: " README "; lockdown comes from Secure Boot or from lockdown= on the kernel's command line and cannot be taken back while it runs");
}

void rp_doctor_check_signing(struct rp_doctor *d)
{
	if (!d->can_load)
		return;
	check_signature(d);
	check_secure_boot(d);
	check_lockdown(d);
}
