#include "base/tar.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where the fields are (POSIX.1-1988, "Extended tar Format"). */
enum {
	NAME = 0,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	TIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	USER = 265,
	GROUP = 297,
	DEVICES = 329,
	PREFIX = 345,
	SIZE_BYTES = 12,
	TIME_BYTES = 12,
	ID_BYTES = 8, /* also of modes and checksums */
	MODE_BITS = 0777,
	BINARY = 0x80, /* the first byte of a number that is not octal */
	OWNER_BYTES = 32,
};

static const char magic[] = "ustar"; /* and its NUL, then the version without one */
static const char version[] = {'0', '0'};
static const char owner[] = "root";

static void put_octal(uint8_t *field, size_t field_bytes, uint64_t number)
{
	field[--field_bytes] = '\0';
	while (field_bytes > 0) {
		field[--field_bytes] = (uint8_t)('0' + number % 8);
		number /= 8;
	}
	assert(number == 0); /* whoever calls knows what fits */
}

static void put_size(uint8_t field[static SIZE_BYTES], int64_t bytes)
{
	if (bytes <= TAR_OCTAL_MAX_BYTES) {
		put_octal(field, SIZE_BYTES, (uint64_t)bytes);
		return;
	}
	field[0] = BINARY;
	for (size_t i = SIZE_BYTES - 1; i > 0; i--) {
		field[i] = (uint8_t)(bytes & 0xff);
		bytes >>= 8;
	}
}

/* The sum of all bytes, its own field taken for blanks. */
static uint64_t sum_of(const uint8_t *block)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + ID_BYTES ? ' ' : block[i];
	return sum;
}

void tar_header_write(const struct tar_header *header, uint8_t out[static TAR_BLOCK_BYTES])
{
	const size_t name_bytes = strlen(header->name);
	const bool has_time = header->time_s >= 0 && header->time_s <= TAR_OCTAL_MAX_BYTES;
	assert(name_bytes > 0 && name_bytes < TAR_NAME_BYTES && header->bytes >= 0);
	memset(out, 0, TAR_BLOCK_BYTES);
	memcpy(out + NAME, header->name, name_bytes);
	put_octal(out + MODE, ID_BYTES, header->mode & MODE_BITS);
	put_octal(out + UID, ID_BYTES, 0);
	put_octal(out + GID, ID_BYTES, 0);
	put_size(out + SIZE, header->bytes);
	put_octal(out + TIME, TIME_BYTES, has_time ? (uint64_t)header->time_s : 0);
	out[TYPE] = '0';
	memcpy(out + MAGIC, magic, sizeof magic);
	memcpy(out + MAGIC + sizeof magic, version, sizeof version);
	memcpy(out + USER, owner, sizeof owner);
	memcpy(out + GROUP, owner, sizeof owner);
	put_octal(out + DEVICES, ID_BYTES, 0);
	put_octal(out + DEVICES + ID_BYTES, ID_BYTES, 0);
	put_octal(out + CHECKSUM, ID_BYTES - 1, sum_of(out));
	out[CHECKSUM + ID_BYTES - 1] = ' ';
}

/* Digits up to a NUL at the end of the field. */
static bool read_octal(const uint8_t *field, size_t field_bytes, uint64_t *ret_number)
{
	uint64_t number = 0;
	for (size_t i = 0; i < field_bytes - 1; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		number = number * 8 + (uint64_t)(field[i] - '0');
	}
	*ret_number = number;
	return field[field_bytes - 1] == '\0';
}

static bool read_size(const uint8_t field[static SIZE_BYTES], int64_t *ret_bytes)
{
	uint64_t number = 0;
	if (field[0] != BINARY) {
		if (!read_octal(field, SIZE_BYTES, &number))
			return false;
		*ret_bytes = (int64_t)number;
		return true;
	}
	for (size_t i = 1; i < SIZE_BYTES; i++) {
		if (number > INT64_MAX >> 8)
			return false;
		number = number << 8 | field[i];
	}
	*ret_bytes = (int64_t)number;
	return *ret_bytes > TAR_OCTAL_MAX_BYTES;
}

/* The whole must be what we would have written: so nothing is in it that nobody looks at. */
int tar_header_read(const uint8_t block[static TAR_BLOCK_BYTES], struct tar_header *ret_header,
    struct complaint *complaint)
{
	struct tar_header header = {.bytes = 0};
	uint8_t same[TAR_BLOCK_BYTES];
	uint64_t sum = 0;
	uint64_t mode = 0;
	uint64_t time_s = 0;
	if (memcmp(block + MAGIC, magic, sizeof magic) != 0)
		return complain(complaint, -EINVAL, "no header of a tar archive (ustar)");
	if (!read_octal(block + CHECKSUM, ID_BYTES - 1, &sum) || sum != sum_of(block))
		return complain(complaint, -EINVAL, "a header whose checksum is wrong");
	memcpy(header.name, block + NAME, TAR_NAME_BYTES - 1);
	if (header.name[0] == '\0' || !read_octal(block + MODE, ID_BYTES, &mode) ||
	    mode > MODE_BITS || !read_octal(block + TIME, TIME_BYTES, &time_s) ||
	    !read_size(block + SIZE, &header.bytes))
		return complain(complaint, -EINVAL, "a header with a field that is wrong");
	header.mode = (uint32_t)mode;
	header.time_s = (int64_t)time_s;
	tar_header_write(&header, same);
	if (memcmp(block, same, sizeof same) != 0)
		return complain(
		    complaint, -EINVAL, "a header of something else than a plain file of root");
	*ret_header = header;
	return 0;
}
