#include "detect/ledger.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "detect/ledger_internal.h"
#include "observe/slab.h"

/* How the ledger's memory is shared out, in percent, and what a record costs with its index. */
enum {
	TRACKS_PERCENT = 45,
	TRACK_COST = sizeof(struct track) + 32,
	SUBJECTS_PERCENT = 15,
	SUBJECT_COST = sizeof(struct subject) + 32,
	HOSTS_PERCENT = 10,
	HOST_COST = 80,
	SLAB_PERCENT = 30,
	CARRIERS_MAX = 4096,
	LEAST_RECORDS = 1024,
};

static size_t share(size_t memory_bytes, size_t percent, size_t cost)
{
	size_t records = memory_bytes / 100 * percent / cost;
	return records < LEAST_RECORDS ? LEAST_RECORDS : records;
}

int ledger_new(const struct ledger_options *options, struct ledger **ret_ledger)
{
	struct ledger *ledger = calloc(1, sizeof *ledger);
	if (ledger == NULL)
		return -ENOMEM;
	size_t memory = options->memory_bytes;
	ledger->options = *options;
	ledger->seed = hash_seed_random();
	ledger->tracks = table_new(sizeof(struct sighting_key), sizeof(struct track),
	    share(memory, TRACKS_PERCENT, TRACK_COST));
	ledger->subjects = table_new(sizeof(struct address), sizeof(struct subject),
	    share(memory, SUBJECTS_PERCENT, SUBJECT_COST));
	ledger->hosts = table_new(sizeof(struct address), sizeof(struct known_host),
	    share(memory, HOSTS_PERCENT, HOST_COST));
	ledger->carriers = table_new(6, 8, CARRIERS_MAX);
	ledger->slab = slab_new(memory / 100 * SLAB_PERCENT);
	if (ledger->tracks == NULL || ledger->subjects == NULL || ledger->hosts == NULL ||
	    ledger->carriers == NULL || ledger->slab == NULL) {
		ledger_free(ledger);
		return -ENOMEM;
	}
	*ret_ledger = ledger;
	return 0;
}

void ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	table_free(ledger->tracks);
	table_free(ledger->subjects);
	table_free(ledger->hosts);
	table_free(ledger->carriers);
	slab_free(ledger->slab);
	free(ledger);
}

static struct subject *get_subject(struct ledger *ledger, const struct address *address)
{
	uint64_t hash = hash_address(address, ledger->seed);
	struct subject *subject = table_find(ledger->subjects, address, hash);
	if (subject != NULL)
		return subject;
	subject = table_insert(ledger->subjects, address, hash);
	if (subject == NULL)
		return NULL;
	subject->member = registry_find_member(ledger->options.registry, address);
	subject->window_us = INT64_MIN;
	subject->first_us = INT64_MAX;
	subject->last_us = INT64_MIN;
	return subject;
}

static struct track *get_track(struct ledger *ledger, const struct sighting_key *key)
{
	uint64_t hash = sighting_key_hash(key, ledger->seed);
	struct track *track = table_find(ledger->tracks, key, hash);
	if (track != NULL)
		return track;
	struct subject *subject = get_subject(ledger, &key->subject);
	if (subject == NULL)
		return NULL;
	track = table_insert(ledger->tracks, key, hash);
	if (track == NULL)
		return NULL;
	sighting_init(&track->sum);
	track->window_us = INT64_MIN;
	track->bins_before_us = INT64_MIN;
	track->crowd_first_us = INT64_MAX;
	track->subject = subject;
	track->next = subject->tracks;
	subject->tracks = track;
	subject->track_count++;
	return track;
}

/* The fullest 60 s, sliding by 10 s, that end within the window of `sum.bins`. */
static void measure_peak(struct track *track)
{
	uint32_t both[2 * SIGHTING_BINS] = {0};
	if (track->bins_before_us == track->sum.window_us - SIGHTING_WINDOW_US)
		memcpy(both, track->bins_before, sizeof track->bins_before);
	memcpy(both + SIGHTING_BINS, track->sum.bins, sizeof track->sum.bins);
	for (size_t last = SIGHTING_BINS; last < 2 * SIGHTING_BINS; last++) {
		uint32_t sum = 0;
		for (size_t i = last + 1 - SIGHTING_BINS; i <= last; i++)
			sum += both[i];
		if (sum > track->peak_60s)
			track->peak_60s = sum;
	}
}

static void fold_walk(struct walk *walk, int64_t window_us)
{
	if (walk->fresh_failures > 0) {
		if (window_us - walk->last_failure_us > WHEN_DAY_US)
			walk->at = 0;
		walk->last_failure_us = window_us;
	}
	uint64_t up = (uint64_t)walk->at + walk->fresh_failures;
	walk->at = up > walk->fresh_answers ? (uint32_t)(up - walk->fresh_answers) : 0;
	if (walk->at > walk->peak) {
		walk->peak = walk->at;
		walk->peak_us = window_us;
	}
	walk->fresh_failures = 0;
	walk->fresh_answers = 0;
}

static void fold_crowd(struct track *track)
{
	uint64_t distinct = address_set_distinct(&track->crowd);
	if (distinct <= track->crowd_peak)
		return;
	uint32_t exchanged = 0;
	for (size_t i = 0; i < track->crowd.count; i++)
		exchanged += (track->crowd.items[i].flags & ITEM_EXCHANGED) != 0;
	track->crowd_peak = distinct;
	track->crowd_peak_exchanged = exchanged * 100 / track->crowd.count;
}

static void fold_track(struct ledger *ledger, struct track *track)
{
	measure_peak(track);
	fold_walk(&track->walk, track->window_us);
	if (track->crowd.count > 0)
		fold_crowd(track);
	/* senders of an earlier crowd may go on before there is a new packet: then no time is known
	 */
	bool timed = track->sum.packets > 0 && track->crowd_first_us != INT64_MAX;
	if (timed && track->sum.last_us - track->crowd_first_us > (int64_t)SIGHTING_WINDOW_US) {
		address_set_clear(&track->crowd, ledger->slab);
		track->crowd_first_us = INT64_MAX;
	}
}

struct fresh {
	struct track *track;
	bool weak_silence; /* UDP: silence alone does not move the walk over all ports */
};

static void note_item(void *context, int before, uint32_t after)
{
	const struct fresh *fresh = context;
	if (before == ADDRESS_UNKNOWN)
		return;
	const uint32_t failed = ITEM_REFUSED | ITEM_SILENT;
	uint32_t was = before == ADDRESS_NEW ? 0 : (uint32_t)before;
	struct walk *walk = &fresh->track->walk;
	struct walk *over_all = &fresh->track->subject->walk;
	if ((after & ITEM_ANSWERED) != 0) {
		if ((was & ITEM_ANSWERED) != 0)
			return;
		uint32_t steps = (was & failed) != 0 ? 2 : 1; /* a late answer undoes the failure */
		walk->fresh_answers += steps;
		over_all->fresh_answers += steps;
	} else if ((after & failed) != 0 && (was & failed) == 0) {
		walk->fresh_failures++;
		if (!fresh->weak_silence || (after & ITEM_REFUSED) != 0)
			over_all->fresh_failures++;
	}
}

static bool is_receiving(uint8_t kind)
{
	return kind == SIGHTING_FLOODED || kind == SIGHTING_REFLECTED;
}

static void add_interval(
    struct ledger *ledger, struct track *track, const struct sighting *sighting)
{
	struct interval *last =
	    track->interval_count == 0 ? NULL : &track->intervals[track->interval_count - 1];
	bool full = track->interval_count == TRACK_INTERVALS_MAX;
	if (last != NULL &&
	    (full || sighting->first_us - last->last_us <= ledger_event_gap_us(ledger, track))) {
		if (sighting->first_us < last->first_us)
			last->first_us = sighting->first_us;
		if (sighting->last_us > last->last_us)
			last->last_us = sighting->last_us;
		last->packets += sighting->packets;
		return;
	}
	track->intervals[track->interval_count++] = (struct interval){
	    .first_us = sighting->first_us,
	    .last_us = sighting->last_us,
	    .packets = sighting->packets,
	};
}

static void enter_window(struct ledger *ledger, struct track *track, int64_t window_us)
{
	if (track->window_us != INT64_MIN && track->window_us != window_us)
		fold_track(ledger, track);
	if (track->sum.window_us != INT64_MIN && track->sum.window_us != window_us) {
		memcpy(track->bins_before, track->sum.bins, sizeof track->bins_before);
		track->bins_before_us = track->sum.window_us;
	}
	track->window_us = window_us;
	struct subject *subject = track->subject;
	if (subject->window_us != INT64_MIN && subject->window_us != window_us)
		fold_walk(&subject->walk, subject->window_us);
	subject->window_us = window_us;
}

static void note_subject(struct subject *subject, const struct sighting *sighting)
{
	if (sighting->first_us < subject->first_us)
		subject->first_us = sighting->first_us;
	if (sighting->last_us > subject->last_us)
		subject->last_us = sighting->last_us;
	if (!is_receiving(sighting->key.kind))
		subject->packets += sighting->packets;
}

void ledger_add_sighting(struct ledger *ledger, const struct sighting *sighting)
{
	struct track *track = get_track(ledger, &sighting->key);
	if (track == NULL) {
		ledger->evicted++;
		return;
	}
	enter_window(ledger, track, sighting->window_us);
	if (sighting->packets > 0) {
		note_subject(track->subject, sighting);
		add_interval(ledger, track, sighting);
	}
	const bool asks =
	    sighting->key.kind == SIGHTING_REQUEST || sighting->key.kind == SIGHTING_PROBE;
	struct fresh fresh = {track, sighting->key.protocol == 17};
	sighting_merge(&track->sum, ledger->slab, sighting, asks ? note_item : NULL, &fresh);
	samples_join(ledger->options.samples, &track->sum.frames_first, sighting->frames_first);
	if (is_receiving(sighting->key.kind)) {
		if (sighting->first_us < track->crowd_first_us)
			track->crowd_first_us = sighting->first_us;
		address_set_merge(&track->crowd, ledger->slab, &sighting->targets, NULL, NULL);
	}
}

void ledger_add_host(struct ledger *ledger, const struct host *host)
{
	uint64_t hash = hash_address(&host->address, ledger->seed);
	struct known_host *known = table_find(ledger->hosts, &host->address, hash);
	if (known == NULL)
		known = table_insert(ledger->hosts, &host->address, hash);
	if (known == NULL) {
		ledger->hosts_overflowed = true;
		ledger->evicted++;
		return;
	}
	known->flags |= host->flags;
	static const uint8_t none[6];
	if (memcmp(host->mac, none, sizeof none) != 0)
		memcpy(known->mac, host->mac, sizeof known->mac);
}

void ledger_add_carrier(struct ledger *ledger, const struct carrier *carrier)
{
	uint64_t hash = hash_bytes(carrier->mac, 6, ledger->seed);
	if (table_find(ledger->carriers, carrier->mac, hash) == NULL)
		(void)table_insert(ledger->carriers, carrier->mac, hash);
}

void ledger_end_window(struct ledger *ledger, int64_t window_us)
{
	(void)window_us;
	ledger_make_room(ledger);
}

void ledger_finish(struct ledger *ledger)
{
	size_t position = 0;
	struct track *track;
	while ((track = table_next(ledger->tracks, &position)) != NULL)
		fold_track(ledger, track);
	position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		fold_walk(&subject->walk, subject->window_us);
	ledger_find_answers(ledger);
}

struct subject *ledger_next_subject(const struct ledger *ledger, size_t *position)
{
	return table_next(ledger->subjects, position);
}

uint32_t ledger_host_flags(const struct ledger *ledger, const struct address *address)
{
	const struct known_host *known =
	    table_find(ledger->hosts, address, hash_address(address, ledger->seed));
	if (known == NULL)
		return 0;
	uint64_t hash = hash_bytes(known->mac, 6, ledger->seed);
	bool carries = table_find(ledger->carriers, known->mac, hash) != NULL;
	return known->flags | (carries ? HOST_ROUTER : 0U);
}

bool ledger_is_dark(const struct ledger *ledger, const struct address *address, bool *ret_inferred)
{
	*ret_inferred = false;
	if (address_is_multicast_or_broadcast(address))
		return false;
	uint32_t flags = ledger_host_flags(ledger, address);
	if (registry_is_dark(ledger->options.registry, address))
		return (flags & HOST_TWO_WAY) == 0;
	if (!ledger->options.infer_dark || ledger->hosts_overflowed)
		return false;
	if (registry_find_member(ledger->options.registry, address) == MEMBER_NONE)
		return false;
	*ret_inferred = true;
	return (flags & (HOST_TWO_WAY | HOST_SENT)) == 0;
}

int64_t ledger_event_gap_us(const struct ledger *ledger, const struct track *track)
{
	const struct thresholds *thresholds = ledger->options.thresholds;
	if (track->sum.key.kind == SIGHTING_REPLY)
		return thresholds->ddos_victim.end_s * WHEN_SECOND_US;
	uint64_t dark = registry_dark_v4_count(ledger->options.registry);
	if (track->subject->member != MEMBER_NONE || dark == 0)
		return WHEN_HOUR_US / 2;
	double seconds =
	    log(1000) * 4294967296.0 / (thresholds->scan_dark.scan_rate * (double)dark);
	if (seconds < 300)
		seconds = 300;
	return seconds > 86400 ? WHEN_DAY_US : (int64_t)(seconds * 1e6);
}

uint64_t ledger_host_count(const struct ledger *ledger)
{
	return table_count(ledger->hosts);
}

uint64_t ledger_evicted(const struct ledger *ledger)
{
	return ledger->evicted;
}

struct slab *ledger_slab(struct ledger *ledger)
{
	return ledger->slab;
}

const struct registry *ledger_registry(const struct ledger *ledger)
{
	return ledger->options.registry;
}

const struct thresholds *ledger_thresholds(const struct ledger *ledger)
{
	return ledger->options.thresholds;
}
