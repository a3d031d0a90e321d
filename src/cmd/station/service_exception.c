/* service_exception.c - what is known and wanted. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/finding_record.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

struct order {
	const struct call *call;
	struct store_member *member; /* NULL: any */
	struct store_exception record;
	struct exception exception; /* as the casebook has it */
	char subject[PREFIX_TEXT_BYTES];
};

/* ---- What is right ---- */

/* The tests of the whole way would be silenced with the rest, and the station with them. */
static int check_canary(const struct order *order)
{
	struct prefix canary;
	const char *why;
	int result = prefix_parse(ROSTER_CANARY_PREFIX, &canary, &why);
	assert(result == 0); /* our own */
	(void)result;
	if (order->member != NULL || !prefix_overlaps(&canary, &order->exception.subject))
		return 0;
	return call_refuse(order->call, -EINVAL, "exception.canary",
	    "subject %s: holds %s, from which the station tests itself, expected a narrower range",
	    order->subject, ROSTER_CANARY_PREFIX);
}

static int take_subject(struct order *order)
{
	const char *text = call_text(order->call, "subject", "");
	const char *why;
	if (prefix_parse(text, &order->exception.subject, &why) != 0)
		return call_refuse(order->call, -EINVAL, "range", "subject %s: %s", text, why);
	prefix_format(&order->exception.subject, order->subject);
	order->record.subject = order->subject;
	return check_canary(order);
}

static int take_rule(struct order *order)
{
	const char *name = call_text(order->call, "rule", "");
	order->record.rule = name;
	order->exception.rule = name[0] == '\0' ? -1 : rule_find(name);
	if (name[0] == '\0' || order->exception.rule >= 0)
		return 0;
	char known[256] = "";
	size_t used = 0;
	for (int rule = 0; rule < RULE_COUNT && used < sizeof known; rule++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
		    rule == 0 ? "" : ", ", rule_name((enum rule)rule));
	return call_refuse(
	    order->call, -EINVAL, "exception.rule", "rule %s: expected one of %s", name, known);
}

static int take_until(struct order *order)
{
	const char *text = call_text(order->call, "until", "");
	order->exception.until_us = INT64_MAX;
	if (text[0] == '\0')
		return 0;
	if (when_parse(text, &order->record.until_us) != 0)
		return call_refuse(order->call, -EINVAL, "exception.until",
		    "until %s: expected a time such as 2026-04-01T00:00:00Z", text);
	if (order->record.until_us <= order->call->clock.wall_us)
		return call_refuse(order->call, -EINVAL, "exception.past",
		    "until %s: is over, expected a time to come", text);
	order->exception.until_us = order->record.until_us;
	return 0;
}

static int take_all(struct order *order)
{
	const struct call *call = order->call;
	int result = 0;
	if (call_text(call, "member", "")[0] != '\0')
		result = call_find_member(call, call_text(call, "member", ""), &order->member);
	if (result == 0)
		result = take_subject(order);
	if (result == 0)
		result = take_rule(order);
	if (result == 0)
		result = take_until(order);
	if (result != 0)
		return result;
	order->record.member_id = order->member == NULL ? 0 : order->member->id;
	order->record.port = call_number(call, "port", -1);
	order->record.reason = call_text(call, "reason", "");
	order->record.by = call_by(call);
	order->record.created_us = call->clock.wall_us;
	order->exception.member_id = order->record.member_id;
	order->exception.port = (int)order->record.port;
	return 0;
}

/* ---- What is put ---- */

static int put_exception(void *context, struct complaint *complaint)
{
	struct order *order = context;
	int result =
	    store_put(order->call->store, STORE_RECORD(&order->record), STORE_REPLACE, complaint);
	order->exception.id = order->record.id;
	return result;
}

static int visit_finding(void *context, const void *record)
{
	const struct store_incident *incident = record;
	struct finding *finding = context;
	/* what cannot be read is covered by nothing, as what is not known */
	return finding_record_read(incident->finding, finding, NULL) == 0 ? 1 : 0;
}

/* As it was judged since the start, or as it lies in the store. False: there is none. */
static bool find_finding(
    const struct order *order, const struct incident *incident, struct finding *ret_finding)
{
	if (incident->finding != NULL) {
		*ret_finding = *incident->finding;
		return true;
	}
	const struct store_query which = call_by_id(STORE_INCIDENT, incident->id);
	return store_each(order->call->store, &which, visit_finding, ret_finding, NULL) == 1;
}

/* Closes what it covers: also what was found before the start, which the casebook cannot tell. */
static int close_covered(void *context, const struct roster *roster, struct complaint *complaint)
{
	const struct order *order = context;
	struct casebook *casebook = keeper_casebook(order->call->keeper);
	const int64_t now_us = keeper_now_us(order->call->keeper, order->call->clock.wall_us);
	const struct incident_deed deed = {
	    .event = INCIDENT_CLOSE,
	    .reason = CLOSE_EXCEPTION,
	    .by = order->record.by,
	    .note = order->record.reason,
	};
	struct incident *incident;
	struct finding finding;
	size_t position = 0;
	(void)roster;
	(void)complaint;
	while ((incident = casebook_next(casebook, &position)) != NULL) {
		if (incident->state == INCIDENT_CLOSED || !find_finding(order, incident, &finding))
			continue;
		if (exception_covers(&order->exception, incident->member_id, &finding, now_us))
			(void)casebook_do(
			    casebook, incident, &deed, now_us); /* all can be closed */
	}
	return 0;
}

/* ---- Requests ---- */

int service_exception_add(struct call *call)
{
	struct order order = {.call = call};
	const struct keeper_change change = {
	    .context = &order,
	    .put = put_exception,
	    .follow = close_covered,
	    .changes_roster = true,
	};
	int result = take_all(&order);
	if (result == 0)
		result = call_change(call, &change);
	if (result == 0) {
		record_write_exception(
		    call->json, &order.record, order.member == NULL ? NULL : order.member->name);
		fputc('\n', call->json->out);
	}
	free(order.member);
	return result;
}

static int put_removal(void *context, struct complaint *complaint)
{
	const struct call *call = context;
	const int64_t id = call_number(call, "exception", 0);
	int64_t count = 0;
	const struct store_query which = call_by_id(STORE_EXCEPTION, id);
	int result = store_remove(call->store, &which, &count, complaint);
	if (result == 0 && count == 0)
		result = call_means(call,
		    complain(complaint, -ENOENT,
			"exception %" PRId64 ": there is none, expected a number that `hinomi "
			"exception list` shows",
			id),
		    "exception.none", NULL);
	return result;
}

int service_exception_remove(struct call *call)
{
	const struct keeper_change change = {
	    .context = call, .put = put_removal, .changes_roster = true};
	return call_change(call, &change);
}
