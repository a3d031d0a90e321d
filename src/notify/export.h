/*
 * export.h - incidents in the formats that others' systems read.
 *
 *     name          what it is
 *     iodef         IODEF version 2, XML (RFC 7970)
 *     iodef-json    the same as JSON (RFC 8727)
 *     stix          a bundle of STIX 2.1: identities, indicators, observed data, sightings
 *     idea          IDEA 0 (CESNET), a line for each incident
 *     xarf          X-ARF version 4, a line for each incident
 *     misp          events of MISP
 *     shadowserver  the columns of Shadowserver's darknet report, CSV, a line for each port
 *     eve           alerts as Suricata writes them (EVE), a line for each incident
 *
 * What is made depends only on what is given: the same incident in the same state gives the same
 * bytes, and in each state the same identifiers, made of the station's identity and the incident's
 * number. A drill is marked as one in each of them.
 *
 * Names of members and stations are others' words: they are shown with everything hidden in them
 * made visible (notify/glyph.h), cut to EXPORT_NAME_BYTES, and escaped as the format wants it. Who
 * did something about an incident, and what they noted, is not told.
 */
#ifndef NOTIFY_EXPORT_H
#define NOTIFY_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "detect/finding.h"
#include "notify/wording.h"

enum {
	EXPORT_NAME_BYTES = 768, /* the longest name that a member can have, all of it hidden */
	EXPORT_EVENTS_MAX = 64,  /* of an incident: the last ones */
};

/* The Traffic Light Protocol, version 2.0 (FIRST): with whom it may be shared. */
enum export_tlp {
	EXPORT_TLP_CLEAR,
	EXPORT_TLP_GREEN,
	EXPORT_TLP_AMBER,
	EXPORT_TLP_AMBER_STRICT,
	EXPORT_TLP_RED,
	EXPORT_TLP_COUNT,
};

const char *export_tlp_name(enum export_tlp tlp); /* "amber+strict" */
int export_tlp_find(const char *name);            /* -1 for an unknown one */

/* By whom, for whom. Borrowed as long as the export is open. */
struct export_setting {
	const char *station;  /* how it is called; "" where it has no name */
	const char *identity; /* its own, which never changes */
	const char *address;  /* of mail: whom to ask; "" where there is none */
	enum export_tlp tlp;
	enum language language; /* of what is text for people */
	int64_t now_us;         /* when it is made */
};

/* A step in an incident's life. */
struct export_event {
	int64_t at_us;
	const char *what;  /* as the store calls it */
	const char *state; /* that it came to */
};

/* Borrowed for the call. */
struct export_incident {
	int64_t id;
	const char *member; /* its name; "" where it is nobody's */
	const char *state;  /* "new", "closed", ...: as incident_state_name */
	int64_t opened_us;
	int64_t changed_us;
	bool is_drill;
	const struct finding *finding; /* its severity is the incident's */
	const struct export_event *events;
	size_t event_count;
};

struct export_format;

/* NULL when there is none of that name. */
const struct export_format *export_format_find(const char *name);
/* "iodef, iodef-json, ...": for messages. */
const char *export_format_names(void);
/* By their number; NULL behind the last. */
const struct export_format *export_format_at(size_t number);
const char *export_format_name(const struct export_format *format);
/* As an attachment: "incident.xml", "application/xml". */
const char *export_format_file(const struct export_format *format);
const char *export_format_media_type(const struct export_format *format);

/*
 * Loads what making identifiers needs of OpenSSL: before a process gives up its rights. Returns 0,
 * or -ENOSYS when it has none.
 */
int export_prepare(void);

struct export;

/* Begins a document on a stream. Gives *ret_export, or returns -ENOMEM. */
int export_open(const struct export_format *format, const struct export_setting *setting, FILE *out,
    struct export **ret_export);
void export_add(struct export *export, const struct export_incident *incident);
/* Ends it. Returns 0, or -EIO when writing failed at any time. */
int export_close(struct export *export);

/* One incident as a text, to be freed. Returns 0 or -ENOMEM. */
int export_text(const struct export_format *format, const struct export_setting *setting,
    const struct export_incident *incident, char **ret_text, size_t *ret_length);

#endif
