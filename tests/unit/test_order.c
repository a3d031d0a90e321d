/* Numbers in the order of what they stand for. */
#include "observe/order.h"

#include "base/random.h"
#include "test.h"

enum {
	COUNT_MAX = 600,
	ROUNDS = 300,
};

static size_t comparisons;

static bool is_less(const void *context, uint32_t a, uint32_t b)
{
	const uint64_t *things = context;
	comparisons++;
	return things[a] < things[b];
}

static bool is_sorted(const uint32_t *numbers, size_t count, const uint64_t *things)
{
	bool seen[COUNT_MAX] = {false};
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] >= count || seen[numbers[i]])
			return false;
		seen[numbers[i]] = true;
		if (i > 0 && things[numbers[i - 1]] > things[numbers[i]])
			return false;
	}
	return true;
}

int main(void)
{
	struct random random;
	random_init(&random, 3);
	bool sorted = true;
	bool cheap = true;
	for (size_t round = 0; round < ROUNDS; round++) {
		uint64_t things[COUNT_MAX];
		uint32_t numbers[COUNT_MAX];
		size_t count = round < 20 ? round : random_below(&random, COUNT_MAX + 1);
		uint64_t values = 1 + random_below(&random, 2000); /* few: many are equal */
		for (size_t i = 0; i < count; i++) {
			things[i] = round % 3 == 0 ? i : random_below(&random, values);
			numbers[i] = (uint32_t)(round % 2 == 0 ? i : count - 1 - i);
		}
		comparisons = 0;
		order_sort(numbers, count, is_less, things);
		sorted = sorted && is_sorted(numbers, count, things);
		cheap = cheap && comparisons <= 2 * count * 10; /* 2^10 > COUNT_MAX */
	}
	OK(sorted, "0 to 600 numbers, ordered before or not, each comes once and in order");
	OK(cheap, "never more than 2 n log n comparisons");
	return test_done();
}
