/*
 * Every call to the disk fails once while a keeper works, and at each it dies as well: what it
 * counted is each packet once, afterwards.
 */
#include "fault_vfs.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/when.h"
#include "cmd/station/keeper.h"
#include "link/sightings_writer.h"
#include "store_help.h"

#define BASE_US (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */

enum {
	ROUNDS = 4,
	BATCHES_MAX = 16,
	PACKETS = 5, /* of one batch */
	TURNS_MAX = 12,
};

struct piece {
	uint8_t *bytes;
	size_t count;
};

struct desk {
	struct store *store;
	struct keeper *keeper;
	struct sightings_writer *writer;
	struct piece pieces[BATCHES_MAX];
	size_t count;
	size_t next;
	size_t taken; /* the relay forgets them */
	struct keeper_clock clock;
};

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static struct thresholds thresholds;
static struct complaint complaint;

static int give(void *context, const uint8_t *bytes, size_t count)
{
	struct desk *desk = context;
	struct piece *piece = &desk->pieces[desk->count++];
	piece->bytes = malloc(count);
	if (piece->bytes == NULL)
		abort();
	memcpy(piece->bytes, bytes, count);
	piece->count = count;
	return 0;
}

static int read_piece(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct desk *desk = context;
	if (desk->next == desk->count)
		return 0;
	*ret_bytes = desk->pieces[desk->next].bytes;
	*ret_count = desk->pieces[desk->next++].count;
	return 1;
}

static int send_letter(void *context, const struct outbox_parcel *parcel)
{
	(void)context;
	(void)parcel;
	return -ENOTCONN;
}

static int send_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -ENOTCONN;
}

static void take(void *context, size_t source)
{
	struct desk *desk = context;
	(void)source;
	desk->taken = desk->next;
}

static void tell_registry(void *context, const char *text, size_t length)
{
	(void)context;
	(void)text;
	(void)length;
}

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	(void)event;
	(void)text;
}

/* False when the disk does not let it begin. */
static bool open_keeper(struct desk *desk)
{
	const struct store_options options = {.engine = "sqlite", .path = database};
	const struct keeper_options keeper = {
	    .roster = {.language = LANGUAGE_EN, .zone = ""},
	    .correlator = {.thresholds = &thresholds,
		.memory_bytes = 16U << 20,
		.casebook = {.incidents_max = 100}},
	    .outbox = {.station = "test",
		.from = "",
		.desk = "",
		.host = "station.example",
		.identity = "0123456789abcdef"},
	    .canary = {.maildir = ""},
	    .batches_us = 25 * WHEN_HOUR_US,
	    .io = {.context = desk,
		.send = send_letter,
		.send_canary = send_canary,
		.take = take,
		.tell_registry = tell_registry,
		.log = log_event},
	};
	struct keeper_options whole = keeper;
	const struct intake_source source = {.read = read_piece, .context = desk};
	size_t number;
	desk->next = desk->taken;
	if (store_open(&options, &desk->store, &complaint) != 0)
		return false;
	whole.store = desk->store;
	if (keeper_new(&whole, &desk->clock, &desk->keeper, &complaint) != 0) {
		store_close(desk->store);
		desk->store = NULL;
		return false;
	}
	if (keeper_add_source(desk->keeper, "here", &source, &number, &complaint) != 0)
		abort();
	return true;
}

static void close_keeper(struct desk *desk)
{
	keeper_free(desk->keeper);
	store_close(desk->store);
	desk->keeper = NULL;
	desk->store = NULL;
}

static void turn(struct desk *desk)
{
	desk->clock.wall_us += 2 * WHEN_SECOND_US;
	desk->clock.monotonic_us += 2 * WHEN_SECOND_US;
	if (desk->keeper != NULL)
		(void)keeper_turn(desk->keeper, &desk->clock);
}

/* A machine asks somebody, in a batch of its own. */
static void ask(struct desk *desk, uint32_t n)
{
	struct sighting sighting = {.key = {.subject = address_from_v4_u32(0xcb007100 + n),
					.port = 23,
					.kind = SIGHTING_REQUEST,
					.protocol = 6}};
	sighting_init(&sighting);
	sighting.window_us = BASE_US;
	sighting.first_us = sighting.last_us = BASE_US + 1;
	sighting.packets = PACKETS;
	sighting.bytes = PACKETS * 60;
	sighting.bins[0] = PACKETS;
	sighting.ttl_min = sighting.ttl_max = 60;
	const struct observer_sink *sink = sightings_writer_sink(desk->writer);
	sink->on_sighting(sink->context, &sighting);
	if (sightings_writer_flush(desk->writer) != 0)
		abort();
}

/* Rounds of batches and statistics, whatever the disk does. */
static void work(struct desk *desk)
{
	for (uint32_t round = 0; round < ROUNDS; round++) {
		ask(desk, round);
		if (round % 2 == 0 && desk->keeper != NULL)
			keeper_end(desk->keeper);
		turn(desk);
		ask(desk, 100 + round);
		turn(desk);
	}
}

static int visit(void *context, const void *record)
{
	const struct store_stat *stat = record;
	int64_t *sums = context;
	sums[stat->period_s == 300 ? 0 : stat->period_s == 3600 ? 1 : 2] += stat->packets;
	return 0;
}

/* The disk is well again: everything comes to its end. True when all was counted once. */
static bool finish(struct desk *desk, int64_t *ret_batches)
{
	int64_t sums[3] = {0};
	const struct store_query stats = {.kind = STORE_STAT};
	fault_set(FAULT_NONE, 0, false);
	if (desk->keeper == NULL && !open_keeper(desk))
		return false;
	for (int i = 0; i < TURNS_MAX; i++) {
		keeper_end(desk->keeper);
		turn(desk);
	}
	*ret_batches = count_of(desk->store, STORE_BATCH);
	if (store_each(desk->store, &stats, visit, sums, &complaint) != 0)
		return false;
	const int64_t wanted = 2 * ROUNDS * PACKETS;
	return sums[0] == wanted && sums[1] == wanted && sums[2] == wanted &&
	       desk->taken == desk->count;
}

/* Returns false when no call failed any more: all were tried. */
static bool run(enum fault fault, int64_t fail_at, bool dies, bool *ret_right)
{
	struct desk desk = {.clock = {BASE_US, 1}};
	const struct sightings_writer_options writer = {
	    .give = give, .context = &desk, .name = "x", .sensor = "here", .epoch = 1};
	int64_t batches = 0;
	fault_clear();
	if (sightings_writer_new(&writer, &desk.writer) != 0 || !open_keeper(&desk))
		abort();
	fault_set(fault, fail_at, false);
	work(&desk);
	const bool failed = fault_disk.failed > 0;
	if (dies)
		close_keeper(&desk);
	*ret_right = finish(&desk, &batches) && batches == 2 * ROUNDS;
	close_keeper(&desk);
	sightings_writer_free(desk.writer);
	for (size_t i = 0; i < desk.count; i++)
		free(desk.pieces[i].bytes);
	remove_folder(folder);
	if (mkdir(folder, 0700) != 0) /* of the same name: the disk knows its files by it */
		abort();
	return failed;
}

static void test_all(enum fault fault, bool dies, const char *name)
{
	int64_t runs = 0;
	int64_t wrong = 0;
	int64_t first_wrong = 0;
	bool is_right = true;
	while (run(fault, runs + 1, dies, &is_right)) {
		runs++;
		if (!is_right && wrong++ == 0)
			first_wrong = runs;
	}
	printf("# %s: %jd calls, %jd wrong, the first at call %jd\n", name, (intmax_t)runs,
	    (intmax_t)wrong, (intmax_t)first_wrong);
	OK(runs > 4 && wrong == 0 && is_right, name);
}

int main(void)
{
	thresholds_init(&thresholds);
	make_folder(folder);
	(void)snprintf(database, sizeof database, "%s/station.db", folder);
	fault_install();
	test_all(FAULT_SYNC, false, "each sync fails once, and the keeper goes on");
	test_all(FAULT_SYNC, true, "each sync fails once, and the keeper dies");
	test_all(FAULT_IO, false, "each call fails once");
	test_all(FAULT_IO, true, "each call fails once, and the keeper dies");
	test_all(FAULT_FULL, false, "the disk is full at each call once");
	test_all(FAULT_FULL, true, "the disk is full at each call once, and the keeper dies");
	test_all(FAULT_TORN, true, "half of each write, and the keeper dies");
	fault_release();
	remove_folder(folder);
	return test_done();
}
