#include "cmd/station/lifeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/duties.h"
#include "cmd/station/wire_web.h"
#include "web/post.h"

enum {
	SECONDS_MAX = 30, /* whoever takes longer is no help */
};

struct lifeline {
	struct lifeline_options options;
	struct channel *keeper; /* NULL: it is not there */
	struct post *post;
	bool was_taken; /* the last one: only changes are logged */
	bool was_told;
};

static void on_result(void *context, const struct post_result *result)
{
	struct lifeline *lifeline = context;
	if (!lifeline->was_told || lifeline->was_taken != result->is_taken)
		say(result->is_taken ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		    result->is_taken ? "heartbeat.taken" : "heartbeat.failed", "reply",
		    result->reply);
	lifeline->was_told = true;
	lifeline->was_taken = result->is_taken;
	if (lifeline->keeper != NULL)
		(void)wire_send_beaten(lifeline->keeper, result->is_taken, result->reply);
}

static int send_beat(struct lifeline *lifeline, const uint8_t *bytes, size_t count)
{
	const struct heartbeat_secret *secret = &lifeline->options.secret;
	const int64_t now_us = loop_wall_us(lifeline->options.loop);
	struct heartbeat_proof proof;
	if (secret->length == 0)
		return post_send(lifeline->post, bytes, count, NULL, 0);
	int result = heartbeat_sign(secret, now_us, bytes, count, &proof);
	if (result != 0)
		return result;
	const struct post_header headers[] = {
	    {HEARTBEAT_TIME_HEADER, proof.time},
	    {HEARTBEAT_SIGNATURE_HEADER, proof.signature},
	};
	return post_send(lifeline->post, bytes, count, headers, 2);
}

static void on_keeper(void *context, struct message *message)
{
	struct lifeline *lifeline = context;
	const uint8_t *bytes;
	size_t count;
	if (!wire_read_beat(message, &bytes, &count))
		return;
	if (send_beat(lifeline, bytes, count) != 0)
		(void)wire_send_beaten(lifeline->keeper, false, "out of memory");
}

static void on_keeper_gone(void *context, int error)
{
	struct lifeline *lifeline = context;
	(void)error;
	channel_free(lifeline->keeper);
	lifeline->keeper = NULL;
}

void lifeline_open(struct lifeline *lifeline, int fd)
{
	const struct channel_handler handler = {
	    .context = lifeline, .on_message = on_keeper, .on_closed = on_keeper_gone};
	channel_free(lifeline->keeper);
	lifeline->keeper = NULL;
	if (channel_new(lifeline->options.loop, fd, &handler, &lifeline->keeper) == 0)
		return;
	(void)close(fd); /* it cannot be waited for */
	lifeline->keeper = NULL;
}

int lifeline_new(const struct lifeline_options *options, struct lifeline **ret_lifeline,
    struct complaint *complaint)
{
	const int64_t every_s = options->config->every_us / WHEN_SECOND_US;
	struct lifeline *lifeline = calloc(1, sizeof *lifeline);
	if (lifeline == NULL)
		return complain(complaint, -ENOMEM, "out of memory for signs of life");
	lifeline->options = *options;
	const struct post_options post = {
	    .loop = options->loop,
	    .url = options->config->url,
	    .seconds = every_s < SECONDS_MAX ? (unsigned)every_s : SECONDS_MAX,
	    .on_result = on_result,
	    .context = lifeline,
	};
	int result = post_new(&post, &lifeline->post, complaint);
	if (result == 0)
		*ret_lifeline = lifeline;
	else
		lifeline_free(lifeline);
	return result;
}

void lifeline_free(struct lifeline *lifeline)
{
	if (lifeline == NULL)
		return;
	channel_free(lifeline->keeper);
	post_free(lifeline->post);
	explicit_bzero(&lifeline->options.secret, sizeof lifeline->options.secret);
	free(lifeline);
}
