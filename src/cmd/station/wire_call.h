/*
 * wire_call.h - what somebody asks for by the page, from the web duty to the keeper, and what comes
 * of it; as station/wire.h. Web hands on the token of a session and what it was sent; the keeper
 * decides (station/authority.h). The token itself: its hash web could read of any session, in the
 * database.
 */
#ifndef CMD_STATION_WIRE_CALL_H
#define CMD_STATION_WIRE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "cmd/station/token.h"
#include "proc/message.h"

/* WIRE_CALL. */
struct wire_call {
	uint64_t number;
	char token[TOKEN_TEXT_BYTES]; /* "": nobody's */
	struct address peer;
	const char *request; /* JSON, not terminated; of a message that was read: within it */
	size_t length;
};
int wire_send_call(struct channel *channel, const struct wire_call *call);
bool wire_read_call(const struct message *message, struct wire_call *ret_call);

/* WIRE_ANSWERED: JSON Lines, as service_answer() writes them. */
struct wire_answered {
	uint64_t number;
	int result; /* as service_answer() returns it */
	const char *text;
	size_t length;
};
/* An answer that is too long for a message is cut to its last line. */
int wire_send_answered(struct channel *channel, const struct wire_answered *answered);
bool wire_read_answered(const struct message *message, struct wire_answered *ret_answered);

#endif
