#include "observe/contacts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "observe/pool.h"

enum {
	BLIND_S = 10 /* longer than anybody waits for an answer */
};

struct pair_key {
	struct address a;
	struct address b;
};

struct pair {
	struct pair_key key;
	int64_t last_us;
	uint8_t flags;
	uint8_t rank;
};

struct contacts {
	struct pool contacts;
	struct pool pairs;
	struct pool_rules contact_rules;
	struct pool_rules pair_rules;
	struct contact *first; /* of those that wait for an outcome, in order of creation */
	struct contact *last;
	enum rank rank;
	uint64_t seed;
	uint64_t refused;
	int64_t now_us;                /* of the pair noted last */
	int64_t blind_until_us;        /* pairs of that time were lost */
	struct contacts_room own_room; /* where no other is given */
};

static void stop_waiting(struct contacts *contacts, struct contact *contact)
{
	if (contact->before != NULL)
		contact->before->after = contact->after;
	else
		contacts->first = contact->after;
	if (contact->after != NULL)
		contact->after->before = contact->before;
	else
		contacts->last = contact->before;
	contact->before = NULL;
	contact->after = NULL;
	contact->waits = false;
}

static void start_waiting(struct contacts *contacts, struct contact *contact)
{
	contact->before = contacts->last;
	if (contacts->last != NULL)
		contacts->last->after = contact;
	else
		contacts->first = contact;
	contacts->last = contact;
	contact->waits = true;
}

static bool contact_may_go(const void *record, enum rank asker, struct pool_weight *ret_weight)
{
	const struct contact *contact = record;
	bool pending = contact->outcome == CONTACT_PENDING;
	if (contact->rank > asker || (contact->rank == asker && pending))
		return false;
	*ret_weight = (struct pool_weight){
	    .class = contact->rank * 2U + pending, .last_us = contact->last_us};
	return true;
}

static void on_contact_going(void *context, void *record)
{
	struct contact *contact = record;
	if (contact->waits)
		stop_waiting(context, contact);
}

static bool pair_may_go(const void *record, enum rank asker, struct pool_weight *ret_weight)
{
	const struct pair *pair = record;
	*ret_weight = (struct pool_weight){.class = pair->rank, .last_us = pair->last_us};
	return pair->rank <= asker;
}

static void lose_pair(struct contacts *contacts)
{
	contacts->blind_until_us = contacts->now_us + BLIND_S * WHEN_SECOND_US;
}

static void on_pair_going(void *context, void *record)
{
	struct contacts *contacts = context;
	const struct pair *pair = record;
	if (contacts->now_us - pair->last_us < BLIND_S * WHEN_SECOND_US)
		lose_pair(contacts);
}

struct contacts *contacts_new(size_t max, uint64_t hash_seed, struct contacts_room *room)
{
	struct contacts *contacts = calloc(1, sizeof *contacts);
	if (contacts == NULL)
		return NULL;
	contacts->seed = hash_seed;
	contacts->rank = RANK_MEMBER;
	contacts->blind_until_us = INT64_MIN;
	contacts->own_room = (struct contacts_room){.contacts = max, .pairs = max};
	if (room == NULL)
		room = &contacts->own_room;
	contacts->contact_rules = (struct pool_rules){
	    .key_bytes = sizeof(struct contact_key),
	    .record_bytes = sizeof(struct contact),
	    .may_go = contact_may_go,
	    .on_going = on_contact_going,
	    .context = contacts,
	};
	contacts->pair_rules = (struct pool_rules){
	    .key_bytes = sizeof(struct pair_key),
	    .record_bytes = sizeof(struct pair),
	    .may_go = pair_may_go,
	    .on_going = on_pair_going,
	    .context = contacts,
	};
	if (pool_init(&contacts->contacts, &contacts->contact_rules, max, &room->contacts) != 0 ||
	    pool_init(&contacts->pairs, &contacts->pair_rules, max, &room->pairs) != 0) {
		contacts_free(contacts);
		return NULL;
	}
	return contacts;
}

void contacts_free(struct contacts *contacts)
{
	if (contacts == NULL)
		return;
	pool_release(&contacts->contacts);
	pool_release(&contacts->pairs);
	free(contacts);
}

void contacts_set_rank(struct contacts *contacts, enum rank rank)
{
	contacts->rank = rank;
}

static uint64_t hash_key(const struct contacts *contacts, const struct contact_key *key)
{
	return hash_bytes(key, sizeof *key, contacts->seed);
}

struct contact *contacts_find(const struct contacts *contacts, const struct contact_key *key)
{
	return pool_find(&contacts->contacts, key, hash_key(contacts, key));
}

struct contact *contacts_get(
    struct contacts *contacts, const struct contact_key *key, bool *ret_new)
{
	uint64_t hash = hash_key(contacts, key);
	struct contact *contact = pool_find(&contacts->contacts, key, hash);
	*ret_new = contact == NULL;
	if (contact == NULL) {
		contact = pool_insert(&contacts->contacts, key, hash, contacts->rank);
		if (contact == NULL) {
			contacts->refused++;
			return NULL;
		}
		start_waiting(contacts, contact);
	}
	if (contact->rank < contacts->rank)
		contact->rank = (uint8_t)contacts->rank;
	return contact;
}

void contacts_expire(struct contacts *contacts, int64_t now_us, int64_t timeout_us,
    void (*judge)(void *context, struct contact *contact), void *context)
{
	struct contact *after;
	for (struct contact *contact = contacts->first; contact != NULL; contact = after) {
		after = contact->after;
		/* a clock that was set back leaves contacts in the future: those end as well */
		int64_t age_us = now_us - contact->first_us;
		bool is_over = age_us >= timeout_us || age_us <= -timeout_us;
		if (contact->outcome == CONTACT_PENDING && is_over)
			judge(context, contact);
		if (contact->outcome != CONTACT_PENDING)
			stop_waiting(contacts, contact);
	}
}

static struct pair_key pair_of(
    const struct address *from, const struct address *to, bool *ret_from_a)
{
	*ret_from_a = address_compare(from, to) <= 0;
	return *ret_from_a ? (struct pair_key){.a = *from, .b = *to}
			   : (struct pair_key){.a = *to, .b = *from};
}

void contacts_note_pair(struct contacts *contacts, const struct address *from,
    const struct address *to, bool asked, int64_t time_us)
{
	bool from_a;
	const struct pair_key key = pair_of(from, to, &from_a);
	uint64_t hash = hash_bytes(&key, sizeof key, contacts->seed);
	struct pair *pair = pool_find(&contacts->pairs, &key, hash);
	contacts->now_us = time_us;
	if (pair == NULL)
		pair = pool_insert(&contacts->pairs, &key, hash, contacts->rank);
	if (pair == NULL) {
		contacts->refused++;
		lose_pair(contacts);
		return;
	}
	pair->last_us = time_us;
	if (pair->rank < contacts->rank)
		pair->rank = (uint8_t)contacts->rank;
	unsigned bits = from_a ? PAIR_A_SENT : PAIR_B_SENT;
	if (asked)
		bits |= from_a ? PAIR_A_ASKED : PAIR_B_ASKED;
	pair->flags = (uint8_t)(pair->flags | bits);
}

bool contacts_has_sent(const struct contacts *contacts, const struct address *from,
    const struct address *to, bool asked)
{
	bool from_a;
	const struct pair_key key = pair_of(from, to, &from_a);
	const struct pair *pair =
	    pool_find(&contacts->pairs, &key, hash_bytes(&key, sizeof key, contacts->seed));
	if (pair == NULL)
		return contacts->rank != RANK_STRANGER &&
		       contacts->now_us < contacts->blind_until_us;
	unsigned sent = from_a ? PAIR_A_SENT : PAIR_B_SENT;
	unsigned has_asked = from_a ? PAIR_A_ASKED : PAIR_B_ASKED;
	return (pair->flags & (asked ? has_asked : sent)) != 0;
}

uint64_t contacts_evicted(const struct contacts *contacts)
{
	return contacts->contacts.evicted + contacts->pairs.evicted + contacts->refused;
}

size_t contacts_bytes(const struct contacts *contacts)
{
	return table_bytes(contacts->contacts.table) + table_bytes(contacts->pairs.table);
}
