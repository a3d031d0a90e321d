/* observer_help.h - an observer whose sink counts, and TCP packets made by hand. */
#ifndef OBSERVER_HELP_H
#define OBSERVER_HELP_H

#include <stdlib.h>

#include "base/when.h"
#include "observe/observer.h"

#define SECOND_US WHEN_SECOND_US
#define MINUTE_US WHEN_MINUTE_US
#define HOUR_US   WHEN_HOUR_US
#define BASE_US   (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */

enum {
	POST_WINDOWS_MAX = 4096,
};

/* What the sink was told of requests; `last` is the sighting of source 1 that came last. */
struct post {
	struct registry *registry;
	struct observer *observer;
	int64_t windows[POST_WINDOWS_MAX];
	size_t window_count;
	uint64_t packets;
	uint64_t answers;
	uint64_t silences;
	uint64_t replies; /* that nobody asked for */
	uint64_t misaligned;
	uint64_t hosts;   /* told of */
	uint64_t missing; /* told that some found no room */
	uint64_t outside; /* sightings of another window than the one that then ended */
	int64_t told_us;  /* the window of the sightings told last */
	struct sighting last;
};

static inline struct address post_source(uint32_t n)
{
	return address_from_v4_u32(0x0a000000 + n);
}

static inline struct address post_target(uint32_t n)
{
	return address_from_v4_u32(0xc6336400 + n);
}

static inline void post_on_sighting(void *context, const struct sighting *sighting)
{
	struct post *post = context;
	const struct address first = post_source(1);
	post->told_us = sighting->window_us;
	post->misaligned += sighting->window_us % MINUTE_US != 0;
	post->replies += sighting->key.kind == SIGHTING_REPLY;
	if (sighting->key.kind != SIGHTING_REQUEST)
		return;
	post->packets += sighting->packets;
	post->answers += sighting->answers;
	post->silences += sighting->silences;
	if (address_equal(&sighting->key.subject, &first))
		post->last = *sighting;
}

static inline void post_on_host(void *context, const struct host *host)
{
	struct post *post = context;
	post->hosts++;
	post->missing += (host->flags & HOST_MISSING) != 0;
}

static inline void post_on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static inline void post_on_window_end(void *context, int64_t window_us)
{
	struct post *post = context;
	post->outside += post->told_us != INT64_MAX && post->told_us != window_us;
	post->told_us = INT64_MAX;
	if (post->window_count < POST_WINDOWS_MAX)
		post->windows[post->window_count] = window_us;
	post->window_count++;
}

static inline void open_post(struct post *post, size_t memory_mb)
{
	struct complaint complaint;
	*post = (struct post){.told_us = INT64_MAX};
	int result = registry_new(&post->registry);
	if (result == 0)
		result = registry_add_local(post->registry, &complaint);
	if (result == 0)
		result = registry_seal(post->registry, &complaint);
	const struct observer_options options = {
	    .registry = post->registry,
	    .memory_bytes = memory_mb << 20,
	    .answer_timeout_s = 5,
	};
	const struct observer_sink sink = {
	    .context = post,
	    .on_sighting = post_on_sighting,
	    .on_host = post_on_host,
	    .on_carrier = post_on_carrier,
	    .on_window_end = post_on_window_end,
	};
	if (result != 0 || observer_new(&options, &sink, &post->observer) != 0)
		abort();
}

static inline void close_post(struct post *post)
{
	observer_free(post->observer);
	registry_free(post->registry);
}

static inline struct observer_counts get_counts(const struct post *post)
{
	struct observer_counts counts;
	observer_get_counts(post->observer, &counts);
	return counts;
}

static inline void send_facts(struct post *post, const struct facts *facts)
{
	static const uint8_t bytes[60];
	const struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = sizeof bytes,
	    .wire_bytes = sizeof bytes,
	    .time_us = facts->time_us,
	    .link_type = LINK_ETHERNET,
	};
	observer_observe(post->observer, facts, &frame);
}

/* Source n asks target m on port 443. */
static inline void send_syn(struct post *post, uint32_t n, uint32_t m, int64_t time_us)
{
	const struct facts facts = {
	    .time_us = time_us,
	    .source = post_source(n),
	    .target = post_target(m),
	    .seq = 77 + n * 1000003 + m * 7919,
	    .wire_bytes = 60,
	    .flags = FACTS_TRANSPORT,
	    .source_port = 50000,
	    .target_port = 443,
	    .net = FACTS_V4,
	    .protocol = 6,
	    .ttl = 64,
	    .tcp_flags = FACTS_SYN,
	};
	send_facts(post, &facts);
}

/* Target m answers source n. */
static inline void send_answer(struct post *post, uint32_t n, uint32_t m, int64_t time_us)
{
	const struct facts facts = {
	    .time_us = time_us,
	    .source = post_target(m),
	    .target = post_source(n),
	    .ack = 78 + n * 1000003 + m * 7919,
	    .wire_bytes = 60,
	    .flags = FACTS_TRANSPORT,
	    .source_port = 443,
	    .target_port = 50000,
	    .net = FACTS_V4,
	    .protocol = 6,
	    .ttl = 60,
	    .tcp_flags = FACTS_SYN | FACTS_ACK,
	};
	send_facts(post, &facts);
}

#endif
