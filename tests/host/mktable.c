// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: mktable FILE OUT
 *
 * The unwind table of an ELF file as it is: for who needs a real one (seeds of a fuzzer).
 */
#include <fcntl.h>
#include <stdio.h>

#include "newfile.h"
#include "unwind_compile.h"
#include "why.h"

int main(int argc, char **argv)
{
	struct rp_unwind_built built;
	char why[RP_WHY_SIZE];
	int in, out, r;

	if (argc != 3) {
		fputs("Usage: mktable FILE OUT\n", stderr);
		return 2;
	}
	in = open(argv[1], O_RDONLY | O_CLOEXEC);
	out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (in < 0 || out < 0) {
		perror("mktable");
		return 1;
	}
	if (rp_unwind_compile_fd(in, argv[1], 0, &built, why, sizeof(why))) {
		fprintf(stderr, "mktable: %s\n", why);
		return 1;
	}
	r = rp_write_all(out, built.table, built.size);
	rp_unwind_built_free(&built);
	return r ? 1 : 0;
}
