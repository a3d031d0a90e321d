/*
 * codec.h - packings that are undone while reading. Included by src/source/ only.
 *
 * A codec turns packed bytes into unpacked ones, piece by piece, in bounded memory.
 */
#ifndef SOURCE_CODEC_H
#define SOURCE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec_io {
	const uint8_t *in; /* moved forward by what was taken */
	size_t in_left;
	uint8_t *out; /* moved forward by what was given */
	size_t out_left;
	bool in_ended;   /* nothing follows these in_left bytes */
	const char *why; /* set with -EBADMSG: a phrase that lives as long as the state */
};

struct codec {
	const char *name; /* "gzip" */
	/* Whether a file that begins with these bytes (at least CODEC_MAGIC_BYTES) is packed so. */
	bool (*recognises)(const uint8_t *bytes);
	/* Gives a state, or NULL without memory. */
	void *(*open)(void);
	/*
	 * Takes and gives what it can. Returns 1 to go on, 0 when the input ended where it may,
	 * -EBADMSG with `why`, or -ENOMEM.
	 */
	int (*unpack)(void *state, struct codec_io *io);
	void (*close)(void *state);
};

enum {
	CODEC_MAGIC_BYTES = 4
};

extern const struct codec codec_gzip; /* RFC 1952, any number of members */
extern const struct codec codec_zstd; /* RFC 8878, any number of frames */

#endif
