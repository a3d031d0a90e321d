#include "observe/contacts.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"

enum {
	PENDING_MIN = 64,
	SWEEP_SHARE = 4, /* a sweep frees at least a quarter, so that it is rare */
};

struct pair_key {
	struct address a;
	struct address b;
};

struct pair {
	struct pair_key key;
	int64_t last_us;
	uint8_t flags;
};

struct contacts {
	struct table *contacts;
	struct table *pairs;
	struct contact **pending; /* without outcome, in order of creation */
	size_t pending_count;
	size_t pending_max;
	uint64_t seed;
	uint64_t evicted;
	struct contacts_room *room; /* shared, or own_room */
	struct contacts_room own_room;
};

struct contacts *contacts_new(size_t max, uint64_t hash_seed, struct contacts_room *room)
{
	struct contacts *contacts = calloc(1, sizeof *contacts);
	if (contacts == NULL)
		return NULL;
	contacts->seed = hash_seed;
	contacts->own_room = (struct contacts_room){.contacts = max, .pairs = max};
	contacts->room = room == NULL ? &contacts->own_room : room;
	contacts->contacts = table_new(sizeof(struct contact_key), sizeof(struct contact), max);
	contacts->pairs = table_new(sizeof(struct pair_key), sizeof(struct pair), max);
	if (contacts->contacts == NULL || contacts->pairs == NULL) {
		contacts_free(contacts);
		return NULL;
	}
	return contacts;
}

void contacts_free(struct contacts *contacts)
{
	if (contacts == NULL)
		return;
	table_free(contacts->contacts);
	table_free(contacts->pairs);
	free(contacts->pending);
	free(contacts);
}

static uint64_t hash_key(const struct contacts *contacts, const struct contact_key *key)
{
	return hash_bytes(key, sizeof *key, contacts->seed);
}

struct contact *contacts_find(const struct contacts *contacts, const struct contact_key *key)
{
	return table_find(contacts->contacts, key, hash_key(contacts, key));
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* The time at or before which the oldest quarter of `count` times lies; reorders them. */
static int64_t oldest_quarter(int64_t *times, size_t count)
{
	qsort(times, count, sizeof *times, compare_times);
	return times[(count - 1) / SWEEP_SHARE];
}

static void sweep_contacts(struct contacts *contacts)
{
	int64_t *times = malloc((table_count(contacts->contacts) + 1) * sizeof *times);
	if (times == NULL)
		return;
	size_t count = 0;
	size_t position = 0;
	struct contact *contact;
	while ((contact = table_next(contacts->contacts, &position)) != NULL)
		if (contact->outcome != CONTACT_PENDING)
			times[count++] = contact->last_us;
	if (count > 0) {
		int64_t limit = oldest_quarter(times, count);
		position = 0;
		while ((contact = table_next(contacts->contacts, &position)) != NULL) {
			if (contact->outcome == CONTACT_PENDING || contact->last_us > limit)
				continue;
			table_remove(contacts->contacts, contact);
			contacts->room->contacts++;
			contacts->evicted++;
		}
	}
	free(times);
}

static void sweep_pairs(struct contacts *contacts)
{
	if (table_count(contacts->pairs) == 0)
		return;
	int64_t *times = malloc(table_count(contacts->pairs) * sizeof *times);
	if (times == NULL)
		return;
	size_t count = 0;
	size_t position = 0;
	struct pair *pair;
	while ((pair = table_next(contacts->pairs, &position)) != NULL)
		times[count++] = pair->last_us;
	int64_t limit = oldest_quarter(times, count);
	position = 0;
	while ((pair = table_next(contacts->pairs, &position)) != NULL) {
		if (pair->last_us > limit)
			continue;
		table_remove(contacts->pairs, pair);
		contacts->room->pairs++;
		contacts->evicted++;
	}
	free(times);
}

static bool add_pending(struct contacts *contacts, struct contact *contact)
{
	if (contacts->pending_count == contacts->pending_max) {
		size_t more = contacts->pending_max == 0 ? PENDING_MIN : contacts->pending_max * 2;
		struct contact **pending =
		    reallocarray(contacts->pending, more, sizeof(struct contact *));
		if (pending == NULL)
			return false;
		contacts->pending = pending;
		contacts->pending_max = more;
	}
	contacts->pending[contacts->pending_count++] = contact;
	return true;
}

struct contact *contacts_get(
    struct contacts *contacts, const struct contact_key *key, bool *ret_new)
{
	uint64_t hash = hash_key(contacts, key);
	struct contact *contact = table_find(contacts->contacts, key, hash);
	*ret_new = contact == NULL;
	if (contact != NULL)
		return contact;
	if (table_count(contacts->contacts) == table_max(contacts->contacts) ||
	    contacts->room->contacts == 0)
		sweep_contacts(contacts);
	if (contacts->room->contacts > 0)
		contact = table_insert(contacts->contacts, key, hash);
	if (contact == NULL) {
		contacts->evicted++;
		return NULL;
	}
	if (!add_pending(contacts, contact)) {
		table_remove(contacts->contacts, contact);
		contacts->evicted++;
		return NULL;
	}
	contacts->room->contacts--;
	return contact;
}

void contacts_expire(struct contacts *contacts, int64_t now_us, int64_t timeout_us,
    void (*judge)(void *context, struct contact *contact), void *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < contacts->pending_count; i++) {
		struct contact *contact = contacts->pending[i];
		if (contact->outcome != CONTACT_PENDING)
			continue;
		/* a clock that was set back leaves contacts in the future: those end as well */
		int64_t age_us = now_us - contact->first_us;
		if (age_us >= timeout_us || age_us <= -timeout_us)
			judge(context, contact);
		else
			contacts->pending[kept++] = contact;
	}
	contacts->pending_count = kept;
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
	struct pair *pair = table_find(contacts->pairs, &key, hash);
	if (pair == NULL) {
		if (table_count(contacts->pairs) == table_max(contacts->pairs) ||
		    contacts->room->pairs == 0)
			sweep_pairs(contacts);
		if (contacts->room->pairs > 0)
			pair = table_insert(contacts->pairs, &key, hash);
		if (pair == NULL) {
			contacts->evicted++;
			return;
		}
		contacts->room->pairs--;
	}
	pair->last_us = time_us;
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
	    table_find(contacts->pairs, &key, hash_bytes(&key, sizeof key, contacts->seed));
	if (pair == NULL)
		return false;
	unsigned sent = from_a ? PAIR_A_SENT : PAIR_B_SENT;
	unsigned has_asked = from_a ? PAIR_A_ASKED : PAIR_B_ASKED;
	return (pair->flags & (asked ? has_asked : sent)) != 0;
}

uint64_t contacts_evicted(const struct contacts *contacts)
{
	return contacts->evicted;
}

size_t contacts_bytes(const struct contacts *contacts)
{
	return table_bytes(contacts->contacts) + table_bytes(contacts->pairs) +
	       contacts->pending_max * sizeof(struct contact *);
}
