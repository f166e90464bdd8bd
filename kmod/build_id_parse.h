/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build_id_parse.h - the GNU build id in the first bytes of an ELF file.
 *
 * Any context. Freestanding, so that it is tested and fuzzed in user space: the bytes
 * are a stranger's. Only files of this machine's byte order are looked at. Format: the
 * ELF specification's program headers and notes (a note is name size, descriptor
 * size, type, each 32 bits, then name and descriptor, each padded to 4 bytes).
 */
#ifndef RP_KMOD_BUILD_ID_PARSE_H
#define RP_KMOD_BUILD_ID_PARSE_H

#include <linux/elf.h>
#include "../proto/ringprof.h"

#define RP_NT_GNU_BUILD_ID 3

/*
 * The file may be written to meanwhile: what was checked must be what is used, so it
 * is copied, and this keeps the compiler from reading it again.
 */
static inline void rp_copied(void)
{
	__asm__ volatile("" : : : "memory");
}

static inline unsigned int build_id_in_notes(const unsigned char *notes,
					     __u64 size, unsigned char *ret)
{
	while (size >= sizeof(Elf32_Nhdr)) {
		Elf32_Nhdr note;
		__u64 name_size, desc_size, whole;

		__builtin_memcpy(&note, notes, sizeof(note));
		rp_copied();
		name_size = ((__u64)note.n_namesz + 3) & ~3ull;
		desc_size = ((__u64)note.n_descsz + 3) & ~3ull;
		whole = sizeof(note) + name_size + desc_size;
		if (whole > size)
			return 0;
		if (note.n_type == RP_NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    !__builtin_memcmp(notes + sizeof(note), "GNU", 4) &&
		    note.n_descsz && note.n_descsz <= RP_BUILD_ID_MAX) {
			__builtin_memcpy(ret, notes + sizeof(note) + name_size,
					 note.n_descsz);
			return note.n_descsz;
		}
		notes += whole;
		size -= whole;
	}
	return 0;
}

/* One class of ELF: walks the program headers for PT_NOTE. */
#define RP_BUILD_ID_FROM_ELF(name, ehdr_type, phdr_type) \
static inline unsigned int name(const unsigned char *file, __u64 size, \
				unsigned char *ret) \
{ \
	ehdr_type ehdr; \
	phdr_type phdr; \
	unsigned int i, len; \
	__u64 at; \
\
	if (size < sizeof(ehdr)) \
		return 0; \
	__builtin_memcpy(&ehdr, file, sizeof(ehdr)); \
	rp_copied(); \
	if (ehdr.e_phentsize != sizeof(phdr) || ehdr.e_phoff > size) \
		return 0; \
	for (i = 0; i < ehdr.e_phnum; i++) { \
		at = ehdr.e_phoff + (__u64)i * sizeof(phdr); \
		if (at > size || size - at < sizeof(phdr)) \
			return 0; \
		__builtin_memcpy(&phdr, file + at, sizeof(phdr)); \
		rp_copied(); \
		if (phdr.p_type != PT_NOTE || phdr.p_offset > size || \
		    phdr.p_filesz > size - phdr.p_offset) \
			continue; \
		len = build_id_in_notes(file + phdr.p_offset, \
					     phdr.p_filesz, ret); \
		if (len) \
			return len; \
	} \
	return 0; \
}

RP_BUILD_ID_FROM_ELF(build_id_in_elf32, Elf32_Ehdr, Elf32_Phdr)
RP_BUILD_ID_FROM_ELF(build_id_in_elf64, Elf64_Ehdr, Elf64_Phdr)

/*
 * file[0 .. size) is the beginning of a file. Fills ret (RP_BUILD_ID_MAX bytes) and
 * returns the build id's length; 0: not an ELF file, or no build id in there.
 */
static inline unsigned int rp_build_id_parse(const unsigned char *file, __u64 size,
					     unsigned char *ret)
{
	const unsigned short one = 1;
	unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	if (size < EI_NIDENT || __builtin_memcmp(file, ELFMAG, SELFMAG) ||
	    file[EI_DATA] != order)
		return 0;
	if (file[EI_CLASS] == ELFCLASS64)
		return build_id_in_elf64(file, size, ret);
	if (file[EI_CLASS] == ELFCLASS32)
		return build_id_in_elf32(file, size, ret);
	return 0;
}

#endif
