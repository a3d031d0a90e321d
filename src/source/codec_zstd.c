#include "source/codec.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

enum {
	/*
	 * The largest window that is accepted: 128 MiB, which is what every level of zstd makes and
	 * what `zstd -d` accepts unasked. Only --long=28 and more go beyond it.
	 */
	WINDOW_LOG_MAX = 27,
};

/* The first bytes of a frame and of one to be skipped (RFC 8878, sections 3.1.1 and 3.1.2). */
static bool zstd_recognises(const uint8_t *bytes)
{
	bool is_frame =
	    bytes[0] == 0x28 && bytes[1] == 0xb5 && bytes[2] == 0x2f && bytes[3] == 0xfd;
	bool is_skipped =
	    (bytes[0] & 0xf0) == 0x50 && bytes[1] == 0x2a && bytes[2] == 0x4d && bytes[3] == 0x18;
	return is_frame || is_skipped;
}

struct zstd {
	ZSTD_DCtx *context;
	bool in_frame;
};

static void *zstd_open(void)
{
	struct zstd *zstd = calloc(1, sizeof *zstd);
	if (zstd == NULL)
		return NULL;
	zstd->context = ZSTD_createDCtx();
	if (zstd->context == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(
					 zstd->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(zstd->context);
		free(zstd);
		return NULL;
	}
	return zstd;
}

static void zstd_close(void *state)
{
	struct zstd *zstd = state;
	ZSTD_freeDCtx(zstd->context);
	free(zstd);
}

static int explain(size_t result, struct codec_io *io)
{
	switch ((int)ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		io->why = "the window is larger than 128 MiB; unpack it first "
			  "(zstd -dc --long=31 FILE | hinomi read -)";
		return -EBADMSG;
	default:
		io->why = ZSTD_getErrorName(result);
		return -EBADMSG;
	}
}

static int zstd_unpack(void *state, struct codec_io *io)
{
	struct zstd *zstd = state;
	assert(io->out_left > 0);

	if (io->in_left == 0 && !zstd->in_frame)
		return io->in_ended ? 0 : 1;
	ZSTD_inBuffer in = {.src = io->in, .size = io->in_left};
	ZSTD_outBuffer out = {.dst = io->out, .size = io->out_left};
	size_t result = ZSTD_decompressStream(zstd->context, &out, &in);
	io->in += in.pos;
	io->in_left -= in.pos;
	io->out += out.pos;
	io->out_left -= out.pos;
	if (ZSTD_isError(result))
		return explain(result, io);

	zstd->in_frame = result != 0;
	if (zstd->in_frame && in.pos == 0 && out.pos == 0 && io->in_ended && io->in_left == 0) {
		io->why = "the data end early";
		return -EBADMSG;
	}
	return 1;
}

const struct codec codec_zstd = {
    .name = "zstd",
    .recognises = zstd_recognises,
    .open = zstd_open,
    .unpack = zstd_unpack,
    .close = zstd_close,
};
