/*
 * wire_web.h - what is said by the channels of the web duty, and about signs of life; as
 * station/wire.h.
 */
#ifndef CMD_STATION_WIRE_WEB_H
#define CMD_STATION_WIRE_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/figures.h"
#include "cmd/station/sparks.h"
#include "proc/duty_self.h"
#include "proc/message.h"
#include "web/heartbeat.h"
#include "web/post.h"

/* Web asks the keeper for its figures: WIRE_ASK (a number, u64), then WIRE_FIGURES. */
int wire_send_ask(struct channel *channel, uint64_t number);
bool wire_read_ask(const struct message *message, uint64_t *ret_number);
int wire_send_figures(struct channel *channel, const struct figures *figures);
bool wire_read_figures(const struct message *message, struct figures *ret_figures);

/*
 * Web tells the keeper that somebody looks at what happens now: WIRE_WATCHED, at least every
 * WIRE_WATCHED_US. As long as it does so it is told: WIRE_SPARKS, at most every WIRE_SPARKS_US.
 */
#define WIRE_WATCHED_US INT64_C(10000000)
#define WIRE_SPARKS_US  INT64_C(250000)
int wire_send_watched(struct channel *channel);
bool wire_read_watched(const struct message *message);
int wire_send_sparks(struct channel *channel, const struct sparks_news *news);
bool wire_read_sparks(const struct message *message, struct sparks_news *ret_news);

/* Web tells of a sign of life that is rightly signed: WIRE_HEARD, then WIRE_NOTED. */
struct wire_heard {
	uint64_t number;
	struct heartbeat heartbeat; /* without its observed clock */
};
int wire_send_heard(struct channel *channel, const struct wire_heard *heard);
bool wire_read_heard(const struct message *message, struct wire_heard *ret_heard);

enum wire_note {
	WIRE_NOTE_TAKEN,
	WIRE_NOTE_AGAIN,   /* it was heard before */
	WIRE_NOTE_UNKNOWN, /* of a station that is not expected */
	WIRE_NOTE_MANY,    /* more of them than can be told apart */
	WIRE_NOTE_COUNT,
};
struct wire_noted {
	uint64_t number;
	enum wire_note note;
};
int wire_send_noted(struct channel *channel, const struct wire_noted *noted);
bool wire_read_noted(const struct message *message, struct wire_noted *ret_noted);

/* The keeper gives the courier a sign of life: WIRE_BEAT (bytes); what came of it: WIRE_BEATEN. */
int wire_send_beat(struct channel *channel, const char *text, size_t length);
bool wire_read_beat(const struct message *message, const uint8_t **ret_bytes, size_t *ret_count);

struct wire_beaten {
	bool is_taken;
	char reply[POST_REPLY_BYTES];
};
int wire_send_beaten(struct channel *channel, bool is_taken, const char *reply);
bool wire_read_beaten(const struct message *message, struct wire_beaten *ret_beaten);

/*
 * Takes the secret that the parent gave this duty, where it gave one: else its length is 0. Returns
 * 0, or a negative errno with a complaint.
 */
int wire_take_secret(
    struct duty_self *self, struct heartbeat_secret *ret_secret, struct complaint *complaint);

/* The parent tells web of all processes: WIRE_ROLL. */
struct message wire_roll(const struct roll *roll); /* borrows it */
bool wire_read_roll(const struct message *message, struct roll *ret_roll);

#endif
