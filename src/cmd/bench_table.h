/*
 * bench_table.h - the bare loop's table: open addressing, one entry of one cache line per source.
 *
 * What a packet needs is inline, as it would be in a loop written by hand. The hash is a
 * multiplication and a shift: good enough for addresses that nobody chose against it.
 */
#ifndef CMD_BENCH_TABLE_H
#define CMD_BENCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One cache line. An entry without packets is unused. */
struct bench_entry {
	uint64_t high; /* of the address; IPv4 as ::ffff:a.b.c.d */
	uint64_t low;
	uint64_t packets;
	uint64_t bytes;
	uint32_t first_s;
	uint32_t last_s;
	uint32_t first_ports;
	uint32_t last_ports;
	uint64_t ports_seen; /* a bit for each, by hash */
	uint64_t spare;
};

struct bench_table {
	struct bench_entry *entries;
	void *mapping;
	size_t mapping_bytes;
	size_t mask; /* one less than the number of entries, a power of two */
	size_t count;
};

/* One packet's share. */
struct bench_update {
	uint64_t high;
	uint64_t low;
	uint64_t hash;
	uint32_t seconds;
	uint32_t bytes;
	uint32_t ports;
};

/* Room for so many sources. False when memory is out; then there is nothing to release. */
bool bench_table_init(struct bench_table *table, uint64_t sources);
void bench_table_release(struct bench_table *table); /* a zeroed table is allowed */
/* A new entry at `entry`, or after growing anywhere. False when memory is out. */
bool bench_table_add(
    struct bench_table *table, struct bench_entry *entry, const struct bench_update *update);

static inline uint64_t bench_table_hash(uint64_t high, uint64_t low)
{
	uint64_t mixed = (low ^ high * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd1342543de82ef95);
	return mixed ^ mixed >> 32;
}

static inline void bench_table_prefetch(const struct bench_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->entries[hash & table->mask], 1);
}

static inline void bench_entry_count(struct bench_entry *entry, const struct bench_update *update)
{
	entry->packets++;
	entry->bytes += update->bytes;
	entry->last_s = update->seconds;
	entry->last_ports = update->ports;
	entry->ports_seen |= UINT64_C(1) << (update->ports % 64);
}

static inline bool bench_table_update(struct bench_table *table, const struct bench_update *update)
{
	for (size_t i = update->hash & table->mask;; i = (i + 1) & table->mask) {
		struct bench_entry *entry = &table->entries[i];
		if (entry->packets == 0)
			return bench_table_add(table, entry, update);
		if (entry->low == update->low && entry->high == update->high) {
			bench_entry_count(entry, update);
			return true;
		}
	}
}

#endif
