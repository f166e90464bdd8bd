// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a pprof file with known content, for the tests of viewers:
 *
 *	mkprofile small FILE	a host with a few programs, exact shares:
 *				postgres 60 %, xz 30 %, evil names 10 %
 *	mkprofile big FILE	at least 10,000 different frames in the tree
 */
#include "pprof_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD 10101010
#define DEPTH 40

static struct rp_profile *p;

struct image {
	const char *path;
	uint64_t start;
	uint32_t id, functions;
};

static struct image images[] = {
	{ .path = "/usr/lib/postgresql/15/bin/postgres", .start = 0x400000 },
	{ .path = "/usr/bin/xz", .start = 0x400000 },
	{ .path = "/usr/lib/x86_64-linux-gnu/libc.so.6", .start = 0x7f0000000000 },
	{ .path = "/opt/evil/</script><script>bad()</script>", .start = 0x400000 },
	{ .path = RP_KERNEL_MAPPING, .start = 0xffffffff80000000 },
	{ .path = RP_KERNEL_MAPPING "[ext4]", .start = 0xffffffffc0000000 },
};
enum { POSTGRES, XZ, LIBC, EVIL, KERNEL, EXT4, NR_IMAGES };

static void make_images(void)
{
	char build_id[41];
	int i;

	for (i = 0; i < NR_IMAGES; i++) {
		snprintf(build_id, sizeof(build_id), "0123456789abcdef%02x", i);
		images[i].id = rp_profile_mapping(p, &(struct rp_profile_mapping){
			.start = images[i].start, .limit = images[i].start + 0x10000000,
			.filename = rp_profile_string(p, images[i].path),
			.build_id = rp_profile_string(p, build_id),
			.has_functions = true });
	}
	rp_profile_set_main_mapping(p, images[XZ].id);
}

/* "" is an address without a name, which is the image's next one. */
static uint32_t place(int image, const char *name)
{
	struct image *m = &images[image];
	struct rp_profile_line line = {
		.function = rp_profile_function(p, name, name, "", 0), .line = 42,
	};
	uint64_t address = m->start + 0x1000;

	/* One address per function: as many as there are bytes before its number. */
	address += 16ull * line.function + (*name ? 0 : 16ull * ++m->functions + 0x800000);
	return rp_profile_location(p, m->id, address, &line, *name ? 1 : 0);
}

static void add(const char *comm, int pid, const uint32_t *root_first, uint32_t nr,
		int64_t count)
{
	struct rp_profile_label labels[] = {
		{ .key = rp_profile_string(p, "comm"), .str = rp_profile_string(p, comm) },
		{ .key = rp_profile_string(p, "pid"), .num = pid },
		{ .key = rp_profile_string(p, "thread_id"), .num = pid },
		{ .key = rp_profile_string(p, "cpu"), .num = pid % 2 },
		{ .key = rp_profile_string(p, "service.name"),
		  .str = rp_profile_string(p, "checkout") },
		{ .key = rp_profile_string(p, "host.name"),
		  .str = rp_profile_string(p, "db-17") },
	};
	uint32_t stack[DEPTH + 8], i;

	for (i = 0; i < nr; i++)
		stack[i] = root_first[nr - 1 - i];
	if (rp_profile_add(p, stack, nr, labels, 6,
			   (int64_t[]){ count, count * PERIOD }) < 0) {
		fprintf(stderr, "mkprofile: cannot add a sample\n");
		exit(1);
	}
}

#define ADD(comm, pid, count, ...) \
	add(comm, pid, (const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), count)

static void add_postgres(void)
{
	uint32_t start = place(LIBC, "__libc_start_main"), main_ = place(POSTGRES, "main");
	uint32_t loop = place(POSTGRES, "PostgresMain"), run = place(POSTGRES, "ExecutorRun");
	uint32_t join = place(POSTGRES, "ExecHashJoin"), scan = place(POSTGRES, "ExecSeqScan");
	uint32_t expr = place(POSTGRES, "ExecInterpExpr"), sort = place(POSTGRES, "ExecSort");
	uint32_t read = place(LIBC, "__pread64"), sys = place(KERNEL, "do_syscall_64");
	uint32_t vfs = place(KERNEL, "vfs_read"), ext4 = place(EXT4, "ext4_file_read_iter");
	uint32_t copy = place(KERNEL, "copy_page_to_iter"), bare = place(EXT4, "");

	ADD("postgres", 100, 220, start, main_, loop, run, join, scan, expr);
	ADD("postgres", 100, 120, start, main_, loop, run, join);
	ADD("postgres", 101, 90, start, main_, loop, run, sort, place(LIBC, "__memcmp_avx2"));
	ADD("postgres", 101, 100, start, main_, loop, run, scan, read, sys, vfs, ext4, copy);
	ADD("postgres", 101, 30, start, main_, loop, run, scan, read, sys, vfs, ext4, bare);
	ADD("postgres", 101, 40, start, main_, loop, place(POSTGRES, "exec_simple_query"));
}

static void add_xz(void)
{
	uint32_t start = place(LIBC, "__libc_start_main"), main_ = place(XZ, "main");
	uint32_t code = place(XZ, "lzma_code"), fib = place(XZ, "encode_tree");

	ADD("xz", 200, 180, start, main_, code, place(XZ, "lzma_mf_bt4_find"));
	ADD("xz", 200, 60, start, main_, code, fib, fib, fib);
	ADD("xz", 200, 60, start, main_, code, place(XZ, ""), place(XZ, ""));
}

/* Names that would run if any of them became markup or script. */
static void add_evil(void)
{
	static const char *const names[] = {
		"<img src=x onerror=\"document.title='evil'\">",
		"</script><script>document.title='evil'</script>",
		"<!--<script>", "'\"`${document.title='evil'}", "a;b\n\x1b[31m\xe2\x80\xae",
		"\xff\xfe", "__proto__", "constructor",
	};
	uint32_t i, root = place(EVIL, "<b onmouseover=alert(1)>root</b>");

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ADD("<script>bad()</script>", 300, i < 4 ? 13 : 12, root, place(EVIL, names[i]));
}

/* 300 paths of 36 frames that part after a few: well over 10,000 nodes. */
static void add_big(void)
{
	uint32_t stack[DEPTH], i, j, image;
	char name[64];

	for (i = 0; i < 400; i++) {
		for (j = 0; j < DEPTH; j++) {
			image = j < 30 ? i % 2 : j < 34 ? LIBC : j < 38 ? KERNEL : EXT4;
			snprintf(name, sizeof(name), "function_%u_of_level_%u",
				 j < 3 ? 0 : j < 6 ? i / 40 : i, j);
			stack[j] = place((int)image, name);
			if (j > 5)
				add(i % 2 ? "xz" : "postgres", 100 + (int)(i % 2), stack, j + 1,
				    1 + (400 - i) / 20);
		}
	}
}

int main(int argc, char **argv)
{
	char why[RP_WHY_SIZE];

	if (argc != 3 || (strcmp(argv[1], "small") && strcmp(argv[1], "big"))) {
		fprintf(stderr, "Usage: mkprofile small|big FILE\n");
		return 2;
	}
	p = rp_profile_new();
	if (!p)
		return 1;
	rp_profile_add_type(p, "samples", "count");
	rp_profile_add_type(p, "cpu", "nanoseconds");
	rp_profile_set_period(p, "cpu", "nanoseconds", PERIOD);
	rp_profile_set_default_type(p, "cpu");
	p->time_nanos = 1750000000000000000;
	p->duration_nanos = 10000000000;
	make_images();
	if (!strcmp(argv[1], "small")) {
		add_postgres();
		add_xz();
		add_evil();
	} else {
		add_big();
	}
	if (rp_pprof_write_file(p, argv[2], false, why, sizeof(why)) < 0) {
		fprintf(stderr, "mkprofile: %s\n", why);
		return 1;
	}
	rp_profile_free(p);
	return 0;
}
