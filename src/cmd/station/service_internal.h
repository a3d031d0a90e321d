/* service_internal.h - one request, for the files of service_*.c. */
#ifndef CMD_STATION_SERVICE_INTERNAL_H
#define CMD_STATION_SERVICE_INTERNAL_H

#include "base/json.h"
#include "base/json_read.h"
#include "cmd/station/refusal.h"
#include "cmd/station/routing.h"
#include "cmd/station/service.h"

enum {
	SERVICE_EGRESS_BYTES = 200, /* a line of a notice, as it is */
	SERVICE_RULES_BYTES = ROUTING_RULES_BYTES - 1,
	SERVICE_NOTE_BYTES = 2000, /* of a member, or about an incident: a paragraph or two */
	SERVICE_REASON_BYTES = 500,
	SERVICE_BY_BYTES = 63, /* as the history has room for */
};

enum {
	SERVICE_OUTCOME_BYTES = 400, /* of an error, in the record of it */
	SERVICE_ON_BYTES = 640,      /* of a setting: its key, and two values of 255 bytes */
};

/* What is recorded of a request. */
struct service_audit {
	const char *what;
	char on[SERVICE_ON_BYTES];
	bool is_written; /* with what was changed */
};

/* A request under way. Its arguments are there and of their types. */
struct call {
	const struct service *service;
	struct keeper *keeper;
	struct store *store;
	struct keeper_clock clock;
	const struct json_node *arguments;
	struct json *json; /* the answer: written to once all is committed */
	const struct service_asker *asker;
	struct service_audit *audit;
	struct complaint *complaint;
	struct refusal *refusal; /* of the same */
};

/*
 * Refuses it: as complain(), with a code by which the page tells it in words of its own
 * (station/refusal.h). Returns `error`.
 */
__attribute__((format(printf, 4, 5))) int call_refuse(
    const struct call *call, int error, const char *code, const char *format, ...);
/*
 * What the complaint that is there already means, of what anybody may mend: `error` other than 0,
 * or want of memory. `value` is what is wrong; NULL: its sentence names nothing.
 */
int call_means(const struct call *call, int error, const char *code, const char *value);

bool call_has(const struct call *call, const char *name);
bool call_has_text(const struct call *call, const char *name); /* which is not null */
/* `otherwise` where it is not given. */
const char *call_text(const struct call *call, const char *name, const char *otherwise);
int64_t call_number(const struct call *call, const char *name, int64_t otherwise);
bool call_flag(const struct call *call, const char *name);
/* Of a list of texts: how many, and each. */
size_t call_count(const struct call *call, const char *name);
const char *call_item(const struct call *call, const char *name, size_t index);

/* Who asks, as histories have it. */
const char *call_by(const struct call *call);

/*
 * As keeper_change(), with the call's keeper, clock and complaint; the first one that is committed
 * has the record of the request with it.
 */
int call_change(const struct call *call, const struct keeper_change *change);

/*
 * The record whose column is this number, or this text: a copy to be freed, or NULL when there is
 * none. 0, or what the store gave, with the call's complaint.
 */
int call_find_number(const struct call *call, enum store_kind kind, const char *column,
    int64_t number, void **ret_record);
int call_find_text(const struct call *call, enum store_kind kind, const char *column,
    const char *text, void **ret_record);
/* -ENOENT with a complaint that names it where there is none. */
int call_find_member(const struct call *call, const char *name, struct store_member **ret_member);
int call_find_contact(const struct call *call, int64_t id, struct store_contact **ret_contact);

/*
 * The certificate that is given with a contact, "" for none, checked and put into it: the bytes are
 * those of *ret_certificate (certificate_free() it, also after a failure). Without one the contact
 * stays as it is. 0, or a negative errno with the call's complaint.
 */
struct certificate;
int call_take_certificate(
    const struct call *call, struct store_contact *contact, struct certificate **ret_certificate);

/* What a request is about, for its record: the number or the name that it has. */
void call_name_object(const struct call *call);
/* Records a request that changed nothing of the store, or could not be done (`why` not NULL). */
void call_note(const struct call *call, const char *why);
/* Puts the record of the request; within a transaction. */
int call_put_record(const struct call *call, const char *outcome, struct complaint *complaint);
/* 0, or -EACCES or -ENOKEY with the call's complaint: where the asker's role is none of these. */
int call_may(const struct call *call, unsigned roles);
/* Of somebody of a member: -ENOENT where the incident is none of it. */
int call_check_own(const struct call *call);

/* A query of one record by its id. */
struct store_query call_by_id(enum store_kind kind, int64_t id);

int service_member_add(struct call *call);
int service_member_change(struct call *call);
int service_member_remove(struct call *call);
int service_member_import(struct call *call);
int service_contact_add(struct call *call);
int service_contact_verify(struct call *call);
int service_contact_resend(struct call *call);
int service_contact_change(struct call *call);
int service_contact_remove(struct call *call);
int service_incident_ack(struct call *call);
int service_incident_work(struct call *call);
int service_incident_close(struct call *call);
int service_incident_note(struct call *call);
int service_exception_add(struct call *call);
int service_exception_remove(struct call *call);
int service_notice_resend(struct call *call);
int service_account_add(struct call *call);
int service_account_change(struct call *call);
int service_account_remove(struct call *call);
int service_account_link(struct call *call);
int service_session_begin(struct call *call);
int service_session_link(struct call *call);
int service_session_touch(struct call *call);
int service_session_end(struct call *call);
int service_session_change(struct call *call);
int service_setting_change(struct call *call);
int service_canary_begin(struct call *call);
int service_canary_state(struct call *call);
int service_copy_begin(struct call *call);
int service_copy_state(struct call *call);

#endif
