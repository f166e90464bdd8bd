// SPDX-License-Identifier: GPL-2.0
/*
 * ring.c - Contexts: see ring.h; no locks, the algorithm is made for one CPU's nested
 * producers.
 *
 * Why vmalloc_user and remap_vmalloc_range: they are exported and unchanged on every
 * kernel since 3.10, give zeroed pages, and mapping them up front needs no fault
 * handler (whose signature kept changing).
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "ring.h"
#include "../proto/ring_consume.h"

int rp_ring_alloc(struct rp_ring *ring, unsigned int cpu, u32 size, u32 watermark)
{
	void *control = vmalloc_user(PAGE_SIZE);
	void *data = vmalloc_user(size);

	if (!control || !data) {
		vfree(control);
		vfree(data);
		return -ENOMEM;
	}
	rp_ring_init(ring, control, data, size, watermark, cpu);
	return 0;
}

void rp_ring_free(struct rp_ring *ring)
{
	vfree(ring->control);
	vfree(ring->data);
}

int rp_ring_mmap(struct rp_ring *ring, struct vm_area_struct *vma, bool data)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (size != (data ? ring->size : PAGE_SIZE))
		return -EINVAL;
	if (data) {
		if (vma->vm_flags & VM_WRITE)
			return -EPERM;
		vm_flags_clear(vma, VM_MAYWRITE);
	}
	/* A forked child must not move the tail, nor keep the session open. */
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	return remap_vmalloc_range(vma, data ? (void *)ring->data : ring->control, 0);
}

bool rp_ring_put(struct rp_ring *ring, const void *rec, u32 len, bool *ret_wake)
{
	int wake = 0;
	void *to;

	lockdep_assert_preemption_disabled();
	to = rp_ring_reserve(ring, len, &wake);
	if (to) {
		memcpy(to, rec, len);
		wake = rp_ring_leave(ring);
	}
	*ret_wake = wake;
	return to;
}

u64 rp_ring_unread(struct rp_ring *ring)
{
	struct rp_reader reader;
	const struct rp_rec *rec;
	u64 count = 0;

	rp_reader_init(&reader, ring->control, ring->data, ring->size);
	/* Not control->head: user space can write there too. */
	reader.head = ring->published;
	while ((rec = rp_reader_next(&reader)))
		if (rec->type == RP_REC_SAMPLE && rec->size >= sizeof(struct rp_sample))
			count += ((const struct rp_sample *)rec)->count;
	return reader.broken ? 0 : count;
}
