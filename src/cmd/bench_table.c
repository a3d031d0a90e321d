#include "cmd/bench_table.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

enum {
	ENTRIES_MIN = 1024,
	HUGE_PAGE_BYTES = 2 << 20,
};

static_assert(sizeof(struct bench_entry) == 64, "an entry is one cache line");

/* Two thirds full at most: linear probing stays within a line or two. */
static bool is_too_full(size_t count, size_t entries)
{
	return count * 3 > entries * 2;
}

static bool map_entries(struct bench_table *table, size_t entries)
{
	if (entries > SIZE_MAX / sizeof(struct bench_entry) / 2)
		return false;
	size_t bytes = entries * sizeof(struct bench_entry) + HUGE_PAGE_BYTES;
	void *mapping =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapping == MAP_FAILED)
		return false;
	(void)madvise(mapping, bytes, MADV_HUGEPAGE); /* only slower without */
	uintptr_t address = (uintptr_t)mapping;
	size_t skipped = (size_t)(-address % HUGE_PAGE_BYTES);
	table->mapping = mapping;
	table->mapping_bytes = bytes;
	table->entries = (struct bench_entry *)(void *)((uint8_t *)mapping + skipped);
	table->mask = entries - 1;
	return true;
}

bool bench_table_init(struct bench_table *table, uint64_t sources)
{
	*table = (struct bench_table){0};
	size_t entries = ENTRIES_MIN;
	while (is_too_full((size_t)sources, entries) && entries <= SIZE_MAX / 256)
		entries *= 2;
	return map_entries(table, entries);
}

void bench_table_release(struct bench_table *table)
{
	if (table->mapping != NULL)
		(void)munmap(table->mapping, table->mapping_bytes); /* it is ours: cannot fail */
	*table = (struct bench_table){0};
}

static struct bench_entry *find_unused(const struct bench_table *table, uint64_t hash)
{
	size_t i = hash & table->mask;
	while (table->entries[i].packets != 0)
		i = (i + 1) & table->mask;
	return &table->entries[i];
}

static bool grow(struct bench_table *table)
{
	struct bench_table larger = {.count = table->count};
	if (!map_entries(&larger, (table->mask + 1) * 2))
		return false;
	for (size_t i = 0; i <= table->mask; i++) {
		const struct bench_entry *entry = &table->entries[i];
		if (entry->packets == 0)
			continue;
		uint64_t hash = bench_table_hash(entry->high, entry->low);
		*find_unused(&larger, hash) = *entry;
	}
	bench_table_release(table);
	*table = larger;
	return true;
}

bool bench_table_add(
    struct bench_table *table, struct bench_entry *entry, const struct bench_update *update)
{
	if (is_too_full(table->count + 1, table->mask + 1)) {
		if (!grow(table))
			return false;
		entry = find_unused(table, update->hash);
	}
	table->count++;
	*entry = (struct bench_entry){
	    .high = update->high,
	    .low = update->low,
	    .first_s = update->seconds,
	    .first_ports = update->ports,
	};
	bench_entry_count(entry, update);
	return true;
}
