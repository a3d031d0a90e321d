/*
 * alarms.h - what is wrong with the station itself, and that its operator hears of it: a letter
 * when it begins, another each day as long as it lasts, one when it is over.
 *
 * What happened and does not last (the station was off, its clock jumped) is reported once as on;
 * it goes off by itself when it was told, and nobody says that it is over.
 *
 * Whoever watches something says how it stands, as often as he likes; only a change makes a letter.
 * What ends and begins again within a few minutes goes on, so that what flaps makes no flood.
 * Letters are written within the keeper's transaction, and what was told is kept with them: a
 * station that starts anew does not tell it again.
 */
#ifndef CMD_STATION_ALARMS_H
#define CMD_STATION_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"
#include "cmd/station/outbox.h"
#include "cmd/station/roster.h"
#include "notify/letter.h"
#include "store/store.h"

struct alarms;

enum {
	ALARMS_MAX = 256, /* at once; more are counted and left out */
	ALARM_WHAT_BYTES = 256,
	ALARM_DETAIL_BYTES = 256,
	ALARM_LINES_MAX = 6,
};

/* Not wrong any more for so long: it is over. */
#define ALARM_REST_US (2 * WHEN_MINUTE_US)
/* As long as it lasts it is told again. */
#define ALARM_AGAIN_US WHEN_DAY_US
/* Kept by the store, and nobody has said since the start how it stands: it is forgotten. */
#define ALARM_FORGET_US WHEN_DAY_US

/* How something stands. */
struct alarm_report {
	enum alarm alarm;
	const char *what;   /* which one, as letter_alarm wants it; NULL where there is only one */
	const char *detail; /* NULL: none */
	bool is_on;
	int64_t since_us;   /* wall; 0: from now on */
	int64_t lasting_us; /* for the letter; 0: since it began */
	uint64_t number;    /* likewise */
};

struct alarms_options {
	struct store *store; /* borrowed */
	int64_t rest_us;     /* ALARM_REST_US */
};

/* Returns 0, or a negative errno with a complaint. */
int alarms_new(const struct alarms_options *options, int64_t wall_us, struct alarms **ret_alarms,
    struct complaint *complaint);
void alarms_free(struct alarms *alarms); /* NULL is allowed */

/*
 * True when it began, or went off after it had been on: for a line in the log. Of what goes on and
 * off all the time only ALARM_LINES_MAX within ten minutes.
 */
bool alarms_report(struct alarms *alarms, const struct alarm_report *report, int64_t wall_us);
bool alarms_is_on(const struct alarms *alarms, enum alarm alarm, const char *what);

/* It is on, and a letter said so that is not in the store: none is written when it can be. */
void alarms_note_told(struct alarms *alarms, enum alarm alarm, const char *what, int64_t wall_us);

/* Whether letters are due. */
bool alarms_are_due(const struct alarms *alarms, int64_t wall_us);
/* Writes them within a transaction. 0, or what the store gave, with a complaint. */
int alarms_write(struct alarms *alarms, struct outbox *outbox, const struct roster *roster,
    int64_t wall_us, struct complaint *complaint);
void alarms_commit(struct alarms *alarms); /* it was committed */
void alarms_forget(struct alarms *alarms); /* it was not */

/* Those that are on, for metrics and for the digest; `*position` starts at 0. False at the end. */
struct alarm_standing {
	enum alarm alarm;
	const char *what; /* "" for none; borrowed until the next call of any kind */
	int64_t since_us;
	bool was_told; /* by a letter */
};
bool alarms_next(
    const struct alarms *alarms, size_t *position, struct alarm_standing *ret_standing);
uint64_t alarms_refused(const struct alarms *alarms); /* for want of room */

#endif
