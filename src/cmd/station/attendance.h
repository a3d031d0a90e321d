/*
 * attendance.h - until when a source was watched, and the gap when it is watched again.
 *
 * What its capture reports is kept with everything else that a turn writes. So whatever ends - the
 * capture, the keeper, the machine - the gap is found when the source is next watched, and is found
 * once: from the last moment of which all was told to the moment at which it was opened again.
 */
#ifndef CMD_STATION_ATTENDANCE_H
#define CMD_STATION_ATTENDANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "store/store.h"

enum {
	ATTENDANCE_SOURCE_BYTES = STATION_SOURCE_BYTES,
};

/* What is known of a source's capture. Times are the wall's. */
struct attendance_state {
	uint64_t epoch;    /* by chance: of this capture's process; 0: none was ever heard */
	uint64_t sequence; /* of its reports */
	int64_t since_us;  /* its source was opened then; 0: it was not yet */
	int64_t until_us;  /* all that came before was told */
};

struct attendance {
	char source[ATTENDANCE_SOURCE_BYTES];
	struct attendance_state stored;
	struct attendance_state now;
	int64_t station_began_us;
};

enum absence {
	ABSENCE_NONE,
	ABSENCE_STATION, /* "station-stopped": none of its processes was there */
	ABSENCE_CAPTURE, /* "capture-ended": it died or was started anew */
	ABSENCE_SOURCE,  /* "source-lost": the interface was gone */
	ABSENCE_COUNT,
};

const char *absence_name(enum absence absence);

/*
 * Reads what is known of the source. Returns 0, also where nothing is; or what the store gave, with
 * a complaint.
 */
int attendance_read(struct attendance *attendance, struct store *store, const char *source,
    int64_t station_began_us, struct complaint *complaint);

struct attendance_gap {
	enum absence absence; /* ABSENCE_NONE: there is none */
	int64_t from_us;
	int64_t to_us;
};

/*
 * Takes in a report of its capture. False for one that was taken in before: it comes again where
 * the keeper ended between writing and taking.
 */
bool attendance_take(struct attendance *attendance, const struct attendance_state *report,
    struct attendance_gap *ret_gap);

/* The clock was set by so much. */
void attendance_note_clock(struct attendance *attendance, int64_t by_us);

bool attendance_is_changed(const struct attendance *attendance);
/* So that it cannot wait: of this capture nothing is stored, and dead it would be unknown. */
bool attendance_is_new(const struct attendance *attendance);
/* Within a transaction. 0, or what the store gave, with a complaint. */
int attendance_write(
    const struct attendance *attendance, struct store *store, struct complaint *complaint);
void attendance_commit(struct attendance *attendance);

#endif
