/* Several sources as one: the order follows from the frames alone, and nothing is lost. */
#include "source_help.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "test.h"

enum {
	FAKE_FRAMES_MAX = 200,
	FAKES_MAX = 12,
	PIECE_MAX = 9
};

/*
 * A source of given times. Its frames hold its number and their own; their memory is freed at the
 * next read but one, as the contract allows, so that a frame kept too long is seen by
 * AddressSanitizer.
 */
struct fake {
	struct source source;
	uint32_t number;
	size_t count;
	size_t next;
	size_t piece; /* gives at most so many at once */
	bool fails;   /* after its last frame */
	bool is_done;
	bool knows_first;
	int64_t times[FAKE_FRAMES_MAX];
	uint8_t *memory;        /* of the frames given last */
	uint8_t *memory_before; /* and of those before */
};

static int fake_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct fake *fake = (struct fake *)source;
	free(fake->memory_before);
	fake->memory_before = fake->memory;
	fake->memory = NULL;
	if (fake->is_done)
		return 0;
	size_t count = max < fake->piece ? max : fake->piece;
	if (count > fake->count - fake->next)
		count = fake->count - fake->next;
	fake->memory = malloc(count * 2 + 1);
	assert(fake->memory != NULL);
	for (size_t i = 0; i < count; i++) {
		uint8_t *bytes = fake->memory + i * 2;
		bytes[0] = (uint8_t)fake->number;
		bytes[1] = (uint8_t)fake->next;
		batch->frames[batch->count++] = (struct frame){
		    .bytes = bytes,
		    .captured_bytes = 2,
		    .wire_bytes = 2,
		    .time_us = fake->times[fake->next++],
		    .link_type = LINK_ETHERNET,
		};
	}
	if (fake->next < fake->count)
		return 1;
	if (count > 0 && !(fake->fails && fake->number % 2 == 0))
		return 1;
	fake->is_done = true;
	return fake->fails ? complain(complaint, -EBADMSG, "fake %u is damaged", fake->number) : 0;
}

static void fake_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	const struct fake *fake = (const struct fake *)source;
	*ret_progress =
	    (struct source_progress){.bytes_done = fake->next, .bytes_total = fake->count};
}

static void fake_close(struct source *source)
{
	struct fake *fake = (struct fake *)source;
	free(fake->memory);
	free(fake->memory_before);
	free(fake);
}

static bool fake_find_first_time(struct source *source, int64_t *ret_time_us)
{
	struct fake *fake = (struct fake *)source;
	if (!fake->knows_first || fake->count == 0)
		return false;
	*ret_time_us = fake->times[0];
	return true;
}

static const struct source_kind source_fake = {
    .name = "fake",
    .read = fake_read,
    .get_progress = fake_get_progress,
    .close = fake_close,
    .find_first_time = fake_find_first_time,
};

static struct source *copy_fake(const struct fake *plan)
{
	struct fake *fake = malloc(sizeof *fake);
	assert(fake != NULL);
	*fake = *plan;
	fake->source.kind = &source_fake;
	return &fake->source;
}

/* The contract, frame by frame, as slowly as it is written in source.h. */
static char *merge_slowly(const struct fake *plans, size_t plan_count)
{
	char *text = NULL;
	size_t text_bytes = 0;
	FILE *out = open_memstream(&text, &text_bytes);
	size_t next[FAKES_MAX] = {0};
	int64_t highest[FAKES_MAX];
	for (size_t i = 0; i < plan_count; i++)
		highest[i] = INT64_MIN;
	for (;;) {
		size_t best = plan_count;
		int64_t best_us = 0;
		for (size_t i = 0; i < plan_count; i++) {
			if (next[i] == plans[i].count)
				continue;
			int64_t clock_us = plans[i].times[next[i]];
			if (clock_us < highest[i])
				clock_us = highest[i];
			if (best == plan_count || clock_us < best_us) {
				best = i;
				best_us = clock_us;
			}
		}
		if (best == plan_count)
			break;
		uint8_t bytes[] = {(uint8_t)plans[best].number, (uint8_t)next[best]};
		struct frame frame = {.bytes = bytes,
		    .captured_bytes = 2,
		    .wire_bytes = 2,
		    .time_us = plans[best].times[next[best]++],
		    .link_type = LINK_ETHERNET};
		help_print_frame(out, &frame);
		highest[best] = best_us;
	}
	(void)fputs("end", out);
	(void)fclose(out);
	char *copy = strdup(text);
	free(text);
	return copy;
}

static struct source *merge_fakes(const struct fake *plans, size_t plan_count)
{
	struct source *sources[FAKES_MAX];
	for (size_t i = 0; i < plan_count; i++)
		sources[i] = copy_fake(&plans[i]);
	struct source *merged = NULL;
	int result = source_merge(sources, plan_count, &merged, NULL);
	assert(result == 0);
	return merged;
}

static uint32_t random_state = 1;

static uint32_t below(uint32_t bound)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % bound;
}

/* Times that mostly go forwards, stand still often, and now and then jump back or far ahead. */
static void plan_fake(struct fake *fake, uint32_t number, bool may_go_back)
{
	*fake = (struct fake){
	    .number = number,
	    .count = below(4) == 0 ? 0 : below(FAKE_FRAMES_MAX + 1),
	    .piece = 1 + below(PIECE_MAX),
	    .knows_first = below(2) == 0,
	};
	int64_t time_us = below(50);
	for (size_t i = 0; i < fake->count; i++) {
		time_us += below(3);
		if (below(40) == 0)
			time_us += below(100);
		if (may_go_back && below(20) == 0)
			time_us -= below(60);
		fake->times[i] = time_us;
	}
}

static void test_random(bool may_go_back, const char *name)
{
	static const size_t batch_sizes[] = {1, 7, FRAME_BATCH_MAX};
	static struct fake plans[FAKES_MAX];
	bool is_same = true;
	for (int round = 0; round < 300; round++) {
		size_t plan_count = 1 + below(FAKES_MAX);
		for (size_t i = 0; i < plan_count; i++)
			plan_fake(&plans[i], (uint32_t)i, may_go_back);
		char *expected = merge_slowly(plans, plan_count);
		char *text = help_outcome(merge_fakes(plans, plan_count), batch_sizes[round % 3]);
		if (strcmp(text, expected) != 0 && is_same)
			printf("# round %d, %zu sources\n", round, plan_count);
		is_same = is_same && strcmp(text, expected) == 0;
		free(text);
		free(expected);
	}
	OK(is_same, name);
}

static void test_by_hand(void)
{
	static const struct fake plans[] = {
	    {.number = 0, .count = 4, .piece = 2, .times = {10, 30, 20, 40}},
	    {.number = 1, .count = 3, .piece = 2, .times = {10, 25, 35}},
	};
	char *text = help_outcome(merge_fakes(plans, 2), FRAME_BATCH_MAX);
	OK(strcmp(text, "0.000010 l1 2/2 0000\n"
			"0.000010 l1 2/2 0100\n" /* equal clocks go by order */
			"0.000025 l1 2/2 0101\n"
			"0.000030 l1 2/2 0001\n"
			"0.000020 l1 2/2 0002\n" /* its clock stays at 30 */
			"0.000035 l1 2/2 0102\n"
			"0.000040 l1 2/2 0003\n"
			"end") == 0,
	    "two sources, one with a step back");
	free(text);

	struct source *only = copy_fake(&plans[0]);
	struct source *merged = NULL;
	int result = source_merge(&only, 1, &merged, NULL);
	OK(result == 0 && merged == only, "a single source passes through");
	source_close(merged);
}

/* Each failure is told once, after the frames of its source, and the others are read to their end.
 */
static void test_failing(void)
{
	static const size_t batch_sizes[] = {1, 7, FRAME_BATCH_MAX};
	static struct fake plans[FAKES_MAX];
	bool is_right = true;
	for (int round = 0; round < 200; round++) {
		size_t failures = 0;
		for (uint32_t i = 0; i < 6; i++) {
			plan_fake(&plans[i], i, true);
			plans[i].fails = below(2) == 0;
			failures += plans[i].fails;
		}
		char *expected = merge_slowly(plans, 6);
		char *text = help_outcome(merge_fakes(plans, 6), batch_sizes[round % 3]);
		size_t told = 0;
		for (char *line = strchr(text, '!'); line != NULL; line = strchr(line, '!')) {
			told++;
			char *rest = strchr(line, '\n') + 1;
			memmove(line, rest, strlen(rest) + 1);
		}
		is_right = is_right && told == failures && strcmp(text, expected) == 0;
		free(text);
		free(expected);
	}
	OK(is_right, "failing sources are told once each, and lose nothing");
}

static void test_progress(void)
{
	static const struct fake plans[] = {
	    {.number = 0, .count = 3, .piece = 3, .times = {1, 2, 3}},
	    {.number = 1, .count = 5, .piece = 5, .times = {4, 5, 6, 7, 8}},
	};
	struct source *merged = merge_fakes(plans, 2);
	struct source_progress progress;
	source_get_progress(merged, &progress);
	OK(progress.bytes_done == 0 && progress.bytes_total == 8, "progress adds up");
	struct frame_batch *batch = malloc(sizeof *batch);
	assert(batch != NULL);
	do {
		batch->count = 0;
		(void)source_read(merged, batch, 2, NULL);
	} while (batch->count > 0);
	source_get_progress(merged, &progress);
	OK(progress.bytes_done == 8 && progress.bytes_total == 8,
	    "sources that have ended still count");
	source_close(merged);
	free(batch);
}

static void append_record(struct bytes *file, uint32_t seconds, uint32_t micros)
{
	help_append_u32(file, seconds);
	help_append_u32(file, micros);
	help_append_u32(file, 4);
	help_append_u32(file, 4);
	help_append_u32(file, seconds ^ micros);
}

/* One capture dealt out to many files must come back as it was. */
static void test_split_files(size_t file_count, size_t records_each, bool in_slices)
{
	struct bytes whole = help_from_hex("d4c3b2a1020004000000000000000000ffff000001000000");
	struct bytes *parts = calloc(file_count, sizeof *parts);
	struct source **sources = calloc(file_count, sizeof(struct source *));
	assert(parts != NULL && sources != NULL);
	for (size_t i = 0; i < file_count; i++)
		help_append(&parts[i], whole.at, 24);
	for (uint32_t i = 0; i < file_count * records_each; i++) {
		append_record(&whole, i / 1000, i % 1000);
		size_t part = in_slices ? i / records_each : i % file_count;
		append_record(&parts[part], i / 1000, i % 1000);
	}
	for (size_t i = 0; i < file_count; i++) {
		sources[i] = help_open(parts[i].at, parts[i].count, 0);
		free(parts[i].at);
	}
	struct source *merged = NULL;
	int result = source_merge(sources, file_count, &merged, NULL);
	assert(result == 0);
	char *text = help_outcome(merged, FRAME_BATCH_MAX);
	char *expected = help_outcome_of(whole.at, whole.count, 0, FRAME_BATCH_MAX);
	printf("# %zu files, %s\n", file_count, in_slices ? "one after the other" : "side by side");
	OK(strcmp(text, expected) == 0, "a capture split into files comes back as it was");
	free(text);
	free(expected);
	free(whole.at);
	free(parts);
	free(sources);
}

int main(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit); /* else the test of 1000 files fails */
	}
	test_by_hand();
	test_random(false, "300 random merges as the contract says, times going forwards");
	test_random(true, "300 random merges as the contract says, times going backwards");
	test_failing();
	test_progress();
	test_split_files(10, 700, true);
	test_split_files(10, 700, false);
	test_split_files(1000, 20, true);
	test_split_files(1000, 20, false);
	return test_done();
}
