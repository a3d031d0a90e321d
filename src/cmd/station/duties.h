/*
 * duties.h - the duties of a station: what each process runs (DESIGN: capture, keeper, courier,
 * web, signer, mailroom), and what they are called. The table of them is made by cmd/run.c.
 */
#ifndef CMD_STATION_DUTIES_H
#define CMD_STATION_DUTIES_H

#include <stddef.h>

#include "base/complaint.h"
#include "base/log.h"
#include "proc/duty_self.h"

/* Each runs until it is told to end, in the process that the parent started for it. Returns an exit
 * status. */
int duty_capture(void);
int duty_keeper(void);
int duty_courier(void);
int duty_web(void);
int duty_signer(void);
int duty_mailroom(void);

/*
 * Tells the parent how a duty began: `result` 0, or why it could not. Where the parent does not
 * hear it, the log does. `self` may be NULL.
 */
void duty_tell_begin(struct duty_self *self, int result, const struct complaint *complaint);

/* "capture0", "reports0", "batches0" ...; number below STATION_SOURCES_MAX. */
const char *duty_capture_name(size_t number);
const char *duty_reports_name(size_t number);
const char *duty_relay_name(size_t number);

/* One line of the log with one field. */
void say(enum log_level level, const char *event, const char *key, const char *value);

#endif
