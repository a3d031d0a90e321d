/*
 * Any text as a letter, and any names around it, as chat services and collectors of logs take them:
 * JSON, and messages of one line within their bounds. Any text as the addresses of contacts:
 * refused with a reason, or one that leads where it may. Fields are parted by 0xff, which is in no
 * UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cmd/station/finding_record.h"
#include "notify/chat.h"
#include "notify/files.h"
#include "notify/syslog.h"

enum {
	SUBJECT,
	BODY,
	STATION,
	MEMBER,
	HOST,
	KIND,
	EVENT,
	ADDRESS,
	FINDING,
	FIELDS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_chat(const struct webhook_notice *notice)
{
	for (int style = NOTICE_STYLE_OWN; style <= NOTICE_STYLE_PLAIN; style++) {
		char *bytes = NULL;
		size_t length = 0;
		struct json_node *node = NULL;
		require(chat_write((enum notice_style)style, notice, &bytes, &length) == 0);
		require(strlen(bytes) == length && bytes[length - 1] == '\n');
		if (style != NOTICE_STYLE_PLAIN)
			require(json_read(bytes, length, &node, NULL) == 0);
		if (style == NOTICE_STYLE_SLACK)
			require(strchr(bytes, '<') == NULL && strchr(bytes, '>') == NULL);
		json_read_free(node);
		free(bytes);
	}
}

/* "<PRI>1 TIME HOST hinomi - KIND " and structured data that ends where it should. */
static void check_syslog(const char *bytes)
{
	int quoted = 0;
	const char *at = bytes;
	require(*at == '<' && strstr(bytes, ">1 ") != NULL);
	for (int blanks = 0; blanks < 6; at++) {
		require(*at != '\0');
		blanks += *at == ' ';
	}
	if (*at == '-')
		return;
	require(strncmp(at, "[hinomi@32473 ", 14) == 0);
	for (; quoted || *at != ']'; at++) {
		require(*at != '\0');
		if (*at == '\\') {
			require(at[1] == '"' || at[1] == '\\' || at[1] == ']');
			at++;
		} else if (*at == '"') {
			quoted = !quoted;
		}
	}
	require(strncmp(at, "] \xef\xbb\xbf", 5) == 0);
}

static void check_logs(const struct webhook_notice *notice, const char *host)
{
	for (int style = NOTICE_STYLE_RFC5424; style <= NOTICE_STYLE_CEF; style++) {
		char *bytes = NULL;
		size_t length = 0;
		require(syslog_write((enum notice_style)style, notice, host, &bytes, &length) == 0);
		require(length > 0 && length <= SYSLOG_BYTES_MAX);
		for (size_t i = 0; i < length; i++)
			require((unsigned char)bytes[i] >= ' ' && bytes[i] != '\x7f');
		bytes[length] = '\0';
		check_syslog(bytes);
		free(bytes);
	}
}

static void check_addresses(const char *address, const char *event)
{
	struct endpoint endpoint;
	struct complaint complaint = {""};
	char path[FILES_PATH_BYTES];
	if (syslog_parse_address(address, &endpoint, &complaint) == 0)
		require(endpoint.port != 0 && endpoint.host[0] != '\0');
	else
		require(complaint.text[0] != '\0');
	if (files_check_address(address, "/srv/n", path, sizeof path, &complaint) == 0)
		require(strncmp(path, "/srv/n", 6) == 0 && strstr(path, "..") != path + 7 &&
			strstr(path, "/.") == NULL);
	if (files_name(event, "text/csv", path, sizeof path) == 0)
		require(path[0] != '.' && strchr(path, '/') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	char *fields[FIELDS];
	size_t at = 0;
	struct finding finding;
	for (int i = 0; i < FIELDS; i++) {
		const size_t start = at < data_bytes ? at : data_bytes;
		while (at < data_bytes && data[at] != 0xff)
			at++;
		const size_t length = at < data_bytes ? at - start : data_bytes - start;
		fields[i] = malloc(length + 1);
		require(fields[i] != NULL);
		memcpy(fields[i], data + start, length);
		fields[i][length] = '\0';
		at++;
	}
	const bool has_finding = finding_record_read(fields[FINDING], &finding, NULL) == 0;
	const struct letter letter = {.subject = fields[SUBJECT], .body = fields[BODY]};
	const struct webhook_notice notice = {
	    .event = fields[EVENT],
	    .kind = fields[KIND],
	    .station = fields[STATION],
	    .incident = (int64_t)data_bytes,
	    .is_drill = data_bytes % 2 != 0,
	    .letter = &letter,
	    .finding = has_finding ? &finding : NULL,
	    .member = fields[MEMBER],
	};
	check_chat(&notice);
	check_logs(&notice, fields[HOST]);
	check_addresses(fields[ADDRESS], fields[EVENT]);
	for (int i = 0; i < FIELDS; i++)
		free(fields[i]);
	return 0;
}
