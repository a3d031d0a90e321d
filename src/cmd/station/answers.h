/*
 * answers.h - the keeper's side of the links in its letters: what is behind one, and what an answer
 * does.
 *
 *     on it      the incident is in progress: nobody is reminded
 *     fixed      closed; seen again it relapses
 *     not ours   closed, and the operator is told: the registered addresses are wrong
 *     harmless   closed, and the operator is told: only he enters exceptions
 *     stop       acknowledged where nobody has yet; this contact gets no more letters about it
 *
 * A link takes answers until it ends, so that people can correct themselves: the last one counts,
 * also about what a person has closed already. The same answer again changes nothing. Whatever is
 * wrong with a link (forged, ended, of a contact that is gone or gets nothing more, or of an
 * incident that is gone) gives the same answer.
 */
#ifndef CMD_STATION_ANSWERS_H
#define CMD_STATION_ANSWERS_H

#include "cmd/station/keeper.h"
#include "cmd/station/wire_answer.h"
#include "web/answer_link.h"

enum {
	ANSWERS_MAX = 32, /* of a contact about one incident: who corrects himself needs few */
};

struct answers {
	struct keeper *keeper;        /* borrowed, as all */
	const struct answer_key *key; /* that is not there: no link is right */
	const char *station;          /* its name; "" for none */
	const char *desk;             /* whom to ask; "" for nobody */
};

/* Records what is to be, all of it committed, and fills *ret_leaf. */
void answers_take(const struct answers *answers, const struct wire_question *question,
    const struct keeper_clock *clock, struct wire_leaf *ret_leaf);

#endif
