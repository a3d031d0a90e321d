#include "drill/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/scenario.h"
#include "drill/script_statement.h"

enum {
	/* A frame of 288 bytes in hexadecimal with spaces, and a margin. */
	LINE_BYTES = 1024,
};

struct script {
	struct stage *stage;
	unsigned statements;
};

char *script_take_word(struct script_line *line)
{
	return line->at < line->count ? line->words[line->at++] : NULL;
}

int script_refuse(const struct script_line *line, const char *word, const char *why)
{
	return complain(line->complaint, -EINVAL, "%s:%u: %s%s%s: %s", line->name, line->number,
	    word == NULL ? "" : "\"", word == NULL ? "the line ends" : word,
	    word == NULL ? "" : "\"", why);
}

/* Copies a line without its comment, parentheses set apart. Returns -EINVAL when it is too long. */
static int copy_line(const char *text, size_t length, char out[static LINE_BYTES])
{
	size_t used = 0;
	for (size_t i = 0; i < length && text[i] != '#'; i++) {
		if (used + 4 > LINE_BYTES || text[i] == '\0')
			return -EINVAL;
		bool stands_alone = text[i] == '(' || text[i] == ')';
		if (stands_alone)
			out[used++] = ' ';
		out[used++] = text[i];
		if (stands_alone)
			out[used++] = ' ';
	}
	out[used] = '\0';
	return 0;
}

/* Cuts the line into words. Returns -EINVAL when they are too many. */
static int split_words(char *text, struct script_line *line)
{
	char *rest = NULL;
	for (char *word = strtok_r(text, " \t\r", &rest); word != NULL;
	     word = strtok_r(NULL, " \t\r", &rest)) {
		if (line->count == SCRIPT_WORDS_MAX)
			return -EINVAL;
		line->words[line->count++] = word;
	}
	return 0;
}

static int take_time(struct script_line *line, int64_t *ret_us)
{
	const char *why = NULL;
	const char *word = script_take_word(line);
	if (word == NULL)
		return script_refuse(line, NULL, "expected a time");
	return script_parse_time(word, ret_us, &why) == 0 ? 0 : script_refuse(line, word, why);
}

/* x COUNT */
static int take_count(struct script_line *line, uint32_t *ret_count)
{
	struct script_number count;
	const char *why = NULL;
	const char *word = script_take_word(line);
	if (word == NULL || strcmp(word, "x") != 0)
		return script_refuse(line, word, "expected \"x\" and how many times");
	word = script_take_word(line);
	if (word == NULL || script_parse_number(word, SCRIPT_REPEATS_MAX, &count, &why) != 0 ||
	    count.is_random || count.step.factor != 0 || count.base == 0)
		return script_refuse(line, word, "expected a number from 1 to 10000000");
	*ret_count = (uint32_t)count.base;
	return 0;
}

/* TIME [every TIME x COUNT] : PACKET. The colon ends a word. */
static int take_statement(struct script *script, struct script_line *line)
{
	struct script_statement statement = {.count = 1};
	int64_t first_us = 0;
	int error = take_time(line, &first_us);
	if (error == 0 && line->at < line->count && strcmp(line->words[line->at], "every") == 0) {
		line->at++;
		error = take_time(line, &statement.gap_us);
		if (error == 0)
			error = take_count(line, &statement.count);
	}
	if (error != 0)
		return error;
	const char *colon = script_take_word(line);
	if (colon == NULL || strcmp(colon, ":") != 0)
		return script_refuse(line, colon, "expected \"every\" or a colon");
	if (statement.count > 1 &&
	    statement.gap_us > SCRIPT_SECONDS_MAX * WHEN_SECOND_US / statement.count)
		return script_refuse(line, "every", "expected an end within ten years");
	error = script_take_packet(line, &statement);
	if (error != 0)
		return error;
	if (script->statements++ == SCRIPT_STATEMENTS_MAX)
		return script_refuse(line, "at", "expected at most 1000 statements");

	struct stage *stage = script->stage;
	statement.key = random_u64(&stage->random);
	struct script_statement *kept =
	    stage_add_actor(stage, sizeof *kept, script_play, stage->start_us + first_us);
	statement.actor = kept->actor;
	*kept = statement;
	return 0;
}

static int take_seed(struct script *script, struct script_line *line)
{
	struct script_number seed;
	const char *why = NULL;
	const char *word = script_take_word(line);
	if (word == NULL || script_parse_number(word, UINT64_MAX, &seed, &why) != 0 ||
	    seed.is_random || seed.step.factor != 0)
		return script_refuse(line, word, "expected a number");
	random_init(&script->stage->random, seed.base);
	return 0;
}

static int take_start(struct script *script, struct script_line *line)
{
	int64_t start_us = 0;
	const char *word = script_take_word(line);
	if (word == NULL || scenario_parse_start(word, &start_us) != 0)
		return script_refuse(line, word, "expected a time such as 2026-04-01T00:00:00Z");
	script->stage->start_us = start_us;
	script->stage->now_us = start_us;
	return 0;
}

static int take_line(struct script *script, struct script_line *line)
{
	const char *word = script_take_word(line);
	if (word == NULL)
		return 0;
	if (strcmp(word, "at") == 0)
		return take_statement(script, line);
	bool is_seed = strcmp(word, "seed") == 0;
	if (!is_seed && strcmp(word, "start") != 0)
		return script_refuse(line, word, "expected at, seed, start or a # comment");
	if (script->statements > 0)
		return script_refuse(line, word, "expected before the first \"at\"");
	int error = is_seed ? take_seed(script, line) : take_start(script, line);
	if (error == 0 && line->at < line->count)
		return script_refuse(line, line->words[line->at], "expected the line's end");
	return error;
}

/* The colon after the times, "12:", becomes a word of its own: the first that ends a word. */
static void free_colon(char *text)
{
	for (char *at = text; (at = strchr(at, ':')) != NULL; at++) {
		if (strchr(" \t\r", at[1]) == NULL)
			continue; /* strchr finds the end of the text as well */
		if (at > text && at[-1] != ' ') {
			memmove(at + 1, at, strlen(at) + 1);
			*at = ' ';
		}
		return;
	}
}

static int parse_line(
    struct script *script, const char *text, size_t length, struct script_line *line)
{
	char copy[LINE_BYTES + 1]; /* one more for the space before the colon */
	if (copy_line(text, length, copy) != 0)
		return script_refuse(line, "this line", "expected text of at most 1000 characters");
	free_colon(copy);
	if (split_words(copy, line) != 0)
		return script_refuse(line, "this line", "expected at most 320 words");
	return take_line(script, line);
}

int script_parse(const char *name, const char *text, size_t length, struct stage *stage,
    struct complaint *complaint)
{
	struct script script = {.stage = stage};
	if (stage_init(stage, 1, SCENARIO_START_US) != 0)
		return complain(complaint, -ENOMEM, "%s: no memory for a script", name);

	for (unsigned number = 1; length > 0; number++) {
		const char *end = memchr(text, '\n', length);
		size_t bytes = end != NULL ? (size_t)(end - text) : length;
		struct script_line line = {.name = name, .number = number, .complaint = complaint};
		int error = parse_line(&script, text, bytes, &line);
		if (error != 0) {
			stage_release(stage);
			return error;
		}
		size_t used = end != NULL ? bytes + 1 : bytes;
		text += used;
		length -= used;
	}
	return 0;
}

/* Reads the whole file into memory that the caller frees. */
static int read_all(FILE *file, char **ret_text, size_t *ret_length)
{
	char *text = malloc(SCRIPT_BYTES_MAX + 1);
	if (text == NULL)
		return -ENOMEM;
	errno = 0;
	size_t length = fread(text, 1, SCRIPT_BYTES_MAX + 1, file);
	int error = 0;
	if (ferror(file))
		error = errno != 0 ? -errno : -EIO;
	else if (length > SCRIPT_BYTES_MAX)
		error = -EFBIG;
	if (error != 0) {
		free(text);
		return error;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

int script_read(const char *path, struct stage *stage, struct complaint *complaint)
{
	char *text = NULL;
	size_t length = 0;
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	if (file == NULL)
		return complain(complaint, -errno, "%s: %s, expected a script of packets", path,
		    strerror(errno));
	int error = read_all(file, &text, &length);
	if (!is_stdin)
		(void)fclose(file); /* only read from */
	if (error != 0)
		return complain(complaint, error, "%s: %s, expected a script of at most 1 MiB",
		    path, strerror(-error));
	error = script_parse(path, text, length, stage, complaint);
	free(text);
	return error;
}
