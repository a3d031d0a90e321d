/*
 * relay.c - a page of counters, then the ring.
 *
 * Counters are bytes since the beginning, and go on for ever; where something lies is its counter
 * modulo the room. The writer alone moves `written`, after the record; the reader alone moves
 * `taken`. Each keeps its own copy of what it moves, since the other may write into both.
 *
 * A record is two words and its bytes, and may lie across the end of the ring:
 *
 *     8 bytes   count of the bytes
 *     8 bytes   checksum, XXH3 of the bytes; count and counter are in the seed, so that an old
 *               record is none where another is expected
 */
#include "proc/relay.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

enum {
	COUNTERS_BYTES = 4096, /* a page, so that the ring starts on one */
	LINE_BYTES = 64,
	UNIT = 8, /* every counter and length is a multiple of it */
	SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
};

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U /* Linux 6.3; Debian 12's header does not know it */
#endif

struct counters {
	alignas(LINE_BYTES) uint64_t written;
	uint64_t refused;
	alignas(LINE_BYTES) uint64_t taken;
};

struct relay {
	enum relay_side side;
	struct counters *shared;
	uint8_t *ring;
	size_t room;
	size_t record_max_bytes;
	int wake;
	uint64_t at;    /* the writer's `written`; how far the reader has read */
	uint64_t taken; /* the reader's */
	uint64_t records;
	uint64_t resets;
	uint8_t record[]; /* the reader's copy */
};

static int make_memory(size_t bytes)
{
	int fd = memfd_create("hinomi-relay", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("hinomi-relay", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* Taken now: a page that could not be had later would kill who touches it. */
	if (ftruncate(fd, (off_t)bytes) != 0 || fallocate(fd, 0, 0, (off_t)bytes) != 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) != 0) {
		int error = -errno;
		(void)close(fd); /* memory only */
		return error;
	}
	return fd;
}

static bool is_room(size_t bytes)
{
	return bytes >= RELAY_ROOM_MIN_BYTES && bytes <= RELAY_ROOM_MAX_BYTES &&
	       (bytes & (bytes - 1)) == 0;
}

int relay_make(size_t room_bytes, int ret_fds[static 2])
{
	if (!is_room(room_bytes))
		return -EINVAL;
	int memory = make_memory(COUNTERS_BYTES + room_bytes);
	if (memory < 0)
		return memory;
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake < 0) {
		int error = -errno;
		(void)close(memory); /* memory only */
		return error;
	}
	ret_fds[0] = memory;
	ret_fds[1] = wake;
	return 0;
}

static size_t padded(size_t bytes)
{
	return (bytes + UNIT - 1) / UNIT * UNIT;
}

/* The room of what relay_make made, or 0. */
static size_t room_of(int memory)
{
	struct stat status;
	int seals = fcntl(memory, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(memory, &status) != 0 ||
	    status.st_size <= COUNTERS_BYTES)
		return 0;
	size_t room = (size_t)status.st_size - COUNTERS_BYTES;
	return is_room(room) ? room : 0;
}

static uint64_t load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELEASE);
}

/* A full counter is readable too, so a failure changes nothing. */
static void wake_reader(const struct relay *relay)
{
	const uint64_t one = 1;
	ssize_t written = write(relay->wake, &one, sizeof one);
	(void)written;
}

/*
 * A new side starts where the last one stood. Where a hostile one left no sense, the reader will
 * find that out; the writer only takes care to start at a unit.
 */
static void start(struct relay *relay)
{
	if (relay->side == RELAY_READER) {
		relay->taken = load(&relay->shared->taken);
		relay->at = relay->taken;
		wake_reader(relay); /* the last reader may have been woken for what is there */
		return;
	}
	relay->at = load(&relay->shared->written);
	if (relay->at % UNIT != 0) {
		relay->at += UNIT - relay->at % UNIT;
		store(&relay->shared->written, relay->at);
	}
}

int relay_open(const int fds[static 2], enum relay_side side, size_t record_max_bytes,
    struct relay **ret_relay)
{
	size_t room = room_of(fds[0]);
	if (room == 0 || record_max_bytes > RELAY_RECORD_MAX_BYTES ||
	    padded(record_max_bytes) + RELAY_RECORD_COST > room)
		return -EINVAL;
	struct relay *relay = malloc(sizeof *relay + (side == RELAY_READER ? record_max_bytes : 0));
	if (relay == NULL)
		return -ENOMEM;
	*relay = (struct relay){
	    .side = side, .room = room, .record_max_bytes = record_max_bytes, .wake = fds[1]};
	void *memory =
	    mmap(NULL, COUNTERS_BYTES + room, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
	if (memory == MAP_FAILED) {
		int error = -errno;
		free(relay);
		return error;
	}
	(void)close(fds[0]); /* the mapping stays */
	relay->shared = memory;
	relay->ring = (uint8_t *)memory + COUNTERS_BYTES;
	start(relay);
	*ret_relay = relay;
	return 0;
}

void relay_close(struct relay *relay)
{
	if (relay == NULL)
		return;
	(void)munmap(relay->shared, COUNTERS_BYTES + relay->room); /* was mapped so */
	(void)close(relay->wake);                                  /* holds nothing */
	free(relay);
}

int relay_wake_fd(const struct relay *relay)
{
	return relay->wake;
}

static uint64_t checksum(const uint8_t *bytes, size_t count, uint64_t at)
{
	return hash_bytes(bytes, count, HASH_SEED_FIXED ^ at * 31 ^ count);
}

static uint64_t *word_at(const struct relay *relay, uint64_t at)
{
	return (uint64_t *)(void *)(relay->ring + (at & (relay->room - 1)));
}

/* How many of `count` bytes from `at` on lie before the end of the ring. */
static size_t before_end(const struct relay *relay, uint64_t at, size_t count)
{
	size_t left = relay->room - (size_t)(at & (relay->room - 1));
	return count < left ? count : left;
}

static int refuse(struct relay *relay, int error)
{
	(void)__atomic_add_fetch(&relay->shared->refused, 1, __ATOMIC_RELAXED); /* a sum */
	wake_reader(relay);
	return error;
}

int relay_write(struct relay *relay, const void *bytes, size_t count)
{
	assert(relay->side == RELAY_WRITER);
	if (count > relay->record_max_bytes)
		return refuse(relay, -EMSGSIZE);
	uint64_t used = relay->at - load(&relay->shared->taken);
	size_t needed = RELAY_RECORD_COST + padded(count);
	if (used > relay->room || needed > relay->room - used)
		return refuse(relay, -ENOSPC);

	const uint8_t *from = bytes;
	uint64_t body = relay->at + RELAY_RECORD_COST;
	size_t first = before_end(relay, body, count);
	*word_at(relay, relay->at) = count;
	*word_at(relay, relay->at + UNIT) = checksum(from, count, relay->at);
	if (count > 0) {
		memcpy(relay->ring + (body & (relay->room - 1)), from, first);
		memcpy(relay->ring, from + first, count - first);
	}
	relay->at += needed;
	store(&relay->shared->written, relay->at);
	relay->records++;
	wake_reader(relay);
	return 0;
}

/* Everything up to where the writer says it is, is lost. */
static int reset(struct relay *relay)
{
	relay->at = load(&relay->shared->written) & ~(uint64_t)(UNIT - 1);
	store(&relay->shared->taken, relay->taken);
	relay->resets++;
	return -EBADMSG;
}

/* How many bytes there are to read, or UINT64_MAX when that cannot be. */
static uint64_t readable(const struct relay *relay)
{
	uint64_t ahead = load(&relay->shared->written) - relay->at;
	if (ahead > relay->room || ahead % UNIT != 0 || relay->at % UNIT != 0 ||
	    load(&relay->shared->taken) != relay->taken)
		return UINT64_MAX;
	return ahead;
}

/*
 * Nothing more to read: the descriptor is emptied first, then the counter looked at again, so that
 * a record written in between is not slept over.
 */
static uint64_t readable_at_rest(const struct relay *relay)
{
	uint64_t wakings;
	ssize_t emptied = read(relay->wake, &wakings, sizeof wakings);
	(void)emptied; /* nothing in it is as good */
	return readable(relay);
}

int relay_read(struct relay *relay, const uint8_t **ret_bytes, size_t *ret_count)
{
	assert(relay->side == RELAY_READER);
	uint64_t ahead = readable(relay);
	if (ahead == 0)
		ahead = readable_at_rest(relay);
	if (ahead == 0)
		return 0;
	if (ahead == UINT64_MAX || ahead < RELAY_RECORD_COST)
		return reset(relay);

	uint64_t count = __atomic_load_n(word_at(relay, relay->at), __ATOMIC_RELAXED);
	uint64_t told = __atomic_load_n(word_at(relay, relay->at + UNIT), __ATOMIC_RELAXED);
	if (count > relay->record_max_bytes || padded(count) > ahead - RELAY_RECORD_COST)
		return reset(relay);
	uint64_t body = relay->at + RELAY_RECORD_COST;
	size_t first = before_end(relay, body, count);
	memcpy(relay->record, relay->ring + (body & (relay->room - 1)), first);
	memcpy(relay->record + first, relay->ring, count - first);
	if (checksum(relay->record, count, relay->at) != told)
		return reset(relay);

	relay->at += RELAY_RECORD_COST + padded(count);
	relay->records++;
	*ret_bytes = relay->record;
	*ret_count = count;
	return 1;
}

void relay_take(struct relay *relay)
{
	relay->taken = relay->at;
	store(&relay->shared->taken, relay->taken);
}

void relay_rewind(struct relay *relay)
{
	relay->at = relay->taken;
}

void relay_get_counts(const struct relay *relay, struct relay_counts *ret_counts)
{
	uint64_t backlog = load(&relay->shared->written) - load(&relay->shared->taken);
	*ret_counts = (struct relay_counts){
	    .records = relay->records,
	    .refused = load(&relay->shared->refused),
	    .resets = relay->resets,
	    .backlog_bytes = backlog < relay->room ? backlog : relay->room,
	};
}
