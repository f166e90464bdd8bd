// SPDX-License-Identifier: GPL-2.0
/*
 * watch.c - a session's samples as they stand in the ring, before anything is named.
 *
 *	watch SECONDS SAMPLES COMM
 *		samples at 999 Hz until it has seen SAMPLES of threads that are called
 *		COMM, or for SECONDS, and prints of these how many there are; how many
 *		have user frames; how many of them say that their program is a 32-bit one;
 *		and how many have a user frame at or above 4 GiB
 */
#include <stdlib.h>
#include <time.h>

#include "genl.h"
#include "rings.h"

static const char *comm;
static unsigned long samples, user, is_32bit, wide;

static void look_at(const struct rp_rec *rec)
{
	const struct rp_sample *s = (const void *)rec;
	bool high = false;

	if (rec->type != RP_REC_SAMPLE || strcmp(s->comm, comm))
		return;
	samples++;
	user += s->nr_user != 0;
	is_32bit += s->nr_user && s->flags & RP_SAMPLE_32BIT;
	for (int i = 0; i < s->nr_user; i++)
		high = high || s->addr[s->nr_kernel + i] >> 32;
	wide += high;
}

static int ask(int netlink, uint16_t family, uint32_t session, uint8_t cmd)
{
	char text[256];
	struct rp_message m;
	int error;

	rp_message_begin(&m, family, cmd);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	if (cmd == RP_CMD_SET)
		rp_message_put_u32(&m, RP_A_FREQ, 999);
	error = rp_genl_ask(netlink, &m, text, sizeof(text));
	if (error)
		fprintf(stderr, "watch: %s: %s\n", strerror(error), text);
	return error;
}

int main(int argc, char **argv)
{
	struct rp_rings rings = { .each = look_at };
	uint16_t family = 0;
	int netlink, error;
	time_t end;

	if (argc != 4) {
		fprintf(stderr, "usage: watch SECONDS SAMPLES COMM\n");
		return 2;
	}
	comm = argv[3];
	netlink = rp_genl_open(&family);
	if (netlink < 0) {
		fprintf(stderr, "watch: netlink: %s\n", strerror(-netlink));
		return 1;
	}
	error = rp_rings_open(&rings);
	if (error) {
		fprintf(stderr, "watch: %s: %s\n", RP_DEVICE_PATH, strerror(-error));
		return 1;
	}
	if (ask(netlink, family, rings.setup.session, RP_CMD_SET) ||
	    ask(netlink, family, rings.setup.session, RP_CMD_START))
		return 1;
	end = time(NULL) + atoi(argv[1]);
	for (; time(NULL) < end && samples < strtoul(argv[2], NULL, 0); usleep(50000))
		if (rp_rings_map(&rings) || !rp_rings_read(&rings))
			return 1;
	printf("samples %lu user %lu 32bit %lu wide %lu\n", samples, user, is_32bit, wide);
	return 0;
}
