/*
 * Any text as a finding, and any as names around it, in every format: whatever is accepted as a
 * finding comes out in UTF-8 without anything hidden, and well formed. Fields are parted by 0xff,
 * which is in no UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/utf8.h"
#include "cmd/station/finding_record.h"
#include "notify/export.h"
#include "notify/glyph.h"

enum {
	NUMBERS, /* language, level, drill, and times */
	MEMBER,
	STATE,
	STATION,
	IDENTITY,
	ADDRESS,
	FINDING,
	FIELDS,
	COLUMNS = 31, /* of Shadowserver's report */
	DEPTH_MAX = 16,
	TAG_BYTES = 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* Characters of UTF-8, none of which acts or hides. */
static void check_text(const char *text, size_t length)
{
	while (length > 0) {
		const size_t step = utf8_step(text, length);
		require(step > 0);
		const struct glyph glyph = glyph_at(text);
		require(!glyph_is_hidden(&glyph) || *text == '\n' || *text == '\r');
		text += step;
		length -= step;
	}
}

static void check_json(const char *text, size_t length)
{
	struct json_node *node = NULL;
	require(json_read(text, length, &node, NULL) == 0);
	json_read_free(node);
}

static void check_lines(const char *text)
{
	while (*text != '\0') {
		const size_t length = strcspn(text, "\n");
		require(text[length] == '\n');
		check_json(text, length);
		text += length + 1;
	}
}

/* Elements that open and close in order; what stands between has no markup. */
static void check_xml(const char *text)
{
	char open[DEPTH_MAX][TAG_BYTES];
	int depth = 0;
	text = strchr(text, '\n'); /* behind the declaration */
	while (text != NULL && (text = strchr(text, '<')) != NULL) {
		const char *end = strchr(text, '>');
		require(end != NULL);
		const size_t name = strcspn(text + 1, " />");
		require(memchr(text + 1, '<', (size_t)(end - text) - 1) == NULL);
		if (text[1] == '/') {
			const size_t closed = strcspn(text + 2, ">");
			require(depth > 0 && strlen(open[depth - 1]) == closed);
			require(strncmp(open[--depth], text + 2, closed) == 0);
		} else if (end[-1] != '/') {
			require(depth < DEPTH_MAX && name < TAG_BYTES);
			memcpy(open[depth], text + 1, name);
			open[depth++][name] = '\0';
		}
		text = end + 1;
	}
	require(depth == 0);
}

/* Lines of so many cells, none of which a spreadsheet would run. */
static void check_csv(const char *text)
{
	while (*text != '\0') {
		unsigned cells = 1;
		int quoted = 0;
		for (; quoted || *text != '\r'; text++) {
			require(*text != '\0');
			if (*text == '"' && !quoted)
				require(strchr("=+-@\t\r", text[1]) == NULL || text[1] == '\0');
			quoted ^= *text == '"';
			cells += !quoted && *text == ',';
		}
		require(cells == COLUMNS && text[1] == '\n');
		text += 2;
	}
}

static void check(const char *name, const char *text, size_t length)
{
	require(strlen(text) == length);
	check_text(text, length);
	if (strcmp(name, "iodef") == 0)
		check_xml(text);
	else if (strcmp(name, "shadowserver") == 0)
		check_csv(text);
	else if (strcmp(name, "idea") == 0 || strcmp(name, "xarf") == 0 || strcmp(name, "eve") == 0)
		check_lines(text);
	else
		check_json(text, length);
}

static void write_all(char *const *fields, const struct finding *finding)
{
	const uint8_t *numbers = (const uint8_t *)fields[NUMBERS];
	const size_t count = strlen(fields[NUMBERS]);
	const int64_t time_us = count > 3 ? (int64_t)numbers[3] << 48 : 0;
	const struct export_event event = {time_us, fields[STATE], fields[MEMBER]};
	const struct export_setting setting = {
	    .station = fields[STATION],
	    .identity = fields[IDENTITY],
	    .address = fields[ADDRESS],
	    .language = count > 0 && (numbers[0] & 1) ? LANGUAGE_JA : LANGUAGE_EN,
	    .tlp = count > 1 ? (enum export_tlp)(numbers[1] % EXPORT_TLP_COUNT) : EXPORT_TLP_AMBER,
	    .now_us = time_us,
	};
	const struct export_incident incident = {
	    .id = count > 2 ? numbers[2] : 1,
	    .member = fields[MEMBER],
	    .state = fields[STATE],
	    .opened_us = -time_us,
	    .changed_us = time_us,
	    .is_drill = finding->drill,
	    .finding = finding,
	    .events = &event,
	    .event_count = 1,
	};
	for (size_t i = 0; export_format_at(i) != NULL; i++) {
		char *text = NULL;
		size_t length = 0;
		require(export_text(export_format_at(i), &setting, &incident, &text, &length) == 0);
		check(export_format_name(export_format_at(i)), text, length);
		free(text);
	}
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
	if (finding_record_read(fields[FINDING], &finding, NULL) == 0)
		write_all(fields, &finding);
	for (int i = 0; i < FIELDS; i++)
		free(fields[i]);
	return 0;
}
