#include "cmd/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "drill/scenario.h"
#include "source/capture.h"
#include "source/ring.h"
#include "source/stream.h"

/* Held back while files are opened: the sandbox, the zone's file and evidence want a few later. */
enum {
	SPARE_DESCRIPTORS = 8
};

static const struct source_kind *const source_kinds[] = {
    &source_pcap, &source_drill, &source_ring, NULL};

static void open_each(char *const *files, size_t count, struct inputs *inputs, bool *ret_damaged)
{
	int result = 0;
	for (size_t i = 0; i < count && result != -EMFILE; i++) {
		struct complaint complaint;
		result = source_open(
		    source_kinds, files[i], &inputs->captures[inputs->capture_count], &complaint);
		inputs->capture_count += result == 0;
		*ret_damaged = *ret_damaged || result != 0;
		if (result == -EMFILE)
			(void)cmd_fail("%s; files left out: %zu", complaint.text, count - i);
		else if (result != 0)
			(void)cmd_fail("%s", complaint.text);
	}
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
	return count > 1 && inputs_are_live(ret_inputs)
		   ? cmd_fail("an interface (ring:) together with other files: expected it alone")
		   : 0;
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
