/* What somebody asks for by the page, and what comes of it, between two processes. */
#include "cmd/station/wire_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/service.h"
#include "cmd/station/wire.h"
#include "test.h"

#define TOKEN "Z3VzeBEuoreYp7d8HGWdORx9H3DsmZQdYR8Y05mpDYs"

/* What came last at the other end of a channel. */
static struct loop *loop;
static struct channel *ends[2];
static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES];
static struct message heard;

static void on_message(void *context, struct message *message)
{
	(void)context;
	memcpy(payload, message->payload, message->payload_bytes);
	heard = (struct message){.type = message->type,
	    .payload = payload,
	    .payload_bytes = message->payload_bytes,
	    .fd = -1};
}

static void on_closed(void *context, int error)
{
	(void)context;
	(void)error;
}

static bool open_channel(void)
{
	const struct channel_handler handler = {.on_message = on_message, .on_closed = on_closed};
	int fds[2];
	return loop_new(&loop_clock_system, &loop) == 0 && channel_pair(fds) == 0 &&
	       channel_new(loop, fds[0], &handler, &ends[0]) == 0 &&
	       channel_new(loop, fds[1], &handler, &ends[1]) == 0;
}

static bool came(int sent)
{
	heard.type = 0;
	(void)loop_turn(loop, 1000000);
	return sent == 0 && heard.type != 0;
}

static struct wire_call call;
static struct wire_answered answered;

static bool read_call(const struct message *message)
{
	return wire_read_call(message, &call);
}

static bool read_answered(const struct message *message)
{
	return wire_read_answered(message, &answered);
}

/* Cut at any length, with one byte more, or of another type, it is refused. */
static bool is_strict(bool (*read)(const struct message *message))
{
	struct message message = heard;
	bool was_taken = false;
	for (size_t i = 0; i < heard.payload_bytes; i++) {
		message.payload_bytes = i;
		was_taken = was_taken || read(&message);
	}
	message.payload_bytes = heard.payload_bytes + 1;
	was_taken = was_taken || read(&message);
	message.payload_bytes = heard.payload_bytes;
	message.type++;
	return !was_taken && !read(&message) && read(&heard);
}

static void test_call(void)
{
	static const char text[] = "{\"do\":\"canary.state\"}";
	struct wire_call sent = {
	    .number = 7, .token = TOKEN, .request = text, .length = sizeof text - 1};
	if (address_parse("2001:db8::7", &sent.peer) != 0)
		exit(1);
	OK(came(wire_send_call(ends[0], &sent)) && is_strict(read_call), "a call");
	OK(call.number == 7 && strcmp(call.token, TOKEN) == 0 &&
		address_equal(&call.peer, &sent.peer) && call.length == sizeof text - 1 &&
		memcmp(call.request, text, call.length) == 0,
	    "says what it said");
	sent.token[0] = '\0';
	OK(came(wire_send_call(ends[0], &sent)) && read_call(&heard) && call.token[0] == '\0',
	    "one of nobody");
	(void)snprintf(sent.token, sizeof sent.token, "%s", "' OR 1=1 --");
	OK(came(wire_send_call(ends[0], &sent)) && !read_call(&heard),
	    "what is no token is refused");
	sent.token[0] = '\0';
	char *longest = malloc(SERVICE_REQUEST_BYTES_MAX + 1);
	if (longest == NULL)
		exit(1);
	memset(longest, ' ', SERVICE_REQUEST_BYTES_MAX + 1);
	sent.request = longest;
	sent.length = SERVICE_REQUEST_BYTES_MAX;
	OK(came(wire_send_call(ends[0], &sent)) && read_call(&heard) && call.length == sent.length,
	    "the longest");
	sent.length++;
	OK(came(wire_send_call(ends[0], &sent)) && !read_call(&heard), "one byte more");
	sent.length = MESSAGE_PAYLOAD_MAX_BYTES;
	OK(wire_send_call(ends[0], &sent) == -EMSGSIZE, "one that is no message");
	free(longest);
}

static void test_answered(void)
{
	static const char text[] = "{\"type\":\"incident\"}\n{\"ok\":true}\n";
	struct wire_answered sent = {.number = 9, .text = text, .length = sizeof text - 1};
	OK(came(wire_send_answered(ends[0], &sent)) && is_strict(read_answered), "an answer");
	OK(answered.number == 9 && answered.result == 0 && answered.length == sizeof text - 1 &&
		memcmp(answered.text, text, answered.length) == 0,
	    "says what it said");
	sent.result = -EKEYREJECTED;
	OK(came(wire_send_answered(ends[0], &sent)) && read_answered(&heard) &&
		answered.result == -EKEYREJECTED,
	    "why it was refused");
	sent.result = -5000;
	OK(came(wire_send_answered(ends[0], &sent)) && !read_answered(&heard),
	    "no errno is refused");
	sent.result = 0;
	char *longest = malloc(MESSAGE_PAYLOAD_MAX_BYTES + sizeof text);
	if (longest == NULL)
		exit(1);
	memset(longest, 'x', MESSAGE_PAYLOAD_MAX_BYTES);
	memcpy(longest + MESSAGE_PAYLOAD_MAX_BYTES, "\n{\"ok\":true}\n", 13);
	sent.text = longest;
	sent.length = MESSAGE_PAYLOAD_MAX_BYTES + 13;
	OK(came(wire_send_answered(ends[0], &sent)) && read_answered(&heard) &&
		answered.length == 12 && memcmp(answered.text, "{\"ok\":true}\n", 12) == 0,
	    "of one that is too long the end is sent");
	free(longest);
}

int main(void)
{
	if (!open_channel())
		return 1;
	test_call();
	test_answered();
	channel_free(ends[0]);
	channel_free(ends[1]);
	loop_free(loop);
	return test_done();
}
