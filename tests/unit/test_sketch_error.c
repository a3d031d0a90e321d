/* The error of counting by sketch is what address_set.h states, for sets and for unions. */
#include <math.h>

#include "set_help.h"
#include "test.h"

enum {
#if defined(__SANITIZE_ADDRESS__)
	SETS = 200,
	SIZE_MAX_TRIED = 4096,
	LARGER_SETS = 3,
#else
	SETS = 200,
	SIZE_MAX_TRIED = 200000,
	LARGER_SETS = 200,
#endif
	UNION_SIZE_MAX = 50000,
	SLAB_BYTES = 1024 * 1024,
};

/* As address_set.h states them, in percent. */
static const struct row {
	const char *name;
	const char *union_name;
	uint32_t size;
	double standard;
	double bound_99;
	double bias; /* a sketch never says less than 257 */
} rows[] = {
    {"257 addresses", "unions of 257", 257, 1.2, 3.5, 0.6},
    {"300", "unions of 300", 300, 1.2, 3.5, 0},
    {"1,000", "unions of 1,000", 1000, 1.2, 3.5, 0},
    {"4,096", "unions of 4,096", 4096, 1.4, 3.9, 0},
    {"10,000", "unions of 10,000", 10000, 1.6, 4.6, 0},
    {"50,000", "unions of 50,000", 50000, 1.7, 4.6, 0},
    {"200,000", "", 200000, 1.7, 4.6, 0},
};

struct errors {
	size_t count;
	size_t off; /* by more than the bound */
	double sum;
	double squares;
	double worst;
};

static void note(struct errors *errors, const struct row *row, uint64_t distinct)
{
	double error = ((double)distinct / row->size - 1) * 100;
	errors->count++;
	errors->off += fabs(error) > row->bound_99;
	errors->sum += error;
	errors->squares += error * error;
	errors->worst = fabs(error) > fabs(errors->worst) ? error : errors->worst;
}

/*
 * From n squares the standard error is known to a factor of 1 / sqrt(2 n), the mean to one of
 * 1 / sqrt(n): three of each are allowed.
 */
static bool is_as_stated(const struct errors *errors, const struct row *row)
{
	double count = (double)errors->count;
	double standard = sqrt(errors->squares / count);
	printf("# %6u: standard error %.2f %%, mean %+.2f %%, worst %+.2f %%, %zu of %zu beyond "
	       "%.1f %%\n",
	    row->size, standard, errors->sum / count, errors->worst, errors->off, errors->count,
	    row->bound_99);
	return errors->off * 100 <= errors->count &&
	       standard <= row->standard * (1 + 3 / sqrt(2 * count)) &&
	       fabs(errors->sum / count) <= row->bias + 3 * row->standard / sqrt(count);
}

/* IPv4 addresses in a row, scattered over a /8, or IPv6: as scanners choose them. */
static struct address address_of(uint32_t n, uint32_t salt)
{
	if (salt % 3 == 0)
		return address_from_v4_u32(salt + n);
	if (salt % 3 == 1)
		return address_from_v4_u32(salt ^ (n * 40503U & 0xffffffU));
	struct address address = {.bytes = {0x20, 0x01, 0x0d, 0xb8}};
	memcpy(address.bytes + 4, &salt, sizeof salt);
	memcpy(address.bytes + 12, &n, sizeof n);
	return address;
}

/* The addresses from `first` to before `end` of those of this salt. */
struct part {
	uint32_t salt;
	uint32_t first;
	uint32_t end;
};

static void touch_part(struct address_set *set, struct slab *slab, const struct part *part)
{
	const struct address_touch touch = {1, 1, 1, 0};
	for (uint32_t n = part->first; n < part->end; n++) {
		const struct address address = address_of(n, part->salt);
		(void)address_set_touch(set, slab, &address, &touch);
	}
}

static uint64_t count_set(struct slab *slab, uint32_t salt, uint32_t size)
{
	struct address_set set = {0};
	touch_part(&set, slab, &(struct part){salt, 0, size});
	uint64_t distinct = address_set_distinct(&set);
	address_set_clear(&set, slab);
	return distinct;
}

/* Two thirds of the addresses, united with the last two thirds of them. */
static uint64_t count_union(struct slab *slab, uint32_t salt, uint32_t size)
{
	struct address_set into = {0};
	struct address_set from = {0};
	touch_part(&into, slab, &(struct part){salt, 0, size - size / 3});
	touch_part(&from, slab, &(struct part){salt, size / 3, size});
	address_set_merge(&into, slab, &from, NULL, NULL);
	uint64_t distinct = address_set_distinct(&into);
	address_set_clear(&into, slab);
	address_set_clear(&from, slab);
	return distinct;
}

int main(void)
{
	struct random random;
	random_init(&random, 20260303);
	struct slab *slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct errors sets = {0};
		struct errors unions = {0};
		size_t most = row->size > SIZE_MAX_TRIED ? LARGER_SETS : SETS;
		for (size_t n = 0; n < most; n++) {
			uint32_t salt = (uint32_t)random_u64(&random);
			note(&sets, row, count_set(slab, salt, row->size));
			salt = (uint32_t)random_u64(&random);
			if (row->size <= UNION_SIZE_MAX)
				note(&unions, row, count_union(slab, salt, row->size));
		}
		OK(is_as_stated(&sets, row), row->name);
		if (unions.count > 0)
			OK(is_as_stated(&unions, row), row->union_name);
	}
	slab_free(slab);
	return test_done();
}
