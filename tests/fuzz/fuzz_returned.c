/*
 * Any bytes as what comes back to the sender of notices: nothing, or words that can be shown, with
 * Message-IDs that may be ours; the same however often it is read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail.h"
#include "notify/returned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 0;
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	static struct charsets *charsets;
	static struct returned returned;
	static struct returned again;
	if (charsets == NULL)
		require(charsets_open(&charsets) == 0);
	returned_read((const char *)data, data_bytes, charsets, &returned);
	require(returned.kind < RETURNED_KIND_COUNT && returned.id_count <= RETURNED_IDS_MAX);
	require(returned.kind == RETURNED_NOTHING || returned.id_count > 0);
	for (size_t i = 0; i < returned.id_count; i++)
		require(mail_check_id(returned.ids[i], NULL) == 0);
	require(is_line(returned.from) && is_line(returned.reason) && is_line(returned.text));
	returned_read((const char *)data, data_bytes, charsets, &again);
	require(memcmp(&again, &returned, sizeof again) == 0);
	return 0;
}
