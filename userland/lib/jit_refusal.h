/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a perf map or a jitdump of a process is not read, or not wholly. One line for each:
 * a word, and what is wrong with what to do, to go after the file's name.
 */
#ifndef RP_JIT_REFUSAL_H
#define RP_JIT_REFUSAL_H

#define RP_JIT_REFUSALS(X)								\
	X(LINK, "link",									\
	  "there is a symbolic link on the way to it: let the file lie there itself")	\
	X(KIND, "kind", "it is no regular file but a FIFO, a device or a folder: remove it") \
	X(OWNER, "owner",								\
	  "it belongs to another user than the process runs as: remove it, or have the process make it") \
	X(NAMES, "names",								\
	  "it has more names than one (hard links), so it may be anything: remove it")	\
	X(OLD, "old",									\
	  "it was last written before the process started, by another one with that number: remove it") \
	X(SIZE, "size",									\
	  "it is larger than what is read of one: let the process begin a new one")	\
	X(FORMAT, "format", "it is not what its name says: see who wrote it")		\
	X(PROCESS, "process", "it says of itself that another process wrote it")		\
	X(MEMORY, "memory",								\
	  "there is no more memory for names of code made at run time: newer names are missing") \
	X(LATER, "later",								\
	  "more was written to such files than is read in a window: the rest is read in the next one") \
	X(ACCESS, "access", "it cannot be read: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are needed") \
	X(PARSER, "parser",								\
	  "the process that parses it ended, was too late or answered what cannot be: see what the file holds")

enum rp_jit_refusal {
	RP_JIT_TAKEN,		/* it is read, or there is none */
#define X(id, name, text) RP_JIT_##id,
	RP_JIT_REFUSALS(X)
#undef X
	RP_JIT_REFUSALS_NR
};

const char *rp_jit_refusal_name(enum rp_jit_refusal why);	/* "link" */
const char *rp_jit_refusal_text(enum rp_jit_refusal why);

#endif
