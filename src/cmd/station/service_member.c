/* service_member.c - members and their ranges. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "cmd/station/names.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

/* A member as a request gives it; of what it does not give, NULL. */
struct order {
	const struct call *call;
	const struct json_node *row;
	struct store_member *member; /* as it was; NULL: a new one */
	int64_t id;                  /* of the member, when it was put */
};

/* ---- What is right ---- */

/* Names that the station gives itself. */
static int check_name(const struct call *call, const char *name)
{
	struct registry *registry = NULL;
	if (strcmp(name, "local") == 0 || strcmp(name, ROSTER_CANARY_MEMBER) == 0)
		return call_refuse(call, -EINVAL, "member.reserved",
		    "member %s: the station itself uses this name, expected another", name);
	int result = registry_new(&registry);
	if (result != 0)
		return complain(call->complaint, result, "out of memory");
	result = call_means(call, registry_add_member(registry, name, "192.0.2.1", call->complaint),
	    "member.name", name);
	registry_free(registry);
	return result;
}

static int check_words(const struct call *call, const char *language, const char *zone)
{
	struct zone *found = NULL;
	if (language != NULL && language_find(language) < 0)
		return call_refuse(
		    call, -EINVAL, "language", "language %s: expected ja or en", language);
	if (zone == NULL || strcmp(zone, "UTC") == 0)
		return 0;
	int result = zone_open(zone, &found, call->complaint);
	zone_free(found);
	if (result == -ENOENT)
		result = -EINVAL; /* it is what was asked that is wrong */
	return call_means(call, result, "zone", zone);
}

static const char *row_text(const struct order *order, const char *name, const char *otherwise)
{
	const char *text = otherwise;
	(void)json_read_text(json_read_member(order->row, name), &text); /* it was checked */
	return text;
}

/* In the form in which it is kept. */
static int tidy_prefix(const struct order *order, const char *text, char out[PREFIX_TEXT_BYTES])
{
	struct prefix prefix;
	const char *why;
	if (prefix_parse(text, &prefix, &why) != 0) {
		(void)complain(order->call->complaint, -EINVAL, "member %s: %s: %s",
		    row_text(order, "name", ""), text, why);
		return call_means(order->call, -EINVAL, "range", text);
	}
	prefix_format(&prefix, out);
	return 0;
}

/* ---- What is put ---- */

static struct store_query prefix_query(int64_t member, const char *prefix, bool dark)
{
	return (struct store_query){
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member},
		{.column = "prefix", .test = STORE_IS, .text = prefix},
		{.column = "dark", .test = STORE_IS, .number = dark}},
	};
}

/* One that is there already is not put twice. */
static int put_prefix(
    const struct order *order, const char *given, bool dark, struct complaint *complaint)
{
	char text[PREFIX_TEXT_BYTES];
	int64_t count = 0;
	int result = tidy_prefix(order, given, text);
	if (result != 0)
		return result;
	const struct store_query same = prefix_query(order->id, text, dark);
	result = store_count(order->call->store, &same, &count, complaint);
	if (result != 0 || count > 0)
		return result;
	struct store_prefix prefix = {.member_id = order->id, .prefix = text, .dark = dark};
	return store_put(order->call->store, STORE_RECORD(&prefix), STORE_REPLACE, complaint);
}

/* All of a list of the row. */
static int put_prefixes(
    const struct order *order, const char *name, bool dark, struct complaint *complaint)
{
	const struct json_node *list = json_read_member(order->row, name);
	int result = 0;
	for (size_t i = 0; i < json_read_count(list) && result == 0; i++) {
		const char *text = "";
		(void)json_read_text(json_read_item(list, i), &text); /* it was checked */
		result = put_prefix(order, text, dark, complaint);
	}
	return result;
}

static int remove_prefixes(const struct order *order, struct complaint *complaint)
{
	const struct call *call = order->call;
	for (size_t i = 0; i < call_count(call, "remove"); i++) {
		char text[PREFIX_TEXT_BYTES];
		int64_t removed = 0;
		int result = tidy_prefix(order, call_item(call, "remove", i), text);
		for (int dark = 0; dark <= 1 && result == 0; dark++) {
			int64_t count = 0;
			const struct store_query which = prefix_query(order->id, text, dark == 1);
			result = store_remove(call->store, &which, &count, complaint);
			removed += count;
		}
		if (result == 0 && removed == 0)
			result = call_means(call,
			    complain(complaint, -ENOENT, "member %s: %s is none of its ranges",
				order->member->name, text),
			    "member.no-range", text);
		if (result != 0)
			return result;
	}
	return 0;
}

/* The record, with what the row gives in place of what was. */
static int put_member(struct order *order, const char *name, struct complaint *complaint)
{
	const struct call *call = order->call;
	const struct store_member *before = order->member;
	const struct service *service = call->service;
	struct store_member member = {
	    .id = before != NULL ? before->id : 0,
	    .name = name,
	    .language = row_text(order, "language",
		before != NULL ? before->language : station_language_name(service->language)),
	    .zone = row_text(order, "zone", before != NULL ? before->zone : service->zone),
	    .note = row_text(order, "note", before != NULL ? before->note : ""),
	    .created_us = before != NULL ? before->created_us : call->clock.wall_us,
	    .country = row_text(order, "country", before != NULL ? before->country : ""),
	    .hours = row_text(order, "hours", before != NULL ? before->hours : ""),
	    .egress = row_text(order, "egress", before != NULL ? before->egress : ""),
	};
	if (strcmp(member.egress, "none") == 0)
		member.egress = "";
	int result = store_put(call->store, STORE_RECORD(&member), STORE_REPLACE, complaint);
	order->id = member.id;
	return result;
}

static int put_new(void *context, struct complaint *complaint)
{
	struct order *order = context;
	int result = put_member(order, row_text(order, "name", ""), complaint);
	if (result == 0)
		result = put_prefixes(order, "prefixes", false, complaint);
	return result != 0 ? result : put_prefixes(order, "dark", true, complaint);
}

static int put_changed(void *context, struct complaint *complaint)
{
	struct order *order = context;
	int result = put_member(order, row_text(order, "rename", order->member->name), complaint);
	if (result == 0)
		result = remove_prefixes(order, complaint);
	if (result == 0)
		result = put_prefixes(order, "add", false, complaint);
	return result != 0 ? result : put_prefixes(order, "dark", true, complaint);
}

/* ---- What others have ---- */

/* A range of the request, and one of another member that meets it. */
struct meeting {
	const struct order *order;
	struct prefix prefix;
	char rival[PREFIX_TEXT_BYTES]; /* "": none meets it */
	int64_t member;                /* whose that is */
};

static int visit_rival(void *context, const void *record)
{
	struct meeting *meeting = context;
	const struct store_prefix *stored = record;
	struct prefix other;
	const char *why;
	if (stored->member_id == meeting->order->id ||
	    prefix_parse(stored->prefix, &other, &why) != 0 ||
	    !prefix_overlaps(&other, &meeting->prefix))
		return 0;
	(void)snprintf(meeting->rival, sizeof meeting->rival, "%s", stored->prefix);
	meeting->member = stored->member_id;
	return 1;
}

/* Whether another member has some of this range: then that is what is refused. */
static bool tell_rival(const struct order *order, const char *text)
{
	const struct call *call = order->call;
	const struct store_query all = {.kind = STORE_PREFIX};
	struct meeting meeting = {.order = order};
	struct complaint unused;
	void *member = NULL;
	const char *why;
	if (prefix_parse(text, &meeting.prefix, &why) != 0 ||
	    store_each(call->store, &all, visit_rival, &meeting, &unused) < 0 ||
	    meeting.rival[0] == '\0' ||
	    call_find_number(call, STORE_MEMBER, "id", meeting.member, &member) != 0 ||
	    member == NULL)
		return false;
	refusal_set(call->refusal, "range.taken", text);
	refusal_add(call->refusal, meeting.rival);
	refusal_add(call->refusal, ((struct store_member *)member)->name);
	free(member);
	return true;
}

/* The registry says why in English alone: what it means is looked for among what is there. */
static int explain(const struct order *order, int result)
{
	static const char *const lists[] = {"prefixes", "add", "dark"};
	const struct call *call = order->call;
	if (result != -EINVAL || call->refusal->code[0] != '\0')
		return result;
	for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++)
		for (size_t i = 0; i < call_count(call, lists[list]); i++)
			if (tell_rival(order, call_item(call, lists[list], i)))
				return result;
	return call_means(call, result, "range.refused", NULL);
}

/* ---- Requests ---- */

static int answer_member(const struct call *call, int64_t id)
{
	void *record = NULL;
	int result = call_find_number(call, STORE_MEMBER, "id", id, &record);
	if (result == 0 && record != NULL)
		result = record_write_member(call->json, call->store, record, call->complaint);
	if (result == 0)
		fputc('\n', call->json->out);
	free(record);
	return result;
}

static int check_hours(const struct call *call, const char *text)
{
	struct hours hours;
	struct complaint why;
	int result = hours_parse(text, &hours, &why);
	if (result == 0)
		return 0;
	(void)complain(call->complaint, result, "hours: %s", why.text);
	return call_means(call, result, "hours", text);
}

static int check_row(const struct order *order)
{
	const char *country = row_text(order, "country", "");
	int result = check_words(
	    order->call, row_text(order, "language", NULL), row_text(order, "zone", NULL));
	if (result == 0 && country[0] != '\0')
		result =
		    call_means(order->call, routing_check_country(country, order->call->complaint),
			"member.country", country);
	return result != 0 ? result : check_hours(order->call, row_text(order, "hours", ""));
}

/* No member has this name. */
static int check_free(const struct call *call, const char *name)
{
	void *there = NULL;
	int result = check_name(call, name);
	if (result == 0)
		result = call_find_text(call, STORE_MEMBER, "name", name, &there);
	if (result == 0 && there != NULL)
		result =
		    call_refuse(call, -EEXIST, "member.taken", "member %s: is there already", name);
	free(there);
	return result;
}

int service_member_add(struct call *call)
{
	struct order order = {.call = call, .row = call->arguments};
	const struct keeper_change change = {
	    .context = &order, .put = put_new, .changes_roster = true};
	int result = check_free(call, call_text(call, "name", ""));
	if (result == 0)
		result = check_row(&order);
	if (result == 0)
		result = explain(&order, call_change(call, &change));
	return result != 0 ? result : answer_member(call, order.id);
}

int service_member_change(struct call *call)
{
	struct order order = {.call = call, .row = call->arguments};
	const struct keeper_change change = {
	    .context = &order, .put = put_changed, .changes_roster = true};
	int result = call_find_member(call, call_text(call, "name", ""), &order.member);
	if (result == 0)
		result = check_row(&order);
	if (result == 0 && call_has(call, "rename"))
		result = check_free(call, call_text(call, "rename", ""));
	if (result == 0)
		result = explain(&order, call_change(call, &change));
	free(order.member);
	return result != 0 ? result : answer_member(call, order.id);
}

static int put_removal(void *context, struct complaint *complaint)
{
	const struct order *order = context;
	const struct store_query which = call_by_id(STORE_MEMBER, order->member->id);
	return store_remove(order->call->store, &which, NULL, complaint);
}

/* What is open of it is nobody's any more. */
static void close_incidents(const struct order *order)
{
	struct casebook *casebook = keeper_casebook(order->call->keeper);
	const int64_t now_us = keeper_now_us(order->call->keeper, order->call->clock.wall_us);
	const struct incident_deed deed = {
	    .event = INCIDENT_CLOSE,
	    .reason = CLOSE_NOT_OURS,
	    .by = call_by(order->call),
	    .note = "the member was removed",
	};
	struct incident *incident;
	size_t position = 0;
	while ((incident = casebook_next(casebook, &position)) != NULL)
		if (incident->member_id == order->member->id && incident->state != INCIDENT_CLOSED)
			(void)casebook_do(
			    casebook, incident, &deed, now_us); /* all can be closed */
}

int service_member_remove(struct call *call)
{
	struct order order = {.call = call, .row = call->arguments};
	const struct keeper_change change = {
	    .context = &order, .put = put_removal, .changes_roster = true};
	const struct keeper_change closing = {.context = NULL};
	int result = call_find_member(call, call_text(call, "name", ""), &order.member);
	if (result == 0)
		result = call_change(call, &change);
	if (result == 0) {
		/* not before the member is gone: what was closed in memory would stay so */
		close_incidents(&order);
		result = call_change(call, &closing);
	}
	free(order.member);
	return result;
}

/* ---- Many at once ---- */

struct import {
	const struct call *call;
	const struct json_node *rows;
	int64_t added;
	int64_t changed;
};

/* Of a member that is there already its ranges are those of the row alone. */
static int drop_prefixes(const struct call *call, int64_t member, struct complaint *complaint)
{
	const struct store_query all = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member}},
	};
	return store_remove(call->store, &all, NULL, complaint);
}

static int put_row(struct import *import, const struct json_node *row, struct complaint *complaint)
{
	const struct call *call = import->call;
	struct order order = {.call = call, .row = row};
	const char *name = row_text(&order, "name", "");
	void *record = NULL;
	int result = call_find_text(call, STORE_MEMBER, "name", name, &record);
	order.member = record;
	if (result == 0)
		result = check_name(call, name);
	if (result == 0)
		result = check_row(&order);
	if (result == 0 && record != NULL)
		result = drop_prefixes(call, order.member->id, complaint);
	if (result == 0)
		result = put_new(&order, complaint);
	import->added += record == NULL;
	import->changed += record != NULL;
	free(record);
	return result;
}

static int put_rows(void *context, struct complaint *complaint)
{
	struct import *import = context;
	int result = 0;
	for (size_t i = 0; i < json_read_count(import->rows) && result == 0; i++)
		result = put_row(import, json_read_item(import->rows, i), complaint);
	return result;
}

int service_member_import(struct call *call)
{
	struct import import = {.call = call, .rows = json_read_member(call->arguments, "members")};
	const struct keeper_change change = {
	    .context = &import, .put = put_rows, .changes_roster = true};
	int result = call_change(call, &change);
	if (result != 0)
		return result;
	json_open_object(call->json, NULL);
	json_string(call->json, "type", "imported");
	json_signed(call->json, "added", import.added);
	json_signed(call->json, "changed", import.changed);
	json_close_object(call->json);
	fputc('\n', call->json->out);
	return 0;
}
