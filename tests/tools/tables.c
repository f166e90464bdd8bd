// SPDX-License-Identifier: GPL-2.0
/*
 * tables.c - gives the module unwind tables that it has to refuse, each in its way, and
 * more of them than there may be, and says what was not as its manual says.
 *
 *	tables refused		what is no table, no file, no request
 *	tables limits PARAMETER	replacing, evicting, limits; PARAMETER is the file of the
 *				module's parameter table_bytes, which it changes and mends
 *	tables none		what a machine without tables answers
 *
 * Exits with 1 when something was not right.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "genl.h"
#include "tables.h"

static int failures;

static void expect(bool right, const char *format, ...)
{
	va_list args;

	if (right)
		return;
	va_start(args, format);
	fprintf(stderr, "tables: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	failures++;
}

static int open_device(struct rp_setup *setup)
{
	int fd = open(RP_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (fd < 0 || (setup && ioctl(fd, RP_IOC_SETUP, setup))) {
		perror(RP_DEVICE_PATH);
		exit(1);
	}
	return fd;
}

static struct rp_file_id inode(uint64_t number)
{
	struct rp_file_id id = { .kind = RP_FILE_INODE, .dev_major = 8, .inode = number };

	return id;
}

static uint64_t size_of(const struct rp_unwind_table *t)
{
	return rp_unwind_size(t);
}

static void refused(const char *what, int got, int wanted)
{
	expect(got == wanted, "%s: %s instead of %s", what, strerrorname_np(got),
	       strerrorname_np(wanted));
}

/* ---- what is refused ---------------------------------------------------------------- */

static struct rp_unwind_table *right_table(void)
{
	return rp_table_make(RP_LIE_BLOCKS, RP_LIE_ROWS, RP_LIE_RULES);
}

/* Gives it, as one of that size, and frees it. */
static void give(int fd, struct rp_unwind_table *t, uint64_t size, const char *what, int wanted)
{
	struct rp_file_id id = inode(1);

	refused(what, rp_table_give(fd, &id, t, size, NULL), wanted);
	refused("a table's file afterwards", rp_table_ask(fd, &id, NULL), wanted ? ENOENT : 0);
	free(t);
}

static void wrong_tables(int fd)
{
	struct rp_unwind_table *t = right_table();
	const uint64_t size = size_of(t);
	const uint64_t wrong_sizes[] = { size - 1, size + 1, 8, ~0ull };
	char what[32];

	t->machine = RP_UNWIND_X86_64 + RP_UNWIND_ARM64 - RP_MACHINE;
	give(fd, t, size, "another machine's", EINVAL);
	for (unsigned int i = 0; i < RP_LIES; i++) {
		t = right_table();
		rp_table_lie(t, i);
		snprintf(what, sizeof(what), "lie %u", i);
		give(fd, t, size, what, EINVAL);
	}
	for (unsigned int i = 0; i < sizeof(wrong_sizes) / sizeof(*wrong_sizes); i++) {
		snprintf(what, sizeof(what), "wrong size %u", i);
		give(fd, right_table(), wrong_sizes[i], what, EINVAL);
	}
	give(fd, right_table(), size, "a right one", 0);
}

static void wrong_files(int fd)
{
	static const struct rp_file_id wrong[] = {
		{ .kind = 0 }, { .kind = 4, .inode = 1 }, { .kind = RP_FILE_BUILD_ID },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = RP_BUILD_ID_MAX + 1 },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 0xffffffff },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 4, .build_id = { 1, 2, 3, 4, 5 } },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 4, .inode = 1 },
		{ .kind = RP_FILE_INODE, .inode = 1, .build_id_len = 1 },
		{ .kind = RP_FILE_INODE, .inode = 1, .build_id = { 1 } },
		{ .kind = RP_FILE_VDSO, .inode = 1 }, { .kind = RP_FILE_VDSO, .dev_minor = 1 },
	};
	struct rp_unwind_table *t = rp_table_make(1, 1, 1);
	char what[32];

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(what, sizeof(what), "wrong file %u", i);
		refused(what, rp_table_give(fd, &wrong[i], t, size_of(t), NULL), EINVAL);
		refused(what, rp_table_ask(fd, &wrong[i], NULL), EINVAL);
	}
	free(t);
}

static void wrong_memory(int fd)
{
	size_t page = (size_t)getpagesize();
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rp_unwind_table *t = rp_table_make(8, 64, 4);
	struct rp_table_load load = { .file = inode(1), .reserved = 1 };
	size_t size = (size_t)size_of(t);
	struct rp_file_id id = inode(1);
	char *at = pages + page - size;

	refused("no memory", rp_table_give(fd, &id, NULL, size, NULL), EFAULT);
	refused("the kernel's memory",
		rp_table_give(fd, &id, (void *)(uintptr_t)-4096, size, NULL), EFAULT);
	memcpy(at, t, size);
	refused("a table at the edge", rp_table_give(fd, &id, at, size, NULL), 0);
	memcpy(at + 1, t, size - 1);
	if (munmap(pages + page, page))
		perror("munmap");
	refused("a table over the edge", rp_table_give(fd, &id, at + 1, size, NULL), EFAULT);
	refused("the one before", rp_table_ask(fd, &id, NULL), 0);
	expect(ioctl(fd, RP_IOC_TABLE, &load) && errno == EINVAL, "reserved");
	expect(ioctl(fd, RP_IOC_TABLE, NULL) && errno == EFAULT, "no request");
	free(t);
}

static void refused_all(void)
{
	struct rp_setup setup = { 0 };
	struct rp_unwind_table *t = rp_table_make(1, 1, 1);
	struct rp_file_id id = inode(1);
	int fd = open_device(NULL);

	refused("before setup", rp_table_give(fd, &id, t, size_of(t), NULL), EBUSY);
	free(t);
	if (ioctl(fd, RP_IOC_SETUP, &setup))
		perror("RP_IOC_SETUP");
	wrong_tables(fd);
	close(fd);
	fd = open_device(&(struct rp_setup){ 0 });
	wrong_files(fd);
	refused("another session's table", rp_table_ask(fd, &id, NULL), ENOENT);
	wrong_memory(fd);
	close(fd);
}

/* ---- limits --------------------------------------------------------------------------- */

static int set_limit(uint32_t session, uint64_t limit)
{
	uint16_t family = 0;
	int fd = rp_genl_open(&family), error;
	struct rp_message m;

	rp_message_begin(&m, family, RP_CMD_SET);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	rp_message_put(&m, RP_A_TABLE_LIMIT, &limit, sizeof(limit));
	error = rp_genl_ask(fd, &m, NULL, 0);
	close(fd);
	return error;
}

static void expect_evicted(int fd, uint64_t wanted, const char *when)
{
	struct rp_file_id nobody = inode(~0ull);
	uint64_t evicted;

	refused("nobody's table", rp_table_ask(fd, &nobody, &evicted), ENOENT);
	expect(evicted == wanted, "%s: %llu evicted instead of %llu", when,
	       (unsigned long long)evicted, (unsigned long long)wanted);
}

/* The first that come are the first that go: none of them is ever used. */
static void limit_of_session(void)
{
	struct rp_unwind_table *t = rp_table_make(64, 1024, 16);
	struct rp_setup setup = { 0 };
	uint64_t size = size_of(t);
	int fd = open_device(&setup);
	struct rp_file_id id;

	refused("a limit of 4 GiB and a byte",
		set_limit(setup.session, RP_TABLE_LIMIT_MAX + 1), EINVAL);
	refused("a limit of ten", set_limit(setup.session, 10 * size), 0);
	for (uint64_t i = 0; i < 10; i++) {
		id = inode(i);
		refused("one of ten", rp_table_give(fd, &id, t, size, NULL), 0);
		usleep(20000);	/* a jiffy, whatever HZ is */
	}
	expect_evicted(fd, 0, "ten of ten");
	refused("the last one again", rp_table_give(fd, &id, t, size, NULL), 0);
	expect_evicted(fd, 0, "replaced where there was no room for both");
	id = inode(10);
	refused("one more", rp_table_give(fd, &id, t, size, NULL), 0);
	expect_evicted(fd, 1, "eleven of ten");
	id = inode(0);
	refused("the oldest", rp_table_ask(fd, &id, NULL), ENOENT);
	id = inode(1);
	refused("the second", rp_table_ask(fd, &id, NULL), 0);
	refused("a limit of three", set_limit(setup.session, 3 * size + 1), 0);
	expect_evicted(fd, 8, "three of ten");
	id = inode(10);
	refused("the youngest", rp_table_ask(fd, &id, NULL), 0);
	refused("a limit of almost one", set_limit(setup.session, size - 1), 0);
	expect_evicted(fd, 11, "none");
	refused("too large", rp_table_give(fd, &id, t, size, NULL), ENOSPC);
	refused("a limit of one", set_limit(setup.session, size), 0);
	refused("just so", rp_table_give(fd, &id, t, size, NULL), 0);
	expect_evicted(fd, 11, "one of one");
	close(fd);
	free(t);
}

static void write_parameter(const char *path, uint64_t value)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%llu", (unsigned long long)value) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* What one session has is not there for another, and comes back when it closes. */
static void limit_of_all(const char *parameter)
{
	struct rp_unwind_table *t = rp_table_make(64, 1024, 16);
	uint64_t size = size_of(t);
	int one = open_device(&(struct rp_setup){ 0 });
	int two = open_device(&(struct rp_setup){ 0 });
	struct rp_file_id a = inode(1), b = inode(2);

	write_parameter(parameter, 2 * size);
	refused("the first's", rp_table_give(one, &a, t, size, NULL), 0);
	refused("the second's", rp_table_give(two, &a, t, size, NULL), 0);
	refused("the second's other", rp_table_give(two, &b, t, size, NULL), 0);
	expect_evicted(two, 1, "the second has evicted its own");
	refused("the first's still", rp_table_ask(one, &a, NULL), 0);
	write_parameter(parameter, size);
	refused("no room but the first's", rp_table_give(two, &a, t, size, NULL), ENOSPC);
	refused("and nothing went for it", rp_table_ask(two, &b, NULL), 0);
	close(one);
	refused("the first is gone", rp_table_give(two, &a, t, size, NULL), 0);
	close(two);
	write_parameter(parameter, RP_TABLE_LIMIT_DEFAULT);
	free(t);
}

static void none(void)
{
	struct rp_unwind_table *t = rp_table_make(1, 1, 1);
	int fd = open_device(&(struct rp_setup){ 0 });
	struct rp_file_id id = inode(1);

	refused("a table", rp_table_give(fd, &id, t, size_of(t), NULL), EOPNOTSUPP);
	refused("a question", rp_table_ask(fd, &id, NULL), EOPNOTSUPP);
	close(fd);
	free(t);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "refused") && argc == 2) {
		refused_all();
	} else if (!strcmp(what, "limits") && argc == 3) {
		limit_of_session();
		limit_of_all(argv[2]);
	} else if (!strcmp(what, "none") && argc == 2) {
		none();
	} else {
		fprintf(stderr, "usage: tables refused | limits PARAMETER | none\n");
		return 2;
	}
	return failures != 0;
}
