/*
 * supervision.h - what a station tells systemd of itself (proc/notify_socket.h): that it is ready,
 * that it is alive, which duties run; systemctl(1) shows it. Started by hand it tells nobody.
 *
 * Ready is a station once every duty did its work at the same time. From then on it stays so: a
 * duty that died is started again by the parent, not by systemd.
 */
#ifndef CMD_STATION_SUPERVISION_H
#define CMD_STATION_SUPERVISION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "proc/duties.h"
#include "proc/loop.h"

struct supervision;

/*
 * `rows` are the duties of the table, borrowed. Answers the watchdog from the loop, so that a
 * parent that hangs is started again. 0, or a negative errno with a complaint; what the
 * environment says and makes no sense is a complaint as well (-EINVAL).
 */
int supervision_new(struct loop *loop, const struct duty *rows, size_t count,
    struct supervision **ret_supervision, struct complaint *complaint);
void supervision_free(struct supervision *supervision); /* NULL is allowed */

/* A duty does its work; something else happened to one. */
void supervision_note_begun(struct supervision *supervision, size_t duty);
void supervision_note_event(struct supervision *supervision, const struct duty_event *event);
/* The station begins to end; or it begins to read its configuration again, or is done with it. */
void supervision_note_stop(struct supervision *supervision);
void supervision_note_reload(struct supervision *supervision, bool is_reloading);

#endif
