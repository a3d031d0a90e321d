/*
 * bench_reference.h - the bare loop: the least that anything does which remembers its sources.
 *
 * Reads a classic capture by large blocks, takes Ethernet, IPv4 or IPv6 and the ports apart by
 * hand, and updates one 64-byte entry of one hash table per source address. No checks beyond the
 * capture's own lengths, no tunnels, no options, no windows, no verdicts: what the whole path is
 * measured against. The table is sized beforehand so that it is at most two thirds full, and asks
 * for transparent huge pages; its first touches are part of the time, as they are of the whole
 * path's.
 *
 * The plain form takes one packet at a time. The prefetched form decodes a batch, asks for all of
 * its entries, and then updates them.
 */
#ifndef CMD_BENCH_REFERENCE_H
#define CMD_BENCH_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

struct bench_reference_options {
	size_t batch;         /* 1: plain; at most BENCH_REFERENCE_BATCH_MAX */
	uint64_t sources_max; /* expected; with more of them the table grows on the way */
};

enum {
	BENCH_REFERENCE_BATCH = 64,
	BENCH_REFERENCE_BATCH_MAX = 64,
};

struct bench_reference_counts {
	uint64_t packets;
	uint64_t bytes;   /* on the wire */
	uint64_t sources; /* distinct */
};

/*
 * Returns 0, or a negative errno with a complaint: what reading gave, -EBADMSG for a file that is
 * no classic capture of Ethernet frames or ends inside a record, -ENOMEM.
 */
int bench_reference_read(const char *path, const struct bench_reference_options *options,
    struct bench_reference_counts *ret_counts, struct complaint *complaint);

#endif
