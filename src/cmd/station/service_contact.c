/* service_contact.c - whom members want to be told, and the proof that it is them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/code.h"
#include "cmd/station/names.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"
#include "notify/certificate.h"
#include "notify/export.h"
#include "notify/files.h"
#include "notify/mail.h"
#include "notify/syslog.h"
#include "notify/webhook.h"

enum {
	/* Of one contact within a day: nobody's mailbox is to be filled through us. */
	LETTERS_MAX = 5,
};

#define ATTACH_JSON "json"

/* A contact that is to be verified: the record as it will be, and the code that goes out. */
struct order {
	const struct call *call;
	struct store_contact contact;
	struct code_hash hash;
	char code[CODE_BYTES];
	bool wants_code;
	struct certificate *certificate; /* NULL: none was given */
};

/* ---- What is right ---- */

/* What has no scheme is a mailbox; so is one whose name begins like one. */
static enum contact_kind kind_of(const char *address)
{
	static const struct {
		const char *scheme;
		enum contact_kind kind;
	} rows[] = {
	    {"https:", CONTACT_WEBHOOK},
	    {"http:", CONTACT_WEBHOOK},
	    {"syslog+tls:", CONTACT_SYSLOG},
	    {"file:", CONTACT_FILES},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strncmp(address, rows[i].scheme, strlen(rows[i].scheme)) == 0)
			return rows[i].kind;
	return CONTACT_MAIL;
}

static int check_address(const struct call *call, const char *address)
{
	/* where a name leads is looked at when it is connected to */
	const struct webhook_policy policy = {.may_loopback = call->service->may_reach_anywhere};
	const char *files = call->service->files != NULL ? call->service->files : "";
	struct endpoint endpoint;
	int result;
	switch (kind_of(address)) {
	case CONTACT_WEBHOOK:
		return call_means(call, webhook_check_url(address, &policy, call->complaint),
		    "address.webhook", NULL);
	case CONTACT_SYSLOG:
		return call_means(call, syslog_parse_address(address, &endpoint, call->complaint),
		    "address.syslog", NULL);
	case CONTACT_FILES:
		result =
		    files_check_address(address, files, NULL, FILES_PATH_BYTES, call->complaint);
		/* where there is no directory for them none can be had */
		return call_means(
		    call, result == -ENOTCONN ? -EPERM : result, "address.files", NULL);
	case CONTACT_MAIL:
		break;
	}
	return call_means(
	    call, mail_check_address(address, call->complaint), "address.mail", address);
}

/* Its form and its secret, when the contact has this kind. */
static int check_form(const struct call *call, const struct store_contact *contact)
{
	const enum notice_style_channel channel =
	    contact->kind == CONTACT_SYSLOG ? NOTICE_STYLE_OF_SYSLOG : NOTICE_STYLE_OF_WEBHOOK;
	const bool has_styles = contact->kind == CONTACT_WEBHOOK || contact->kind == CONTACT_SYSLOG;
	const size_t secret_bytes = strlen(contact->secret);
	if (contact->style[0] != '\0' && !has_styles)
		return call_refuse(call, -EINVAL, "contact.no-style",
		    "style %s: expected none: only web hooks and collectors (syslog) have one",
		    contact->style);
	if (notice_style_find(contact->style, channel) < 0)
		return call_refuse(call, -EINVAL, "contact.style", "style %s: expected one of %s",
		    contact->style, notice_style_names(channel));
	if (secret_bytes > 0 && contact->kind != CONTACT_WEBHOOK)
		return call_refuse(call, -EINVAL, "contact.no-secret",
		    "secret: expected none: only what web hooks get is signed");
	if (secret_bytes > 0 && secret_bytes < SIGNATURE_SECRET_MIN)
		return call_refuse(call, -EINVAL, "contact.secret",
		    "secret: expected %d to %d bytes", SIGNATURE_SECRET_MIN, SIGNATURE_SECRET_MAX);
	return 0;
}

/* "own" is as without one. */
static const char *style_of(const struct call *call, const char *otherwise)
{
	const char *style = call_text(call, "style", otherwise);
	return strcmp(style, "own") == 0 ? "" : style;
}

static int check_attach(const struct call *call)
{
	const char *attach = call_text(call, "attach", ATTACH_JSON);
	if (strcmp(attach, ATTACH_JSON) == 0 || strcmp(attach, "none") == 0 ||
	    export_format_find(attach) != NULL)
		return 0;
	return call_refuse(call, -EINVAL, "contact.attach",
	    "attach %s: expected one of json, none, %s", attach, export_format_names());
}

/* As the store has it: "" is our own JSON. */
static const char *attach_of(const struct call *call, const char *otherwise)
{
	const char *attach = call_text(call, "attach", otherwise);
	return strcmp(attach, ATTACH_JSON) == 0 ? "" : attach;
}

static int check_words(const struct call *call)
{
	const char *language = call_text(call, "language", "en");
	const char *severity = call_text(call, "severity", "low");
	if (language_find(language) < 0)
		return call_refuse(
		    call, -EINVAL, "language", "language %s: expected ja or en", language);
	if (severity_find(severity) < 0)
		return call_refuse(call, -EINVAL, "contact.severity",
		    "severity %s: expected info, low, medium, high or critical", severity);
	return check_attach(call);
}

/* Who is told of what, and when: what the request does not say stays. */
static int set_routing(struct order *order)
{
	const struct call *call = order->call;
	struct store_contact *contact = &order->contact;
	struct complaint why;
	struct hours hours;
	routing_rules rules;
	const char *tier = call_text(call, "tier", routing_tier_name(contact->tier));
	contact->rules = call_text(call, "rules", contact->rules != NULL ? contact->rules : "");
	contact->hours = call_text(call, "hours", contact->hours != NULL ? contact->hours : "");
	contact->tier = routing_find_tier(tier);
	if (contact->tier < 0)
		return call_refuse(
		    call, -EINVAL, "contact.tier", "tier %s: expected first or second", tier);
	int result = routing_parse_rules(contact->rules, &rules, call->complaint);
	if (result != 0)
		return call_means(call, result, "contact.rules", contact->rules);
	if (rules == 0)
		contact->rules = ""; /* all, however that was said */
	result = hours_parse(contact->hours, &hours, &why);
	if (result != 0) {
		(void)complain(call->complaint, result, "hours: %s", why.text);
		return call_means(call, result, "hours", contact->hours);
	}
	if (hours.count == 0)
		contact->hours = "";
	return 0;
}

/* The operator's are what the file says. */
static int find_changeable(const struct call *call, struct store_contact **ret_contact)
{
	struct store_contact *contact = NULL;
	int result = call_find_contact(call, call_number(call, "contact", 0), &contact);
	if (result == 0 && contact->member_id == 0) {
		result = call_refuse(call, -EPERM, "contact.operators",
		    "contact %" PRId64 ": is the operator's, expected operator.mail and "
		    "operator.webhook to be changed in station.yaml",
		    contact->id);
		free(contact);
	}
	if (result == 0)
		*ret_contact = contact;
	return result;
}

/* ---- Codes ---- */

static int renew_code(struct order *order)
{
	int result = code_make(order->code, &order->hash);
	if (result != 0)
		return complain(
		    order->call->complaint, result, "no code can be made: %s", strerror(-result));
	order->contact.state = CONTACT_UNVERIFIED;
	order->contact.code_hash = code_hash_bytes(&order->hash);
	order->contact.code_until_us = order->call->clock.wall_us + CODE_VALID_US;
	order->contact.verified_us = 0;
	order->contact.failures = 0;
	order->wants_code = true;
	return 0;
}

/* Letters with the codes of before are worth nothing. */
static int drop_letters(const struct order *order, struct complaint *complaint)
{
	const struct store_query waiting = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .test = STORE_IS, .number = order->contact.id},
		{.column = "kind", .test = STORE_IS, .number = NOTICE_VERIFY},
		{.column = "state", .test = STORE_IS, .number = NOTICE_WAITING}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = NOTICE_FAILED},
	    {.column = "reply", .text = "a newer code was sent"},
	    {.column = "body", .bytes = {OUTBOX_NO_BODY, sizeof OUTBOX_NO_BODY - 1}},
	};
	return store_change(order->call->store, &waiting, changes, NULL, complaint);
}

static int put_contact(void *context, struct complaint *complaint)
{
	struct order *order = context;
	int result = 0;
	if (order->contact.id != 0 && order->wants_code)
		result = drop_letters(order, complaint);
	return result != 0 ? result
			   : store_put(order->call->store, STORE_RECORD(&order->contact),
				 STORE_REPLACE, complaint);
}

static int send_code(void *context, const struct roster *roster, struct complaint *complaint)
{
	const struct order *order = context;
	const struct outbox_verification verification = {
	    .contact = order->contact.id,
	    .code = order->code,
	    .until_us = order->contact.code_until_us,
	};
	if (!order->wants_code)
		return 0;
	return outbox_write_verification(keeper_outbox(order->call->keeper), roster, &verification,
	    order->call->clock.wall_us, complaint);
}

static int check_letters(const struct call *call, int64_t contact)
{
	int64_t count = 0;
	const struct store_query today = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .test = STORE_IS, .number = contact},
		{.column = "kind", .test = STORE_IS, .number = NOTICE_VERIFY},
		{.column = "created_us",
		    .test = STORE_FROM,
		    .number = call->clock.wall_us - WHEN_DAY_US}},
	};
	int result = store_count(call->store, &today, &count, call->complaint);
	if (result == 0 && count >= LETTERS_MAX)
		result = call_refuse(call, -EAGAIN, "contact.codes",
		    "contact %" PRId64 ": got %d codes within a day, expected to wait", contact,
		    LETTERS_MAX);
	return result;
}

/* ---- Requests ---- */

static int answer_contact(const struct call *call, int64_t id)
{
	struct store_contact *contact = NULL;
	void *member = NULL;
	int result = call_find_contact(call, id, &contact);
	if (result == 0)
		result = call_find_number(call, STORE_MEMBER, "id", contact->member_id, &member);
	if (result == 0) {
		record_write_contact(call->json, contact,
		    member != NULL ? ((struct store_member *)member)->name : NULL);
		fputc('\n', call->json->out);
	}
	free(member);
	free(contact);
	return result;
}

static int change_contact(struct order *order)
{
	const struct keeper_change change = {
	    .context = order,
	    .put = put_contact,
	    .follow = send_code,
	    .changes_roster = true,
	};
	int result = call_change(order->call, &change);
	return result != 0 ? result : answer_contact(order->call, order->contact.id);
}

/* No other contact of this member has it. (A web hook's address is a secret: it is not told.) */
static int check_only(const struct call *call, int64_t member, const char *address)
{
	int64_t count = 0;
	const struct store_query same = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member},
		{.column = "address", .test = STORE_IS, .text = address}},
	};
	int result = store_count(call->store, &same, &count, call->complaint);
	if (result == 0 && count > 0)
		result = call_refuse(call, -EEXIST, "contact.taken",
		    "address: the member has a contact of this one already");
	return result;
}

int service_contact_add(struct call *call)
{
	const char *address = call_text(call, "address", "");
	struct store_member *member = NULL;
	struct order order = {.call = call};
	int result = call_find_member(call, call_text(call, "member", ""), &member);
	if (result == 0)
		result = check_address(call, address);
	if (result == 0)
		result = check_words(call);
	if (result == 0)
		result = check_only(call, member->id, address);
	if (result == 0)
		result = set_routing(&order);
	if (result == 0)
		result = renew_code(&order);
	if (result == 0) {
		order.contact.member_id = member->id;
		order.contact.kind = kind_of(address);
		order.contact.address = address;
		order.contact.language = call_text(call, "language", member->language);
		order.contact.severity_min = call_text(call, "severity", "low");
		order.contact.attach = attach_of(call, "");
		order.contact.style = style_of(call, "");
		order.contact.secret = call_text(call, "secret", "");
		order.contact.created_us = call->clock.wall_us;
		result = check_form(call, &order.contact);
	}
	if (result == 0)
		result = call_take_certificate(call, &order.contact, &order.certificate);
	if (result == 0)
		result = change_contact(&order);
	certificate_free(order.certificate);
	free(member);
	return result;
}

int service_contact_resend(struct call *call)
{
	struct store_contact *contact = NULL;
	struct order order = {.call = call};
	int result = find_changeable(call, &contact);
	if (result != 0)
		return result;
	order.contact = *contact;
	if (contact->state != CONTACT_UNVERIFIED)
		result = call_refuse(call, -EPERM, "contact.not-waiting",
		    "contact %" PRId64 ": is %s, expected one that waits for its code", contact->id,
		    record_contact_state(contact->state));
	if (result == 0)
		result = check_letters(call, contact->id);
	if (result == 0)
		result = renew_code(&order);
	if (result == 0)
		result = change_contact(&order);
	free(contact);
	return result;
}

/* Wrong tries are counted in the database before they are answered. */
static int refuse_code(struct order *order)
{
	const struct call *call = order->call;
	order->hash.tries++;
	order->contact.code_hash = code_hash_bytes(&order->hash);
	const struct keeper_change change = {.context = order, .put = put_contact};
	int result = call_change(call, &change);
	if (result != 0)
		return result;
	const int left = CODE_TRIES_MAX - order->hash.tries;
	if (left == 0)
		return call_refuse(call, -EACCES, "contact.last-try",
		    "contact %" PRId64 ": the code is wrong, and it was the last try: `hinomi "
		    "contact resend %" PRId64 "` sends a new one",
		    order->contact.id, order->contact.id);
	return call_refuse(call, -EACCES, "contact.wrong-code",
	    "contact %" PRId64 ": the code is wrong, %d %s left", order->contact.id, left,
	    left == 1 ? "try is" : "tries are");
}

static int check_waiting(const struct call *call, const struct store_contact *contact)
{
	struct code_hash hash;
	if (contact->state != CONTACT_UNVERIFIED)
		return call_refuse(call, -EPERM, "contact.not-waiting",
		    "contact %" PRId64 ": is %s, expected one that waits for its code", contact->id,
		    record_contact_state(contact->state));
	const char *why = NULL;
	if (!code_hash_read(&contact->code_hash, &hash))
		why = "has no code";
	else if (hash.tries >= CODE_TRIES_MAX)
		why = "too many wrong codes were given";
	else if (call->clock.wall_us >= contact->code_until_us)
		why = "the code is too old";
	if (why == NULL)
		return 0;
	return call_refuse(call, -EPERM, "contact.no-code",
	    "contact %" PRId64 ": %s: `hinomi contact resend %" PRId64 "` sends a new one",
	    contact->id, why, contact->id);
}

static int accept_code(struct order *order)
{
	order->contact.state = CONTACT_VERIFIED;
	order->contact.code_hash = (struct store_bytes){.length = 0};
	order->contact.code_until_us = 0;
	order->contact.verified_us = order->call->clock.wall_us;
	order->contact.failures = 0;
	return change_contact(order);
}

int service_contact_verify(struct call *call)
{
	struct store_contact *contact = NULL;
	struct order order = {.call = call};
	bool is_right = false;
	int result = find_changeable(call, &contact);
	if (result != 0)
		return result;
	order.contact = *contact;
	result = check_waiting(call, contact);
	if (result == 0) {
		(void)code_hash_read(&contact->code_hash, &order.hash); /* as was just seen */
		result = code_check(&order.hash, call_text(call, "code", ""), &is_right);
		if (result != 0)
			(void)complain(call->complaint, result, "out of memory");
	}
	if (result == 0)
		result = is_right ? accept_code(&order) : refuse_code(&order);
	free(contact);
	return result;
}

/* Who stopped and goes on is as verified as before. */
static void set_stopped(const struct call *call, struct store_contact *contact)
{
	if (!call_has(call, "stopped"))
		return;
	if (call_flag(call, "stopped"))
		contact->state = CONTACT_STOPPED;
	else if (contact->state == CONTACT_STOPPED)
		contact->state = contact->verified_us != 0 ? CONTACT_VERIFIED : CONTACT_UNVERIFIED;
}

/* Another address is another proof. */
static int set_address(struct order *order)
{
	const struct call *call = order->call;
	const char *address = call_text(call, "address", order->contact.address);
	if (strcmp(address, order->contact.address) == 0)
		return 0;
	int result = check_address(call, address);
	if (result == 0)
		result = check_only(call, order->contact.member_id, address);
	if (result == 0)
		result = check_letters(call, order->contact.id);
	if (result != 0)
		return result;
	order->contact.address = address;
	order->contact.kind = kind_of(address);
	/* that of the address before is somebody else's */
	order->contact.certificate = (struct store_bytes){.length = 0};
	order->contact.certificate_until_us = 0;
	return renew_code(order);
}

int service_contact_change(struct call *call)
{
	struct store_contact *contact = NULL;
	struct order order = {.call = call};
	int result = find_changeable(call, &contact);
	if (result != 0)
		return result;
	order.contact = *contact;
	order.contact.language = call_text(call, "language", contact->language);
	order.contact.severity_min = call_text(call, "severity", contact->severity_min);
	order.contact.attach = attach_of(call, contact->attach);
	order.contact.style = style_of(call, contact->style);
	order.contact.secret = call_text(call, "secret", contact->secret);
	result = check_words(call);
	if (result == 0)
		result = set_routing(&order);
	if (result == 0)
		result = set_address(&order);
	if (result == 0)
		result = check_form(call, &order.contact);
	if (result == 0)
		result = call_take_certificate(call, &order.contact, &order.certificate);
	if (result == 0) {
		set_stopped(call, &order.contact);
		order.wants_code &= order.contact.state == CONTACT_UNVERIFIED;
		result = change_contact(&order);
	}
	certificate_free(order.certificate);
	free(contact);
	return result;
}

static int put_removal(void *context, struct complaint *complaint)
{
	const struct order *order = context;
	const struct store_query which = call_by_id(STORE_CONTACT, order->contact.id);
	return store_remove(order->call->store, &which, NULL, complaint);
}

int service_contact_remove(struct call *call)
{
	struct store_contact *contact = NULL;
	struct order order = {.call = call};
	const struct keeper_change change = {
	    .context = &order, .put = put_removal, .changes_roster = true};
	int result = find_changeable(call, &contact);
	if (result != 0)
		return result;
	order.contact.id = contact->id;
	free(contact);
	return call_change(call, &change);
}
