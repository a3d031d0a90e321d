/*
 * order.h - sorts the numbers of things that lie elsewhere, in place.
 *
 * Heapsort (Williams 1964): no memory of its own, and never more than 2 n log n comparisons,
 * whatever somebody arranged the things to be like.
 */
#ifndef OBSERVE_ORDER_H
#define OBSERVE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool order_is_less(const void *context, uint32_t a, uint32_t b);

/* Ascending. Which of two equal ones comes first is not said. */
void order_sort(uint32_t *numbers, size_t count, order_is_less *is_less, const void *context);

#endif
