/* Every scenario: sound frames, time that never goes back, the same bytes for the same seed. */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "decode/decode.h"
#include "drill/scenario.h"
#include "frame_sound.h"
#include "test.h"

enum {
	FRAMES_MAX = 30000, /* looked at in each run: enough for the stories to begin */
	ADDRESS_BYTES_ENOUGH = 128,
};

static const struct source_kind *const kinds[] = {&source_drill, NULL};

/* What a run of a source looked like. */
struct run {
	uint64_t frames;
	uint64_t digest; /* of all bytes and times */
	int64_t first_us;
	int64_t last_us;
	unsigned faults;
	bool went_back;
	bool unmarked;
	bool unreadable;
};

static void look_at(struct run *run, const struct frame *frame)
{
	struct facts facts;
	const char *fault = frame_fault(frame->bytes, frame->captured_bytes);
	if (fault != NULL && run->faults++ < 3)
		printf("# frame %llu: %s\n", (unsigned long long)run->frames, fault);
	if (decode_frame(frame, &facts) != DECODE_OK)
		run->unreadable = true;
	if (run->frames == 0)
		run->first_us = frame->time_us;
	else if (frame->time_us < run->last_us)
		run->went_back = true;
	run->last_us = frame->time_us;
	run->unmarked = run->unmarked || frame->drill == 0;
	run->digest = hash_bytes(frame->bytes, frame->captured_bytes, run->digest);
	uint64_t time_us = htole64((uint64_t)frame->time_us);
	run->digest = hash_bytes(&time_us, sizeof time_us, run->digest);
	run->frames++;
}

static void look_at_batch(struct run *run, const struct frame_batch *batch, uint64_t frames_max)
{
	for (size_t i = 0; i < batch->count && run->frames < frames_max; i++)
		look_at(run, &batch->frames[i]);
}

/* Looks at each batch only when the next one has been read, as the contract of sources allows. */
static struct run run_after(
    const char *address, int64_t after_us, size_t batch_size, uint64_t frames_max)
{
	struct run run = {0};
	struct source *source = NULL;
	struct complaint complaint;
	struct frame_batch *batches = calloc(2, sizeof *batches);
	if (batches == NULL || source_open(kinds, address, &source, &complaint) != 0) {
		printf("# %s\n", batches == NULL ? "no memory" : complaint.text);
		free(batches);
		return run;
	}
	if (after_us != INT64_MIN && drill_go_on(source, after_us, &complaint) != 0)
		abort();
	struct frame_batch *batch = &batches[0];
	struct frame_batch *before = &batches[1];
	int status = 1;
	while (status > 0 && run.frames < frames_max) {
		batch->count = 0;
		status = source_read(source, batch, batch_size, &complaint);
		look_at_batch(&run, before, frames_max);
		struct frame_batch *looked_at = before;
		before = batch;
		batch = looked_at;
	}
	look_at_batch(&run, before, frames_max);
	source_close(source);
	free(batches);
	return run;
}

static struct run run_address(const char *address, size_t batch_size, uint64_t frames_max)
{
	return run_after(address, INT64_MIN, batch_size, frames_max);
}

static bool same(struct run a, struct run b)
{
	return a.frames == b.frames && a.digest == b.digest;
}

/*
 * The first frames of each scenario, so that compilers and machines that would make another day of
 * the same seed are found. Who changes a scenario writes here what the test then prints.
 */
static const struct {
	const char *name;
	uint64_t digest;
} digests[] = {
    {"darknet-background", 0x395620df4a4080bb},
    {"mirai-recorder", 0x024ed48b302bf907},
    {"smb-worm", 0x834bde57db837d61},
    {"flooded-server", 0xc17d5cec0cd074f4},
    {"dns-reflector", 0x18df0d48451fc7a2},
    {"lost-printer", 0xa64dbe05d14d40d1},
    {"forged-member", 0x63870278a7f8f1b6},
    {"incoming-flood", 0xdf2a4322e6e553fe},
    {"office-day", 0x5c2917a99e1bfb68},
    {"forged-darknet", 0xdf90339c92469590},
    {"national-telescope", 0x94d6be74b6d8c951},
    {"campus-border", 0x0c643ef282c3fa0e},
    {"ipv6-darknet", 0x0f5b14399e60cea4},
    {"demo-day", 0x82bb377d09ae8b5a},
};

static void test_digest(const char *name, uint64_t digest)
{
	bool is_known = false;
	for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
		is_known =
		    is_known || (strcmp(digests[i].name, name) == 0 && digests[i].digest == digest);
	OK(is_known, "these very bytes on every machine");
	if (!is_known)
		printf("# {\"%s\", 0x%016" PRIx64 "},\n", name, digest);
}

static void test_scenario(const struct scenario *scenario)
{
	char first[ADDRESS_BYTES_ENOUGH], second[ADDRESS_BYTES_ENOUGH], later[ADDRESS_BYTES_ENOUGH];
	(void)snprintf(first, sizeof first, "drill:%s", scenario->name);
	(void)snprintf(second, sizeof second, "drill:%s?seed=2", scenario->name);
	(void)snprintf(
	    later, sizeof later, "drill:%s?seed=1&start=2031-12-31T23:00:00Z", scenario->name);

	printf("# %s\n", scenario->name);
	struct run run = run_address(first, 4096, FRAMES_MAX);
	OK(run.frames > 1000 && run.faults == 0, "lengths and checksums are right");
	OK(!run.unreadable, "the decoder reads every frame");
	OK(!run.went_back && run.first_us >= SCENARIO_START_US, "time never goes back");
	OK(!run.unmarked, "every frame is marked as a drill's");
	test_digest(scenario->name, run.digest);
	OK(same(run, run_address(first, 1, FRAMES_MAX)), "the same bytes one by one");
	OK(same(run, run_address(first, 7, FRAMES_MAX)), "the same bytes by sevens");

	struct run other = run_address(second, 4096, FRAMES_MAX);
	OK(other.digest != run.digest && other.faults == 0 && !other.went_back,
	    "another seed gives other bytes, as sound");
	struct run moved = run_address(later, 4096, FRAMES_MAX);
	OK(moved.frames == run.frames && moved.faults == 0 &&
		moved.first_us >= INT64_C(1956524400000000),
	    "another start gives the same story later");
}

/* The whole of it, with its end. */
static void test_whole(const char *address, int64_t hours)
{
	struct run run = run_address(address, 4096, UINT64_MAX);
	OK(run.faults == 0 && !run.went_back && run.last_us > run.first_us, address);
	OK(run.last_us < SCENARIO_START_US + hours * WHEN_HOUR_US + WHEN_MINUTE_US, "ends in time");
}

static const struct {
	const char *address;
	const char *complaint;
} refusals[] = {
    {"mirai", "there is no scenario \"mirai\", expected one of darknet-background, "
	      "mirai-recorder, smb-worm, flooded-server, dns-reflector, lost-printer, "
	      "forged-member, incoming-flood, office-day, forged-darknet, national-telescope, "
	      "campus-border, ipv6-darknet, demo-day"},
    {"", "there is no scenario \"\", expected one of darknet-background, "
	 "mirai-recorder, smb-worm, flooded-server, dns-reflector, lost-printer, "
	 "forged-member, incoming-flood, office-day, forged-darknet, national-telescope, "
	 "campus-border, ipv6-darknet, demo-day"},
    {"smb-worm?", "smb-worm?: expected KEY=VALUE after ? and &, such as smb-worm?seed=7"},
    {"smb-worm?seed", "smb-worm?seed: expected KEY=VALUE after ? and &, such as smb-worm?seed=7"},
    {"smb-worm?seed=1&",
	"smb-worm?seed=1&: expected KEY=VALUE after ? and &, such as smb-worm?seed=7"},
    {"smb-worm?seed=-1", "seed=-1: expected a whole number from 0 to 18446744073709551615"},
    {"smb-worm?seed=18446744073709551616",
	"seed=18446744073709551616: expected a whole number from 0 to 18446744073709551615"},
    {"smb-worm?seed=1x", "seed=1x: expected a whole number from 0 to 18446744073709551615"},
    {"smb-worm?colour=red",
	"there is no option \"colour\", expected seed, start, days, packets, sources or seconds"},
    {"smb-worm?packets=7", "smb-worm has its own size, expected only seed=, start= and days="},
    {"darknet-background?packets=1000000000001",
	"packets=1000000000001: expected a whole number from 0 to 1000000000000"},
    {"darknet-background?seconds=31622401",
	"seconds=31622401: expected a whole number from 0 to 31622400"},
    {"demo-day?days=0", "days=0: expected a whole number from 1 to 366"},
    {"demo-day?days=367", "days=367: expected a whole number from 1 to 366"},
    {"campus-border?days=2", "campus-border is as long as seconds= says, expected no days="},
    {"smb-worm?start=yesterday", "start=yesterday: expected a time such as 2026-04-01T00:00:00Z"},
    {"smb-worm?start=2026-02-30T00:00:00Z+",
	"start=2026-02-30T00:00:00Z+: expected a time such as 2026-04-01T00:00:00Z"},
    {"smb-worm?start=9999-06-01T00:00:00Z",
	"start=9999-06-01T00:00:00Z: expected a time such as 2026-04-01T00:00:00Z"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct scenario *scenario = NULL;
		struct scenario_options options;
		struct complaint complaint = {""};
		int error = scenario_parse(refusals[i].address, &scenario, &options, &complaint);
		bool is_refused = error == -EINVAL && scenario == NULL &&
				  strcmp(complaint.text, refusals[i].complaint) == 0;
		OK(is_refused, refusals[i].address);
		if (!is_refused)
			printf("# %s\n", complaint.text);
	}
}

static void test_options(void)
{
	const struct scenario *scenario = NULL;
	struct scenario_options options = {0};
	OK(scenario_parse("darknet-background?seed=18446744073709551615&start=2026-01-01T00:00:00Z"
			  "&packets=5&sources=6&seconds=7",
	       &scenario, &options, NULL) == 0 &&
		options.seed == UINT64_MAX && options.packets == 5 && options.sources == 6 &&
		options.seconds == 7 && options.start_us == INT64_C(1767225600000000),
	    "all options are understood");
	OK(scenario_parse("office-day", &scenario, &options, NULL) == 0 && options.seed == 1 &&
		options.start_us == SCENARIO_START_US && options.packets == 0,
	    "and have defaults");
}

/* The next day is that of the next seed, a day later. */
static void test_days(void)
{
	struct run both = run_address("drill:smb-worm?days=2&seed=3", 4096, UINT64_MAX);
	struct run first = run_address("drill:smb-worm?seed=3", 4096, UINT64_MAX);
	struct run second =
	    run_address("drill:smb-worm?seed=4&start=2026-04-02T00:00:00Z", 4096, UINT64_MAX);
	OK(both.frames == first.frames + second.frames && both.faults == 0 && !both.went_back,
	    "a story of two days has the frames of both");
	OK(both.first_us == first.first_us && both.last_us == second.last_us, "and their times");
}

/* Going on after a time is reading all, and leaving out what was before. */
static void test_going_on(void)
{
	const int64_t day_us = WHEN_DAY_US;
	const int64_t noon_us = SCENARIO_START_US + day_us / 2;
	static const char two[] = "drill:smb-worm?days=2&seed=3";
	struct run both = run_address(two, 4096, UINT64_MAX);
	struct run second =
	    run_address("drill:smb-worm?seed=4&start=2026-04-02T00:00:00Z", 4096, UINT64_MAX);
	struct run third =
	    run_address("drill:smb-worm?seed=5&start=2026-04-03T00:00:00Z", 4096, UINT64_MAX);
	struct run run = run_after(two, SCENARIO_START_US - 1, 4096, UINT64_MAX);
	OK(same(run, both), "what was not begun begins");
	run = run_after(two, both.first_us, 4096, UINT64_MAX);
	OK(same(run, both), "from the first frame on it is all of it");
	run = run_after(two, both.first_us + 1, 4096, UINT64_MAX);
	OK(run.frames == both.frames - 1 && run.last_us == both.last_us,
	    "a moment later it is all but that");
	run = run_after(two, SCENARIO_START_US + day_us, 7, UINT64_MAX);
	OK(same(
	       run, run_address("drill:smb-worm?seed=4&start=2026-04-02T00:00:00Z", 7, UINT64_MAX)),
	    "days count on");
	run = run_after(two, second.last_us + 1, 4096, UINT64_MAX);
	OK(run.first_us == third.first_us && run.frames > third.frames,
	    "what was over goes on with its next day, as often as it was to be told");
	run = run_after("drill:smb-worm?seed=3", SCENARIO_START_US + 2 * day_us, 4096, UINT64_MAX);
	OK(same(run, third), "whole days later as well");
	run = run_after("drill:smb-worm?seed=3", INT64_MAX, 4096, UINT64_MAX);
	OK(same(run, run_address("drill:smb-worm?seed=3", 4096, UINT64_MAX)),
	    "a time that cannot be changes nothing");

	static const char sized[] = "drill:darknet-background?packets=9000&seconds=259200";
	struct run whole = run_address(sized, 4096, UINT64_MAX);
	run = run_after(sized, noon_us + day_us, 4096, UINT64_MAX);
	OK(run.frames > 0 && run.frames < whole.frames && run.first_us >= noon_us + day_us &&
		run.last_us == whole.last_us,
	    "what takes a size is one piece");
	run = run_after(sized, whole.last_us + 1, 4096, UINT64_MAX);
	OK(run.frames == whole.frames && run.first_us > whole.last_us,
	    "and begins once more when it is over");
}

/* Sizes a user may ask for, small and odd. */
static void test_sizes(void)
{
	static const struct {
		const char *address;
		uint64_t frames;
	} rows[] = {
	    {"drill:darknet-background?packets=1", 1},
	    {"drill:darknet-background?packets=1000&sources=1&seconds=1", 1000},
	    {"drill:darknet-background?packets=5000&sources=1000000000000", 5000},
	    {"drill:darknet-background?packets=12345&seconds=31622400", 12345},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_address(rows[i].address, 4096, UINT64_MAX);
		OK(run.frames == rows[i].frames && run.faults == 0 && !run.went_back,
		    rows[i].address);
	}
}

int main(void)
{
	for (size_t i = 0; i < scenario_count(); i++)
		test_scenario(scenario_get(i));
	test_whole("drill:office-day?seed=3", 8);
	test_whole("drill:smb-worm?seed=3", 1);
	test_whole("drill:flooded-server?seed=3", 1);
	test_refusals();
	test_options();
	test_days();
	test_going_on();
	test_sizes();
	return test_done();
}
