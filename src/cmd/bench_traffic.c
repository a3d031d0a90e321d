#include "cmd/bench_traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "drill/scenario.h"
#include "source/pcap_write.h"
#include "source/source.h"

enum {
	ADDRESS_BYTES_ENOUGH = 160 /* a scenario's name and four numbers */
};

static const struct bench_traffic traffics[] = {
    {
	.name = "telescope", /* a day of a large darknet, members among it */
	.scenario = "national-telescope",
	.packets_per_source = 40,
	.expected =
	    {
		{"scan.dark", "198.51.100.77"},   /* a town's recorder */
		{"ddos.victim", "203.0.113.80"},  /* a hospital's web server */
		{"ddos.reflector", "192.0.2.53"}, /* a university's resolver */
	    },
    },
    {
	.name = "forged",
	.scenario = "forged-darknet",
	.packets_per_source = 1,
	.expected = {{"scan.dark", "198.51.100.77"}},
    },
    {
	.name = "flows",
	.scenario = "campus-border",
	.packets_per_source = 40,
    },
    {
	.name = "ipv6",
	.scenario = "ipv6-darknet",
	.packets_per_source = 40,
	.members = {"minato-university=192.0.2.0/24,2001:db8:100::/48"},
    },
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

static int copy_frames(
    struct source *source, struct pcap_writer *writer, struct complaint *complaint)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	if (batch == NULL)
		return complain(complaint, -ENOMEM, "no memory for frames");
	int result = 1;
	while (result > 0) {
		batch->count = 0;
		result = source_read(source, batch, FRAME_BATCH_MAX, complaint);
		for (size_t i = 0; result >= 0 && i < batch->count; i++) {
			struct frame *frame = &batch->frames[i];
			if (frame->captured_bytes > BENCH_TRAFFIC_FRAME_BYTES)
				frame->captured_bytes = BENCH_TRAFFIC_FRAME_BYTES;
			int error = pcap_writer_add(writer, frame, NULL, complaint);
			result = error == 0 ? result : error;
		}
	}
	free(batch);
	return result;
}

int bench_traffic_write(const struct bench_traffic *traffic, const struct bench_traffic_size *size,
    FILE *out, struct complaint *complaint)
{
	static const struct source_kind *const kinds[] = {&source_drill, NULL};
	char address[ADDRESS_BYTES_ENOUGH];
	int used = snprintf(address, sizeof address,
	    "drill:%s?packets=%" PRIu64 "&sources=%" PRIu64 "&seed=%" PRIu64, traffic->scenario,
	    size->packets, size->sources, size->seed);
	if (size->seconds != 0)
		(void)snprintf(address + used, sizeof address - (size_t)used, "&seconds=%" PRIu64,
		    size->seconds); /* four numbers: there is room */
	struct source *source = NULL;
	int result = source_open(kinds, address, &source, complaint);
	if (result != 0)
		return result;
	struct pcap_writer writer;
	pcap_writer_init(&writer, out, PCAP_WRITE_CLASSIC);
	result = copy_frames(source, &writer, complaint);
	if (result == 0)
		result = pcap_writer_finish(&writer, complaint);
	source_close(source);
	return result;
}
