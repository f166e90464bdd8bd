// SPDX-License-Identifier: GPL-2.0
/*
 * elfutils' unwinder, on the recorded moment: registers and memory come from it, modules are
 * reported where it says that they were mapped. It gets no files of debugging information:
 * .eh_frame is what both read.
 */
#include "replay.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)module, (void)data, (void)name, (void)base;
	(void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

static const Dwfl_Callbacks callbacks = { .find_debuginfo = no_debuginfo };

/* What is added to the file's addresses, from the segment that the mapping is of. */
static bool bias_of(int fd, const struct rp_recorded_map *map, uint64_t *ret)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	size_t nr = 0, i;
	GElf_Phdr p;
	bool found = false;

	if (elf && !elf_getphdrnum(elf, &nr))
		for (i = 0; i < nr && !found; i++) {
			found = gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD &&
				map->offset >= (p.p_offset & ~4095ull) &&
				map->offset < p.p_offset + p.p_filesz && p.p_flags & PF_X;
			if (found)
				*ret = map->start - map->offset - (p.p_vaddr - p.p_offset);
		}
	elf_end(elf);
	return found;
}

static int open_image(const struct rp_moment *m, const struct rp_recorded_map *map)
{
	FILE *f;
	uint32_t i;
	int fd;

	if (*map->path == '/')
		return open(map->path, O_RDONLY | O_CLOEXEC);
	for (i = 0; i < m->nr_pieces && m->pieces[i].start != map->start; i++)
		;
	f = i < m->nr_pieces ? tmpfile() : NULL;
	if (!f)
		return -1;
	fwrite(m->pieces[i].bytes, m->pieces[i].size, 1, f);
	fflush(f);
	fd = dup(fileno(f));
	fclose(f);
	return fd;
}

static void report(Dwfl *dwfl, const struct rp_moment *m)
{
	const struct rp_recorded_map *map;
	uint64_t bias;
	int fd;

	dwfl_report_begin(dwfl);
	for (map = m->maps; map < m->maps + m->nr_maps; map++) {
		fd = open_image(m, map);
		if (fd < 0)
			continue;
		/* It keeps the descriptor when it takes the file. */
		if (!bias_of(fd, map, &bias) ||
		    !dwfl_report_elf(dwfl, map->path, map->path, fd, bias, true))
			close(fd);
	}
	dwfl_report_end(dwfl, NULL, NULL);
}

/* ---- the process, as it was ------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = arg;
	return 1;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret, void *arg)
{
	uint64_t word;

	(void)dwfl;
	if (!rp_moment_word(arg, address, &word))
		return false;
	*ret = word;
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *arg)
{
	const struct rp_moment *m = arg;
	Dwarf_Word registers[RP_RECORDED_REGISTERS];
	unsigned int i;

	for (i = 0; i < RP_RECORDED_REGISTERS; i++)
		registers[i] = m->registers[i];
	return dwfl_thread_state_registers(thread, 0, RP_RECORDED_REGISTERS, registers);
}

static int add_frame(Dwfl_Frame *frame, void *arg)
{
	struct rp_frames *frames = arg;
	bool activation;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(frame, &pc, &activation) || frames->nr == RP_FRAMES_MAX)
		return DWARF_CB_ABORT;
	frames->pc[frames->nr++] = pc;
	return DWARF_CB_OK;
}

void rp_replay_theirs(const struct rp_moment *m, struct rp_frames *ret)
{
	static const Dwfl_Thread_Callbacks process = {
		.next_thread = next_thread, .memory_read = memory_read,
		.set_initial_registers = set_registers,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	elf_version(EV_CURRENT);
	*ret = (struct rp_frames){ 0 };
	report(dwfl, m);
	if (dwfl_attach_state(dwfl, NULL, 1, &process, (void *)(uintptr_t)m))
		dwfl_getthread_frames(dwfl, 1, add_frame, ret);
	else
		fprintf(stderr, "replay: libdw: %s\n", dwfl_errmsg(-1));
	dwfl_end(dwfl);
}
