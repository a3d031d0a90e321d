#include "cmd/station/roster.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	GROW_MIN = 16,
};

/* Where records of one kind gather. */
struct gathering {
	struct roster *roster;
	const struct roster_options *options;
	struct complaint *complaint;
	size_t contact_room;
	size_t exception_room;
	size_t member_room;
	FILE *text; /* of the registry */
};

void roster_free(struct roster *roster)
{
	if (roster == NULL)
		return;
	for (size_t i = 0; i < roster->member_count; i++) {
		if (roster->members[i].zone != roster->zone)
			zone_free(roster->members[i].zone);
		free(roster->members[i].egress);
	}
	zone_free(roster->zone);
	holidays_free(roster->holidays);
	registry_free(roster->registry);
	free(roster->registry_text);
	free(roster->members);
	for (size_t i = 0; i < roster->contact_count; i++)
		free(roster->contacts[i].certificate);
	free(roster->contacts);
	free(roster->exceptions);
	free(roster);
}

/* Room for one more; NULL when memory is out. Grows the array and its room. */
static void *make_room(void **array, size_t count, size_t *room, size_t item_bytes)
{
	if (count == *room) {
		size_t more = *room == 0 ? GROW_MIN : *room * 2;
		void *grown = reallocarray(*array, more, item_bytes);
		if (grown == NULL)
			return NULL;
		*array = grown;
		*room = more;
	}
	return (char *)*array + count * item_bytes;
}

static void copy_text(char *out, size_t room, const char *text)
{
	size_t length = strnlen(text, room - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

/* What the store holds was checked when it came in: an unknown word is of a newer program. */
static enum language language_of(const char *name, enum language otherwise)
{
	int language = language_find(name);
	return language < 0 ? otherwise : (enum language)language;
}

static int add_member(struct gathering *gathering, int64_t id, const char *name,
    enum language language, struct zone *zone)
{
	struct roster *roster = gathering->roster;
	void *members = roster->members;
	struct roster_member *member = make_room(
	    &members, roster->member_count, &gathering->member_room, sizeof *roster->members);
	roster->members = members;
	if (member == NULL)
		return complain(gathering->complaint, -ENOMEM, "out of memory for members");
	*member = (struct roster_member){
	    .id = id,
	    .language = language,
	    .zone = zone,
	    .hours = roster->hours,
	    .place = {zone, roster->place.calendar},
	};
	copy_text(member->name, sizeof member->name, name);
	roster->member_count++;
	return 0;
}

/* Its country, hours and log. What the store holds was checked when it came in; a table that went
 * away since leaves weekends. */
static int set_more(struct gathering *gathering, const struct store_member *record)
{
	struct roster *roster = gathering->roster;
	struct roster_member *member = &roster->members[roster->member_count - 1];
	struct hours hours;
	if (record->country[0] != '\0')
		holidays_find(roster->holidays, record->country, &member->place.calendar);
	if (record->hours[0] != '\0' && hours_parse(record->hours, &hours, NULL) == 0)
		member->hours = hours;
	if (record->egress[0] == '\0')
		return 0;
	member->egress = strdup(record->egress);
	return member->egress != NULL
		   ? 0
		   : complain(gathering->complaint, -ENOMEM, "out of memory for members");
}

/* Until the registry is made its numbers are those of the store's members in order of their ids. */
static int visit_member(void *context, const void *record)
{
	struct gathering *gathering = context;
	const struct store_member *member = record;
	struct zone *zone = gathering->roster->zone;
	const char *own = gathering->options->zone;
	if (member->zone[0] != '\0' && strcmp(member->zone, own) != 0 &&
	    zone_open(member->zone, &zone, NULL) != 0)
		zone = gathering->roster->zone; /* its file went away: the station's clocks do */
	int result = add_member(gathering, member->id, member->name,
	    language_of(member->language, gathering->options->language), zone);
	return result != 0 ? result : set_more(gathering, member);
}

static struct roster_member *find_member(const struct roster *roster, int64_t id)
{
	for (size_t i = 0; i < roster->member_count; i++)
		if (roster->members[i].id == id)
			return &roster->members[i];
	return NULL;
}

static int visit_prefix(void *context, const void *record)
{
	struct gathering *gathering = context;
	const struct store_prefix *prefix = record;
	const struct roster_member *member = find_member(gathering->roster, prefix->member_id);
	if (member == NULL)
		return complain(
		    gathering->complaint, -EINVAL, "prefix %s: of no member", prefix->prefix);
	fprintf(gathering->text, "member\t%s\t%s\n", member->name, prefix->prefix);
	if (prefix->dark)
		fprintf(gathering->text, "dark\t%s\n", prefix->prefix);
	return 0;
}

/* One of a later program is our own. */
static enum notice_style style_of(const struct store_contact *contact)
{
	const int found = notice_style_find(contact->style,
	    contact->kind == CONTACT_SYSLOG ? NOTICE_STYLE_OF_SYSLOG : NOTICE_STYLE_OF_WEBHOOK);
	return found < 0 ? NOTICE_STYLE_OWN : (enum notice_style)found;
}

static int visit_contact(void *context, const void *record)
{
	struct gathering *gathering = context;
	const struct store_contact *contact = record;
	struct roster *roster = gathering->roster;
	int severity = severity_find(contact->severity_min);
	if (roster->contact_count == ROSTER_CONTACTS_MAX)
		return complain(
		    gathering->complaint, -E2BIG, "more than %d contacts", ROSTER_CONTACTS_MAX);
	void *contacts = roster->contacts;
	struct roster_contact *kept =
	    make_room(&contacts, roster->contact_count, &gathering->contact_room, sizeof *kept);
	roster->contacts = contacts;
	if (kept == NULL)
		return complain(gathering->complaint, -ENOMEM, "out of memory for contacts");
	*kept = (struct roster_contact){
	    .id = contact->id,
	    .member_id = contact->member_id,
	    .kind = contact->kind,
	    .state = contact->state,
	    .severity_min = severity < 0 ? SEVERITY_MEDIUM : (enum severity)severity,
	    .language = language_of(contact->language, gathering->options->language),
	    .tier = contact->tier != 0,
	    /* a format of a later program is told as JSON */
	    .attach = export_format_find(contact->attach),
	    .attaches_nothing = strcmp(contact->attach, "none") == 0,
	    .style = style_of(contact),
	};
	/* what is none was written by another program: then of all of them, and always */
	if (routing_parse_rules(contact->rules, &kept->rules, NULL) != 0)
		kept->rules = 0;
	if (hours_parse(contact->hours, &kept->hours, NULL) != 0)
		kept->hours.count = 0;
	copy_text(kept->secret, sizeof kept->secret, contact->secret);
	if (strlen(contact->address) >= sizeof kept->address)
		return complain(gathering->complaint, -EINVAL,
		    "contact %" PRId64 ": address too long", contact->id);
	copy_text(kept->address, sizeof kept->address, contact->address);
	if (contact->certificate.length > 0) {
		kept->certificate = malloc(contact->certificate.length);
		if (kept->certificate == NULL)
			return complain(
			    gathering->complaint, -ENOMEM, "out of memory for contacts");
		memcpy(kept->certificate, contact->certificate.data, contact->certificate.length);
		kept->certificate_length = contact->certificate.length;
		kept->certificate_until_us = contact->certificate_until_us;
	}
	roster->contact_count++;
	return 0;
}

static int visit_exception(void *context, const void *record)
{
	struct gathering *gathering = context;
	const struct store_exception *exception = record;
	struct roster *roster = gathering->roster;
	const char *why;
	if (roster->exception_count == ROSTER_EXCEPTIONS_MAX)
		return complain(
		    gathering->complaint, -E2BIG, "more than %d exceptions", ROSTER_EXCEPTIONS_MAX);
	void *exceptions = roster->exceptions;
	struct exception *kept = make_room(
	    &exceptions, roster->exception_count, &gathering->exception_room, sizeof *kept);
	roster->exceptions = exceptions;
	if (kept == NULL)
		return complain(gathering->complaint, -ENOMEM, "out of memory for exceptions");
	*kept = (struct exception){
	    .id = exception->id,
	    .member_id = exception->member_id,
	    .rule = exception->rule[0] == '\0' ? -1 : rule_find(exception->rule),
	    .port = (int)exception->port,
	    .until_us = exception->until_us == 0 ? INT64_MAX : exception->until_us,
	};
	/* of a rule that we do not know it covers nothing, rather than everything */
	if (exception->rule[0] != '\0' && kept->rule < 0)
		return 0;
	if (prefix_parse(exception->subject, &kept->subject, &why) != 0)
		return complain(gathering->complaint, -EINVAL, "exception %" PRId64 ": %s: %s",
		    exception->id, exception->subject, why);
	roster->exception_count++;
	return 0;
}

static int read_kind(struct store *store, enum store_kind kind,
    int (*visit)(void *context, const void *record), struct gathering *gathering)
{
	const struct store_query query = {.kind = kind};
	return store_each(store, &query, visit, gathering, gathering->complaint);
}

static void add_dark(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->options->dark_count; i++) {
		char text[PREFIX_TEXT_BYTES];
		prefix_format(&gathering->options->dark[i], text);
		fprintf(gathering->text, "dark\t%s\n", text);
	}
}

/* The registry gives numbers in the order in which names first come: members without any prefix
 * have none. */
static void sort_members(struct roster *roster)
{
	size_t numbered = registry_member_count(roster->registry);
	for (size_t number = 0; number < numbered; number++) {
		const char *name = registry_member_name(roster->registry, (int)number);
		size_t at = number;
		while (strcmp(roster->members[at].name, name) != 0)
			at++;
		assert(at < roster->member_count);
		const struct roster_member moved = roster->members[at];
		roster->members[at] = roster->members[number];
		roster->members[number] = moved;
	}
}

static void add_own_ranges(struct gathering *gathering)
{
	struct prefix canary;
	const char *why;
	int error = prefix_parse(ROSTER_CANARY_PREFIX, &canary, &why);
	assert(error == 0);
	(void)error;
	for (size_t i = 0; i < gathering->options->own_count; i++) {
		const struct prefix *own = &gathering->options->own[i];
		char text[PREFIX_TEXT_BYTES];
		if (prefix_contains(own, &canary.address))
			continue;
		prefix_format(own, text);
		fprintf(gathering->text, "member\tlocal\t%s\n", text);
	}
}

/* For who runs a station without members: what is private, or watched, is the operator's own. */
static int add_own(struct gathering *gathering)
{
	struct roster *roster = gathering->roster;
	enum language language = gathering->options->language;
	int result = 0;
	roster->is_local = roster->member_count == 0;
	if (roster->is_local) {
		fputs("local\n", gathering->text);
		add_own_ranges(gathering);
		result = add_member(gathering, 0, "local", language, roster->zone);
	}
	fprintf(gathering->text, "member\t%s\t%s\ndark\t%s\n", ROSTER_CANARY_MEMBER,
	    ROSTER_CANARY_PREFIX, ROSTER_CANARY_DARK);
	return result != 0 ? result
			   : add_member(gathering, ROSTER_CANARY_ID, ROSTER_CANARY_MEMBER, language,
				 roster->zone);
}

static int gather_registry(struct store *store, struct gathering *gathering)
{
	struct roster *roster = gathering->roster;
	gathering->text = open_memstream(&roster->registry_text, &roster->registry_bytes);
	if (gathering->text == NULL)
		return complain(gathering->complaint, -ENOMEM, "out of memory for members");
	int result = read_kind(store, STORE_MEMBER, visit_member, gathering);
	if (result == 0)
		result = read_kind(store, STORE_PREFIX, visit_prefix, gathering);
	if (result == 0)
		result = add_own(gathering);
	add_dark(gathering);
	if (fclose(gathering->text) != 0 && result == 0)
		result = complain(gathering->complaint, -ENOMEM, "out of memory for members");
	return result;
}

/* What holds of members that gave nothing else, and of the operator. */
static int set_station(struct gathering *gathering)
{
	struct roster *roster = gathering->roster;
	const struct roster_options *options = gathering->options;
	const char *country = options->country != NULL ? options->country : "";
	int result = holidays_read(options->directory, &roster->holidays, gathering->complaint);
	if (result != 0)
		return result;
	if (country[0] == '\0' && strcmp(options->zone, "Asia/Tokyo") == 0)
		country = "JP";
	roster->place.zone = roster->zone;
	if (country[0] != '\0')
		holidays_find(roster->holidays, country, &roster->place.calendar);
	return hours_parse(
	    options->hours != NULL ? options->hours : "", &roster->hours, gathering->complaint);
}

static int fill(struct store *store, struct gathering *gathering)
{
	struct roster *roster = gathering->roster;
	int result = 0;
	if (gathering->options->zone[0] != '\0')
		result = zone_open(gathering->options->zone, &roster->zone, gathering->complaint);
	if (result == 0)
		result = set_station(gathering);
	if (result == 0)
		result = gather_registry(store, gathering);
	if (result == 0)
		result = roster_parse_registry(roster->registry_text, roster->registry_bytes,
		    &roster->registry, gathering->complaint);
	if (result != 0)
		return result;
	sort_members(roster);
	result = read_kind(store, STORE_CONTACT, visit_contact, gathering);
	return result != 0 ? result : read_kind(store, STORE_EXCEPTION, visit_exception, gathering);
}

int roster_read(struct store *store, const struct roster_options *options,
    struct roster **ret_roster, struct complaint *complaint)
{
	struct gathering gathering = {
	    .roster = calloc(1, sizeof *gathering.roster),
	    .options = options,
	    .complaint = complaint,
	};
	if (gathering.roster == NULL)
		return complain(complaint, -ENOMEM, "out of memory for members");
	int result = fill(store, &gathering);
	if (result != 0)
		roster_free(gathering.roster);
	else
		*ret_roster = gathering.roster;
	return result;
}

const struct roster_member *roster_member(const struct roster *roster, int number)
{
	assert(number >= 0 && (size_t)number < roster->member_count);
	return &roster->members[number];
}

const struct roster_member *roster_find_member(const struct roster *roster, int64_t id)
{
	return find_member(roster, id);
}

/* The next field of a line that ends at a tab or the line's end; terminated in place. */
static char *take_field(char **rest)
{
	char *field = *rest;
	char *tab = strchr(field, '\t');
	if (tab == NULL) {
		*rest = field + strlen(field);
	} else {
		*tab = '\0';
		*rest = tab + 1;
	}
	return field;
}

static int parse_line(struct registry *registry, char *line, struct complaint *complaint)
{
	const char *word = take_field(&line);
	if (strcmp(word, "local") == 0 && line[0] == '\0')
		return registry_add_local(registry, complaint);
	const char *first = take_field(&line);
	if (strcmp(word, "dark") == 0 && line[0] == '\0')
		return registry_add_dark(registry, first, complaint);
	if (strcmp(word, "member") == 0)
		return registry_add_member(registry, first, line, complaint);
	return complain(complaint, -EINVAL, "%s: expected member, dark or local", word);
}

static int parse_lines(
    struct registry *registry, char *text, size_t length, struct complaint *complaint)
{
	int result = 0;
	if (memchr(text, '\0', length) != NULL || length == 0 || text[length - 1] != '\n')
		return complain(complaint, -EINVAL, "expected whole lines");
	for (char *line = text; line < text + length && result == 0;) {
		char *end = strchr(line, '\n');
		*end = '\0';
		result = parse_line(registry, line, complaint);
		line = end + 1;
	}
	return result;
}

int roster_parse_registry(
    const char *text, size_t length, struct registry **ret_registry, struct complaint *complaint)
{
	struct registry *registry = NULL;
	int result = -ENOMEM;
	char *copy = malloc(length + 1);
	if (copy == NULL)
		return complain(complaint, -ENOMEM, "out of memory for members");
	memcpy(copy, text, length);
	copy[length] = '\0';
	result = registry_new(&registry);
	if (result == 0)
		result = parse_lines(registry, copy, length, complaint);
	if (result == 0)
		result = registry_seal(registry, complaint);
	free(copy);
	if (result != 0)
		registry_free(registry);
	else
		*ret_registry = registry;
	return result;
}
