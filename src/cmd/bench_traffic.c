#include "cmd/bench_traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "drill/scenario.h"
#include "source/pcap_write.h"
#include "source/source.h"

enum {
	ADDRESS_BYTES_ENOUGH = 160 /* a scenario's name and three numbers */
};

static const struct bench_traffic traffics[] = {
    {"telescope", "national-telescope", 40}, /* a day of a large darknet, members among it */
    {"forged", "forged-darknet", 1},
    {"flows", "campus-border", 40},
    {"ipv6", "ipv6-darknet", 40},
};

const struct bench_traffic *bench_traffic_get(size_t number)
{
	return number < sizeof traffics / sizeof traffics[0] ? &traffics[number] : NULL;
}

const struct bench_traffic *bench_traffic_find(const char *name)
{
	for (size_t i = 0; i < sizeof traffics / sizeof traffics[0]; i++)
		if (strcmp(traffics[i].name, name) == 0)
			return &traffics[i];
	return NULL;
}

/* Copies `packets` frames. Returns 0 or a negative errno with a complaint. */
static int copy_frames(struct source *source, struct pcap_writer *writer, uint64_t packets,
    struct complaint *complaint)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	if (batch == NULL)
		return complain(complaint, -ENOMEM, "no memory for frames");
	int result = 0;
	while (packets > 0 && result == 0) {
		size_t wanted = packets < FRAME_BATCH_MAX ? (size_t)packets : FRAME_BATCH_MAX;
		batch->count = 0;
		int got = source_read(source, batch, wanted, complaint);
		if (got == 0)
			result = complain(complaint, -ENODATA,
			    "the traffic ended %" PRIu64 " packets too early", packets);
		else if (got < 0)
			result = got;
		for (size_t i = 0; result == 0 && i < batch->count; i++) {
			struct frame *frame = &batch->frames[i];
			if (frame->captured_bytes > BENCH_TRAFFIC_FRAME_BYTES)
				frame->captured_bytes = BENCH_TRAFFIC_FRAME_BYTES;
			result = pcap_writer_add(writer, frame, NULL, complaint);
		}
		packets -= batch->count;
	}
	free(batch);
	return result;
}

int bench_traffic_write(const struct bench_traffic *traffic, const struct bench_traffic_size *size,
    FILE *out, struct complaint *complaint)
{
	static const struct source_kind *const kinds[] = {&source_drill, NULL};
	char address[ADDRESS_BYTES_ENOUGH];
	(void)snprintf(address, sizeof address,
	    "drill:%s?packets=%" PRIu64 "&sources=%" PRIu64 "&seed=%" PRIu64, traffic->scenario,
	    size->packets, size->sources, size->seed);
	struct source *source = NULL;
	int result = source_open(kinds, address, &source, complaint);
	if (result != 0)
		return result;
	struct pcap_writer writer;
	pcap_writer_init(&writer, out, PCAP_WRITE_CLASSIC);
	result = copy_frames(source, &writer, size->packets, complaint);
	if (result == 0)
		result = pcap_writer_finish(&writer, complaint);
	source_close(source);
	return result;
}
