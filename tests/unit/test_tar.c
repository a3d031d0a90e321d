/*
 * Headers of tar archives: what is written is read again, and nothing else is.
 */
#include "base/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static struct complaint complaint;

static bool same(const struct tar_header *one, const struct tar_header *other)
{
	return strcmp(one->name, other->name) == 0 && one->mode == other->mode &&
	       one->bytes == other->bytes && one->time_s == other->time_s;
}

static void test_round_trip(void)
{
	char longest[TAR_NAME_BYTES];
	memset(longest, 'n', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const struct {
		int64_t bytes;
		int64_t time_s;
		const char *title;
	} rows[] = {
	    {0, 0, "nothing"},
	    {1, 1775001600, "a byte"},
	    {511, 1, "a block but one"},
	    {TAR_OCTAL_MAX_BYTES, TAR_OCTAL_MAX_BYTES, "as much as octal digits hold"},
	    {TAR_OCTAL_MAX_BYTES + 1, 0, "a byte more"},
	    {INT64_MAX, 0, "all that can be counted"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t block[TAR_BLOCK_BYTES];
		struct tar_header got;
		struct tar_header header = {
		    .mode = 0640, .bytes = rows[i].bytes, .time_s = rows[i].time_s};
		(void)snprintf(header.name, sizeof header.name, "%s",
		    i % 2 == 0 ? "station.db" : longest); /* fits */
		tar_header_write(&header, block);
		OK(tar_header_read(block, &got, &complaint) == 0 && same(&header, &got),
		    rows[i].title);
	}
	OK(tar_padding(0) == 0 && tar_padding(1) == 511 && tar_padding(512) == 0 &&
		tar_padding(513) == 511,
	    "files are filled up to whole blocks");
	struct tar_header header = {.name = "x", .time_s = -1};
	uint8_t block[TAR_BLOCK_BYTES];
	tar_header_write(&header, block);
	OK(tar_header_read(block, &header, &complaint) == 0 && header.time_s == 0,
	    "a time before 1970 is left out");
}

/* Puts the right checksum, so that something else is what is wrong. */
static void seal(uint8_t block[static TAR_BLOCK_BYTES])
{
	unsigned sum = 0;
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		sum += block[i];
	(void)snprintf((char *)block + 148, 7, "%06o", sum);
	block[154] = '\0';
	block[155] = ' ';
}

static void test_refusals(void)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t count;
		const char *title;
	} rows[] = {
	    {0, "", 1, "no name"},
	    {100, "0001000", 8, "a set-user-id bit"},
	    {100, "000064x", 8, "a mode that is none"},
	    {108, "0000001", 8, "another owner"},
	    {124, "00000000008", 12, "a size that is none"},
	    {124, "            ", 12, "a size of blanks"},
	    {124, "\x80\0\0\0\0\0\0\0\0\0\0\x01", 12, "a small size in binary"},
	    {124, "\x80\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "a size below zero"},
	    {124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "a size of all ones"},
	    {136, "\x80\0\0\0\0\0\0\0\0\0\0\x01", 12, "a time in binary"},
	    {156, "2", 1, "a symbolic link"},
	    {156, "5", 1, "a directory"},
	    {156, "x", 1, "an extension"},
	    {157, "/etc/shadow", 12, "a link's end"},
	    {257, "ustar  ", 8, "another form"},
	    {265, "mallory", 8, "another owner's name"},
	    {329, "0000001", 8, "a device"},
	    {345, "/etc", 5, "what stands before the name"},
	    {511, "x", 1, "a byte where nothing is"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t block[TAR_BLOCK_BYTES];
		struct tar_header got;
		const struct tar_header header = {.name = "station.db", .mode = 0640, .bytes = 7};
		tar_header_write(&header, block);
		memcpy(block + rows[i].at, rows[i].bytes, rows[i].count);
		seal(block);
		complaint.text[0] = '\0';
		OK(tar_header_read(block, &got, &complaint) == -EINVAL && complaint.text[0] != '\0',
		    rows[i].title);
	}
}

static void test_damage(void)
{
	const struct tar_header header = {.name = "station.db", .mode = 0640, .bytes = 7};
	uint8_t block[TAR_BLOCK_BYTES];
	struct tar_header got;
	int taken = 0;
	tar_header_write(&header, block);
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++) {
		block[i] ^= 1;
		taken += tar_header_read(block, &got, &complaint) == 0;
		block[i] ^= 1;
	}
	OK(taken == 0, "no bit of a header can be another");
	memset(block, 0, sizeof block);
	OK(tar_header_read(block, &got, &complaint) == -EINVAL, "an empty block is no header");
}

int main(void)
{
	test_round_trip();
	test_refusals();
	test_damage();
	return test_done();
}
