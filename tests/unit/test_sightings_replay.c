/* Files of sightings together: by window, each batch once, the first of two that differ. */
#include "link/sightings_replay.h"

#include "link/applied.h"
#include "sightings_help.h"
#include "test.h"

enum {
	SHUFFLES = 300,
	SEQUENCES = 60,
};

static int64_t nth_window(int64_t n)
{
	return WINDOW_US + n * SIGHTING_WINDOW_US;
}

/* Windows with one sighting each, which tells the sensor's number and the window's. */
static void make_file(const char *sensor, uint32_t number, const int64_t *windows, size_t count,
    struct growing *ret_file)
{
	struct desk desk;
	struct sightings_reading reading;
	sightings_reading_init(&reading);
	reading.packets = 100;
	desk_open(&desk, sensor, 7);
	for (size_t i = 0; i < count; i++) {
		write_small(&desk, number + (uint32_t)i, nth_window(windows[i]));
		end_window(&desk, nth_window(windows[i]));
	}
	(void)desk_finish(&desk, &reading);
	*ret_file = desk.growing;
}

/* The windows that end, and the last byte of the subjects before each: "5 6 | 7 |". */
static void summarise(const struct told *told, char *out, size_t room)
{
	size_t used = 0;
	out[0] = '\0';
	for (const char *line = told->text.bytes; line != NULL && *line != '\0';) {
		unsigned number;
		const char *end = strchr(line, '\n');
		if (sscanf(line, "sighting 192.0.2.%u ", &number) == 1)
			used += (size_t)snprintf(out + used, room - used, "%u ", number);
		else
			used += (size_t)snprintf(out + used, room - used, "| ");
		if (used >= room)
			abort();
		line = end == NULL ? NULL : end + 1;
	}
}

static bool says(const struct told *told, const char *expected)
{
	char text[1024];
	summarise(told, text, sizeof text);
	bool same = strcmp(text, expected) == 0;
	if (!same)
		printf("# got %s\n# expected %s\n# complaint %s\n", text, expected,
		    told->complaint.text);
	return same;
}

static void expect(
    const char *name, const struct growing *files, size_t count, const char *expected)
{
	struct told told;
	read_files(files, count, &told);
	OK(told.complaints == 0 && says(&told, expected), name);
	told_free(&told);
}

static void test_windows(void)
{
	static const int64_t first[] = {0, 1, 2, 5};
	static const int64_t second[] = {1, 3, 5};
	static const int64_t back[] = {100, 101, 0, 1, 102};
	struct growing files[3];
	make_file("one", 10, first, 4, &files[0]);
	make_file("two", 20, second, 3, &files[1]);
	make_file("back", 30, back, 5, &files[2]);
	expect("one file is given as it is", files, 1, "10 | 11 | 12 | 13 | ");
	expect("two by window", files, 2, "10 | 11 20 | 12 | 21 | 13 22 | ");
	const struct growing turned[] = {files[1], files[0]};
	expect("in another order, the same windows", turned, 2, "10 | 20 11 | 12 | 21 | 22 13 | ");
	expect("a clock that fell back is followed", &files[2], 1, "30 | 31 | 32 | 33 | 34 | ");
	static const int64_t late[] = {100, 101};
	struct growing with[2] = {files[2]};
	make_file("late", 40, late, 2, &with[1]);
	expect("beside another file as well", with, 2, "30 40 | 31 41 | 32 | 33 | 34 | ");
	growing_free(&with[1]);
	for (size_t i = 0; i < 3; i++)
		growing_free(&files[i]);
}

static struct growing join(const struct growing *a, const struct growing *b)
{
	struct growing joined;
	growing_open(&joined);
	(void)fwrite(a->bytes, 1, a->count, joined.file); /* into memory */
	(void)fwrite(b->bytes, 1, b->count, joined.file);
	growing_seal(&joined);
	return joined;
}

static void test_repeats(void)
{
	static const int64_t windows[] = {0, 1, 2};
	static const int64_t other_windows[] = {2, 3};
	struct growing files[4];
	struct told once;
	struct told told;
	make_file("one", 10, windows, 3, &files[0]);
	make_file("two", 20, other_windows, 2, &files[1]);
	read_files(files, 2, &once);

	const struct growing twice[] = {files[0], files[1], files[0]};
	read_files(twice, 3, &told);
	OK(told_same(&told, &once.text) && told.counts.again == 4 && told.complaints == 0 &&
		told.reading.packets == 200,
	    "a file given twice changes nothing");
	told_free(&told);

	files[2] = join(&files[0], &files[0]);
	const struct growing doubled[] = {files[2], files[1]};
	read_files(doubled, 2, &told);
	OK(told_same(&told, &once.text) && told.counts.again == 4 && told.complaints == 0 &&
		told.reading.packets == 200,
	    "a file joined with itself neither");
	told_free(&told);

	files[3] = join(&files[0], &files[1]);
	read_files(&files[3], 1, &told);
	OK(told.counts.applied == 7 && told.reading.packets == 200 && told.complaints == 0,
	    "joined files are read one after the other");
	told_free(&told);
	told_free(&once);
	for (size_t i = 0; i < 4; i++)
		growing_free(&files[i]);
}

static void test_conflicts(void)
{
	static const int64_t windows[] = {0, 1, 2};
	struct growing files[3];
	struct told told;
	make_file("one", 10, windows, 3, &files[0]);
	make_file("one", 50, windows, 3, &files[1]);
	make_file("two", 60, windows, 3, &files[2]);
	read_files(files, 3, &told);
	OK(says(&told, "10 60 | 11 61 | 12 62 | "), "of two batches of one name the first counts");
	OK(told.complaints == 3 && told.counts.refused == 3 && told.counts.again == 1 &&
		told.reading.packets == 200,
	    "and each of the others is told");
	OK(strstr(told.complaint.text,
	       "batch 3 differs from another of the same sensor and number, which was read before "
	       "and counts; left out") != NULL,
	    "with its place");
	told_free(&told);
	for (size_t i = 0; i < 3; i++)
		growing_free(&files[i]);
}

static void test_damage(void)
{
	static const int64_t windows[] = {0, 1, 2};
	struct growing files[2];
	struct told told;
	make_file("one", 10, windows, 3, &files[0]);
	make_file("two", 20, windows, 3, &files[1]);
	files[0].bytes[files[0].count / 2] ^= 1;
	read_files(files, 2, &told);
	OK(told.complaints == 1 && says(&told, "10 20 | 21 | 22 | "),
	    "damage ends one file, the other goes on");
	OK(told.reading.packets == 103, "what was read of it counts");
	told_free(&told);
	for (size_t i = 0; i < 2; i++)
		growing_free(&files[i]);
}

static enum applied_answer add(
    struct applied *applied, const char *sensor, uint64_t epoch, uint64_t sequence)
{
	const struct applied_batch batch = {sensor, epoch, sequence, sequence * 3};
	return applied_add(applied, &batch);
}

static void test_applied_names(void)
{
	struct applied *applied = applied_new();
	const struct applied_batch other = {"a", 1, 1, 99};
	OK(add(applied, "a", 1, 1) == APPLIED_NEW, "a first batch is new");
	OK(add(applied, "a", 1, 1) == APPLIED_AGAIN, "the second time it is not");
	OK(applied_add(applied, &other) == APPLIED_CONFLICT, "another content is no repeat");
	OK(add(applied, "a", 2, 1) == APPLIED_NEW, "in another epoch it is another");
	OK(add(applied, "b", 1, 1) == APPLIED_NEW, "so it is of another sensor");
	OK(add(applied, "a", 1, UINT64_MAX) == APPLIED_NEW &&
		add(applied, "a", 1, UINT64_MAX) == APPLIED_AGAIN &&
		add(applied, "a", 1, UINT64_MAX - 1) == APPLIED_NEW,
	    "the largest sequences are like others");
	applied_free(applied);
	applied_free(NULL);
}

/* In any order, with repeats: new exactly once. */
static void test_applied_orders(void)
{
	struct random random;
	size_t wrong = 0;
	random_init(&random, 3);
	for (int i = 0; i < SHUFFLES; i++) {
		struct applied *applied = applied_new();
		bool seen[SEQUENCES + 1] = {false};
		for (int n = 0; n < 3 * SEQUENCES; n++) {
			uint64_t sequence = 1 + random_below(&random, SEQUENCES);
			enum applied_answer expected = seen[sequence] ? APPLIED_AGAIN : APPLIED_NEW;
			wrong += add(applied, "a", 1, sequence) != expected;
			seen[sequence] = true;
		}
		applied_free(applied);
	}
	OK(wrong == 0, "in any order each is new once");
}

static void test_applied_limits(void)
{
	struct applied *applied = applied_new();
	size_t fresh = 0;
	for (uint64_t i = 1; i <= APPLIED_RANGES_MAX; i++)
		fresh += add(applied, "a", 1, 2 * i) == APPLIED_NEW;
	OK(fresh == APPLIED_RANGES_MAX, "so many gaps are remembered");
	OK(add(applied, "a", 1, 2 * APPLIED_RANGES_MAX + 2) == APPLIED_NO_ROOM, "one more is not");
	OK(add(applied, "a", 1, 3) == APPLIED_NEW, "a batch that fills a gap is");
	OK(add(applied, "a", 1, 2 * APPLIED_RANGES_MAX + 2) == APPLIED_NEW, "and makes room");
	fresh = 0;
	for (uint64_t epoch = 2; epoch <= APPLIED_STREAMS_MAX; epoch++)
		fresh += add(applied, "a", epoch, 1) == APPLIED_NEW;
	OK(fresh == APPLIED_STREAMS_MAX - 1, "so many sensors and epochs are known");
	OK(add(applied, "a", APPLIED_STREAMS_MAX + 1, 1) == APPLIED_NO_ROOM, "one more is not");
	OK(add(applied, "a", 2, 1) == APPLIED_AGAIN, "those before still are");
	applied_free(applied);
}

int main(void)
{
	test_windows();
	test_repeats();
	test_conflicts();
	test_damage();
	test_applied_names();
	test_applied_orders();
	test_applied_limits();
	return test_done();
}
