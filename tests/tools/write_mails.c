/*
 * write_mails.c - makes messages of what a test chose, for tests/mail/run.
 *
 * Standard input holds any number of messages, each as its FIELDS in the order below; a field is a
 * length (4 bytes, big-endian, 0xffffffff for none) and so many bytes. For each message a result
 * (4 bytes: 0, or the errno that mail_write gave), a length, and the message or the complaint come
 * out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail.h"

enum {
	FROM_NAME,
	FROM_ADDRESS,
	REPLY_TO,
	TO_ADDRESS,
	SUBJECT,
	BODY,
	ID,
	THREAD_ID,
	ATTACHMENT,
	ATTACHMENT_NAME,
	FIELDS,
	FIELD_BYTES_MAX = 1024 * 1024,
};

#define NONE UINT32_C(0xffffffff)

static void put_u32(uint32_t number)
{
	const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number};
	(void)fwrite(bytes, 1, sizeof bytes, stdout); /* a lost one shows at the other end */
}

static int get_u32(uint32_t *ret_number)
{
	uint8_t b[4];
	if (fread(b, 1, sizeof b, stdin) != sizeof b)
		return -1;
	*ret_number = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return 0;
}

/* 1: there is one, 0: the input ended. */
static int get_field(char **ret_field)
{
	uint32_t length;
	if (get_u32(&length) != 0)
		return 0;
	*ret_field = NULL;
	if (length == NONE)
		return 1;
	if (length > FIELD_BYTES_MAX)
		abort();
	char *field = malloc((size_t)length + 1);
	if (field == NULL || fread(field, 1, length, stdin) != length)
		abort();
	field[length] = '\0';
	*ret_field = field;
	return 1;
}

static void answer(char *const fields[static FIELDS])
{
	const struct mail mail = {
	    .from_name = fields[FROM_NAME],
	    .from_address = fields[FROM_ADDRESS],
	    .reply_to = fields[REPLY_TO],
	    .to_address = fields[TO_ADDRESS],
	    .subject = fields[SUBJECT],
	    .body = fields[BODY],
	    .date_us = INT64_C(1769903999000001),
	    .id = fields[ID],
	    .thread_id = fields[THREAD_ID],
	    .incident = 1042,
	    .attachment = fields[ATTACHMENT],
	    .attachment_name = fields[ATTACHMENT_NAME],
	    .attachment_type = "application/json",
	};
	struct complaint complaint = {""};
	char *bytes = NULL;
	size_t length = 0;
	int result = mail_write(&mail, &bytes, &length, &complaint);
	if (result != 0)
		length = strlen(complaint.text);
	put_u32((uint32_t)-result);
	put_u32((uint32_t)length);
	(void)fwrite(result == 0 ? bytes : complaint.text, 1, length, stdout);
	free(bytes);
}

int main(void)
{
	for (;;) {
		char *fields[FIELDS] = {NULL};
		int got = 1;
		for (int i = 0; i < FIELDS && got == 1; i++)
			got = get_field(&fields[i]);
		if (got == 1)
			answer(fields);
		for (int i = 0; i < FIELDS; i++)
			free(fields[i]);
		if (got != 1)
			return fflush(stdout) == 0 ? 0 : 1;
	}
}
