/* Batches in memory, as they go from one process to another: given, checked, opened, damaged. */
#include <errno.h>

#include "sightings_help.h"
#include "test.h"

enum {
	BATCHES_MAX = 8,
};

/* Who takes batches. */
struct basket {
	struct growing batches[BATCHES_MAX];
	size_t count;
	int answer;
	struct sightings_writer *writer;
	const struct observer_sink *sink;
};

static int take_batch(void *context, const uint8_t *batch, size_t bytes)
{
	struct basket *basket = context;
	if (basket->answer != 0)
		return basket->answer;
	if (basket->count == BATCHES_MAX)
		abort();
	struct growing *into = &basket->batches[basket->count++];
	growing_open(into);
	fwrite(batch, 1, bytes, into->file);
	growing_seal(into);
	return 0;
}

static void open_basket(struct basket *basket)
{
	*basket = (struct basket){.count = 0};
	const struct sightings_writer_options options = {
	    .give = take_batch, .context = basket, .name = "basket", .sensor = "here", .epoch = 9};
	if (sightings_writer_new(&options, &basket->writer) != 0)
		abort();
	basket->sink = sightings_writer_sink(basket->writer);
}

static void close_basket(struct basket *basket)
{
	for (size_t i = 0; i < basket->count; i++)
		growing_free(&basket->batches[i]);
	sightings_writer_free(basket->writer);
}

static void put_small(struct basket *basket, uint32_t number)
{
	struct address_item item;
	const struct sighting sighting = small_sighting(number, WINDOW_US, &item);
	basket->sink->on_sighting(basket->sink->context, &sighting);
}

/* Opens a batch, and tells its records. Returns what sightings_opener_open says, or the check. */
static int open_one(const struct growing *batch, struct sightings_batch *ret_batch,
    struct growing *ret_told, char words[static SIGHTINGS_WORDS_BYTES])
{
	struct sightings_opener *opener;
	struct sightings_message message;
	uint64_t checksum;
	growing_open(ret_told);
	if (sightings_opener_new(&opener) != 0)
		abort();
	*ret_batch = (struct sightings_batch){.number = 7};
	int result =
	    sightings_frame_check((const uint8_t *)batch->bytes, batch->count, &message, &checksum);
	if (result == 0)
		result = sightings_opener_open(opener, &message, ret_batch, words);
	const struct observer_sink sink = teller(ret_told->file);
	if (result == 0)
		sightings_opener_hand_on(opener, &sink);
	growing_seal(ret_told);
	sightings_opener_free(opener);
	return result;
}

static void test_giving(void)
{
	struct basket basket;
	struct sightings_batch batch;
	struct growing told;
	char words[SIGHTINGS_WORDS_BYTES];
	open_basket(&basket);
	OK(sightings_writer_flush(basket.writer) == 0 && basket.count == 0,
	    "where nothing was observed no batch is given");
	put_small(&basket, 1);
	OK(basket.count == 0, "what was observed waits for more");
	OK(sightings_writer_flush(basket.writer) == 0 && basket.count == 1,
	    "until it is asked for");
	put_small(&basket, 2);
	basket.sink->on_window_end(basket.sink->context, WINDOW_US);
	OK(basket.count == 2, "the end of a window gives the rest");
	int first = open_one(&basket.batches[0], &batch, &told, words);
	OK(first == 0 && batch.sequence == 1 && batch.epoch == 9 && !batch.ends_window &&
		batch.window_us == WINDOW_US && batch.number == 7,
	    "a batch in the middle of its window is one");
	OK(strncmp(told.bytes, "sighting 192.0.2.1 ", 19) == 0, "with its records");
	growing_free(&told);
	int second = open_one(&basket.batches[1], &batch, &told, words);
	OK(second == 0 && batch.sequence == 2 && batch.ends_window,
	    "and the one that ends it as well");
	growing_free(&told);
	close_basket(&basket);
}

static void test_refusing(void)
{
	struct basket basket;
	open_basket(&basket);
	basket.answer = -ENOSPC;
	put_small(&basket, 1);
	OK(sightings_writer_flush(basket.writer) == -ENOSPC, "who has no room says so");
	basket.answer = 0;
	put_small(&basket, 2);
	OK(sightings_writer_flush(basket.writer) == 0 && basket.count == 1,
	    "and what comes after finds some");
	struct sightings_batch batch;
	struct growing told;
	char words[SIGHTINGS_WORDS_BYTES];
	int result = open_one(&basket.batches[0], &batch, &told, words);
	OK(result == 0 && batch.sequence == 2, "the number of what was lost is missing");
	growing_free(&told);
	close_basket(&basket);
}

static void test_damage(void)
{
	struct basket basket;
	struct sightings_batch batch;
	struct growing told;
	char words[SIGHTINGS_WORDS_BYTES];
	open_basket(&basket);
	put_small(&basket, 1);
	if (sightings_writer_flush(basket.writer) != 0)
		abort();
	const struct growing *whole = &basket.batches[0];
	size_t taken = 0;
	for (size_t at = 0; at < whole->count; at++) {
		whole->bytes[at] ^= 1;
		taken += open_one(whole, &batch, &told, words) == 0;
		taken += told.count > 0;
		growing_free(&told);
		whole->bytes[at] ^= 1;
	}
	OK(taken == 0, "one bit of any byte: refused, and nothing handed on");
	for (size_t count = 0; count < whole->count; count++) {
		const struct growing cut = {.bytes = whole->bytes, .count = count};
		taken += open_one(&cut, &batch, &told, words) == 0;
		growing_free(&told);
	}
	OK(taken == 0, "cut at any length: refused");
	struct sightings_opener *opener;
	if (sightings_opener_new(&opener) != 0)
		abort();
	const struct sightings_message wrong = {
	    .bytes = (const uint8_t *)"\xff\xff", .count = 2, .version = SIGHTINGS_VERSION};
	OK(sightings_opener_open(opener, &wrong, &batch, words) == -EBADMSG &&
		strcmp(words, "is wrong: it is no batch of sightings") == 0,
	    "what is no batch is said to be none");
	sightings_opener_free(opener);
	close_basket(&basket);
}

int main(void)
{
	test_giving();
	test_refusing();
	test_damage();
	return test_done();
}
