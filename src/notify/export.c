/* export.c - the table of formats, and what is said of an incident in all of them. */
#include "notify/export.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "notify/export_internal.h"
#include "notify/finding_json.h"
#include "notify/glyph.h"
#include "notify/mail.h"
#include "notify/report_internal.h"

enum {
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	SEEN_MAX = 1 << 20, /* objects named once; beyond that some are named again */
	ID_BYTES = 80,      /* "network-traffic--" and a UUID, and more */
	NAMES_BYTES = 128,
};

static const struct export_format *const formats[] = {
    &export_iodef,
    &export_iodef_json,
    &export_stix,
    &export_idea,
    &export_xarf,
    &export_misp,
    &export_shadowserver,
    &export_eve,
};

#define FORMAT_COUNT (sizeof formats / sizeof formats[0])

static const char *const tlp_names[] = {
    [EXPORT_TLP_CLEAR] = "clear",
    [EXPORT_TLP_GREEN] = "green",
    [EXPORT_TLP_AMBER] = "amber",
    [EXPORT_TLP_AMBER_STRICT] = "amber+strict",
    [EXPORT_TLP_RED] = "red",
};
static_assert(sizeof tlp_names / sizeof tlp_names[0] == EXPORT_TLP_COUNT, "a name for each");

const char *export_tlp_name(enum export_tlp tlp)
{
	return tlp_names[tlp];
}

int export_tlp_find(const char *name)
{
	for (int i = 0; i < EXPORT_TLP_COUNT; i++)
		if (strcmp(tlp_names[i], name) == 0)
			return i;
	return -1;
}

/* ---- The table ---- */

const struct export_format *export_format_find(const char *name)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *export_format_names(void)
{
	static char names[NAMES_BYTES];
	struct text text;
	if (names[0] != '\0')
		return names;
	text_init(&text, names, sizeof names);
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		text_add(&text, i == 0 ? "" : ", ");
		text_add(&text, formats[i]->name);
	}
	assert(!text.cut);
	return names;
}

const struct export_format *export_format_at(size_t number)
{
	return number < FORMAT_COUNT ? formats[number] : NULL;
}

const char *export_format_name(const struct export_format *format)
{
	return format->name;
}

const char *export_format_file(const struct export_format *format)
{
	return format->file;
}

const char *export_format_media_type(const struct export_format *format)
{
	return format->media_type;
}

void export_frame_nothing(struct export *export)
{
	(void)export;
}

/* ---- Facts ---- */

unsigned export_port_of(const struct finding_port *port)
{
	const bool has_ports = port->protocol == PROTOCOL_TCP || port->protocol == PROTOCOL_UDP;
	return has_ports && report_has_port(port) ? port->port : 0;
}

const char *export_protocol_of(const struct finding_port *port)
{
	return report_protocol_name(port);
}

unsigned export_source_port_of(const struct finding *finding)
{
	for (size_t i = 0; i < finding->source_port_count; i++)
		if (finding->source_ports[i] != 0)
			return finding->source_ports[i];
	return 0;
}

bool export_is_new(struct export *export, const char *id)
{
	char key[ID_BYTES] = {0};
	(void)snprintf(key, sizeof key, "%s", id); /* it fits */
	const uint64_t hash = hash_bytes(key, sizeof key, 0);
	if (export->seen == NULL)
		export->seen = table_new(sizeof key, sizeof key, SEEN_MAX);
	if (export->seen == NULL)
		return true; /* named twice is better than never */
	if (table_find(export->seen, key, hash) != NULL)
		return false;
	(void)table_insert(export->seen, key, hash); /* or there is no room: likewise */
	return true;
}

static void write_title(struct export_facts *facts, enum language language)
{
	const struct vocabulary *words = wording_get(language);
	struct text text;
	text_init(&text, facts->title, sizeof facts->title);
	if (facts->incident->is_drill) {
		text_add(&text, wording_get(LANGUAGE_EN)->messages[MESSAGE_DRILL_TAG]);
		text_add(&text, " ");
	}
	text_add(&text, words->titles[facts->finding->rule]);
	text_add(&text, ": ");
	text_add(&text, facts->subject);
	if (facts->member[0] == '\0')
		return;
	text_add(&text, " (");
	text_add(&text, facts->member);
	text_add(&text, ")");
}

/* The reasons, and whether the address may be forged. */
static void write_why(struct export_facts *facts, enum language language)
{
	const struct finding *finding = facts->finding;
	char sentence[WORDING_WHY_BYTES];
	struct text text;
	text_init(&text, facts->why, sizeof facts->why);
	if (facts->incident->is_drill) {
		text_add(&text, wording_get(language)->messages[MESSAGE_DRILL_NOTE]);
		text_add(&text, " ");
	}
	wording_why(language, finding, sentence, sizeof sentence);
	text_add(&text, sentence);
	if (finding->spoof == SPOOF_UNLIKELY)
		return;
	text_add(&text, " ");
	text_add(&text, wording_get(language)->spoofs[finding->spoof]);
}

static char *write_json(const struct export_facts *facts, enum language language)
{
	char *text = NULL;
	size_t length = 0;
	struct json json;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		return NULL;
	json_init(&json, out);
	finding_json_write(
	    &json, NULL, language, facts->member[0] != '\0' ? facts->member : NULL, facts->finding);
	const bool failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A clock that was set back, or a database that somebody wrote, must not turn times around. */
static void write_times(struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	const struct export_incident *incident = facts->incident;
	facts->changed_us =
	    later(later(incident->opened_us, incident->changed_us), finding->last_us);
	when_format_utc(finding->first_us, facts->first);
	when_format_utc(later(finding->first_us, finding->last_us), facts->last);
	when_format_utc(incident->opened_us, facts->opened);
	when_format_utc(facts->changed_us, facts->changed);
}

static void gather(const struct export *export, const struct export_incident *incident,
    struct export_facts *ret_facts)
{
	const struct finding *finding = incident->finding;
	const enum language language = export->setting.language;
	*ret_facts = (struct export_facts){
	    .incident = incident,
	    .finding = finding,
	    .is_v4 = address_is_v4(&finding->subject),
	    .is_victim = finding->role == ROLE_VICTIM,
	    .confidence =
		finding->confidence >= 0 && finding->confidence <= 1 ? finding->confidence : -1,
	};
	address_format(&finding->subject, ret_facts->subject);
	glyph_copy_visible(incident->member, ret_facts->member, sizeof ret_facts->member);
	glyph_copy_visible(incident->state, ret_facts->state, sizeof ret_facts->state);
	write_times(ret_facts);
	write_title(ret_facts, language);
	write_why(ret_facts, language);
	ret_facts->json = write_json(ret_facts, language);
}

/* ---- A document ---- */

static void copy_identity(const char *identity, char out[static EXPORT_IDENTITY_BYTES])
{
	size_t used = 0;
	for (; *identity != '\0' && used < EXPORT_IDENTITY_BYTES - 1; identity++)
		if (isascii((unsigned char)*identity) && isalnum((unsigned char)*identity))
			out[used++] = *identity;
	out[used] = '\0';
}

/* Of an address what others take for one, or nothing. */
static void copy_address(const char *address, char out[static EXPORT_ADDRESS_BYTES])
{
	if (mail_check_address(address, NULL) == 0)
		(void)snprintf(out, EXPORT_ADDRESS_BYTES, "%s", address);
}

static void begin(struct export *export)
{
	if (!export->has_begun)
		export->format->begin(export);
	export->has_begun = true;
}

int export_open(const struct export_format *format, const struct export_setting *setting, FILE *out,
    struct export **ret_export)
{
	struct export *export = calloc(1, sizeof *export);
	if (export == NULL)
		return -ENOMEM;
	export->format = format;
	export->setting = *setting;
	export->out = out;
	glyph_copy_visible(setting->station[0] != '\0' ? setting->station : "hinomi",
	    export->station, sizeof export->station);
	copy_identity(setting->identity, export->identity);
	copy_address(setting->address, export->address);
	when_format_utc(setting->now_us, export->now);
	export_uuid_of(export, "document", setting->now_us, export->chain);
	json_init(&export->json, out);
	if (!format->wants_one)
		begin(export);
	*ret_export = export;
	return 0;
}

void export_add(struct export *export, const struct export_incident *incident)
{
	struct export_facts facts;
	char state[EXPORT_UUID_BYTES];
	begin(export);
	gather(export, incident, &facts);
	export_uuid_of_state(export, "chain", &facts, state);
	export_uuid(export->chain, state, 5, export->chain);
	export->format->add(export, &facts);
	free(facts.json);
}

int export_close(struct export *export)
{
	if (export->has_begun)
		export->format->end(export);
	const int flushed = fflush(export->out);
	const int result = flushed != 0 || ferror(export->out) != 0 ? -EIO : 0;
	table_free(export->seen);
	free(export);
	return result;
}

int export_text(const struct export_format *format, const struct export_setting *setting,
    const struct export_incident *incident, char **ret_text, size_t *ret_length)
{
	struct export *export = NULL;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		return -ENOMEM;
	int result = export_open(format, setting, out, &export);
	if (result == 0) {
		export_add(export, incident);
		result = export_close(export) == 0 ? 0 : -ENOMEM;
	}
	if (fclose(out) != 0 && result == 0)
		result = -ENOMEM; /* a stream into memory fails of nothing else */
	if (result != 0) {
		free(text);
		return result;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}
