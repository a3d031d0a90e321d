/*
 * record_json.h - records of the store as JSON objects, the same in answers of a running station
 * and in the lists that commands print (--format json). One function for each kind.
 *
 * Times are RFC 3339 in UTC. What is "none" in a record is left out, but for names and ranges of
 * which there could be one: these are null. A contact's code is never in it.
 */
#ifndef CMD_STATION_RECORD_JSON_H
#define CMD_STATION_RECORD_JSON_H

#include "base/complaint.h"
#include "base/json.h"
#include "store/store.h"

/* Asks the store for the prefixes. 0, or what the store gave, with a complaint. */
int record_write_member(struct json *json, struct store *store, const struct store_member *member,
    struct complaint *complaint);
/* `member` is the name of whose it is, NULL for the operator's. */
void record_write_contact(
    struct json *json, const struct store_contact *contact, const char *member);
/* Without its finding, which is JSON already. */
void record_write_incident(struct json *json, const struct store_incident *incident);
/* What is in it, for an object that is open. */
void record_put_incident(struct json *json, const struct store_incident *incident);
/* Likewise. */
int record_put_member(struct json *json, struct store *store, const struct store_member *member,
    struct complaint *complaint);
void record_put_contact(struct json *json, const struct store_contact *contact, const char *member);
void record_put_notice(struct json *json, const struct store_notice *notice, const char *address);
/* A time; of 0, which says "none", nothing. */
void record_put_time(struct json *json, const char *key, int64_t time_us);
void record_write_event(struct json *json, const struct store_event *event);
/* `member` as above: NULL where it is for any. */
void record_write_exception(
    struct json *json, const struct store_exception *exception, const char *member);
/* `address` is that of its contact, NULL when it is gone. */
void record_write_notice(struct json *json, const struct store_notice *notice, const char *address);

/* `member` as above: NULL where it is of none. Nothing of its password but whether there is one. */
void record_write_account(
    struct json *json, const struct store_account *account, const char *member);
void record_write_audit(struct json *json, const struct store_audit *audit);

/* "mail", "verified" ...: the names that the store has for them. */
const char *record_contact_kind(enum contact_kind kind);
const char *record_contact_state(enum contact_state state);
const char *record_notice_kind(enum notice_kind kind);
const char *record_notice_state(enum notice_state state);
const char *record_account_role(enum account_role role);

/* So many wrong codes were given that this one is worth nothing. */
bool record_is_locked(const struct store_contact *contact);

#endif
