/*
 * mail_desk.h - what the keeper's process has for mail beside the courier: the signer, which is
 * asked while a letter is written (signatory.h), and the mailroom, which tells what came back
 * (returns.h).
 */
#ifndef CMD_STATION_MAIL_DESK_H
#define CMD_STATION_MAIL_DESK_H

#include "cmd/station/keeper.h"
#include "notify/certificate.h"
#include "proc/duty_self.h"
#include "proc/loop.h"

struct mail_desk;

struct mail_desk_options {
	struct loop *loop;                       /* borrowed */
	const struct certificate_facts *signing; /* until_us is 0: nothing is signed */
	void (*on_taken)(void *context);         /* something came back: a turn is due */
	void *context;
};

/* Returns 0 or -ENOMEM. */
int mail_desk_new(const struct mail_desk_options *options, struct mail_desk **ret_desk);
void mail_desk_free(struct mail_desk *desk); /* NULL is allowed; after the keeper */
/* When the keeper is there: takes the channels that the process was given. */
void mail_desk_begin(struct mail_desk *desk, struct keeper *keeper, struct duty_self *self);
/* Who is at the other end was started anew: true where the link is ours, and `fd` taken. */
bool mail_desk_open(struct mail_desk *desk, const char *link, int fd);

/* Before and after each turn of the keeper: how the signer is, and what letters became of it. */
void mail_desk_begin_turn(struct mail_desk *desk, const struct keeper_clock *clock);
void mail_desk_end_turn(struct mail_desk *desk, const struct keeper_clock *clock);

/* As keeper_io.sign. */
int mail_desk_sign(
    struct mail_desk *desk, const char *bytes, size_t length, struct mail_signature *ret_signature);

#endif
