/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small ELF file written byte by byte, of either class and byte order, for tests that
 * no compiler at hand could make inputs for. It has one executable segment, a build id,
 * .text, .symtab and .strtab:
 *
 *	vaddr 0x10000 + file offset; .text at offset 0x200, 0x100 bytes long;
 *	symbols as given by the caller; section headers last.
 */
#ifndef TEST_ELF_IMAGE_H
#define TEST_ELF_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IMAGE_VADDR	0x10000u
#define IMAGE_TEXT	0x200u		/* offset; IMAGE_TEXT_SIZE bytes */
#define IMAGE_TEXT_SIZE	0x100u
#define IMAGE_MAX	8192u

struct image_symbol {
	const char *name;
	uint64_t value, size;		/* value relative to .text */
	unsigned char type, bind;
	uint16_t shndx;			/* 1: .text */
};

struct image {
	uint8_t bytes[IMAGE_MAX];
	size_t size;
	bool is_64, big;
	uint16_t machine;
	size_t symtab, strtab, shdrs;	/* where they are */
};

static inline void image_put(struct image *im, uint64_t value, unsigned int width)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		im->bytes[im->size + (im->big ? width - 1 - i : i)] = value >> (8 * i);
	im->size += width;
}

/* A field as wide as an address. */
static inline void image_word(struct image *im, uint64_t value)
{
	image_put(im, value, im->is_64 ? 8 : 4);
}

static inline void image_phdr(struct image *im, uint32_t type, uint32_t flags, uint64_t offset,
			      uint64_t size, uint32_t align)
{
	image_put(im, type, 4);
	if (im->is_64)
		image_put(im, flags, 4);
	image_word(im, offset);
	image_word(im, IMAGE_VADDR + offset);
	image_word(im, IMAGE_VADDR + offset);
	image_word(im, size);
	image_word(im, size);
	if (!im->is_64)
		image_put(im, flags, 4);
	image_word(im, align);
}

static inline void image_shdr(struct image *im, uint32_t type, uint64_t flags, uint64_t addr,
			      uint64_t offset, uint64_t size, uint32_t link, uint64_t entsize)
{
	image_put(im, 0, 4);
	image_put(im, type, 4);
	image_word(im, flags);
	image_word(im, addr);
	image_word(im, offset);
	image_word(im, size);
	image_put(im, link, 4);
	image_put(im, 0, 4);
	image_word(im, 1);
	image_word(im, entsize);
}

static inline void image_sym(struct image *im, uint32_t name, const struct image_symbol *s)
{
	uint64_t value = IMAGE_VADDR + IMAGE_TEXT + s->value;
	unsigned char info = (unsigned char)(s->bind << 4 | s->type);

	image_put(im, name, 4);
	if (im->is_64) {
		image_put(im, info, 1);
		image_put(im, 0, 1);
		image_put(im, s->shndx, 2);
		image_put(im, value, 8);
		image_put(im, s->size, 8);
	} else {
		image_put(im, value, 4);
		image_put(im, s->size, 4);
		image_put(im, info, 1);
		image_put(im, 0, 1);
		image_put(im, s->shndx, 2);
	}
}

static inline void image_ehdr(struct image *im, uint64_t shoff)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };

	im->size = 0;
	memcpy(im->bytes, magic, 4);
	im->bytes[4] = im->is_64 ? ELFCLASS64 : ELFCLASS32;
	im->bytes[5] = im->big ? ELFDATA2MSB : ELFDATA2LSB;
	im->bytes[6] = EV_CURRENT;
	im->size = EI_NIDENT;
	image_put(im, ET_DYN, 2);
	image_put(im, im->machine, 2);
	image_put(im, EV_CURRENT, 4);
	image_word(im, 0);
	image_word(im, im->is_64 ? 64 : 52);		/* e_phoff */
	image_word(im, shoff);
	image_put(im, 0, 4);
	image_put(im, im->is_64 ? 64 : 52, 2);
	image_put(im, im->is_64 ? 56 : 32, 2);
	image_put(im, 2, 2);				/* e_phnum */
	image_put(im, im->is_64 ? 64 : 40, 2);
	image_put(im, 4, 2);				/* e_shnum */
	image_put(im, 0, 2);
}

/* The build id is the eight bytes "build-id". */
static inline void image_build(struct image *im, bool is_64, bool big, uint16_t machine,
			       const struct image_symbol *symbols, size_t nr)
{
	static const struct image_symbol none = { .value = -(uint64_t)(IMAGE_VADDR + IMAGE_TEXT) };
	size_t i, note, strings = 1, at;

	memset(im, 0, sizeof(*im));
	im->is_64 = is_64;
	im->big = big;
	im->machine = machine;
	image_ehdr(im, 0);
	note = im->is_64 ? 64 + 2 * 56 : 52 + 2 * 32;
	image_phdr(im, PT_LOAD, PF_R | PF_X, 0, IMAGE_TEXT + IMAGE_TEXT_SIZE, 4096);
	image_phdr(im, PT_NOTE, PF_R, note, 24, 4);
	image_put(im, 4, 4);
	image_put(im, 8, 4);
	image_put(im, NT_GNU_BUILD_ID, 4);
	memcpy(im->bytes + im->size, "GNU\0build-id", 12);

	im->size = im->symtab = IMAGE_TEXT + IMAGE_TEXT_SIZE;
	image_sym(im, 0, &none);
	for (i = 0; i < nr; i++) {
		image_sym(im, strings, &symbols[i]);
		strings += strlen(symbols[i].name) + 1;
	}
	im->strtab = im->size;
	at = im->size + 1;
	for (i = 0; i < nr; i++) {
		memcpy(im->bytes + at, symbols[i].name, strlen(symbols[i].name) + 1);
		at += strlen(symbols[i].name) + 1;
	}
	im->shdrs = (at + 7) & ~(size_t)7;
	image_ehdr(im, im->shdrs);
	im->size = im->shdrs;
	image_shdr(im, SHT_NULL, 0, 0, 0, 0, 0, 0);
	image_shdr(im, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, IMAGE_VADDR + IMAGE_TEXT,
		   IMAGE_TEXT, IMAGE_TEXT_SIZE, 0, 0);
	image_shdr(im, SHT_SYMTAB, 0, 0, im->symtab, im->strtab - im->symtab, 3,
		   im->is_64 ? 24 : 16);
	image_shdr(im, SHT_STRTAB, 0, 0, im->strtab, strings, 0, 0);
}

#endif
