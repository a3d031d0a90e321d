/*
 * decode_case.h - decoder tests as rows: a frame in hex, the verdict and the facts that it must
 * give.
 *
 * Each row is also cut at every length, from a heap block of just that length, so that reading past
 * the end is found by the sanitizers.
 */
#ifndef DECODE_CASE_H
#define DECODE_CASE_H

#include <stdlib.h>
#include <string.h>

#include "decode_sound.h"
#include "test.h"

enum {
	CASE_FRAME_MAX = 4096
};

struct decode_case {
	const char *name;
	uint32_t link; /* enum link_type */
	const char *frame;
	uint32_t uncaptured; /* bytes that the wire had after these */
	enum decode_verdict verdict;
	const char *source; /* addresses as text; NULL is all zero */
	const char *target;
	const char *inner_source;
	const char *inner_target;
	struct facts facts; /* the rest of what is expected */
};

/* Spaces in the hex part fields and mean nothing. */
static inline size_t bytes_from_hex(const char *hex, uint8_t *bytes, size_t bytes_max)
{
	size_t digits = 0;
	for (; *hex != '\0' && digits / 2 < bytes_max; hex++) {
		if (*hex == ' ')
			continue;
		unsigned digit = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
		unsigned high = digits % 2 == 0 ? 0 : bytes[digits / 2];
		bytes[digits / 2] = (uint8_t)(high << 4 | digit);
		digits++;
	}
	return digits / 2;
}

static inline bool case_differs(const char *field, uint64_t got, uint64_t expected)
{
	if (got == expected)
		return false;
	printf("# %s is %llu, expected %llu\n", field, (unsigned long long)got,
	    (unsigned long long)expected);
	return true;
}

static inline bool case_address_differs(
    const char *field, const struct address *got, const char *text)
{
	struct address expected = {.bytes = {0}};
	if (text != NULL && address_parse(text, &expected) != 0)
		printf("# the row's %s is no address\n", field);
	if (address_equal(got, &expected))
		return false;
	char got_text[ADDRESS_TEXT_BYTES];
	address_format(got, got_text);
	printf("# %s is %s, expected %s\n", field, got_text, text == NULL ? "nothing" : text);
	return true;
}

/* Of the packet that an ICMP error quotes; without one these fields have no value. */
static inline unsigned case_quote_differences(
    const struct decode_case *row, const struct facts *got)
{
	const struct facts *expected = &row->facts;
	unsigned n = 0;
	n += case_address_differs("inner_source", &got->inner_source, row->inner_source);
	n += case_address_differs("inner_target", &got->inner_target, row->inner_target);
	n += case_differs("inner_protocol", got->inner_protocol, expected->inner_protocol);
	n += case_differs("inner_source_port", got->inner_source_port, expected->inner_source_port);
	n += case_differs("inner_target_port", got->inner_target_port, expected->inner_target_port);
	return n;
}

static inline unsigned case_differences(const struct decode_case *row, const struct facts *got)
{
	const struct facts *expected = &row->facts;
	unsigned n = 0;
	n += case_address_differs("source", &got->source, row->source);
	n += case_address_differs("target", &got->target, row->target);
	n += case_differs("net", got->net, expected->net);
	n += case_differs("flags", got->flags, expected->flags);
	n += case_differs("protocol", got->protocol, expected->protocol);
	n += case_differs("ttl", got->ttl, expected->ttl);
	n += case_differs("ip_id", got->ip_id, expected->ip_id);
	n += case_differs("source_port", got->source_port, expected->source_port);
	n += case_differs("target_port", got->target_port, expected->target_port);
	n += case_differs("seq", got->seq, expected->seq);
	n += case_differs("ack", got->ack, expected->ack);
	n += case_differs("tcp_flags", got->tcp_flags, expected->tcp_flags);
	n += case_differs("window", got->window, expected->window);
	n += case_differs("tcp_options", got->tcp_options, expected->tcp_options);
	n += case_differs("tcp_tsval", got->tcp_tsval, expected->tcp_tsval);
	n += case_differs("payload_bytes", got->payload_bytes, expected->payload_bytes);
	n += case_differs("icmp_type", got->icmp_type, expected->icmp_type);
	n += case_differs("icmp_code", got->icmp_code, expected->icmp_code);
	n += case_differs("the MAC", memcmp(got->source_mac, expected->source_mac, 6) != 0, 0);
	if ((got->flags & FACTS_ICMP_ERROR) != 0)
		n += case_quote_differences(row, got);
	return n;
}

static inline enum decode_verdict case_decode(const struct decode_case *row, const uint8_t *bytes,
    size_t captured_bytes, size_t wire_bytes, struct facts *ret_facts)
{
	uint8_t *copy = malloc(captured_bytes > 0 ? captured_bytes : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, bytes, captured_bytes);
	struct frame frame = {
	    .bytes = copy,
	    .captured_bytes = (uint32_t)captured_bytes,
	    .wire_bytes = (uint32_t)wire_bytes,
	    .time_us = 1700000000000000,
	    .link_type = row->link,
	    .drill = 7,
	};
	memset(ret_facts, 0xa5, sizeof *ret_facts); /* what the caller had in it must not matter */
	enum decode_verdict verdict = decode_frame(&frame, ret_facts);
	free(copy);
	return verdict;
}

static inline bool case_holds(const struct decode_case *row, const uint8_t *bytes, size_t size)
{
	struct facts facts;
	enum decode_verdict verdict = case_decode(row, bytes, size, size + row->uncaptured, &facts);
	unsigned differences = case_differences(row, &facts);
	differences += case_differs("the verdict", verdict, row->verdict);
	differences += case_differs("wire_bytes", facts.wire_bytes, size + row->uncaptured);
	differences += case_differs("drill", facts.drill, 7);
	differences += case_differs("time_us", (uint64_t)facts.time_us, 1700000000000000);
	const char *unsound = decode_unsound(verdict, &facts);
	if (unsound != NULL)
		printf("# unsound: %s\n", unsound);
	return differences == 0 && unsound == NULL;
}

/*
 * A frame of which the capture kept less: if still ok, nothing is lost but payload, so the facts
 * are the same; and a frame without fault does not become malformed by being cut.
 */
static inline bool case_cut_holds(
    const struct decode_case *row, const uint8_t *bytes, size_t size, size_t captured)
{
	struct facts facts;
	enum decode_verdict verdict =
	    case_decode(row, bytes, captured, size + row->uncaptured, &facts);
	const char *unsound = decode_unsound(verdict, &facts);
	if (unsound != NULL)
		printf("# cut to %zu bytes it is unsound: %s\n", captured, unsound);
	bool is_plausible = row->verdict != DECODE_OK || verdict == DECODE_TRUNCATED ||
			    (verdict == DECODE_OK && case_differences(row, &facts) == 0);
	if (!is_plausible)
		printf("# cut to %zu bytes it is %s\n", captured, decode_verdict_name(verdict));

	struct facts short_facts; /* the same with a wire length that hides the cut */
	enum decode_verdict short_verdict =
	    case_decode(row, bytes, captured, captured, &short_facts);
	const char *short_unsound = decode_unsound(short_verdict, &short_facts);
	if (short_unsound != NULL)
		printf("# ending at %zu bytes it is unsound: %s\n", captured, short_unsound);
	return unsound == NULL && is_plausible && short_unsound == NULL;
}

static inline void run_cases(const struct decode_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[CASE_FRAME_MAX];
		size_t size = bytes_from_hex(cases[i].frame, bytes, sizeof bytes);
		bool holds = case_holds(&cases[i], bytes, size);
		for (size_t captured = 0; captured < size; captured++)
			holds = case_cut_holds(&cases[i], bytes, size, captured) && holds;
		OK(holds, cases[i].name);
	}
}

#define RUN_CASES(cases) run_cases((cases), sizeof(cases) / sizeof(cases)[0])

#endif
