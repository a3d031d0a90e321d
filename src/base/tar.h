/*
 * tar.h - the header of a file in a tar archive: POSIX.1-1988 ustar, and of GNU tar the size in
 * binary, without which a file ends at 8 GiB. Only plain files of root, whose names fit the header.
 */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	TAR_BLOCK_BYTES = 512, /* a header, and what files are filled up to */
	TAR_NAME_BYTES = 101,  /* with the NUL that the header need not have */
};

/* What eleven octal digits hold: larger sizes are written in binary. */
#define TAR_OCTAL_MAX_BYTES ((INT64_C(1) << 33) - 1)

struct tar_header {
	char name[TAR_NAME_BYTES];
	uint32_t mode; /* the nine bits of rights */
	int64_t bytes;
	int64_t time_s; /* when it was changed; what the header cannot hold is 0 */
};

void tar_header_write(const struct tar_header *header, uint8_t out[static TAR_BLOCK_BYTES]);

/*
 * Reads one, which must say what tar_header_write() can: anything else in it is wrong. Returns 0,
 * or -EINVAL with a complaint that tells what is wrong with it, without its place.
 */
int tar_header_read(const uint8_t block[static TAR_BLOCK_BYTES], struct tar_header *ret_header,
    struct complaint *complaint);

/* How many bytes of NUL follow a file of so many. */
static inline size_t tar_padding(int64_t bytes)
{
	return (size_t)((TAR_BLOCK_BYTES - bytes % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES);
}

#endif
