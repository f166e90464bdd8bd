/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ELF file: headers and tables of a hostile ELF file, each read once, checked, bounded.
 *
 * Everything is read by pread into memory of our own and brought to the host's byte order
 * by libelf's converters; nothing of the file is looked at twice, so that it may change or
 * shrink meanwhile. Every read is checked against the file's size and a limit before
 * memory is asked for.
 *
 * Errors  As in elf_symbols.h; the sentence goes to err.
 */
#ifndef RP_ELF_FILE_H
#define RP_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gelf.h>

struct rp_elf_file {
	int fd;				/* or, if image is there, unused */
	const uint8_t *image;
	uint64_t size;			/* of the file or image */
	const char *name;		/* for messages */
	char *err;			/* sentence, or NULL */
	size_t err_size;

	bool is_64, swap;		/* swap: the other byte order than ours */
	GElf_Ehdr ehdr;
	GElf_Phdr *phdrs;
	GElf_Shdr *shdrs;		/* NULL, 0: no section headers, or unusable ones */
	size_t nr_phdrs, nr_shdrs;
	bool partial;			/* something was over a limit or cut off */
};

/* A table that was read: entries of the file's class, to be looked at by _sym(), _dyn(). */
struct rp_elf_table {
	void *data;			/* free() it */
	size_t size, nr;		/* bytes, entries */
};

/*
 * Fill fd or image, size, name, err, err_size; then begin reads and checks the headers.
 * A file that is executable but whose section headers cannot be read is taken without.
 */
int rp_elf_file_begin(struct rp_elf_file *f);
void rp_elf_file_end(struct rp_elf_file *f);

/*
 * Of a table of `size` bytes at an offset, how many there are and may be; if these are fewer,
 * f->partial is set.
 */
uint64_t rp_elf_file_clamp(struct rp_elf_file *f, uint64_t offset, uint64_t size,
			   uint64_t limit);
/* Bytes as they are; the caller has checked that they lie within f->size. */
int rp_elf_file_read(struct rp_elf_file *f, void *buf, uint64_t offset, size_t size);
/* Bytes [offset, offset + size) of the file, converted as entries of that type. */
int rp_elf_file_table(struct rp_elf_file *f, Elf_Type type, uint64_t offset, uint64_t size,
		      uint64_t limit, struct rp_elf_table *ret);

/*
 * The first section of that name that has bytes in the file; *ret NULL: none, or the names
 * cannot be read. 0 or -ENOMEM.
 */
int rp_elf_file_section(struct rp_elf_file *f, const char *name, const GElf_Shdr **ret);

/* Here, since there are a hundred thousand of them. */
static inline GElf_Sym rp_elf_file_sym(const struct rp_elf_file *f, const struct rp_elf_table *t,
					size_t i)
{
	const Elf32_Sym *s;

	if (f->is_64)
		return ((const Elf64_Sym *)t->data)[i];
	s = (const Elf32_Sym *)t->data + i;
	return (GElf_Sym){ .st_name = s->st_name, .st_info = s->st_info,
			   .st_other = s->st_other, .st_shndx = s->st_shndx,
			   .st_value = s->st_value, .st_size = s->st_size };
}

GElf_Dyn rp_elf_file_dyn(const struct rp_elf_file *f, const struct rp_elf_table *t, size_t i);

/* Writes "NAME: sentence" to err and returns code. */
int rp_elf_file_fail(struct rp_elf_file *f, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
