// SPDX-License-Identifier: GPL-2.0
/*
 * Build ids, why here and not by a library: the kernel gives bare notes in sysfs, with
 * no ELF file around them, and the ELF reader has its notes in memory anyway. So one
 * parser of notes serves both, and each length in them is checked against what is left.
 */
#include "build_id.h"

#include <byteswap.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOTES_MAX 65536		/* bytes of a sysfs file of notes; real ones have < 1 KiB */

char *rp_build_id_hex(const struct rp_build_id *id, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i;

	for (i = 0; i < id->size && i < RP_BUILD_ID_BYTES; i++) {
		ret[2 * i] = digits[id->bytes[i] >> 4];
		ret[2 * i + 1] = digits[id->bytes[i] & 15];
	}
	ret[2 * i] = '\0';
	return ret;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int rp_build_id_from_hex(const char *hex, struct rp_build_id *ret)
{
	struct rp_build_id id = { 0 };
	int high, low;

	for (; *hex && id.size < RP_BUILD_ID_BYTES; hex += 2) {
		high = digit(hex[0]);
		low = high < 0 ? -1 : digit(hex[1]);
		if (low < 0)
			return -EBADMSG;
		id.bytes[id.size++] = (uint8_t)(high << 4 | low);
	}
	if (*hex || !id.size)
		return -EBADMSG;
	*ret = id;
	return 0;
}

bool rp_build_id_equal(const struct rp_build_id *a, const struct rp_build_id *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The offset behind n bytes at offset, rounded up; not below offset even if it wraps. */
static size_t step(size_t offset, size_t n, size_t align, size_t end)
{
	size_t next;

	if (n > end - offset)
		return SIZE_MAX;
	next = (offset + n + align - 1) & ~(align - 1);
	return next > end ? end : next;
}

int rp_build_id_from_notes(const void *notes, size_t size, size_t align, bool swap,
			   struct rp_build_id *ret)
{
	const uint8_t *p = notes;
	size_t at = 0, name, desc, next;
	Elf32_Nhdr h;			/* 64-bit notes have the same header */

	if (align != 8)
		align = 4;
	for (; size - at >= sizeof(h); at = next) {
		memcpy(&h, p + at, sizeof(h));
		if (swap) {
			h.n_namesz = bswap_32(h.n_namesz);
			h.n_descsz = bswap_32(h.n_descsz);
			h.n_type = bswap_32(h.n_type);
		}
		name = at + sizeof(h);
		desc = step(name, h.n_namesz, align, size);
		if (desc == SIZE_MAX)
			return -EBADMSG;
		next = step(desc, h.n_descsz, align, size);
		if (next == SIZE_MAX)
			return -EBADMSG;
		if (h.n_type != NT_GNU_BUILD_ID || h.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp(p + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
			continue;
		if (h.n_descsz == 0 || h.n_descsz > RP_BUILD_ID_BYTES)
			return -EBADMSG;
		memset(ret, 0, sizeof(*ret));
		ret->size = h.n_descsz;
		memcpy(ret->bytes, p + desc, h.n_descsz);
		return 0;
	}
	return -ENOENT;
}

static int from_file(const char *path, struct rp_build_id *ret)
{
	uint8_t buf[NOTES_MAX];
	size_t size = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (size < sizeof(buf)) {
		n = read(fd, buf + size, sizeof(buf) - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			close(fd);
			return n;
		}
		if (n == 0)
			break;
		size += n;
	}
	close(fd);
	return rp_build_id_from_notes(buf, size, 4, false, ret);
}

int rp_build_id_of_kernel(const char *sysfs, struct rp_build_id *ret)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/kernel/notes", sysfs ? sysfs : "/sys") >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return from_file(path, ret);
}

int rp_build_id_of_module(const char *sysfs, const char *module, struct rp_build_id *ret)
{
	char path[PATH_MAX];

	/* The name comes from kallsyms; it must stay one component of a path. */
	if (!*module || *module == '.' || strchr(module, '/'))
		return -EINVAL;
	if (snprintf(path, sizeof(path), "%s/module/%s/notes/.note.gnu.build-id",
		     sysfs ? sysfs : "/sys", module) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return from_file(path, ret);
}
