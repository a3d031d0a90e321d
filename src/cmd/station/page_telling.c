#include "cmd/station/page_telling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/finding_record.h"
#include "notify/headline.h"
#include "notify/letter.h"
#include "notify/telling.h"

const char *page_language_name(enum language language)
{
	static const char *const names[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "en", [LANGUAGE_JA] = "ja"};
	return names[language];
}

void page_telling_init(struct page_telling *telling, const struct page_world *world)
{
	*telling = (struct page_telling){.world = world};
}

void page_telling_release(struct page_telling *telling)
{
	registry_free(telling->registry);
	telling->registry = NULL;
}

static int find_name(const struct registry *registry, const char *name)
{
	const size_t count = registry_member_count(registry);
	for (size_t i = 0; i < count; i++)
		if (strcmp(registry_member_name(registry, (int)i), name) == 0)
			return (int)i;
	return MEMBER_NONE;
}

/*
 * The number by which sentences know a name. Its ranges are of no use to them, but a registry wants
 * one of each member: one of those that are for documents (RFC 3849).
 */
static int number_of(struct page_telling *telling, const char *name)
{
	char prefix[PREFIX_TEXT_BYTES];
	if (telling->registry == NULL && registry_new(&telling->registry) != 0)
		return MEMBER_NONE;
	const int known = find_name(telling->registry, name);
	if (known != MEMBER_NONE)
		return known;
	(void)snprintf(prefix, sizeof prefix, "2001:db8:0:%x::/64",
	    (unsigned)registry_member_count(telling->registry) & 0xffffU);
	if (registry_add_member(telling->registry, name, prefix, NULL) != 0)
		return MEMBER_NONE;
	return find_name(telling->registry, name);
}

bool page_telling_find(struct page_telling *telling, const struct store_incident *incident,
    struct finding *ret_finding)
{
	if (finding_record_read(incident->finding, ret_finding, NULL) != 0)
		return false;
	if (incident->member[0] == '\0')
		return telling->registry != NULL || registry_new(&telling->registry) == 0;
	ret_finding->member = number_of(telling, incident->member);
	return ret_finding->member != MEMBER_NONE;
}

/* ---- In short ---- */

static void put_headline(const struct page_telling *telling, struct json *json, const char *key,
    enum language language, const struct finding *finding)
{
	char sentence[HEADLINE_BYTES];
	struct text text;
	text_init(&text, sentence, sizeof sentence);
	headline_add(&text, language, telling->registry, finding);
	json_string(json, key, sentence);
}

static void put_steps(const struct page_telling *telling, struct json *json, enum language language,
    const struct finding *finding)
{
	char local[WHEN_TEXT_BYTES];
	zone_format(telling->world->zone, finding->first_us, local);
	json_open_array(json, "steps");
	for (size_t step = 0; step < telling_step_count(language, finding); step++) {
		char sentence[TELLING_BYTES];
		struct text text;
		text_init(&text, sentence, sizeof sentence);
		telling_add_step(&text, language, finding, step, local);
		json_string(json, NULL, sentence);
	}
	json_close_array(json);
}

static void put_first_step(const struct page_telling *telling, struct json *json,
    enum language language, const struct finding *finding)
{
	char sentence[TELLING_BYTES];
	char local[WHEN_TEXT_BYTES];
	struct text text;
	if (telling_step_count(language, finding) == 0)
		return;
	zone_format(telling->world->zone, finding->first_us, local);
	text_init(&text, sentence, sizeof sentence);
	telling_add_step(&text, language, finding, 0, local);
	json_string(json, page_language_name(language), sentence);
}

void page_telling_put_short(
    struct page_telling *telling, struct json *json, const struct finding *finding)
{
	json_open_object(json, "headline");
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		put_headline(
		    telling, json, page_language_name((enum language)i), (enum language)i, finding);
	json_close_object(json);
	json_open_object(json, "first_step");
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		put_first_step(telling, json, (enum language)i, finding);
	json_close_object(json);
}

/* ---- At length ---- */

static void put_paragraph(struct json *json, const char *key, enum language language,
    const struct finding *finding,
    void (*add)(struct text *text, enum language language, const struct finding *finding))
{
	char paragraph[TELLING_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	add(&text, language, finding);
	json_string(json, key, paragraph);
}

static void add_confidence(struct text *text, enum language language, const struct finding *finding)
{
	telling_add_confidence(text, language, finding->confidence);
}

static void add_why(struct text *text, enum language language, const struct finding *finding)
{
	char why[WORDING_WHY_BYTES];
	wording_why(language, finding, why, sizeof why);
	text_add(text, why);
}

/* Whom to call, and what to send them. */
static int put_call(const struct page_telling *telling, struct json *json, enum language language,
    int64_t id, const struct finding *finding)
{
	const struct station_config *config = telling->world->config;
	const char *desk = config->operator.mail;
	const struct letter_setting setting = {.language = language,
	    .zone = telling->world->zone,
	    .station = config->station.name,
	    .desk = desk[0] != '\0' ? desk : NULL};
	const struct letter_incident incident = {.id = id, .registry = telling->registry};
	struct letter_call call;
	const int result = letter_call(&setting, &incident, finding, &call);
	if (result != 0)
		return result;
	call.paste[strcspn(call.paste, "\n")] = '\0'; /* one paragraph it is */
	json_string(json, "whom", call.whom);
	json_string(json, "vendor", call.paste);
	json_string(json, "neglect", call.neglect);
	free(call.paste);
	return 0;
}

int page_telling_put_advice(struct page_telling *telling, struct json *json, int64_t incident,
    const struct finding *finding)
{
	int result = 0;
	json_open_object(json, "advice");
	for (int i = 0; i < LANGUAGE_COUNT && result == 0; i++) {
		const enum language language = (enum language)i;
		json_open_object(json, page_language_name(language));
		put_headline(telling, json, "headline", language, finding);
		put_paragraph(json, "how_sure", language, finding, add_confidence);
		put_paragraph(json, "attribution", language, finding, telling_add_attribution);
		put_paragraph(json, "why", language, finding, add_why);
		put_paragraph(json, "numbers", language, finding, telling_add_counts);
		put_steps(telling, json, language, finding);
		result = put_call(telling, json, language, incident, finding);
		json_close_object(json);
	}
	json_close_object(json);
	return result;
}
