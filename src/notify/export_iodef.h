/* export_iodef.h - what both forms of IODEF say with the same words. Of src/notify/ only. */
#ifndef NOTIFY_EXPORT_IODEF_H
#define NOTIFY_EXPORT_IODEF_H

#include "notify/export_internal.h"

#define IODEF_DRILL "exercise"

enum {
	IODEF_PORTS_BYTES = (FINDING_PORTS_MAX + FINDING_SOURCE_PORTS_MAX) * 6 + 1,
	IODEF_EVENT_BYTES = 256,
};

const char *iodef_language(const struct export *export);
const char *iodef_status(const struct export_facts *facts);
const char *iodef_restriction(const struct export *export);
const char *iodef_ext_restriction(const struct export *export); /* NULL: none */
const char *iodef_occurrence(const struct export_facts *facts);
const char *iodef_severity(const struct export_facts *facts); /* NULL: below what it has */
const char *iodef_impact(const struct export_facts *facts);
const char *iodef_spoofed(const struct export_facts *facts);
/* How many addresses it sent to, or got from. */
uint64_t iodef_hosts(const struct export_facts *facts);
void iodef_confidence(const struct export_facts *facts, char *out, size_t out_bytes);
/* "delivered: notified" */
void iodef_event(const struct export_event *event, char *out, size_t out_bytes);
/* "23,2323": of the subject itself, and of those whom it asked; "" where there are none. */
void iodef_own_ports(
    const struct export_facts *facts, unsigned protocol, char *out, size_t out_bytes);
void iodef_asked_ports(
    const struct export_facts *facts, unsigned protocol, char *out, size_t out_bytes);

#endif
