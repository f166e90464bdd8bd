// SPDX-License-Identifier: GPL-2.0
/*
 * By its name with the number of its interface, which has been the same since 2006.
 */
#include "curl_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "why.h"

#define NAME "libcurl.so.4"

static struct rp_curl_library library;

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define X(name) { "curl_" #name, offsetof(struct rp_curl_library, name) },
	RP_CURL_FUNCTIONS(X)
#undef X
};

const struct rp_curl_library *rp_curl_library(char *why, size_t why_size)
{
	static bool loaded;
	void *handle, *function;
	size_t i;

	if (loaded)
		return &library;
	handle = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		rp_why(why, why_size, "%s: install libcurl (Debian: libcurl4)", dlerror());
		return NULL;
	}
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		function = dlsym(handle, functions[i].name);
		if (!function) {
			rp_why(why, why_size, NAME " is too old: it has no %s (7.68 has)",
			       functions[i].name);
			return NULL;
		}
		memcpy((char *)&library + functions[i].offset, &function, sizeof(function));
	}
	if (library.global_init(CURL_GLOBAL_DEFAULT)) {
		rp_why(why, why_size, NAME " does not start: out of memory?");
		return NULL;
	}
	loaded = true;
	return &library;
}
