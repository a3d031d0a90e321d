#include "notify/letter_html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "notify/glyph.h"
#include "notify/letter_internal.h"
#include "notify/wording_table.h"

enum {
	NUMBER_BYTES = 24,
	LINE_BYTES_MAX = 4096, /* a letter's have some 300; longer ones are shown in pieces */
};

/*
 * Type of 12 points survives a fax of 100 lines per inch; lines of 72 columns fit between the
 * margins. A table, since browsers repeat its head on each page.
 */
static const char style[] =
    "@page { size: A4; margin: 13mm 15mm 13mm 18mm; }\n"
    "body { margin: 0 auto; max-width: 178mm; color: #000; background: #fff;\n"
    "  font: 12pt/1.28 \"Noto Sans CJK JP\", \"Noto Sans JP\", IPAexGothic, \"Yu Gothic\",\n"
    "    \"Hiragino Sans\", Meiryo, \"Liberation Sans\", Arial, sans-serif; }\n"
    "table { width: 100%; border-collapse: collapse; }\n"
    "td { padding: 0; }\n"
    "header { border-bottom: 1.5pt solid #000; padding-bottom: 1.5mm; margin-bottom: 3mm;\n"
    "  font-size: 10.5pt; }\n"
    "header span { display: inline-block; margin-right: 6mm; }\n"
    "h1 { font-size: 14pt; line-height: 1.25; margin: 0 0 2mm; overflow-wrap: anywhere; }\n"
    "h2 { font-size: 12pt; margin: 3mm 0 0.5mm; break-after: avoid; }\n"
    "pre { font: inherit; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere;\n"
    "  orphans: 3; widows: 3; }\n"
    "hr { border: 0; border-top: 0.75pt solid #000; margin: 3mm 0 1mm; }\n";

static void write_escaped(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '\'':
			fputs("&#39;", file);
			break;
		default:
			fputc(*text, file);
		}
	}
}

/* At most a line's bytes at a time, at whole characters. */
static size_t write_piece(FILE *file, const char *text, size_t length)
{
	char piece[LINE_BYTES_MAX + 1];
	char visible[LINE_BYTES_MAX * GLYPH_VISIBLE_GROWTH + 1];
	size_t take = length < LINE_BYTES_MAX ? length : LINE_BYTES_MAX;
	while (take < length && take > LINE_BYTES_MAX - 4 && (text[take] & 0xc0) == 0x80)
		take--;
	memcpy(piece, text, take);
	piece[take] = '\0';
	glyph_copy_visible(piece, visible, sizeof visible);
	write_escaped(file, visible);
	return take;
}

static void write_text(FILE *file, const char *text, size_t length)
{
	while (length > 0) {
		size_t taken = write_piece(file, text, length);
		text += taken;
		length -= taken;
	}
}

/* ---- The head of each page ---- */

static void write_item(FILE *file, enum language language, enum phrase phrase, const char *said)
{
	char item[LETTER_NAME_BYTES * 2];
	struct text text;
	const struct value value = value_of_text(said);
	text_init(&text, item, sizeof item);
	wording_letter_add(&text, language, phrase, &value, 1);
	fputs("<span>", file);
	write_text(file, item, text.length);
	fputs("</span>\n", file);
}

static void write_head(
    FILE *file, const struct letter_setting *setting, const struct letter_print *print)
{
	const enum language language = setting->language;
	char name[LETTER_NAME_BYTES];
	char number[NUMBER_BYTES];
	char local[WHEN_TEXT_BYTES];
	fputs("<thead><tr><td><header>\n", file);
	if (print->incident != 0) {
		(void)snprintf(number, sizeof number, "%" PRId64, print->incident);
		write_item(file, language, PHRASE_PRINT_INCIDENT, number);
	}
	if (print->written_us != 0) {
		zone_format(setting->zone, print->written_us, local);
		write_item(file, language, PHRASE_PRINT_WRITTEN, local);
	}
	letter_station(setting, name);
	write_item(file, language, PHRASE_PRINT_STATION, name);
	letter_desk(setting, name);
	write_item(file, language, PHRASE_PRINT_DESK, name);
	fputs("</header></td></tr></thead>\n", file);
}

/* ---- The letter ---- */

/* A line that is a heading in either language, as letters are written now. */
static bool is_heading(const char *line, size_t length)
{
	const struct wording_entry *entries = wording_entries(WORDING_PHRASE);
	for (size_t i = 0; i < PHRASE_COUNT; i++) {
		if (entries[i].name == NULL || strncmp(entries[i].name, "heading-", 8) != 0)
			continue;
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const char *heading =
			    wording_letter_get((enum language)language)->phrases[i];
			if (strlen(heading) == length && memcmp(heading, line, length) == 0)
				return true;
		}
	}
	return false;
}

/* Empty lines stand before what follows them, so that none is at the end of a part. */
static void write_body(FILE *file, const char *body)
{
	size_t empty = 0;
	fputs("<pre>", file);
	while (*body != '\0') {
		const size_t length = strcspn(body, "\n");
		if (length == 0) {
			empty++;
		} else if (is_heading(body, length)) {
			fputs("</pre></td></tr>\n<tr><td><h2>", file);
			write_text(file, body, length);
			fputs("</h2>\n<pre>", file);
			empty = 0;
		} else if (length == 3 && memcmp(body, "-- ", 3) == 0) {
			fputs("</pre><hr>\n<pre>", file);
			empty = 0;
		} else {
			for (; empty > 0; empty--)
				fputc('\n', file);
			write_text(file, body, length);
			fputc('\n', file);
		}
		body += length + (body[length] == '\n');
	}
	fputs("</pre>", file);
}

void letter_html_write(
    FILE *file, const struct letter_setting *setting, const struct letter_print *print)
{
	fprintf(file,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	    setting->language == LANGUAGE_JA ? "ja" : "en");
	write_text(file, print->subject, strlen(print->subject));
	fprintf(file, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<table>\n", style);
	write_head(file, setting, print);
	fputs("<tbody><tr><td><h1>", file);
	write_text(file, print->subject, strlen(print->subject));
	fputs("</h1>\n", file);
	write_body(file, print->body);
	fputs("</td></tr></tbody>\n</table>\n</body>\n</html>\n", file);
}
