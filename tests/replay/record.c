// SPDX-License-Identifier: GPL-2.0
/*
 * A thread is stopped by ptrace wherever it happens to be; its whole process stands still
 * meanwhile, because all its threads are stopped, one after the other, and only then looked
 * at. Of writable memory those pieces are taken that a stack may be in: what lies above a
 * stack pointer, and mappings that are small.
 */
#include "recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64
#define SMALL (512u << 10)	/* mappings up to this size are taken whole */
#define STACK (512u << 10)	/* of larger ones this much above a stack pointer */
#define BELOW 256		/* and the red zone, and a frame being left */

struct stopped {
	pid_t tid;
	struct user_regs_struct regs;
};

static void nap(unsigned int us)
{
	const struct timespec t = { .tv_nsec = us * 1000l };

	nanosleep(&t, NULL);
}

static void to_dwarf(const struct user_regs_struct *r, uint64_t *to)
{
	const uint64_t registers[RP_RECORDED_REGISTERS] = {
		r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi, r->rbp, r->rsp, r->r8,
		r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, r->rip,
	};

	memcpy(to, registers, sizeof(registers));
}

/* All threads of the process; returns how many. One that ends meanwhile is left out. */
static unsigned int stop_all(pid_t pid, struct stopped *threads)
{
	unsigned int nr = 0;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && nr < THREADS_MAX) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || ptrace(PTRACE_SEIZE, tid, 0, 0))
			continue;
		if (ptrace(PTRACE_INTERRUPT, tid, 0, 0) ||
		    waitpid(tid, NULL, __WALL) != tid ||
		    ptrace(PTRACE_GETREGS, tid, 0, &threads[nr].regs)) {
			ptrace(PTRACE_DETACH, tid, 0, 0);
			continue;
		}
		threads[nr++].tid = tid;
	}
	if (dir)
		closedir(dir);
	return nr;
}

static bool take_piece(struct rp_moment *m, int mem, uint64_t start, uint64_t end)
{
	struct rp_recorded_piece *p = &m->pieces[m->nr_pieces];
	ssize_t n;

	if (m->nr_pieces == RP_PIECES_MAX || start >= end)
		return false;
	p->start = start;
	p->bytes = malloc(end - start);
	n = p->bytes ? pread(mem, p->bytes, end - start, (off_t)start) : -1;
	if (n <= 0) {
		free(p->bytes);
		return false;
	}
	p->size = (uint64_t)n;
	m->nr_pieces++;
	return true;
}

static void take_writable(struct rp_moment *m, int mem, uint64_t start, uint64_t end,
			  const struct stopped *threads, unsigned int nr)
{
	uint64_t sp;
	unsigned int i;

	if (end - start <= SMALL) {
		take_piece(m, mem, start, end);
		return;
	}
	for (i = 0; i < nr; i++) {
		sp = threads[i].regs.rsp - BELOW;
		if (sp >= start && sp < end)
			take_piece(m, mem, sp & ~7ull,
				   end - sp > STACK ? sp + STACK : end);
	}
}

static void take_memory(struct rp_moment *m, pid_t pid, const struct stopped *threads,
			unsigned int nr)
{
	char path[64], line[4400];
	unsigned long long start, end, offset;
	char access[5], name[512];
	FILE *maps;
	int mem, n;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	while (mem >= 0 && maps && fgets(line, sizeof(line), maps)) {
		*name = '\0';
		n = sscanf(line, "%llx-%llx %4s %llx %*s %*s %511[^\n]", &start, &end, access,
			   &offset, name);
		if (n < 4)
			continue;
		if (access[1] == 'w')
			take_writable(m, mem, start, end, threads, nr);
		if (access[2] == 'x' && (*name == '/' || !strcmp(name, "[vdso]")) &&
		    m->nr_maps < RP_MAPPINGS_MAX) {
			struct rp_recorded_map *map = &m->maps[m->nr_maps++];

			*map = (struct rp_recorded_map){ start, end, offset, "" };
			strcpy(map->path, name);
			/* It is no file: what unwinders read of it is recorded, too. */
			if (*name != '/')
				take_piece(m, mem, start, end);
		}
	}
	if (maps)
		fclose(maps);
	if (mem >= 0)
		close(mem);
}

/* One moment for each thread that is in user code of its own. */
static int take(FILE *f, pid_t pid, unsigned int *taken)
{
	struct stopped threads[THREADS_MAX];
	static struct rp_moment m;
	unsigned int nr = stop_all(pid, threads), i;
	bool fine = true;

	m = (struct rp_moment){ .magic = RP_MOMENT_MAGIC };
	take_memory(&m, pid, threads, nr);
	for (i = 0; i < nr && fine; i++) {
		to_dwarf(&threads[i].regs, m.registers);
		fine = rp_moment_write(f, &m);
		(*taken)++;
	}
	rp_moment_free(&m);
	for (i = 0; i < nr; i++)
		ptrace(PTRACE_DETACH, threads[i].tid, 0, 0);
	return fine ? 0 : 1;
}

int rp_record_moments(FILE *f, unsigned int nr, char **command)
{
	unsigned int taken = 0, seed = 1;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execvp(command[0], command);
		_exit(127);
	}
	nap(200000);		/* its start is over, mostly */
	while (!status && taken < nr && !waitpid(pid, NULL, WNOHANG)) {
		status = take(f, pid, &taken);
		nap(500 + (unsigned int)rand_r(&seed) % 5000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (taken < nr && !status) {
		fprintf(stderr, "replay: %s ended after %u of %u moments\n", command[0], taken,
			nr);
		status = 1;
	}
	return status;
}
