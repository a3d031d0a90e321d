/*
 * Any bytes as a configuration file: taken, or refused with one line that can be shown. What is
 * taken lies in the range of its row, and what is refused leaves the result alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "detect/thresholds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int is_one_line(const char *text)
{
	size_t left = strlen(text);
	int is_shown = left > 0 && left < COMPLAINT_BYTES;
	while (is_shown && left > 0) {
		size_t length = utf8_step(text, left);
		is_shown = length > 0 && !utf8_is_control(text, length);
		text += length;
		left -= length;
	}
	return is_shown;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct thresholds before;
	struct thresholds after;
	struct complaint complaint = {""};
	memset(&before, 0x5a, sizeof before);
	after = before;

	int error =
	    thresholds_parse("fuzz.yaml", (const char *)data, data_bytes, &after, &complaint);
	if (error != 0) {
		require(is_one_line(complaint.text));
		require(strncmp(complaint.text, "fuzz.yaml:", strlen("fuzz.yaml:")) == 0);
		require(memcmp(&before, &after, sizeof after) == 0);
	} else {
		require(complaint.text[0] == '\0');
		require(after.scan_dark.targets >= 1 && after.scan_dark.targets <= 1000000);
		require(after.ddos_incoming.exchange_percent <= 100);
		require(after.scan_live.watch_failures <= after.scan_live.failures);
	}
	return 0;
}
