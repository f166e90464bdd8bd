// SPDX-License-Identifier: GPL-2.0
/*
 * What is to be read while it is there. Symbols take milliseconds and, of large files,
 * seconds; meanwhile other processes begin and end, of which only their first record says
 * that there is something to ask. So files wait until the rings are empty, and are read one
 * after the other, the rings looked at in between. They are opened at once: a program's by the
 * module, which holds it for a moment only, others while their process or their path is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "jail.h"
#include "mapped_file.h"
#include "namer_private.h"
#include "own_budget.h"

/* That wait: as many as the module holds, and as many that were found without it. */
#define OPEN_MAX_FILES 128
#define OPEN_MAX_FOUND 64

static void read_next(struct rp_namer *n)
{
	/* There may be others, elsewhere, when it has been read. */
	struct rp_namer_file f = n->files[n->next_file++];

	n->open_files -= f.fd >= 0;
	rp_namer_symbols(n, f.m, f.tgid, &f);
	if (f.root >= 0)
		close(f.root);
	if (n->next_file == n->nr_files)
		n->next_file = n->nr_files = 0;
}

static bool make_room(struct rp_namer *n)
{
	size_t room = n->room_files ? 2 * n->room_files : 64;
	struct rp_namer_file *files;

	if (n->nr_files < n->room_files)
		return true;
	files = realloc(n->files, room * sizeof(*files));
	if (!files)
		return false;
	n->files = files;
	n->room_files = room;
	return true;
}

/*
 * Of a mapping whose file the module does not hand out; -1: it is looked for later. Its inode
 * tells it where it can (on overlayfs a mapping has another's); whether it is the one is for
 * the reader to prove.
 */
static int find(const struct rp_namer *n, const struct rp_mapped *m, uint32_t tgid)
{
	int fd, found = -1;
	struct stat st;
	char why[512];

	for (unsigned int nr = 0;; nr++) {
		fd = rp_mapped_file_open(n->options.proc, tgid, m, nr, why, sizeof(why));
		if (fd == -ENODATA)
			return found;
		if (fd < 0)
			continue;
		if (!fstat(fd, &st) && st.st_ino == m->file->inode) {
			if (found >= 0)
				close(found);
			return fd;
		}
		if (found >= 0)
			close(fd);
		else
			found = fd;
	}
}

/* Where the debug file of a container's program is, once the container has ended. */
static int open_root(const struct rp_namer *n, uint32_t tgid)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%u/root", n->options.proc, tgid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/*
 * Once a file: afterwards the cache knows it, or why there is nothing to know. fd: the file
 * itself, or -1; closed sooner or later.
 */
static void want(struct rp_namer *n, const struct rp_mapped *m, uint32_t tgid, int fd)
{
	struct rp_mapped_note *note = m->file->note;

	if (note->read || m->file->flags & RP_MAP_ANON) {
		if (fd >= 0)
			close(fd);
		return;
	}
	note->read = true;
	if (fd < 0 && n->open_files < OPEN_MAX_FOUND)
		fd = find(n, m, tgid);
	while (fd >= 0 && n->open_files >= OPEN_MAX_FILES && !n->reading &&
	       !rp_own_budget_wait(n->options.budget, RP_CPU_NOW))
		read_next(n);
	if (fd >= 0 && n->open_files >= OPEN_MAX_FILES) {
		/* It cannot be read now, nor one of them: it is looked for when it is its turn. */
		close(fd);
		fd = -1;
	}
	if (!make_room(n)) {
		if (fd >= 0)
			close(fd);
		note->read = false;
		return;
	}
	n->files[n->nr_files++] = (struct rp_namer_file){
		.m = m, .tgid = tgid, .fd = fd, .root = fd >= 0 ? open_root(n, tgid) : -1,
	};
	n->open_files += fd >= 0;
}

/* The program of a space whose mappings have just come; the module lets go of it, too. */
static int program_of(struct rp_namer *n, const struct rp_aspace *as)
{
	return n->device < 0 ? -1 : rp_device_file(n->device, as->list_gen);
}

void rp_namer_note(struct rp_namer *n, const struct rp_aspace *as,
		   const struct rp_maps *maps)
{
	int fd, program = program_of(n, as);
	const struct rp_mapped *m;
	uint32_t i;

	if (!n->options.blind)
		rp_jit_names_note(n->jit, as, maps);
	for (i = 0; i < maps->nr; i++) {
		m = &maps->map[i];
		if (m->file->note->seen)
			continue;
		m->file->note->seen = true;
		if (!m->exe && as->lists == 1 && rp_mapped_file_at_path(m->file))
			continue;
		fd = m->exe ? program : -1;
		program = m->exe ? -1 : program;
		want(n, m, as->id.tgid, fd);
	}
	if (program >= 0)
		close(program);
}

bool rp_namer_sampled(struct rp_namer *n, const struct rp_aspace *as,
		      const struct rp_maps *maps, const uint64_t *addr, unsigned int nr)
{
	const struct rp_mapped *m = NULL;
	bool all = true;
	unsigned int i;
	uint64_t call;

	for (i = 0; i < nr; i++) {
		call = rp_namer_call(addr, i);
		/* Most lie where the one before does. */
		if (m && call >= m->start && call < m->end)
			continue;
		m = rp_maps_find(maps, call);
		if (m)
			want(n, m, as->id.tgid, -1);
		all &= m != NULL;
	}
	return all;
}

void rp_namer_meanwhile(struct rp_namer *n, void (*call)(void *arg), void *arg)
{
	n->meanwhile = call;
	n->meanwhile_arg = arg;
}

/* What the rings bring meanwhile comes through rp_namer_note() and its like. */
static void set_reading(struct rp_namer *n, bool reading)
{
	n->reading = reading;
	rp_jit_names_busy(n->jit, reading);
	rp_jail_meanwhile(reading ? n->meanwhile : NULL, n->meanwhile_arg);
}

/* Of two times for poll(), of which -1 is never. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int read_one(struct rp_namer *n, enum rp_cpu_need need)
{
	uint64_t wait_ns = n->nr_files ? rp_own_budget_wait(n->options.budget, need) : 0;
	int wait_ms;

	set_reading(n, true);
	wait_ms = rp_jit_names_look(n->jit, false);
	if (n->nr_files && !wait_ns)
		read_next(n);
	set_reading(n, false);
	if (!n->nr_files)
		return wait_ms;
	return wait_ns ? sooner(wait_ms, rp_own_budget_ms(wait_ns)) : 0;
}

int rp_namer_read(struct rp_namer *n)
{
	return read_one(n, RP_CPU_AHEAD);
}

int rp_namer_read_last(struct rp_namer *n)
{
	return read_one(n, RP_CPU_NOW);
}

static void let_go(const struct rp_namer_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->root >= 0)
		close(f->root);
}

/* They lie in what may go. Who is sampled in one of them wants it again. */
static void put_off_rest(struct rp_namer *n)
{
	for (; n->next_file < n->nr_files; n->next_file++) {
		n->files[n->next_file].m->file->note->read = false;
		let_go(&n->files[n->next_file]);
	}
	n->next_file = n->nr_files = n->open_files = 0;
}

void rp_namer_read_all(struct rp_namer *n)
{
	rp_jit_names_look(n->jit, true);
	while (n->nr_files && !rp_own_budget_wait(n->options.budget, RP_CPU_NOW))
		read_next(n);
	put_off_rest(n);
}

void rp_namer_forget_all(struct rp_namer *n)
{
	size_t i;

	for (i = n->next_file; i < n->nr_files; i++)
		let_go(&n->files[i]);
	free(n->files);
}
