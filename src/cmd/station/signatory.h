/*
 * signatory.h - the keeper's end of the signer: asks for a signature and waits for it, but not for
 * long.
 *
 * A letter is signed while it is written, so that what is sent again are the same bytes. A signer
 * that is dead, hangs or cannot sign holds back none: it goes out unsigned, and that is a trouble
 * which the operator hears of. After one answer that did not come in time none is waited for until
 * the signer has shown itself alive.
 */
#ifndef CMD_STATION_SIGNATORY_H
#define CMD_STATION_SIGNATORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notify/certificate.h"
#include "notify/mail.h"

struct signatory;

/* A signature takes milliseconds; a signer that is just starting, a second. */
#define SIGNATORY_WAIT_US (2 * WHEN_SECOND_US)
/* In trouble it is asked again whether it can, as often as this. */
#define SIGNATORY_PROBE_US (5 * WHEN_SECOND_US)

/* By this certificate, of which until_us is 0 where nothing is to be signed. 0 or -ENOMEM. */
int signatory_new(const struct certificate_facts *certificate, struct signatory **ret_signatory);
void signatory_free(struct signatory *signatory); /* NULL is allowed */
bool signatory_is_wanted(const struct signatory *signatory);

/* The signer was started: `fd` is the channel to it, taken. */
void signatory_open(struct signatory *signatory, int fd);
/* Each turn: takes what it had to say, and asks it whether it is well where it was not. */
void signatory_look(struct signatory *signatory, int64_t wall_us, int64_t monotonic_us);

/* As mail_seal.sign, with the signatory as its context. Outside of its dates nothing is signed. */
int signatory_sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature);

/* Why letters went out unsigned, since the first of them; false where all is well. */
struct signatory_trouble {
	const char *why;
	int64_t since_us; /* wall */
	uint64_t letters;
};
bool signatory_get_trouble(
    const struct signatory *signatory, struct signatory_trouble *ret_trouble);

#endif
