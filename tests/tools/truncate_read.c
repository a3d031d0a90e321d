/*
 * truncate_read.c - captures cut at fifty places each, read and analysed to the end, all in one
 * process.
 *
 *     truncate_read TENTHS FOLDER < names      so many tenths of the cuts, 1 to 10
 *
 * Names of captures in FOLDER are read from standard input, a line each. Prints a point of TAP for
 * each: the more is cut off, the fewer packets are read, and damage is always named. Which cuts a
 * smaller share takes differs from file to file, and is the same in every run.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/hash.h"
#include "cmd/analysis.h"
#include "source/source.h"

enum {
	CUTS = 50,
	TENTHS = 10,
	SECONDS_MAX = 60, /* of one cut: what takes longer hangs */
	MEMORY_BYTES = 512 * 1024 * 1024,
};

static const struct source_kind *const kinds[] = {&source_pcap, NULL};

/* What lasts over all files. */
struct bench {
	const struct registry *registry;
	struct thresholds thresholds;
	struct frame_batch *batch;
	char copy[PATH_MAX]; /* the path of what is cut shorter and shorter */
};

/* One cut. */
struct outcome {
	uint64_t packets;
	bool damaged;
	bool named; /* the damage has words */
	bool ended; /* after the damage there is nothing more */
	int result; /* of the analysis */
};

static void read_whole(
    struct bench *bench, struct source *source, struct analysis *analysis, struct outcome *outcome)
{
	struct complaint complaint = {{0}};
	int got;
	do {
		bench->batch->count = 0;
		got = source_read(source, bench->batch, FRAME_BATCH_MAX, &complaint);
		outcome->packets += bench->batch->count;
		analysis_add(analysis, bench->batch, NULL);
	} while (got > 0);
	if (got == 0)
		return;
	outcome->damaged = true;
	outcome->named = complaint.text[0] != '\0';
	bench->batch->count = 0;
	outcome->ended = source_read(source, bench->batch, FRAME_BATCH_MAX, &complaint) == 0 &&
			 bench->batch->count == 0;
}

static struct outcome try_cut(struct bench *bench)
{
	const struct analysis_options options = {
	    .registry = bench->registry,
	    .thresholds = &bench->thresholds,
	    .memory_bytes = MEMORY_BYTES,
	    .workers = 1,
	    .infer_dark = true,
	};
	struct outcome outcome = {.ended = true, .named = true, .result = -1};
	struct complaint complaint = {{0}};
	struct source *source = NULL;
	struct analysis *analysis = NULL;
	struct findings findings = {0};
	if (source_open(kinds, bench->copy, &source, &complaint) != 0) {
		outcome.damaged = true;
		outcome.named = complaint.text[0] != '\0';
		outcome.result = 0;
		return outcome;
	}
	if (analysis_new(&options, &analysis) == 0) {
		read_whole(bench, source, analysis, &outcome);
		outcome.result = analysis_finish(analysis, &findings);
	}
	findings_release(&findings);
	analysis_free(analysis);
	source_close(source);
	return outcome;
}

static int copy_file(const char *from_path, const char *to_path, off_t *ret_bytes)
{
	char block[65536];
	ssize_t got = -1;
	int from = open(from_path, O_RDONLY | O_CLOEXEC);
	int to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	*ret_bytes = 0;
	while (from >= 0 && to >= 0 && (got = read(from, block, sizeof block)) > 0) {
		if (write(to, block, (size_t)got) != got) {
			got = -1;
			break;
		}
		*ret_bytes += got;
	}
	if (from >= 0)
		(void)close(from); /* only read from */
	if (to >= 0 && close(to) != 0)
		got = -1;
	return got == 0 ? 0 : -1;
}

/* From the longest to the shortest, each somewhere within its fiftieth of the file. */
static bool try_file(struct bench *bench, const char *path, uint64_t hash, unsigned tenths)
{
	off_t bytes;
	uint64_t packets = UINT64_MAX;
	if (copy_file(path, bench->copy, &bytes) != 0) {
		printf("# cannot be copied\n");
		return false;
	}
	for (unsigned cut = CUTS; cut-- > 0;) {
		if ((cut + hash) % TENTHS >= tenths)
			continue;
		off_t part = bytes / CUTS;
		off_t at = part * cut + (off_t)(part > 0 ? hash % (uint64_t)part : 0);
		if (truncate(bench->copy, at) != 0)
			return false;
		(void)alarm(SECONDS_MAX);
		struct outcome outcome = try_cut(bench);
		(void)alarm(0);
		bool good = outcome.result == 0 && outcome.named && outcome.ended &&
			    outcome.packets <= packets;
		if (!good) {
			printf("# cut at %lld of %lld: result %d, damage %s and %s, %llu packets\n",
			    (long long)at, (long long)bytes, outcome.result,
			    outcome.named ? "named" : "not named",
			    outcome.ended ? "at the end" : "not at the end",
			    (unsigned long long)outcome.packets);
			return false;
		}
		packets = outcome.packets;
	}
	return true;
}

static void try_names(struct bench *bench, const char *folder, unsigned tenths)
{
	char name[PATH_MAX];
	while (fgets(name, sizeof name, stdin) != NULL) {
		char path[2 * PATH_MAX];
		name[strcspn(name, "\n")] = '\0';
		/* where the program dies, the last line says on what */
		printf("# trying %s\n", name);
		(void)fflush(stdout);
		int length = snprintf(path, sizeof path, "%s/%s", folder, name);
		uint64_t hash = hash_bytes(name, strlen(name), HASH_SEED_FIXED);
		OK(length > 0 && (size_t)length < sizeof path &&
			try_file(bench, path, hash, tenths),
		    name);
	}
}

static struct registry *make_registry(void)
{
	struct complaint complaint;
	struct registry *registry = NULL;
	if (registry_new(&registry) != 0 || registry_add_local(registry, &complaint) != 0 ||
	    registry_seal(registry, &complaint) != 0)
		abort();
	return registry;
}

int main(int argc, char **argv)
{
	unsigned long tenths = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	if (tenths < 1 || tenths > TENTHS) {
		(void)fprintf(stderr, "truncate_read: expected TENTHS (1 to 10) and FOLDER\n");
		return 2;
	}
	struct bench bench = {.copy = "/tmp/hinomi-cut-XXXXXX"};
	struct registry *registry = make_registry();
	int copy = mkstemp(bench.copy);
	bench.registry = registry;
	bench.batch = malloc(sizeof *bench.batch);
	if (copy < 0 || bench.batch == NULL)
		abort();
	(void)close(copy); /* nothing was written */
	thresholds_init(&bench.thresholds);
	try_names(&bench, argv[2], (unsigned)tenths);
	(void)unlink(bench.copy);
	free(bench.batch);
	registry_free(registry);
	return test_done();
}
