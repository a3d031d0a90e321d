/*
 * severity.h - how urgent a finding is: from rule, spread, marks and spoof estimate, in one table
 * that severity.c holds.
 */
#ifndef ALERT_SEVERITY_H
#define ALERT_SEVERITY_H

#include <stddef.h>

#include "detect/finding.h"

/* What this finding deserves by itself. */
enum severity severity_of(const struct finding *finding);

/*
 * Raises to critical what happens in several places: two members or more with the same mark and
 * port within an hour, or five machines of one member and more scanning the same port within an
 * hour (spread.c).
 */
void severity_raise_spread(struct finding *findings, size_t count);

#endif
