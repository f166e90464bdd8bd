/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an address without a name is called: "libfoo.so+0x1234", the file's name without
 * its folders and the offset in it. Profiles have it as a function's name, so that whoever
 * shows them shows something; `ringprofctl symbolize` knows such a name again.
 */
#ifndef RP_UNNAMED_H
#define RP_UNNAMED_H

#include <stdbool.h>
#include <stdint.h>

#define RP_UNNAMED_SIZE 320	/* bytes; a file's name has at most 255 */

/* path: of a file, or the name of an area ("[anon]", "[heap]"). Returns buf. */
char *rp_unnamed(const char *path, uint64_t offset, char buf[static RP_UNNAMED_SIZE]);

#endif
