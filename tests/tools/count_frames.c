/*
 * count_frames.c - reads captures and says how many frames each gave, and why it stopped.
 *
 *     count_frames [-m] [-s SIZE] FILE...
 *
 * One line a file: frames, captured bytes, "ok" or the complaint, and the file, apart by tabs. With
 * -m the files are merged and the line stands for all. -s is the size of batches.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/source.h"

static const struct source_kind *const kinds[] = {&source_pcap, NULL};

struct count {
	uint64_t frames;
	uint64_t bytes;
	struct complaint complaint; /* the first */
	int failed;
};

static void read_all(struct source *source, size_t batch_max, struct count *count)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	if (batch == NULL)
		abort();
	for (;;) {
		struct complaint complaint = {0};
		batch->count = 0;
		int result = source_read(source, batch, batch_max, &complaint);
		for (size_t i = 0; i < batch->count; i++)
			count->bytes += batch->frames[i].captured_bytes;
		count->frames += batch->count;
		if (result < 0 && count->failed == 0) {
			count->failed = result;
			count->complaint = complaint;
		}
		if (result == 0)
			break;
	}
	free(batch);
}

static void print(const struct count *count, const char *name)
{
	printf("%" PRIu64 "\t%" PRIu64 "\t%s\t%s\n", count->frames, count->bytes,
	    count->failed == 0 ? "ok" : count->complaint.text, name);
}

static void count_file(const char *path, size_t batch_max)
{
	struct count count = {0};
	struct source *source = NULL;
	count.failed = source_open(kinds, path, &source, &count.complaint);
	if (count.failed == 0)
		read_all(source, batch_max, &count);
	source_close(source);
	print(&count, path);
}

static int count_merged(char **paths, size_t path_count, size_t batch_max)
{
	struct source **sources = calloc(path_count, sizeof(struct source *));
	if (sources == NULL)
		abort();
	struct count count = {0};
	for (size_t i = 0; i < path_count; i++) {
		struct complaint complaint;
		if (source_open(kinds, paths[i], &sources[i], &complaint) < 0) {
			(void)fprintf(stderr, "count_frames: %s\n", complaint.text);
			return 2; /* a tool for tests: the process gives everything back */
		}
	}
	struct source *source = NULL;
	count.failed = source_merge(sources, path_count, &source, &count.complaint);
	if (count.failed == 0)
		read_all(source, batch_max, &count);
	source_close(source);
	free(sources);
	print(&count, "all");
	return 0;
}

int main(int argc, char **argv)
{
	size_t batch_max = FRAME_BATCH_MAX;
	bool is_merged = false;
	int option;
	while ((option = getopt(argc, argv, "ms:")) != -1) {
		if (option == 'm')
			is_merged = true;
		else if (option == 's')
			batch_max = (size_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind == argc || batch_max == 0 || batch_max > FRAME_BATCH_MAX)
		return 2;
	if (is_merged)
		return count_merged(argv + optind, (size_t)(argc - optind), batch_max);
	for (int i = optind; i < argc; i++)
		count_file(argv[i], batch_max);
	return 0;
}
