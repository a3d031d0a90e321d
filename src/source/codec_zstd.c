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
	BLOCK_HEADER_BYTES = 3,
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
	size_t advice;    /* of zstd, how much input to show next; 0 between frames */
	bool is_flushing; /* more may come without input: there was no room for it */
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

/*
 * How much of the input to show at once. When a call fails, zstd does not say what that call had
 * unpacked before: so a block, the header of a block and the checksum each get a call of their own,
 * and what came before a damaged one is safe. (Its advice what to show next adds the header of the
 * next block to each block.)
 */
static size_t choose_step(const struct zstd *zstd, size_t in_left)
{
	size_t step = zstd->advice;
	if (zstd->advice == 0)
		step = 1; /* a frame begins: whole small frames would be unpacked in one go */
	else if (zstd->is_flushing)
		step = 0;
	else if (zstd->advice > BLOCK_HEADER_BYTES)
		step = zstd->advice - BLOCK_HEADER_BYTES;
	return step < in_left ? step : in_left;
}

static int zstd_unpack(void *state, struct codec_io *io)
{
	struct zstd *zstd = state;
	assert(io->out_left > 0);

	if (io->in_left == 0 && zstd->advice == 0)
		return io->in_ended ? 0 : 1;
	ZSTD_inBuffer in = {.src = io->in, .size = choose_step(zstd, io->in_left)};
	ZSTD_outBuffer out = {.dst = io->out, .size = io->out_left};
	size_t result = ZSTD_decompressStream(zstd->context, &out, &in);
	io->in += in.pos;
	io->in_left -= in.pos;
	io->out += out.pos;
	io->out_left -= out.pos;
	if (ZSTD_isError(result))
		return explain(result, io);

	zstd->advice = result;
	zstd->is_flushing = io->out_left == 0;
	if (result != 0 && in.pos == 0 && out.pos == 0 && io->in_ended && io->in_left == 0) {
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
