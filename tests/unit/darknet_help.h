/*
 * darknet_help.h - a darknet under test and what it is fed with: strangers by number, events in
 * calls of any size, and what came in altogether.
 */
#ifndef DARKNET_HELP_H
#define DARKNET_HELP_H

#include "observe/darknet.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"

enum {
	TCP = 6,
	UDP = 17,
	KEYS = 64,
	EVENTS_MAX = 1000, /* of one call */
	DEEDS_MAX = STRANGER_DEEDS + DEEDS_MORE,
	MIB = 1024 * 1024,
	V4_FIRST = 0x0b000000,
};

#define START_US (INT64_C(1700000000) * WHEN_SECOND_US)

/* IPv4 and IPv6 from a number, and back. */
static inline struct address source_of(uint32_t number, bool v6)
{
	if (!v6)
		return address_from_v4_u32(V4_FIRST + number);
	struct address address = {{0x20, 0x01, 0x0d, 0xb8}};
	for (size_t i = 0; i < 4; i++)
		address.bytes[4 + i] = (uint8_t)(number >> (24 - 8 * i));
	address.bytes[15] = 1;
	return address;
}

static inline uint32_t number_of(const struct address *source)
{
	if (address_is_v4(source))
		return address_low32(source) - V4_FIRST;
	const uint8_t *bytes = source->bytes + 4;
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static inline uint32_t request(uint16_t port)
{
	return dark_key(SIGHTING_REQUEST, VARIANT_NONE, TCP, port);
}

static inline uint32_t reply(uint16_t port)
{
	return dark_key(SIGHTING_REPLY, VARIANT_NONE, TCP, port);
}

/* The n-th of KEYS: four kinds in turn. */
static inline uint32_t key_of(size_t n)
{
	const uint16_t port = (uint16_t)(1000 + n);
	switch (n % 4) {
	case 0:
		return request(port);
	case 1:
		return dark_key(SIGHTING_REQUEST, VARIANT_NONE, UDP, port);
	case 2:
		return reply(port);
	default:
		return dark_key(SIGHTING_PROBE, VARIANT_ACK, TCP, port);
	}
}

static inline struct dark_event event_from(
    const struct address *source, uint32_t key, int64_t time_us)
{
	return (struct dark_event){
	    .time_us = time_us,
	    .subject = *source,
	    .target = address_from_v4_u32(0xc6120001),
	    .key = key,
	    .wire_bytes = 60,
	    .marks = address_is_v4(source) ? DARK_EVENT_V4 : 0,
	};
}

/* A darknet with the seed of its hashes, which events need, and the size of calls. */
struct subject {
	struct darknet *darknet;
	uint64_t seed;
	size_t split; /* at most EVENTS_MAX */
	size_t held;
	struct dark_event events[EVENTS_MAX];
	uint64_t packets; /* that came in */
	uint64_t bytes;
};

static inline void open_subject(
    struct subject *subject, size_t memory_bytes, uint64_t seed, size_t split)
{
	memset(subject, 0, sizeof *subject);
	subject->seed = seed;
	subject->split = split;
	const struct darknet_options options = {.memory_bytes = memory_bytes, .seed = seed};
	if (darknet_new(&options, &subject->darknet) != 0)
		abort();
}

static inline void flush(struct subject *subject)
{
	const struct dark_event *events[EVENTS_MAX];
	for (size_t i = 0; i < subject->held; i++)
		events[i] = &subject->events[i];
	darknet_observe(subject->darknet, events, subject->held);
	subject->held = 0;
}

static inline void add(struct subject *subject, const struct dark_event *event)
{
	struct dark_event *held = &subject->events[subject->held++];
	bool drill = (event->marks & DARK_EVENT_DRILL) != 0;
	*held = *event;
	held->hash = dark_hash(&event->subject, address_is_v4(&event->subject),
	    drill ? ~subject->seed : subject->seed);
	subject->packets++;
	subject->bytes += event->wire_bytes;
	if (subject->held == subject->split)
		flush(subject);
}

static inline void add_from(struct subject *subject, uint32_t number, uint32_t key, int64_t time_us)
{
	const struct address source = source_of(number, false);
	const struct dark_event event = event_from(&source, key, time_us);
	add(subject, &event);
}

static inline void close_subject(struct subject *subject)
{
	darknet_free(subject->darknet);
	subject->darknet = NULL;
}

static inline const struct stranger *find(
    const struct subject *subject, const struct address *source)
{
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL) {
		const struct address found = stranger_source(stranger);
		if (address_equal(&found, source))
			return stranger;
	}
	return NULL;
}

static inline const struct stranger *find_number(const struct subject *subject, uint32_t number)
{
	const struct address source = source_of(number, false);
	return find(subject, &source);
}

/* Strangers and sums together are what came in; so say the counts. */
static inline bool is_whole(struct subject *subject)
{
	flush(subject);
	struct darknet_counts counts;
	struct sums_counts sums;
	darknet_get_counts(subject->darknet, &counts);
	sums_get_counts(darknet_sums(subject->darknet), &sums);
	uint64_t packets = sums.packets;
	uint64_t bytes = sums.bytes;
	uint64_t strangers = 0;
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL) {
		strangers++;
		packets += stranger_packets(subject->darknet, stranger);
		bytes += stranger->bytes;
	}
	return packets == subject->packets && bytes == subject->bytes &&
	       counts.packets == subject->packets && counts.bytes == subject->bytes &&
	       counts.strangers == strangers;
}

#endif
