/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of OpenTelemetry attributes: key = value, both text, each key once,
 * sorted by key (so that equal lists are equal byte for byte).
 *
 * Limits  RP_ATTRIBUTES_MAX entries, keys and values of 1 .. RP_ATTRIBUTE_KEY_MAX
 *         and RP_ATTRIBUTE_VALUE_MAX bytes. Keys are printable ASCII without space,
 *         '=' and ','; values are UTF-8 without control characters.
 * Errors  -EINVAL: not a key or not a value; -E2BIG: too long; -ENOSPC: too many;
 *         -ENOMEM. The list is untouched on failure.
 * Memory  The list owns its text. A zeroed list is an empty one.
 */
#ifndef RP_ATTRIBUTES_H
#define RP_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>

#define RP_ATTRIBUTES_MAX	48
#define RP_ATTRIBUTE_KEY_MAX	128
#define RP_ATTRIBUTE_VALUE_MAX	1024

struct rp_attribute {
	char *key, *value;
};

struct rp_attributes {
	struct rp_attribute *items;
	size_t nr;
};

void rp_attributes_free(struct rp_attributes *a);

/* Adds, or replaces the value of a key that is there. */
int rp_attributes_set(struct rp_attributes *a, const char *key, const char *value);
int rp_attributes_copy(struct rp_attributes *ret, const struct rp_attributes *from);
void rp_attributes_remove(struct rp_attributes *a, const char *key);

/* The value, or NULL. */
const char *rp_attributes_get(const struct rp_attributes *a, const char *key);
bool rp_attributes_equal(const struct rp_attributes *a, const struct rp_attributes *b);

/* Whether a string may be a key or a value: 0, -EINVAL or -E2BIG. */
int rp_attribute_check_key(const char *key);
int rp_attribute_check_value(const char *value);
/* Makes it one, unless it is empty or too long: of what is none, bytes become '_'. */
void rp_attribute_make_value(char *text);

/*
 * The text of OTEL_RESOURCE_ATTRIBUTES: key=value pairs with commas between them,
 * white space around each ignored, values percent-encoded. As OpenTelemetry says,
 * one wrong pair makes the whole text void: then -EINVAL, and nothing is added.
 * What is merely over a limit is left out alone. The last one of equal keys wins.
 */
int rp_attributes_parse_otel(struct rp_attributes *a, const char *text);

#endif
