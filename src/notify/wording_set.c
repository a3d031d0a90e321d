#include "notify/wording_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/nearest.h"
#include "notify/wording_table.h"

enum {
	NAMES_MAX = 192, /* of a section, to find the nearest */
	WHY_BYTES = 256,
};

static_assert(
    (int)PHRASE_COUNT <= NAMES_MAX && (int)MESSAGE_COUNT <= NAMES_MAX, "all are compared");

struct wording_set {
	struct words words[LANGUAGE_COUNT];
	struct config *files[LANGUAGE_COUNT]; /* whose texts are used; NULL: none */
};

/* What is being read. */
struct reading {
	const struct config *file;
	struct words *words;
	struct complaint *complaint;
};

int wording_set_new(struct wording_set **ret_set)
{
	struct wording_set *set = calloc(1, sizeof *set);
	if (set == NULL)
		return -ENOMEM;
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		wording_built_in((enum language)i, &set->words[i]);
	*ret_set = set;
	return 0;
}

void wording_set_free(struct wording_set *set)
{
	if (set == NULL)
		return;
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		config_free(set->files[i]);
	free(set);
}

/* ---- Reading ---- */

static int take_text(const struct reading *reading, const struct config_node *node,
    const struct wording_entry *entry, const char **ret_text)
{
	char why[WHY_BYTES];
	if (node->kind != CONFIG_TEXT)
		return config_refuse(reading->file, node, reading->complaint,
		    "%s: found %s, expected a text", entry->name, config_kind_name(node));
	if (!wording_check(entry, node->text, why, sizeof why))
		return config_refuse(
		    reading->file, node, reading->complaint, "%s: %s", entry->name, why);
	*ret_text = node->text;
	return 0;
}

/* A list that replaces all steps. */
static int take_steps(const struct reading *reading, const struct config_node *node,
    const struct wording_entry *entry, const char **steps)
{
	size_t count = 0;
	for (const struct config_node *at = node->first; at != NULL; at = at->next)
		count++;
	if (node->kind != CONFIG_LIST || count < 1 || count > ADVICE_STEPS_MAX)
		return config_refuse(reading->file, node, reading->complaint,
		    "%s: found %s of %zu, expected a list of 1 to %d steps", entry->name,
		    config_kind_name(node), count, ADVICE_STEPS_MAX);
	size_t step = 0;
	for (const struct config_node *at = node->first; at != NULL; at = at->next) {
		int result = take_text(reading, at, entry, &steps[step++]);
		if (result != 0)
			return result;
	}
	while (step < ADVICE_STEPS_MAX)
		steps[step++] = NULL;
	return 0;
}

static int take_alarm(const struct reading *reading, const struct config_node *node,
    const struct wording_entry *entry, struct letter_alarm_words *words)
{
	if (node->kind != CONFIG_MAPPING)
		return config_refuse(reading->file, node, reading->complaint,
		    "%s: found %s, expected title, says, means or steps", entry->name,
		    config_kind_name(node));
	for (const struct config_node *at = node->first; at != NULL; at = at->next) {
		int result;
		if (strcmp(at->key, "title") == 0)
			result = take_text(reading, at, &wording_alarm_title, &words->title);
		else if (strcmp(at->key, "says") == 0)
			result = take_text(reading, at, entry, &words->says);
		else if (strcmp(at->key, "means") == 0)
			result = take_text(reading, at, entry, &words->means);
		else if (strcmp(at->key, "steps") == 0)
			result = take_steps(reading, at, entry, words->steps);
		else
			result = config_refuse(reading->file, at, reading->complaint,
			    "%s: found %s, expected title, says, means or steps", entry->name,
			    at->key);
		if (result != 0)
			return result;
	}
	return 0;
}

static int refuse_name(const struct reading *reading, const struct config_node *node,
    const struct wording_section *section)
{
	const char *names[NAMES_MAX];
	size_t count = 0;
	struct wording_entry entry;
	for (size_t i = 0; i < section->count; i++)
		if (wording_section_entry(section, i, &entry))
			names[count++] = entry.name;
	return config_refuse(reading->file, node, reading->complaint,
	    "unknown name '%s' in %s, the nearest is '%s' (hinomi notice wording prints all)",
	    node->key, section->name, nearest_name(node->key, names, count));
}

static int take_entry(const struct reading *reading, const struct config_node *node,
    const struct wording_section *section)
{
	struct wording_entry entry;
	size_t index = 0;
	while (index < section->count && (!wording_section_entry(section, index, &entry) ||
					     strcmp(entry.name, node->key) != 0))
		index++;
	if (index == section->count)
		return refuse_name(reading, node, section);
	const char **at = wording_at(reading->words, section, index);
	if (section->form == WORDING_STEPS)
		return take_steps(reading, node, &entry, at);
	if (section->form == WORDING_ALARMS)
		return take_alarm(reading, node, &entry, (struct letter_alarm_words *)(void *)at);
	return take_text(reading, node, &entry, at);
}

static int take_section(const struct reading *reading, const struct config_node *node)
{
	const char *names[WORDING_SECTIONS];
	size_t i = 0;
	while (i < WORDING_SECTIONS && strcmp(wording_sections[i].name, node->key) != 0) {
		names[i] = wording_sections[i].name;
		i++;
	}
	if (i == WORDING_SECTIONS)
		return config_refuse(reading->file, node, reading->complaint,
		    "unknown section '%s', the nearest is '%s' (hinomi notice wording prints all)",
		    node->key, nearest_name(node->key, names, WORDING_SECTIONS));
	if (node->kind != CONFIG_MAPPING && node->kind != CONFIG_NOTHING)
		return config_refuse(reading->file, node, reading->complaint,
		    "%s: found %s, expected names and texts", node->key, config_kind_name(node));
	for (const struct config_node *at = node->first; at != NULL; at = at->next) {
		int result = take_entry(reading, at, &wording_sections[i]);
		if (result != 0)
			return result;
	}
	return 0;
}

int wording_set_read(struct wording_set *set, enum language language,
    const struct wording_file *file, struct complaint *complaint)
{
	struct config *read = NULL;
	assert(set->files[language] == NULL);
	int result = config_parse(file->name, file->text, file->length, &read, complaint);
	if (result != 0)
		return result;
	const struct reading reading = {
	    .file = read, .words = &set->words[language], .complaint = complaint};
	for (const struct config_node *at = config_top(read)->first; at != NULL && result == 0;
	     at = at->next)
		result = take_section(&reading, at);
	if (result != 0) {
		wording_built_in(language, &set->words[language]);
		config_free(read);
		return result;
	}
	set->files[language] = read;
	return 0;
}

/* ---- In use ---- */

/* Of the whole process, as the built-in words are. */
static const struct wording_set *in_use;

void wording_use(const struct wording_set *set)
{
	in_use = set;
}

const struct vocabulary *wording_get(enum language language)
{
	static const struct vocabulary *const built_in[] = {
	    [LANGUAGE_EN] = &wording_en,
	    [LANGUAGE_JA] = &wording_ja,
	};
	static_assert(sizeof built_in / sizeof built_in[0] == LANGUAGE_COUNT, "one for each");
	assert((unsigned)language < LANGUAGE_COUNT);
	return in_use != NULL ? &in_use->words[language].report : built_in[language];
}

const struct letter_vocabulary *wording_letter_get(enum language language)
{
	static const struct letter_vocabulary *const built_in[] = {
	    [LANGUAGE_EN] = &wording_letter_en,
	    [LANGUAGE_JA] = &wording_letter_ja,
	};
	static_assert(sizeof built_in / sizeof built_in[0] == LANGUAGE_COUNT, "one for each");
	assert((unsigned)language < LANGUAGE_COUNT);
	return in_use != NULL ? &in_use->words[language].letter : built_in[language];
}
