/*
 * end_to_end.h - a canary on demand (station/canary.h): has the station that runs send one, and
 * follows it from stage to stage until it arrived, or is late.
 */
#ifndef CMD_END_TO_END_H
#define CMD_END_TO_END_H

#include "base/json.h"
#include "cmd/station/checks.h"
#include "cmd/station/client.h"

enum {
	END_TO_END_SECONDS_BYTES = 32,
};

struct end_to_end {
	enum language language;
	/* Where each stage is told as soon as it is reached, as the checks are. */
	void (*tell)(
	    void *context, enum check_level level, enum station_word check, const char *text);
	void *context;
	struct json *json; /* NULL: no object "canary" is written */
};

/*
 * Takes seconds, and where nothing arrives as long as canary.deadline allows. Returns 1 when it
 * arrived and 0 when it did not, which was told; or a negative errno with a complaint when the
 * station does not answer. *ret_took_us is how long it took.
 */
int end_to_end_run(struct station_client *client, const struct end_to_end *order,
    int64_t *ret_took_us, struct complaint *complaint);

/* As seconds with three decimals: 1.204. */
void end_to_end_format(int64_t us, char out[static END_TO_END_SECONDS_BYTES]);

#endif
