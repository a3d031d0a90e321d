/* Batches of several sources in one order: who waits for whom, what is missing, what comes twice.
 */
#include "cmd/station/intake.h"

#include <errno.h>

#include "sightings_help.h"
#include "test.h"

#define MINUTE_US (INT64_C(60) * 1000000)
#define WAIT_US   (INT64_C(2) * 1000000)

enum {
	BATCHES_MAX = 64,
	SOURCES = 3,
};

/* One source: a writer whose batches wait here until they are read. */
struct spring {
	struct sightings_writer *writer;
	const struct observer_sink *sink;
	struct growing batches[BATCHES_MAX];
	size_t count;
	size_t next;
	bool is_broken;  /* says once that something was lost */
	bool is_endless; /* from its end on there is nonsense, and on */
	size_t nonsense; /* that was read */
};

struct desk_of_intake {
	struct intake *intake;
	struct spring springs[SOURCES];
	char told[8192]; /* what was handed on: "1 2 end:0 gap:..." */
	size_t length;
	size_t stored;
};

__attribute__((format(printf, 2, 3))) static void tell(
    struct desk_of_intake *desk, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(
	    desk->told + desk->length, sizeof desk->told - desk->length, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof desk->told - desk->length)
		abort();
	desk->length += (size_t)length;
}

static int take_batch(void *context, const uint8_t *batch, size_t bytes)
{
	struct spring *spring = context;
	struct growing *into = &spring->batches[spring->count++];
	growing_open(into);
	fwrite(batch, 1, bytes, into->file);
	growing_seal(into);
	return 0;
}

static int read_batch(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct spring *spring = context;
	if (spring->is_broken) {
		spring->is_broken = false;
		return -EBADMSG;
	}
	if (spring->next == spring->count && spring->is_endless) {
		spring->nonsense++;
		return -EBADMSG;
	}
	if (spring->next == spring->count)
		return 0;
	const struct growing *batch = &spring->batches[spring->next++];
	*ret_bytes = (const uint8_t *)batch->bytes;
	*ret_count = batch->count;
	return 1;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	tell(context, "%u ", address_low32(&sighting->key.subject) & 0xff);
}

static void on_host(void *context, const struct host *host)
{
	(void)host;
	tell(context, "host ");
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void on_window_end(void *context, int64_t window_us)
{
	tell(context, "end:%d ", (int)((window_us - WINDOW_US) / MINUTE_US));
}

static void on_batch(void *context, size_t source, const struct sightings_batch *batch,
    const struct sightings_bytes *bytes)
{
	struct desk_of_intake *desk = context;
	(void)source;
	(void)batch;
	desk->stored += bytes->count > 0;
}

static void on_gap(void *context, const struct intake_gap *gap)
{
	tell(context, "%s:%zu:%d ", gap->is_damaged ? "damage" : "gap", gap->source,
	    (int)gap->batches);
}

static void open_desk(struct desk_of_intake *desk, size_t sources)
{
	*desk = (struct desk_of_intake){.length = 0};
	const struct intake_options options = {
	    .sink = {.context = desk,
		.on_sighting = on_sighting,
		.on_host = on_host,
		.on_carrier = on_carrier,
		.on_window_end = on_window_end},
	    .on_batch = on_batch,
	    .on_gap = on_gap,
	    .context = desk,
	    .wait_us = WAIT_US,
	};
	if (intake_new(&options, &desk->intake) != 0)
		abort();
	for (size_t i = 0; i < sources; i++) {
		struct spring *spring = &desk->springs[i];
		static const char *const names[SOURCES] = {"a", "b", "c"};
		const struct sightings_writer_options writer = {.give = take_batch,
		    .context = spring,
		    .name = names[i],
		    .sensor = names[i],
		    .epoch = 5};
		const struct intake_source source = {.read = read_batch, .context = spring};
		size_t number;
		if (sightings_writer_new(&writer, &spring->writer) != 0 ||
		    intake_add(desk->intake, &source, &number) != 0 || number != i)
			abort();
		spring->sink = sightings_writer_sink(spring->writer);
	}
}

static void close_desk(struct desk_of_intake *desk)
{
	for (size_t i = 0; i < SOURCES; i++) {
		for (size_t b = 0; b < desk->springs[i].count; b++)
			growing_free(&desk->springs[i].batches[b]);
		sightings_writer_free(desk->springs[i].writer);
	}
	intake_free(desk->intake);
}

/* A sighting of machine n in the m-th minute, as a batch of its own. */
static void see(struct desk_of_intake *desk, size_t source, uint32_t n, int64_t minute)
{
	struct spring *spring = &desk->springs[source];
	struct address_item item;
	const struct sighting sighting = small_sighting(n, WINDOW_US + minute * MINUTE_US, &item);
	spring->sink->on_sighting(spring->sink->context, &sighting);
	if (sightings_writer_flush(spring->writer) != 0)
		abort();
}

static void finish(struct desk_of_intake *desk, size_t source, int64_t minute)
{
	struct spring *spring = &desk->springs[source];
	spring->sink->on_window_end(spring->sink->context, WINDOW_US + minute * MINUTE_US);
}

/* What was told since the last time. */
static bool says(struct desk_of_intake *desk, const char *expected)
{
	bool good = strcmp(desk->told, expected) == 0;
	if (!good)
		printf("# got \"%s\", expected \"%s\"\n", desk->told, expected);
	desk->length = 0;
	desk->told[0] = '\0';
	return good;
}

static void test_one(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 1);
	see(&desk, 0, 1, 0);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 "), "what was seen is handed on at once");
	see(&desk, 0, 2, 0);
	finish(&desk, 0, 0);
	see(&desk, 0, 3, 1);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "2 end:0 3 "), "and a window ends when its source says so");
	OK(desk.stored == 4, "each batch is given to be kept");
	close_desk(&desk);
}

static void test_two(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 2);
	see(&desk, 0, 1, 0);
	finish(&desk, 0, 0);
	see(&desk, 0, 2, 1);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 "), "who is ahead waits");
	OK(!intake_is_empty(desk.intake, 0) && intake_is_empty(desk.intake, 1),
	    "and what waits must stay where it came from");
	see(&desk, 1, 11, 0);
	(void)intake_run(desk.intake, 1);
	OK(says(&desk, "11 "), "for what others have of the window");
	finish(&desk, 1, 0);
	(void)intake_run(desk.intake, 2);
	OK(says(&desk, "end:0 2 "), "until they have ended it");
	OK(intake_ended_us(desk.intake) == WINDOW_US, "that is known");
	close_desk(&desk);
}

static void test_hanging(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 2);
	see(&desk, 0, 1, 0);
	finish(&desk, 0, 0);
	see(&desk, 0, 2, 1);
	(void)intake_run(desk.intake, 0);
	(void)intake_run(desk.intake, WAIT_US - 1);
	OK(says(&desk, "1 "), "who hangs is waited for");
	(void)intake_run(desk.intake, WAIT_US);
	OK(says(&desk, "end:0 2 "), "so long, and no longer");
	see(&desk, 1, 11, 0);
	finish(&desk, 1, 0);
	(void)intake_run(desk.intake, WAIT_US);
	OK(says(&desk, "11 "), "what comes late is handed on, and ends nothing again");
	finish(&desk, 0, 1);
	(void)intake_run(desk.intake, WAIT_US);
	finish(&desk, 1, 1);
	(void)intake_run(desk.intake, WAIT_US);
	OK(says(&desk, "end:1 "), "then all go together again");
	close_desk(&desk);
}

static void test_absent(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 2);
	intake_set_present(desk.intake, 1, false);
	see(&desk, 0, 1, 0);
	finish(&desk, 0, 0);
	see(&desk, 0, 2, 1);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 end:0 2 "), "who is not there is not waited for");
	intake_set_present(desk.intake, 1, true);
	finish(&desk, 0, 1);
	see(&desk, 0, 3, 2);
	(void)intake_run(desk.intake, 0);
	intake_set_present(desk.intake, 1, false);
	(void)intake_run(desk.intake, 1);
	OK(says(&desk, "end:1 3 "), "nor is who goes while he is waited for");
	close_desk(&desk);
}

static void test_numbers(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 1);
	for (uint32_t n = 1; n <= 6; n++)
		see(&desk, 0, n, 0);
	desk.springs[0].next = 0;
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 2 3 4 5 6 "), "in their order");
	desk.springs[0].next = 0;
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, ""), "and not again");
	for (uint32_t n = 7; n <= 10; n++)
		see(&desk, 0, n, 0);
	desk.springs[0].next = 8;
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "gap:0:2 9 10 "), "numbers that are missing are told");
	close_desk(&desk);
}

static void test_applied(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 1);
	for (uint32_t n = 1; n <= 4; n++)
		see(&desk, 0, n, 0);
	OK(intake_note_applied(desk.intake, "a", 5, 3) == 0 &&
		intake_note_applied(desk.intake, "", 5, 3) == -EINVAL,
	    "what was applied before the start is known by its name");
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "4 "), "and left out");
	close_desk(&desk);
}

static void test_damage(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 1);
	for (uint32_t n = 1; n <= 3; n++)
		see(&desk, 0, n, 0);
	desk.springs[0].batches[1].bytes[20] ^= 1;
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 damage:0:1 gap:0:1 3 "),
	    "a damaged one is told, and the others are read");
	desk.springs[0].is_broken = true;
	see(&desk, 0, 4, 0);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "damage:0:1 4 "), "as is what the way itself lost");
	close_desk(&desk);
}

/* A source that is in other hands writes as fast as it is read. */
static void test_endless(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 2);
	see(&desk, 0, 1, 0);
	see(&desk, 1, 11, 0);
	finish(&desk, 1, 0);
	see(&desk, 1, 12, 1);
	desk.springs[0].is_endless = true;
	OK(intake_run(desk.intake, 0), "nonsense without end: there is more");
	OK(desk.springs[0].nonsense <= 2 * INTAKE_RUN_MAX, "but a run ends");
	OK(says(&desk, "1 11 damage:0:1023 "), "others have their turn, and all of it is one gap");
	OK(intake_run(desk.intake, WAIT_US), "it goes on");
	OK(says(&desk, "damage:0:1024 end:0 12 "),
	    "and whoever waits for its window waits no longer than for anybody");
	desk.springs[0].is_endless = false;
	OK(!intake_run(desk.intake, WAIT_US), "until it is over");
	close_desk(&desk);
}

static void test_clock(void)
{
	struct desk_of_intake desk;
	open_desk(&desk, 1);
	see(&desk, 0, 1, 120);
	finish(&desk, 0, 120);
	see(&desk, 0, 2, 60);
	finish(&desk, 0, 60);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "1 end:120 2 "), "an hour back is late");
	see(&desk, 0, 3, 59);
	finish(&desk, 0, 59);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "3 end:59 "), "more than that is a clock that was set back");
	intake_set_clock_step(desk.intake, MINUTE_US); /* as while it settles */
	see(&desk, 0, 4, 58);
	finish(&desk, 0, 58);
	see(&desk, 0, 5, 56);
	finish(&desk, 0, 56);
	(void)intake_run(desk.intake, 0);
	OK(says(&desk, "4 5 end:56 "), "of a smaller step, more than it");
	close_desk(&desk);
}

static void test_sources(void)
{
	struct intake *intake;
	const struct intake_options options = {.wait_us = 0};
	size_t number;
	int result = 0;
	if (intake_new(&options, &intake) != 0)
		abort();
	for (size_t i = 0; i < INTAKE_SOURCES_MAX && result == 0; i++)
		result = intake_add(intake, &(const struct intake_source){NULL, NULL}, &number);
	OK(result == 0, "as many sources as there may be");
	OK(intake_add(intake, &(const struct intake_source){NULL, NULL}, &number) == -ENOSPC,
	    "and not one more");
	intake_free(intake);
}

int main(void)
{
	test_one();
	test_two();
	test_hanging();
	test_absent();
	test_numbers();
	test_applied();
	test_damage();
	test_endless();
	test_clock();
	test_sources();
	return test_done();
}
