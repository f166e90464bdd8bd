/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values that a configuration may hold: text to number, and back to a
 * sentence if it is none. Private to config*.c and rules.c.
 *
 * All return 0, or -EINVAL and in why what is expected ("is not a duration such
 * as ..."), which is read behind "KEY = VALUE: ". The output is then untouched.
 */
#ifndef RP_CONFIG_VALUE_H
#define RP_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

int rp_value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
		    char *why, size_t why_size);
int rp_value_bytes(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
		   char *why, size_t why_size);
int rp_value_duration(const char *text, uint64_t min_ns, uint64_t max_ns,
		      uint64_t *ret_ns, char *why, size_t why_size);
/* A list with commas: kernel, user, kthread. */
/* The same in whole milliseconds, from 0, which needs no unit, to max. */
int rp_value_milliseconds(const char *text, uint64_t max, uint64_t *ret, char *why,
			  size_t why_size);
int rp_value_modes(const char *text, uint64_t *ret, char *why, size_t why_size);
/* auto, hrtimer or perf, as enum rp_tick. */
int rp_value_tick(const char *text, uint64_t *ret, char *why, size_t why_size);
/* A share such as 1% or 0.05%, as parts per million: 1 to 1000000. */
int rp_value_share(const char *text, uint64_t *ret_ppm, char *why, size_t why_size);
/* yes: 1, no: 0. */
int rp_value_switch(const char *text, uint64_t *ret, char *why, size_t why_size);

/* Checks of text. */
int rp_value_check_path(const char *text, char *why, size_t why_size);
/* A URL of http or https without user, query and fragment; the rest is curl's to see. */
int rp_value_check_server(const char *text, char *why, size_t why_size);
/* A path that leads nowhere else than it says: without "..". */
int rp_value_check_folder(const char *text, char *why, size_t why_size);
int rp_value_check_url(const char *text, char *why, size_t why_size);
int rp_value_check_header(const char *text, char *why, size_t why_size);
/* An attribute of the list; -ENOMEM, with a sentence, too. */
int rp_value_attribute(struct rp_attributes *a, const char *key, const char *value, char *why,
		       size_t why_size);
/* What may stand in one header's value: printable ASCII. */
int rp_value_check_word(const char *text, char *why, size_t why_size);

#endif
