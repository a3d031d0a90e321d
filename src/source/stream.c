#include "source/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/codec.h"
#include "source/stale.h"

enum {
	WORDS_BYTES = 256,
	/*
	 * read(2) puts what it reads at a multiple of this, the size of a page. Copying a page of
	 * the file to an address that lies 1 to 15 bytes further in its own page costs three times
	 * as much on processors whose string instructions compare the low bits of addresses.
	 */
	PAGE_BYTES = 4096,
	BLOCKS = 2,
};

static const struct codec *const codecs[] = {
    &codec_gzip,
    &codec_zstd,
};

/* Streams that hold a block, in the whole process: they share STREAM_BLOCKS_TOTAL_BYTES. */
static atomic_size_t holders;

struct block {
	uint8_t *bytes;
	size_t capacity;
};

struct stream {
	int fd;
	char *name;
	size_t fixed_block_bytes;

	/* Unpacked bytes: those of `block` from `begin` to `end` are at hand. */
	struct block blocks[BLOCKS];
	struct block *block; /* one of them */
	size_t begin;
	size_t end;
	uint64_t begin_offset; /* of the first byte at hand in the unpacked stream */
	bool is_held;          /* `block` stays as it is: the next fill goes to the other */

	/* The file as it lies there. */
	bool is_regular;
	off_t start;          /* where it was when we got it */
	uint64_t bytes_total; /* from there on, when it was opened; 0 for a pipe */
	uint64_t bytes_read;
	bool has_ended;

	/* Packing. */
	bool is_recognised;
	const struct codec *codec; /* NULL: none */
	void *codec_state;
	struct block packed; /* those from packed_begin to packed_end wait */
	size_t packed_begin;
	size_t packed_end;

	int failed; /* 0, or the negative errno that `failure` explains */
	struct complaint failure;
};

static void measure(struct stream *stream)
{
	struct stat status;
	if (fstat(stream->fd, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	off_t start = lseek(stream->fd, 0, SEEK_CUR);
	if (start < 0)
		return;
	stream->is_regular = true;
	stream->start = start;
	if (status.st_size > start)
		stream->bytes_total = (uint64_t)(status.st_size - start);
	/* Only advice: reading works without it. */
	(void)posix_fadvise(stream->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

static void close_fd(int fd)
{
	if (fd != STDIN_FILENO)
		(void)close(fd); /* only read from: nothing can be lost */
}

int stream_new(int fd, const char *name, size_t block_bytes, struct stream **ret_stream)
{
	assert(fd >= 0);
	struct stream *stream = calloc(1, sizeof *stream);
	char *name_copy = strdup(name);
	if (stream == NULL || name_copy == NULL) {
		free(stream);
		free(name_copy);
		close_fd(fd);
		return -ENOMEM;
	}
	stream->fd = fd;
	stream->name = name_copy;
	stream->fixed_block_bytes = block_bytes;
	stream->block = stream->blocks;
	measure(stream);
	*ret_stream = stream;
	return 0;
}

static void release_block(struct block *block)
{
	if (block->bytes != NULL)
		stale_unmark(block->bytes, block->capacity);
	free(block->bytes);
	*block = (struct block){0};
}

static void release_memory(struct stream *stream)
{
	if (stream->block->bytes != NULL)
		atomic_fetch_sub(&holders, 1);
	for (size_t i = 0; i < BLOCKS; i++)
		release_block(&stream->blocks[i]);
	stream->block = stream->blocks;
	stream->begin = stream->end = 0;
	stream->is_held = false;

	if (stream->codec != NULL)
		stream->codec->close(stream->codec_state);
	stream->codec = NULL;
	stream->codec_state = NULL;
	stream->failed = 0;
	release_block(&stream->packed);
	stream->packed_begin = stream->packed_end = 0;
}

void stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	release_memory(stream);
	close_fd(stream->fd);
	free(stream->name);
	free(stream);
}

bool stream_can_rewind(const struct stream *stream)
{
	return stream->is_regular;
}

int stream_rewind(struct stream *stream)
{
	assert(stream->is_regular);
	if (lseek(stream->fd, stream->start, SEEK_SET) < 0)
		return -errno;
	release_memory(stream);
	stream->begin_offset = 0;
	stream->bytes_read = 0;
	stream->has_ended = false;
	stream->is_recognised = false;
	return 0;
}

size_t stream_get(const struct stream *stream, const uint8_t **ret_bytes)
{
	*ret_bytes = stream->block->bytes + stream->begin;
	return stream->end - stream->begin;
}

void stream_consume(struct stream *stream, size_t count)
{
	assert(count <= stream->end - stream->begin);
	stream->begin += count;
	stream->begin_offset += count;
}

uint64_t stream_get_offset(const struct stream *stream)
{
	return stream->begin_offset;
}

const char *stream_get_packing(const struct stream *stream)
{
	return stream->codec != NULL ? stream->codec->name : NULL;
}

const char *stream_get_name(const struct stream *stream)
{
	return stream->name;
}

void stream_get_progress(const struct stream *stream, struct source_progress *ret_progress)
{
	uint64_t waiting = stream->codec != NULL ? stream->packed_end - stream->packed_begin
						 : stream->end - stream->begin;
	ret_progress->bytes_done = stream->bytes_read - waiting;
	ret_progress->bytes_total = stream->bytes_total;
	if (stream->is_regular && ret_progress->bytes_done > stream->bytes_total)
		ret_progress->bytes_total = ret_progress->bytes_done; /* it grew meanwhile */
}

int stream_complain(const struct stream *stream, struct complaint *complaint, uint64_t offset,
    const char *format, ...)
{
	char words[WORDS_BYTES];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	assert(length >= 0 && (size_t)length < sizeof words);

	return complain(complaint, -EBADMSG, "%s:byte %" PRIu64 "%s: %s", stream->name, offset,
	    stream->codec != NULL ? " after unpacking" : "", words);
}

/* One read(2) of up to `room` bytes. Returns how many came, 0 at the end, or a negative errno. */
static ssize_t read_raw(
    struct stream *stream, uint8_t *to, size_t room, struct complaint *complaint)
{
	for (;;) {
		ssize_t count = read(stream->fd, to, room);
		if (count > 0) {
			stream->bytes_read += (uint64_t)count;
			return count;
		}
		if (count == 0)
			break;
		if (errno == EAGAIN) {
			/* Somebody set the descriptor to non-blocking: wait for the next bytes. */
			struct pollfd waiting = {.fd = stream->fd, .events = POLLIN};
			if (poll(&waiting, 1, -1) >= 0)
				continue;
		}
		if (errno != EINTR)
			return complain(complaint, -errno,
			    "%s: cannot be read at byte %" PRIu64 ": %s", stream->name,
			    stream->bytes_read, strerror(errno));
	}
	stream->has_ended = true;
	if (stream->bytes_read < stream->bytes_total)
		return complain(complaint, -EBADMSG,
		    "%s: became shorter while it was read: it ends at byte %" PRIu64
		    ", expected %" PRIu64,
		    stream->name, stream->bytes_read, stream->bytes_total);
	return 0;
}

static struct block *get_other(struct stream *stream)
{
	return &stream->blocks[stream->block == &stream->blocks[0] ? 1 : 0];
}

void stream_hold(struct stream *stream)
{
	const struct block *other = get_other(stream);
	if (other->bytes != NULL)
		stale_mark(other->bytes, other->capacity);
	stream->is_held = stream->block->bytes != NULL;
}

/* How large the next block is to be, of which `place` bytes come before what is read. */
static size_t choose_block_bytes(const struct stream *stream, size_t place)
{
	if (stream->fixed_block_bytes != 0)
		return place + stream->fixed_block_bytes;
	size_t capacity = stream->block->capacity;
	if (capacity == 0)
		return STREAM_BLOCK_MIN_BYTES;

	bool was_full = stream->end == capacity;
	size_t bytes = was_full ? 2 * capacity : capacity;
	size_t share = STREAM_BLOCKS_TOTAL_BYTES / BLOCKS / atomic_load(&holders);
	if (bytes > share)
		bytes = share;
	if (bytes > STREAM_BLOCK_MAX_BYTES)
		bytes = STREAM_BLOCK_MAX_BYTES;
	return bytes > STREAM_BLOCK_MIN_BYTES ? bytes : STREAM_BLOCK_MIN_BYTES;
}

/* One without bytes when memory is out. */
static struct block new_block(size_t capacity)
{
	void *bytes = NULL;
	if (posix_memalign(&bytes, PAGE_BYTES, capacity) != 0)
		return (struct block){0};
	return (struct block){.bytes = bytes, .capacity = capacity};
}

/* Moves what is at hand to the front of a block in which `want` bytes fit. */
static int make_room(struct stream *stream, size_t want)
{
	size_t left = stream->end - stream->begin;
	size_t place = (left + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	size_t capacity = choose_block_bytes(stream, place);
	if (capacity < place + want - left)
		capacity = place + want - left;
	if (capacity < place + CODEC_MAGIC_BYTES)
		capacity = place + CODEC_MAGIC_BYTES;

	struct block *target = stream->is_held ? get_other(stream) : stream->block;
	struct block block = *target;
	bool is_new = block.capacity != capacity;
	if (is_new)
		block = new_block(capacity);
	if (block.bytes == NULL)
		return -ENOMEM;
	stale_unmark(block.bytes, capacity);
	if (left > 0)
		memmove(block.bytes + place - left, stream->block->bytes + stream->begin, left);
	if (stream->block->bytes == NULL)
		atomic_fetch_add(&holders, 1);
	if (is_new)
		release_block(target);
	*target = block;
	stream->block = target;
	stream->is_held = false;
	stream->begin = place - left;
	stream->end = place;
	return 0;
}

/* Lets `codec` begin with what was read so far, which becomes its input. */
static int start_codec(struct stream *stream, const struct codec *codec)
{
	struct block packed = new_block(stream->block->capacity);
	if (packed.bytes == NULL)
		return -ENOMEM;
	stream->packed = packed;
	stream->codec_state = codec->open();
	if (stream->codec_state == NULL)
		return -ENOMEM;
	stream->codec = codec;
	stream->packed_begin = 0;
	stream->packed_end = stream->end;
	memcpy(stream->packed.bytes, stream->block->bytes, stream->end);
	stream->end = 0;
	return 0;
}

/* Tells from the first bytes whether the stream is packed. */
static int recognise(struct stream *stream, struct complaint *complaint)
{
	while (stream->end < CODEC_MAGIC_BYTES) {
		ssize_t count = read_raw(stream, stream->block->bytes + stream->end,
		    stream->block->capacity - stream->end, complaint);
		if (count < 0)
			return (int)count;
		if (count == 0)
			break;
		stream->end += (size_t)count;
	}
	stream->is_recognised = true;
	if (stream->end < CODEC_MAGIC_BYTES)
		return 0;
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		if (codecs[i]->recognises(stream->block->bytes))
			return start_codec(stream, codecs[i]);
	return 0;
}

/* One step of unpacking. Returns 1 to go on, 0 at the end, or a negative errno. */
static int unpack(struct stream *stream, struct complaint *complaint)
{
	if (stream->packed_begin == stream->packed_end && !stream->has_ended) {
		ssize_t count =
		    read_raw(stream, stream->packed.bytes, stream->packed.capacity, complaint);
		if (count < 0)
			return (int)count;
		stream->packed_begin = 0;
		stream->packed_end = (size_t)count;
	}

	struct codec_io io = {
	    .in = stream->packed.bytes + stream->packed_begin,
	    .in_left = stream->packed_end - stream->packed_begin,
	    .out = stream->block->bytes + stream->end,
	    .out_left = stream->block->capacity - stream->end,
	    .in_ended = stream->has_ended,
	};
	int result = stream->codec->unpack(stream->codec_state, &io);
	stream->packed_begin = stream->packed_end - io.in_left;
	stream->end = stream->block->capacity - io.out_left;
	if (result == -EBADMSG)
		return stream_complain(stream, complaint,
		    stream->begin_offset + stream->end - stream->begin, "%s: %s",
		    stream->codec->name, io.why);
	return result;
}

static int read_plain(struct stream *stream, struct complaint *complaint)
{
	ssize_t count = read_raw(stream, stream->block->bytes + stream->end,
	    stream->block->capacity - stream->end, complaint);
	if (count <= 0)
		return (int)count;
	stream->end += (size_t)count;
	return 1;
}

/* Reads on until `want` bytes are at hand. Returns 1, 0 at the end, or a negative errno. */
static int read_on(struct stream *stream, size_t want, struct complaint *complaint)
{
	if (!stream->is_recognised) {
		int result = recognise(stream, complaint);
		if (result < 0)
			return result;
	}
	/* A packed file is unpacked to a full block; a pipe gives what it has. */
	bool fill_up = stream->codec != NULL && stream->is_regular;
	while (
	    fill_up ? stream->end < stream->block->capacity : stream->end - stream->begin < want) {
		int result = stream->codec != NULL ? unpack(stream, complaint)
						   : read_plain(stream, complaint);
		if (result <= 0)
			return result;
	}
	return 1;
}

int stream_fill(struct stream *stream, size_t want, struct complaint *complaint)
{
	assert(want > 0);
	if (stream->end - stream->begin >= want)
		return 1;
	if (stream->failed == 0)
		stream->failed = make_room(stream, want);
	if (stream->failed == 0) {
		int result = read_on(stream, want, &stream->failure);
		stream->failed = result < 0 ? result : 0;
	}
	/* What came before a failure is good: the complaint follows it. */
	if (stream->end - stream->begin >= want)
		return 1;
	if (stream->failed == -ENOMEM)
		return complain(complaint, -ENOMEM, "%s: out of memory", stream->name);
	if (stream->failed != 0 && complaint != NULL)
		*complaint = stream->failure;
	return stream->failed;
}
