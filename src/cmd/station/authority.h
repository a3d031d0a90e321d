/*
 * authority.h - what comes by the page is decided by the keeper: it looks up whose session it is,
 * and lets him do what his role may (service.h). The web duty only hands on what it was sent.
 */
#ifndef CMD_STATION_AUTHORITY_H
#define CMD_STATION_AUTHORITY_H

#include <stdio.h>

#include "cmd/station/service.h"
#include "cmd/station/wire_call.h"

/* As service_answer(), for whoever a call comes from. */
int authority_answer(const struct service *service, const struct keeper_clock *clock,
    const struct wire_call *call, FILE *out);

enum {
	AUTHORITY_LINK_BYTES = 512,
};

/*
 * Where there is no account yet: makes the first, an operator's, and a token that leads in once
 * (*ret_token; "" where there are accounts). 0, or a negative errno with a complaint.
 */
int authority_make_first(const struct service *service, const struct keeper_clock *clock,
    char ret_token[static TOKEN_TEXT_BYTES], struct complaint *complaint);

#endif
