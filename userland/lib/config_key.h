/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the reader of the file asks the table of keys. Private to config*.c.
 */
#ifndef RP_CONFIG_KEY_H
#define RP_CONFIG_KEY_H

#include <stddef.h>

#define RP_CONFIG_KEYS_MAX 64
#define RP_CONFIG_RULE "service"	/* section of rules */

/* 0, or -EINVAL and a sentence. */
int rp_config_section_check(const char *section, char *why, size_t why_size);

/*
 * A number below RP_CONFIG_KEYS_MAX for a key that may be given once, -1 for one
 * that may be given again or does not exist.
 */
int rp_config_key_once(const char *section, const char *name);

#endif
