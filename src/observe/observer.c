#include "observe/observer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "observe/marks.h"
#include "observe/observer_internal.h"
#include "observe/slab.h"

/*
 * How --memory is shared out, in percent, and what one record costs with its place in the index.
 * The rest belongs to the ledger (detect/ledger.h).
 */
enum {
	CONTACTS_PERCENT = 40,
	CONTACT_COST = 240, /* a contact and a pair */
	HOSTS_PERCENT = 15,
	HOST_COST = 110,
	SIGHTINGS_PERCENT = 25,
	SIGHTING_COST = 420,
	SLAB_PERCENT = 15,
	SYNS_PERCENT = 5,
	SYN_COST = 112, /* with an address in the table of those that were answered */
	LEAST_RECORDS = 4096,
	CARRIED_MAX = 512,
	TASKS_PER_WORKER = 4,
	HOSTS_BYTES = 64 * 1024,
};

static size_t share(size_t memory_bytes, size_t percent, size_t cost)
{
	size_t records = memory_bytes / 100 * percent / cost;
	return records < LEAST_RECORDS ? LEAST_RECORDS : records;
}

static void share_memory(size_t memory_bytes, struct shard_limits *ret_limits)
{
	*ret_limits = (struct shard_limits){
	    .hosts_max = share(memory_bytes, HOSTS_PERCENT, HOST_COST),
	    .contacts_max = share(memory_bytes, CONTACTS_PERCENT, CONTACT_COST),
	    .sightings_max = share(memory_bytes, SIGHTINGS_PERCENT, SIGHTING_COST),
	    .slab_bytes = memory_bytes / 100 * SLAB_PERCENT,
	};
}

static struct darknet_options choose_darknets(
    const struct observer *observer, const struct observer_options *given)
{
	struct darknet_options options = {
	    .memory_bytes = given->darknet_bytes / DARKNETS,
	    .seed = observer->rules.seed,
	    .has_details = !given->members_only,
	    .gap_us = given->stranger_gap_us,
	    .least_packets = given->stranger_packets,
	};
	const size_t least = (size_t)DARKNET_MEMORY_MIN * (given->members_only ? 1 : 2);
	if (options.memory_bytes < least)
		options.memory_bytes = least;
	if (options.memory_bytes > DARKNET_MEMORY_MAX)
		options.memory_bytes = DARKNET_MEMORY_MAX;
	return options;
}

int darknets_open(const struct darknet_options *options, struct darknets *ret_darknets)
{
	struct darknets opened = {.arena = NULL};
	struct darknet_options each = *options;
	int result = -ENOMEM;
	opened.arena = line_arena_new(DARKNETS * darknet_pieces(options->memory_bytes));
	if (opened.arena == NULL)
		goto out;
	each.arena = opened.arena;
	result = 0;
	for (size_t i = 0; i < DARKNETS && result == 0; i++)
		result = darknet_new(&each, &opened.all[i]);
	if (result != 0)
		goto out;
	*ret_darknets = opened;
	opened = (struct darknets){.arena = NULL};
out:
	darknets_close(&opened);
	return result;
}

void darknets_close(struct darknets *darknets)
{
	for (size_t i = 0; i < DARKNETS; i++)
		darknet_free(darknets->all[i]);
	line_arena_free(darknets->arena);
	*darknets = (struct darknets){.arena = NULL};
}

static int open_darknets(struct observer *observer, const struct observer_options *given)
{
	observer->hosts_slab = slab_new(HOSTS_BYTES, &slab_sizes_address_set);
	if (observer->hosts_slab == NULL)
		return -ENOMEM;
	if (given->darknet_bytes == 0)
		return 0;
	observer->darknet_options = choose_darknets(observer, given);
	return darknets_open(&observer->darknet_options, &observer->darknets);
}

int observer_new(const struct observer_options *options, const struct observer_sink *sink,
    struct observer **ret_observer)
{
	struct observer *observer = calloc(1, sizeof *observer);
	if (observer == NULL)
		return -ENOMEM;
	observer->sink = *sink;
	observer->window_us = INT64_MIN;
	observer->clock_step_us = CLOCK_STEP_US;
	observer->context = (struct shard_context){
	    .registry = options->registry,
	    .members_only = options->members_only,
	    .first_frames = options->members_only ? options->first_frames : NULL,
	    .hash_seed = hash_seed_random(),
	    .answer_timeout_us = options->answer_timeout_s * WHEN_SECOND_US,
	};
	share_memory(options->memory_bytes, &observer->context.limits);
	observer->room = (struct shard_room){
	    .hosts = observer->context.limits.hosts_max,
	    .sightings = observer->context.limits.sightings_max,
	    .contacts = {observer->context.limits.contacts_max,
		observer->context.limits.contacts_max},
	};
	observer->context.room = &observer->room;
	observer->context.on_early = sink->on_sighting;
	observer->context.early = sink->context;
	observer->rules = (struct chunk_rules){
	    .registry = registry_view(options->registry),
	    .darknets_until = options->darknet_bytes > 0 ? UINT64_MAX : 0,
	    .only_requests = !options->members_only,
	    .seed = observer->context.hash_seed,
	};
	int result = -ENOMEM;
	size_t syns_max = options->memory_bytes / 100 * SYNS_PERCENT / SYN_COST;
	observer->syns = table_new(sizeof(struct address), sizeof(struct last_syn),
	    syns_max < LEAST_RECORDS ? LEAST_RECORDS : syns_max);
	observer->context.slab =
	    slab_new(observer->context.limits.slab_bytes, &slab_sizes_address_set);
	observer->context.answered = table_new(sizeof(struct address), sizeof(struct address),
	    syns_max < LEAST_RECORDS ? LEAST_RECORDS : syns_max);
	if (observer->syns == NULL || observer->context.slab == NULL ||
	    observer->context.answered == NULL)
		goto out;
	if (options->evidence_frames > 0) {
		observer->context.samples = samples_new(options->evidence_frames);
		if (observer->context.samples == NULL)
			goto out;
	}
	result = 0;
	for (size_t i = 0; i < OBSERVER_SHARDS && result == 0; i++)
		result = shard_open(&observer->shards[i], &observer->context);
	if (result == 0)
		result = open_darknets(observer, options);
out:
	if (result != 0)
		observer_free(observer);
	else
		*ret_observer = observer;
	return result;
}

void observer_free(struct observer *observer)
{
	if (observer == NULL)
		return;
	for (size_t i = 0; i < OBSERVER_SHARDS; i++)
		shard_close(&observer->shards[i]);
	darknets_close(&observer->darknets);
	slab_free(observer->hosts_slab);
	table_free(observer->askers);
	slab_free(observer->context.slab);
	table_free(observer->context.answered);
	table_free(observer->syns);
	samples_free(observer->context.samples);
	free(observer);
}

/*
 * The same for both directions of a pair, so that requests meet their answers; ICMP errors go where
 * the quoted packet went. Requests to declared dark addresses have no answers to meet: they go by
 * their source alone, so that a scanner of many dark addresses is one record and not one in every
 * shard.
 */
static size_t shard_of(const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	const struct address *a = &facts->source;
	const struct address *b = &facts->target;
	if ((facts->flags & FACTS_ICMP_ERROR) != 0) {
		a = &facts->inner_source;
		b = &facts->inner_target;
	}
	uint64_t hash = hash_address(a, HASH_SEED_FIXED);
	if (!arrival->asks_dark)
		hash += hash_address(b, HASH_SEED_FIXED);
	return (hash ^ hash >> 32) % OBSERVER_SHARDS;
}

static unsigned find_marks(struct observer *observer, const struct facts *facts)
{
	if (!marks_is_syn(facts))
		return 0;
	uint64_t hash = hash_address(&facts->source, observer->context.hash_seed);
	struct last_syn *last = table_find(observer->syns, &facts->source, hash);
	if (last == NULL) {
		if (table_count(observer->syns) == table_max(observer->syns))
			table_clear(observer->syns);
		last = table_insert(observer->syns, &facts->source, hash);
	}
	struct marks_memory none = {.known = 0};
	return marks_of(facts, last == NULL ? &none : &last->memory);
}

static bool asks(const struct facts *facts, enum packet_class class)
{
	if (class == PACKET_DATAGRAM)
		return !classify_is_udp_reply(facts);
	return class == PACKET_REQUEST || class == PACKET_PROBE;
}

static void hand_on_hosts(struct observer *observer, struct shard *shard)
{
	for (size_t i = 0; i < shard->news_count; i++)
		observer->sink.on_host(observer->sink.context, shard->news[i]);
	size_t position = 0;
	struct carrier *carrier;
	while ((carrier = table_next(shard->carriers, &position)) != NULL) {
		if (carrier->changes == 0)
			continue;
		observer->sink.on_carrier(observer->sink.context, carrier);
		carrier->changes = 0;
	}
}

static void hand_on(struct observer *observer)
{
	for (size_t i = 0; i < OBSERVER_SHARDS; i++) {
		struct shard *shard = &observer->shards[i];
		hand_on_hosts(observer, shard);
		size_t position = 0;
		struct sighting *sighting;
		while ((sighting = table_next(shard->sightings, &position)) != NULL)
			if (!sighting_is_empty(sighting))
				observer->sink.on_sighting(observer->sink.context, sighting);
	}
	observer->sink.on_window_end(observer->sink.context, observer->window_us);
}

static int64_t floor_to(int64_t time_us, int64_t step_us)
{
	int64_t floored = time_us / step_us * step_us;
	return floored > time_us ? floored - step_us : floored;
}

static void judge_all(struct observer *observer, int64_t now_us, bool everything)
{
	for (size_t i = 0; i < OBSERVER_SHARDS; i++)
		shard_expire(&observer->shards[i], now_us, everything);
}

static void begin_window(struct observer *observer, int64_t time_us)
{
	observer->window_us = floor_to(time_us, SIGHTING_WINDOW_US);
	observer->judged_us = floor_to(time_us, SIGHTING_BIN_US);
	for (size_t i = 0; i < OBSERVER_SHARDS; i++)
		shard_begin_window(&observer->shards[i], observer->window_us);
}

void observer_follow_clock(struct observer *observer, int64_t time_us)
{
	if (observer->window_us == INT64_MIN) {
		begin_window(observer, time_us);
		return;
	}
	bool fell_back = time_us < observer->window_us - observer->clock_step_us;
	if (time_us - observer->judged_us >= SIGHTING_BIN_US || fell_back) {
		judge_all(observer, time_us, fell_back);
		observer->judged_us = floor_to(time_us, SIGHTING_BIN_US);
	}
	if (time_us - observer->window_us >= SIGHTING_WINDOW_US || fell_back) {
		observer->clock_steps += fell_back;
		hand_on(observer);
		begin_window(observer, time_us);
	}
}

static void count_host(struct observer *observer, const struct facts *facts)
{
	if (facts->net == FACTS_NONE || address_equal(&facts->source, &observer->last_source) ||
	    address_is_unspecified(&facts->source))
		return;
	observer->last_source = facts->source;
	const struct address_touch touch = {facts->time_us, facts->time_us, 1, 0};
	(void)address_set_touch(&observer->hosts, observer->hosts_slab, &facts->source, &touch);
}

static void take_live(struct observer *observer, const struct chunk_live *live)
{
	const struct facts *facts = &live->facts;
	const enum packet_class class = (enum packet_class)live->class;
	count_host(observer, facts);
	const struct arrival arrival = {
	    .facts = facts,
	    .frame = live->frame,
	    .class = class,
	    .dark = live->dark,
	    .asks_dark = live->dark && asks(facts, class),
	    .marks = find_marks(observer, facts),
	    .from_stranger = live->from_stranger,
	    .to_stranger = live->to_stranger,
	};
	shard_observe(&observer->shards[shard_of(&arrival)], &arrival);
}

void observer_observe(
    struct observer *observer, const struct facts *facts, const struct frame *frame)
{
	const struct registry *registry = observer->context.registry;
	const struct chunk_live live = {
	    .facts = *facts,
	    .frame = frame,
	    .class = (uint8_t)classify(facts),
	    .dark = registry_is_dark(registry, &facts->target),
	    .from_stranger = registry_find_member(registry, &facts->source) == MEMBER_NONE,
	    .to_stranger = registry_find_member(registry, &facts->target) == MEMBER_NONE,
	};
	observer_follow_clock(observer, facts->time_us);
	take_live(observer, &live);
}

const struct chunk_rules *observer_rules(const struct observer *observer)
{
	return &observer->rules;
}

static void learn_asker(struct observer *observer, const struct dark_asker *asker)
{
	if (observer->askers == NULL)
		observer->askers = table_new(
		    sizeof(struct address), sizeof(struct dark_asker), OBSERVER_ASKERS_MAX);
	observer->rules.askers = observer->askers;
	uint64_t hash = hash_address(&asker->address, observer->rules.seed);
	if (observer->askers != NULL && table_find(observer->askers, &asker->address, hash) != NULL)
		return;
	struct dark_asker *learnt =
	    observer->askers == NULL ? NULL : table_insert(observer->askers, &asker->address, hash);
	if (learnt != NULL)
		learnt->since = asker->since;
	else if (asker->since < observer->rules.darknets_until)
		observer->rules.darknets_until = asker->since; /* slower, and still right */
}

bool observer_learn(struct observer *observer, struct chunk *const *chunks, size_t count)
{
	bool learnt = false;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < chunks[i]->asker_count; j++)
			learn_asker(observer, &chunks[i]->new_askers[j]);
		learnt |= chunks[i]->asker_count > 0;
	}
	return learnt;
}

/* Events on their way to their darknets. */
struct carried {
	size_t count;
	const struct dark_event *events[CARRIED_MAX];
	uint8_t which[CARRIED_MAX];
};

static void deliver(const struct observer *observer, struct carried *carried)
{
	if (observer->rules.only_requests && carried->count > 0) /* details: all of one darknet */
		darknet_observe(
		    observer->darknets.all[carried->which[0]], carried->events, carried->count);
	else
		darknets_observe(
		    observer->darknets.all, carried->which, carried->events, carried->count);
	carried->count = 0;
}

static void carry(const struct observer_dark *dark, size_t number, struct carried *carried)
{
	for (size_t i = 0; i < dark->count; i++) {
		const struct chunk *chunk = dark->chunks[i];
		for (size_t j = chunk->begin[number]; j < chunk->begin[number + 1]; j++) {
			carried->events[carried->count] = chunk->sorted[j];
			carried->which[carried->count++] = (uint8_t)number;
			if (carried->count == CARRIED_MAX)
				deliver(dark->observer, carried);
		}
	}
}

void observer_take_dark(const struct observer_dark *dark, size_t task)
{
	const size_t run = (DARKNETS + dark->tasks - 1) / dark->tasks;
	const size_t first = task * run;
	struct carried carried;
	carried.count = 0;
	for (size_t number = first; number < first + run && number < DARKNETS; number++) {
		carry(dark, number, &carried);
		if (dark->observer->rules.only_requests)
			deliver(dark->observer, &carried);
	}
	deliver(dark->observer, &carried);
}

/* Some more than there are workers, so that none waits long for the others. */
size_t observer_dark_tasks(size_t workers)
{
	size_t tasks = workers * TASKS_PER_WORKER;
	return tasks < DARKNETS ? tasks : DARKNETS;
}

/*
 * One thread takes the events as they came, whatever their darknets, so that it always has enough
 * of them to ask the memory for. Only details want each darknet's together.
 */
static void take_dark_alone(const struct observer_dark *dark)
{
	const struct observer *observer = dark->observer;
	if (observer->rules.only_requests) {
		for (size_t i = 0; i < dark->count; i++)
			chunk_seal(dark->chunks[i]);
		observer_take_dark(dark, 0);
		return;
	}
	for (size_t i = 0; i < dark->count; i++) {
		const struct chunk *chunk = dark->chunks[i];
		const struct dark_event *events[CHUNK_FRAMES];
		for (size_t j = 0; j < chunk->dark_count; j++)
			events[j] = &chunk->dark[j];
		darknets_observe(observer->darknets.all, chunk->darknet, events, chunk->dark_count);
	}
}

/* Neither are contacts to be judged at this time, nor does a window end. */
static bool is_quiet(const struct observer *observer, int64_t earliest_us, int64_t latest_us)
{
	return observer->window_us != INT64_MIN &&
	       latest_us - observer->judged_us < SIGHTING_BIN_US &&
	       earliest_us >= observer->window_us - observer->clock_step_us;
}

static void take_chunk(struct observer *observer, const struct chunk *chunk)
{
	const struct chunk_live *live = chunk->live;
	const struct chunk_live *end = &chunk->live[chunk->live_count];
	if (chunk->count == 0)
		return; /* without times */
	bool quiet = is_quiet(observer, chunk->earliest_us, chunk->latest_us);
	for (size_t at = 0; at < chunk->count && !quiet; at++) {
		int64_t time_us = chunk->times_us[at];
		if (!is_quiet(observer, time_us, time_us))
			observer_follow_clock(observer, time_us);
		if (live < end && live->at == at)
			take_live(observer, live++);
	}
	while (live < end)
		take_live(observer, live++);
}

void observer_take_live(struct observer *observer, struct chunk *const *chunks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		observer->forged_sources += chunks[i]->forged_sources;
		take_chunk(observer, chunks[i]);
	}
}

void observer_take(struct observer *observer, struct chunk *const *chunks, size_t count)
{
	const struct observer_dark dark = {observer, chunks, count, .tasks = 1};
	if (observer->darknets.all[0] != NULL)
		take_dark_alone(&dark);
	observer_take_live(observer, chunks, count);
}

void observer_unite_hosts(struct observer *observer)
{
	for (size_t i = 0; i < DARKNETS; i++)
		if (observer->darknets.all[i] != NULL)
			address_set_merge(&observer->hosts, observer->hosts_slab,
			    darknet_hosts(observer->darknets.all[i]), NULL, NULL);
}

void observer_finish(struct observer *observer)
{
	observer_unite_hosts(observer);
	if (observer->window_us == INT64_MIN)
		return;
	judge_all(observer, observer->judged_us, true);
	for (size_t i = 0; i < DARKNETS && observer->darknets.all[i] != NULL; i++)
		darknet_hand_on(
		    observer->darknets.all[i], observer->sink.on_sighting, observer->sink.context);
	hand_on(observer);
	begin_window(observer, observer->window_us);
}

void observer_get_counts(const struct observer *observer, struct observer_counts *ret_counts)
{
	*ret_counts = (struct observer_counts){.clock_steps = observer->clock_steps,
	    .evidence_lost = samples_lost(observer->context.samples)};
	for (size_t i = 0; i < OBSERVER_SHARDS; i++) {
		const struct shard *shard = &observer->shards[i];
		ret_counts->evicted += contacts_evicted(shard->contacts) +
				       shard->counts.lost_hosts + shard->counts.lost_sightings;
		ret_counts->inner_mismatch += shard->counts.inner_mismatch;
		ret_counts->forged_sources += shard->counts.forged_sources;
	}
	for (size_t i = 0; i < DARKNETS && observer->darknets.all[i] != NULL; i++) {
		struct darknet_counts counts;
		darknet_get_counts(observer->darknets.all[i], &counts);
		ret_counts->evicted += counts.lost;
	}
	ret_counts->forged_sources += observer->forged_sources;
}

uint64_t observer_host_count(const struct observer *observer)
{
	return address_set_distinct(&observer->hosts);
}

const struct darknet *observer_darknet(const struct observer *observer, size_t number)
{
	return observer->darknets.all[number];
}

bool observer_was_asked(const struct observer *observer, const struct sighting_key *request,
    const struct address *target)
{
	const struct darknet *darknet = observer->darknets.all[chunk_darknet_of(&request->subject)];
	if (darknet == NULL)
		return false;
	uint32_t key = dark_key((enum sighting_kind)request->kind,
	    (enum sighting_variant)request->variant, request->protocol, request->port);
	if (request->drill != 0)
		key |= DARK_KEY_DRILL;
	return darknet_has_asked(darknet, &request->subject, key, target);
}

const struct samples *observer_samples(const struct observer *observer)
{
	return observer->context.samples;
}

struct samples *observer_samples_mutable(struct observer *observer)
{
	return observer->context.samples;
}
