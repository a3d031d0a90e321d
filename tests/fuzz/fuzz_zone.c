/* Any bytes as a file of tzdata: refused with a line that says why, or a zone that can be asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	static const int64_t times_us[] = {
	    INT64_MIN, -1, 0, INT64_C(1769903999000001), INT64_C(4102444800000000), INT64_MAX};
	struct zone *zone = NULL;
	struct complaint complaint = {""};
	if (zone_parse("fuzz", data, data_bytes, &zone, &complaint) != 0) {
		require(zone == NULL && complaint.text[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < sizeof times_us / sizeof times_us[0]; i++) {
		char text[WHEN_TEXT_BYTES];
		struct zone_clock clock = zone_clock_at(zone, times_us[i]);
		require(clock.offset_s > -26 * 3600 && clock.offset_s < 27 * 3600);
		require(strlen(clock.abbreviation) < ZONE_ABBREVIATION_BYTES);
		zone_format(zone, times_us[i], text);
		require(strlen(text) < WHEN_TEXT_BYTES);
	}
	zone_free(zone);
	return 0;
}
