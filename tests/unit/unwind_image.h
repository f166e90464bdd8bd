/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An ELF file with call-frame information, written byte by byte:
 *
 *	offset 0x400	UW_TEXT_SIZE bytes of code, at address 0x10000 + offset, filled with
 *			0xcc
 *	behind it	.eh_frame (or .debug_frame), entry by entry as the test adds them
 *	then		symbols, names of sections, section headers
 *
 * One executable segment holds all. Numbers in entries are small enough to be one byte.
 */
#ifndef TEST_UNWIND_IMAGE_H
#define TEST_UNWIND_IMAGE_H

#include <dwarf.h>
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define UW_VADDR	0x10000u
#define UW_TEXT		0x400u
#define UW_TEXT_SIZE	0x1000u
#define UW_FRAMES	(UW_TEXT + UW_TEXT_SIZE)
#define UW_MAX		65536u

/* What the test may choose before the first entry, and before the end. */
struct uw_image {
	uint8_t bytes[UW_MAX];
	size_t size;
	uint16_t machine;
	uint64_t entry;		/* offset of the entry point, 0: none */
	bool debug;		/* .debug_frame's format */
	bool no_sections;	/* PT_GNU_EH_FRAME instead */
	bool compressed;	/* the frames are a Chdr and a stream */
	uint8_t encoding;	/* of addresses in FDEs */
	size_t cie, frames_end;
	struct { uint64_t offset, size; } symbol;
	struct { uint64_t offset, size; } plt;	/* a section of the code; size 0: none */
};

static inline void uw_put(struct uw_image *im, uint64_t value, unsigned int width)
{
	while (width--) {
		im->bytes[im->size++] = value;
		value >>= 8;
	}
}

static inline void uw_bytes(struct uw_image *im, const void *bytes, size_t size)
{
	memcpy(im->bytes + im->size, bytes, size);
	im->size += size;
}

static inline void uw_patch(struct uw_image *im, size_t at, uint64_t value, unsigned int width)
{
	size_t size = im->size;

	im->size = at;
	uw_put(im, value, width);
	im->size = size;
}

static inline void uw_begin(struct uw_image *im, uint16_t machine)
{
	memset(im, 0, sizeof(*im));
	im->machine = machine;
	im->encoding = DW_EH_PE_pcrel | DW_EH_PE_sdata4;
	memset(im->bytes + UW_TEXT, 0xcc, UW_TEXT_SIZE);
	im->size = UW_FRAMES;
}

/* Nops up to a word, and the entry's length. */
static inline void uw_close_entry(struct uw_image *im, size_t at)
{
	while ((im->size - at) % 4)
		uw_put(im, DW_CFA_nop, 1);
	uw_patch(im, at, im->size - at - 4, 4);
}

/* Augmentation data is made for the letters R, P, L, S and B. */
static inline void uw_cie(struct uw_image *im, const char *augmentation, const void *code,
			  size_t size)
{
	size_t at = im->cie = im->size, data;
	const char *letter;

	uw_put(im, 0, 4);
	uw_put(im, im->debug ? 0xffffffff : 0, 4);
	uw_put(im, im->debug ? 4 : 1, 1);
	uw_bytes(im, augmentation, strlen(augmentation) + 1);
	if (im->debug)
		uw_put(im, 8, 2);	/* bytes of an address, of a segment */
	uw_put(im, im->machine == EM_AARCH64 ? 4 : 1, 1);
	uw_put(im, 0x78, 1);		/* -8 */
	uw_put(im, im->machine == EM_AARCH64 ? 30 : 16, 1);
	data = im->size;
	if (augmentation[0] == 'z')
		uw_put(im, 0, 1);
	for (letter = augmentation; *letter; letter++) {
		if (*letter == 'R')
			uw_put(im, im->encoding, 1);
		if (*letter == 'L')
			uw_put(im, DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);
		if (*letter == 'P') {
			uw_put(im, DW_EH_PE_indirect | DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);
			uw_put(im, 0x1234, 4);
		}
	}
	if (augmentation[0] == 'z')
		im->bytes[data] = im->size - data - 1;
	uw_bytes(im, code, size);
	uw_close_entry(im, at);
}

static inline void uw_address(struct uw_image *im, uint64_t offset, uint8_t encoding)
{
	static const unsigned int widths[8] = { 8, 0, 2, 4, 8 };
	uint64_t value = UW_VADDR + offset;

	if (encoding == DW_EH_PE_aligned)
		while (im->size % 8)
			uw_put(im, 0, 1);
	if ((encoding & 0x70) == DW_EH_PE_pcrel)
		value -= UW_VADDR + im->size;
	if ((encoding & 7) == 1)	/* LEB128 of three digits, signed or not */
		uw_put(im, (value & 0x7f) | (value << 1 & 0x7f00) | (value << 2 & 0x7f0000) |
		       0x8080, 3);
	else
		uw_put(im, value, widths[encoding & 7]);
}

/* Of code at an offset in the file, with the last CIE. */
static inline void uw_fde(struct uw_image *im, uint64_t start, uint64_t size, const void *code,
			  size_t code_size)
{
	uint8_t encoding = im->debug ? DW_EH_PE_absptr : im->encoding;
	size_t at = im->size;

	uw_put(im, 0, 4);
	uw_put(im, im->debug ? im->cie - UW_FRAMES : im->size - im->cie, 4);
	uw_address(im, start, encoding);
	uw_address(im, size - UW_VADDR, encoding & 0x0f);
	if (!im->debug)
		uw_put(im, 0, 1);	/* bytes of augmentation */
	uw_bytes(im, code, code_size);
	uw_close_entry(im, at);
}

static inline void uw_shdr(struct uw_image *im, uint32_t name, uint32_t type, uint64_t flags,
			   uint64_t offset, uint64_t size, uint32_t link, uint64_t entry)
{
	Elf64_Shdr sh = { .sh_name = name, .sh_type = type, .sh_flags = flags,
			  .sh_addr = flags & SHF_ALLOC ? UW_VADDR + offset : 0,
			  .sh_offset = offset, .sh_size = size, .sh_link = link,
			  .sh_addralign = 1, .sh_entsize = entry };

	uw_bytes(im, &sh, sizeof(sh));
}

/* Behind the last entry. Returns the section headers' offset, 0 without. */
static inline size_t uw_sections(struct uw_image *im)
{
	static const char names[] = "\0.text\0.eh_frame\0.debug_frame\0.shstrtab\0.symtab\0.plt";
	Elf64_Sym sym = { .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1 };
	size_t strings, symbols, at;

	if (im->no_sections)
		return 0;
	im->size = (im->size + 7) & ~(size_t)7;
	symbols = im->size;
	memset(im->bytes + im->size, 0, sizeof(sym));
	im->size += sizeof(sym);
	sym.st_value = im->symbol.offset ? UW_VADDR + im->symbol.offset : 0;
	sym.st_size = im->symbol.size;
	uw_bytes(im, &sym, sizeof(sym));
	strings = im->size;
	uw_bytes(im, names, sizeof(names));
	im->size = (im->size + 7) & ~(size_t)7;
	at = im->size;
	uw_shdr(im, 0, SHT_NULL, 0, 0, 0, 0, 0);
	uw_shdr(im, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, UW_TEXT, UW_TEXT_SIZE, 0, 0);
	uw_shdr(im, im->debug ? 17 : 7, SHT_PROGBITS,
		im->debug ? (im->compressed ? SHF_COMPRESSED : 0) : SHF_ALLOC,
		UW_FRAMES, im->frames_end - UW_FRAMES, 0, 0);
	uw_shdr(im, 30, SHT_STRTAB, 0, strings, sizeof(names), 0, 0);
	uw_shdr(im, 40, SHT_SYMTAB, 0, symbols, 2 * sizeof(sym), 3, sizeof(sym));
	if (im->plt.size)
		uw_shdr(im, 48, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, im->plt.offset,
			im->plt.size, 0, 0);
	return at;
}

/* The index that a running program finds .eh_frame by: its head is enough. */
static inline size_t uw_index(struct uw_image *im)
{
	size_t at = im->size;

	uw_put(im, 1, 1);
	uw_put(im, DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);
	uw_put(im, DW_EH_PE_omit, 1);
	uw_put(im, DW_EH_PE_omit, 1);
	uw_put(im, UW_FRAMES - (at + 4), 4);
	return at;
}

static inline void uw_end(struct uw_image *im)
{
	Elf64_Ehdr e = { .e_type = ET_DYN, .e_machine = im->machine, .e_version = EV_CURRENT,
			 .e_phoff = sizeof(e), .e_ehsize = sizeof(e),
			 .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
			 .e_shentsize = sizeof(Elf64_Shdr) };
	Elf64_Phdr load = { .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = UW_VADDR };
	Elf64_Phdr index = { .p_type = PT_GNU_EH_FRAME, .p_flags = PF_R, .p_filesz = 8,
			     .p_memsz = 8 };

	if (!im->frames_end)
		im->frames_end = im->size;
	if (im->no_sections) {
		uw_put(im, 0, 4);
		index.p_offset = uw_index(im);
		index.p_vaddr = UW_VADDR + index.p_offset;
		e.e_phnum = 2;
	}
	e.e_shoff = uw_sections(im);
	if (e.e_shoff) {
		e.e_shnum = im->plt.size ? 6 : 5;
		e.e_shstrndx = 3;
	}
	if (im->entry)
		e.e_entry = UW_VADDR + im->entry;
	load.p_filesz = load.p_memsz = im->size;
	memcpy(e.e_ident, ELFMAG, SELFMAG);
	e.e_ident[EI_CLASS] = ELFCLASS64;
	e.e_ident[EI_DATA] = ELFDATA2LSB;
	e.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(im->bytes, &e, sizeof(e));
	memcpy(im->bytes + sizeof(e), &load, sizeof(load));
	memcpy(im->bytes + sizeof(e) + sizeof(load), &index, sizeof(index));
}

#endif
