/*
 * capture.h - the formats of capture files, as parsers over the bytes at hand.
 * Included by src/source/ and its tests, and by who takes a stream for something else.
 *
 * A parser sees a window of the file and gives the frames that are whole in it. It reads nothing
 * and moves nothing itself, so it can be tried on any bytes, cut anywhere.
 */
#ifndef SOURCE_CAPTURE_H
#define SOURCE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/frame.h"
#include "source/source.h"

struct stream;

enum {
	/*
	 * Of one frame so many bytes are given; what follows them is stepped over. It is the
	 * largest snapshot length that capture programs take for links that carry IP (libpcap's
	 * MAXIMUM_SNAPLEN), so only frames of buses and debuggers are longer.
	 */
	CAPTURE_FRAME_MAX_BYTES = 256 << 10,
	/* A record that claims more is damage: nothing that carries IP has frames of 16 MiB. */
	CAPTURE_RECORD_MAX_BYTES = 16 << 20,
	CAPTURE_WRONG_BYTES = 160,
};

/* What a parser is shown, and what it says. */
struct parse {
	const uint8_t *bytes;
	size_t left;
	bool is_last; /* the stream ends after these bytes */
	struct frame *frames;
	size_t frames_max;

	size_t frame_count;
	size_t used;   /* bytes done with */
	size_t want;   /* bytes from `used` on that are needed to go on; 0 when `frames` is full */
	uint64_t skip; /* bytes after `used` of which the parser need not see anything */
	const char *unit; /* what is cut when the stream ends here: "a packet record" */
	bool is_inside;   /* it would be cut even when nothing is left: it has begun */
	bool is_damaged;  /* the bytes at `used` are not what they should be */
	char wrong[CAPTURE_WRONG_BYTES]; /* then: what is wrong, what was expected */
};

/* Notes the damage at parse->used. */
__attribute__((format(printf, 2, 3))) void parse_damage(
    struct parse *parse, const char *format, ...);

struct capture_format {
	const char *name;
	/* Whether a file that begins with these CAPTURE_MAGIC_BYTES is one. */
	bool (*recognises)(const uint8_t *bytes);
	/* Gives the state of a parser before the first byte, or NULL without memory. */
	void *(*open)(void);
	/* Returns 0 or -ENOMEM. The out-part of `parse` is zero when it is called. */
	int (*parse)(void *state, struct parse *parse);
	void (*close)(void *state);
};

extern const struct capture_format capture_pcap;   /* draft-ietf-opsawg-pcap */
extern const struct capture_format capture_pcapng; /* draft-ietf-opsawg-pcapng */

enum {
	CAPTURE_MAGIC_BYTES = 4,
	/* Enough to tell text from anything, and a tar archive by its mark at byte 257. */
	CAPTURE_PROBE_BYTES = 512,
};

/*
 * What a file is that begins with these bytes (up to CAPTURE_PROBE_BYTES of them) and is no
 * capture that we read, with the advice for its owner: "is a snoop capture", "convert it ...".
 */
struct capture_stranger {
	const char *what;   /* never NULL */
	const char *advice; /* may be NULL */
};
struct capture_stranger capture_describe(const uint8_t *bytes, size_t count);

/* The open of source_pcap: a path, or "-" for standard input. */
int capture_open(const char *path, struct source **ret_source, struct complaint *complaint);
/*
 * A source over an open descriptor, which it takes also on failure. `block_bytes` as in
 * stream_new(). Returns 0, or -ENOMEM with a complaint.
 */
int capture_open_fd(int fd, const char *name, size_t block_bytes, struct source **ret_source,
    struct complaint *complaint);

/*
 * The bytes beneath a source of source_pcap of which nothing was read yet, for who wants to know
 * first what they are; NULL for a source of another kind.
 */
struct stream *capture_get_stream(const struct source *source);
/* The same, as its new owner: the source is closed without it. */
struct stream *capture_take_stream(struct source *source);

#endif
