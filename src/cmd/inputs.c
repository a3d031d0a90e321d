#include "cmd/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "drill/scenario.h"
#include "source/capture.h"
#include "source/stream.h"

/* Held back while files are opened: the sandbox, the zone's file and evidence want a few later. */
enum {
	SPARE_DESCRIPTORS = 8
};

static const struct source_kind *const source_kinds[] = {
    &source_pcap, &source_drill, &source_ring, &source_xdp, NULL};

/* What a person should know of a source that was opened all the same. */
static void tell_notice(const struct source *source)
{
	const char *notice = source_get_notice(source);
	if (notice != NULL)
		(void)fprintf(stderr, "hinomi: warning: %s\n", notice);
}

static void open_each(char *const *files, size_t count, struct inputs *inputs, bool *ret_damaged)
{
	int result = 0;
	for (size_t i = 0; i < count && result != -EMFILE; i++) {
		struct complaint complaint;
		result = source_open(
		    source_kinds, files[i], &inputs->captures[inputs->capture_count], &complaint);
		if (result == 0)
			tell_notice(inputs->captures[inputs->capture_count]);
		inputs->capture_count += result == 0;
		*ret_damaged = *ret_damaged || result != 0;
		if (result == -EMFILE)
			(void)cmd_fail("%s; files left out: %zu", complaint.text, count - i);
		else if (result != 0)
			(void)cmd_fail("%s", complaint.text);
	}
}

/* The same traffic twice, but where each of two takes a share of it. */
static bool is_same_twice(const struct inputs *inputs, size_t at)
{
	struct source_state state, before;
	source_get_state(inputs->captures[at], &state);
	for (size_t i = 0; i < at; i++) {
		source_get_state(inputs->captures[i], &before);
		if (before.index == state.index && !(before.is_shared && state.is_shared))
			return true;
	}
	return false;
}

/* What comes live has no end, so that nothing can be put in order with it. */
static int refuse_mixture(const struct inputs *inputs)
{
	size_t live = 0;
	for (size_t i = 0; i < inputs->capture_count; i++)
		live += source_is_live(inputs->captures[i]);
	if (live > 0 && live < inputs->capture_count)
		return cmd_fail("interfaces together with other files: expected only the ones or "
				"only the others");
	for (size_t i = 1; i < live; i++)
		if (is_same_twice(inputs, i))
			return cmd_fail("an interface twice: every packet would count twice; "
					"expected each once, or shared by fanout=");
	return 0;
}

int inputs_open(char *const *files, size_t count, struct inputs *ret_inputs, bool *ret_damaged)
{
	int spare[SPARE_DESCRIPTORS];
	*ret_inputs = (struct inputs){
	    .captures = calloc(count, sizeof(struct source *)),
	    .sightings = calloc(count, sizeof(struct sightings_reader *)),
	};
	if (ret_inputs->captures == NULL || ret_inputs->sightings == NULL)
		return cmd_fail("out of memory");
	for (size_t i = 0; i < SPARE_DESCRIPTORS; i++)
		spare[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	open_each(files, count, ret_inputs, ret_damaged);
	for (size_t i = 0; i < SPARE_DESCRIPTORS; i++)
		if (spare[i] >= 0)
			(void)close(spare[i]); /* nothing was written through it */
	if (ret_inputs->capture_count == 0)
		return EXIT_TROUBLE;
	return refuse_mixture(ret_inputs);
}

bool inputs_are_live(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->capture_count; i++)
		if (source_is_live(inputs->captures[i]))
			return true;
	return false;
}

static bool is_sightings(const struct source *source)
{
	const uint8_t *bytes;
	struct stream *stream = capture_get_stream(source);
	if (stream == NULL || stream_fill(stream, SIGHTINGS_MARK_BYTES, NULL) < 0)
		return false; /* reading it will say what is wrong */
	size_t count = stream_get(stream, &bytes);
	if (sightings_recognise(bytes, count))
		return true;
	if (stream_can_rewind(stream))
		(void)stream_rewind(stream); /* for its memory; where it fails, reading fails */
	return false;
}

int inputs_sort(struct inputs *inputs)
{
	struct source **sources = inputs->captures;
	size_t kept = 0;
	int result = 0;
	for (size_t i = 0; i < inputs->capture_count; i++) {
		if (result != 0 || !is_sightings(sources[i])) {
			sources[kept++] = sources[i];
			continue;
		}
		struct sightings_reader **reader = &inputs->sightings[inputs->sightings_count];
		result = sightings_reader_new(capture_take_stream(sources[i]), reader);
		inputs->sightings_count += result == 0;
	}
	inputs->capture_count = kept;
	return result == 0 ? 0 : cmd_fail("out of memory");
}

void inputs_release(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->capture_count; i++)
		source_close(inputs->captures[i]);
	for (size_t i = 0; i < inputs->sightings_count; i++)
		sightings_reader_free(inputs->sightings[i]);
	free(inputs->captures);
	free(inputs->sightings);
	*inputs = (struct inputs){0};
}
