/*
 * incident_file.h - an incident as a file that can be handed on: its first frames as a capture or a
 * table, all of it as JSON, or in a format of others' systems (notify/export.h).
 *
 *     pcapng   the first frames, for tshark and Wireshark
 *     json     the record, what was found, its history, the first frames
 *     csv      the first frames as a table
 *     NAME     as export_format_names() has them
 *
 * What somebody noted, and who, is told in json alone, which is for those who may see it anyway.
 */
#ifndef CMD_STATION_INCIDENT_FILE_H
#define CMD_STATION_INCIDENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "notify/export.h"
#include "store/store.h"

enum {
	INCIDENT_FILE_NAME_BYTES = 96,
	INCIDENT_FILE_EVENTS_MAX = 1000, /* in json: the last ones */
};

struct incident_file {
	char *bytes; /* to be freed */
	size_t length;
	const char *type;                    /* media type: a static text */
	char name[INCIDENT_FILE_NAME_BYTES]; /* "incident-12.pcapng": letters, digits, '.', '-' */
};

/* "pcapng, json, csv, iodef, ...": for messages. */
const char *incident_file_formats(void);
bool incident_file_has_format(const char *format);

/* In which form, by whom, for whom: as for exports. Where its identity is NULL that is read of the
   store. Borrowed. */
struct incident_file_form {
	const char *format;
	const struct export_setting *setting;
};

/*
 * Makes it. Returns 0; -EINVAL for an unknown format, or an incident whose finding cannot be read
 * (of exports); -ENOMEM; or what the store gave; each with a complaint.
 */
int incident_file_make(struct store *store, const struct store_incident *incident,
    const struct incident_file_form *form, struct incident_file *ret_file,
    struct complaint *complaint);

#endif
