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
	CARRIERS_MAX = 1024, /* link-layer addresses on one wire; more is a forger at work */
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	PROTOCOL_UDP = 17,
};

int shard_open(struct shard *shard, const struct shard_context *context)
{
	const struct shard_limits *limits = &context->limits;
	*shard = (struct shard){.context = context, .window_us = INT64_MIN};
	shard->contacts =
	    contacts_new(limits->contacts_max, context->hash_seed, &context->room->contacts);
	shard->hosts = table_new(sizeof(struct address), sizeof(struct host), limits->hosts_max);
	shard->carriers = table_new(6, sizeof(struct carrier), CARRIERS_MAX);
	shard->sightings =
	    table_new(sizeof(struct sighting_key), sizeof(struct sighting), limits->sightings_max);
	shard->slab = context->slab;
	if (shard->contacts == NULL || shard->hosts == NULL || shard->carriers == NULL ||
	    shard->sightings == NULL) {
		shard_close(shard);
		return -ENOMEM;
	}
	return 0;
}

void shard_close(struct shard *shard)
{
	contacts_free(shard->contacts);
	table_free(shard->hosts);
	free(shard->news);
	table_free(shard->carriers);
	table_free(shard->sightings);
	*shard = (struct shard){0};
}

struct sighting *shard_find_sighting(struct shard *shard, const struct sighting_key *key)
{
	return table_find(shard->sightings, key, sighting_key_hash(key, shard->context->hash_seed));
}

struct sighting *shard_get_sighting(struct shard *shard, const struct sighting_key *key)
{
	uint64_t hash = sighting_key_hash(key, shard->context->hash_seed);
	struct sighting *sighting = table_find(shard->sightings, key, hash);
	if (sighting != NULL)
		return sighting;
	if (shard->context->room->sightings > 0)
		sighting = table_insert(shard->sightings, key, hash);
	if (sighting == NULL) {
		shard->counts.lost_sightings++;
		return NULL;
	}
	shard->context->room->sightings--;
	sighting_init(sighting);
	sighting->window_us = shard->window_us;
	return sighting;
}

static void remove_host(struct shard *shard, struct host *host)
{
	table_remove(shard->hosts, host);
	shard->context->room->hosts++;
}

/* Strangers of whom nothing but packets was seen make room: they only held the memory of marks. */
static void forget_strangers(struct shard *shard)
{
	size_t position = 0;
	struct host *host;
	while ((host = table_next(shard->hosts, &position)) != NULL)
		if (host->member == MEMBER_NONE && (host->flags & HOST_TWO_WAY) == 0)
			remove_host(shard, host);
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
	struct host *host = table_find(shard->hosts, address, hash);
	if (host != NULL)
		return host;
	int member = registry_find_member(shard->context->registry, address);
	if (shard->context->room->hosts == 0)
		forget_strangers(shard);
	if (shard->context->room->hosts > 0)
		host = table_insert(shard->hosts, address, hash);
	if (host == NULL) {
		shard->counts.lost_hosts++;
		if (member != MEMBER_NONE)
			miss_host(shard);
		return NULL;
	}
	shard->context->room->hosts--;
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
	samples_keep(shard->context->samples, &sighting->frames_first, observed->arrival->frame);

	const struct address_touch touch = {
	    .first_us = time_us, .last_us = time_us, .packets = 1, .flags = observed->item_flags};
	address_set_touch(&sighting->targets, shard->slab, observed->other, &touch);
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

void shard_observe(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (facts->net == FACTS_NONE || address_is_unspecified(&facts->source))
		return; /* DHCP clients and address probes have no source yet */
	if (is_no_source(&facts->source)) {
		shard->counts.forged_sources++;
		shard_on_forged(shard, arrival);
		return;
	}
	if (!arrival->asks_dark || !arrival->from_stranger)
		note_source(shard, facts);
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

void shard_expire(struct shard *shard, int64_t now_us, bool everything)
{
	int64_t timeout_us = everything ? 0 : shard->context->answer_timeout_us;
	contacts_expire(shard->contacts, now_us, timeout_us, shard_judge_silent, shard);
}

void shard_begin_window(struct shard *shard, int64_t window_us)
{
	size_t position = 0;
	struct sighting *sighting;
	while ((sighting = table_next(shard->sightings, &position)) != NULL) {
		uint32_t lost = address_set_lost(&sighting->targets);
		shard->counts.lost_sightings += sighting->targets.lost != 0 && lost == 0 ? 1 : lost;
		sighting_clear(sighting, shard->slab);
	}
	shard->context->room->sightings += table_count(shard->sightings);
	table_clear(shard->sightings);
	for (size_t i = 0; i < shard->news_count; i++)
		shard->news[i]->queued = false;
	shard->news_count = 0;
	shard->window_us = window_us;
}
