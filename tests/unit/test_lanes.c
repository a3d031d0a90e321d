/* Which of a few numbers are equal to one: against a plain loop. */
#include "observe/lanes.h"

#include "base/random.h"
#include "test.h"

enum {
	ROUNDS = 20000,
	VALUES = 3, /* so few that several are equal */
};

int main(void)
{
	struct random random;
	random_init(&random, 1);
	static const uint32_t edges[VALUES] = {0, UINT32_MAX, 0x00010000};
	bool fours = true;
	bool eights = true;
	for (size_t round = 0; round < ROUNDS; round++) {
		uint16_t four[4];
		uint32_t eight[8];
		unsigned four_equal = 0;
		unsigned eight_equal = 0;
		const uint32_t number = edges[random_below(&random, VALUES)];
		for (unsigned i = 0; i < 8; i++) {
			eight[i] = edges[random_below(&random, VALUES)];
			eight_equal |= (unsigned)(eight[i] == number) << i;
		}
		for (unsigned i = 0; i < 4; i++) {
			four[i] = (uint16_t)edges[random_below(&random, VALUES)];
			four_equal |= (unsigned)(four[i] == (uint16_t)number) << i;
		}
		fours = fours && lanes_equal_4(four, (uint16_t)number) == four_equal;
		eights = eights && lanes_equal_8(eight, number) == eight_equal;
	}
	OK(fours, "four numbers of 16 bits");
	OK(eights, "eight numbers of 32 bits");
	return test_done();
}
