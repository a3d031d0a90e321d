#include "cmd/station/config_show.h"

#include <stdio.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/quantity.h"
#include "cmd/station/config_key.h"

/* A list that is being written. */
struct showing {
	char *out;
	size_t length;
	bool is_cut;
};

static void add_item(struct showing *showing, const char *item)
{
	const size_t room = CONFIG_SHOWN_BYTES - showing->length;
	const size_t needed = strlen(item) + sizeof ", ..." + 1;
	if (showing->is_cut)
		return;
	showing->is_cut = needed > room;
	if (showing->is_cut)
		item = "...";
	showing->length += (size_t)snprintf(showing->out + showing->length, room, "%s%s",
	    showing->length == 0 ? "" : ", ", item); /* it fits, or "..." does */
}

static void show_text(const void *field, char *out)
{
	(void)snprintf(out, CONFIG_SHOWN_BYTES, "%s", (const char *)field);
}

/* "https://hooks.example/...", or nothing. */
static void show_url(const void *field, char *out)
{
	struct url url;
	const char *why;
	const char *text = field;
	const char *host = strstr(text, "://");
	if (text[0] == '\0' || host == NULL || url_parse(text, &url, &why) != 0)
		return;
	(void)snprintf(out, CONFIG_SHOWN_BYTES, "%.*s%s%s", (int)(host + 3 - text), text,
	    url.endpoint.host, strchr(host + 3, '/') != NULL ? "/..." : "");
}

static void show_endpoint(const void *field, char *out)
{
	struct endpoint endpoint;
	memcpy(&endpoint, field, sizeof endpoint);
	if (endpoint.port != 0)
		endpoint_format(&endpoint, out);
}

static void show_duration(const void *field, char *out)
{
	int64_t us;
	memcpy(&us, field, sizeof us);
	duration_format(us, out);
}

static void show_size(const void *field, char *out)
{
	uint64_t bytes;
	memcpy(&bytes, field, sizeof bytes);
	size_format(bytes, out);
}

static void show_space(const void *field, char *out)
{
	struct station_config_low_disk space;
	memcpy(&space, field, sizeof space);
	if (space.percent != 0)
		(void)snprintf(out, CONFIG_SHOWN_BYTES, "%u%%", space.percent);
	else
		size_format(space.bytes, out);
}

static void show_count(const void *field, char *out)
{
	uint32_t count;
	memcpy(&count, field, sizeof count);
	(void)snprintf(out, CONFIG_SHOWN_BYTES, "%u", (unsigned)count);
}

static void show_flag(const void *field, char *out)
{
	(void)snprintf(out, CONFIG_SHOWN_BYTES, "%s", *(const bool *)field ? "true" : "false");
}

static void show_language(const void *field, char *out)
{
	int language;
	memcpy(&language, field, sizeof language);
	(void)snprintf(out, CONFIG_SHOWN_BYTES, "%s",
	    language < 0              ? "auto"
	    : language == LANGUAGE_JA ? "ja"
				      : "en");
}

static void show_weekday(const void *field, char *out)
{
	struct station_config_digest digest;
	memcpy(&digest, field, sizeof digest);
	if (digest.is_on)
		weekday_format(&digest.at, out);
	else
		(void)snprintf(out, CONFIG_SHOWN_BYTES, "off");
}

static void show_sources(const void *field, char *out)
{
	const struct station_config_sources *sources = field;
	struct showing showing = {.out = out};
	if (sources->is_auto)
		add_item(&showing, "auto");
	for (size_t i = 0; i < sources->count; i++)
		add_item(&showing, sources->list[i].address);
}

static void show_prefixes(const void *field, char *out)
{
	const struct station_config_prefixes *prefixes = field;
	struct showing showing = {.out = out};
	if (prefixes->is_auto)
		add_item(&showing, "auto");
	for (size_t i = 0; i < prefixes->count; i++) {
		char text[PREFIX_TEXT_BYTES];
		prefix_format(&prefixes->list[i], text);
		add_item(&showing, text);
	}
}

static void show_expect(const void *field, char *out)
{
	const struct station_config_expect *expect = field;
	struct showing showing = {.out = out};
	for (size_t i = 0; i < expect->count; i++)
		add_item(&showing, expect->list[i].name);
}

/* What is not in it is text as it stands; rules have pages of their own. */
static const struct {
	const struct value_type *type;
	void (*show)(const void *field, char *out);
} shows[] = {
    {&value_url, show_url},
    {&value_server, show_endpoint},
    {&value_listen, show_endpoint},
    {&value_duration, show_duration},
    {&value_size, show_size},
    {&value_space, show_space},
    {&value_count, show_count},
    {&value_flag, show_flag},
    {&value_language, show_language},
    {&value_weekday, show_weekday},
    {&value_sources, show_sources},
    {&value_prefixes, show_prefixes},
    {&value_expect, show_expect},
};

static void show_field(const struct station_key *key, const void *field, char *out)
{
	unsigned choice;
	out[0] = '\0';
	if (key->type == &value_choice) {
		memcpy(&choice, field, sizeof choice);
		(void)snprintf(out, CONFIG_SHOWN_BYTES, "%s", key->words[choice]);
		return;
	}
	for (size_t i = 0; i < sizeof shows / sizeof shows[0]; i++) {
		if (shows[i].type == key->type) {
			shows[i].show(field, out);
			return;
		}
	}
	if (key->type->shape == SHAPE_ONE)
		show_text(field, out);
	/* what is left to this machine until it is completed, or for good */
	if (out[0] == '\0' && strcmp(key->initial, "auto") == 0)
		(void)snprintf(out, CONFIG_SHOWN_BYTES, "auto");
}

static const char *name_origin(const struct station_config *config, size_t i)
{
	switch ((enum station_origin)config->origins[i]) {
	case STATION_ORIGIN_FILE:
		return "station.yaml";
	case STATION_ORIGIN_SETTINGS:
		return "page";
	case STATION_ORIGIN_DEFAULT:
	default:
		return "default";
	}
}

bool config_show(const struct station_config *config, size_t i, struct config_shown *ret_shown)
{
	static struct station_config initial; /* large */
	if (i >= station_key_count)
		return false;
	const struct station_key *key = &station_keys[i];
	station_config_init(&initial);
	*ret_shown = (struct config_shown){.key = key->path,
	    .from = name_origin(config, i),
	    .is_default = memcmp((const char *)config + key->offset,
			      (const char *)&initial + key->offset, key->bytes) == 0,
	    .is_changeable = key->change != NULL};
	memcpy(ret_shown->explanations, key->explanations, sizeof ret_shown->explanations);
	show_field(key, (const char *)config + key->offset, ret_shown->value);
	if (key->change == NULL)
		return true;
	ret_shown->choices = station_key_choices(key);
	for (int language = 0; language < LANGUAGE_COUNT; language++)
		station_key_expect_change(
		    key, (enum language)language, ret_shown->expected[language]);
	return true;
}
