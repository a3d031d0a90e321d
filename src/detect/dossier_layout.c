/*
 * dossier_layout.c - do the targets follow each other in order, do they lie close together?
 *
 * A scanner that walks a range, or draws from one, shows it here; peers of a file-sharing network,
 * servers of a web page and dead addresses of a list do not.
 */
#include "detect/dossier_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
	SMALL_STEP = 256,
	DENSE_V4_BITS = 96 + 16,
	DENSE_V6_BITS = 64,
	SIGN_RATIO =
	    2, /* one direction at least twice as often as the other: else it is no order */
};

struct place {
	int64_t first_us;
	struct address address;
};

static int compare_times(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;
	if (x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	return address_compare(&x->address, &y->address);
}

static int compare_places(const void *a, const void *b)
{
	return address_compare(
	    &((const struct place *)a)->address, &((const struct place *)b)->address);
}

static uint64_t low64(const struct address *address)
{
	uint64_t low = 0;
	for (size_t i = 8; i < ADDRESS_BYTES; i++)
		low = low << 8 | address->bytes[i];
	return low;
}

/* Percent of the steps that are small and go one way; steps within one microsecond tell nothing. */
static uint32_t measure_order(const struct place *places, size_t count, uint64_t small)
{
	size_t steps = 0;
	size_t up = 0;
	size_t down = 0;
	for (size_t i = 1; i < count; i++) {
		if (places[i].first_us == places[i - 1].first_us)
			continue;
		steps++;
		if (memcmp(places[i].address.bytes, places[i - 1].address.bytes, 8) != 0)
			continue;
		uint64_t now = low64(&places[i].address);
		uint64_t before = low64(&places[i - 1].address);
		up += now > before && now - before <= small;
		down += now < before && before - now <= small;
	}
	size_t most = up > down ? up : down;
	size_t least = up > down ? down : up;
	if (steps * 2 < count || most < least * SIGN_RATIO)
		return 0;
	return (uint32_t)(most * 100 / steps);
}

static bool same_network(const struct address *a, const struct address *b)
{
	struct prefix prefix = {
	    .address = *a, .bits = address_is_v4(a) ? DENSE_V4_BITS : DENSE_V6_BITS};
	size_t whole = prefix.bits / 8U;
	memset(prefix.address.bytes + whole, 0, ADDRESS_BYTES - whole);
	return prefix_contains(&prefix, b);
}

static uint64_t measure_density(const struct place *places, size_t count)
{
	uint64_t most = 0;
	size_t first = 0;
	for (size_t i = 0; i < count; i++) {
		if (!same_network(&places[first].address, &places[i].address))
			first = i;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return most;
}

void dossier_lay_out(const struct address_set *targets, struct layout *ret_layout)
{
	*ret_layout = (struct layout){.sampled = targets->count};
	if (targets->count < 2) {
		ret_layout->densest = targets->count;
		return;
	}
	struct place places[ADDRESS_SET_EXACT] = {0};
	for (size_t i = 0; i < targets->count; i++)
		places[i] = (struct place){targets->items[i].first_us, targets->items[i].address};
	/* a sample skips over what it leaves out: its steps are longer by as much */
	uint64_t small = SMALL_STEP * address_set_distinct(targets) / targets->count;
	qsort(places, targets->count, sizeof *places, compare_times);
	ret_layout->ordered_percent = measure_order(places, targets->count, small);
	qsort(places, targets->count, sizeof *places, compare_places);
	ret_layout->densest = measure_density(places, targets->count);
}
