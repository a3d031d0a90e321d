#include "notify/chat.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "notify/glyph.h"

#define ELLIPSIS "\xe2\x80\xa6"

/* How many bytes of a text have so many units of UTF-16 at most. */
static size_t fit(const char *text, size_t units_max)
{
	size_t units = 0;
	size_t bytes = 0;
	for (;;) {
		const struct glyph glyph = glyph_at(text + bytes);
		units += glyph.bytes == 4 ? 2 : 1;
		if (glyph.bytes == 0 || units > units_max)
			return bytes;
		bytes += glyph.bytes;
	}
}

/* What a character stands for in a service, where it is not itself. */
struct substitution {
	char from;
	const char *to;
};

static const struct substitution for_slack[] = {
    {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\0', NULL}};
static const struct substitution for_code[] = {{'`', "'"}, {'\0', NULL}};
static const struct substitution for_google[] = {
    {'`', "'"}, {'<', "\xe2\x80\xb9"}, {'>', "\xe2\x80\xba"}, {'\0', NULL}};
static const struct substitution for_none[] = {{'\0', NULL}};

static void put_substituted(FILE *out, const char *text, const struct substitution *list)
{
	for (; *text != '\0'; text++) {
		const struct substitution *found = list;
		while (found->to != NULL && found->from != *text)
			found++;
		if (found->to != NULL)
			fputs(found->to, out);
		else
			fputc(*text, out);
	}
}

/* Subject and text as one, cut; to be freed. NULL when memory is out. */
static char *join(const struct letter *letter, size_t units_max)
{
	const size_t room = strlen(letter->subject) + strlen(letter->body) + sizeof "\n\n" ELLIPSIS;
	char *text = malloc(room);
	if (text == NULL)
		return NULL;
	(void)snprintf(text, room, "%s\n\n%s", letter->subject, letter->body); /* it fits */
	size_t length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	if (fit(text, units_max) < length)
		(void)snprintf(text + fit(text, units_max - 1), sizeof ELLIPSIS, "%s", ELLIPSIS);
	return text;
}

/* As a service wants its text: around it `fence`, within it no character of the list. */
static char *write_text(const struct webhook_notice *notice, size_t units_max, const char *fence,
    const struct substitution *list)
{
	char *text = NULL;
	size_t length = 0;
	/* in a block nobody could follow the link: it stands behind it */
	const char *link = fence[0] != '\0' ? notice->answer_url : NULL;
	const size_t taken = link != NULL ? strlen(link) + 1 : 0;
	char *joined = join(notice->letter, units_max > taken ? units_max - taken : 1);
	FILE *out = joined != NULL ? open_memstream(&text, &length) : NULL;
	if (out == NULL) {
		free(joined);
		return NULL;
	}
	fputs(fence, out);
	put_substituted(out, joined, list);
	if (fence[0] != '\0')
		fputc('\n', out);
	for (const char *at = fence; *at == '`'; at++)
		fputc('`', out);
	if (link != NULL)
		fprintf(out, "\n%s", link);
	free(joined);
	const bool failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

#define FENCE "```\n"

static char *text_of(enum notice_style style, const struct webhook_notice *notice)
{
	switch (style) {
	case NOTICE_STYLE_SLACK:
		return write_text(notice, CHAT_SLACK_MAX, "", for_slack);
	case NOTICE_STYLE_TEAMS:
		return write_text(notice, CHAT_TEAMS_MAX, "", for_none);
	case NOTICE_STYLE_MATTERMOST:
		return write_text(notice, CHAT_MATTERMOST_MAX, FENCE, for_code);
	case NOTICE_STYLE_DISCORD:
		return write_text(notice, CHAT_DISCORD_MAX, FENCE, for_code);
	case NOTICE_STYLE_GOOGLE_CHAT:
		return write_text(notice, CHAT_GOOGLE_MAX, FENCE, for_google);
	case NOTICE_STYLE_PLAIN:
	case NOTICE_STYLE_OWN:
	case NOTICE_STYLE_RFC5424:
	case NOTICE_STYLE_CEF:
	case NOTICE_STYLE_COUNT:
		break;
	}
	return write_text(notice, CHAT_PLAIN_MAX, "", for_none);
}

static void put_run(struct json *json, const char *line, bool is_bold)
{
	json_open_object(json, NULL);
	json_string(json, "type", "RichTextBlock");
	json_string(json, "spacing", "None");
	json_open_array(json, "inlines");
	json_open_object(json, NULL);
	json_string(json, "type", "TextRun");
	json_string(json, "text", line[0] != '\0' ? line : " ");
	if (is_bold)
		json_string(json, "weight", "Bolder");
	json_close_object(json);
	json_close_array(json);
	json_close_object(json);
}

/* A block for each line: line ends within one are not shown everywhere. */
static void put_card(struct json *json, char *text, const struct webhook_notice *notice)
{
	const char *link = notice->answer_url;
	const char *title = notice->language == LANGUAGE_JA ? "回答する" : "Answer";
	bool is_first = true;
	json_string(json, "type", "message");
	json_open_array(json, "attachments");
	json_open_object(json, NULL);
	json_string(json, "contentType", "application/vnd.microsoft.card.adaptive");
	json_open_object(json, "content");
	json_string(json, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	json_string(json, "type", "AdaptiveCard");
	json_string(json, "version", "1.4");
	json_open_array(json, "body");
	for (char *line = strsep(&text, "\n"); line != NULL; line = strsep(&text, "\n")) {
		put_run(json, line, is_first);
		is_first = false;
	}
	json_close_array(json);
	if (link != NULL) {
		json_open_array(json, "actions");
		json_open_object(json, NULL);
		json_string(json, "type", "Action.OpenUrl");
		json_string(json, "title", title);
		json_string(json, "url", link);
		json_close_object(json);
		json_close_array(json);
	}
	json_close_object(json);
	json_close_object(json);
	json_close_array(json);
}

static void put_message(
    struct json *json, enum notice_style style, char *text, const struct webhook_notice *notice)
{
	json_open_object(json, NULL);
	if (style == NOTICE_STYLE_TEAMS) {
		put_card(json, text, notice);
	} else {
		json_string(json, style == NOTICE_STYLE_DISCORD ? "content" : "text", text);
	}
	if (style == NOTICE_STYLE_SLACK)
		json_bool(json, "mrkdwn", false);
	if (style == NOTICE_STYLE_DISCORD) {
		json_open_object(json, "allowed_mentions");
		json_open_array(json, "parse");
		json_close_array(json);
		json_close_object(json);
	}
	json_close_object(json);
}

int chat_write(enum notice_style style, const struct webhook_notice *notice, char **ret_bytes,
    size_t *ret_length)
{
	char *bytes = NULL;
	size_t length = 0;
	struct json json;
	assert(style != NOTICE_STYLE_RFC5424 && style != NOTICE_STYLE_CEF);
	if (style == NOTICE_STYLE_OWN)
		return webhook_write(notice, ret_bytes, ret_length);
	char *text = text_of(style, notice);
	FILE *out = text != NULL ? open_memstream(&bytes, &length) : NULL;
	if (out == NULL) {
		free(text);
		return -ENOMEM;
	}
	json_init(&json, out);
	if (style == NOTICE_STYLE_PLAIN)
		fputs(text, out);
	else
		put_message(&json, style, text, notice);
	fputc('\n', out);
	free(text);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(bytes);
		return -ENOMEM;
	}
	*ret_bytes = bytes;
	*ret_length = length;
	return 0;
}
