// SPDX-License-Identifier: GPL-2.0
/*
 * libelf is used for what it is best at, the layouts of two classes in two byte orders,
 * and not for reading: it believes header fields when it allocates (a section count of
 * four thousand million in a sparse file), it maps files (SIGBUS when they shrink), and
 * it reads a file in pieces over time, between which a hostile owner may change it.
 */
#include "elf_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols.h"
#include "newfile.h"

#define HEADER_MAX sizeof(Elf64_Ehdr)

int rp_elf_file_fail(struct rp_elf_file *f, int code, const char *format, ...)
{
	va_list args;
	int n;

	if (!f->err || !f->err_size)
		return code;
	n = snprintf(f->err, f->err_size, "%s: ", f->name);
	if (n >= 0 && (size_t)n < f->err_size) {
		va_start(args, format);
		vsnprintf(f->err + n, f->err_size - n, format, args);
		va_end(args);
	}
	return code;
}

uint64_t rp_elf_file_clamp(struct rp_elf_file *f, uint64_t offset, uint64_t size, uint64_t limit)
{
	uint64_t most = offset < f->size ? f->size - offset : 0;

	if (most > limit)
		most = limit;
	if (size <= most)
		return size;
	f->partial = true;
	return most;
}

int rp_elf_file_read(struct rp_elf_file *f, void *buf, uint64_t offset, size_t size)
{
	int r;

	if (f->image) {
		memcpy(buf, f->image + offset, size);
		return 0;
	}
	r = rp_pread_all(f->fd, buf, size, offset);
	if (r == -EBADMSG)
		return rp_elf_file_fail(f, r, "became shorter while it was read");
	return r ? rp_elf_file_fail(f, r, "cannot be read: %s", strerror(-r)) : 0;
}

static int convert(struct rp_elf_file *f, void *data, size_t size, Elf_Type type)
{
	unsigned int encoding = f->ehdr.e_ident[EI_DATA];
	Elf_Data d = { .d_buf = data, .d_size = size, .d_type = type, .d_version = EV_CURRENT };
	Elf_Data *done;

	elf_version(EV_CURRENT);
	done = f->is_64 ? elf64_xlatetom(&d, &d, encoding) : elf32_xlatetom(&d, &d, encoding);
	if (!done)
		return rp_elf_file_fail(f, -EBADMSG, "cannot be converted: %s", elf_errmsg(-1));
	return 0;
}

int rp_elf_file_table(struct rp_elf_file *f, Elf_Type type, uint64_t offset, uint64_t size,
		      uint64_t limit, struct rp_elf_table *ret)
{
	size_t entry = f->is_64 ? elf64_fsize(type, 1, EV_CURRENT) :
				  elf32_fsize(type, 1, EV_CURRENT);
	void *data;
	int r;

	if (offset > f->size || size > f->size - offset)
		return rp_elf_file_fail(f, -EBADMSG,
			"is truncated: a table at offset %#llx of %#llx bytes ends behind the file",
			(unsigned long long)offset, (unsigned long long)size);
	if (size > limit)
		return rp_elf_file_fail(f, -EFBIG, "has a table of %llu bytes, the limit is %llu",
			(unsigned long long)size, (unsigned long long)limit);
	size -= size % entry;
	data = malloc(size + 1);	/* so that strings can be ended */
	if (!data)
		return rp_elf_file_fail(f, -ENOMEM, "no memory for %llu bytes of symbols",
					(unsigned long long)size);
	((char *)data)[size] = '\0';
	r = rp_elf_file_read(f, data, offset, size);
	if (!r && size && type != ELF_T_BYTE)
		r = convert(f, data, size, type);
	if (r) {
		free(data);
		return r;
	}
	ret->data = data;
	ret->size = size;
	ret->nr = size / entry;
	return 0;
}

GElf_Dyn rp_elf_file_dyn(const struct rp_elf_file *f, const struct rp_elf_table *t, size_t i)
{
	const Elf32_Dyn *d;

	if (f->is_64)
		return ((const Elf64_Dyn *)t->data)[i];
	d = (const Elf32_Dyn *)t->data + i;
	return (GElf_Dyn){ .d_tag = d->d_tag, .d_un.d_val = d->d_un.d_val };
}

static void widen_ehdr(struct rp_elf_file *f, const Elf32_Ehdr *e)
{
	memcpy(f->ehdr.e_ident, e->e_ident, EI_NIDENT);
	f->ehdr.e_type = e->e_type;
	f->ehdr.e_machine = e->e_machine;
	f->ehdr.e_phoff = e->e_phoff;
	f->ehdr.e_shoff = e->e_shoff;
	f->ehdr.e_phentsize = e->e_phentsize;
	f->ehdr.e_phnum = e->e_phnum;
	f->ehdr.e_shentsize = e->e_shentsize;
	f->ehdr.e_shnum = e->e_shnum;
	f->ehdr.e_shstrndx = e->e_shstrndx;
}

static int read_ehdr(struct rp_elf_file *f)
{
	const uint16_t one = 1;
	uint8_t raw[HEADER_MAX];
	size_t size = f->size < sizeof(raw) ? f->size : sizeof(raw);
	Elf32_Ehdr narrow;
	unsigned int data;
	int r;

	r = rp_elf_file_read(f, raw, 0, size);
	if (r)
		return r;
	if (size < EI_NIDENT || memcmp(raw, ELFMAG, SELFMAG) != 0)
		return rp_elf_file_fail(f, -ENOEXEC, "is not an ELF file");
	data = raw[EI_DATA];
	if ((raw[EI_CLASS] != ELFCLASS32 && raw[EI_CLASS] != ELFCLASS64) ||
	    (data != ELFDATA2LSB && data != ELFDATA2MSB))
		return rp_elf_file_fail(f, -ENOEXEC, "is of an unknown ELF class or byte order");
	f->is_64 = raw[EI_CLASS] == ELFCLASS64;
	f->swap = (data == ELFDATA2LSB) != (*(const uint8_t *)&one == 1);
	if (size < (f->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return rp_elf_file_fail(f, -EBADMSG, "is truncated: it ends within the ELF header");

	memset(&f->ehdr, 0, sizeof(f->ehdr));
	memcpy(f->ehdr.e_ident, raw, EI_NIDENT);
	if (f->is_64) {
		memcpy(&f->ehdr, raw, sizeof(f->ehdr));
		r = convert(f, &f->ehdr, sizeof(f->ehdr), ELF_T_EHDR);
	} else {
		memcpy(&narrow, raw, sizeof(narrow));
		r = convert(f, &narrow, sizeof(narrow), ELF_T_EHDR);
		widen_ehdr(f, &narrow);
	}
	if (r)
		return r;
	if (f->ehdr.e_type != ET_EXEC && f->ehdr.e_type != ET_DYN)
		return rp_elf_file_fail(f, -ENOEXEC,
			"is neither an executable nor a shared library (ELF type %u)",
			f->ehdr.e_type);
	return 0;
}

static int read_phdrs(struct rp_elf_file *f)
{
	size_t i, entry = f->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	struct rp_elf_table t;
	int r;

	if (!f->ehdr.e_phnum || f->ehdr.e_phentsize != entry)
		return rp_elf_file_fail(f, -EBADMSG, "has no usable program headers");
	if (f->ehdr.e_phnum == PN_XNUM)
		return rp_elf_file_fail(f, -EFBIG, "has more than 65534 program headers");
	r = rp_elf_file_table(f, ELF_T_PHDR, f->ehdr.e_phoff, f->ehdr.e_phnum * entry,
			      PN_XNUM * entry, &t);
	if (r)
		return r;
	f->nr_phdrs = t.nr;
	if (f->is_64) {
		f->phdrs = t.data;
		return 0;
	}
	f->phdrs = calloc(t.nr, sizeof(*f->phdrs));
	for (i = 0; f->phdrs && i < t.nr; i++) {
		const Elf32_Phdr *p = (const Elf32_Phdr *)t.data + i;

		f->phdrs[i] = (GElf_Phdr){ .p_type = p->p_type, .p_flags = p->p_flags,
			.p_offset = p->p_offset, .p_vaddr = p->p_vaddr, .p_paddr = p->p_paddr,
			.p_filesz = p->p_filesz, .p_memsz = p->p_memsz, .p_align = p->p_align };
	}
	free(t.data);
	return f->phdrs ? 0 : rp_elf_file_fail(f, -ENOMEM, "no memory for program headers");
}

static int read_shdr_range(struct rp_elf_file *f, uint64_t nr, GElf_Shdr **ret, size_t *ret_nr)
{
	size_t i, entry = f->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	struct rp_elf_table t;
	GElf_Shdr *shdrs;
	int r;

	if (nr > RP_ELF_SECTIONS_MAX)
		return -EFBIG;
	r = rp_elf_file_table(f, ELF_T_SHDR, f->ehdr.e_shoff, nr * entry,
			      (uint64_t)RP_ELF_SECTIONS_MAX * entry, &t);
	if (r)
		return r;
	if (f->is_64) {
		*ret = t.data;
		*ret_nr = t.nr;
		return 0;
	}
	shdrs = calloc(t.nr ? t.nr : 1, sizeof(*shdrs));
	for (i = 0; shdrs && i < t.nr; i++) {
		const Elf32_Shdr *s = (const Elf32_Shdr *)t.data + i;

		shdrs[i] = (GElf_Shdr){ .sh_name = s->sh_name, .sh_type = s->sh_type,
			.sh_flags = s->sh_flags, .sh_addr = s->sh_addr,
			.sh_offset = s->sh_offset, .sh_size = s->sh_size,
			.sh_link = s->sh_link, .sh_info = s->sh_info,
			.sh_addralign = s->sh_addralign, .sh_entsize = s->sh_entsize };
	}
	free(t.data);
	if (!shdrs)
		return -ENOMEM;
	*ret = shdrs;
	*ret_nr = t.nr;
	return 0;
}

/* A running program needs no section headers, so only a lack of memory is a failure. */
static int read_shdrs(struct rp_elf_file *f)
{
	size_t entry = f->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), one;
	uint64_t nr = f->ehdr.e_shnum;
	GElf_Shdr *first;
	int r;

	if (!f->ehdr.e_shoff)
		return 0;
	if (f->ehdr.e_shentsize != entry) {
		f->partial = true;
		return 0;
	}
	if (!nr) {		/* 65280 or more: the number is in section 0 */
		r = read_shdr_range(f, 1, &first, &one);
		if (!r) {
			nr = first->sh_size;
			free(first);
		}
	}
	r = nr ? read_shdr_range(f, nr, &f->shdrs, &f->nr_shdrs) : -EBADMSG;
	if (r == -ENOMEM)
		return rp_elf_file_fail(f, r, "no memory for section headers");
	if (r)
		f->partial = true;
	return 0;
}

int rp_elf_file_begin(struct rp_elf_file *f)
{
	int r;

	f->phdrs = NULL;
	f->shdrs = NULL;
	f->nr_phdrs = f->nr_shdrs = 0;
	f->partial = false;
	r = read_ehdr(f);
	if (!r)
		r = read_phdrs(f);
	if (!r)
		r = read_shdrs(f);
	if (r)
		rp_elf_file_end(f);
	return r;
}

void rp_elf_file_end(struct rp_elf_file *f)
{
	free(f->phdrs);
	free(f->shdrs);
	f->phdrs = NULL;
	f->shdrs = NULL;
	f->nr_phdrs = f->nr_shdrs = 0;
}
