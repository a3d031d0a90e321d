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
#include "observe/udp_services.h"

/* How the ledger's memory is shared out, in percent, and what a record costs with its index. */
enum {
	TRACKS_PERCENT = 42,
	TRACK_COST = sizeof(struct track) + TABLE_RECORD_COST,
	SUBJECTS_PERCENT = 14,
	SUBJECT_COST = sizeof(struct subject) + TABLE_RECORD_COST + LEDGER_ROOM_COST,
	HOSTS_PERCENT = 8,
	HOST_COST = sizeof(struct known_host) + TABLE_RECORD_COST,
	SLAB_PERCENT = 26,
	FINDINGS_PERCENT = 10,
	CARRIERS_MAX = 1024, /* link-layer addresses on one wire; 0.2 MB */
	PROTOCOL_UDP = 17,
	LEAST_RECORDS = 1024,
	SUBJECT_SHARE = 2, /* of all tracks one subject may have a half, whatever it asked for */
};

static size_t share(size_t memory_bytes, size_t percent, size_t cost)
{
	size_t records = memory_bytes / 100 * percent / cost;
	return records < LEAST_RECORDS ? LEAST_RECORDS : records;
}

int64_t ledger_strangers_gap_us(
    const struct registry *registry, const struct thresholds *thresholds)
{
	uint64_t dark = registry_dark_v4_count(registry);
	if (dark == 0)
		return WHEN_HOUR_US / 2;
	double seconds =
	    log(1000) * 4294967296.0 / (thresholds->scan_dark.scan_rate * (double)dark);
	if (seconds < 300)
		seconds = 300;
	return seconds > 86400 ? WHEN_DAY_US : (int64_t)(seconds * 1e6);
}

/* Dark addresses that answer are told of by whoever asked them: they are ours to know. */
static bool host_may_go(const void *record, enum rank asker, struct pool_weight *ret_weight)
{
	const struct known_host *host = record;
	*ret_weight = (struct pool_weight){.class = host->rank};
	return (enum rank)host->rank <= asker && host->rank != RANK_MEMBER;
}

static const struct pool_rules host_rules = {
    .key_bytes = sizeof(struct address),
    .record_bytes = sizeof(struct known_host),
    .may_go = host_may_go,
};

int ledger_new(const struct ledger_options *options, struct ledger **ret_ledger)
{
	struct ledger *ledger = calloc(1, sizeof *ledger);
	if (ledger == NULL)
		return -ENOMEM;
	size_t memory = options->memory_bytes;
	ledger->options = *options;
	ledger->seed = hash_seed_random();
	ledger->ended_us = INT64_MIN;
	ledger->window_us = INT64_MIN;
	ledger->settled_us = INT64_MIN;
	ledger->forgotten_us = INT64_MIN;
	ledger->strangers_gap_us = ledger_strangers_gap_us(options->registry, options->thresholds);
	ledger->tracks = table_new(sizeof(struct sighting_key), sizeof(struct track),
	    share(memory, TRACKS_PERCENT, TRACK_COST));
	ledger->subjects = table_new(sizeof(struct address), sizeof(struct subject),
	    share(memory, SUBJECTS_PERCENT, SUBJECT_COST));
	ledger->hosts_room = share(memory, HOSTS_PERCENT, HOST_COST);
	int result =
	    pool_init(&ledger->hosts, &host_rules, ledger->hosts_room, &ledger->hosts_room);
	ledger->carriers = table_new(6, sizeof(struct known_carrier), CARRIERS_MAX);
	ledger->slab = slab_new(memory / 100 * SLAB_PERCENT, &slab_sizes_address_set);
	if (ledger->tracks == NULL || ledger->subjects == NULL || result != 0 ||
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
	pool_release(&ledger->hosts);
	table_free(ledger->carriers);
	slab_free(ledger->slab);
	free(ledger);
}

static struct subject *get_subject(
    struct ledger *ledger, const struct address *address, enum rank rank)
{
	uint64_t hash = hash_address(address, ledger->seed);
	struct subject *subject = table_find(ledger->subjects, address, hash);
	if (subject != NULL)
		return subject;
	if (ledger_has_room(ledger->subjects, rank))
		subject = table_insert(ledger->subjects, address, hash);
	if (subject == NULL)
		return NULL;
	subject->member = registry_find_member(ledger->options.registry, address);
	subject->window_us = INT64_MIN;
	subject->clock = ledger->clock;
	subject->first_us = INT64_MAX;
	subject->last_us = INT64_MIN;
	return subject;
}

/* Per port, of what the subject received or replied: the track over all ports knows it, too. */
static bool is_received(const struct sighting_key *key)
{
	return key->kind == SIGHTING_FLOODED || key->kind == SIGHTING_REFLECTED ||
	       key->kind == SIGHTING_REPLY;
}

static struct track *get_track(
    struct ledger *ledger, const struct sighting_key *key, enum rank rank)
{
	uint64_t hash = sighting_key_hash(key, ledger->seed);
	struct track *track = table_find(ledger->tracks, key, hash);
	if (track != NULL)
		return track;
	struct subject *subject = get_subject(ledger, &key->subject, rank);
	if (subject == NULL || !ledger_has_room(ledger->tracks, rank) ||
	    subject->track_count >= table_max(ledger->tracks) / SUBJECT_SHARE ||
	    (is_received(key) && subject->received_count == SUBJECT_RECEIVED_MAX))
		return NULL;
	track = table_insert(ledger->tracks, key, hash);
	if (track == NULL)
		return NULL;
	subject->received_count += is_received(key);
	sighting_init(&track->sum);
	track->before.window_us = INT64_MIN;
	track->late.window_us = INT64_MIN;
	track->clock = ledger->clock;
	track->subject = subject;
	track->next = subject->tracks;
	subject->tracks = track;
	subject->track_count++;
	return track;
}

void ledger_fold_walk(struct walk *walk, int64_t window_us)
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

void ledger_fold_track(struct ledger *ledger, struct track *track)
{
	ledger_fold_peaks(ledger, track);
	ledger_fold_walk(&track->walk, track->sum.window_us);
}

struct fresh {
	struct track *track;
	bool weak_silence; /* UDP: silence alone does not move the walk over all ports */
	bool weak_refusal; /* bare ACK: what old connections meet does not either */
};

static void note_item(void *context, int before, uint32_t after)
{
	const struct fresh *fresh = context;
	const uint32_t failed = ITEM_REFUSED | ITEM_SILENT;
	/*
	 * Beyond the sample nothing is known of an address; but each contact has one outcome, told
	 * once, so that both failures and answers count there as first ones. Else a sweep would
	 * drown among the thousands of servers that a busy machine knows.
	 */
	uint32_t was = before < 0 ? 0 : (uint32_t)before;
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
		bool refused = (after & ITEM_REFUSED) != 0;
		if (refused ? !fresh->weak_refusal : !fresh->weak_silence)
			over_all->fresh_failures++;
	}
}

/* What was measured before the clock fell back has no part in what comes after. */
static void begin_anew(struct ledger *ledger, struct track *track)
{
	ledger_fold_track(ledger, track);
	address_set_clear(&track->crowd, ledger->slab);
	address_set_clear(&track->crowd_before, ledger->slab);
	track->before = track->late; /* the first window of the new time came as a late one */
	track->sum.window_us = INT64_MIN;
	track->clock = ledger->clock;
}

static void enter_window(
    struct ledger *ledger, struct track *track, const struct sighting *sighting)
{
	struct sighting *sum = &track->sum;
	if (track->clock != ledger->clock)
		begin_anew(ledger, track);
	if (sum->window_us == INT64_MIN)
		return;
	if (sighting->window_us < sum->window_us) {
		ledger_add_late_bins(track, sighting);
	} else if (sighting->window_us > sum->window_us) {
		ledger_fold_track(ledger, track);
		track->before.window_us = sum->window_us;
		memcpy(track->before.bins, sum->bins, sizeof track->before.bins);
	}
}

static void enter_window_over_all(
    const struct ledger *ledger, struct subject *subject, int64_t window_us)
{
	bool fell_back = subject->clock != ledger->clock;
	if (!fell_back && window_us <= subject->window_us)
		return;
	if (subject->window_us != INT64_MIN)
		ledger_fold_walk(&subject->walk, subject->window_us);
	subject->clock = ledger->clock;
	subject->window_us = window_us;
}

static void note_subject(struct subject *subject, const struct sighting *sighting)
{
	if (sighting->first_us < subject->first_us)
		subject->first_us = sighting->first_us;
	if (sighting->last_us > subject->last_us)
		subject->last_us = sighting->last_us;
	bool sends =
	    sighting->key.kind != SIGHTING_FLOODED && sighting->key.kind != SIGHTING_REFLECTED;
	if (sends)
		subject->packets += sighting->packets;
	else
		subject->received += sighting->packets;
	subject->marks += sighting->marks[TOOL_MIRAI] + sighting->marks[TOOL_UNICORNSCAN];
}

static bool has_crowd(const struct track *track)
{
	return track->sum.key.kind == SIGHTING_ALL_FLOODED ||
	       track->sum.key.kind == SIGHTING_ALL_REFLECTED;
}

/* The sighting, entered under its own key or that of all ports together. */
static struct track *add_under(
    struct ledger *ledger, const struct sighting_key *key, const struct sighting *sighting)
{
	enum rank rank = ledger_rank(ledger, key, sighting);
	slab_set_rank(ledger->slab, rank);
	struct track *track = get_track(ledger, key, rank);
	if (track == NULL) {
		ledger->evicted += !is_received(key); /* known over all ports */
		return NULL;
	}
	enter_window(ledger, track, sighting);
	enter_window_over_all(ledger, track->subject, sighting->window_us);
	if (sighting->packets > 0)
		ledger_add_interval(ledger, track, sighting);
	const bool asks = key->kind == SIGHTING_REQUEST || key->kind == SIGHTING_PROBE;
	struct fresh fresh = {
	    .track = track,
	    .weak_silence = key->protocol == PROTOCOL_UDP,
	    .weak_refusal = key->variant == VARIANT_ACK,
	};
	sighting_merge(&track->sum, ledger->slab, sighting, asks ? note_item : NULL, &fresh);
	if (track->sum.targets.count > LEDGER_LIGHT_TARGETS)
		track->subject->touched_many = true;
	if (has_crowd(track) && track->crowd.count == 0 && track->crowd_before.count == 0)
		track->crowd_us = sighting->window_us;
	if (has_crowd(track))
		address_set_merge(&track->crowd, ledger->slab, &sighting->targets, NULL, NULL);
	return track;
}

/* Floods and their echoes are judged per protocol, whatever the ports (Moore et al. 2006). */
static bool key_over_all_ports(const struct sighting_key *key, struct sighting_key *ret_key)
{
	*ret_key = *key;
	ret_key->port = 0;
	ret_key->variant = VARIANT_NONE;
	switch (key->kind) {
	case SIGHTING_FLOODED:
		ret_key->kind = SIGHTING_ALL_FLOODED;
		return true;
	case SIGHTING_REFLECTED:
		ret_key->kind = SIGHTING_ALL_REFLECTED;
		return true;
	case SIGHTING_REPLY:
		ret_key->kind = SIGHTING_ALL_REPLIES;
		/* what reflectors send is no echo of a flood upon them (ddos.reflector) */
		return key->protocol != PROTOCOL_UDP || !udp_service_is_amplifier(key->port);
	default:
		return false;
	}
}

void ledger_add_sighting(struct ledger *ledger, const struct sighting *sighting)
{
	struct sighting_key over_all;
	ledger_make_room(ledger); /* before anything is held on to */
	struct track *track = add_under(ledger, &sighting->key, sighting);
	struct track *all = NULL;
	if (key_over_all_ports(&sighting->key, &over_all))
		all = add_under(ledger, &over_all, sighting);
	if (track == NULL)
		track = all; /* one port too many to be told apart: known over all ports */
	if (track == NULL)
		return;
	samples_join(ledger->options.samples, &track->sum.frames_first, sighting->frames_first);
	if (sighting->packets > 0)
		note_subject(track->subject, sighting);
	if (ledger->window_us < sighting->window_us)
		ledger->window_us = sighting->window_us;
	if (ledger->options.is_live)
		ledger_note_change(ledger, track->subject);
}

void ledger_add_host(struct ledger *ledger, const struct host *host)
{
	if ((host->flags & HOST_MISSING) != 0) {
		ledger->hosts_overflowed = true;
		return;
	}
	uint64_t hash = hash_address(&host->address, ledger->seed);
	bool ours = registry_find_member(ledger->options.registry, &host->address) != MEMBER_NONE ||
		    registry_is_dark(ledger->options.registry, &host->address);
	enum rank rank = ours ? RANK_MEMBER : RANK_STRANGER;
	struct known_host *known = pool_find(&ledger->hosts, &host->address, hash);
	if (known == NULL) {
		known = pool_insert(&ledger->hosts, &host->address, hash, rank);
		if (known != NULL)
			known->rank = (uint8_t)rank;
	}
	if (known == NULL) {
		ledger->hosts_overflowed |= ours;
		ledger->evicted++;
		return;
	}
	known->flags |= host->flags;
	known->heard_us = ledger->window_us;
	static const uint8_t none[6];
	if (memcmp(host->mac, none, sizeof none) != 0)
		memcpy(known->mac, host->mac, sizeof known->mac);
}

void ledger_add_carrier(struct ledger *ledger, const struct carrier *carrier)
{
	uint64_t hash = hash_bytes(carrier->mac, 6, ledger->seed);
	struct known_carrier *known = table_find(ledger->carriers, carrier->mac, hash);
	if (known == NULL)
		known = table_insert(ledger->carriers, carrier->mac, hash);
	if (known != NULL)
		carrier_merge(&known->of, carrier);
}

void ledger_end_window(struct ledger *ledger, int64_t window_us)
{
	ledger->clock += window_us < ledger->ended_us;
	ledger->ended_us = window_us;
	ledger->window_us = window_us;
	ledger_make_room(ledger);
}

void ledger_finish(struct ledger *ledger)
{
	size_t position = 0;
	struct track *track;
	while ((track = table_next(ledger->tracks, &position)) != NULL)
		ledger_fold_track(ledger, track);
	position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		ledger_fold_walk(&subject->walk, subject->window_us);
	ledger_find_routers(ledger);
	ledger_find_answers(ledger);
}

struct subject *ledger_next_subject(const struct ledger *ledger, size_t *position)
{
	return table_next(ledger->subjects, position);
}

uint32_t ledger_host_flags(const struct ledger *ledger, const struct address *address)
{
	const struct known_host *known =
	    pool_find(&ledger->hosts, address, hash_address(address, ledger->seed));
	if (known == NULL)
		return 0;
	return known->flags | (ledger_is_routers(ledger, known->mac) ? HOST_ROUTER : 0U);
}

/* Of an address that is not declared dark, and not heard of here. */
static bool is_inferred_dark(const struct ledger *ledger, const struct address *address)
{
	const struct ledger_options *options = &ledger->options;
	if (registry_find_member(options->registry, address) == MEMBER_NONE)
		return false;
	if (options->is_learned_dark != NULL)
		return options->is_learned_dark(options->learned, address);
	return options->infer_dark && !ledger->hosts_overflowed;
}

bool ledger_is_dark(const struct ledger *ledger, const struct address *address, bool *ret_inferred)
{
	*ret_inferred = false;
	if (address_is_multicast_or_broadcast(address))
		return false;
	uint32_t flags = ledger_host_flags(ledger, address);
	if (registry_is_dark(ledger->options.registry, address))
		return (flags & HOST_TWO_WAY) == 0;
	if ((flags & (HOST_TWO_WAY | HOST_SENT)) != 0 || !is_inferred_dark(ledger, address))
		return false;
	*ret_inferred = true;
	return true;
}

bool ledger_had_time(const struct ledger *ledger, int64_t touched_us)
{
	return !ledger->options.is_live ||
	       (ledger->ended_us != INT64_MIN &&
		   touched_us + LEDGER_SPEAK_US <= ledger->ended_us + SIGHTING_WINDOW_US);
}

int64_t ledger_event_gap_us(const struct ledger *ledger, const struct track *track)
{
	const struct thresholds *thresholds = ledger->options.thresholds;
	if (track->sum.key.kind == SIGHTING_REPLY || track->sum.key.kind == SIGHTING_ALL_REPLIES)
		return thresholds->ddos_victim.end_s * WHEN_SECOND_US;
	return track->subject->member != MEMBER_NONE ? WHEN_HOUR_US / 2 : ledger->strangers_gap_us;
}

uint64_t ledger_host_count(const struct ledger *ledger)
{
	return table_count(ledger->hosts.table);
}

uint64_t ledger_evicted(const struct ledger *ledger)
{
	return ledger->evicted + ledger->hosts.evicted;
}

size_t ledger_findings_bytes(const struct ledger *ledger)
{
	return ledger->options.memory_bytes / 100 * FINDINGS_PERCENT;
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
