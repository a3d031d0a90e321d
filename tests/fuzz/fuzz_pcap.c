/* fuzz_pcap.c - a capture file of any kind: classic, packed, none at all. */
#include "capture_sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	sound_check(data, data_bytes);
	return 0;
}
