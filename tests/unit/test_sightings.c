/* What is written as batches of sightings is what is read from them; damage is found at its batch.
 */
#include "link/sightings.h"

#include <errno.h>

#include "base/cursor.h"
#include "set_help.h"
#include "sightings_help.h"
#include "source/frame.h"
#include "test.h"

enum {
	ROUNDS = 40,
	SIGHTINGS_A_ROUND = 60,
	SLAB_BYTES = 16 << 20,
};

static struct slab *slab;

/* Sends everything to two sinks. */
struct both {
	const struct observer_sink *one;
	const struct observer_sink *other;
};

static void give(const struct both *both, const struct sighting *sighting)
{
	both->one->on_sighting(both->one->context, sighting);
	both->other->on_sighting(both->other->context, sighting);
}

static int64_t near_window(struct random *random, int64_t window_us)
{
	switch (random_below(random, 12)) {
	case 0:
		return FRAME_TIME_MIN_US;
	case 1:
		return FRAME_TIME_MAX_US;
	default:
		return window_us + (int64_t)random_below(random, 90000000) - 30000000;
	}
}

static void draw_targets(struct sighting *sighting, struct random *random)
{
	static const size_t counts[] = {0, 1, 1, 1, 2, 7, 60, 256, 1500};
	size_t count = counts[random_below(random, sizeof counts / sizeof counts[0])];
	for (size_t i = 0; i < count; i++) {
		const struct address target = nth_address((uint32_t)random_below(random, 3000));
		const int64_t first_us = near_window(random, sighting->window_us);
		const int64_t last_us = near_window(random, sighting->window_us);
		const struct address_touch touch = {
		    .first_us = first_us < last_us ? first_us : last_us,
		    .last_us = first_us < last_us ? last_us : first_us,
		    .packets = (uint32_t)(random_u64(random) >> random_below(random, 64)),
		    .flags = (uint32_t)random_below(random, 32),
		};
		(void)address_set_touch(&sighting->targets, slab, &target, &touch);
	}
	if (random_below(random, 5) == 0)
		sighting->targets.lost = ADDRESS_LOST_SOME | (uint32_t)random_u64(random);
}

static void draw_key(struct sighting_key *key, struct random *random)
{
	static const uint8_t kinds[] = {SIGHTING_REQUEST, SIGHTING_REPLY, SIGHTING_NEIGHBOUR,
	    SIGHTING_PROBE, SIGHTING_EXCHANGE, SIGHTING_FLOODED, SIGHTING_REFLECTED};
	*key = (struct sighting_key){
	    .subject = nth_address((uint32_t)random_below(random, 100)),
	    .port = (uint16_t)random_u64(random),
	    .kind = kinds[random_below(random, sizeof kinds)],
	    .protocol = (uint8_t)random_u64(random),
	    .drill = (uint8_t)random_below(random, 2),
	};
	if (key->kind == SIGHTING_PROBE)
		key->variant = (uint8_t)(1 + random_below(random, VARIANT_COUNT - 1));
	if (key->kind == SIGHTING_NEIGHBOUR)
		key->protocol = random_below(random, 2) == 0 ? 0 : 58;
}

static void draw_packets(struct sighting *sighting, struct random *random)
{
	int64_t first_us = near_window(random, sighting->window_us);
	int64_t last_us = near_window(random, sighting->window_us);
	sighting->first_us = first_us < last_us ? first_us : last_us;
	sighting->last_us = first_us < last_us ? last_us : first_us;
	sighting->packets = 1 + random_below(random, SIGHTINGS_COUNT_MAX);
	sighting->bytes = random_u64(random);
	sighting->dark_packets = random_below(random, sighting->packets + 1);
	sighting->ttl_min = (uint8_t)random_u64(random);
	sighting->ttl_max = (uint8_t)random_u64(random);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		sighting->marks[i] = random_below(random, 2) * random_below(random, 2);
	for (size_t i = 0; i < SIGHTING_BINS; i++)
		sighting->bins[i] =
		    (uint32_t)(sighting->packets / 6 > UINT32_MAX ? UINT32_MAX
								  : sighting->packets / 6);
	for (uint64_t i = random_below(random, 12); i > 0; i--)
		sighting_note_source_port(sighting, (uint16_t)random_u64(random),
		    near_window(random, sighting->window_us));
}

static void draw(struct sighting *sighting, struct random *random, int64_t window_us)
{
	*sighting = (struct sighting){0};
	sighting_init(sighting);
	draw_key(&sighting->key, random);
	sighting->window_us = window_us;
	if (random_below(random, 10) == 0)
		sighting->window_us -= SIGHTING_WINDOW_US;
	sighting->answers = random_below(random, SIGHTINGS_COUNT_MAX);
	sighting->refusals = random_below(random, 3);
	sighting->silences = random_below(random, 3);
	sighting->seen = (uint8_t)random_below(random, 4);
	if (random_below(random, 6) != 0)
		draw_packets(sighting, random);
	draw_targets(sighting, random);
}

static void give_hosts(const struct both *both, struct random *random)
{
	for (uint64_t i = random_below(random, 5); i > 0; i--) {
		const struct host host = {
		    .address = nth_address((uint32_t)random_below(random, 100)),
		    .flags = (uint32_t)random_below(random, 256),
		    .mac = {2, (uint8_t)random_below(random, 3)},
		};
		struct carrier carrier = {.mac = {4, 5, 6, 7, 8, (uint8_t)i}};
		for (uint32_t place = 0; place < random_below(random, CARRIER_PLACES_MAX + 1);
		     place++)
			carrier.places[carrier.place_count++] = nth_address(place * 1000);
		both->one->on_host(both->one->context, &host);
		both->other->on_host(both->other->context, &host);
		both->one->on_carrier(both->one->context, &carrier);
		both->other->on_carrier(both->other->context, &carrier);
	}
}

static void give_window(const struct both *both, struct random *random, int64_t window_us)
{
	struct sighting sighting;
	for (int i = 0; i < SIGHTINGS_A_ROUND; i++) {
		draw(&sighting, random, window_us);
		give(both, &sighting);
		sighting_clear(&sighting, slab);
	}
	both->one->on_window_end(both->one->context, window_us);
	both->other->on_window_end(both->other->context, window_us);
}

static void test_round_trip(void)
{
	struct random random;
	struct desk desk;
	struct growing text;
	struct told told;
	random_init(&random, 5);
	desk_open(&desk, "a sensor", 7);
	growing_open(&text);
	const struct observer_sink teller_sink = teller(text.file);
	const struct both both = {desk.sink, &teller_sink};
	for (int64_t i = 0; i < ROUNDS; i++)
		give_window(&both, &random, WINDOW_US + i * SIGHTING_WINDOW_US);
	growing_seal(&text);
	OK(desk_finish(&desk, NULL) == 0, "thousands of random sightings are written");
	read_files(&desk.growing, 1, &told);
	OK(told.complaints == 0 && told_same(&told, &text), "and read as they were");
	told_free(&told);
	growing_free(&text);
	growing_free(&desk.growing);
}

static void test_hosts(void)
{
	struct random random;
	struct desk desk;
	struct growing hosts;
	struct told told;
	random_init(&random, 6);
	desk_open(&desk, "a sensor", 7);
	growing_open(&hosts);
	const struct observer_sink sink = teller(hosts.file);
	const struct both both = {desk.sink, &sink};
	for (int i = 0; i < 50; i++)
		give_hosts(&both, &random);
	growing_seal(&hosts);
	OK(desk_finish(&desk, NULL) == 0, "hosts and carriers without any window are written");
	read_files(&desk.growing, 1, &told);
	/* hosts come before carriers now, so lines may have changed places */
	OK(told.complaints == 0 && told.text.count == hosts.count, "and read, all of them");
	told_free(&told);
	growing_free(&hosts);
	growing_free(&desk.growing);
}

static void test_reading(void)
{
	struct desk desk;
	struct told told;
	const struct sightings_reading reading = {.packets = 1,
	    .bytes = 2,
	    .filtered = 3,
	    .decoded = 4,
	    .truncated = 5,
	    .malformed = 6,
	    .unsupported = 7,
	    .first_us = FRAME_TIME_MIN_US,
	    .last_us = FRAME_TIME_MAX_US,
	    .hosts = 8,
	    .dropped = 9,
	    .evicted = 10,
	    .forged_sources = 11,
	    .clock_steps = 12,
	    .inner_mismatch = 13,
	    .unsupported_links = UINT64_MAX,
	    .unsupported_link_type = 15,
	    .strangers = {.packets = 16,
		.kept = 17,
		.folded = 18,
		.refused = 19,
		.port_count = 2,
		.ports = {{30, 20, 445, 6}, {10, 5, 53, 17}}}};
	desk_open(&desk, "a sensor", 7);
	OK(desk_finish(&desk, &reading) == 0, "what was read in all is written");
	read_files(&desk.growing, 1, &told);
	OK(told.complaints == 0 && memcmp(&told.reading, &reading, sizeof reading) == 0,
	    "and read, every number of it");
	told_free(&told);
	growing_free(&desk.growing);
}

static void test_reading_adds(void)
{
	struct sightings_reading sum;
	struct sightings_reading one;
	sightings_reading_init(&sum);
	sightings_reading_init(&one);
	one.packets = UINT64_MAX;
	for (uint16_t i = 0; i < STRANGERS_PORTS; i++)
		one.strangers.ports[i] = (struct strangers_port){100U - i, 1, i, 6};
	one.strangers.port_count = STRANGERS_PORTS;
	sightings_reading_add(&sum, &one);
	OK(memcmp(&sum, &one, sizeof sum) == 0, "a reading added to nothing is itself");
	one.packets = 1;
	one.strangers.ports[0] = (struct strangers_port){200, 2, 9, 6};
	one.strangers.ports[9] = (struct strangers_port){95, 2, 9, 17};
	sightings_reading_add(&sum, &one);
	const struct strangers_port *ports = sum.strangers.ports;
	OK(sum.packets == UINT64_MAX && sum.strangers.port_count == STRANGERS_PORTS,
	    "counts stop, and so do ports");
	OK(ports[0].port == 9 && ports[0].packets == 291 && ports[0].sources == 3 &&
		ports[1].port == 1 && ports[1].packets == 198 && ports[9].port == 0 &&
		ports[9].packets == 100,
	    "ports add up, the most asked for stay");
}

static void test_sums(void)
{
	struct desk desk;
	struct told told;
	struct growing text;
	struct sum one = {
	    .key = {.address = address_from_v4_u32(0xc0000200),
		.bits = 120,
		.kind = SIGHTING_REPLY,
		.protocol = 6,
		.port = 443},
	    .first_us = WINDOW_US,
	    .last_us = WINDOW_US + 1,
	    .packets = 12,
	    .bytes = 720,
	    .sources = 5,
	    .tools = 3,
	};
	desk_open(&desk, "a sensor", 7);
	growing_open(&text);
	for (uint8_t bits = 0; bits <= ADDRESS_BITS; bits = (uint8_t)(bits + 32)) {
		one.key.bits = bits;
		one.key.address = (struct address){{0}};
		if (bits >= ADDRESS_V4_BITS)
			one.key.address =
			    address_from_v4_u32(bits == ADDRESS_BITS ? 0xc0000201 : 0);
		else if (bits > 0)
			one.key.address = (struct address){{0x20, 0x01, 0x0d, 0xb8}};
		desk.sink->on_sum(desk.sink->context, &one);
		tell_sum(text.file, &one);
	}
	growing_seal(&text);
	OK(desk_finish(&desk, NULL) == 0, "sums of all of IPv6 and of IPv4, and less, are written");
	read_files(&desk.growing, 1, &told);
	OK(told.complaints == 0 && told_same(&told, &text), "and read");
	told_free(&told);
	growing_free(&text);
	growing_free(&desk.growing);
}

/* How many batches a file has, none larger than allowed, and the windows that they end. */
static size_t count_batches(const struct growing *file, size_t *ret_ends)
{
	struct sightings_reader *reader = reader_over(file->bytes, file->count);
	const struct sightings_batch *batch;
	size_t count = 0;
	*ret_ends = 0;
	while (sightings_reader_next(reader, &batch, NULL) > 0) {
		count++;
		*ret_ends += batch->ends_window;
	}
	sightings_reader_free(reader);
	return count;
}

static void test_splitting(void)
{
	static const struct {
		const char *name;
		size_t sightings;
		size_t targets;
		size_t batches; /* the last one is one of them */
	} rows[] = {
	    {"4096 sightings of a window are one batch", 4096, 0, 2},
	    {"one more makes two", 4097, 0, 3},
	    {"larger ones are split by their size", 200, 1000, 3},
	};
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
		struct address_item item;
		struct address_set set = {0};
		struct desk desk;
		struct told told;
		for (uint32_t i = 0; i < rows[row].targets; i++)
			(void)touch_at(&set, slab, i, WINDOW_US, 0);
		desk_open(&desk, "a sensor", 7);
		for (uint32_t i = 0; i < rows[row].sightings; i++) {
			struct sighting sighting = small_sighting(i, WINDOW_US, &item);
			if (rows[row].targets > 0)
				sighting.targets = set;
			desk.sink->on_sighting(desk.sink->context, &sighting);
		}
		end_window(&desk, WINDOW_US);
		(void)desk_finish(&desk, NULL);
		size_t ends;
		size_t batches = count_batches(&desk.growing, &ends);
		read_files(&desk.growing, 1, &told);
		size_t lines = 0;
		for (size_t i = 0; i < told.text.count; i++)
			lines += told.text.bytes[i] == '\n';
		OK(batches == rows[row].batches && ends == 1 && told.complaints == 0 &&
			lines == rows[row].sightings + 1,
		    rows[row].name);
		told_free(&told);
		growing_free(&desk.growing);
		address_set_clear(&set, slab);
	}
}

static void test_unwritable(void)
{
	struct desk desk;
	struct address_item item;
	struct sighting sighting = small_sighting(1, WINDOW_US, &item);
	sighting.last_us = FRAME_TIME_MAX_US + 1;
	desk_open(&desk, "a sensor", 7);
	desk.sink->on_sighting(desk.sink->context, &sighting);
	OK(desk_finish(&desk, NULL) == -ERANGE, "a time after the year 9999 is not written");
	growing_free(&desk.growing);

	sighting = small_sighting(1, WINDOW_US, &item);
	sighting.key.kind = SIGHTING_ALL_FLOODED;
	desk_open(&desk, "a sensor", 7);
	desk.sink->on_sighting(desk.sink->context, &sighting);
	OK(desk_finish(&desk, NULL) == -ERANGE, "nor a kind that only a ledger makes");
	growing_free(&desk.growing);

	sighting = small_sighting(1, WINDOW_US, &item);
	sighting.dark_packets = sighting.packets + 1;
	desk_open(&desk, "a sensor", 7);
	desk.sink->on_sighting(desk.sink->context, &sighting);
	OK(desk_finish(&desk, NULL) == -ERANGE, "nor what no reader would believe");
	growing_free(&desk.growing);

	FILE *full = fopen("/dev/full", "wb");
	const struct sightings_writer_options options = {
	    .out = full, .name = "/dev/full", .sensor = "s", .epoch = 1};
	struct sightings_writer *writer;
	struct sightings_reading reading;
	struct complaint complaint;
	sightings_reading_init(&reading);
	if (full == NULL || sightings_writer_new(&options, &writer) != 0)
		abort();
	OK(sightings_writer_finish(writer, &reading, &complaint) == -ENOSPC &&
		strstr(complaint.text, "/dev/full") != NULL,
	    "a full disk is told");
	sightings_writer_free(writer);
	(void)fclose(full); /* it is full */
}

/* A file of two windows and some hosts, small enough to be tried byte by byte. */
static void make_small_file(struct growing *ret_file, struct growing *ret_text)
{
	struct random random;
	struct desk desk;
	struct told told;
	random_init(&random, 9);
	desk_open(&desk, "small", 7);
	for (uint32_t i = 0; i < 6; i++) {
		write_small(&desk, i, WINDOW_US + i / 3 * SIGHTING_WINDOW_US);
		if (i % 3 == 2)
			end_window(&desk, WINDOW_US + i / 3 * SIGHTING_WINDOW_US);
	}
	(void)desk_finish(&desk, NULL);
	read_files(&desk.growing, 1, &told);
	*ret_file = desk.growing;
	*ret_text = told.text;
}

static void test_cut(const struct growing *file, const struct growing *text)
{
	size_t wrong = 0;
	for (size_t length = 0; length < file->count; length++) {
		const struct growing part = {.bytes = file->bytes, .count = length};
		struct told told;
		read_files(&part, 1, &told);
		/* a window that was begun is ended in any case */
		wrong += told.complaints != 1 || told.complaint.text[0] == '\0' ||
			 !told_begins(&told, text);
		told_free(&told);
	}
	OK(wrong == 0, "cut anywhere: one complaint, and what stands before is read");
}

static void test_damaged(const struct growing *file, const struct growing *text)
{
	size_t wrong = 0;
	for (size_t at = 0; at < file->count; at++) {
		for (int bit = 0; bit < 8; bit++) {
			struct told told;
			file->bytes[at] ^= (char)(1 << bit);
			read_files(file, 1, &told);
			file->bytes[at] ^= (char)(1 << bit);
			wrong += told.complaints != 1 || !told_begins(&told, text) ||
				 strstr(told.complaint.text, "x.sightings:byte ") == NULL;
			told_free(&told);
		}
	}
	OK(wrong == 0,
	    "any bit turned: one complaint with the byte, and what stands before is read");
}

static void test_damage_is_placed(struct growing *file)
{
	struct told told;
	size_t second = SIGHTINGS_HEADER_BYTES + SIGHTINGS_FRAME_BYTES +
			be32((const uint8_t *)file->bytes + SIGHTINGS_HEADER_BYTES);
	char expected[COMPLAINT_BYTES];
	(void)snprintf(expected, sizeof expected,
	    "x.sightings:byte %zu: batch 2 is damaged (checksum); read up to there", second);
	file->bytes[second + SIGHTINGS_FRAME_BYTES + 20] ^= 1;
	read_files(file, 1, &told);
	file->bytes[second + SIGHTINGS_FRAME_BYTES + 20] ^= 1;
	OK(strcmp(told.complaint.text, expected) == 0, "damage is told with its batch and byte");
	OK(strstr(told.text.bytes, "end ") != NULL, "the window before it is whole");
	OK(told.reading.packets == 9 && told.reading.first_us == WINDOW_US + 5,
	    "without an end the packets in sightings count");
	told_free(&told);
}

static void test_versions(struct growing *file)
{
	static const struct {
		const char *name;
		char version;
		const char *complaint; /* NULL: none of the header */
	} rows[] = {
	    {"version 0 never was", 0, "sightings of version 0, expected 1 to 2"},
	    {"version 1 of a file whose batches are of version 2", 1,
		"is of another version than its file"},
	    {"a newer version", SIGHTINGS_VERSION + 1,
		"x.sightings:byte 8: sightings of version 3, expected 1 to 2; a newer Hinomi can "
		"read them"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told;
		file->bytes[SIGHTINGS_HEADER_BYTES - 1] = rows[i].version;
		read_files(file, 1, &told);
		OK(told.complaints == 1 && told.text.count == 0 &&
			strstr(told.complaint.text, rows[i].complaint) != NULL,
		    rows[i].name);
		told_free(&told);
	}
	file->bytes[SIGHTINGS_HEADER_BYTES - 1] = SIGHTINGS_VERSION;
}

static void test_packed_blocks(const struct growing *file, const struct growing *text)
{
	size_t wrong = 0;
	for (size_t block = 1; block < 40; block += 3) {
		struct stream *stream;
		struct sightings_reader *reader;
		struct sightings_replay *replay;
		struct growing got;
		int fd = memfd_create("sightings", 0);
		if (fd < 0 || write(fd, file->bytes, file->count) != (ssize_t)file->count ||
		    lseek(fd, 0, SEEK_SET) != 0 || stream_new(fd, "x", block, &stream) != 0 ||
		    sightings_reader_new(stream, &reader) != 0 ||
		    sightings_replay_new(&reader, 1, &replay) != 0)
			abort();
		growing_open(&got);
		const struct observer_sink sink = teller(got.file);
		while (sightings_replay_step(replay, &sink, NULL) > 0)
			;
		sightings_replay_free(replay);
		growing_seal(&got);
		wrong += got.count != text->count || memcmp(got.bytes, text->bytes, got.count) != 0;
		growing_free(&got);
	}
	OK(wrong == 0, "read in blocks of any size it is the same");
}

static void test_names(void)
{
	char longest[SIGHTINGS_SENSOR_BYTES + 1];
	memset(longest, 'a', sizeof longest);
	longest[SIGHTINGS_SENSOR_BYTES - 1] = '\0';
	OK(sightings_sensor_is_valid(longest), "127 bytes are a name");
	longest[SIGHTINGS_SENSOR_BYTES - 1] = 'a';
	longest[SIGHTINGS_SENSOR_BYTES] = '\0';
	OK(!sightings_sensor_is_valid(longest), "128 are none");
	OK(!sightings_sensor_is_valid(""), "nothing is none");
	OK(sightings_sensor_is_valid("火の見"), "letters of any script are");
	OK(!sightings_sensor_is_valid("a\nb") && !sightings_sensor_is_valid("a\xff"),
	    "control characters and what is not UTF-8 are not");
	OK(sightings_recognise(sightings_magic, SIGHTINGS_MARK_BYTES) &&
		!sightings_recognise(sightings_magic, SIGHTINGS_MARK_BYTES - 1),
	    "five bytes tell a file of sightings");
}

int main(void)
{
	struct growing file;
	struct growing text;
	slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
	test_round_trip();
	test_hosts();
	test_reading();
	test_reading_adds();
	test_sums();
	test_splitting();
	test_unwritable();
	make_small_file(&file, &text);
	test_cut(&file, &text);
	test_damaged(&file, &text);
	test_damage_is_placed(&file);
	test_versions(&file);
	test_packed_blocks(&file, &text);
	test_names();
	growing_free(&file);
	growing_free(&text);
	slab_free(slab);
	return test_done();
}
