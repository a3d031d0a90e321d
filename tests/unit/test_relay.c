/*
 * What one process can see of it; both sides dying, and a writer that scribbles over everything,
 * are in test_relay_deaths.
 */
#include "proc/relay.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/random.h"
#include "test.h"

enum {
	ROOM = RELAY_ROOM_MIN_BYTES,
	RECORD_MAX = 1000,
	COUNTERS_BYTES = 4096, /* as in relay.c: written at 0, taken at 64 */
	TAKEN_AT = 64,
};

static uint8_t bytes[RELAY_RECORD_MAX_BYTES + 1];

/* Both sides, and the memory as a hostile writer sees it. */
struct both {
	int fds[2];
	struct relay *writer;
	struct relay *reader;
	uint8_t *memory;
};

static struct relay *open_side(const int fds[static 2], enum relay_side side, size_t record_max)
{
	struct relay *relay;
	int copies[2] = {
	    fcntl(fds[0], F_DUPFD_CLOEXEC, 0),
	    fcntl(fds[1], F_DUPFD_CLOEXEC, 0),
	};
	assert(copies[0] >= 0 && copies[1] >= 0);
	int error = relay_open(copies, side, record_max, &relay);
	assert(error == 0);
	return relay;
}

static void open_both(struct both *both)
{
	int error = relay_make(ROOM, both->fds);
	assert(error == 0);
	both->writer = open_side(both->fds, RELAY_WRITER, RECORD_MAX);
	both->reader = open_side(both->fds, RELAY_READER, RECORD_MAX);
	both->memory =
	    mmap(NULL, COUNTERS_BYTES + ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, both->fds[0], 0);
	assert(both->memory != MAP_FAILED);
}

static void close_both(struct both *both)
{
	relay_close(both->writer);
	relay_close(both->reader);
	(void)munmap(both->memory, COUNTERS_BYTES + ROOM); /* was mapped so */
	(void)close(both->fds[0]);                         /* memory only */
	(void)close(both->fds[1]);                         /* likewise */
}

/* A record of `count` bytes that all are `value`. */
static int write_record(struct relay *relay, uint8_t value, size_t count)
{
	memset(bytes, value, count);
	return relay_write(relay, bytes, count);
}

/* Whether that record is the next one. */
static bool reads(struct relay *relay, uint8_t value, size_t count)
{
	const uint8_t *record;
	size_t got;
	if (relay_read(relay, &record, &got) != 1 || got != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (record[i] != value)
			return false;
	return true;
}

static int read_result(struct relay *relay)
{
	const uint8_t *record;
	size_t count;
	return relay_read(relay, &record, &count);
}

static bool is_readable(const struct relay *relay)
{
	struct pollfd fd = {.fd = relay_wake_fd(relay), .events = POLLIN};
	return poll(&fd, 1, 0) == 1;
}

static void test_order(void)
{
	struct both both;
	open_both(&both);
	OK(is_readable(both.reader) && read_result(both.reader) == 0 && !is_readable(both.reader),
	    "a reader looks once by itself, then waits to be woken");
	OK(write_record(both.writer, 'a', 100) == 0 && write_record(both.writer, 'b', 0) == 0 &&
		write_record(both.writer, 'c', RECORD_MAX) == 0 && is_readable(both.reader),
	    "records of any size are written and wake it");
	OK(reads(both.reader, 'a', 100) && reads(both.reader, 'b', 0) && is_readable(both.reader) &&
		reads(both.reader, 'c', RECORD_MAX) && read_result(both.reader) == 0 &&
		!is_readable(both.reader),
	    "and are read in order");
	relay_rewind(both.reader);
	OK(reads(both.reader, 'a', 100), "what was not taken can be read again");
	relay_take(both.reader);
	OK(reads(both.reader, 'b', 0), "reading goes on after taking");
	relay_rewind(both.reader);
	OK(reads(both.reader, 'b', 0) && reads(both.reader, 'c', RECORD_MAX),
	    "what was taken is not read again");

	relay_close(both.reader);
	both.reader = open_side(both.fds, RELAY_READER, RECORD_MAX);
	OK(is_readable(both.reader) && reads(both.reader, 'b', 0),
	    "a new reader starts at the first record that was not taken");
	relay_close(both.writer);
	both.writer = open_side(both.fds, RELAY_WRITER, RECORD_MAX);
	OK(write_record(both.writer, 'd', 9) == 0 && reads(both.reader, 'c', RECORD_MAX) &&
		reads(both.reader, 'd', 9) && read_result(both.reader) == 0,
	    "a new writer goes on behind what is there");
	close_both(&both);
	relay_close(NULL);
}

static void test_full(void)
{
	struct both both;
	struct relay_counts counts;
	open_both(&both);
	int written = 0;
	while (write_record(both.writer, 'x', 100) == 0)
		written++;
	OK(written == ROOM / (RELAY_RECORD_COST + 104),
	    "as many fit as there is room for, rounded up");
	OK(write_record(both.writer, 'x', 100) == -ENOSPC &&
		write_record(both.writer, 'x', RECORD_MAX + 1) == -EMSGSIZE,
	    "a full relay refuses, as does any for one byte too many");
	relay_get_counts(both.writer, &counts);
	OK(counts.records == (uint64_t)written && counts.refused == 3,
	    "what was refused is counted");
	relay_get_counts(both.reader, &counts);
	OK(counts.refused == 3 && counts.backlog_bytes == (uint64_t)written * 120 &&
		counts.resets == 0,
	    "which the reader sees too");
	OK(reads(both.reader, 'x', 100) && write_record(both.writer, 'y', 100) == -ENOSPC,
	    "reading alone makes no room");
	relay_take(both.reader);
	OK(write_record(both.writer, 'y', 100) == 0 &&
		write_record(both.writer, 'y', 100) == -ENOSPC,
	    "taking does");
	bool all = true;
	for (int i = 1; i < written; i++)
		all = all && reads(both.reader, 'x', 100);
	OK(all && reads(both.reader, 'y', 100) && read_result(both.reader) == 0,
	    "nothing is lost by that");
	close_both(&both);
}

/* Every place where a record can lie across the end. */
static void test_wrap(void)
{
	struct both both;
	struct random random;
	open_both(&both);
	random_init(&random, 3);
	bool all = true;
	for (int i = 0; all && i < 20000; i++) {
		uint8_t value = (uint8_t)i;
		size_t count = random_below(&random, 300);
		all = write_record(both.writer, value, count) == 0 &&
		      reads(both.reader, value, count);
		relay_take(both.reader);
	}
	OK(all, "records lie across the end of the ring in every way");
	size_t largest = ROOM - RELAY_RECORD_COST;
	struct relay *writer = open_side(both.fds, RELAY_WRITER, largest);
	struct relay *reader = open_side(both.fds, RELAY_READER, largest);
	OK(write_record(writer, 'L', largest) == 0 && write_record(writer, 'L', 0) == -ENOSPC &&
		reads(reader, 'L', largest),
	    "one record may take the whole room");
	relay_close(writer);
	relay_close(reader);
	close_both(&both);
}

/* Whether it is refused, with -EINVAL. */
static bool is_refused(int memory, size_t record_max)
{
	struct relay *relay;
	int fds[2] = {memory, eventfd(0, EFD_CLOEXEC)};
	assert(memory >= 0 && fds[1] >= 0);
	int result = relay_open(fds, RELAY_READER, record_max, &relay);
	if (result == 0) {
		relay_close(relay);
		return false;
	}
	(void)close(fds[0]); /* memory only */
	(void)close(fds[1]); /* likewise */
	return result == -EINVAL;
}

static int unsealed(off_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert(fd >= 0 && ftruncate(fd, size) == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

static void test_limits(void)
{
	int fds[2];
	const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	OK(relay_make(RELAY_ROOM_MIN_BYTES / 2, fds) == -EINVAL &&
		relay_make((size_t)RELAY_ROOM_MAX_BYTES * 2, fds) == -EINVAL &&
		relay_make(RELAY_ROOM_MIN_BYTES + 8, fds) == -EINVAL,
	    "a room too small, too large, or no power of two is refused");
	OK(is_refused(unsealed(COUNTERS_BYTES + ROOM, F_SEAL_GROW | F_SEAL_SEAL), 1),
	    "memory that could shrink is refused");
	OK(is_refused(unsealed(COUNTERS_BYTES + ROOM + 8, all), 1) &&
		is_refused(unsealed(COUNTERS_BYTES, all), 1) && is_refused(unsealed(0, all), 1),
	    "and any of a size that nobody made");
	OK(!is_refused(unsealed(COUNTERS_BYTES + ROOM, all), ROOM - RELAY_RECORD_COST) &&
		is_refused(unsealed(COUNTERS_BYTES + ROOM, all), ROOM - RELAY_RECORD_COST + 1),
	    "one byte more than a whole room is refused");
	int error = relay_make((size_t)RELAY_RECORD_MAX_BYTES * 2, fds);
	OK(error == 0 && ftruncate(fds[0], 0) == -1 && errno == EPERM &&
		ftruncate(fds[0], 1 << 30) == -1 && errno == EPERM,
	    "what is made can neither shrink nor grow");
	struct relay *writer = open_side(fds, RELAY_WRITER, RELAY_RECORD_MAX_BYTES);
	struct relay *reader = open_side(fds, RELAY_READER, RELAY_RECORD_MAX_BYTES);
	OK(write_record(writer, 'm', RELAY_RECORD_MAX_BYTES) == 0 &&
		write_record(writer, 'm', RELAY_RECORD_MAX_BYTES + 1) == -EMSGSIZE &&
		reads(reader, 'm', RELAY_RECORD_MAX_BYTES),
	    "the largest record goes through, one byte more does not");
	OK(is_refused(fcntl(fds[0], F_DUPFD_CLOEXEC, 0), RELAY_RECORD_MAX_BYTES + 1),
	    "nor may anybody wait for larger ones");
	relay_close(writer);
	relay_close(reader);
	(void)close(fds[0]); /* memory only */
	(void)close(fds[1]); /* likewise */
}

/* What a hostile writer may put where. The ring holds two records then, one of which was taken. */
static const struct {
	const char *name;
	size_t at;
	uint64_t value;
} lies[] = {
    {"written: more than the room ahead", 0, ROOM + 10000},
    {"written: all ones", 0, UINT64_MAX},
    {"written: the highest multiple of 8", 0, UINT64_MAX - 7},
    {"written: behind what was read", 0, 8},
    {"written: no multiple of 8", 0, 245},
    {"written: half a header", 0, 128},
    {"written: in the middle of the record", 0, 152},
    {"written: a record that is none", 0, 480},
    {"taken: ahead", TAKEN_AT, 240},
    {"taken: behind", TAKEN_AT, 0},
    {"taken: all ones", TAKEN_AT, UINT64_MAX},
    {"a record's length: one too many", COUNTERS_BYTES + 120, 105},
    {"a record's length: less", COUNTERS_BYTES + 120, 99},
    {"a record's length: past what is written", COUNTERS_BYTES + 120, 106},
    {"a record's length: past what is allowed", COUNTERS_BYTES + 120, RECORD_MAX + 1},
    {"a record's length: all ones", COUNTERS_BYTES + 120, UINT64_MAX},
    {"a record's length: nearly all ones", COUNTERS_BYTES + 120, UINT64_MAX - 15},
    {"a record's checksum", COUNTERS_BYTES + 128, 1},
    {"a record's bytes", COUNTERS_BYTES + 136, 1},
};

static void test_lie(size_t number)
{
	struct both both;
	struct relay_counts counts;
	open_both(&both);
	int error = write_record(both.writer, 'a', 100);
	if (error == 0)
		error = write_record(both.writer, 'b', 104);
	bool ready = error == 0 && reads(both.reader, 'a', 100);
	relay_take(both.reader);
	memcpy(both.memory + lies[number].at, &lies[number].value, sizeof(uint64_t));
	int result = read_result(both.reader);
	if (result == 1) /* the other record, unharmed */
		result = read_result(both.reader);
	bool told = result == -EBADMSG;
	relay_take(both.reader);

	/* An honest writer takes over. */
	relay_close(both.writer);
	both.writer = open_side(both.fds, RELAY_WRITER, RECORD_MAX);
	int lost = 0;
	bool through = false;
	for (int i = 0; !through && i < 4; i++) {
		(void)write_record(both.writer, 'z', 50); /* may be refused at first */
		through = reads(both.reader, 'z', 50);
		lost += !through;
		relay_take(both.reader);
	}
	relay_get_counts(both.reader, &counts);
	OK(ready && told && through && counts.resets >= 1, lies[number].name);
	if (!told || !through)
		printf("# told %d, through %d after %d\n", told, through, lost);
	close_both(&both);
}

/* A record that was written long ago is none where a new one is expected. */
static void test_old_record(void)
{
	struct both both;
	open_both(&both);
	const size_t count = ROOM / 2 - RELAY_RECORD_COST;
	struct relay *writer = open_side(both.fds, RELAY_WRITER, count);
	struct relay *reader = open_side(both.fds, RELAY_READER, count);
	bool ready = write_record(writer, 'a', count) == 0 && reads(reader, 'a', count);
	relay_take(reader);
	ready = ready && write_record(writer, 'b', count) == 0 && reads(reader, 'b', count);
	relay_take(reader);
	/* As if a third had been written: the first still lies there. */
	const uint64_t written = ROOM + ROOM / 2;
	memcpy(both.memory, &written, sizeof written);
	OK(ready && read_result(reader) == -EBADMSG,
	    "an old record is not read again as a new one");
	relay_close(writer);
	relay_close(reader);
	close_both(&both);
}

static void test_taken_after_reset(void)
{
	struct both both;
	open_both(&both);
	int error = write_record(both.writer, 'a', 100);
	if (error == 0)
		error = write_record(both.writer, 'b', 100);
	bool ready = error == 0 && reads(both.reader, 'a', 100);
	both.memory[COUNTERS_BYTES + 136] ^= 1;
	OK(ready && read_result(both.reader) == -EBADMSG, "a damaged record is told");
	relay_close(both.reader);
	both.reader = open_side(both.fds, RELAY_READER, RECORD_MAX);
	OK(reads(both.reader, 'a', 100) && read_result(both.reader) == -EBADMSG,
	    "before it is taken, a new reader finds what came before");
	relay_take(both.reader);
	OK(read_result(both.reader) == 0 && write_record(both.writer, 'c', 100) == 0 &&
		reads(both.reader, 'c', 100),
	    "after it, reading goes on behind it");
	close_both(&both);
}

int main(void)
{
	test_order();
	test_full();
	test_wrap();
	test_limits();
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
		test_lie(i);
	test_old_record();
	test_taken_after_reset();
	return test_done();
}
