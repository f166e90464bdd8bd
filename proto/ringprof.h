/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ringprof.h - the border between ringprof.ko and user space: device, ring,
 * records, generic netlink. This header is the protocol's manual.
 *
 * Rules
 *	Fixed-width types, natural alignment, no packing, host byte order; the
 *	layout is the same for 32-bit and 64-bit readers. Sizes are asserted on
 *	both sides (RP_ASSERT_ABI below).
 *	RP_ABI_MAJOR changes when an old reader would misread; RP_ABI_MINOR when
 *	something was added. A reader skips record types and netlink attributes
 *	that it does not know.
 *	Times are CLOCK_MONOTONIC nanoseconds. PIDs are those of the initial PID
 *	namespace.
 *
 * The session
 *	open("/dev/ringprof") makes a session (CAP_SYS_ADMIN). RP_IOC_SETUP gives
 *	it its rings. Generic netlink configures, starts and stops it, by the id
 *	that RP_IOC_SETUP returned. When the last descriptor of that open file is
 *	closed (a killed owner included), the session ends: its timers, its rings
 *	and everything that it pinned are gone when close returns. (A mapping of a
 *	ring holds the file like a descriptor. When its process has just been
 *	sampled, the worker that describes address spaces may hold all mappings of
 *	it for a fraction of a second more.)
 *
 * The rings
 *	One per CPU. For CPU c, mmap at offset (c << RP_MMAP_SHIFT):
 *	  + 0            one page, struct rp_ring_control, PROT_READ|PROT_WRITE;
 *	                 the reader writes `tail` and nothing else
 *	  + page size    data_size bytes of records, PROT_READ only
 *	ENXIO: that CPU has no ring (it was never online in this session). A CPU
 *	that comes online later gets one; RP_IOC_QUERY's ring_generation then
 *	changes.
 *
 *	head and tail count bytes, modulo 2^32; data_size is a power of two, and
 *	position p lies at data[p & (data_size - 1)]. Records are 8-byte aligned
 *	and never wrap: what is left at the end of the data is an RP_REC_PAD.
 *	Reader: load head (acquire), read the records in [tail, head), store tail
 *	(release). See ring_produce.h for the barriers.
 *
 *	poll() reports POLLIN once `watermark` bytes have come into any ring since
 *	the last wake-up (or at once for what RP_SETUP_WAKE_* names), and when a
 *	record found no room in a ring that has something new to read.
 *
 *	Order: records of one ring are in the order of their commit. There is no
 *	order between rings: the SPACE that names a SAMPLE may come later, and in
 *	another ring. Match them by address space and map_gen.
 */
#ifndef RINGPROF_H
#define RINGPROF_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include "counters.h"
#include "tick.h"

#define RP_ABI_MAJOR 1
#define RP_ABI_MINOR 7

#define RP_DEVICE_NAME "ringprof"
#define RP_DEVICE_PATH "/dev/ringprof"

/* ---- device ------------------------------------------------------------- */

#define RP_MMAP_SHIFT 28
#define RP_RING_BYTES_MIN (1u << 14)	/* and not below a page */
#define RP_RING_BYTES_MAX (1u << 26)
#define RP_RING_BYTES_DEFAULT (1u << 19)

/* Wake poll() at once for every SPACE record, not only at the watermark. */
#define RP_SETUP_WAKE_SPACE (1u << 0)
/* Hold the program's file of each SPACE that lists mappings, for RP_IOC_FILE. Since 1.4. */
#define RP_SETUP_HOLD_FILES (1u << 1)
#define RP_SETUP_FLAGS_ALL (RP_SETUP_WAKE_SPACE | RP_SETUP_HOLD_FILES)

/*
 * RP_IOC_SETUP, once a session. EINVAL: unknown flag, size not a power of two
 * or outside of the limits, watermark beyond the ring. EBUSY: already set up, or
 * rings of another size are left from a call that ran out of memory (ENOMEM).
 */
struct rp_setup {
	__u32 ring_bytes;	/* in: data bytes of each ring; 0: the default */
	__u32 watermark;	/* in: bytes; 0: half the ring */
	__u32 flags;		/* in: RP_SETUP_* */
	__u32 session;		/* out: session id for netlink, never 0 */
	__u32 nr_cpus;		/* out: CPU numbers are below this */
	__u32 page_size;	/* out: offset of a ring's data */
	__u16 abi_major, abi_minor;	/* out */
	__u32 reserved;		/* in: 0 */
};

struct rp_query {
	__u32 ring_generation;	/* out: changes when a CPU got its ring */
	__u32 limit_generation;	/* out: changes when TABLE_LIMIT does; 0 before ABI 1.3 */
};

/*
 * A file whose code is mapped, as a SPACE record names it: by its build id if that is in
 * the record, else by its inode. What a kind does not need is 0.
 */
enum rp_file_kind {
	RP_FILE_BUILD_ID = 1,	/* build_id, build_id_len: 1 .. RP_BUILD_ID_MAX */
	RP_FILE_INODE,		/* dev_major, dev_minor, inode */
	RP_FILE_VDSO,		/* the kernel's own, of 64-bit programs; offset 0 is its
				 * first byte
				 */
};

struct rp_file_id {
	__u32 kind;		/* enum rp_file_kind */
	__u32 dev_major, dev_minor;
	__u32 build_id_len;
	__u64 inode;
	__u8 build_id[24];
};

/*
 * RP_IOC_TABLE, after RP_IOC_SETUP: gives the session the unwind table (unwind.h) of a
 * file, in place of the one that it may have. From then on the user stacks of whoever has
 * mapped the file are walked by it, and by frame pointers where there is none or it has
 * no rule. A table that is not needed for long may go to make room for another: ask
 * with size 0. EVICTED counts those, so an owner need only ask when it has changed. Another
 * TABLE_LIMIT, which anybody may set who may change sessions, evicts tables or makes room
 * for such as did not fit: limit_generation (RP_IOC_QUERY) tells.
 *
 * EINVAL: no such kind of file, not a table, of another machine, or not of that size.
 * ENOENT: size 0, and it is not there. ENOSPC: it does not fit, even alone (TABLE_LIMIT,
 * or the module's parameter table_bytes and what other sessions have of it). EBUSY: no
 * RP_IOC_SETUP yet. EFAULT, ENOMEM. EOPNOTSUPP: no tables on this machine
 * (RP_CAP_USER_STACK_TABLES).
 */
struct rp_table_load {
	struct rp_file_id file;	/* in */
	__u64 table;		/* in: its address in the caller's memory */
	__u64 size;		/* in: bytes; 0: is it there? */
	__u64 evicted;		/* out, also with ENOENT: of this session, so far */
	__u64 reserved;		/* in: 0 */
};

#define RP_IOC_SETUP _IOWR('R', 0xe0, struct rp_setup)
#define RP_IOC_QUERY _IOR('R', 0xe1, struct rp_query)
#define RP_IOC_TABLE _IOWR('R', 0xe2, struct rp_table_load)
/*
 * The argument is the map_gen of a SPACE; returns a descriptor of the program's file, open
 * for reading, once: the very file that is or was run, though the process may have ended
 * and the file been deleted. It has no position of one's own: use pread(). It is held for a
 * second at most, the last 64 of a session. ENOENT: it is not. EMFILE. Since 1.4.
 */
#define RP_IOC_FILE _IO('R', 0xe3)
/*
 * RP_IOC_FLUSH: a SAMPLE to which further ticks may be added stays out of the reader's sight
 * until something else is written in its ring. This shows it, in all rings: for the end of a
 * window. It does not wake the reader up. Returns 0. Since 1.7.
 */
#define RP_IOC_FLUSH _IO('R', 0xe4)

#define RP_TABLE_LIMIT_DEFAULT (64ull << 20)
#define RP_TABLE_LIMIT_MAX (4ull << 30)

/* ---- ring --------------------------------------------------------------- */

#define RP_RING_MAGIC 0x52505247u	/* "GRPR" in memory on little endian */

struct rp_ring_control {
	__u32 magic;		/* RP_RING_MAGIC */
	__u32 cpu;
	__u32 data_size;
	__u32 head;		/* written by the kernel */
	__u32 reserved[28];
	__u32 tail;		/* written by the reader: another cache line */
	__u32 reserved2[31];
};

/* ---- records ------------------------------------------------------------ */

enum rp_rec_type {
	RP_REC_PAD = 1,		/* skip it */
	RP_REC_SAMPLE,
	RP_REC_SPACE,
	RP_REC_EXIT,
	RP_REC_LOST,
	RP_REC_STATE,
};

struct rp_rec {
	__u32 size;		/* bytes with this header; a multiple of 8 */
	__u16 type;		/* enum rp_rec_type */
	__u16 reserved;
};

/*
 * An address space for as long as it lives: a process (start is its thread
 * group leader's start time) between two execs. Kernel threads and the idle
 * tasks (tgid 0) have one too, but no mappings: map_gen is 0 in their samples.
 */
struct rp_space_id {
	__u64 start;
	__u32 tgid;
	__u32 exec;
};

enum rp_kind { RP_KIND_CPU = 1 };

#define RP_SAMPLE_USER_MODE	(1u << 0)	/* the tick interrupted user code */
#define RP_SAMPLE_KTHREAD	(1u << 1)
#define RP_SAMPLE_IDLE_TASK	(1u << 2)	/* interrupt work on an idle CPU */
#define RP_SAMPLE_32BIT		(1u << 3)	/* user frames of a 32-bit program */
#define RP_SAMPLE_TRACE		(1u << 4)	/* struct rp_trace follows addr[] */
#define RP_SAMPLE_FP_FRAMES	(1u << 5)	/* a user frame was left by its frame pointer:
						 * there was no table, or no rule in it
						 */

/*
 * SAMPLE: addr[0 .. nr_kernel) is the kernel stack, addr[nr_kernel ..
 * nr_kernel + nr_user) the user stack, each leaf first. addr[0] of each is an
 * exact program counter, the others are return addresses.
 * kernel_stop, user_stop say why each walk ended: only RP_STOP_ROOT is whole.
 */
struct rp_sample {
	struct rp_rec rec;
	__u64 time;
	__u64 weight;		/* cpu: nanoseconds since this CPU's last tick; of those
				 * in which it was not idle, but where the CPU clock ticks
				 * and where RP_CAP_IDLE_SILENT is not there
				 */
	struct rp_space_id space;
	__u32 map_gen;		/* names the SPACE to use; 0: the latest, if any */
	__u32 tid;
	__u32 flags;		/* RP_SAMPLE_* */
	__u16 kind;		/* enum rp_kind */
	__u16 nr_kernel;
	__u16 nr_user;
	__u8 kernel_stop;	/* enum rp_stop */
	__u8 user_stop;
	__u32 count;		/* ticks that this record stands for, of which time is the
				 * first one's: they followed one another on this CPU, in
				 * the same thread and stack (RP_A_COALESCE)
				 */
	char comm[16];		/* the thread's name, NUL-terminated */
	__u64 addr[];
};

struct rp_trace {
	__u8 trace_id[16];
	__u8 span_id[8];
};

#define RP_DEPTH_MAX 127	/* frames, each of kernel and user */

/*
 * SPACE: the executable mappings of an address space when map_gen was given
 * out. Long ones come in parts: 0, 1, ..., all but the last with RP_SPACE_MORE.
 * The parts may stand in different rings, so they may be read in any order.
 * RP_SPACE_SAME: no mappings follow, they are those of the space's previous
 * map_gen. A map_gen whose SPACE never came: use the next higher one.
 */
#define RP_SPACE_MORE	(1u << 0)
#define RP_SPACE_SAME	(1u << 1)

struct rp_space {
	struct rp_rec rec;
	__u64 time;
	struct rp_space_id space;
	__u32 map_gen;
	__u16 part;
	__u16 nr_maps;		/* struct rp_map in this part */
	__u32 flags;		/* RP_SPACE_* */
	__u32 reserved;
	char comm[16];		/* of the thread that was sampled first */
};

#define RP_BUILD_ID_MAX 20
#define RP_MAP_EXE		(1u << 0)	/* the program itself */
#define RP_MAP_ANON		(1u << 1)	/* no file; path may name it: [vdso] */
#define RP_MAP_DELETED		(1u << 2)	/* the file has no name any more */
#define RP_MAP_STAT		(1u << 3)	/* struct rp_map_stat ends it. Since 1.5 */

struct rp_map {
	__u32 size;		/* bytes with path; a multiple of 8 */
	__u32 flags;		/* RP_MAP_* */
	__u64 start, end;	/* addresses: [start, end) */
	__u64 offset;		/* of start, in the file; bytes */
	__u64 inode;
	__u32 dev_major, dev_minor;
	__u16 path_len;		/* bytes, without the NUL that follows */
	__u8 build_id_len;	/* 0: not known to the kernel */
	__u8 build_id[RP_BUILD_ID_MAX];
	__u8 reserved;
	char path[];		/* NUL-terminated, padded to 8 bytes */
};

/*
 * What tells a file without a build id from another one that has its inode later: as stat()
 * says it, when the SPACE was made. ctime changes with the file's names, too, and nobody can
 * set it. It is the last of the bytes of its rp_map, behind the path.
 */
struct rp_map_stat {
	__u64 size;		/* bytes */
	__s64 mtime, ctime;	/* of contents and inode; ns since 1970 */
};

/* EXIT: the last thread of a process whose SPACE was asked for is exiting. */
struct rp_exit {
	struct rp_rec rec;
	__u64 time;
	struct rp_space_id space;
};

/* LOST: samples lost in this ring since the previous LOST. */
struct rp_lost {
	struct rp_rec rec;
	__u64 time;
	__u64 count;
	__u64 weight;		/* their weights' sum */
};

enum rp_state {
	RP_STATE_CPU_STARTED = 1,	/* value: frequency, Hz */
	RP_STATE_CPU_STOPPED,
	RP_STATE_FREQUENCY,		/* value: Hz */
	RP_STATE_LIMITED,		/* the budget holds ticks back; value: Hz that it leaves */
	RP_STATE_UNLIMITED,		/* no more; value: Hz */
};

struct rp_state_rec {
	struct rp_rec rec;
	__u64 time;
	__u32 state;		/* enum rp_state */
	__u32 cpu;
	__u64 value;
};

/* ---- generic netlink ---------------------------------------------------- */

/*
 * Family "ringprof", version 1, multicast group "events".
 *
 * cmd        who       request attributes            answer
 * INFO       anyone    -                             ABI_*, RELEASE, CAPS, FREQ_MAX ..
 * SESSIONS   anyone    - (dump)                      a message a session
 * STATS      anyone    SESSION (dump)                a message a CPU
 * SET        admin     SESSION, what is to change    ack
 * START      admin     SESSION                       ack
 * STOP       admin     SESSION                       ack
 * EVENT      -         (kernel to group "events")    EVENT, SESSION, ...
 *
 * admin: CAP_SYS_ADMIN, else EPERM. SESSION 0 or absent in SET, START, STOP and
 * STATS: the only session there is (EINVAL with a message if there are several,
 * ENOENT if there is none). SESSIONS ends with one message whose SESSION is 0:
 * the totals of the sessions that have ended since the module was loaded.
 * SET changes all of what it carries or, with an error, nothing; it may be sent
 * while sampling.
 * TICK: SET says what is wanted (auto at first; EOPNOTSUPP: a kernel without perf events
 * was asked for them). What that comes to, and why, is found out on each CPU when it
 * starts sampling: TICK_SOURCE and TICK_WHY of STATS, and of SESSIONS for all of them. A
 * change of TICK, or of the frequency of a perf event, starts the ticks anew.
 * EINVAL, ERANGE, ENOENT, EBUSY, ESRCH, EOPNOTSUPP come with a message where the kernel
 * has extended acks.
 */
#define RP_GENL_NAME "ringprof"
#define RP_GENL_VERSION 1
#define RP_GENL_GROUP "events"

enum rp_cmd_nr {
	RP_CMD_UNSPEC,
	RP_CMD_INFO,
	RP_CMD_SESSIONS,
	RP_CMD_STATS,
	RP_CMD_SET,
	RP_CMD_START,
	RP_CMD_STOP,
	RP_CMD_EVENT,
	RP_CMD_NR
};

enum rp_attr {
	RP_A_UNSPEC,
	RP_A_PAD,		/* 64-bit alignment */
	RP_A_ABI_MAJOR,		/* u32 */
	RP_A_ABI_MINOR,		/* u32 */
	RP_A_RELEASE,		/* string: the module's version */
	RP_A_CAPS,		/* u64: RP_CAP_* */
	RP_A_FREQ_MAX,		/* u32: Hz */
	RP_A_DEPTH_MAX,		/* u32: frames */
	RP_A_NR_CPUS,		/* u32: CPU numbers are below this */
	RP_A_SESSION,		/* u32: id; 0 in SESSIONS: the ended ones' totals */
	RP_A_OWNER_PID,		/* u32 */
	RP_A_OWNER_COMM,	/* string */
	RP_A_RUNNING,		/* u32: 0 or 1 */
	RP_A_TICK,		/* u32: enum rp_tick: what is wanted */
	RP_A_FREQ,		/* u32: Hz, SET: 1 .. FREQ_MAX */
	RP_A_KERNEL_DEPTH,	/* u32: frames, SET: 0 .. DEPTH_MAX, 0: no kernel stacks */
	RP_A_USER_DEPTH,	/* u32: frames, SET: 0 .. DEPTH_MAX, 0: no user stacks */
	RP_A_MODES,		/* u32: RP_MODE_*, SET: at least one */
	RP_A_FILTER_PID,	/* u32: a process in the caller's PID namespace */
	RP_A_FILTER,		/* u32: enum rp_filter */
	RP_A_RING_BYTES,	/* u32 */
	RP_A_WATERMARK,		/* u32: bytes */
	RP_A_CPU,		/* u32 */
	RP_A_ONLINE,		/* u32: 0 or 1: sampling on this CPU now */
	RP_A_COUNTERS,		/* nest: type 1 + enum rp_counter, u64 */
	RP_A_KERNEL_STOPS,	/* nest: type 1 + enum rp_stop, u64 */
	RP_A_USER_STOPS,	/* nest: type 1 + enum rp_stop, u64 */
	RP_A_RUN_NS,		/* u64: time for which sampling was on, CPUs added up */
	RP_A_SELF_NS,		/* u64: of it spent in the module's own ticks */
	RP_A_EVENT,		/* u32: enum rp_event */
	RP_A_TICK_SOURCE,	/* u32: enum rp_tick_source: what runs; INFO: for auto */
	RP_A_TICK_WHY,		/* u32: enum rp_tick_why: why that one */
	RP_A_TABLES,		/* u32: unwind tables that the session has */
	RP_A_TABLE_BYTES,	/* u64: their size */
	RP_A_TABLE_LIMIT,	/* u64: bytes, SET: 0 .. RP_TABLE_LIMIT_MAX */
	RP_A_BUDGET,		/* u32: parts per million of each CPU's time, SET: 1 .. 1000000 */
	RP_A_LIMITED,		/* u32: CPUs whose ticks that holds back now; STATS of a
				 * CPU: 1, if its are. Since 1.7
				 */
	RP_A_COALESCE,		/* u32: ms that a SAMPLE may stand for, SET: 0 (one tick) ..
				 * RP_COALESCE_MAX. Since 1.7
				 */
	RP_A_NR
};

#define RP_CAP_TICK_HRTIMER	(1ull << 0)	/* CPU sampling by hrtimer */
#define RP_CAP_KERNEL_STACK	(1ull << 1)	/* kernel stacks from registers */
#define RP_CAP_USER_STACK_FP	(1ull << 2)	/* user stacks by frame pointer */
#define RP_CAP_EXIT		(1ull << 3)	/* EXIT records */
#define RP_CAP_BUILD_ID		(1ull << 4)	/* build ids in SPACE records */
#define RP_CAP_HARD_TICK	(1ull << 5)	/* ticks in hard interrupt context */
#define RP_CAP_MESSAGES		(1ull << 8)	/* errors come with a message (extended acks) */
#define RP_CAP_NMI_CLOCK	(1ull << 9)	/* times are exact in NMIs, too */
#define RP_CAP_TICK_PERF	(1ull << 10)	/* CPU sampling by perf events */
#define RP_CAP_USER_STACK_TABLES (1ull << 11)	/* user stacks by unwind tables */
#define RP_CAP_IDLE_SILENT	(1ull << 12)	/* timers pause on idle CPUs. Since 1.7 */

#define RP_MODE_KERNEL	(1u << 0)	/* ticks in the kernel, and kernel frames */
#define RP_MODE_USER	(1u << 1)	/* ticks in user code, and user frames */
#define RP_MODE_KTHREAD	(1u << 2)	/* kernel threads */
#define RP_MODE_ALL (RP_MODE_KERNEL | RP_MODE_USER | RP_MODE_KTHREAD)

enum rp_filter {
	RP_FILTER_NONE,		/* every process; FILTER_PID is not looked at */
	RP_FILTER_TREE,		/* FILTER_PID and its descendants */
	RP_FILTER_CHILDREN,	/* the descendants of FILTER_PID without itself */
};

#define RP_FREQ_MIN 1u
#define RP_FREQ_MAX 10000u
#define RP_FREQ_DEFAULT 19u

#define RP_BUDGET_MIN 1u		/* parts per million */
#define RP_BUDGET_DEFAULT 10000u
#define RP_BUDGET_ALL 1000000u

#define RP_COALESCE_DEFAULT 1000u	/* ms */
#define RP_COALESCE_MAX 60000u

enum rp_event {
	RP_EVENT_OPENED = 1,	/* SESSION, OWNER_PID, OWNER_COMM */
	RP_EVENT_CLOSED,	/* SESSION */
	RP_EVENT_STARTED,	/* SESSION, FREQ */
	RP_EVENT_STOPPED,	/* SESSION */
	RP_EVENT_CHANGED,	/* SESSION, the configuration */
	RP_EVENT_CPU_ONLINE,	/* SESSION, CPU */
	RP_EVENT_CPU_OFFLINE,	/* SESSION, CPU */
	RP_EVENT_LIMITED,	/* SESSION, CPU: its budget holds ticks back */
	RP_EVENT_UNLIMITED,	/* SESSION, CPU */
};

/* ---- both sides check --------------------------------------------------- */

#define RP_ASSERT_ABI(ASSERT) \
	ASSERT(sizeof(struct rp_setup) == 32); \
	ASSERT(sizeof(struct rp_query) == 8); \
	ASSERT(sizeof(struct rp_file_id) == 48); \
	ASSERT(sizeof(struct rp_table_load) == 80); \
	ASSERT(sizeof(struct rp_ring_control) == 256); \
	ASSERT(__builtin_offsetof(struct rp_ring_control, tail) == 128); \
	ASSERT(sizeof(struct rp_rec) == 8); \
	ASSERT(sizeof(struct rp_space_id) == 16); \
	ASSERT(sizeof(struct rp_sample) == 80); \
	ASSERT(__builtin_offsetof(struct rp_sample, addr) == 80); \
	ASSERT(sizeof(struct rp_trace) == 24); \
	ASSERT(sizeof(struct rp_space) == 64); \
	ASSERT(sizeof(struct rp_map) == 72); \
	ASSERT(__builtin_offsetof(struct rp_map, path) == 72); \
	ASSERT(sizeof(struct rp_exit) == 32); \
	ASSERT(sizeof(struct rp_lost) == 32); \
	ASSERT(sizeof(struct rp_state_rec) == 32)

#endif
