// SPDX-License-Identifier: GPL-2.0
/*
 * libiberty knows the grammars; what is ours is to keep it within bounds. A mangled name
 * may refer back to parts of itself, so that a few hundred bytes stand for gigabytes of
 * text and for hours of writing it. libiberty writes through a callback and has no way to
 * be told to stop, so the callback leaves by longjmp when the result is too long. (The C++
 * demangler holds nothing but stack in this form; Rust's may leave one decoded identifier
 * of such a hostile name behind.)
 *
 * Clone suffixes are cut off before and put back after: libiberty drops them or writes
 * "[clone .cold]", depending on the options. So is "@plt", of which it knows nothing.
 */
#include "demangle.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

/* In libiberty since 4.8, in no installed header. */
extern int rust_demangle_callback(const char *mangled, int options,
				  demangle_callbackref callback, void *opaque);

#define SUFFIXES ".@"		/* of clones, and "@plt" */
#define RUST_HASH_LEN 20	/* of "17h" + 16 hex digits + "E" */

struct output {
	jmp_buf too_long;
	size_t size;
	char text[RP_DEMANGLE_OUTPUT_MAX + 1];
};

static void write_output(const char *text, size_t size, void *arg)
{
	struct output *out = arg;

	if (!size)	/* Rust's empty identifiers come as NULL */
		return;
	if (size > RP_DEMANGLE_OUTPUT_MAX - out->size)
		longjmp(out->too_long, 1);
	memcpy(out->text + out->size, text, size);
	out->size += size;
}

/* The end of a legacy Rust name: behind its hash, with nothing or a suffix following. */
static const char *rust_legacy_end(const char *name)
{
	const char *p = name;
	size_t i;

	while ((p = strstr(p, "17h"))) {
		for (i = 3; i < RUST_HASH_LEN - 1 && isxdigit((unsigned char)p[i]); i++)
			;
		if (i == RUST_HASH_LEN - 1 && p[i] == 'E' &&
		    strchr(SUFFIXES, p[i + 1]))	/* or NUL */
			return p + RUST_HASH_LEN;
		p++;
	}
	return NULL;
}

/* head is the name without suffix; 1 if out holds its plain form. */
static int demangle_head(const char *head, bool rust, int options, struct output *out)
{
	out->size = 0;
	if (setjmp(out->too_long))
		return 0;
	if (rust)
		return rust_demangle_callback(head, options, write_output, out) && out->size;
	return cplus_demangle_v3_callback(head, options, write_output, out) && out->size;
}

static char *try_demangle(const char *name, size_t len, const char *end, bool rust,
			  enum rp_demangle_form form)
{
	int options = form == RP_DEMANGLE_FULL ? DMGL_PARAMS | DMGL_ANSI : DMGL_NO_OPTS;
	char *result = NULL, *head = strndup(name, end - name);
	struct output *out = malloc(sizeof(*out));
	size_t suffix = name + len - end;

	if (head && out && demangle_head(head, rust, options, out)) {
		result = malloc(out->size + suffix + 1);
		if (result) {
			memcpy(result, out->text, out->size);
			memcpy(result + out->size, end, suffix + 1);
		}
	}
	free(head);
	free(out);
	return result;
}

char *rp_demangle(const char *name, enum rp_demangle_form form)
{
	size_t len = strlen(name);
	char *result = NULL;
	const char *end;

	if (len <= RP_DEMANGLE_INPUT_MAX && name[0] == '_') {
		if (name[1] == 'R') {
			result = try_demangle(name, len, name + strcspn(name, SUFFIXES), true, form);
		} else if (name[1] == 'Z') {
			end = rust_legacy_end(name);
			if (end)
				result = try_demangle(name, len, end, true, form);
			if (!result)
				result = try_demangle(name, len, name + strcspn(name, SUFFIXES),
						      false, form);
		}
	}
	return result ? result : strdup(name);
}
