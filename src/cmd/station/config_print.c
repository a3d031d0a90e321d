/* config_print.c - the table of keys as a list for people, and as a commented file. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/config_key.h"
#include "notify/screen.h"

enum {
	INDENT = 2,
	EXPLAIN_INDENT = 4,
	HEADING_LINE_BYTES = 1024,
};

/* A file being written: in which section it is. */
struct drafting {
	FILE *out;
	const struct station_draft *draft;
	bool is_bare; /* without explanations */
	char section[STATION_KEY_PATH_BYTES];
};

static int depth_of(const char *path)
{
	int depth = 0;
	for (; *path != '\0'; path++)
		depth += *path == '.';
	return depth;
}

/* Its last part. */
static const char *name_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot != NULL ? dot + 1 : path;
}

/* One paragraph, wrapped, each line after `indent` blanks and a `#`. */
static void write_comment(FILE *out, int indent, const char *text)
{
	char *lines = NULL;
	size_t bytes = 0;
	FILE *memory = open_memstream(&lines, &bytes);
	if (memory == NULL)
		return; /* a file without this comment is still right */
	struct screen screen;
	screen_init(&screen, memory);
	screen_go(&screen, indent + INDENT);
	screen_flow(&screen, indent + INDENT, text);
	if (fclose(memory) == 0) {
		char *rest = lines;
		for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
			if (line[0] != '\0')
				fprintf(out, "%*s# %s\n", indent, "", line + indent + INDENT);
	}
	free(lines);
}

/* What is not plain to any reader of YAML is put in quotes. */
static void write_scalar(FILE *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789./@:+=?&%_-";
	bool is_plain = text[0] != '\0' && text[strspn(text, plain)] == '\0' &&
			strchr("@:?&%-=", text[0]) == NULL && text[strlen(text) - 1] != ':';
	if (is_plain) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static size_t count_settings(const struct station_draft *draft, const char *key)
{
	size_t count = 0;
	for (size_t i = 0; i < draft->count; i++)
		count += strcmp(draft->settings[i].key, key) == 0;
	return count;
}

static void write_setting(
    const struct drafting *drafting, const struct station_key *key, int indent)
{
	bool is_list = key->type->shape == SHAPE_LIST;
	fprintf(drafting->out, "%*s%s:", indent, "", name_of(key->path));
	for (size_t i = 0; i < drafting->draft->count; i++) {
		const struct station_setting *setting = &drafting->draft->settings[i];
		if (strcmp(setting->key, key->path) != 0)
			continue;
		bool is_item = is_list && strcmp(setting->text, "auto") != 0;
		if (is_item)
			fprintf(drafting->out, "\n%*s-", indent + INDENT, "");
		fputc(' ', drafting->out);
		write_scalar(drafting->out, setting->text);
	}
	fputc('\n', drafting->out);
}

/* As it would be written: what holds anyway, or where that is nothing an example. */
static void write_suggestion(FILE *out, const struct station_key *key, int indent)
{
	bool is_default = key->initial[0] != '\0';
	const char *text = is_default ? key->initial : key->example;
	fprintf(out, "%*s#%s: ", indent, "", name_of(key->path));
	if (!is_default && key->type->shape == SHAPE_LIST)
		fprintf(out, "[%s]\n", text);
	else if (!is_default && key->type->shape != SHAPE_ONE)
		fprintf(out, "{%s}\n", text);
	else
		fprintf(out, "%s\n", text);
}

static const struct station_section *find_section(const char *path)
{
	for (size_t i = 0; i < station_section_count; i++)
		if (strcmp(station_sections[i].path, path) == 0)
			return &station_sections[i];
	return NULL;
}

/* Enters the sections that the next key stands in and the last did not. */
static void enter_section(struct drafting *drafting, const char *path)
{
	for (const char *dot = strchr(path, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
		size_t bytes = (size_t)(dot - path);
		bool is_inside =
		    strncmp(drafting->section, path, bytes) == 0 &&
		    (drafting->section[bytes] == '.' || drafting->section[bytes] == '\0');
		if (is_inside)
			continue;
		(void)snprintf(drafting->section, sizeof drafting->section, "%.*s", (int)bytes,
		    path); /* fits as keys do */
		int indent = depth_of(drafting->section) * INDENT;
		const struct station_section *section = find_section(drafting->section);
		fputc('\n', drafting->out);
		if (section != NULL && !drafting->is_bare)
			write_comment(drafting->out, indent,
			    section->explanations[drafting->draft->language]);
		fprintf(drafting->out, "%*s%s:\n", indent, "", name_of(drafting->section));
	}
	if (strchr(path, '.') == NULL) {
		drafting->section[0] = '\0';
		fputc('\n', drafting->out);
	}
}

static void write_heading(FILE *out, const char *heading)
{
	while (*heading != '\0') {
		char line[HEADING_LINE_BYTES];
		size_t bytes = strcspn(heading, "\n");
		(void)snprintf(line, sizeof line, "%.*s", (int)bytes, heading); /* or cut */
		if (bytes > 0)
			write_comment(out, 0, line);
		else
			fputs("#\n", out);
		heading += bytes + (heading[bytes] != '\0');
	}
}

void station_config_write(FILE *out, const struct station_draft *draft)
{
	struct drafting drafting = {.out = out, .draft = draft};
	write_heading(out, draft->heading);
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		int indent = depth_of(key->path) * INDENT;
		enter_section(&drafting, key->path);
		write_comment(out, indent, key->explanations[draft->language]);
		if (count_settings(draft, key->path) > 0)
			write_setting(&drafting, key, indent);
		else
			write_suggestion(out, key, indent);
	}
}

void station_config_write_changes(FILE *out, const struct station_draft *draft)
{
	struct drafting drafting = {.out = out, .draft = draft, .is_bare = true};
	write_heading(out, draft->heading);
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		if (count_settings(draft, key->path) == 0)
			continue;
		enter_section(&drafting, key->path);
		write_setting(&drafting, key, depth_of(key->path) * INDENT);
	}
}

/* "duration, 1m to 1d, or 0". */
static void explain_values(FILE *out, const struct station_key *key)
{
	if (key->words != NULL)
		for (const char *const *word = key->words; *word != NULL; word++)
			fprintf(out, "%s%s", word == key->words ? "" : ", ", *word);
	else
		fputs(key->type->name, out);
	if (key->min != NULL)
		fprintf(out, ", %s to %s%s", key->min, key->max, key->or_zero ? ", or 0" : "");
	if (key->initial[0] != '\0')
		fprintf(out, " (%s)", key->initial);
	else if (key->example != NULL)
		fprintf(out, ", such as %s", key->example);
	fputc('\n', out);
}

void station_config_explain(FILE *out, enum language language)
{
	struct screen screen;
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		fprintf(out, "%s: ", key->path);
		explain_values(out, key);
		screen_init(&screen, out);
		screen_go(&screen, EXPLAIN_INDENT);
		screen_flow(&screen, EXPLAIN_INDENT, key->explanations[language]);
		screen_end_line(&screen);
	}
}
