#include "observe/samples.h"

#include <stdlib.h>
#include <string.h>

struct sample {
	struct frame frame;
	uint32_t next; /* number + 1 */
	uint8_t bytes[SAMPLE_BYTES];
};

struct samples {
	struct sample *all;
	size_t count;
	size_t max;
	uint64_t lost;
};

struct samples *samples_new(size_t frames_max)
{
	struct samples *samples = calloc(1, sizeof *samples);
	if (samples == NULL)
		return NULL;
	samples->all = calloc(frames_max, sizeof *samples->all);
	if (samples->all == NULL) {
		free(samples);
		return NULL;
	}
	samples->max = frames_max;
	return samples;
}

void samples_free(struct samples *samples)
{
	if (samples == NULL)
		return;
	free(samples->all);
	free(samples);
}

void samples_keep(struct samples *samples, uint32_t *first, const struct frame *frame)
{
	if (samples == NULL)
		return;
	uint32_t *link = first;
	for (int length = 0; *link != 0; length++) {
		if (length == SAMPLES_PER_SIGHTING - 1)
			return;
		link = &samples->all[*link - 1].next;
	}
	if (samples->count == samples->max) {
		samples->lost++;
		return;
	}
	struct sample *sample = &samples->all[samples->count++];
	sample->frame = *frame;
	if (frame->captured_bytes > SAMPLE_BYTES)
		sample->frame.captured_bytes = SAMPLE_BYTES;
	memcpy(sample->bytes, frame->bytes, sample->frame.captured_bytes);
	sample->frame.bytes = sample->bytes;
	*link = (uint32_t)samples->count;
}

void samples_join(struct samples *samples, uint32_t *into, uint32_t from)
{
	if (samples == NULL || from == 0 || *into == from)
		return;
	uint32_t *link = into;
	for (int length = 0; *link != 0; length++) {
		if (length == SAMPLES_PER_SIGHTING - 1)
			return;
		link = &samples->all[*link - 1].next;
	}
	*link = from;
}

int samples_next(const struct samples *samples, uint32_t *position, struct frame *ret_frame)
{
	if (samples == NULL || *position == 0)
		return 0;
	const struct sample *sample = &samples->all[*position - 1];
	*ret_frame = sample->frame;
	*position = sample->next;
	return 1;
}

uint64_t samples_lost(const struct samples *samples)
{
	return samples == NULL ? 0 : samples->lost;
}
