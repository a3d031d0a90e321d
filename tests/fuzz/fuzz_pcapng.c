/*
 * fuzz_pcapng.c - the blocks of a pcapng file after a section header.
 *
 * The header is put before an input that has none of its own, in the byte order that the first
 * byte of the input tells, so that inputs need not hold it to come further.
 */
#include "capture_sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static const uint8_t section_little[] = {0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b,
    0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28, 0, 0, 0};
static const uint8_t section_big[] = {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d,
    0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	if (data_bytes > 0 && data[0] == section_little[0]) {
		sound_check(data, data_bytes);
		return 0;
	}
	/* The type of a big-endian block begins with 0. */
	bool is_big = data_bytes > 0 && data[0] == 0;
	uint8_t *file = malloc(sizeof section_big + data_bytes);
	sound_require(file != NULL, "no memory");
	memcpy(file, is_big ? section_big : section_little, sizeof section_big);
	if (data_bytes > 0)
		memcpy(file + sizeof section_big, data, data_bytes);
	sound_check(file, sizeof section_big + data_bytes);
	free(file);
	return 0;
}
