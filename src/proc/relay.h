/*
 * relay.h - records from one process to another through memory that outlives both.
 *
 * A ring in a memfd that neither side can shrink or grow, with one writer and one reader at a time;
 * whoever made it keeps it, so that either side may die at any point and be replaced:
 *
 *   - a record is there when all of it is; what a writer was about to write is not;
 *   - the reader reads ahead, and takes afterwards what it has put in a safe place. A new reader
 *     starts at the first record that was not taken.
 *
 * The writer may be hostile. The reader copies a record before anything of it is looked at, checks
 * counters and lengths against what it knows itself, and the checksum of the copy. What does not
 * hold costs what was on its way, and is told; nothing is read outside, nothing read for ever. The
 * contents are for the caller to check: a hostile writer can make any record.
 */
#ifndef PROC_RELAY_H
#define PROC_RELAY_H

#include <stddef.h>
#include <stdint.h>

enum {
	RELAY_ROOM_MIN_BYTES = 4 << 10,
	RELAY_ROOM_MAX_BYTES = 1 << 30,
	/* Of one record: some of the largest batches of sightings. */
	RELAY_RECORD_MAX_BYTES = 4 << 20,
	/* What a record takes beside its bytes, which are rounded up to 8. */
	RELAY_RECORD_COST = 16,
};

enum relay_side {
	RELAY_WRITER,
	RELAY_READER,
};

struct relay;

struct relay_counts {
	uint64_t records;       /* written, or read, by this side */
	uint64_t refused;       /* by all writers there ever were, for want of room */
	uint64_t resets;        /* how often this reader met what cannot be */
	uint64_t backlog_bytes; /* written and not taken */
};

/*
 * Makes the two descriptors of a relay: its memory, which is taken now, and what wakes the reader
 * (both close-on-exec). `room_bytes` is a power of two from RELAY_ROOM_MIN_BYTES to
 * RELAY_ROOM_MAX_BYTES. 0 or a negative errno.
 */
int relay_make(size_t room_bytes, int ret_fds[static 2]);
/*
 * One side of it. Records have at most `record_max_bytes`. Takes the descriptors when it returns 0,
 * else a negative errno: -EINVAL when the memory is not what relay_make made, or has no room for
 * such a record.
 */
int relay_open(const int fds[static 2], enum relay_side side, size_t record_max_bytes,
    struct relay **ret_relay);
void relay_close(struct relay *relay); /* NULL is allowed */

/*
 * Writes one record and wakes the reader. 0, or -ENOSPC when there is no room now, -EMSGSIZE when
 * it is larger than allowed; it is counted as refused then.
 */
int relay_write(struct relay *relay, const void *bytes, size_t count);

/*
 * What to watch (EPOLLIN): readable when there may be something to read, as it is for a reader that
 * was just opened. Borrowed.
 */
int relay_wake_fd(const struct relay *relay);
/*
 * Copies the next record: 1, and its bytes, valid until the next read. 0 when there is none: only
 * then does the descriptor stop being readable. -EBADMSG when the ring cannot be believed: what was
 * in it is lost, and reading goes on behind it; take as after a record. A writer that goes on so
 * gives -EBADMSG each time.
 */
int relay_read(struct relay *relay, const uint8_t **ret_bytes, size_t *ret_count);
/* What was read needs never to be read again: its room is the writer's. */
void relay_take(struct relay *relay);
/* Reading begins again at the first record not taken. */
void relay_rewind(struct relay *relay);

void relay_get_counts(const struct relay *relay, struct relay_counts *ret_counts);

#endif
