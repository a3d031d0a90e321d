/* The benchmark: its options, its traffic, its bare loops, and figures of every kind of run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/analysis.h"
#include "cmd/bench.h"
#include "cmd/bench_capture.h"
#include "cmd/bench_options.h"
#include "cmd/bench_reference.h"
#include "cmd/bench_report.h"
#include "cmd/bench_table.h"
#include "cmd/bench_traffic.h"
#include "test.h"

enum {
	PACKETS = 20000,
	SOURCES = 500,
	STORY_PACKETS_MAX = 20000, /* of the telescope's members */
	ARGUMENTS_MAX = 6,
};

static char folder[] = "/tmp/hinomi-bench-XXXXXX";
static char capture[64];

static int parse(const char *line, struct bench_options *options, struct complaint *complaint)
{
	char words[256];
	char *arguments[ARGUMENTS_MAX + 1] = {NULL};
	char *rest = words;
	int count = 0;
	(void)snprintf(words, sizeof words, "bench %s", line);
	for (char *word; count < ARGUMENTS_MAX && (word = strsep(&rest, " ")) != NULL;)
		if (word[0] != '\0')
			arguments[count++] = word;
	return bench_options_parse(count, arguments, options, complaint);
}

static const struct {
	const char *line;
	const char *complaint;
} refusals[] = {
    {"--packets 0", "--packets 0: expected a whole number from 1 to 1000000000"},
    {"--packets 1000000001", "--packets 1000000001: expected a whole number from 1 to 1000000000"},
    {"--packets 2M5", "--packets 2M5: expected a whole number from 1 to 1000000000"},
    {"--packets -1", "--packets -1: expected a whole number from 1 to 1000000000"},
    {"--sources x", "--sources x: expected a whole number from 1 to 1000000000"},
    {"--seed 18446744073709551616",
	"--seed 18446744073709551616: expected a whole number from 1 to 18446744073709551615"},
    {"--seconds 31622401", "--seconds 31622401: expected a whole number from 1 to 31622400"},
    {"--repeat 100", "--repeat 100: expected a whole number from 1 to 99"},
    {"--workers 65", "--workers 65: expected a whole number from 1 to 64"},
    {"--workers 0", "--workers 0: expected a whole number from 1 to 64"},
    {"--stream --file x", "--stream: expected without --file"},
    {"--stream --stages read,detect",
	"--stream: expected one of whole, workers, plain, prefetched in --stages"},
    {"--traffic all", "--traffic all: expected one of telescope, forged, flows, ipv6"},
    {"--stages read,", "--stages : expected one of read, decode, classify, observe, detect, "
		       "whole, workers, plain, prefetched"},
    {"--stages reader", "--stages reader: expected one of read, decode, classify, observe, "
			"detect, whole, workers, plain, prefetched"},
    {"--format csv", "--format csv: expected text or json"},
    {"--memory 99999999G", NULL},
    {"--memory 1", NULL},
    {"--file", "--file: a value is missing; see `hinomi bench --help`"},
    {"--sorces 1", "--sorces: unknown option; see `hinomi bench --help`"},
    {"file.pcap", "bench: file.pcap: expected options only"},
};

static void test_options(void)
{
	struct bench_options options;
	struct complaint complaint = {""};
	OK(parse("", &options, &complaint) == 0 && options.packets == 20000000 &&
		options.sources == 500000 && options.stages == BENCH_STAGES_ALL &&
		options.repeats == 3 && options.path == NULL,
	    "by default 20 million packets of 500,000 sources");
	OK(parse("--packets 5K --traffic forged", &options, &complaint) == 0 &&
		options.packets == 5000 && options.sources == 5000,
	    "forged: as many sources as packets");
	OK(parse("--seconds 600", &options, &complaint) == 0 && options.seconds == 600,
	    "another time of its own");
	OK(parse("--packets 7", &options, &complaint) == 0 && options.sources == 1,
	    "one source at least");
	OK(parse("--stages observe,plain --memory 1G", &options, &complaint) == 0 &&
		options.stages == (1 << BENCH_OBSERVE | 1 << BENCH_PLAIN) &&
		options.memory_bytes == (size_t)1 << 30,
	    "stages and memory");
	OK(parse("--stream --workers 64 --all-hosts", &options, &complaint) == 0 &&
		options.streams && options.all_hosts && options.workers == 64 &&
		(options.stages & BENCH_STAGES_APART) == 0 &&
		(options.stages & 1 << BENCH_WHOLE) != 0,
	    "through a pipe no stage is apart");
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const char *wanted = refusals[i].complaint;
		int result = parse(refusals[i].line, &options, &complaint);
		bool refused =
		    result == -EINVAL && (wanted == NULL || strcmp(complaint.text, wanted) == 0);
		OK(refused, refusals[i].line);
		if (!refused)
			printf("# %s\n", complaint.text);
	}
}

/* Each packet of forged traffic has its own. */
static uint64_t sources_of(const char *kind)
{
	return strcmp(kind, "forged") == 0 ? PACKETS : SOURCES;
}

/* Writes traffic of one kind to `capture`. */
static int write_traffic(const char *kind, uint64_t packets)
{
	const struct bench_traffic_size size = {packets, sources_of(kind), 7, 0};
	struct complaint complaint = {""};
	FILE *out = fopen(capture, "wbe");
	if (out == NULL)
		return -errno;
	int result = bench_traffic_write(bench_traffic_find(kind), &size, out, &complaint);
	if (fclose(out) != 0 && result == 0)
		result = -errno;
	if (result != 0)
		printf("# %s\n", complaint.text);
	return result;
}

static struct bench_reference_counts count(size_t batch, uint64_t sources_max)
{
	const struct bench_reference_options options = {batch, sources_max};
	struct bench_reference_counts counts = {0};
	struct complaint complaint = {""};
	if (bench_reference_read(capture, &options, &counts, &complaint) != 0)
		printf("# %s\n", complaint.text);
	return counts;
}

static bool same(struct bench_reference_counts a, struct bench_reference_counts b)
{
	return a.packets == b.packets && a.bytes == b.bytes && a.sources == b.sources;
}

static void test_traffic(void)
{
	for (size_t i = 0; bench_traffic_get(i) != NULL; i++) {
		const char *name = bench_traffic_get(i)->name;
		bool written = write_traffic(name, PACKETS) == 0;
		struct bench_reference_counts plain = count(1, 1);
		uint64_t sources = sources_of(name);
		OK(written && plain.packets >= PACKETS &&
			plain.packets <= PACKETS + STORY_PACKETS_MAX &&
			plain.sources > sources * 4 / 5 && plain.sources < sources * 5 / 4,
		    name);
		OK(same(plain, count(BENCH_REFERENCE_BATCH, 1)), "batches count the same");
		OK(same(plain, count(3, 1000000)), "and a large table too");
	}
}

static int read_capture(const char *path)
{
	const struct bench_reference_options options = {1, 1};
	struct bench_reference_counts counts;
	return bench_reference_read(path, &options, &counts, NULL);
}

static void test_damage(void)
{
	struct stat about;
	OK(write_traffic("telescope", 100) == 0 && stat(capture, &about) == 0 &&
		read_capture(capture) == 0,
	    "a whole capture is read");
	OK(truncate(capture, about.st_size - 1) == 0 && read_capture(capture) == -EBADMSG,
	    "one byte less is refused");
	OK(truncate(capture, 24) == 0 && read_capture(capture) == 0, "a header alone is empty");
	OK(truncate(capture, 23) == 0 && read_capture(capture) == -EBADMSG,
	    "less than a header is refused");
	OK(read_capture("/nonexistent/capture") == -ENOENT, "a file that is not there");
	OK(read_capture("/") == -EISDIR, "a directory");
}

static void test_table(void)
{
	enum {
		SOURCES_MANY = 5000
	};
	struct bench_table table;
	OK(bench_table_init(&table, 1), "a small table");
	bool is_well = true;
	for (uint64_t round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < SOURCES_MANY; i++) {
			struct bench_update update = {.high = i << 40, .low = i, .bytes = 60};
			update.hash = bench_table_hash(update.high, update.low);
			is_well = bench_table_update(&table, &update) && is_well;
		}
	}
	OK(is_well && table.count == SOURCES_MANY, "grows and keeps each source once");
	uint64_t packets = 0;
	for (size_t i = 0; i <= table.mask; i++)
		packets += table.entries[i].packets;
	OK(packets == UINT64_C(2) * SOURCES_MANY, "and loses no packet");
	bench_table_release(&table);
}

/* What is there to be found of the telescope's members, and something that is not. */
static void expect(struct bench_input *input, bool more)
{
	const struct bench_traffic *traffic = bench_traffic_find("telescope");
	for (; traffic->expected[input->expected_count].rule != NULL; input->expected_count++) {
		struct bench_expected *expected = &input->expected[input->expected_count];
		expected->rule = traffic->expected[input->expected_count].rule;
		(void)address_parse(
		    traffic->expected[input->expected_count].subject, &expected->subject);
	}
	if (!more)
		return;
	input->expected[input->expected_count] = input->expected[0];
	input->expected[input->expected_count++].rule = "scan.sweep";
}

static int open_input(struct bench_input *input, size_t memory_bytes)
{
	static const char *const members[][2] = {{"town", "198.51.100.0/24"},
	    {"hospital", "203.0.113.0/24"}, {"university", "192.0.2.0/24"}};
	*input = (struct bench_input){
	    .sources = SOURCES,
	    .memory_bytes = memory_bytes,
	    .workers = 2,
	    .members_only = true,
	};
	(void)snprintf(input->path, sizeof input->path, "%s", capture);
	thresholds_init(&input->thresholds);
	int result = registry_new(&input->registry);
	if (result == 0)
		result = registry_add_dark(input->registry, "198.18.0.0/16", NULL);
	for (size_t i = 0; i < sizeof members / sizeof members[0] && result == 0; i++)
		result = registry_add_member(input->registry, members[i][0], members[i][1], NULL);
	return result == 0 ? registry_seal(input->registry, NULL) : result;
}

static void test_apart(const struct bench_input *input, uint64_t packets)
{
	struct bench_figures all = {0}, decode = {0};
	struct complaint complaint = {""};
	OK(bench_run_apart(input, BENCH_STAGES_APART, &all, &complaint) == 0 &&
		all.packets == packets,
	    "the stages apart");
	bool timed = true;
	for (int stage = BENCH_READ; stage <= BENCH_DETECT; stage++)
		timed = timed && (all.ns[stage] > 0 || stage == BENCH_CLASSIFY);
	OK(timed && all.ns[BENCH_WHOLE] == 0, "each is timed");
	OK(bench_run_apart(input, 1 << BENCH_DECODE, &decode, &complaint) == 0 &&
		decode.packets == packets && decode.ns[BENCH_DECODE] > 0 &&
		decode.ns[BENCH_READ] == 0 && decode.ns[BENCH_OBSERVE] == 0,
	    "one stage alone");
}

static void test_whole(struct bench_input *input, uint64_t packets)
{
	struct bench_figures whole = {0}, workers = {0}, judged = {0};
	struct complaint complaint = {""};
	OK(bench_run_whole(input, 1 << BENCH_WHOLE, &whole, &complaint) == 0 &&
		whole.packets == packets && whole.ns[BENCH_WHOLE] > 0,
	    "the whole path");
	OK(whole.findings == 3 && whole.found == 7 && whole.others == 0,
	    "finds what is there, and nothing else");
	OK(whole.kept > SOURCES * 4 / 5 && whole.folded == 0 && whole.refused == 0,
	    "every stranger has a record");
	OK(bench_run_workers(input, 1 << BENCH_WORKERS, &workers, &complaint) == 0 &&
		workers.packets == packets && workers.ns[BENCH_WORKERS] > 0 && workers.found == 7 &&
		workers.others == 0 && workers.kept == whole.kept,
	    "two workers find the same");
	input->members_only = false;
	OK(bench_run_whole(input, 1 << BENCH_WHOLE, &judged, &complaint) == 0 &&
		judged.found == 7 && judged.others > 0,
	    "strangers are others, where they are judged");
	input->members_only = true;
}

static void test_runs(void)
{
	struct bench_input input;
	struct complaint complaint = {""};
	OK(write_traffic("telescope", PACKETS) == 0 && open_input(&input, (size_t)512 << 20) == 0,
	    "an input");
	uint64_t packets = count(1, 1).packets;
	expect(&input, true);
	test_apart(&input, packets);
	test_whole(&input, packets);
	struct bench_figures plain = {0}, prefetched = {0}, none = {0};
	OK(bench_run_plain(&input, 1 << BENCH_PLAIN, &plain, &complaint) == 0 &&
		bench_run_prefetched(&input, 1 << BENCH_PREFETCHED, &prefetched, &complaint) == 0 &&
		plain.packets == packets && plain.sources == prefetched.sources &&
		plain.ns[BENCH_PLAIN] > 0 && prefetched.ns[BENCH_PREFETCHED] > 0,
	    "both bare loops");
	(void)snprintf(input.path, sizeof input.path, "%s.none", capture);
	OK(bench_run_apart(&input, BENCH_STAGES_APART, &none, &complaint) == -ENOENT &&
		bench_run_whole(&input, 0, &none, &complaint) == -ENOENT &&
		bench_run_workers(&input, 0, &none, &complaint) == -ENOENT &&
		bench_run_plain(&input, 0, &none, &complaint) == -ENOENT,
	    "a capture that is gone ends each run");
	registry_free(input.registry);
}

/* A pipe is read as a file is, as often as asked for, whoever reads it. */
static void test_pipe(void)
{
	const struct bench_options options = {
	    .traffic = bench_traffic_find("telescope"),
	    .packets = PACKETS,
	    .sources = SOURCES,
	    .seed = 7,
	    .streams = true,
	};
	struct bench_capture piped;
	struct bench_input input;
	struct complaint complaint = {""};
	OK(write_traffic("telescope", PACKETS) == 0 && open_input(&input, ANALYSIS_MEMORY_MIN) == 0,
	    "the same as a file");
	uint64_t packets = count(1, 1).packets;
	expect(&input, false);
	OK(bench_capture_open(&piped, &options) == 0, "a pipe");
	for (int round = 0; round < 2; round++) {
		struct bench_figures figures = {0};
		bool begun = bench_capture_begin(&piped) == 0;
		(void)snprintf(input.path, sizeof input.path, "%s", piped.path);
		int result = round == 0 ? bench_run_whole(&input, 0, &figures, &complaint)
					: bench_run_plain(&input, 0, &figures, &complaint);
		OK(begun && result == 0 && figures.packets == packets, "has all packets");
		OK(bench_capture_end(&piped) == 0 && piped.made_ns > 0, "which took time to make");
		OK(round > 0 || (figures.found == 7 && figures.others == 0),
		    "in the least memory all is found");
	}
	OK(bench_capture_begin(&piped) == 0, "a pipe that nobody reads");
	bench_capture_close(&piped);
	OK(piped.maker < 0 && piped.fd < 0, "leaves nothing behind");
	registry_free(input.registry);
}

static void test_median(void)
{
	double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2}, one[] = {7};
	OK(bench_median(odd, 3) == 3 && bench_median(even, 4) == 2.5 && bench_median(one, 1) == 7 &&
		bench_median(one, 0) == 0,
	    "medians");
}

int main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	(void)snprintf(capture, sizeof capture, "%s/capture", folder);
	test_options();
	test_traffic();
	test_damage();
	test_table();
	test_runs();
	test_pipe();
	test_median();
	(void)unlink(capture);
	(void)rmdir(folder);
	return test_done();
}
