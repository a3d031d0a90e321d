#include "store/columns.h"

#include <assert.h>
#include <string.h>

/* The type of a column is that of its field; what is none of these is an enumeration. */
#define TYPE_OF(field)                                                                             \
	_Generic((field), int64_t                                                                  \
		 : COLUMN_NUMBER, uint64_t                                                         \
		 : COLUMN_BITS, bool                                                               \
		 : COLUMN_BOOL, const char *                                                       \
		 : COLUMN_TEXT, struct store_bytes                                                 \
		 : COLUMN_BLOB, struct address                                                     \
		 : COLUMN_ADDRESS, default                                                         \
		 : COLUMN_NAME)

/* A row of the tables below: record, field, and what else there is to say of it. */
#define COLUMN(record, field, ...)                                                                 \
	{                                                                                          \
		.name = #field, .type = TYPE_OF(((struct store_##record *)NULL)->field),           \
		.offset = offsetof(struct store_##record, field), __VA_ARGS__                      \
	}

#define PLAIN(record, field) COLUMN(record, field, .flags = 0)

#define REFERS(kind, more) .flags = COLUMN_REFERS | COLUMN_INDEXED | (more), .refers = (kind)

static const char *const contact_kinds[] = {
    [CONTACT_MAIL] = "mail",
    [CONTACT_WEBHOOK] = "webhook",
    [CONTACT_SYSLOG] = "syslog",
    [CONTACT_FILES] = "files",
    NULL,
};

static const char *const contact_states[] = {
    [CONTACT_UNVERIFIED] = "unverified",
    [CONTACT_VERIFIED] = "verified",
    [CONTACT_FAILING] = "failing",
    [CONTACT_STOPPED] = "stopped",
    NULL,
};

static const char *const notice_kinds[] = {
    [NOTICE_FIRST] = "first",
    [NOTICE_UPDATE] = "update",
    [NOTICE_QUIET] = "quiet",
    [NOTICE_RELAPSE] = "relapse",
    [NOTICE_RETRACTION] = "retraction",
    [NOTICE_VERIFY] = "verify",
    [NOTICE_DIGEST] = "digest",
    [NOTICE_CANARY] = "canary",
    [NOTICE_ALARM] = "alarm",
    [NOTICE_REMINDER] = "reminder",
    [NOTICE_ESCALATION] = "escalation",
    [NOTICE_SUMMARY] = "summary",
    [NOTICE_CERTIFICATE] = "certificate",
    NULL,
};

static const char *const notice_states[] = {
    [NOTICE_WAITING] = "waiting",
    [NOTICE_SENDING] = "sending",
    [NOTICE_DELIVERED] = "delivered",
    [NOTICE_FAILED] = "failed",
    [NOTICE_BOUNCED] = "bounced",
    NULL,
};

static const char *const account_roles[] = {
    [ACCOUNT_OPERATOR] = "operator",
    [ACCOUNT_MEMBER] = "member",
    [ACCOUNT_VIEWER] = "viewer",
    NULL,
};

static const char *const session_kinds[] = {
    [SESSION_PAGE] = "page",
    [SESSION_LINK] = "link",
    NULL,
};

static const struct column member_columns[] = {
    COLUMN(member, id, .flags = COLUMN_ID),
    COLUMN(member, name, .flags = COLUMN_UNIQUE),
    PLAIN(member, language),
    PLAIN(member, zone),
    COLUMN(member, note, .flags = COLUMN_OPTIONAL),
    PLAIN(member, created_us),
    COLUMN(member, country, .flags = COLUMN_OPTIONAL),
    COLUMN(member, hours, .flags = COLUMN_OPTIONAL),
    COLUMN(member, egress, .flags = COLUMN_OPTIONAL),
};

static const struct column prefix_columns[] = {
    COLUMN(prefix, id, .flags = COLUMN_ID),
    COLUMN(prefix, member_id, REFERS(STORE_MEMBER, 0)),
    PLAIN(prefix, prefix),
    PLAIN(prefix, dark),
};

static const struct column contact_columns[] = {
    COLUMN(contact, id, .flags = COLUMN_ID),
    COLUMN(contact, member_id, REFERS(STORE_MEMBER, COLUMN_OPTIONAL)),
    COLUMN(contact, kind, .names = contact_kinds),
    PLAIN(contact, address),
    PLAIN(contact, language),
    PLAIN(contact, severity_min),
    COLUMN(contact, state, .names = contact_states),
    COLUMN(contact, code_hash, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, code_until_us, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, verified_us, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, failures, .flags = COLUMN_UNSIGNED),
    PLAIN(contact, created_us),
    COLUMN(contact, tier, .flags = COLUMN_OPTIONAL | COLUMN_UNSIGNED),
    COLUMN(contact, rules, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, hours, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, attach, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, certificate, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, certificate_until_us, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, style, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, secret, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, bounced_us, .flags = COLUMN_OPTIONAL),
    COLUMN(contact, bounce, .flags = COLUMN_OPTIONAL),
};

static const struct column exception_columns[] = {
    COLUMN(exception, id, .flags = COLUMN_ID),
    COLUMN(exception, member_id, REFERS(STORE_MEMBER, COLUMN_OPTIONAL)),
    PLAIN(exception, rule),
    PLAIN(exception, subject),
    PLAIN(exception, port),
    PLAIN(exception, reason),
    PLAIN(exception, by),
    PLAIN(exception, created_us),
    COLUMN(exception, until_us, .flags = COLUMN_OPTIONAL),
};

static const struct column incident_columns[] = {
    COLUMN(incident, id, .flags = COLUMN_ID),
    COLUMN(incident, member_id, .flags = COLUMN_UNSIGNED),
    PLAIN(incident, member),
    COLUMN(incident, subject, .flags = COLUMN_INDEXED),
    PLAIN(incident, rule),
    PLAIN(incident, drill),
    COLUMN(incident, state, .flags = COLUMN_INDEXED),
    COLUMN(incident, close_reason, .flags = COLUMN_OPTIONAL),
    PLAIN(incident, severity),
    COLUMN(incident, first_us, .flags = COLUMN_INDEXED),
    PLAIN(incident, last_us),
    PLAIN(incident, opened_us),
    COLUMN(incident, changed_us, .flags = COLUMN_INDEXED),
    COLUMN(incident, quiet_us, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, packets, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, targets, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, port_count, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, relapses, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, told_severity, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, told_targets, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, told_ports, .flags = COLUMN_UNSIGNED),
    COLUMN(incident, told_us, .flags = COLUMN_OPTIONAL),
    PLAIN(incident, finding),
    COLUMN(incident, opened_wall_us, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, state_us, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, rested_us, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, told_letters, .flags = COLUMN_OPTIONAL | COLUMN_UNSIGNED),
    COLUMN(incident, told_named, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, owed, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, retraction, .flags = COLUMN_OPTIONAL),
    COLUMN(incident, reminders, .flags = COLUMN_OPTIONAL | COLUMN_UNSIGNED),
    COLUMN(incident, reminded_us, .flags = COLUMN_OPTIONAL),
};

static const struct column event_columns[] = {
    COLUMN(event, id, .flags = COLUMN_ID),
    COLUMN(event, incident_id, REFERS(STORE_INCIDENT, 0)),
    PLAIN(event, at_us),
    PLAIN(event, from_state),
    PLAIN(event, to_state),
    PLAIN(event, what),
    PLAIN(event, by),
    COLUMN(event, note, .flags = COLUMN_OPTIONAL),
};

static const struct column notice_columns[] = {
    COLUMN(notice, id, .flags = COLUMN_ID),
    COLUMN(notice, incident_id, REFERS(STORE_INCIDENT, COLUMN_OPTIONAL)),
    COLUMN(notice, contact_id, .flags = COLUMN_UNSIGNED),
    COLUMN(notice, kind, .names = notice_kinds),
    COLUMN(notice, message_id, .flags = COLUMN_UNIQUE),
    PLAIN(notice, subject),
    PLAIN(notice, body),
    COLUMN(notice, state, .names = notice_states, .flags = COLUMN_INDEXED),
    COLUMN(notice, attempts, .flags = COLUMN_UNSIGNED),
    PLAIN(notice, next_us),
    COLUMN(notice, last_us, .flags = COLUMN_OPTIONAL),
    COLUMN(notice, reply, .flags = COLUMN_OPTIONAL),
    COLUMN(notice, created_us, .flags = COLUMN_INDEXED),
    COLUMN(notice, delivered_us, .flags = COLUMN_OPTIONAL),
    COLUMN(notice, unknown, .flags = COLUMN_OPTIONAL | COLUMN_UNSIGNED),
};

static const struct column account_columns[] = {
    COLUMN(account, id, .flags = COLUMN_ID),
    COLUMN(account, name, .flags = COLUMN_UNIQUE),
    COLUMN(account, role, .names = account_roles),
    COLUMN(account, member_id, REFERS(STORE_MEMBER, COLUMN_OPTIONAL)),
    COLUMN(account, password_hash, .flags = COLUMN_OPTIONAL),
    PLAIN(account, language),
    PLAIN(account, created_us),
    PLAIN(account, changed_us),
    COLUMN(account, failures, .flags = COLUMN_UNSIGNED),
    COLUMN(account, locked_until_us, .flags = COLUMN_OPTIONAL),
    PLAIN(account, disabled),
};

static const struct column session_columns[] = {
    COLUMN(session, id, .flags = COLUMN_ID),
    COLUMN(session, account_id, REFERS(STORE_ACCOUNT, 0)),
    COLUMN(session, token_hash, .flags = COLUMN_UNIQUE),
    COLUMN(session, kind, .names = session_kinds),
    PLAIN(session, created_us),
    COLUMN(session, until_us, .flags = COLUMN_INDEXED),
    PLAIN(session, from),
};

static const struct column audit_columns[] = {
    COLUMN(audit, id, .flags = COLUMN_ID),
    COLUMN(audit, at_us, .flags = COLUMN_INDEXED),
    PLAIN(audit, by),
    PLAIN(audit, from),
    PLAIN(audit, what),
    PLAIN(audit, on),
    PLAIN(audit, outcome),
};

static const struct column frame_columns[] = {
    COLUMN(frame, id, .flags = COLUMN_ID),
    COLUMN(frame, incident_id, REFERS(STORE_INCIDENT, 0)),
    PLAIN(frame, at_us),
    PLAIN(frame, source),
    COLUMN(frame, wire_bytes, .flags = COLUMN_UNSIGNED),
    COLUMN(frame, link_type, .flags = COLUMN_UNSIGNED),
    PLAIN(frame, data),
    PLAIN(frame, drill),
};

static const struct column gap_columns[] = {
    COLUMN(gap, id, .flags = COLUMN_ID),
    PLAIN(gap, source),
    PLAIN(gap, from_us),
    COLUMN(gap, to_us, .flags = COLUMN_INDEXED),
    PLAIN(gap, kind),
    COLUMN(gap, count, .flags = COLUMN_UNSIGNED),
    COLUMN(gap, detail, .flags = COLUMN_OPTIONAL),
};

static const struct column batch_columns[] = {
    COLUMN(batch, sensor, .flags = COLUMN_KEY),
    COLUMN(batch, epoch, .flags = COLUMN_KEY),
    COLUMN(batch, sequence, .flags = COLUMN_KEY | COLUMN_UNSIGNED),
    COLUMN(batch, window_us, .flags = COLUMN_INDEXED),
    COLUMN(batch, received_us, .flags = COLUMN_INDEXED),
    PLAIN(batch, body),
};

static const struct column heard_columns[] = {
    COLUMN(heard, address, .flags = COLUMN_KEY),
    COLUMN(heard, first_us, .merge = MERGE_MIN),
    COLUMN(heard, last_us, .merge = MERGE_MAX),
    COLUMN(heard, two_way, .merge = MERGE_MAX),
};

static const struct column stat_columns[] = {
    COLUMN(stat, period_s, .flags = COLUMN_KEY | COLUMN_UNSIGNED),
    COLUMN(stat, start_us, .flags = COLUMN_KEY),
    COLUMN(stat, kind, .flags = COLUMN_KEY),
    COLUMN(stat, protocol, .flags = COLUMN_KEY),
    COLUMN(stat, port, .flags = COLUMN_KEY),
    COLUMN(stat, country, .flags = COLUMN_KEY),
    COLUMN(stat, network, .flags = COLUMN_KEY | COLUMN_UNSIGNED),
    COLUMN(stat, packets, .flags = COLUMN_UNSIGNED, .merge = MERGE_SUM),
    COLUMN(stat, bytes, .flags = COLUMN_UNSIGNED, .merge = MERGE_SUM),
    COLUMN(stat, sources, .flags = COLUMN_UNSIGNED, .merge = MERGE_SUM),
};

static const struct column meta_columns[] = {
    COLUMN(meta, key, .flags = COLUMN_KEY),
    PLAIN(meta, value),
};

/* Lists of the page, by urgency and of a member. */
static const char *const incident_indexes[][RECORD_INDEX_COLUMNS] = {
    {"state", "severity", "changed_us"},
    {"member_id", "state", "severity", "changed_us"},
    {"member_id", "changed_us"},
    {"drill", "state"},
};

/* What became of a contact's letters. */
static const char *const notice_indexes[][RECORD_INDEX_COLUMNS] = {
    {"contact_id", "created_us"},
};

#define INDEXES(record)                                                                            \
	.indexes = record##_indexes,                                                               \
	.index_count = sizeof record##_indexes / sizeof record##_indexes[0]

#define KIND(record, ...)                                                                          \
	{                                                                                          \
		.name = #record, .columns = record##_columns,                                      \
		.column_count = sizeof record##_columns / sizeof record##_columns[0],              \
		.record_bytes = sizeof(struct store_##record), __VA_ARGS__                         \
	}

/* What others refer to goes first: tables are made in this order. */
static const struct record_kind kinds[STORE_KIND_COUNT] = {
    [STORE_MEMBER] = KIND(member, .is_small = false),
    [STORE_PREFIX] = KIND(prefix, .is_small = false),
    [STORE_CONTACT] = KIND(contact, .is_small = false),
    [STORE_EXCEPTION] = KIND(exception, .is_small = false),
    [STORE_INCIDENT] = KIND(incident, INDEXES(incident)),
    [STORE_EVENT] = KIND(event, .is_small = false),
    [STORE_NOTICE] = KIND(notice, INDEXES(notice)),
    [STORE_ACCOUNT] = KIND(account, .is_small = false),
    [STORE_SESSION] = KIND(session, .is_small = false),
    [STORE_AUDIT] = KIND(audit, .is_small = false),
    [STORE_FRAME] = KIND(frame, .is_small = false),
    [STORE_GAP] = KIND(gap, .is_small = false),
    [STORE_BATCH] = KIND(batch, .is_small = false),
    [STORE_HEARD] = KIND(heard, .is_small = true),
    [STORE_STAT] = KIND(stat, .is_small = true),
    [STORE_META] = KIND(meta, .is_small = true),
};

const struct record_kind *record_kind(enum store_kind kind)
{
	assert((unsigned)kind < STORE_KIND_COUNT);
	return &kinds[kind];
}

const struct column *record_column(const struct record_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->column_count; i++) {
		if (strcmp(kind->columns[i].name, name) == 0)
			return &kind->columns[i];
	}
	return NULL;
}

bool column_is_key(const struct column *column)
{
	return (column->flags & (COLUMN_ID | COLUMN_KEY)) != 0;
}

bool record_has_id(const struct record_kind *kind)
{
	return (kind->columns[0].flags & COLUMN_ID) != 0;
}
