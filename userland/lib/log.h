/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's talk: one line on stderr for each thing that happened.
 *
 * Under systemd (JOURNAL_STREAM is set) a line begins with "<N>", which the
 * journal takes as its priority; elsewhere it begins with the program's name and
 * the level. Control characters become '?': names come from profiled processes.
 * A line is one write(), so lines of several threads do not mix.
 *
 * What can happen again and again goes through a struct rp_log_limit, one static
 * per place: at most one line in RP_LOG_INTERVAL_NS, the next one says how many
 * were left out.
 */
#ifndef RP_LOG_H
#define RP_LOG_H

#include <stdint.h>

enum rp_log_level { RP_LOG_ERROR, RP_LOG_WARNING, RP_LOG_INFO, RP_LOG_DEBUG };

#define RP_LOG_LINE_MAX		1024	/* bytes; longer ones are cut */
#define RP_LOG_INTERVAL_NS	(60 * 1000000000ull)

struct rp_log_limit {
	uint64_t next_ns;	/* CLOCK_MONOTONIC; nothing is said before */
	uint64_t left_out;
};

/* name: a string that stays. What is above level is not said (default: INFO). */
void rp_log_init(const char *name, enum rp_log_level level);

void rp_log(enum rp_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void rp_log_limited(struct rp_log_limit *limit, enum rp_log_level level,
		    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
