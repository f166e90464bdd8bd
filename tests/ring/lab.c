// SPDX-License-Identifier: GPL-2.0
/*
 * The bench keeps its own books of what was reserved and completed, by watching
 * `reserved` from outside: at the first point behind the compare-and-exchange it has
 * moved, and nobody but the running producer can have moved it, because whoever
 * interrupted it has been booked already. That gives every record its number in
 * the order of reservation, which is the order in which the reader must get them.
 */
#include "lab.h"

#define GUARD_BYTE 0xa5
#define RECORD_TYPE 0x100	/* no type of the protocol: the ring looks at PAD only */

static struct rp_lab_record *record(struct rp_lab *lab, __u32 id)
{
	return &lab->records[id % RP_LAB_RECORDS];
}

/* Each word of a record tells whose and which it is. */
static __u32 pattern(__u32 id, __u32 word)
{
	return (id + 1) * 2654435761u ^ word * 40503u;
}

static __u32 published(const struct rp_lab *lab)
{
	return lab->scribbled ? lab->ring.published : RP_RING_READ(lab->control->head);
}

static void rp_lab_open(struct rp_lab *lab, __u32 size, __u32 watermark, __u32 start)
{
	unsigned char *memory = lab->memory;
	void *harness = lab->harness;
	__u32 random = lab->random;

	RP_LAB_PAUSE();
	RP_LAB_UNPOISON(memory, RP_LAB_MEMORY);
	memset(lab, 0, __builtin_offsetof(struct rp_lab, records));
	memset(&lab->next_id, 0, sizeof(*lab) - __builtin_offsetof(struct rp_lab, next_id));
	lab->memory = memory;
	lab->harness = harness;
	lab->random = random;
	lab->control = (struct rp_ring_control *)(memory + RP_LAB_GUARD);
	lab->data = (unsigned char *)(lab->control + 1) + RP_LAB_GUARD;
	memset(memory, GUARD_BYTE, lab->data + size + RP_LAB_GUARD - memory);
	memset(lab->control, 0, sizeof(*lab->control));
	rp_ring_init(&lab->ring, lab->control, lab->data, size, watermark, 5);
	lab->ring.reserved = lab->ring.published = lab->ring.woken = start;
	lab->ring.settled = start;
	lab->control->head = lab->control->tail = start;
	rp_reader_init(&lab->reader, lab->control, lab->data, size);
	lab->known = lab->last_head = lab->woken_head = lab->in_the_way = start;
	lab->consume_at = ~0u;
	RP_LAB_POISON(memory, RP_LAB_GUARD);
	RP_LAB_POISON(lab->control + 1, RP_LAB_GUARD);
	RP_LAB_POISON(lab->data + size, RP_LAB_GUARD);
}

static void check_guard(struct rp_lab *lab, const unsigned char *guard)
{
	/* Its first byte is right, and each is like the one before. */
	CHECK_EQ(lab, guard[0], GUARD_BYTE);
	CHECK_EQ(lab, memcmp(guard, guard + 1, RP_LAB_GUARD - 1), 0);
}

static void check_guards(struct rp_lab *lab)
{
	unsigned char *second = (unsigned char *)(lab->control + 1);
	unsigned char *third = lab->data + lab->ring.size;

	RP_LAB_UNPOISON(lab->memory, RP_LAB_MEMORY);
	check_guard(lab, lab->memory);
	check_guard(lab, second);
	check_guard(lab, third);
	RP_LAB_POISON(lab->memory, RP_LAB_GUARD);
	RP_LAB_POISON(second, RP_LAB_GUARD);
	RP_LAB_POISON(third, RP_LAB_GUARD);
}

/* What must be true whenever anybody looks. */
static void check_always(struct rp_lab *lab)
{
	__u32 head = published(lab), reserved = RP_RING_READ(lab->ring.reserved);
	const struct rp_lab_producer *producer;
	unsigned int level;

	CHECK(lab, (__s32)(head - lab->last_head) >= 0);
	CHECK(lab, (__s32)(reserved - head) >= 0);
	lab->bytes += head - lab->last_head;
	lab->last_head = head;
	for (level = 1; level <= lab->level; level++) {
		producer = &lab->producers[level];
		if (producer->placed && !record(lab, producer->id)->complete)
			CHECK(lab, (__s32)(record(lab, producer->id)->start - head) >= 0);
	}
	if (!lab->hostile)
		CHECK(lab, reserved - lab->control->tail <= lab->ring.size);
}

static __u32 pad_at(const struct rp_lab *lab, __u32 start, __u32 len)
{
	__u32 left = lab->ring.size - start % lab->ring.size;

	return left < len ? left : 0;
}

/* Nothing is unpublished but the last record, if its producer wanted to leave it open. */
static void check_open(struct rp_lab *lab, __u32 head)
{
	const struct rp_lab_record *last = record(lab, lab->next_id - 1);

	if (head == lab->ring.reserved)
		return;
	CHECK(lab, last->open);
	CHECK(lab, last->complete);
	CHECK_EQ(lab, lab->ring.reserved - head, last->len);
}

/* What must be true when nobody is producing. */
static void check_idle(struct rp_lab *lab)
{
	__u32 head = published(lab);

	check_always(lab);
	CHECK_EQ(lab, lab->ring.nest, 0);
	check_open(lab, head);
	CHECK_EQ(lab, lab->known, lab->ring.reserved);
	CHECK(lab, head - lab->woken_head < lab->ring.watermark);
	/* The reader was told of all that stood in a failed reservation's way. */
	CHECK(lab, (__s32)(lab->woken_head - lab->in_the_way) >= 0);
	/* Nor is the reader woken up more often than it asked for. */
	CHECK(lab, lab->wakes <= (lab->bytes + lab->spared) / lab->ring.watermark +
				 lab->refused);
}

/* Has the running producer reserved meanwhile? Then book its record. */
static void place(struct rp_lab *lab, struct rp_lab_producer *me)
{
	__u32 reserved = RP_RING_READ(lab->ring.reserved);

	if (reserved == lab->known)
		return;
	CHECK(lab, !me->placed);
	CHECK_EQ(lab, reserved - lab->known, pad_at(lab, lab->known, me->len) + me->len);
	me->placed = 1;
	me->id = lab->next_id++;
	*record(lab, me->id) = (struct rp_lab_record){
		.start = lab->known, .len = me->len };
	lab->known = reserved;
}

static void rp_lab_point(struct rp_ring *ring)
{
	struct rp_lab *lab = (struct rp_lab *)
		((char *)ring - __builtin_offsetof(struct rp_lab, ring));
	struct rp_lab_producer *me = &lab->producers[lab->level];
	unsigned int point = me->points++;

	place(lab, me);
	check_always(lab);
	if (lab->interrupt)
		lab->interrupt(lab, point);
}

/* Writes a record as slowly as can be: there are points between its parts. */
static void fill(struct rp_lab *lab, struct rp_rec *rec, __u32 id, __u32 len)
{
	__u32 *words = (__u32 *)(rec + 1), count = (len - sizeof(*rec)) / 4, i;

	rp_lab_point(&lab->ring);
	rec->size = len;
	rp_lab_point(&lab->ring);
	rec->type = RECORD_TYPE + id % 0x1000;
	rec->reserved = 0;
	for (i = 0; i < count; i++) {
		if (i == count / 2)
			rp_lab_point(&lab->ring);
		words[i] = pattern(id, i);
	}
	rp_lab_point(&lab->ring);
}

/* The producer that runs leaves the ring, its record open or not. */
static int leave(struct rp_lab *lab, const void *rec, struct rp_lab_record *record)
{
	record->open = !!(lab->opens & 1u << lab->level);
	if (record->open)
		return rp_ring_leave_open(&lab->ring, rec, record->len);
	return rp_ring_leave(&lab->ring);
}

static void woken(struct rp_lab *lab, int wake)
{
	CHECK(lab, wake == 0 || wake == 1);
	if (!wake)
		return;
	lab->wakes++;
	lab->woken_head = published(lab);
}

/* Inside. True: a record like the open one was merged into that. */
static int merge(struct rp_lab *lab, int *ret_wake)
{
	struct rp_rec *open = rp_ring_open_record(&lab->ring);
	struct rp_lab_record *it = record(lab, lab->next_id - 1);

	rp_lab_point(&lab->ring);
	if (!open || !(lab->merges & 1u << lab->level))
		return 0;
	/* Nobody publishes it meanwhile. */
	CHECK(lab, it->complete);
	CHECK_EQ(lab, open->size, it->len);
	it->merges++;
	rp_lab_point(&lab->ring);
	open->reserved++;
	rp_lab_point(&lab->ring);
	rp_ring_spare(&lab->ring, open->size);
	lab->spared += open->size;
	lab->merged++;
	*ret_wake = leave(lab, open, it);
	return 1;
}

static int rp_lab_produce(struct rp_lab *lab, __u32 len)
{
	struct rp_lab_producer *me = &lab->producers[++lab->level];
	__u32 entry = lab->ring.reserved;
	unsigned char *at = NULL;
	int wake = -1, merged;

	CHECK(lab, lab->level <= RP_LAB_LEVELS);
	*me = (struct rp_lab_producer){ .len = len };
	rp_ring_enter(&lab->ring);
	merged = merge(lab, &wake);
	if (!merged)
		at = rp_ring_take(&lab->ring, len, &wake);
	if (at) {
		const struct rp_lab_record *mine = record(lab, me->id);

		CHECK(lab, me->placed);
		CHECK_EQ(lab, at - lab->data, (mine->start +
			 pad_at(lab, mine->start, len)) % lab->ring.size);
		CHECK(lab, (at - lab->data) % 8 == 0);
		CHECK(lab, at - lab->data + len <= lab->ring.size);
		CHECK_EQ(lab, wake, -1);
		fill(lab, (struct rp_rec *)at, me->id, len);
		record(lab, me->id)->complete = 1;
		wake = leave(lab, at, record(lab, me->id));
	} else if (!merged) {
		CHECK(lab, !me->placed);
		lab->refused++;
		if ((__s32)(entry - lab->in_the_way) > 0)
			lab->in_the_way = entry;
	}
	woken(lab, wake);
	if (me->points > lab->seen[lab->level])
		lab->seen[lab->level] = me->points;
	if (--lab->level == 0)
		check_idle(lab);
	return merged || at;
}

/* Takes the next record out of the books and compares. */
static void check_record(struct rp_lab *lab, const struct rp_rec *rec)
{
	__u32 id = lab->read_id++, at, i;
	const struct rp_lab_record *want = record(lab, id);
	const __u32 *words = (const __u32 *)(rec + 1);

	CHECK(lab, (__s32)(lab->next_id - id) > 0);
	CHECK(lab, want->complete);
	CHECK_EQ(lab, rec->size, want->len);
	CHECK_EQ(lab, rec->type, RECORD_TYPE + id % 0x1000);
	CHECK_EQ(lab, rec->reserved, want->merges);
	at = (want->start + pad_at(lab, want->start, want->len)) % lab->ring.size;
	CHECK_EQ(lab, (const unsigned char *)rec - lab->data, at);
	for (i = 0; i < (want->len - sizeof(*rec)) / 4; i++)
		CHECK_EQ(lab, words[i], pattern(id, i));
}

static unsigned int rp_lab_consume(struct rp_lab *lab, enum rp_lab_consume how)
{
	const struct rp_rec *rec;
	unsigned int count = 0;

	if (how == RP_LAB_READ_ALL || how == RP_LAB_FETCH)
		rp_reader_fetch(&lab->reader);
	if (how == RP_LAB_READ_ALL || how == RP_LAB_READ_ONE) {
		while ((rec = rp_reader_next(&lab->reader))) {
			check_record(lab, rec);
			count++;
			if (how == RP_LAB_READ_ONE)
				break;
		}
	}
	if (how == RP_LAB_READ_ALL || how == RP_LAB_RELEASE)
		rp_reader_release(&lab->reader);
	CHECK_EQ(lab, lab->reader.broken, 0);
	return count;
}

static void rp_lab_settle(struct rp_lab *lab)
{
	CHECK_EQ(lab, lab->level, 0);
	check_idle(lab);
	lab->level = 1;
	lab->producers[1] = (struct rp_lab_producer){ 0 };
	woken(lab, rp_ring_close(&lab->ring));
	lab->level = 0;
	CHECK_EQ(lab, published(lab), lab->ring.reserved);
	check_idle(lab);
	rp_lab_consume(lab, RP_LAB_READ_ALL);
	CHECK_EQ(lab, lab->read_id, lab->next_id);
	CHECK_EQ(lab, lab->control->head, lab->ring.reserved);
	CHECK_EQ(lab, lab->control->tail, lab->ring.reserved);
	check_guards(lab);
}

static void rp_lab_recover(struct rp_lab *lab)
{
	CHECK_EQ(lab, lab->level, 0);
	check_guards(lab);
	lab->control->head = lab->ring.published;
	lab->control->tail = lab->ring.published;
	rp_reader_init(&lab->reader, lab->control, lab->data, lab->ring.size);
	lab->read_id = lab->next_id;
	lab->interrupt = NULL;
	lab->hostile = lab->scribbled = 0;
}

static void rp_lab_planned(struct rp_lab *lab, unsigned int point)
{
	unsigned int level = lab->level;

	if (lab->points++ == lab->consume_at)
		rp_lab_consume(lab, lab->consume_how);
	if (level < RP_LAB_LEVELS && point < 64 && lab->inject[level] >> point & 1)
		rp_lab_produce(lab, lab->len[level + 1]);
}

static __u32 rp_lab_random(struct rp_lab *lab)
{
	__u32 x = lab->random ? lab->random : 0x9e3779b9u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	lab->random = x;
	return x;
}
