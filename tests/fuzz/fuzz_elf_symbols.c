// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as an ELF file: no crash, no memory beyond the limits, and look-ups that stay
 * within what they found, of symbols, stubs, and symbols that are packed; the same names for
 * addresses for which some of them are picked; and what it says of its debug file. An even first byte says that what follows is the file as it is;
 * an odd one that a small correct file is patched: triples of (offset, 16 bits) and value
 * follow, so that the fuzzer need not invent headers first.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "debug_file.h"
#include "elf_symbols.h"
#include "tests/unit/elf_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct image_symbol symbols[] = {
	{ "one", 0x10, 0x20, STT_FUNC, STB_GLOBAL, 1 },
	{ "two@@V1", 0x10, 0x20, STT_FUNC, STB_WEAK, 1 },
	{ "label", 0x18, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "unsized", 0x60, 0, STT_FUNC, STB_GLOBAL, 1 },
	{ "last", 0xf0, 0x1000, STT_GNU_IFUNC, STB_GLOBAL, 1 },
};

static void use(const struct rp_elf_symbols *es)
{
	struct rp_elf_symbols_info info;
	struct rp_elf_symbol s;
	char hex[RP_BUILD_ID_HEX];
	uint64_t offset, vaddr;

	rp_elf_symbols_info(es, &info);
	rp_build_id_hex(rp_elf_symbols_build_id(es), hex);
	for (offset = 0; offset < 0x1000; offset += 4) {
		if (rp_elf_symbols_mapped(es, 0x7000, 0x9000, 0x1000, 0x7000 + offset, &vaddr) &&
		    rp_elf_symbols_vaddr(es, offset, &vaddr))
			vaddr = offset;
		if (rp_elf_symbols_lookup(es, vaddr, &s) != 0)
			continue;
		if (s.offset >= s.size || s.start + s.offset != vaddr ||
		    strlen(s.name) > RP_ELF_NAME_MAX)
			abort();
	}
}

static bool has_dynsym(const uint8_t *data, size_t size)
{
	struct rp_elf_file f = { .fd = -1, .image = data, .size = size, .name = "fuzz" };
	bool found = false;
	size_t i;

	if (rp_elf_file_begin(&f))
		return true;
	for (i = 0; i < f.nr_shdrs; i++)
		found |= f.shdrs[i].sh_type == SHT_DYNSYM;
	rp_elf_file_end(&f);
	return found;
}

/* What is picked for some addresses: those names that the whole table has. */
static void pick(const uint8_t *data, size_t size, const struct rp_elf_symbols *whole)
{
	const bool exact = !has_dynsym(data, size);
	uint64_t addresses[64];
	const struct rp_elf_wanted wanted = { .addresses = addresses, .nr = 64 };
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *picked;
	struct rp_elf_symbol a, b;
	char err[128];
	size_t i;
	int r;

	for (i = 0; i < 64; i++)
		addresses[i] = IMAGE_VADDR + IMAGE_TEXT + 4 * i;
	if (rp_elf_symbols_pick_from_memory(data, size, "fuzz", &wanted, &picked, err, sizeof(err)))
		abort();
	use(picked);
	rp_elf_symbols_info(picked, &info);
	for (i = 0; i < 64 && exact && info.picked; i++) {
		r = rp_elf_symbols_lookup(whole, addresses[i], &a);
		if (rp_elf_symbols_lookup(picked, addresses[i], &b) != r ||
		    (!r && (strcmp(a.name, b.name) || a.start != b.start || a.size != b.size)))
			abort();
	}
	rp_elf_symbols_free(picked);
}

/* As a separate debug file is looked at, and as what names one. */
static void look_for_debug_file(const uint8_t *data, size_t size)
{
	char err[128];
	struct rp_elf_file f = { .fd = -1, .image = data, .size = size, .name = "fuzz",
				 .err = err, .err_size = sizeof(err) };
	struct rp_debug_link link;
	struct rp_build_id id = { 0 };

	if (rp_elf_file_begin(&f))
		return;
	if (!rp_debug_link_read(&f, &link) && (!*link.name || strchr(link.name, '/') ||
					       strlen(link.name) > NAME_MAX))
		abort();
	rp_debug_build_id(&f, &id);
	if (id.size > RP_BUILD_ID_BYTES)
		abort();
	/* As one that came from elsewhere: it is this id's or nobody's. */
	if (!rp_debug_file_check(&f, &id)) {
		id.bytes[0] ^= 1;
		if (!id.size || !rp_debug_file_check(&f, &id))
			abort();
	}
	rp_elf_file_end(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_elf_symbols *es;
	uint8_t *file, first;
	struct image im;
	char err[128];

	if (!size)
		return 0;
	first = *data++;
	size--;
	if (first & 1) {
		image_build(&im, first & 2, first & 4, first & 8 ? EM_ARM : EM_X86_64, symbols,
			    sizeof(symbols) / sizeof(*symbols));
		for (; size >= 3; data += 3, size -= 3)
			im.bytes[(data[0] | data[1] << 8) % im.size] = data[2];
		data = im.bytes;
		size = im.size;
	}
	file = malloc(size ? size : 1);
	memcpy(file, data, size);
	if (rp_elf_symbols_from_memory(file, size, "fuzz", &es, err, sizeof(err)) == 0) {
		use(es);
		pick(file, size, es);
		rp_elf_symbols_free(es);
	}
	look_for_debug_file(file, size);
	free(file);
	return 0;
}
