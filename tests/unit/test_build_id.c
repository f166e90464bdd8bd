// SPDX-License-Identifier: GPL-2.0
/* Build ids: notes as linkers and kernels write them, and as nobody should. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <byteswap.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build_id.h"

/* Appends a note at *at; name_size and desc_size go to the header as they are. */
static void put_note(uint8_t *buf, size_t *at, size_t align, uint32_t type, const char *name,
		     uint32_t name_size, const void *desc, uint32_t desc_size)
{
	Elf32_Nhdr h = { name_size, desc_size, type };
	size_t p = *at;

	memcpy(buf + p, &h, sizeof(h));
	p += sizeof(h);
	memcpy(buf + p, name, name_size);
	p = (p + name_size + align - 1) & ~(align - 1);
	memcpy(buf + p, desc, desc_size);
	*at = (p + desc_size + align - 1) & ~(align - 1);
}

static const uint8_t sha[20] = { 0x00, 0x01, 0xab, 0xcd, 0xef, 0xff, 6, 7, 8, 9, 10, 11, 12,
				 13, 14, 15, 16, 17, 18, 0x7f };
#define SHA_HEX "0001abcdefff060708090a0b0c0d0e0f1011127f"

static void finds_it_behind_other_notes(void **state)
{
	struct rp_build_id id;
	char hex[RP_BUILD_ID_HEX];
	uint8_t buf[256] = { 0 };
	size_t align, size;

	(void)state;
	for (align = 4; align <= 8; align += 4) {
		size = 0;
		put_note(buf, &size, align, 5, "GNU", 4, "sixteen bytes ok", 16);
		put_note(buf, &size, align, 3, "Xen", 4, "12345678", 8);
		put_note(buf, &size, align, 3, "Go\0", 3, "x", 1);
		put_note(buf, &size, align, NT_GNU_BUILD_ID, "GNU", 4, sha, sizeof(sha));
		assert_int_equal(rp_build_id_from_notes(buf, size, align, false, &id), 0);
		assert_int_equal(id.size, 20);
		assert_string_equal(rp_build_id_hex(&id, hex), SHA_HEX);
		/* The last note's padding may be missing. */
		assert_int_equal(rp_build_id_from_notes(buf, size - 4 * (align == 8), align,
							false, &id), 0);
	}
}

static void reads_the_other_byte_order(void **state)
{
	struct rp_build_id id;
	uint8_t buf[64] = { 0 };
	size_t size = 0, i;
	uint32_t word;

	(void)state;
	put_note(buf, &size, 4, NT_GNU_BUILD_ID, "GNU", 4, sha, 8);
	for (i = 0; i < 3; i++) {
		memcpy(&word, buf + 4 * i, 4);
		word = bswap_32(word);
		memcpy(buf + 4 * i, &word, 4);
	}
	assert_int_equal(rp_build_id_from_notes(buf, size, 4, true, &id), 0);
	assert_int_equal(id.size, 8);
	assert_memory_equal(id.bytes, sha, 8);
	assert_int_not_equal(rp_build_id_from_notes(buf, size, 4, false, &id), 0);
}

static void refuses_bad_sizes(void **state)
{
	struct rp_build_id id, before;
	uint8_t buf[256] = { 0 }, long_id[RP_BUILD_ID_BYTES + 1] = { 1 };
	Elf32_Nhdr *h = (Elf32_Nhdr *)buf;
	size_t size = 0;

	(void)state;
	memset(&id, 0x5a, sizeof(id));
	before = id;
	assert_int_equal(rp_build_id_from_notes(buf, 0, 4, false, &id), -ENOENT);
	assert_int_equal(rp_build_id_from_notes(buf, 11, 4, false, &id), -ENOENT);
	put_note(buf, &size, 4, NT_GNU_BUILD_ID, "GNU", 4, sha, 20);
	h->n_descsz = UINT32_MAX;
	assert_int_equal(rp_build_id_from_notes(buf, size, 4, false, &id), -EBADMSG);
	h->n_descsz = 20;
	h->n_namesz = UINT32_MAX - 3;
	assert_int_equal(rp_build_id_from_notes(buf, size, 4, false, &id), -EBADMSG);
	h->n_namesz = 4;
	h->n_descsz = 0;
	assert_int_equal(rp_build_id_from_notes(buf, 16, 4, false, &id), -EBADMSG);
	size = 0;
	put_note(buf, &size, 4, NT_GNU_BUILD_ID, "GNU", 4, long_id, sizeof(long_id));
	assert_int_equal(rp_build_id_from_notes(buf, size, 4, false, &id), -EBADMSG);
	assert_memory_equal(&id, &before, sizeof(id));	/* untouched by failures */
}

static void survives_any_truncation(void **state)
{
	struct rp_build_id id;
	uint8_t buf[128] = { 0 }, *copy;
	size_t size = 0, n;
	int r;

	(void)state;
	put_note(buf, &size, 4, 1, "Linux", 6, "1234", 4);
	put_note(buf, &size, 4, NT_GNU_BUILD_ID, "GNU", 4, sha, 20);
	for (n = 0; n < size; n++) {
		copy = malloc(n ? n : 1);	/* exact, so that ASan sees one byte too far */
		memcpy(copy, buf, n);
		r = rp_build_id_from_notes(copy, n, 4, false, &id);
		assert_true(r == -ENOENT || r == -EBADMSG);
		free(copy);
	}
}

static void write_file(const char *dir, const char *name, const void *data, size_t size)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
}

static void make_dir(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void reads_sysfs(void **state)
{
	char dir[] = "/tmp/test_build_id.XXXXXX", command[128], hex[RP_BUILD_ID_HEX];
	struct rp_build_id id;
	uint8_t buf[64] = { 0 };
	size_t size = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	make_dir(dir, "kernel");
	make_dir(dir, "module");
	make_dir(dir, "module/ext4");
	make_dir(dir, "module/ext4/notes");
	put_note(buf, &size, 4, NT_GNU_BUILD_ID, "GNU", 4, sha, 20);
	write_file(dir, "kernel/notes", buf, size);
	write_file(dir, "module/ext4/notes/.note.gnu.build-id", buf, size);

	assert_int_equal(rp_build_id_of_kernel(dir, &id), 0);
	assert_string_equal(rp_build_id_hex(&id, hex), SHA_HEX);
	id.size = 0;
	assert_int_equal(rp_build_id_of_module(dir, "ext4", &id), 0);
	assert_string_equal(rp_build_id_hex(&id, hex), SHA_HEX);
	assert_int_equal(rp_build_id_of_module(dir, "xfs", &id), -ENOENT);
	assert_int_equal(rp_build_id_of_module(dir, "../kernel", &id), -EINVAL);
	assert_int_equal(rp_build_id_of_module(dir, "", &id), -EINVAL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void compares(void **state)
{
	struct rp_build_id a = { 2, { 1, 2 } }, b = { 2, { 1, 2, 9 } }, c = { 3, { 1, 2 } };
	struct rp_build_id none = { 0 };
	char hex[RP_BUILD_ID_HEX];

	(void)state;
	assert_true(rp_build_id_equal(&a, &b));
	assert_false(rp_build_id_equal(&a, &c));
	assert_string_equal(rp_build_id_hex(&none, hex), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_it_behind_other_notes),
		cmocka_unit_test(reads_the_other_byte_order),
		cmocka_unit_test(refuses_bad_sizes),
		cmocka_unit_test(survives_any_truncation),
		cmocka_unit_test(reads_sysfs),
		cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests_name("build_id", tests, NULL, NULL);
}
