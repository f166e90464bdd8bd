/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device: a session of one's own, its rings mapped, its records handed out.
 *
 * rp_device_open() opens /dev/ringprof, sets the session up and maps every CPU's
 * ring. The session is configured, started and stopped through control.h, by
 * rp_device_session(). It ends with rp_device_close(), or with the process.
 *
 *	rp_device_open(NULL, &(struct rp_device_setup){ 0 }, &d, why, sizeof(why));
 *	... rp_control_start(c, rp_device_session(d)) ...
 *	while (poll(rp_device_fd(d)) ...)
 *		while (rp_device_drain(d, handle, arg) > 0)
 *			;
 *
 * Order   Records of one ring come in their order; between rings there is none.
 * Memory  A record is valid until the next one is taken, and during the callback only.
 * Errors  -errno, and a sentence in why (of why_size bytes) that says what to do:
 *         -ENODEV the module is not loaded, -EACCES or -EPERM no permission,
 *         -EPROTO the module speaks another major version, -ENOMEM, and others.
 * Threads One at a time.
 */
#ifndef RP_DEVICE_H
#define RP_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "ring_user.h"

#define RP_DEVICE_WHY_SIZE 256	/* enough for any sentence in why */

struct rp_device;

/* All 0: the module's defaults. */
struct rp_device_setup {
	uint32_t ring_bytes;	/* data bytes of each ring, a power of two */
	uint32_t watermark;	/* bytes */
	uint32_t flags;		/* RP_SETUP_* */
};

/*
 * A watermark at which the reader hears of samples after some four seconds of a CPU's work, or
 * of half a ring: waking it up costs as much as reading some fifty samples. It reads more often
 * while there are young processes (rp_collector_wait). ring_bytes 0: the default.
 */
uint32_t rp_device_watermark(uint32_t frequency, uint32_t ring_bytes);

/* path NULL: RP_DEVICE_PATH. */
int rp_device_open(const char *path, const struct rp_device_setup *setup,
		   struct rp_device **ret, char *why, size_t why_size);
void rp_device_close(struct rp_device *d);	/* NULL is fine */

int rp_device_fd(const struct rp_device *d);	/* for poll: POLLIN */
/*
 * A descriptor of the program's file of the SPACE with that map_gen, which is then the
 * caller's, or -errno: see RP_IOC_FILE. Takes RP_SETUP_HOLD_FILES, which a module without
 * it is not asked for. fd: rp_device_fd().
 */
int rp_device_file(int fd, uint32_t map_gen);
uint32_t rp_device_session(const struct rp_device *d);
uint32_t rp_device_nr_cpus(const struct rp_device *d);	/* CPU numbers are below */
unsigned int rp_device_nr_rings(const struct rp_device *d);
uint32_t rp_device_ring_bytes(const struct rp_device *d);

/* Those of one ring: what was in it when its turn came. */
struct rp_device_records {
	struct rp_reader *reader;
	uint32_t released;	/* room was given back up to here */
	uint64_t nr;		/* handed out */
};

/*
 * The next one that is no RP_REC_PAD, or NULL; valid until the next call. rec->size is that
 * of a record that lies wholly in the ring, all else about it is unchecked.
 */
static inline const struct rp_rec *rp_device_next(struct rp_device_records *r)
{
	const struct rp_rec *rec;

	if (r->reader->next - r->released >= r->reader->size / 4) {
		rp_reader_release(r->reader);
		r->released = r->reader->next;
	}
	rec = rp_reader_next(r->reader);
	r->nr += rec != NULL;
	return rec;
}

/*
 * Called for every ring, and takes what it wants of its records with rp_device_next(): these
 * count as read. Returns 0; anything else ends the drain, which returns it.
 */
typedef int (*rp_device_handler)(void *arg, uint32_t cpu, struct rp_device_records *records);

/*
 * Maps the rings of CPUs that came since the last call, then reads every ring once:
 * what was in it when its turn came, so that the work of a call is bounded by the
 * rings' size however fast records come. The room is given back while reading.
 * Returns how many records there were (0: all rings are empty), or -errno.
 */
int rp_device_drain(struct rp_device *d, rp_device_handler handler, void *arg);

/*
 * Has the module show the samples that it may still add to (RP_IOC_FLUSH), for the next drain:
 * so that what was sampled in a window is in that window. One that does not know of this has
 * none.
 */
void rp_device_flush(struct rp_device *d);

/* Why a CPU's ring could not be mapped (-errno), 0: all are. Tried again each time. */
int rp_device_map_error(const struct rp_device *d);

/* What has been read of the rings so far, padding included. */
uint64_t rp_device_bytes(const struct rp_device *d);

/* How often a ring held what no record can be, and was skipped to its head. */
uint64_t rp_device_broken(const struct rp_device *d);

/*
 * The same over rings in memory (made with ring_produce.h), for tests. Neither the
 * rings nor fd (-1: none) become the device's own. They must hold while it lives.
 */
struct rp_device_memory {
	struct rp_ring_control *control;
	const void *data;
};

int rp_device_open_memory(const struct rp_device_memory *rings, unsigned int nr, int fd,
			  struct rp_device **ret);

#endif
