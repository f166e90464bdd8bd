/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folders that the programs keep files in: made when they are absent, and cleared of
 * what a crash in the middle of newfile.h's work has left.
 */
#ifndef RP_FOLDER_H
#define RP_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

/* With those above it, each of mode 0750. 0 (also if it is there) or -errno. */
int rp_folder_make(const char *path);

/* Is a file of that name a temporary one that is an hour old and thus nobody's? */
bool rp_folder_is_stale(const char *name, const struct stat *st);
/* Removes those. */
void rp_folder_remove_stale(const char *path);

#endif
