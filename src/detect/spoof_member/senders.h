/*
 * senders.h - how many addresses of a member sent anything at a time.
 *
 * A forger who does a thousand different things makes a thousand crowds, and each asks for this: so
 * it is not counted over all that is known, but found in an index of one member at a time. The
 * index has what each address sent as times without holes, in order of their begin, under a tree of
 * the latest ends; a question costs a logarithm for each address that is counted, and no more are
 * counted than make a difference.
 */
#ifndef DETECT_SPOOF_MEMBER_SENDERS_H
#define DETECT_SPOOF_MEMBER_SENDERS_H

#include <stdint.h>

#include "detect/ledger.h"

struct senders;

/* NULL without memory. */
struct senders *senders_new(void);
void senders_free(struct senders *senders); /* NULL is allowed */

/* All subjects of members are added first; borrowed, and not changed meanwhile. 0 or -ENOMEM. */
int senders_add(struct senders *senders, const struct subject *subject);

/* Has questions be about this member. 0 or -ENOMEM. */
int senders_choose(struct senders *senders, int member);

/*
 * How many of its addresses sent anything from `first_us` to `last_us`, both included, whether it
 * was forged or not; where there are `enough`, that.
 */
uint64_t senders_count(struct senders *senders, int64_t first_us, int64_t last_us, uint64_t enough);

#endif
