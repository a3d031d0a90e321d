/*
 * Any text as a finding out of a database: refused, or a finding in its bounds, which is written
 * and read again as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/station/finding_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void require_sound(const struct finding *finding)
{
	require((unsigned)finding->rule < RULE_COUNT && (unsigned)finding->role < ROLE_COUNT);
	require(finding->ports_listed <= FINDING_PORTS_MAX);
	require(finding->source_port_count <= FINDING_SOURCE_PORTS_MAX);
	require(finding->event_count <= FINDING_EVENTS_MAX);
	require(finding->reason_count <= FINDING_REASONS_MAX);
	require(finding->spoof_reason_count <= 4 && finding->tool < TOOL_COUNT);
	for (size_t i = 0; i < finding->reason_count; i++)
		require(finding->reasons[i].reason < REASON_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct finding finding;
	struct finding again;
	struct complaint complaint = {""};
	char *first = NULL;
	char *second = NULL;
	char *text = malloc(data_bytes + 1);
	require(text != NULL);
	if (data_bytes > 0)
		memcpy(text, data, data_bytes);
	text[data_bytes] = '\0';
	int result = finding_record_read(text, &finding, &complaint);
	free(text);
	require((result == 0) == (complaint.text[0] == '\0'));
	if (result != 0)
		return 0;
	require_sound(&finding);
	require(finding_record_write(&finding, "town", &first) == 0);
	require(finding_record_read(first, &again, &complaint) == 0);
	require(finding_record_write(&again, "town", &second) == 0);
	require(strcmp(first, second) == 0);
	free(first);
	free(second);
	return 0;
}
