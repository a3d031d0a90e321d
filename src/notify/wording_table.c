#include "notify/wording_table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "notify/glyph.h"

enum {
	SHORT_BYTES = 48,
	NAME_BYTES = 60,
	SOUGHT_BYTES_MAX = 120,
	WHAT_BYTES = 120,
	URGENCY_BYTES = 60,
	SENTENCE_BYTES = 300,
	REASON_BYTES = 480, /* eight of them are a paragraph: WORDING_WHY_BYTES */
};

static const struct wording_entry *message_entry(size_t index)
{
	return &wording_entries(WORDING_MESSAGE)[index];
}

static const struct wording_entry *phrase_entry(size_t index)
{
	return &wording_entries(WORDING_PHRASE)[index];
}

static const struct wording_entry *reason_entry(size_t index)
{
	return &wording_entries(WORDING_REASON)[index];
}

static const struct wording_entry *spoof_reason_entry(size_t index)
{
	return &wording_entries(WORDING_SPOOF_REASON)[index];
}

static const struct wording_entry *service_entry(size_t index)
{
	return &wording_entries(WORDING_SERVICE)[index];
}

static const char *advice_key(size_t index)
{
	return wording_entries(WORDING_ADVICE)[index].name;
}

static const char *severity_key(size_t index)
{
	return severity_name((enum severity)index);
}

static const char *role_key(size_t index)
{
	return role_name((enum role)index);
}

static const char *shape_key(size_t index)
{
	return index == SHAPE_NONE ? "none" : shape_name((enum shape)index);
}

static const char *attribution_key(size_t index)
{
	return attribution_name((enum attribution)index);
}

static const char *spoof_key(size_t index)
{
	return spoof_name((enum spoof)index);
}

static const char *tool_key(size_t index)
{
	return tool_name((enum tool)index);
}

static const char *rule_key(size_t index)
{
	return rule_name((enum rule)index);
}

static const char *alarm_key(size_t index)
{
	return alarm_name((enum alarm)index);
}

#define IN_REPORT(member) offsetof(struct words, report) + offsetof(struct vocabulary, member)
#define IN_LETTER(member)                                                                          \
	offsetof(struct words, letter) + offsetof(struct letter_vocabulary, member)

const struct wording_section wording_sections[WORDING_SECTIONS] = {
    {.name = "letters",
	.about = "The sentences and headings of letters.",
	.offset = IN_LETTER(phrases),
	.count = PHRASE_COUNT,
	.entry = phrase_entry,
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "findings",
	.about = "What is said of a finding: who does what, when, how often.",
	.offset = IN_REPORT(messages),
	.count = MESSAGE_COUNT,
	.entry = message_entry,
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "steps",
	.about =
	    "What to do, by what fits the finding: a list of 1 to 3, all of which are replaced.",
	.form = WORDING_STEPS,
	.offset = IN_REPORT(steps),
	.count = ADVICE_COUNT,
	.key = advice_key,
	.places = {"address", "what is sought, with ports", "time first seen", "ports"},
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "whom",
	.about = "Whom to call.",
	.offset = IN_LETTER(whom),
	.count = ADVICE_COUNT,
	.key = advice_key,
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "asks",
	.about = "What the vendor is asked for, in the text that can be sent on.",
	.offset = IN_LETTER(asks),
	.count = ADVICE_COUNT,
	.key = advice_key,
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "neglects",
	.about = "What happens if nothing is done.",
	.offset = IN_LETTER(neglects),
	.count = ADVICE_COUNT,
	.key = advice_key,
	.bytes_max = WORDING_BYTES_MAX},
    {.name = "whats",
	.about = "What was seen, in a subject: a noun.",
	.offset = IN_LETTER(whats),
	.count = RULE_COUNT,
	.key = rule_key,
	.bytes_max = WHAT_BYTES},
    {.name = "urgencies",
	.about = "How soon somebody should look at it, in a subject.",
	.offset = IN_LETTER(urgencies),
	.count = SEVERITY_COUNT,
	.key = severity_key,
	.bytes_max = URGENCY_BYTES},
    {.name = "severities",
	.about = "How grave it is, in a subject and in brackets.",
	.offset = IN_REPORT(severities),
	.count = SEVERITY_COUNT,
	.key = severity_key,
	.bytes_max = SHORT_BYTES},
    {.name = "roles",
	.about = "What the machine is in it.",
	.offset = IN_REPORT(roles),
	.count = ROLE_COUNT,
	.key = role_key,
	.bytes_max = NAME_BYTES},
    {.name = "shapes",
	.about = "The pattern of a search.",
	.offset = IN_REPORT(shapes),
	.count = SHAPE_COUNT,
	.key = shape_key,
	.bytes_max = SENTENCE_BYTES},
    {.name = "attributions",
	.about = "What was seen of the sender beside its address.",
	.offset = IN_REPORT(attributions),
	.count = ATTRIBUTION_COUNT,
	.key = attribution_key,
	.bytes_max = SENTENCE_BYTES},
    {.name = "spoofs",
	.about = "Whether the address may be forged.",
	.offset = IN_REPORT(spoofs),
	.count = SPOOF_COUNT,
	.key = spoof_key,
	.bytes_max = SENTENCE_BYTES},
    {.name = "reasons",
	.about = "Why we think so.",
	.offset = IN_REPORT(reasons),
	.count = REASON_COUNT,
	.entry = reason_entry,
	.bytes_max = REASON_BYTES},
    {.name = "spoof-reasons",
	.about = "Why the address may be forged, or not.",
	.offset = IN_REPORT(spoof_reasons),
	.count = SPOOF_REASON_COUNT,
	.entry = spoof_reason_entry,
	.bytes_max = SENTENCE_BYTES},
    {.name = "tools",
	.about = "Programs whose marks are known.",
	.offset = IN_REPORT(tools),
	.count = TOOL_COUNT,
	.key = tool_key,
	.bytes_max = NAME_BYTES},
    {.name = "services",
	.about = "What a port is usually used for.",
	.offset = IN_REPORT(services),
	.count = SERVICE_COUNT,
	.entry = service_entry,
	.bytes_max = NAME_BYTES},
    {.name = "sought",
	.about = "What is sought with a service's port.",
	.offset = IN_REPORT(sought),
	.count = SERVICE_COUNT,
	.entry = service_entry,
	.bytes_max = SOUGHT_BYTES_MAX},
    {.name = "alarms",
	.about = "Alarms of the station itself, for its operator.",
	.form = WORDING_ALARMS,
	.offset = IN_LETTER(alarms),
	.count = ALARM_COUNT,
	.key = alarm_key,
	.places = {"what it is about", "duration", "number", "stamp of its beginning"},
	.bytes_max = WORDING_BYTES_MAX},
};

const struct wording_entry wording_alarm_title = {
    .name = "title", .places = {"what it is about"}, .bytes_max = WHAT_BYTES};

bool wording_section_entry(
    const struct wording_section *section, size_t index, struct wording_entry *ret_entry)
{
	assert(index < section->count);
	*ret_entry = (struct wording_entry){.name = NULL};
	if (section->entry != NULL)
		*ret_entry = *section->entry(index);
	else
		ret_entry->name = section->key(index);
	if (section->places[0] != NULL)
		memcpy(ret_entry->places, section->places, sizeof ret_entry->places);
	if (ret_entry->bytes_max == 0)
		ret_entry->bytes_max = section->bytes_max;
	return ret_entry->name != NULL;
}

static size_t stride_of(const struct wording_section *section)
{
	switch (section->form) {
	case WORDING_STEPS:
		return sizeof(const char *[ADVICE_STEPS_MAX]);
	case WORDING_ALARMS:
		return sizeof(struct letter_alarm_words);
	case WORDING_SENTENCES:
		break;
	}
	return sizeof(const char *);
}

const char **wording_at(struct words *words, const struct wording_section *section, size_t index)
{
	assert(index < section->count);
	return (
	    const char **)(void *)((char *)words + section->offset + index * stride_of(section));
}

const char *const *wording_at_const(
    const struct words *words, const struct wording_section *section, size_t index)
{
	assert(index < section->count);
	return (const char *const *)(const void *)((const char *)words + section->offset +
						   index * stride_of(section));
}

void wording_built_in(enum language language, struct words *ret_words)
{
	const bool is_ja = language == LANGUAGE_JA;
	ret_words->report = is_ja ? wording_ja : wording_en;
	ret_words->letter = is_ja ? wording_letter_ja : wording_letter_en;
}

/* ---- What may stand in a text ---- */

static size_t place_count(const struct wording_entry *entry)
{
	size_t count = 0;
	while (count < WORDING_PLACES_MAX && entry->places[count] != NULL)
		count++;
	return count;
}

/* The end of a place that begins at `at`, and its number; NULL where it is none. */
static const char *place_at(const char *at, size_t *ret_number, bool *ret_names)
{
	const char *end = at + strcspn(at + 1, "{}") + 1;
	if (at[0] != '{' || at[1] < '1' || at[1] > '9' || *end != '}')
		return NULL;
	*ret_number = (size_t)(at[1] - '0');
	*ret_names = at[2] == '}';
	if (*ret_names)
		return end;
	const char *bar = at + strcspn(at, "|");
	return at[2] == ':' && bar < end ? end : NULL;
}

/* Bits of the places that are named. False where a brace is none of a place. */
static bool find_places(const struct wording_entry *entry, const char *text, unsigned *ret_named,
    char *why, size_t why_bytes)
{
	const size_t count = place_count(entry);
	*ret_named = 0;
	for (const char *at = text + strcspn(text, "{}"); *at != '\0'; at += strcspn(at, "{}")) {
		size_t number = 0;
		bool names = false;
		const char *end = place_at(at, &number, &names);
		if (end == NULL) {
			(void)snprintf(why, why_bytes,
			    "found a brace that is part of no place, expected {1} or {1:one|many}");
			return false;
		}
		if (number > count) {
			if (count == 0)
				(void)snprintf(why, why_bytes,
				    "found {%zu}, expected no places: nothing is put in here",
				    number);
			else
				(void)snprintf(why, why_bytes,
				    "found {%zu}, expected {1} to {%zu} only", number, count);
			return false;
		}
		if (names)
			*ret_named |= 1U << number;
		at = end + 1;
	}
	return true;
}

static bool has_hidden(const char *text)
{
	for (struct glyph glyph = glyph_at(text); glyph.bytes > 0; glyph = glyph_at(text)) {
		if (glyph_is_hidden(&glyph))
			return true;
		text += glyph.bytes;
	}
	return false;
}

bool wording_check(const struct wording_entry *entry, const char *text, char *why, size_t why_bytes)
{
	const size_t length = strlen(text);
	unsigned named = 0;
	if (length > entry->bytes_max)
		(void)snprintf(why, why_bytes, "found %zu bytes, expected at most %u", length,
		    (unsigned)entry->bytes_max);
	else if (text[0] == '\0' && !entry->may_be_empty)
		(void)snprintf(why, why_bytes, "found nothing, expected a text");
	else if (has_hidden(text))
		(void)snprintf(why, why_bytes,
		    "found a line break, a control character or one that is not seen, expected "
		    "none");
	else if (entry->holds != NULL && strstr(text, entry->holds) == NULL)
		(void)snprintf(
		    why, why_bytes, "found no %s, expected it to be there", entry->holds);
	else if (find_places(entry, text, &named, why, why_bytes)) {
		for (size_t i = 0; i < place_count(entry); i++) {
			if (entry->places[i][0] != '!' || (named & 2U << i) != 0)
				continue;
			(void)snprintf(why, why_bytes,
			    "found no {%zu} (%s), expected it to be named", i + 1,
			    entry->places[i] + 1);
			return false;
		}
		return true;
	}
	return false;
}
