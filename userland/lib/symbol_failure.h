/* SPDX-License-Identifier: GPL-2.0 */
/* Why a file has no symbol table (symbol_cache.h). */
#ifndef RP_SYMBOL_FAILURE_H
#define RP_SYMBOL_FAILURE_H

#include <stdbool.h>

/* Id, name, the errno that it comes from, text. */
#define RP_SYMBOL_FAILURES(X) \
	X(NOT_FOUND,   "not_found",   ENOENT,  "the file is gone or in another mount namespace") \
	X(PERMISSION,  "permission",  EACCES,  "no permission to read the file") \
	X(NOT_REGULAR, "not_regular", ENOTSUP, "not a regular file") \
	X(NOT_ELF,     "not_elf",     ENOEXEC, "not an ELF file with code") \
	X(CORRUPT,     "corrupt",     EBADMSG, "a corrupt or truncated ELF file") \
	X(TOO_LARGE,   "too_large",   EFBIG,   "over the limits for symbol tables") \
	X(CHANGED,     "changed",     ESTALE,  "the file at this path is not the mapped one") \
	X(MEMORY,      "memory",      ENOMEM,  "out of memory") \
	X(IO,	       "io",	      EIO,     "could not be read")

enum rp_symbol_failure {
	RP_SYMBOL_OK,
#define X(id, name, err, text) RP_SYMBOL_##id,
	RP_SYMBOL_FAILURES(X)
#undef X
	RP_SYMBOL_FAILURES_NR
};

/* Of an errno; RP_SYMBOL_IO: of one that has no reason of its own. */
enum rp_symbol_failure rp_symbol_failure_of(int err);
/* Whether another path or a later moment may turn it into a success. */
bool rp_symbol_failure_may_pass(enum rp_symbol_failure why);
const char *rp_symbol_failure_name(enum rp_symbol_failure why);	/* "not_found" */
const char *rp_symbol_failure_text(enum rp_symbol_failure why);

#endif
