/*
 * roster.h - whom a station watches for, as one snapshot out of the store: members with their
 * prefixes, the registry made of them, contacts and exceptions. Immutable; swapped whole.
 *
 * Besides the members of the store there is the canary (station/canary.h), and where there are no
 * members, `local`: all private addresses and the ranges that are watched, whose contacts are the
 * operator's.
 */
#ifndef CMD_STATION_ROSTER_H
#define CMD_STATION_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/complaint.h"
#include "base/zone.h"
#include "cmd/station/holidays.h"
#include "cmd/station/routing.h"
#include "notify/export.h"
#include "notify/notice_style.h"
#include "notify/signature.h"
#include "notify/wording.h"
#include "registry/registry.h"
#include "store/store.h"

/* Where the canary lives: of 100::/64, to which nobody routes anything (RFC 6666). */
#define ROSTER_CANARY_ID     ((INT64_C(1) << 53) - 1) /* the store gives no such id */
#define ROSTER_CANARY_MEMBER "hinomi-canary"
#define ROSTER_CANARY_PREFIX "100::ca:0:0/112"
#define ROSTER_CANARY_DARK   "100::da:0:0/112"

enum {
	ROSTER_CONTACTS_MAX = 65536,
	ROSTER_EXCEPTIONS_MAX = 16384,
	ROSTER_ADDRESS_BYTES = 1024, /* of a contact: a URL may be long */
};

struct roster_member {
	int64_t id;
	char name[MEMBER_NAME_BYTES];
	enum language language;
	struct zone *zone; /* NULL is UTC */
	struct hours hours;
	struct hours_place place; /* of its hours, and of its contacts' */
	char *egress; /* NULL: its addresses are its own; else which log tells whose they were */
};

struct roster_contact {
	int64_t id;
	int64_t member_id; /* 0: the operator's */
	enum contact_kind kind;
	enum contact_state state;
	enum severity severity_min;
	enum language language;
	int tier; /* 0: is told first */
	routing_rules rules;
	struct hours hours;                 /* within which it is told */
	const struct export_format *attach; /* of what goes with mail; NULL: JSON of our own */
	bool attaches_nothing;
	enum notice_style style;
	char secret[SIGNATURE_SECRET_MAX + 1]; /* "" where nothing is signed */
	char address[ROSTER_ADDRESS_BYTES];
	void *certificate; /* X.509, DER: its mail is encrypted to that; NULL: none */
	size_t certificate_length;
	int64_t certificate_until_us;
};

struct roster {
	struct registry *registry;
	char *registry_text; /* what it was made of (roster_parse_registry) */
	size_t registry_bytes;
	struct roster_member *members; /* by their number in the registry */
	size_t member_count;
	struct roster_contact *contacts;
	size_t contact_count;
	struct exception *exceptions; /* that may be in force */
	size_t exception_count;
	struct zone *zone;         /* the station's */
	struct hours_place place;  /* likewise, of the operator's hours */
	struct hours hours;        /* of members that gave none */
	struct holidays *holidays; /* tables of countries */
	bool is_local;             /* there is no member but `local` */
};

struct roster_options {
	const struct prefix *dark; /* declared by the configuration */
	size_t dark_count;
	/* Of `local`, besides private addresses; but for ranges in which the canary lives. */
	const struct prefix *own;
	size_t own_count;
	enum language language; /* of `local` and the canary */
	const char *zone;       /* likewise; "" is UTC */
	const char *country;    /* likewise, whose holidays are kept; "": as the zone tells */
	const char *hours;      /* likewise, of members that gave none; NULL: always */
	const char *directory;  /* with holidays/CC; NULL: there are no tables */
};

/*
 * Reads everything. Returns 0, or a negative errno with a complaint; what is in the store is wrong
 * then, or memory is out.
 */
int roster_read(struct store *store, const struct roster_options *options,
    struct roster **ret_roster, struct complaint *complaint);
void roster_free(struct roster *roster); /* NULL is allowed */

/* The member of this number in the registry. */
const struct roster_member *roster_member(const struct roster *roster, int number);
/* NULL when there is none of this id. */
const struct roster_member *roster_find_member(const struct roster *roster, int64_t id);

/*
 * What a registry is made of, for another process: lines "member<TAB>NAME<TAB>PREFIX",
 * "dark<TAB>PREFIX" and "local".
 *
 * Makes a registry of such a text, which must be whole and right. 0 or a negative errno.
 */
int roster_parse_registry(
    const char *text, size_t length, struct registry **ret_registry, struct complaint *complaint);

#endif
