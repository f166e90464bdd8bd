/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the checks of doctor.c share: the facts that more than one of them needs, the
 * host's files and kernel configuration, and the way to say something.
 *
 * A check is a function of one subject; it makes a finding or more with
 * rp_doctor_find(), each of which rp_doctor_advise() may follow. Facts are gathered
 * before the first check runs, and do not change after.
 */
#ifndef RP_DOCTOR_PRIVATE_H
#define RP_DOCTOR_PRIVATE_H

#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "doctor.h"

#define RP_DOCTOR_FILE_MAX (64u << 20)	/* of a file that is taken in whole, inflated */

enum rp_doctor_signed { RP_SIGNED_UNKNOWN, RP_SIGNED_NO, RP_SIGNED_YES };

struct rp_doctor {
	const struct rp_doctor_host *host;
	struct rp_doctor_report *report;
	struct rp_doctor_finding *last;		/* that advice is for */

	char *config;			/* the kernel's configuration; NULL: not found */
	uint64_t caps;			/* effective, 1ull << CAP_* */
	bool caps_known;
	bool can_load;			/* this kernel has loadable modules */
	bool loaded;
	bool in_container;
	char module[PATH_MAX];		/* its file, as modprobe finds it, "": none */
	enum rp_doctor_signed is_signed;	/* module */
	/* Why unsigned modules are refused: "the kernel was started with ..."; or NULL. */
	const char *refuses_unsigned;
};

/* ---- doctor.c: saying something */

void rp_doctor_find(struct rp_doctor *d, const char *name, enum rp_doctor_state state,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));
void rp_doctor_advise(struct rp_doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- doctor_files.c: the host's files, by their absolute path */

/* "" when it would be too long. */
void rp_doctor_path(const struct rp_doctor *d, char ret[static PATH_MAX],
		    const char *format, ...) __attribute__((format(printf, 3, 4)));
bool rp_doctor_exists(const struct rp_doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * What fits, terminated, without the newline at its end; what is left is not read.
 * Its length, or -errno.
 */
ssize_t rp_doctor_read(const struct rp_doctor *d, const char *path, char *buf, size_t size);
/* A file that is a number. 0, or -errno: -EINVAL if it is none. */
int rp_doctor_number(const struct rp_doctor *d, const char *path, long long *ret);
/* All of it, inflated if it is gzip, terminated; the caller frees it. 0 or -errno. */
int rp_doctor_load(const struct rp_doctor *d, const char *path, char **ret, size_t *ret_len);
/*
 * Each line, without its newline, until each() returns something else than 0, which
 * is returned. For files without an end or a size: what is there now. 0 or -errno.
 */
int rp_doctor_lines(const struct rp_doctor *d, const char *path,
		    int (*each)(void *arg, char *line), void *arg);

/* ---- doctor_config.c */

void rp_doctor_load_config(struct rp_doctor *d);
/* The value of CONFIG_name: 'y', 'm', 'n', '?': the configuration is not known. */
char rp_doctor_config(const struct rp_doctor *d, const char *name);
/* CONFIG_name as a number; 0: none, or not known. */
long rp_doctor_config_number(const struct rp_doctor *d, const char *name);
/* Whether the kernel was started with word, a whole one, on its command line. */
bool rp_doctor_cmdline_has(const struct rp_doctor *d, const char *word);

/* ---- facts, gathered in this order; then checks */

void rp_doctor_gather_module(struct rp_doctor *d);	/* doctor_module.c */
void rp_doctor_gather_signing(struct rp_doctor *d);	/* doctor_signing.c */
void rp_doctor_gather_caller(struct rp_doctor *d);	/* doctor_caller.c */

void rp_doctor_check_module(struct rp_doctor *d);	/* doctor_module.c */
void rp_doctor_check_build(struct rp_doctor *d);	/* doctor_build.c */
void rp_doctor_check_signing(struct rp_doctor *d);	/* doctor_signing.c */
void rp_doctor_check_log(struct rp_doctor *d);		/* doctor_log.c */
void rp_doctor_check_caller(struct rp_doctor *d);	/* doctor_caller.c */
void rp_doctor_check_reach(struct rp_doctor *d);	/* doctor_reach.c */
void rp_doctor_check_sampling(struct rp_doctor *d);	/* doctor_sampling.c */
void rp_doctor_check_names(struct rp_doctor *d);	/* doctor_names.c */
void rp_doctor_check_others(struct rp_doctor *d);	/* doctor_others.c */

/* Whether the caller has CAP_cap, as far as is known. */
static inline bool rp_doctor_capable(const struct rp_doctor *d, unsigned int cap)
{
	return d->caps >> cap & 1;
}

#endif
