/*
 * casebook_room.c - a casebook keeps within its room: what lies in the store is forgotten, and
 * where all are open, what is least urgent makes room for what is graver.
 */
#include <stdlib.h>

#include "alert/casebook_internal.h"
#include "base/hash.h"

enum {
	/* Forgetting looks at all, so it makes room for many. */
	ROOM_SHARE = 8,
	/* Of all so many places are kept free, for what a turn may bring. */
	FREE_SHARE = 16,
	/* Of drills so many more may be open: the canary is to be seen whatever else there is. */
	DRILLS = 64,
};

struct entry *casebook_next_entry(const struct casebook *casebook, size_t *position)
{
	return table_next(casebook->entries, position);
}

/* What lies in the store and is not waited for. */
bool casebook_may_go(const struct incident *incident, enum incident_state state)
{
	return incident->state == state && !incident->is_changed && !incident->is_grown &&
	       incident->id != 0;
}

static void forget_some(struct casebook *casebook, enum incident_state state)
{
	size_t wanted = casebook_max(casebook) / ROOM_SHARE + 1;
	size_t position = 0;
	struct entry *entry;
	while (wanted > 0 && (entry = casebook_next_entry(casebook, &position)) != NULL) {
		if (!casebook_may_go(&entry->incident, state))
			continue;
		free(entry->incident.finding);
		table_remove(casebook->entries, entry);
		wanted--;
	}
}

size_t casebook_max(const struct casebook *casebook)
{
	return table_max(casebook->entries);
}

size_t casebook_open_max(const struct casebook *casebook)
{
	return casebook->rules.incidents_max;
}

static int class_of(const struct incident *incident)
{
	const bool is_in_hand =
	    incident->state == INCIDENT_ACKNOWLEDGED || incident->state == INCIDENT_IN_PROGRESS;
	return incident_is_open(incident->state) ? 1 + is_in_hand : 0;
}

static int compare_times(int64_t one, int64_t other)
{
	return (one > other) - (one < other);
}

int casebook_compare_urgency(const struct incident *one, const struct incident *other)
{
	const int class = class_of(one);
	if (class != class_of(other))
		return class - class_of(other);
	if (class > 0 && one->drill != other->drill)
		return other->drill - one->drill;
	if (class > 0 && one->severity != other->severity)
		return one->severity > other->severity ? 1 : -1;
	const int seen = compare_times(one->last_us, other->last_us);
	return seen != 0 ? seen : compare_times(one->id, other->id);
}

/* The least urgent that is open, less grave, and that nobody works on; or NULL. */
static struct incident *find_least(const struct casebook *casebook, enum severity severity)
{
	struct incident *least = NULL;
	size_t position = 0;
	struct entry *entry;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL) {
		struct incident *each = &entry->incident;
		if (class_of(each) == 1 && each->severity < severity &&
		    (least == NULL || casebook_compare_urgency(each, least) < 0))
			least = each;
	}
	return least;
}

static bool is_full(const struct casebook *casebook)
{
	return table_count(casebook->entries) == table_max(casebook->entries);
}

/* Steps that were not written point to their incidents: those are changed, and stay. */
static bool has_entries(struct casebook *casebook)
{
	if (is_full(casebook))
		forget_some(casebook, INCIDENT_CLOSED);
	if (is_full(casebook))
		forget_some(casebook, INCIDENT_QUIET);
	return !is_full(casebook);
}

void casebook_thin_out(struct casebook *casebook, int64_t at_us)
{
	const size_t max = table_max(casebook->entries);
	const size_t most = max - max / FREE_SHARE;
	size_t wanted = max / ROOM_SHARE + 1;
	size_t position = 0;
	struct entry *entry;
	if (table_count(casebook->entries) <= most)
		return;
	forget_some(casebook, INCIDENT_CLOSED);
	if (table_count(casebook->entries) <= most)
		return;
	while (wanted > 0 && (entry = casebook_next_entry(casebook, &position)) != NULL) {
		if (!casebook_may_go(&entry->incident, INCIDENT_QUIET))
			continue;
		casebook_happen(casebook, &entry->incident, INCIDENT_CLOSE, CLOSE_NO_ROOM, at_us);
		wanted--;
	}
}

bool casebook_make_room(struct casebook *casebook, const struct finding *finding, int64_t at_us)
{
	const size_t max = casebook->rules.incidents_max;
	if (!has_entries(casebook))
		return false; /* what made room is not written yet */
	if (casebook->open < max || (finding->drill && casebook->open < max + DRILLS))
		return true;
	struct incident *least = find_least(casebook, finding->severity);
	if (least == NULL)
		return false;
	casebook_happen(casebook, least, INCIDENT_CLOSE, CLOSE_NO_ROOM, at_us);
	casebook->counts.closed++;
	return true;
}

struct entry *casebook_add_entry(struct casebook *casebook, const struct key *key)
{
	return has_entries(casebook) ? table_insert(casebook->entries, key,
					   hash_bytes(key, sizeof *key, casebook->seed))
				     : NULL;
}
