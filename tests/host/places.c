// SPDX-License-Identifier: GPL-2.0
/*
 * places [-a] [-C] [-f] [-i] [-j] [-l] [-n TIMES] [-w] FILE <ADDRESSES: what the library's readers say of
 * addresses (hexadecimal, one a line), in the words of `addr2line -f -i`: so that tests may
 * compare them, and benches may measure them side by side.
 *
 *   -a        the address, before what is said of it
 *   -C        names as they were written, with parameters
 *   -f        the function's name, by the ELF symbol
 *   -i        functions with those that were inlined, by DWARF
 *   -j        read debugging data in a jail, and say last, to standard error, what that took
 *             it: "jail NUMBER", in microseconds of CPU time
 *   -l        file and line
 *   -n TIMES  look them up so many times, in the same process; printed once
 *   -w        read the whole table of symbols, also of a large file
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug_file.h"
#include "debug_info.h"
#include "demangle.h"
#include "elf_symbols.h"
#include "jail_places.h"
#include "numbers.h"
#include "why.h"

#define FRAMES_MAX 256

static uint64_t *addresses, *sorted;
static size_t nr, nr_sorted;
static bool demangle, whole;

static void read_addresses(void)
{
	char line[64];
	size_t room = 0;

	while (fgets(line, sizeof(line), stdin)) {
		if (nr == room) {
			room = room ? room * 2 : 1024;
			addresses = realloc(addresses, room * sizeof(*addresses));
			if (!addresses)
				abort();
		}
		addresses[nr++] = strtoull(line, NULL, 16);
	}
}

static void print_name(const char *name)
{
	char *written = demangle ? rp_demangle(name, RP_DEMANGLE_FULL) : NULL;

	puts(written ? written : name);
	free(written);
}

static void print_frame(const struct rp_debug_frame *f)
{
	print_name(*f->function ? f->function : "??");
	if (!*f->file)
		puts("??:0");
	else
		printf("%s:%u\n", f->file, f->line);
}

static void print_one(const struct rp_elf_symbols *table, const struct rp_debug_places *places,
		      uint64_t address)
{
	struct rp_debug_frame frame[FRAMES_MAX];
	struct rp_elf_symbol sym;
	unsigned int n = 1, i;

	if (!rp_debug_places_get(places, address, frame, FRAMES_MAX, &n))
		frame[0] = (struct rp_debug_frame){ "", "", 0 };
	if (table && !rp_elf_symbols_lookup(table, address, &sym))
		frame[n - 1].function = sym.name;
	for (i = 0; i < n; i++)
		print_frame(&frame[i]);
}

/* Each once, ascending. */
static void sort_addresses(void)
{
	sorted = malloc((nr + 1) * sizeof(*sorted));
	if (!sorted)
		abort();
	memcpy(sorted, addresses, nr * sizeof(*sorted));
	nr_sorted = rp_numbers_unique(sorted, nr);
}

static void find(struct rp_jail_places *data, unsigned int what, struct rp_debug_places *places,
		 char *said, size_t said_size)
{
	uint64_t *fresh = malloc((nr_sorted + 1) * sizeof(*fresh));
	size_t i, n = 0;

	if (!fresh)
		abort();
	for (i = 0; i < nr_sorted; i++)
		if (!rp_debug_places_has(places, sorted[i]))
			fresh[n++] = sorted[i];
	if (n && rp_jail_places_find(data, what, fresh, n, places, said, said_size)) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	free(fresh);
}

/* As the namer does: of a large file, what these addresses need. */
static int read_symbols(int fd, const char *path, const struct rp_debug_search *where,
			struct rp_elf_symbols **ret, char *err, size_t err_size)
{
	const struct rp_elf_wanted wanted = {
		.addresses = sorted, .nr = nr_sorted, .more_than = RP_ELF_PICK_FROM,
	};

	return rp_elf_symbols_pick(fd, path, where, whole ? NULL : &wanted, ret, err, err_size);
}

static int usage(void)
{
	fputs("usage: places [-a] [-C] [-f] [-i] [-j] [-l] [-n TIMES] [-w] FILE <ADDRESSES\n",
	      stderr);
	return 2;
}

static void end_jail(struct rp_jail *jail)
{
	struct rp_jail_stats stats;

	rp_jail_stats(jail, &stats);
	fprintf(stderr, "jail %llu\n", (unsigned long long)(stats.cpu_ns[RP_JAIL_PLACES_OPEN] +
							   stats.cpu_ns[RP_JAIL_PLACES]) / 1000);
	rp_jail_stop(jail);
}

int main(int argc, char **argv)
{
	struct rp_debug_places places = { 0 };
	const struct rp_debug_search where = { .root = NULL };
	struct rp_elf_symbols *table = NULL;
	struct rp_jail_places *data = NULL;
	struct rp_jail *jail = NULL;
	unsigned int what = 0, times = 1, t;
	bool functions = false, show_addresses = false, jailed = false;
	char err[512], said[RP_WHY_SIZE] = "";
	size_t i;
	int opt, fd;

	rp_jail_main(argc, argv);
	while ((opt = getopt(argc, argv, "aCfijln:w")) != -1) {
		switch (opt) {
		case 'a': show_addresses = true; break;
		case 'C': demangle = true; break;
		case 'f': functions = true; break;
		case 'i': what |= RP_DEBUG_INLINES; break;
		case 'j': jailed = true; break;
		case 'l': what |= RP_DEBUG_LINES; break;
		case 'n': times = strtoul(optarg, NULL, 10); break;
		case 'w': whole = true; break;
		default: return usage();
		}
	}
	if (optind + 1 != argc)
		return usage();
	read_addresses();
	sort_addresses();
	fd = rp_elf_open(argv[optind], NULL, err, sizeof(err));
	if (fd < 0 || (jailed && rp_jail_places_start(&jail, err, sizeof(err))) ||
	    (functions && read_symbols(fd, argv[optind], &where, &table, err, sizeof(err))) ||
	    (what && rp_jail_places_open(jail, fd, argv[optind], &where, &data, err, sizeof(err)))) {
		fprintf(stderr, "places: %s\n", err);
		return 1;
	}
	for (t = 0; t < times; t++) {
		if (what)
			find(data, what, &places, said, sizeof(said));
		if (t)
			continue;
		for (i = 0; i < nr; i++) {
			if (show_addresses)
				printf("0x%llx\n", (unsigned long long)addresses[i]);
			print_one(table, &places, addresses[i]);
		}
	}
	if (*said)
		fprintf(stderr, "places: %s: %s\n", argv[optind], said);
	rp_jail_places_close(data);
	if (jail)
		end_jail(jail);
	rp_elf_symbols_free(table);
	rp_debug_places_free(&places);
	free(addresses);
	free(sorted);
	close(fd);
	return 0;
}
