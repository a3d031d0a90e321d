/*
 * answer_link.h - the links by which who got a letter answers it without a password: what stands in
 * their path, and who made it.
 *
 * A token is 24 bytes as base64url (RFC 4648 section 5) without padding, so that with a usual name
 * of a host it fits one line of a letter:
 *
 *     tag       12  HMAC-SHA256 (RFC 2104) over what follows, cut to 96 bits as RFC 2404 does: who
 *                   guesses must ask us each time, and is slowed down (web/rate.h)
 *     incident   5
 *     contact    4
 *     hours      3  since 1970 UTC: when it ends
 *
 * All that is in it are numbers that mean something to this station alone. The key is the station's
 * own and held by its keeper; whoever serves the page has none. A form token is bound to one link:
 * what is posted comes from the page that was made for it. Both have one spelling each.
 */
#ifndef WEB_ANSWER_LINK_H
#define WEB_ANSWER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	ANSWER_KEY_BYTES = 32,
	ANSWER_KEY_TEXT_BYTES = 2 * ANSWER_KEY_BYTES + 1, /* hexadecimal */
	ANSWER_TOKEN_LETTERS = 32,
	ANSWER_TOKEN_BYTES = ANSWER_TOKEN_LETTERS + 1,
	ANSWER_FORM_LETTERS = 16,
	ANSWER_FORM_BYTES = ANSWER_FORM_LETTERS + 1,
};

/* Numbers past these have no link: an hour has 3 bytes. */
#define ANSWER_INCIDENT_MAX ((INT64_C(1) << 40) - 1)
#define ANSWER_CONTACT_MAX  ((INT64_C(1) << 32) - 1)

struct answer_key {
	bool is_there;
	uint8_t bytes[ANSWER_KEY_BYTES];
};

/* A new one. 0, or a negative errno where there is no randomness to be had. */
int answer_key_make(struct answer_key *ret_key);
void answer_key_format(const struct answer_key *key, char out[static ANSWER_KEY_TEXT_BYTES]);
/* A file's text: 64 hexadecimal digits and a line feed. 0, or -EINVAL with a complaint. */
int answer_key_read(
    const char *text, size_t length, struct answer_key *ret_key, struct complaint *complaint);

/* Loads what signing needs, before a sandbox is entered. 0, or -ENOSYS. */
int answer_link_prepare(void);

struct answer_link {
	int64_t incident;
	int64_t contact;
	int64_t until_us; /* it is good before that; wall */
};

/*
 * It ends with one of the hours from until_us on that give a last letter which no mail program
 * takes for the end of a sentence. 0, -ERANGE for numbers that have no room, or -ENOMEM.
 */
int answer_link_write(const struct answer_key *key, const struct answer_link *link,
    char ret_token[static ANSWER_TOKEN_BYTES]);
/*
 * 0; -EINVAL for what is none of ours, which takes the same time whatever is wrong with its tag;
 * -ETIME for one that has ended; -ENOMEM.
 */
int answer_link_read(
    const struct answer_key *key, const char *token, int64_t now_us, struct answer_link *ret_link);
/* Whether it has the letters of one: what has not need not be asked for. */
bool answer_link_looks_right(const char *token);

/* Of a token that was read. 0 or -ENOMEM. */
int answer_form_write(
    const struct answer_key *key, const char *token, char ret_form[static ANSWER_FORM_BYTES]);
bool answer_form_check(const struct answer_key *key, const char *token, const char *form);

#endif
