/*
 * Several live sources as one: in order of time as far as it is known, nothing lost, nothing held
 * for long, and every frame valid for as long as the contract says.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "source/source.h"
#include "test.h"

enum {
	FRAMES_MAX = 400,
	MS = 1000,
	HOUR_MS = 3600 * 1000,
};

/* A frame is handed over so long after the start, and bears a time so long after it. */
struct arrival {
	int handed_ms;
	int stamped_ms;
};

/*
 * Its frames hold its number and their own. Their memory is freed by the next read but one that
 * gives frames, so that one which is kept too long is seen by AddressSanitizer.
 */
struct fake {
	struct source source;
	int timer;
	uint8_t number;
	int fails_with; /* after its last frame; 0: it ends */
	size_t piece;   /* gives at most so many at once */
	size_t count;
	size_t next;
	bool is_done;
	bool waits;
	uint8_t *memory;
	uint8_t *memory_before;
	struct arrival arrivals[FRAMES_MAX];
};

static int64_t start_wall_us;
static int64_t start_us;
static size_t closed;

static int64_t now_us(clockid_t clock)
{
	struct timespec now;
	int got = clock_gettime(clock, &now);
	assert(got == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void set_timer(const struct fake *fake)
{
	int64_t at_us = start_us + (fake->next < fake->count
					   ? (int64_t)fake->arrivals[fake->next].handed_ms * MS
					   : INT64_C(1));
	const struct itimerspec when = {
	    .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};
	int set = timerfd_settime(fake->timer, TFD_TIMER_ABSTIME, &when, NULL);
	assert(set == 0);
}

static size_t count_ready(const struct fake *fake, size_t max)
{
	size_t ready = 0;
	int64_t elapsed_us = now_us(CLOCK_MONOTONIC) - start_us;
	if (max > fake->piece)
		max = fake->piece;
	while (ready < max && fake->next + ready < fake->count &&
	       (int64_t)fake->arrivals[fake->next + ready].handed_ms * MS <= elapsed_us)
		ready++;
	return ready;
}

static int fake_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct fake *fake = (struct fake *)source;
	size_t ready = count_ready(fake, max);
	assert(!fake->waits && !fake->is_done);
	if (ready == 0 && fake->next < fake->count)
		return 1;
	fake->is_done = ready == 0;
	if (ready == 0)
		return fake->fails_with == 0 ? 0
					     : complain(complaint, fake->fails_with,
						   "fake %u is gone", (unsigned)fake->number);
	free(fake->memory_before);
	fake->memory_before = fake->memory;
	fake->memory = malloc(ready * 2);
	assert(fake->memory != NULL);
	for (size_t i = 0; i < ready; i++) {
		uint8_t *bytes = fake->memory + 2 * i;
		bytes[0] = fake->number;
		bytes[1] = (uint8_t)fake->next;
		batch->frames[batch->count++] = (struct frame){
		    .bytes = bytes,
		    .captured_bytes = 2,
		    .time_us =
			start_wall_us + (int64_t)fake->arrivals[fake->next++].stamped_ms * MS,
		};
	}
	set_timer(fake);
	return 1;
}

static void fake_close(struct source *source)
{
	struct fake *fake = (struct fake *)source;
	int result = close(fake->timer);
	assert(result == 0);
	free(fake->memory);
	free(fake->memory_before);
	free(fake);
	closed++;
}

static int fake_get_fd(const struct source *source)
{
	return ((const struct fake *)source)->timer;
}

static void fake_set_waiting(struct source *source, bool waits)
{
	((struct fake *)source)->waits = waits;
}

static void fake_get_state(struct source *source, struct source_state *ret_state)
{
	const struct fake *fake = (const struct fake *)source;
	*ret_state = (struct source_state){
	    .is_up = fake->number == 1,
	    .is_removed = fake->number == 2,
	    .frames = fake->next,
	    .bytes = 10,
	    .dropped = 1,
	    .refused = 2,
	    .passed = 3,
	    .stalls = 4,
	};
}

static const struct source_live fake_live = {
    .get_fd = fake_get_fd,
    .set_waiting = fake_set_waiting,
    .get_state = fake_get_state,
};

static const struct source_kind source_fake = {
    .name = "fake",
    .read = fake_read,
    .close = fake_close,
    .live = &fake_live,
};

static void begin(void)
{
	start_us = now_us(CLOCK_MONOTONIC);
	start_wall_us = now_us(CLOCK_REALTIME);
	closed = 0;
}

static struct fake *new_fake(uint8_t number, const struct arrival *arrivals, size_t count)
{
	struct fake *fake = calloc(1, sizeof *fake);
	assert(fake != NULL && count <= FRAMES_MAX);
	fake->source.kind = &source_fake;
	fake->number = number;
	fake->piece = FRAME_BATCH_MAX;
	fake->waits = true;
	fake->count = count;
	if (count > 0)
		memcpy(fake->arrivals, arrivals, count * sizeof *arrivals);
	fake->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	assert(fake->timer >= 0);
	set_timer(fake);
	return fake;
}

static struct source *merge_two(struct fake *a, struct fake *b)
{
	struct source *sources[] = {&a->source, &b->source};
	struct source *merged = NULL;
	int result = source_merge_live(sources, 2, &merged, NULL);
	assert(result == 0);
	return merged;
}

/*
 * All that it gives, such as "10 20 11 (fake 2 is gone) 12": number and own number of each frame.
 * The frames of a batch are looked at when the next was read, as another thread might.
 */
static char *read_all(struct source *source)
{
	static struct frame_batch batches[2];
	struct complaint complaint = {0};
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	assert(out != NULL);
	batches[1].count = 0;
	int result = 1;
	for (size_t turn = 0; result != 0; turn ^= 1) {
		struct frame_batch *batch = &batches[turn], *before = &batches[turn ^ 1];
		batch->count = 0;
		result = source_read(source, batch, FRAME_BATCH_MAX, &complaint);
		for (size_t i = 0; i < before->count; i++)
			fprintf(
			    out, "%u%u ", before->frames[i].bytes[0], before->frames[i].bytes[1]);
		if (result < 0)
			fprintf(out, "(%s) ", complaint.text);
		assert(result <= 0 || batch->count > 0);
	}
	(void)fclose(out); /* into memory */
	source_close(source);
	return text;
}

static bool gives(struct source *source, const char *expected)
{
	char *text = read_all(source);
	bool is_same = strcmp(text, expected) == 0;
	if (!is_same)
		printf("# expected %s\n# got      %s\n", expected, text);
	free(text);
	return is_same;
}

static void test_order(void)
{
	begin();
	static const struct arrival early[] = {{0, 0}, {0, 20}, {30, 25}};
	static const struct arrival late[] = {{20, 10}, {30, 22}};
	OK(gives(merge_two(new_fake(1, early, 3), new_fake(2, late, 2)), "10 20 11 21 12 "),
	    "a frame that is handed over later, but is older, comes first");
	OK(closed == 2, "and both are closed");

	begin();
	static const struct arrival same[] = {{0, 5}, {0, 6}};
	OK(gives(merge_two(new_fake(1, same, 2), new_fake(2, same, 2)), "10 20 11 21 "),
	    "equal times go by the order of the sources");

	begin();
	static const struct arrival much_later[] = {{150, 10}};
	OK(gives(merge_two(new_fake(1, early, 3), new_fake(2, much_later, 1)), "10 11 12 20 "),
	    "one that is handed over too late comes late");
}

static void test_quiet(void)
{
	begin();
	static const struct arrival soon[] = {{0, 0}};
	static const struct arrival never[] = {{400, 400}};
	struct source *merged = merge_two(new_fake(1, soon, 1), new_fake(2, never, 1));
	static struct frame_batch batch;
	batch.count = 0;
	int result = source_read(merged, &batch, 1, NULL);
	int64_t waited_us = now_us(CLOCK_MONOTONIC) - start_us;
	OK(result == 1 && batch.count == 1 && waited_us < 250 * MS,
	    "a source that gives nothing holds the others for a moment only");
	OK(waited_us >= (SOURCE_HOLD_MS - 5) * MS, "but for that");
	source_close(merged);

	begin();
	static const struct arrival future[] = {{0, HOUR_MS}};
	merged = merge_two(new_fake(1, future, 1), new_fake(2, never, 1));
	batch.count = 0;
	result = source_read(merged, &batch, 1, NULL);
	waited_us = now_us(CLOCK_MONOTONIC) - start_us;
	OK(result == 1 && batch.count == 1 && waited_us < 250 * MS,
	    "nor does a clock that was set back by an hour");
	source_close(merged);
}

static void test_many(void)
{
	struct arrival arrivals[FRAMES_MAX];
	begin();
	for (int i = 0; i < FRAMES_MAX; i++)
		arrivals[i] = (struct arrival){i / 10, i / 10};
	struct fake *a = new_fake(1, arrivals, FRAMES_MAX);
	struct fake *b = new_fake(2, arrivals, FRAMES_MAX);
	a->piece = 3;
	b->piece = 7;
	struct source *merged = merge_two(a, b);
	char *text = read_all(merged);
	size_t counts[3] = {0};
	bool in_order = true;
	for (const char *at = text; *at != '\0'; at = strchr(at, ' ') + 1) {
		unsigned number = (unsigned)(*at - '0');
		in_order = in_order && number >= 1 && number <= 2 &&
			   strtoul(at + 1, NULL, 10) == counts[number] % 256;
		counts[number <= 2 ? number : 0]++;
	}
	free(text);
	OK(in_order && counts[1] == FRAMES_MAX && counts[2] == FRAMES_MAX,
	    "each frame of each source once, in its order, and its memory is still there");
}

static void test_ends(void)
{
	begin();
	static const struct arrival some[] = {{0, 0}, {10, 10}};
	static const struct arrival more[] = {{0, 1}, {60, 60}, {150, 150}};
	struct fake *fails = new_fake(2, some, 2);
	fails->fails_with = -ENODEV;
	char *text = read_all(merge_two(new_fake(1, more, 3), fails));
	OK(strcmp(text, "20 10 21 (fake 2 is gone) 11 12 ") == 0,
	    "one that fails is told of once, and the other goes on");
	printf("# %s\n", text);
	free(text);

	begin();
	OK(gives(merge_two(new_fake(1, NULL, 0), new_fake(2, NULL, 0)), ""), "nothing at all");
}

static void test_state(void)
{
	begin();
	struct source *merged = merge_two(new_fake(1, NULL, 0), new_fake(2, NULL, 0));
	struct source_state state;
	source_get_state(merged, &state);
	OK(state.is_up && !state.is_removed && state.frames == 0 && state.bytes == 20 &&
		state.dropped == 2 && state.refused == 4 && state.passed == 6 && state.stalls == 8,
	    "its counts are sums; it is up while one is, and removed when all are");
	OK(source_get_dropped(merged) == 12, "all that was lost");
	source_close(merged);
	begin();
	merged = merge_two(new_fake(2, NULL, 0), new_fake(2, NULL, 0));
	source_get_state(merged, &state);
	OK(!state.is_up && state.is_removed, "all are removed");
	source_close(merged);
}

static void test_limit(void)
{
	struct source *sources[SOURCE_LIVE_MAX + 1];
	struct source *merged = NULL;
	struct complaint complaint = {0};
	begin();
	for (size_t i = 0; i < SOURCE_LIVE_MAX + 1; i++)
		sources[i] = &new_fake(1, NULL, 0)->source;
	int result = source_merge_live(sources, SOURCE_LIVE_MAX + 1, &merged, &complaint);
	OK(result == -E2BIG && closed == SOURCE_LIVE_MAX + 1 &&
		strcmp(complaint.text,
		    "33 interfaces at once: expected at most 32 in one process") == 0,
	    "one too many is refused");
	begin();
	for (size_t i = 0; i < SOURCE_LIVE_MAX; i++)
		sources[i] = &new_fake(1, NULL, 0)->source;
	result = source_merge_live(sources, SOURCE_LIVE_MAX, &merged, &complaint);
	OK(result == 0 && gives(merged, "") && closed == SOURCE_LIVE_MAX, "as many as may be");
	begin();
	sources[0] = &new_fake(1, NULL, 0)->source;
	result = source_merge_live(sources, 1, &merged, &complaint);
	OK(result == 0 && merged == sources[0], "a single one is itself");
	source_close(merged);
}

int main(void)
{
	test_order();
	test_quiet();
	test_many();
	test_ends();
	test_state();
	test_limit();
	return test_done();
}
