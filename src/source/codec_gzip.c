#include "source/codec.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define ZLIB_CONST /* input is const */
#include <zlib.h>

/* The largest window, and 16 for "gzip only" (zlib.h, inflateInit2). */
#define WINDOW_BITS (MAX_WBITS + 16)

struct gzip {
	z_stream stream;
	bool in_member;  /* a member has begun and not ended */
	bool had_member; /* one has ended: zeros may pad the file (as on tapes) */
};

static bool gzip_recognises(const uint8_t *bytes)
{
	return bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static void *gzip_open(void)
{
	struct gzip *gzip = calloc(1, sizeof *gzip);
	if (gzip == NULL)
		return NULL;
	if (inflateInit2(&gzip->stream, WINDOW_BITS) != Z_OK) {
		free(gzip);
		return NULL;
	}
	return gzip;
}

static void gzip_close(void *state)
{
	struct gzip *gzip = state;
	(void)inflateEnd(&gzip->stream); /* fails only on a state that is not one */
	free(gzip);
}

static uInt clamp_to_uint(size_t bytes)
{
	return bytes < UINT_MAX ? (uInt)bytes : UINT_MAX;
}

/* One call of inflate(). The pieces stay below what zlib can count. */
static int inflate_piece(struct gzip *gzip, struct codec_io *io)
{
	z_stream *stream = &gzip->stream;
	uInt in_bytes = clamp_to_uint(io->in_left);
	uInt out_bytes = clamp_to_uint(io->out_left);
	stream->next_in = io->in;
	stream->avail_in = in_bytes;
	stream->next_out = io->out;
	stream->avail_out = out_bytes;

	int result = inflate(stream, Z_NO_FLUSH);

	in_bytes -= stream->avail_in;
	out_bytes -= stream->avail_out;
	io->in += in_bytes;
	io->in_left -= in_bytes;
	io->out += out_bytes;
	io->out_left -= out_bytes;
	return result;
}

static int between_members(struct gzip *gzip, struct codec_io *io)
{
	while (gzip->had_member && io->in_left > 0 && io->in[0] == 0) {
		io->in++;
		io->in_left--;
	}
	if (io->in_left == 0)
		return io->in_ended ? 0 : 1;
	gzip->in_member = true;
	return 1;
}

static int gzip_unpack(void *state, struct codec_io *io)
{
	struct gzip *gzip = state;
	assert(io->out_left > 0);

	if (!gzip->in_member)
		return between_members(gzip, io);

	size_t out_left = io->out_left;
	switch (inflate_piece(gzip, io)) {
	case Z_STREAM_END:
		gzip->in_member = false;
		gzip->had_member = true;
		return inflateReset(&gzip->stream) == Z_OK ? 1 : -ENOMEM;
	case Z_OK:
	case Z_BUF_ERROR: /* nothing could be done: more input, if there is any */
		if (io->in_left > 0 || !io->in_ended || io->out_left < out_left)
			return 1;
		io->why = "the data end early";
		return -EBADMSG;
	case Z_MEM_ERROR:
		return -ENOMEM;
	default:
		io->why = gzip->stream.msg != NULL ? gzip->stream.msg : "the data are damaged";
		return -EBADMSG;
	}
}

const struct codec codec_gzip = {
    .name = "gzip",
    .recognises = gzip_recognises,
    .open = gzip_open,
    .unpack = gzip_unpack,
    .close = gzip_close,
};
