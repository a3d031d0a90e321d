#include "cmd/station/record_json.h"

#include <assert.h>

#include "base/when.h"
#include "cmd/station/code.h"
#include "cmd/station/routing.h"
#include "cmd/station/message_text.h"
#include "store/columns.h"

/* The store has them in its tables; a record that came out of it has one of them. */
static const char *name_of(enum store_kind kind, const char *column, unsigned number)
{
	const char *const *names = record_column(record_kind(kind), column)->names;
	for (unsigned i = 0; i < number; i++)
		assert(names[i] != NULL);
	return names[number];
}

const char *record_contact_kind(enum contact_kind kind)
{
	return name_of(STORE_CONTACT, "kind", kind);
}

const char *record_contact_state(enum contact_state state)
{
	return name_of(STORE_CONTACT, "state", state);
}

const char *record_notice_kind(enum notice_kind kind)
{
	return name_of(STORE_NOTICE, "kind", kind);
}

const char *record_notice_state(enum notice_state state)
{
	return name_of(STORE_NOTICE, "state", state);
}

const char *record_account_role(enum account_role role)
{
	return name_of(STORE_ACCOUNT, "role", role);
}

bool record_is_locked(const struct store_contact *contact)
{
	struct code_hash hash;
	return contact->state == CONTACT_UNVERIFIED && code_hash_read(&contact->code_hash, &hash) &&
	       hash.tries >= CODE_TRIES_MAX;
}

void record_put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	if (time_us == 0)
		return;
	when_format_utc(time_us, text);
	json_string(json, key, text);
}

static void put_optional(struct json *json, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_string(json, key, text);
}

/* Prefixes of one kind. */
struct listing {
	struct json *json;
	bool dark;
};

static int visit_prefix(void *context, const void *record)
{
	const struct listing *listing = context;
	const struct store_prefix *prefix = record;
	if (prefix->dark == listing->dark)
		json_string(listing->json, NULL, prefix->prefix);
	return 0;
}

int record_put_member(struct json *json, struct store *store, const struct store_member *member,
    struct complaint *complaint)
{
	const struct store_query prefixes = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member->id}},
	};
	int result = 0;
	json_string(json, "type", "member");
	json_signed(json, "id", member->id);
	json_string(json, "name", member->name);
	json_string(json, "language", member->language);
	json_string(json, "zone", member->zone);
	put_optional(json, "country", member->country);
	put_optional(json, "hours", member->hours);
	put_optional(json, "egress", member->egress);
	json_string(json, "note", member->note);
	for (int dark = 0; dark <= 1; dark++) {
		struct listing listing = {json, dark == 1};
		json_open_array(json, dark == 1 ? "dark" : "prefixes");
		if (result == 0)
			result = store_each(store, &prefixes, visit_prefix, &listing, complaint);
		json_close_array(json);
	}
	record_put_time(json, "created", member->created_us);
	return result;
}

int record_write_member(struct json *json, struct store *store, const struct store_member *member,
    struct complaint *complaint)
{
	json_open_object(json, NULL);
	const int result = record_put_member(json, store, member, complaint);
	json_close_object(json);
	return result;
}

void record_put_contact(struct json *json, const struct store_contact *contact, const char *member)
{
	json_string(json, "type", "contact");
	json_signed(json, "id", contact->id);
	json_string(json, "member", member);
	json_string(json, "kind", record_contact_kind(contact->kind));
	json_string(json, "address", contact->address);
	json_string(json, "language", contact->language);
	json_string(json, "severity", contact->severity_min);
	json_string(json, "tier", routing_tier_name(contact->tier));
	put_optional(json, "rules", contact->rules);
	put_optional(json, "hours", contact->hours);
	put_optional(json, "attach", contact->attach);
	put_optional(json, "style", contact->style);
	if (contact->secret[0] != '\0') /* which is nobody's to see */
		json_bool(json, "signed", true);
	json_string(json, "state", record_contact_state(contact->state));
	if (contact->state == CONTACT_UNVERIFIED) {
		record_put_time(json, "code_until", contact->code_until_us);
		json_bool(json, "locked", record_is_locked(contact));
	}
	record_put_time(json, "certificate_until", contact->certificate_until_us);
	record_put_time(json, "bounced", contact->bounced_us);
	put_optional(json, "bounce", contact->bounce);
	if (contact->failures != 0)
		json_signed(json, "failures", contact->failures);
	record_put_time(json, "verified", contact->verified_us);
	record_put_time(json, "created", contact->created_us);
}

void record_write_contact(
    struct json *json, const struct store_contact *contact, const char *member)
{
	json_open_object(json, NULL);
	record_put_contact(json, contact, member);
	json_close_object(json);
}

void record_put_incident(struct json *json, const struct store_incident *incident)
{
	json_string(json, "type", "incident");
	json_signed(json, "id", incident->id);
	json_string(json, "member", incident->member);
	json_string(json, "subject", incident->subject);
	json_string(json, "rule", incident->rule);
	if (incident->drill)
		json_bool(json, "drill", true);
	json_string(json, "state", incident->state);
	put_optional(json, "reason", incident->close_reason);
	json_string(json, "severity", incident->severity);
	record_put_time(json, "first", incident->first_us);
	record_put_time(json, "last", incident->last_us);
	record_put_time(json, "opened", incident->opened_us);
	record_put_time(json, "changed", incident->changed_us);
	record_put_time(json, "quiet", incident->quiet_us);
	json_signed(json, "packets", incident->packets);
	json_signed(json, "targets", incident->targets);
	json_signed(json, "port_count", incident->port_count);
	json_signed(json, "relapses", incident->relapses);
	record_put_time(json, "told", incident->told_us);
}

void record_write_incident(struct json *json, const struct store_incident *incident)
{
	json_open_object(json, NULL);
	record_put_incident(json, incident);
	json_close_object(json);
}

void record_write_event(struct json *json, const struct store_event *event)
{
	json_open_object(json, NULL);
	json_string(json, "type", "event");
	json_signed(json, "incident", event->incident_id);
	record_put_time(json, "at", event->at_us);
	json_string(json, "what", event->what);
	json_string(json, "from", event->from_state);
	json_string(json, "to", event->to_state);
	put_optional(json, "by", event->by);
	put_optional(json, "note", event->note);
	json_close_object(json);
}

void record_write_exception(
    struct json *json, const struct store_exception *exception, const char *member)
{
	json_open_object(json, NULL);
	json_string(json, "type", "exception");
	json_signed(json, "id", exception->id);
	json_string(json, "member", member);
	json_string(json, "rule", exception->rule[0] != '\0' ? exception->rule : NULL);
	json_string(json, "subject", exception->subject);
	if (exception->port >= 0)
		json_signed(json, "port", exception->port);
	json_string(json, "reason", exception->reason);
	json_string(json, "by", exception->by);
	record_put_time(json, "created", exception->created_us);
	record_put_time(json, "until", exception->until_us);
	json_close_object(json);
}

void record_put_notice(struct json *json, const struct store_notice *notice, const char *address)
{
	json_string(json, "type", "notice");
	json_signed(json, "id", notice->id);
	if (notice->incident_id != 0)
		json_signed(json, "incident", notice->incident_id);
	json_signed(json, "contact", notice->contact_id);
	json_string(json, "address", address);
	json_string(json, "kind", record_notice_kind(notice->kind));
	json_string(json, "message_id", notice->message_id);
	json_string(json, "subject", notice->subject);
	json_string(json, "state", record_notice_state(notice->state));
	json_signed(json, "attempts", notice->attempts);
	put_optional(json, "reply", notice->reply);
	const struct message_seal seal = message_seal(notice->body.data, notice->body.length);
	if (seal.is_letter) {
		json_bool(json, "signed", seal.is_signed);
		json_bool(json, "encrypted", seal.is_encrypted);
	}
	record_put_time(json, "created", notice->created_us);
	if (notice->state == NOTICE_WAITING)
		record_put_time(json, "next", notice->next_us);
	record_put_time(json, "last", notice->last_us);
	record_put_time(json, "delivered", notice->delivered_us);
}

void record_write_notice(struct json *json, const struct store_notice *notice, const char *address)
{
	json_open_object(json, NULL);
	record_put_notice(json, notice, address);
	json_close_object(json);
}

void record_write_account(
    struct json *json, const struct store_account *account, const char *member)
{
	json_open_object(json, NULL);
	json_string(json, "type", "account");
	json_signed(json, "id", account->id);
	json_string(json, "name", account->name);
	json_string(json, "role", record_account_role(account->role));
	json_string(json, "member", member);
	json_string(json, "language", account->language);
	json_bool(json, "password", account->password_hash[0] != '\0');
	json_bool(json, "disabled", account->disabled);
	if (account->failures != 0)
		json_signed(json, "failures", account->failures);
	record_put_time(json, "locked_until", account->locked_until_us);
	record_put_time(json, "created", account->created_us);
	record_put_time(json, "changed", account->changed_us);
	json_close_object(json);
}

void record_write_audit(struct json *json, const struct store_audit *audit)
{
	json_open_object(json, NULL);
	json_string(json, "type", "audit");
	json_signed(json, "id", audit->id);
	record_put_time(json, "at", audit->at_us);
	json_string(json, "by", audit->by);
	json_string(json, "from", audit->from);
	json_string(json, "what", audit->what);
	json_string(json, "on", audit->on);
	json_string(json, "outcome", audit->outcome);
	json_close_object(json);
}
