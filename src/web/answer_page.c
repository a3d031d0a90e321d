#include "web/answer_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "notify/text.h"
#include "web/answer_words.h"

enum {
	PHRASE_BYTES = ANSWER_NOTE_BYTES + 1024,
};

static const char style[] =
    "body{margin:0;background:#fff;color:#1b1b1b;font:1rem/1.6 sans-serif}"
    "main{max-width:40rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.25rem}h2{font-size:1.1rem;margin-top:2rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}"
    "dt{color:#555}dd{margin:0}dd,p,h1{overflow-wrap:anywhere}"
    ".done{border-left:.4rem solid #1a7f37;padding:.1rem 1rem;background:#eef7f0}"
    ".drill{border:.15rem solid #b35900;padding:.5rem 1rem}"
    ".lang{text-align:right}.small,small{color:#555;font-size:.85rem}"
    "textarea{box-sizing:border-box;width:100%;font:inherit}"
    "button{display:block;width:100%;margin:1rem 0 0;padding:.7rem 1rem;font:inherit;"
    "text-align:left;border:.1rem solid #555;border-radius:.4rem;background:#f4f4f4;color:inherit}"
    "button:focus-visible,a:focus-visible{outline:.2rem solid #0b57d0}"
    "@media(prefers-color-scheme:dark){body{background:#16181b;color:#eee}"
    "dt,.small,small{color:#aaa}.done{background:#12301a}button{background:#26292e}"
    "a{color:#8ab4f8}}";

static const char *const names[ANSWER_COUNT] = {
    [ANSWER_NONE] = "",
    [ANSWER_ON_IT] = "on-it",
    [ANSWER_FIXED] = "fixed",
    [ANSWER_NOT_OURS] = "not-ours",
    [ANSWER_HARMLESS] = "harmless",
    [ANSWER_STOP] = "stop",
};

static const char *const language_names[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = "en",
    [LANGUAGE_JA] = "ja",
};

const char *answer_name(enum answer answer)
{
	return names[answer];
}

int answer_find(const char *name)
{
	for (int i = ANSWER_NONE + 1; i < ANSWER_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *answer_page_style(void)
{
	return style;
}

/* ---- Text in HTML ---- */

/* Whatever stands in it ends neither an element nor a value in quotes. */
static void put(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void put_phrase(
    FILE *out, const char *phrase, const struct value *values, size_t value_count)
{
	char line[PHRASE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	text_add_phrase(&text, phrase, values, value_count);
	put(out, line);
}

/* With one text. */
static void put_with(FILE *out, const char *phrase, const char *value)
{
	const struct value values[] = {value_of_text(value)};
	put_phrase(out, phrase, values, 1);
}

/* ---- The frame ---- */

static void begin(FILE *out, enum language language)
{
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
	    language_names[language]);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", out);
	fputs("<meta name=\"robots\" content=\"noindex, nofollow\">\n", out);
	fprintf(out, "<style>%s</style>\n", style);
}

static void begin_body(FILE *out)
{
	fputs("</head>\n<body>\n<main>\n", out);
}

static void end(FILE *out)
{
	fputs("</main>\n</body>\n</html>\n", out);
}

/* ---- What it is about ---- */

static void put_row(FILE *out, const char *what, const char *value)
{
	fputs("<dt>", out);
	put(out, what);
	fputs("</dt><dd>", out);
	put(out, value);
	fputs("</dd>\n", out);
}

static void put_state(FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	const char *reason = words->reasons[page->reason];
	char line[PHRASE_BYTES];
	(void)snprintf(line, sizeof line, "%s%s%s%s", words->states[page->state],
	    reason[0] != '\0' ? " (" : "", reason, reason[0] != '\0' ? ")" : ""); /* it fits */
	put_row(out, words->state, line);
}

static void put_facts(FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	char number[24];
	(void)snprintf(number, sizeof number, "%" PRId64, page->incident);
	fputs("<dl>\n", out);
	put_row(out, words->machine, page->machine);
	put_row(out, words->first, page->first);
	put_row(out, words->last, page->last);
	put_row(out, words->severity, page->severity);
	put_row(out, words->incident, number);
	put_state(out, words, page);
	fputs("</dl>\n", out);
}

static void put_answered(
    FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	const struct answer_choice_words *choice = &words->choices[page->answer];
	const struct value values[] = {
	    value_of_text(choice->button), value_of_text(page->answered)};
	fputs("<div class=\"done\" role=\"status\">\n<p><strong>", out);
	put_phrase(out, words->recorded, values, 2);
	fputs("</strong></p>\n<p>", out);
	put(out, choice->done);
	fputs("</p>\n", out);
	if (page->note[0] != '\0') {
		fputs("<p>", out);
		put_with(out, words->your_note, page->note);
		fputs("</p>\n", out);
	}
	fputs("</div>\n", out);
}

/* ---- What can be answered ---- */

static void put_choices(FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	/* without an action it goes where the page is */
	fputs("<form method=\"post\">\n<input type=\"hidden\" name=\"form\" value=\"", out);
	put(out, page->form);
	fputs("\">\n<label for=\"note\">", out);
	put(out, words->note);
	fprintf(out,
	    "</label>\n<textarea id=\"note\" name=\"note\" rows=\"2\" maxlength=\"%d\" "
	    "aria-describedby=\"hint\"></textarea>\n<small id=\"hint\">",
	    ANSWER_NOTE_CHARACTERS);
	put(out, words->note_hint);
	fputs("</small>\n", out);
	for (int i = ANSWER_NONE + 1; i < ANSWER_COUNT; i++) {
		fprintf(out, "<button name=\"answer\" value=\"%s\"><strong>", names[i]);
		put(out, words->choices[i].button);
		fputs("</strong><br><small>", out);
		put(out, words->choices[i].effect);
		fputs("</small></button>\n", out);
	}
	fputs("</form>\n", out);
}

static void put_footer(FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	fputs("<p class=\"small\">", out);
	put_with(out, words->until, page->until);
	fputs("</p>\n", out);
	if (page->desk[0] != '\0') {
		fputs("<p class=\"small\">", out);
		put_with(out, words->desk, page->desk);
		fputs("</p>\n", out);
	}
	fputs("<p class=\"small\">", out);
	if (page->station[0] != '\0')
		put_with(out, words->sent, page->station);
	else
		put(out, words->sent_nameless);
	fputs("</p>\n", out);
}

static void put_language(
    FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	const char *other =
	    language_names[page->language == LANGUAGE_JA ? LANGUAGE_EN : LANGUAGE_JA];
	fprintf(out, "<p class=\"lang\"><a href=\"?lang=%s\" hreflang=\"%s\" lang=\"%s\">", other,
	    other, other);
	put(out, words->other_language);
	fputs("</a></p>\n", out);
}

static void put_head(FILE *out, const struct answer_words *words, const struct answer_page *page)
{
	char number[24];
	(void)snprintf(number, sizeof number, "%" PRId64, page->incident);
	fputs("<title>", out);
	put_with(out, words->title, number);
	fputs("</title>\n", out);
	begin_body(out);
	put_language(out, words, page);
	fputs("<p>", out);
	put_with(out, words->to, page->member);
	fputs("</p>\n", out);
	if (page->is_drill) {
		fputs("<p class=\"drill\">", out);
		put(out, words->drill);
		fputs("</p>\n", out);
	}
}

void answer_page_write(FILE *out, const struct answer_page *page)
{
	const struct answer_words *words = answer_words_get(page->language);
	const bool is_answered = page->answer != ANSWER_NONE;
	begin(out, page->language);
	put_head(out, words, page);
	if (is_answered)
		put_answered(out, words, page);
	fputs("<h1>", out);
	put(out, page->headline);
	fputs("</h1>\n", out);
	put_facts(out, words, page);
	fputs("<h2>", out);
	put(out, is_answered ? words->again : words->heading);
	fputs("</h2>\n", out);
	put_choices(out, words, page);
	put_footer(out, words, page);
	end(out);
}

void answer_trouble_write(FILE *out, enum answer_trouble trouble)
{
	static const enum language languages[] = {LANGUAGE_JA, LANGUAGE_EN};
	begin(out, LANGUAGE_JA);
	fputs("<title>Hinomi</title>\n", out);
	begin_body(out);
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		fprintf(out, "<p lang=\"%s\">", language_names[languages[i]]);
		put(out, answer_words_get(languages[i])->troubles[trouble]);
		fputs("</p>\n", out);
	}
	end(out);
}

/* ---- Pages that came ---- */

static bool is_text(const char *text, size_t room)
{
	const size_t length = strnlen(text, room);
	size_t at = 0;
	while (length < room && at < length) {
		const size_t step = utf8_step(text + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return length < room;
}

#define IS_TEXT(field) is_text((field), sizeof(field))

bool answer_page_is_sound(const struct answer_page *page)
{
	return (unsigned)page->language < LANGUAGE_COUNT &&
	       (unsigned)page->state < INCIDENT_STATE_COUNT &&
	       (unsigned)page->reason < CLOSE_REASON_COUNT &&
	       (unsigned)page->answer < ANSWER_COUNT && IS_TEXT(page->station) &&
	       IS_TEXT(page->member) && IS_TEXT(page->desk) && IS_TEXT(page->machine) &&
	       IS_TEXT(page->headline) && IS_TEXT(page->severity) && IS_TEXT(page->first) &&
	       IS_TEXT(page->last) && IS_TEXT(page->until) && IS_TEXT(page->answered) &&
	       IS_TEXT(page->note) && IS_TEXT(page->form);
}
