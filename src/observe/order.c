#include "observe/order.h"

struct heap {
	uint32_t *numbers; /* the largest first */
	order_is_less *is_less;
	const void *context;
};

static void sink(const struct heap *heap, size_t at, size_t count)
{
	uint32_t sinking = heap->numbers[at];
	size_t child;
	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
		    heap->is_less(heap->context, heap->numbers[child], heap->numbers[child + 1]))
			child++;
		if (!heap->is_less(heap->context, sinking, heap->numbers[child]))
			break;
		heap->numbers[at] = heap->numbers[child];
		at = child;
	}
	heap->numbers[at] = sinking;
}

void order_sort(uint32_t *numbers, size_t count, order_is_less *is_less, const void *context)
{
	const struct heap heap = {numbers, is_less, context};
	for (size_t i = count / 2; i > 0; i--)
		sink(&heap, i - 1, count);
	for (size_t last = count; last > 1; last--) {
		uint32_t largest = numbers[0];
		numbers[0] = numbers[last - 1];
		numbers[last - 1] = largest;
		sink(&heap, 0, last - 1);
	}
}
