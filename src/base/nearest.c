#include "base/nearest.h"

#include <string.h>

enum {
	COMPARED_BYTES = 64
}; /* no name of ours is longer, and the work is its square */

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

/* Wagner and Fischer 1974, keeping one row of the matrix. */
static size_t distance(const char *left, const char *right)
{
	size_t row[COMPARED_BYTES + 1];
	size_t left_bytes = strnlen(left, COMPARED_BYTES);
	size_t right_bytes = strnlen(right, COMPARED_BYTES);

	for (size_t r = 0; r <= right_bytes; r++)
		row[r] = r;
	for (size_t l = 1; l <= left_bytes; l++) {
		size_t diagonal = row[0];
		row[0] = l;
		for (size_t r = 1; r <= right_bytes; r++) {
			size_t above = row[r];
			size_t replaced = diagonal + (left[l - 1] != right[r - 1]);
			row[r] = smallest(above + 1, row[r - 1] + 1, replaced);
			diagonal = above;
		}
	}
	return row[right_bytes];
}

const char *nearest_name(const char *text, const char *const names[], size_t count)
{
	const char *nearest = NULL;
	size_t least = 0;
	for (size_t i = 0; i < count; i++) {
		size_t away = distance(text, names[i]);
		if (nearest == NULL || away < least) {
			nearest = names[i];
			least = away;
		}
	}
	return nearest;
}
