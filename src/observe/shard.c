#include "observe/shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "observe/classify.h"
#include "observe/shard_internal.h"
#include "observe/slab.h"

enum {
	NEWS_MIN = 64,
	/* Link-layer addresses on one wire; in small memory fewer, since a router is in all shards.
	 */
	CARRIERS_MIN = 32,
	CARRIERS_MAX = 256,
	HOSTS_PER_CARRIER = 1024,
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	PROTOCOL_UDP = 17,
	TOLD_MAX = 1 << 30, /* in one minute no sighting comes near it */
};

/* What was handed on is known there; what waits for it must stay. */
static bool host_may_go(const void *record, enum rank asker, struct pool_weight *ret_weight)
{
	const struct host *host = record;
	enum rank rank = host->member == MEMBER_NONE ? RANK_STRANGER : RANK_MEMBER;
	*ret_weight =
	    (struct pool_weight){.class = rank * 2U + ((host->flags & HOST_TWO_WAY) != 0)};
	return !host->queued && rank <= asker;
}

static const struct pool_rules host_rules = {
    .key_bytes = sizeof(struct address),
    .record_bytes = sizeof(struct host),
    .may_go = host_may_go,
};

static size_t choose_carriers(const struct shard_limits *limits)
{
	size_t carriers = limits->hosts_max / HOSTS_PER_CARRIER;
	if (carriers > CARRIERS_MAX)
		return CARRIERS_MAX;
	return carriers < CARRIERS_MIN ? CARRIERS_MIN : carriers;
}

int shard_open(struct shard *shard, const struct shard_context *context)
{
	const struct shard_limits *limits = &context->limits;
	*shard = (struct shard){.context = context, .window_us = INT64_MIN};
	shard->contacts =
	    contacts_new(limits->contacts_max, context->hash_seed, &context->room->contacts);
	shard->carriers = table_new(6, sizeof(struct carrier), choose_carriers(limits));
	shard->sightings =
	    table_new(sizeof(struct sighting_key), sizeof(struct sighting), limits->sightings_max);
	shard->slab = context->slab;
	int result =
	    pool_init(&shard->hosts, &host_rules, limits->hosts_max, &context->room->hosts);
	if (shard->contacts == NULL || result != 0 || shard->carriers == NULL ||
	    shard->sightings == NULL) {
		shard_close(shard);
		return -ENOMEM;
	}
	return 0;
}

void shard_close(struct shard *shard)
{
	contacts_free(shard->contacts);
	pool_release(&shard->hosts);
	free(shard->news);
	table_free(shard->carriers);
	table_free(shard->sightings);
	*shard = (struct shard){0};
}

struct sighting *shard_find_sighting(struct shard *shard, const struct sighting_key *key)
{
	return table_find(shard->sightings, key, sighting_key_hash(key, shard->context->hash_seed));
}

/* What is done to a member is not his doing: strangers alone could fill his room with it. */
static enum rank rank_of(const struct shard *shard, const struct sighting_key *key)
{
	if (key->kind == SIGHTING_FLOODED || key->kind == SIGHTING_REFLECTED)
		return RANK_STRANGER;
	if (registry_find_member(shard->context->registry, &key->subject) != MEMBER_NONE)
		return RANK_MEMBER;
	bool of_packet = shard->source != NULL && address_equal(shard->source, &key->subject);
	return of_packet ? shard->rank : RANK_STRANGER;
}

/* What members' machines do is kept, and what floods them; of strangers nothing is. */
static bool keeps_first_frames(const struct shard *shard, const struct sighting *sighting)
{
	if (shard->context->first_frames == NULL)
		return false;
	return sighting->rank == RANK_MEMBER || sighting->key.kind == SIGHTING_FLOODED ||
	       sighting->key.kind == SIGHTING_REFLECTED;
}

struct sighting *shard_get_sighting(struct shard *shard, const struct sighting_key *key)
{
	uint64_t hash = sighting_key_hash(key, shard->context->hash_seed);
	struct sighting *sighting = table_find(shard->sightings, key, hash);
	if (sighting != NULL)
		return sighting;
	enum rank rank = rank_of(shard, key);
	size_t *room = &shard->context->room->sightings;
	if (*room > rank_leaves(rank, shard->context->limits.sightings_max))
		sighting = table_insert(shard->sightings, key, hash);
	if (sighting == NULL) {
		shard->counts.lost_sightings++;
		return NULL;
	}
	--*room;
	sighting_init(sighting);
	sighting->window_us = shard->window_us;
	sighting->rank = (uint8_t)rank;
	if (!keeps_first_frames(shard, sighting))
		sighting->is_kept[0] = sighting->is_kept[1] = true;
	return sighting;
}

/*
 * What may need a warning within seconds: asking dark addresses, bearing a tool's mark, being
 * refused, asking the wire for others. What may turn out harmless later in its window waits for its
 * end, as do floods, which are measured by whole minutes.
 */
static bool is_urgent(const struct sighting *sighting)
{
	const bool is_asking =
	    sighting->key.kind == SIGHTING_REQUEST || sighting->key.kind == SIGHTING_PROBE;
	if (sighting->rank != RANK_MEMBER || !is_asking)
		return sighting->rank == RANK_MEMBER && sighting->key.kind == SIGHTING_NEIGHBOUR;
	return sighting->dark_packets > 0 || sighting->refusals > 0 ||
	       sighting->marks[TOOL_MIRAI] > 0 || sighting->marks[TOOL_UNICORNSCAN] > 0;
}

/* It is emptied, not removed: what comes next in this window is added to what was told. */
static void empty(struct shard *shard, struct sighting *sighting)
{
	uint32_t lost = address_set_lost(&sighting->targets);
	shard->counts.lost_sightings += sighting->targets.lost != 0 && lost == 0 ? 1 : lost;
	sighting_clear(sighting, shard->slab);
	const struct sighting emptied = {
	    .key = sighting->key,
	    .rank = sighting->rank,
	    .told = sighting->told,
	    .is_kept = {sighting->is_kept[0], sighting->is_kept[1]},
	};
	*sighting = emptied;
	sighting_init(sighting);
	sighting->window_us = shard->window_us;
}

void shard_tell_early(struct shard *shard, struct sighting *sighting)
{
	uint64_t weight = sighting->told + sighting->packets + sighting->refusals;
	if ((weight & (weight - 1)) != 0 || !is_urgent(sighting) || weight > TOLD_MAX)
		return;
	sighting->told = (uint32_t)weight;
	shard->context->on_early(shard->context->early, sighting);
	empty(shard, sighting);
}

void shard_touch(struct shard *shard, struct sighting *sighting, const struct address *address,
    const struct address_touch *touch)
{
	slab_set_rank(shard->slab, (enum rank)sighting->rank);
	/* a target beyond the sample of a sketch stays unmarked: the sample speaks for it */
	(void)address_set_touch(&sighting->targets, shard->slab, address, touch);
}

static bool add_news(struct shard *shard, struct host *host)
{
	if (shard->news_count == shard->news_max) {
		size_t more = shard->news_max == 0 ? NEWS_MIN : shard->news_max * 2;
		struct host **news = reallocarray(shard->news, more, sizeof(struct host *));
		if (news == NULL)
			return false;
		shard->news = news;
		shard->news_max = more;
	}
	host->queued = true;
	shard->news[shard->news_count++] = host;
	return true;
}

/* From a host that is not known nobody may conclude that its address is dark: it is told once. */
static void miss_host(struct shard *shard)
{
	if (shard->missing.flags != 0)
		return;
	shard->missing.member = MEMBER_NONE;
	if (add_news(shard, &shard->missing))
		shard->missing.flags = HOST_MISSING;
}

struct host *shard_get_host(struct shard *shard, const struct address *address)
{
	uint64_t hash = hash_address(address, shard->context->hash_seed);
	struct host *host = pool_find(&shard->hosts, address, hash);
	if (host != NULL)
		return host;
	int member = registry_find_member(shard->context->registry, address);
	enum rank rank = member == MEMBER_NONE ? RANK_STRANGER : RANK_MEMBER;
	host = pool_insert(&shard->hosts, address, hash, rank);
	if (host == NULL) {
		shard->counts.lost_hosts++;
		if (member != MEMBER_NONE)
			miss_host(shard);
		return NULL;
	}
	host->member = (int16_t)member;
	return host;
}

void shard_note_host(struct shard *shard, struct host *host, uint32_t flags)
{
	if ((host->flags & flags) == flags)
		return;
	bool matters = host->member != MEMBER_NONE || ((host->flags | flags) & HOST_TWO_WAY) != 0;
	if (matters && !host->queued && !add_news(shard, host)) {
		shard->counts.lost_hosts++; /* its flags stay unknown, so that it is tried again */
		return;
	}
	host->flags |= flags;
}

static void keep_first_frame(
    struct shard *shard, struct sighting *sighting, const struct frame *frame, bool is_dark)
{
	sighting->is_kept[is_dark] =
	    first_frames_keep(shard->context->first_frames, &sighting->key, is_dark, frame) == 0;
}

void shard_count_packet(
    struct shard *shard, struct sighting *sighting, const struct observed *observed)
{
	const struct facts *facts = observed->arrival->facts;
	int64_t time_us = facts->time_us;
	if (time_us < sighting->first_us)
		sighting->first_us = time_us;
	if (time_us > sighting->last_us)
		sighting->last_us = time_us;
	sighting->packets++;
	sighting->bytes += facts->wire_bytes;
	if ((observed->item_flags & ITEM_DARK) != 0)
		sighting->dark_packets++;
	if (facts->ttl < sighting->ttl_min)
		sighting->ttl_min = facts->ttl;
	if (facts->ttl > sighting->ttl_max)
		sighting->ttl_max = facts->ttl;

	int64_t bin = (time_us - shard->window_us) / SIGHTING_BIN_US;
	sighting->bins[bin < 0 ? 0 : bin >= SIGHTING_BINS ? SIGHTING_BINS - 1 : bin]++;
	if (facts->source_port != 0)
		sighting_note_source_port(sighting, facts->source_port, time_us);
	if (sighting->told < SAMPLES_PER_SIGHTING)
		samples_keep(
		    shard->context->samples, &sighting->frames_first, observed->arrival->frame);

	const bool is_dark = (observed->item_flags & ITEM_DARK) != 0;
	if (!sighting->is_kept[is_dark])
		keep_first_frame(shard, sighting, observed->arrival->frame, is_dark);

	const struct address_touch touch = {
	    .first_us = time_us, .last_us = time_us, .packets = 1, .flags = observed->item_flags};
	shard_touch(shard, sighting, observed->other, &touch);
}

static bool is_no_source(const struct address *source)
{
	return address_is_multicast_or_broadcast(source) || address_is_loopback(source);
}

static void note_source(struct shard *shard, const struct facts *facts)
{
	struct host *host = shard_get_host(shard, &facts->source);
	if (host == NULL)
		return;
	shard_note_host(shard, host, HOST_SENT);
	if (facts->protocol == PROTOCOL_UDP && facts->source_port == PORT_DHCP_SERVER &&
	    facts->target_port == PORT_DHCP_CLIENT)
		shard_note_host(shard, host, HOST_DHCP_SERVER);
}

static enum rank rank_of_arrival(const struct arrival *arrival)
{
	const unsigned strong = 1U << TOOL_MIRAI | 1U << TOOL_UNICORNSCAN;
	if (!arrival->from_stranger)
		return RANK_MEMBER;
	return (arrival->marks & strong) != 0 ? RANK_MARKED : RANK_STRANGER;
}

static void observe_kind(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	switch (arrival->class) {
	case PACKET_NOTHING:
		return;
	case PACKET_REQUEST:
		shard_on_request(shard, arrival);
		return;
	case PACKET_REPLY:
		shard_on_reply(shard, arrival);
		return;
	case PACKET_ERROR:
		shard_on_error(shard, arrival);
		return;
	case PACKET_SEGMENT:
		shard_on_segment(shard, arrival);
		return;
	case PACKET_PROBE:
		shard_on_probe(shard, arrival);
		return;
	case PACKET_DATAGRAM:
		shard_on_datagram(shard, arrival);
		return;
	case PACKET_ASK:
		shard_on_ask(shard, arrival);
		return;
	case PACKET_TELL:
		shard_on_tell(shard, facts);
		return;
	}
}

void shard_observe(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (facts->net == FACTS_NONE || address_is_unspecified(&facts->source))
		return; /* DHCP clients and address probes have no source yet */
	if (is_no_source(&facts->source)) {
		shard->counts.forged_sources++;
		shard->rank = RANK_STRANGER;
		contacts_set_rank(shard->contacts, RANK_STRANGER);
		shard_on_forged(shard, arrival);
		return;
	}
	if (!arrival->asks_dark || !arrival->from_stranger)
		note_source(shard, facts);
	shard->source = &facts->source;
	shard->rank = rank_of_arrival(arrival);
	contacts_set_rank(shard->contacts, shard->rank);
	observe_kind(shard, arrival);
	shard->source = NULL;
}

void shard_expire(struct shard *shard, int64_t now_us, bool everything)
{
	int64_t timeout_us = everything ? 0 : shard->context->answer_timeout_us;
	contacts_expire(shard->contacts, now_us, timeout_us, shard_judge_silent, shard);
}

void shard_begin_window(struct shard *shard, int64_t window_us)
{
	size_t position = 0;
	struct sighting *sighting;
	while ((sighting = table_next(shard->sightings, &position)) != NULL)
		empty(shard, sighting);
	shard->context->room->sightings += table_count(shard->sightings);
	table_reset(shard->sightings); /* the next window's may be in other shards */
	for (size_t i = 0; i < shard->news_count; i++)
		shard->news[i]->queued = false;
	shard->news_count = 0;
	shard->window_us = window_us;
}
