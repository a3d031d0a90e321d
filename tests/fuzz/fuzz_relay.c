/*
 * fuzz_relay.c - a relay's memory, written to by somebody who knows how it looks.
 *
 * The input is a list of deeds; each is a byte, and takes from what follows what it needs:
 *
 *     0   an honest writer writes: 2 bytes say how many bytes, 1 which
 *     1   3 bytes of any place of the memory are overwritten: place (2 bytes), then them
 *     2   one of the first 16 words (the counters) gets the value of a counter and a small number:
 *         which word (1), which word's value (1), how much more (1, signed)
 *     3   the reader reads, 4 takes, 5 rewinds, 6 is replaced; 7 the writer is replaced
 *
 * Whatever comes: results are those of the contract, records no longer than allowed; and afterwards
 * an honest writer gets through.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cursor.h"
#include "proc/relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	ROOM = RELAY_ROOM_MIN_BYTES,
	MEMORY_BYTES = 4096 + ROOM,
	RECORD_MAX = 1500,
	DEEDS_MAX = 2000,
};

struct scene {
	int fds[2];
	uint8_t *memory;
	struct relay *writer;
	struct relay *reader;
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static struct relay *open_side(const struct scene *scene, enum relay_side side)
{
	struct relay *relay;
	int copies[2] = {
	    fcntl(scene->fds[0], F_DUPFD_CLOEXEC, 0),
	    fcntl(scene->fds[1], F_DUPFD_CLOEXEC, 0),
	};
	require(copies[0] >= 0 && copies[1] >= 0);
	require(relay_open(copies, side, RECORD_MAX, &relay) == 0);
	return relay;
}

static void write_record(struct scene *scene, struct cursor *input)
{
	static uint8_t record[RECORD_MAX + 1];
	size_t count = cursor_u16(input) % (RECORD_MAX + 2);
	memset(record, cursor_u8(input), count);
	int result = relay_write(scene->writer, record, count);
	require(result == 0 || result == -ENOSPC || (result == -EMSGSIZE && count > RECORD_MAX));
}

static void overwrite(struct scene *scene, struct cursor *input)
{
	size_t place = cursor_u16(input) % (MEMORY_BYTES - 2);
	const uint8_t *bytes = cursor_take(input, 3);
	if (bytes != NULL)
		memcpy(scene->memory + place, bytes, 3);
}

static void twist(struct scene *scene, struct cursor *input)
{
	size_t to = cursor_u8(input) % 16 * sizeof(uint64_t);
	size_t from = cursor_u8(input) % 16 * sizeof(uint64_t);
	uint64_t value;
	memcpy(&value, scene->memory + from, sizeof value);
	value += (uint64_t)(int8_t)cursor_u8(input);
	memcpy(scene->memory + to, &value, sizeof value);
}

static int read_record(struct relay *reader)
{
	const uint8_t *bytes;
	size_t count;
	uint64_t sum = 0;
	int result = relay_read(reader, &bytes, &count);
	require(result == 0 || result == 1 || result == -EBADMSG);
	if (result == 1) {
		require(count <= RECORD_MAX);
		for (size_t i = 0; i < count; i++)
			sum += bytes[i];
		require(sum <= count * 255);
	}
	return result;
}

static void replace(const struct scene *scene, struct relay **side, enum relay_side which)
{
	relay_close(*side);
	*side = open_side(scene, which);
}

static void do_deed(struct scene *scene, struct cursor *input)
{
	switch (cursor_u8(input) % 8) {
	case 0:
		write_record(scene, input);
		break;
	case 1:
		overwrite(scene, input);
		break;
	case 2:
		twist(scene, input);
		break;
	case 3:
		(void)read_record(scene->reader); /* judged there */
		break;
	case 4:
		relay_take(scene->reader);
		break;
	case 5:
		relay_rewind(scene->reader);
		break;
	case 6:
		replace(scene, &scene->reader, RELAY_READER);
		break;
	default:
		replace(scene, &scene->writer, RELAY_WRITER);
		break;
	}
}

/* No more than the room can hold, and some resets, until there is nothing; then one record. */
static void recover(struct scene *scene)
{
	replace(scene, &scene->writer, RELAY_WRITER);
	for (int tries = 0; tries < 4; tries++) {
		int result = 1;
		for (int i = 0; i <= ROOM / RELAY_RECORD_COST && result == 1; i++)
			result = read_record(scene->reader);
		require(result != 1);
		relay_take(scene->reader);
		if (result == 0 && relay_write(scene->writer, "hello", 5) == 0)
			break;
		require(tries < 3);
	}
	const uint8_t *bytes;
	size_t count;
	require(relay_read(scene->reader, &bytes, &count) == 1 && count == 5 &&
		memcmp(bytes, "hello", 5) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct scene scene;
	struct cursor input = cursor_over(data, data_bytes);
	require(relay_make(ROOM, scene.fds) == 0);
	scene.memory =
	    mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, scene.fds[0], 0);
	require(scene.memory != MAP_FAILED);
	scene.writer = open_side(&scene, RELAY_WRITER);
	scene.reader = open_side(&scene, RELAY_READER);
	for (int i = 0; i < DEEDS_MAX && cursor_ok(&input) && input.left > 0; i++)
		do_deed(&scene, &input);
	recover(&scene);
	relay_close(scene.writer);
	relay_close(scene.reader);
	(void)munmap(scene.memory, MEMORY_BYTES); /* was mapped so */
	(void)close(scene.fds[0]);                /* memory only */
	(void)close(scene.fds[1]);                /* likewise */
	return 0;
}
