/*
 * stream.h - the bytes of a file or pipe in large blocks, unpacked on the way.
 *
 * Bytes come by read(2), never from a mapping: a file that shrinks while it is read must end with
 * a message, not with a signal. gzip and zstd are told by their first bytes, not by a name, and
 * undone. Included by src/source/, src/link/ and their tests.
 *
 * Two blocks are used in turn, so that frames may point into one while the next is read:
 * stream_hold() says which bytes must stay where they are. What a fill finds unused in the old
 * block (the head of a frame that was cut) is copied in front of what it reads.
 */
#ifndef SOURCE_STREAM_H
#define SOURCE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "source/source.h"

enum {
	/* The first block of a stream: enough to tell what it holds, cheap for thousands of files.
	 */
	STREAM_BLOCK_MIN_BYTES = 16 << 10,
	/* Blocks grow to this while there is more: two of them leave room in a second-level cache.
	 */
	STREAM_BLOCK_MAX_BYTES = 128 << 10,
	/* What the blocks of all open streams may take together, apart from two of
	 * STREAM_BLOCK_MIN_BYTES each. */
	STREAM_BLOCKS_TOTAL_BYTES = 128 << 20,
};

struct stream;

/*
 * Takes `fd` also on failure (standard input is never closed) and copies `name`, which complaints
 * begin with. Reads nothing. `block_bytes` is 0, or a fixed size of the blocks (tests). Returns 0
 * or -ENOMEM.
 */
int stream_new(int fd, const char *name, size_t block_bytes, struct stream **ret_stream);
void stream_free(struct stream *stream); /* NULL is allowed */

/* The unpacked bytes at hand, perhaps none. */
size_t stream_get(const struct stream *stream, const uint8_t **ret_bytes);
/* Steps over some of them. */
void stream_consume(struct stream *stream, size_t count);

/*
 * Keeps all that is at hand, and what was consumed in front of it, where it is through any number
 * of stream_fill(), until the next stream_hold(). What the one before it kept becomes invalid.
 */
void stream_hold(struct stream *stream);
/*
 * Reads until at least `want` bytes are at hand; the addresses given before become invalid, unless
 * they are held. Blocks on a pipe until they are there. Returns 1; 0 when the stream ends before
 * (what there is stays at hand); or a negative errno with a complaint: -EBADMSG for damaged packing
 * and for a file that became shorter, -ENOMEM, or what read(2) said.
 */
int stream_fill(struct stream *stream, size_t want, struct complaint *complaint);

/* Where the first byte at hand lies in the unpacked stream. */
uint64_t stream_get_offset(const struct stream *stream);
/* The packing that is undone ("gzip", "zstd") or NULL; known after the first stream_fill(). */
const char *stream_get_packing(const struct stream *stream);
const char *stream_get_name(const struct stream *stream);
void stream_get_progress(const struct stream *stream, struct source_progress *ret_progress);

/* Writes "NAME:byte OFFSET[ after unpacking]: ..." and returns -EBADMSG. */
__attribute__((format(printf, 4, 5))) int stream_complain(const struct stream *stream,
    struct complaint *complaint, uint64_t offset, const char *format, ...);

/* Whether stream_rewind() works: a regular file, not a pipe. */
bool stream_can_rewind(const struct stream *stream);
/* Goes back to the first byte and gives all memory back until the next stream_fill(). */
int stream_rewind(struct stream *stream);

#endif
