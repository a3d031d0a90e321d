/*
 * contacts.h - who turned to whom, and what came back: the memory behind failures and successes.
 *
 * A contact is one source, one target, one protocol and destination port; retransmissions belong to
 * the same contact. It gets one outcome: answered, refused, silent, or none that counts. A pair is
 * two addresses, and which of them has sent or asked anything: it tells a reply that was asked for
 * from backscatter.
 *
 * Both live in pools (observe/pool.h). When there is no room, contacts with an outcome and pairs
 * make it, those of strangers first and of them about those not heard for longest; a contact that
 * still waits for its outcome only goes for a higher rank. It is counted: a retransmission after
 * that is taken for a new contact of the same target, which changes no set of targets.
 */
#ifndef OBSERVE_CONTACTS_H
#define OBSERVE_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/rank.h"

struct contact_key {
	struct address source;
	struct address target;
	uint16_t port;
	uint8_t protocol;
	uint8_t drill;
};

enum contact_outcome {
	CONTACT_PENDING,
	CONTACT_ANSWERED,
	CONTACT_REFUSED,
	CONTACT_SILENT,
	CONTACT_NEUTRAL, /* says nothing about the target */
};

struct contact {
	struct contact_key key;
	uint8_t rank; /* enum rank: the highest for which it was asked */
	int64_t first_us;
	int64_t last_us;
	uint32_t expected_ack; /* after SYN+ACK: what only its receiver can acknowledge */
	uint16_t source_port;
	uint8_t variant; /* enum sighting_variant: a contact by probe, or VARIANT_NONE */
	uint8_t outcome;
	bool saw_synack;
	bool exchanged; /* the source went on after the answer */
	bool waits;     /* among the next ones: it has no outcome, or had none a moment ago */
	struct contact *before;
	struct contact *after;
};

/* Bits of pair.flags; A is the smaller address. */
enum {
	PAIR_A_SENT = 1 << 0, /* anything but RST */
	PAIR_B_SENT = 1 << 1,
	PAIR_A_ASKED = 1 << 2, /* something that deserves a reply */
	PAIR_B_ASKED = 1 << 3,
};

struct contacts;

/*
 * Room that several pools share: what is left of it for all together. A scan of every port of one
 * machine is one pair of addresses and needs the room of many.
 */
struct contacts_room {
	size_t contacts;
	size_t pairs;
};

/*
 * At most `max` contacts, and as many pairs; of `room`, which is borrowed, no more than is left.
 * NULL room is room enough. NULL when memory is out.
 */
struct contacts *contacts_new(size_t max, uint64_t hash_seed, struct contacts_room *room);
void contacts_free(struct contacts *contacts); /* NULL is allowed */

/* Whose packet is at hand: what is made or met from now on has at least this rank; at first all
 * have the highest. */
void contacts_set_rank(struct contacts *contacts, enum rank rank);

struct contact *contacts_find(const struct contacts *contacts, const struct contact_key *key);
/* The contact of this key, made pending when new (*ret_new). NULL when there is no room. */
struct contact *contacts_get(
    struct contacts *contacts, const struct contact_key *key, bool *ret_new);

/*
 * Calls `judge` (which opens no contact) for every pending contact whose first packet is at least
 * `timeout_us` before `now_us` (for all of them when it is 0); judge sets the outcome.
 */
void contacts_expire(struct contacts *contacts, int64_t now_us, int64_t timeout_us,
    void (*judge)(void *context, struct contact *contact), void *context);

/* Notes PAIR_..._SENT (and _ASKED) of `from` towards `to`. */
void contacts_note_pair(struct contacts *contacts, const struct address *from,
    const struct address *to, bool asked, int64_t time_us);
/*
 * Has `from` sent (or, with `asked`, asked) anything to `to`? Where the packet at hand is no
 * stranger's and pairs were lost a moment ago, it is believed of a pair that is not known: what
 * looks like an answer to nobody may be one to somebody who found no room.
 */
bool contacts_has_sent(const struct contacts *contacts, const struct address *from,
    const struct address *to, bool asked);

uint64_t contacts_evicted(const struct contacts *contacts);
size_t contacts_bytes(const struct contacts *contacts);

#endif
