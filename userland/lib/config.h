/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's configuration: an INI file, then the command line over it.
 *
 *	[sampling]	frequency, kernel-depth, user-depth, modes, tick, budget, coalesce, ring-size
 *	[unwind]	memory, cpu, cache-directory, cache-bytes
 *	[symbols]	lines, inlines, debug-directory, debuginfod, debuginfod-directory,
 *			debuginfod-bytes, debuginfod-file-bytes, debuginfod-timeout
 *	[budget]	cpu, memory
 *	[window]	length
 *	[output]	directory, keep-files, keep-bytes, keep-age
 *	[export]	url, tenant, timeout, spool-directory, spool-bytes, header,
 *			token-file, username, password-file
 *	[resource]	any OpenTelemetry attribute
 *	[service "REGEX"]	match, and any OpenTelemetry attribute, for the processes that
 *			it matches (rules.h); in the file only, and as often as one likes
 *
 * Every key, its values and its default stand in one table in config.c and, for
 * people, in ringprofd.conf.
 *
 * Strict  An unknown section or key, a key twice (but those that make lists: `header`,
 *         `debug-directory`, `debuginfod`), a value that is none, and keys that
 *         contradict each other are errors; all of a file's are reported, each as
 *         "FILE:LINE: what is wrong and what to do".
 * Values  Durations: 500ms, 10s, 5m, 1h, 7d. Sizes: bytes, or K, M, G (powers of
 *         1024). An empty value is the default of a text: none.
 * Memory  Owned by the configuration.
 */
#ifndef RP_CONFIG_H
#define RP_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "rules.h"

#define RP_CONFIG_PATH		"/etc/ringprof/ringprofd.conf"
#define RP_CONFIG_LIST_MAX	16
#define RP_CONFIG_WHY_SIZE	512

/* Of a key that may be given that often. */
struct rp_config_list {
	char *items[RP_CONFIG_LIST_MAX + 1];	/* ended by NULL */
	size_t nr;
};

struct rp_config {
	struct {
		uint32_t frequency;		/* Hz */
		uint32_t kernel_depth, user_depth;	/* frames */
		uint32_t modes;			/* RP_MODE_* */
		uint32_t tick;			/* enum rp_tick */
		uint32_t budget_ppm;		/* of each CPU's time; 0: the module's default */
		uint32_t coalesce_ms;		/* 0: every tick is a sample of its own */
		uint32_t ring_bytes;		/* of each CPU's ring, a power of two */
	} sampling;
	struct {
		uint64_t memory_bytes;		/* of tables in the module; 0: none */
		uint32_t cpu_percent;		/* of one CPU, for compiling them */
		char *cache_directory;		/* NULL: they are not kept */
		uint64_t cache_bytes;		/* 0: no limit */
	} unwind;
	struct {
		uint32_t lines, inlines;	/* 0 or 1 */
		struct rp_config_list debug_dirs;	/* before RP_DEBUG_DIR */
		struct rp_config_list servers;	/* of debuginfod; none: nobody is asked */
		char *server_directory;		/* what comes from them; NULL: not set */
		uint64_t server_bytes, server_file_bytes, server_timeout_ns;
	} symbols;
	struct {
		uint32_t cpu_percent;		/* of one CPU, all that the daemon does; 0: no limit */
		uint64_t memory_bytes;		/* that are resident; 0: no limit */
	} budget;
	struct {
		uint64_t length_ns;
	} window;
	struct {
		char *directory;		/* NULL: no files are written */
		uint64_t keep_files, keep_bytes, keep_age_ns;	/* 0: no limit */
	} output;
	struct {
		char *url;			/* NULL: nothing is sent */
		char *tenant;			/* X-Scope-OrgID, or NULL */
		uint64_t timeout_ns;		/* of one request */
		char *spool_directory;		/* NULL: the spool is in memory */
		uint64_t spool_bytes;
		struct rp_config_list headers;
		char *token_file;		/* Authorization: Bearer, or NULL */
		char *username, *password_file;	/* Authorization: Basic, or NULL */
	} export;
	struct rp_attributes resource;
	struct rp_rules rules;
};

/* Who is told about an error: a whole sentence, "FILE:LINE: " included. */
typedef void rp_config_report(void *user, const char *sentence);

/* All defaults. 0 or -ENOMEM. rp_config_free() is for either outcome. */
int rp_config_init(struct rp_config *c);
void rp_config_free(struct rp_config *c);

/*
 * Sets what the file says. 0; -EINVAL: errors were reported; -errno: the file
 * could not be read, which is reported too. Then the configuration is undefined
 * and only good for rp_config_free().
 */
int rp_config_read(struct rp_config *c, const char *path, rp_config_report *report,
		   void *user);

/*
 * One value, as the command line gives it (here a later one replaces an earlier
 * one). 0, or -EINVAL or -ENOMEM and a sentence without place in why.
 */
int rp_config_set(struct rp_config *c, const char *section, const char *key,
		  const char *value, char *why, size_t why_size);
/* The same from "section.key=value". */
int rp_config_set_text(struct rp_config *c, const char *text, char *why, size_t why_size);

/* What only the whole can show: contradictions. 0, or -EINVAL and a sentence. */
int rp_config_check(const struct rp_config *c, char *why, size_t why_size);

#endif
