/*
 * Any bytes as what a message is made of: refused, or a message of exactly the headers that it
 * should have, in ASCII, with lines that are whole. Fields are parted by 0xff, which is in no
 * UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail.h"

enum {
	FROM_NAME,
	FROM_ADDRESS,
	TO_ADDRESS,
	SUBJECT,
	BODY,
	ID,
	ATTACHMENT,
	ATTACHMENT_NAME,
	FIELDS,
	/* An address may stand on a line of its own, and be longer than what is folded. */
	LINE_BYTES_MAX = 300,
	HEADERS = 9,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* Lines of ASCII that end with CRLF; how many headers stand before the first empty one. */
static size_t check_lines(const char *bytes, size_t length)
{
	size_t headers = 0;
	int in_head = 1;
	const char *end = bytes + length;
	while (bytes < end) {
		const char *line_end = memmem(bytes, (size_t)(end - bytes), "\r\n", 2);
		require(line_end != NULL);
		size_t line_length = (size_t)(line_end - bytes);
		require(line_length <= LINE_BYTES_MAX);
		for (const char *at = bytes; at < line_end; at++)
			require(*at >= ' ' && *at <= '~');
		if (line_length == 0)
			in_head = 0;
		headers += in_head && bytes[0] != ' ';
		bytes = line_end + 2;
	}
	return headers;
}

/* A signature that is none: what is around it counts. */
static int sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	size_t *signed_bytes = context;
	require(length > 0 && memcmp(bytes, "Content-Type: ", 14) == 0);
	*signed_bytes = length;
	*ret_signature =
	    (struct mail_signature){.bytes = malloc(length), .length = length, .micalg = "sha-256"};
	require(ret_signature->bytes != NULL);
	memcpy(ret_signature->bytes, bytes, length);
	return 0;
}

/* Signed, it stands between two lines that nothing in it is. */
static void check_signed(const struct mail *mail)
{
	static const char line[] = "\r\n--=_hinomi_s";
	size_t signed_bytes = 0;
	const struct mail_seal seal = {.sign = sign, .context = &signed_bytes};
	struct mail closed = *mail;
	char *bytes = NULL;
	size_t length = 0;
	closed.seal = &seal;
	require(mail_write(&closed, &bytes, &length, NULL) == 0);
	require(check_lines(bytes, length) == HEADERS);
	const char *first = memmem(bytes, length, line, sizeof line - 1);
	require(first != NULL);
	const char *begin = strstr(first + 2, "\r\n") + 2;
	const char *second = strstr(begin - 2, line);
	require(second == begin + signed_bytes);
	const char *third = strstr(second + 2, line);
	require(third != NULL && strstr(third + 2, line) == NULL);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	char *fields[FIELDS];
	size_t at = 0;
	for (int i = 0; i < FIELDS; i++) {
		size_t start = at < data_bytes ? at : data_bytes;
		while (at < data_bytes && data[at] != 0xff)
			at++;
		size_t length = at < data_bytes ? at - start : data_bytes - start;
		fields[i] = malloc(length + 1);
		require(fields[i] != NULL);
		memcpy(fields[i], data + start, length);
		fields[i][length] = '\0';
		at++;
	}
	const struct mail mail = {
	    .from_name = fields[FROM_NAME],
	    .from_address = fields[FROM_ADDRESS],
	    .to_address = fields[TO_ADDRESS],
	    .subject = fields[SUBJECT],
	    .body = fields[BODY],
	    .id = fields[ID],
	    .attachment = fields[ATTACHMENT],
	    .attachment_name = fields[ATTACHMENT_NAME],
	    .attachment_type = "application/json",
	};
	struct complaint complaint = {""};
	char *bytes = NULL;
	size_t length = 0;
	if (mail_write(&mail, &bytes, &length, &complaint) == 0) {
		require(check_lines(bytes, length) == HEADERS);
		check_signed(&mail);
	} else
		require(complaint.text[0] != '\0' && strpbrk(complaint.text, "\r\n") == NULL);
	free(bytes);
	for (int i = 0; i < FIELDS; i++)
		free(fields[i]);
	return 0;
}
