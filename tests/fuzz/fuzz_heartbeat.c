/*
 * fuzz_heartbeat.c - what of a request is read by us: its path, the two headers of a sign of life,
 * and its body.
 *
 * The first line is the path, the second and third are the headers, the rest is the body.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "web/heartbeat.h"
#include "web/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	LINE_BYTES = 1024,
};

#define NOW_US INT64_C(1775001600000000)

static const struct heartbeat_secret secret = {.length = 16, .bytes = "0123456789abcdef"};

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* The next line, as text; what is too long or has a NUL is cut, as HTTP would not let it pass. */
static void take_line(const uint8_t **data, size_t *left, char line[static LINE_BYTES])
{
	const uint8_t *end = *left > 0 ? memchr(*data, '\n', *left) : NULL;
	const size_t length = end != NULL ? (size_t)(end - *data) : *left;
	const size_t kept = length < LINE_BYTES ? length : LINE_BYTES - 1;
	if (kept > 0)
		memcpy(line, *data, kept);
	line[kept] = '\0';
	const size_t taken = end != NULL ? length + 1 : length;
	*data += taken;
	*left -= taken;
}

static void look_up(const char *path, char rest[static ROUTE_REST_BYTES])
{
	static const struct route routes[] = {
	    {.path = "/metrics", .method = ROUTE_GET},
	    {.path = "/heartbeat/", .is_prefix = true, .method = ROUTE_POST},
	};
	struct route_match match;
	const int status = route_find(routes, 2, "POST", path, &match);
	require(status == ROUTE_FOUND || match.segments[0][0] == '\0');
	require(status != ROUTE_WRONG_METHOD || strcmp(path, "/metrics") == 0);
	require(memchr(match.segments[0], '\0', sizeof match.segments[0]) != NULL);
	for (const char *at = match.segments[0]; *at != '\0';) {
		const size_t step = utf8_step(at, strlen(at));
		require(step > 0 && !utf8_is_control(at, step));
		at += step;
	}
	memcpy(rest, match.segments[0], ROUTE_REST_BYTES);
}

/* What is read says, written and read again, the same; and signed it is believed. */
static void read_body(const uint8_t *body, size_t count)
{
	struct heartbeat first;
	struct heartbeat second;
	struct heartbeat_proof proof;
	char *text;
	size_t length;
	if (heartbeat_read(body, count, &first) != 0)
		return;
	first.observed_us = HEARTBEAT_NOTHING_OBSERVED;
	require(heartbeat_write(&first, &text, &length) == 0);
	require(heartbeat_read(text, length, &second) == 0);
	require(strcmp(first.name, second.name) == 0 && first.packets == second.packets &&
		first.sequence == second.sequence && strcmp(first.version, second.version) == 0);
	require(heartbeat_sign(&secret, NOW_US, text, length, &proof) == 0);
	const struct heartbeat_post post = {.name = first.name,
	    .time = proof.time,
	    .signature = proof.signature,
	    .body = (const uint8_t *)text,
	    .count = length};
	require(heartbeat_check(&secret, &post, NOW_US, &second) == HEARTBEAT_GOOD);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	char path[LINE_BYTES];
	char time[LINE_BYTES];
	char signature[LINE_BYTES];
	char rest[ROUTE_REST_BYTES];
	struct heartbeat heartbeat;
	take_line(&data, &data_bytes, path);
	take_line(&data, &data_bytes, time);
	take_line(&data, &data_bytes, signature);
	look_up(path, rest);
	(void)route_is_direct(path);
	const struct heartbeat_post post = {
	    .name = rest, .time = time, .signature = signature, .body = data, .count = data_bytes};
	const enum heartbeat_verdict verdict = heartbeat_check(&secret, &post, NOW_US, &heartbeat);
	require(verdict != HEARTBEAT_GOOD || strcmp(heartbeat.name, rest) == 0);
	read_body(data, data_bytes);
	return 0;
}
