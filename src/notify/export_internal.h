/* export_internal.h - what the formats of export.h share. Of src/notify/ only. */
#ifndef NOTIFY_EXPORT_INTERNAL_H
#define NOTIFY_EXPORT_INTERNAL_H

#include "base/json.h"
#include "base/table.h"
#include "base/when.h"
#include "base/xml.h"
#include "notify/export.h"

enum {
	EXPORT_UUID_BYTES = 37, /* 8-4-4-4-12 and NUL */
	EXPORT_IDENTITY_BYTES = 64,
	EXPORT_STATE_BYTES = 64, /* ours have 12 */
	EXPORT_TITLE_BYTES = 1024 + EXPORT_NAME_BYTES,
	EXPORT_WHY_BYTES = WORDING_WHY_BYTES + WORDING_SPOOF_REASON_BYTES * 4,
	EXPORT_ADDRESS_BYTES = 256, /* MAIL_ADDRESS_BYTES_MAX and NUL */
};

struct export
{
	const struct export_format *format;
	struct export_setting setting;
	FILE *out;
	struct json json;
	struct xml xml;
	struct table *seen; /* objects that were written: a format that names them once has it */
	char station[EXPORT_NAME_BYTES];
	char identity[EXPORT_IDENTITY_BYTES]; /* letters and digits */
	char address[EXPORT_ADDRESS_BYTES];
	char now[WHEN_TEXT_BYTES];
	char chain[EXPORT_UUID_BYTES]; /* of all that was added */
	bool has_begun;
};

/* An incident with everything said once. */
struct export_facts {
	const struct export_incident *incident;
	const struct finding *finding;
	char subject[ADDRESS_TEXT_BYTES];
	bool is_v4;
	bool is_victim;
	char member[EXPORT_NAME_BYTES];
	char state[EXPORT_STATE_BYTES]; /* the incident's */
	char title[EXPORT_TITLE_BYTES]; /* "[DRILL] a few words: 192.0.2.5 (example-town)" */
	char why[EXPORT_WHY_BYTES];
	char *json;         /* the finding (notify/finding_json.h); NULL where memory was out */
	int64_t changed_us; /* not before it was opened, nor before it was seen last */
	double confidence;  /* 0 to 1, or -1 where it is not known */
	char first[WHEN_TEXT_BYTES];
	char last[WHEN_TEXT_BYTES]; /* not before the first */
	char opened[WHEN_TEXT_BYTES];
	char changed[WHEN_TEXT_BYTES];
};

struct export_format {
	const char *name;
	const char *file;
	const char *media_type;
	bool wants_one; /* a document without an incident is none: nothing is written */
	void (*begin)(struct export *export);
	void (*add)(struct export *export, const struct export_facts *facts);
	void (*end)(struct export *export);
};

extern const struct export_format export_iodef;
extern const struct export_format export_iodef_json;
extern const struct export_format export_stix;
extern const struct export_format export_idea;
extern const struct export_format export_xarf;
extern const struct export_format export_misp;
extern const struct export_format export_shadowserver;
extern const struct export_format export_eve;

/* For formats that are a line for each incident, with nothing around them. */
void export_frame_nothing(struct export *export);

/* The port of TCP or UDP that an entry of a finding names; 0 where it names none. */
unsigned export_port_of(const struct finding_port *port);
/* "tcp", "udp", "icmp", "icmp6", "arp", "nd"; NULL for any other. */
const char *export_protocol_of(const struct finding_port *port);
/* Its source port where one is known, else 0. */
unsigned export_source_port_of(const struct finding *finding);

/* Whether this was not written yet (export->seen). */
bool export_is_new(struct export *export, const char *id);

/*
 * Identifiers. A UUID made of a name within another one's names (RFC 9562 section 5.5), version 5;
 * or, where a format wants random ones, with the form of version 4: whoever does not know the
 * station's identity cannot tell it from one.
 */
void export_uuid(
    const char *space, const char *name, unsigned version, char out[static EXPORT_UUID_BYTES]);
/* Of something of this station: "indicator", number 42. */
void export_uuid_of(const struct export *export, const char *what, int64_t number,
    char out[static EXPORT_UUID_BYTES]);
/* Of an incident as it is now. */
void export_uuid_of_state(const struct export *export, const char *what,
    const struct export_facts *facts, char out[static EXPORT_UUID_BYTES]);

/* Bytes as base64, to be freed, and their SHA-256 in hexadecimal; NULL when memory is out. */
enum {
	EXPORT_SHA256_BYTES = 65
};
char *export_base64(const char *bytes, size_t length);
void export_sha256(const char *bytes, size_t length, char out[static EXPORT_SHA256_BYTES]);

#endif
