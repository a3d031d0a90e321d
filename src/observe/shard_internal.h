/* shard_internal.h - shared by shard.c and its handlers by kind of packet; not for other folders.
 */
#ifndef OBSERVE_SHARD_INTERNAL_H
#define OBSERVE_SHARD_INTERNAL_H

#include "observe/shard.h"

/* The sighting of this key in the current window, made when new; NULL when there is no room. */
struct sighting *shard_get_sighting(struct shard *shard, const struct sighting_key *key);

/* NULL when the current window has none. */
struct sighting *shard_find_sighting(struct shard *shard, const struct sighting_key *key);

/*
 * Tells of the sighting, whose packet or outcome was counted, if it is urgent: at its first and at
 * each doubling of them, so that a warning needs no window. By the packets alone, never by the time
 * that the work takes: so results do not depend on it.
 */
void shard_tell_early(struct shard *shard, struct sighting *sighting);

/* Adds a touch to the targets of a sighting, in the room that its rank has. */
void shard_touch(struct shard *shard, struct sighting *sighting, const struct address *address,
    const struct address_touch *touch);

/* NULL when there is no room. */
struct host *shard_get_host(struct shard *shard, const struct address *address);

/* Adds HOST_... bits; what is new of a host that matters is handed on at the end of the window. */
void shard_note_host(struct shard *shard, struct host *host, uint32_t flags);

/* Counts this packet into a sighting: times, bytes, bins, TTL, source port, evidence, `other`. */
struct observed {
	const struct arrival *arrival;
	const struct address *other; /* the far end, which joins the targets */
	uint32_t item_flags;
};
void shard_count_packet(
    struct shard *shard, struct sighting *sighting, const struct observed *observed);

/* Handlers (shard_packets.c). */
void shard_on_request(struct shard *shard, const struct arrival *arrival);
void shard_on_forged(struct shard *shard, const struct arrival *arrival);
void shard_on_reply(struct shard *shard, const struct arrival *arrival);
void shard_on_error(struct shard *shard, const struct arrival *arrival);
void shard_on_segment(struct shard *shard, const struct arrival *arrival);
void shard_on_probe(struct shard *shard, const struct arrival *arrival);
void shard_on_datagram(struct shard *shard, const struct arrival *arrival);
void shard_on_ask(struct shard *shard, const struct arrival *arrival);
void shard_on_tell(struct shard *shard, const struct facts *facts);

/* Gives a contact its outcome and enters it into the source's sighting (shard_outcome.c). */
void shard_conclude(struct shard *shard, struct contact *contact, enum contact_outcome outcome);
/* The judge of contacts that got no answer; context is the shard. */
void shard_judge_silent(void *context, struct contact *contact);
/* `facts` answered `contact`: both sides are real. */
void shard_note_answer(struct shard *shard, struct contact *contact, const struct facts *facts);
/* The source of `contact` went on after an answer that we saw or must believe. */
void shard_note_exchange(struct shard *shard, struct contact *contact, const struct facts *facts);

#endif
