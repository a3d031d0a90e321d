#include "cmd/bench_reference.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cursor.h"
#include "cmd/bench_table.h"
#include "source/load.h"

enum {
	BLOCK_BYTES = 256 << 10, /* as the source's own blocks: stays in the second-level cache */
	FILE_HEADER_BYTES = 24,
	RECORD_HEADER_BYTES = 16,
	ETHERNET_BYTES = 14,
	V4_BYTES = 20,
	V6_BYTES = 40,
	PORTS_BYTES = 4,
	ETHERTYPE_V4 = 0x0800,
	ETHERTYPE_V6 = 0x86dd,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
};

#define MAGIC_US          0xa1b2c3d4U
#define MAGIC_NS          0xa1b23c4dU
#define V4_MAPPED         UINT64_C(0x0000ffff00000000)
#define LINKTYPE_ETHERNET 1

struct loop {
	const struct bench_reference_options *options;
	const char *path;
	int fd;
	uint8_t *block;
	size_t filled;
	bool ended;
	struct bench_table table;
	struct bench_reference_counts counts;
};

static inline uint64_t be64_at(const uint8_t *bytes)
{
	return load_u64(bytes, true);
}

static inline uint32_t ports_at(const uint8_t *header, uint8_t protocol)
{
	bool has_ports = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
	return has_ports ? load_u32(header, true) : 0;
}

/* False for what is neither IPv4 nor IPv6. */
static inline bool take_apart(const uint8_t *frame, uint32_t bytes, struct bench_update *update)
{
	if (bytes < ETHERNET_BYTES + V4_BYTES + PORTS_BYTES)
		return false;
	unsigned type = be16(frame + 12);
	const uint8_t *ip = frame + ETHERNET_BYTES;
	if (type == ETHERTYPE_V4) {
		uint32_t header_bytes = (ip[0] & 0x0fU) * 4U;
		if (bytes < ETHERNET_BYTES + header_bytes + PORTS_BYTES)
			return false;
		update->high = 0;
		update->low = V4_MAPPED | load_u32(ip + 12, true);
		update->ports = ports_at(ip + header_bytes, ip[9]);
		return true;
	}
	if (type != ETHERTYPE_V6 || bytes < ETHERNET_BYTES + V6_BYTES + PORTS_BYTES)
		return false;
	update->high = be64_at(ip + 8);
	update->low = be64_at(ip + 16);
	update->ports = ports_at(ip + V6_BYTES, ip[6]);
	return true;
}

/*
 * The record at `at`: its length with the header, or 0 when it is not all there. Records longer
 * than the block can hold count as not there.
 */
static inline size_t take_record(
    struct loop *loop, size_t at, struct bench_update *update, bool *ret_known)
{
	size_t left = loop->filled - at;
	const uint8_t *record = loop->block + at;
	if (left < RECORD_HEADER_BYTES)
		return 0;
	uint32_t captured = load_u32(record + 8, false);
	if (captured > left - RECORD_HEADER_BYTES)
		return 0;
	update->seconds = load_u32(record, false);
	update->bytes = load_u32(record + 12, false);
	*ret_known = take_apart(record + RECORD_HEADER_BYTES, captured, update);
	loop->counts.packets++;
	loop->counts.bytes += update->bytes;
	return RECORD_HEADER_BYTES + captured;
}

/* Updates what is whole in the block, one by one. Returns how much of the block is done with. */
static int loop_plain(struct loop *loop, size_t *ret_used)
{
	size_t at = 0;
	for (;;) {
		struct bench_update update;
		bool known;
		size_t bytes = take_record(loop, at, &update, &known);
		if (bytes == 0)
			break;
		at += bytes;
		if (!known)
			continue;
		update.hash = bench_table_hash(update.high, update.low);
		if (!bench_table_update(&loop->table, &update))
			return -ENOMEM;
	}
	*ret_used = at;
	return 0;
}

static int loop_batches(struct loop *loop, size_t *ret_used)
{
	struct bench_update updates[BENCH_REFERENCE_BATCH_MAX];
	size_t at = 0;
	for (bool more = true; more;) {
		size_t count = 0;
		while (count < loop->options->batch) {
			struct bench_update *update = &updates[count];
			bool known;
			size_t bytes = take_record(loop, at, update, &known);
			more = bytes != 0;
			if (!more)
				break;
			at += bytes;
			if (!known)
				continue;
			update->hash = bench_table_hash(update->high, update->low);
			bench_table_prefetch(&loop->table, update->hash);
			count++;
		}
		for (size_t i = 0; i < count; i++)
			if (!bench_table_update(&loop->table, &updates[i]))
				return -ENOMEM;
	}
	*ret_used = at;
	return 0;
}

/* Fills the block behind what is left in it. */
static int refill(struct loop *loop, struct complaint *complaint)
{
	while (loop->filled < BLOCK_BYTES && !loop->ended) {
		ssize_t got =
		    read(loop->fd, loop->block + loop->filled, BLOCK_BYTES - loop->filled);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return complain(complaint, -errno, "%s: %s", loop->path, strerror(errno));
		loop->ended = got == 0;
		loop->filled += (size_t)got;
	}
	return 0;
}

static int check_header(struct loop *loop, struct complaint *complaint)
{
	const uint8_t *header = loop->block;
	uint32_t magic = loop->filled < FILE_HEADER_BYTES ? 0 : load_u32(header, false);
	bool is_classic = magic == MAGIC_US || magic == MAGIC_NS;
	if (!is_classic || (load_u32(header + 20, false) & 0x0fffffffU) != LINKTYPE_ETHERNET)
		return complain(complaint, -EBADMSG,
		    "%s: the benchmark reads little-endian classic pcap of Ethernet frames only",
		    loop->path);
	return 0;
}

static int read_all(struct loop *loop, struct complaint *complaint)
{
	int result = refill(loop, complaint);
	if (result == 0)
		result = check_header(loop, complaint);
	size_t used = FILE_HEADER_BYTES;
	while (result == 0) {
		loop->filled -= used;
		memmove(loop->block, loop->block + used, loop->filled);
		result = refill(loop, complaint);
		if (result != 0 || loop->filled == 0)
			break;
		result =
		    loop->options->batch == 1 ? loop_plain(loop, &used) : loop_batches(loop, &used);
		if (result != 0)
			return complain(complaint, result, "no memory for the bare loop's table");
		if (used == 0)
			return complain(complaint, -EBADMSG,
			    "%s: after %llu packets no whole packet follows", loop->path,
			    (unsigned long long)loop->counts.packets);
	}
	return result;
}

int bench_reference_read(const char *path, const struct bench_reference_options *options,
    struct bench_reference_counts *ret_counts, struct complaint *complaint)
{
	assert(options->batch >= 1 && options->batch <= BENCH_REFERENCE_BATCH_MAX);

	struct loop loop = {.options = options, .path = path, .fd = -1};
	int result = -ENOMEM;
	loop.block = malloc(BLOCK_BYTES);
	if (loop.block == NULL || !bench_table_init(&loop.table, options->sources_max)) {
		(void)complain(complaint, result, "no memory for the bare loop's table");
		goto out;
	}
	loop.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (loop.fd < 0) {
		result = complain(complaint, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	result = read_all(&loop, complaint);
	loop.counts.sources = loop.table.count;
	if (result == 0)
		*ret_counts = loop.counts;
out:
	if (loop.fd >= 0)
		(void)close(loop.fd); /* only read from */
	bench_table_release(&loop.table);
	free(loop.block);
	return result;
}
