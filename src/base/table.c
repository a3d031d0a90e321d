#include "base/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	/*
	 * A chunk holds a power of two of records, about so many bytes of them: a page, since many
	 * small tables stand side by side and leave half of their last chunk unused.
	 */
	CHUNK_BYTES = 4096,
	INDEX_MIN = 64,    /* slots of a new index */
	SLOT_EMPTY = 0,    /* slots hold number + 1 */
	LOAD_PERCENT = 70, /* linear probing stays short below this */
};

struct header {
	uint32_t hash;
	uint32_t live;      /* 0: on the free list */
	uint32_t number;    /* of this record */
	uint32_t next_free; /* number + 1 of the next free one, 0 at the end */
};

struct slot {
	uint32_t hash;
	uint32_t number_plus_1;
};

struct table {
	size_t key_bytes;
	size_t stride;       /* header and record */
	unsigned chunk_bits; /* 2^n records in a chunk */
	size_t records_max;
	uint8_t **chunks;
	size_t chunk_count;
	size_t chunks_max;
	size_t count;
	size_t high_water;   /* numbers ever used */
	uint32_t free_first; /* number + 1 */
	struct slot *slots;
	size_t slot_count; /* a power of two */
};

static struct header *header_at(const struct table *table, size_t number)
{
	uint8_t *chunk = table->chunks[number >> table->chunk_bits];
	size_t at = number & (((size_t)1 << table->chunk_bits) - 1);
	return (struct header *)(void *)(chunk + at * table->stride);
}

static void *record_of(struct header *header)
{
	return header + 1;
}

static struct header *header_of(void *record)
{
	return (struct header *)record - 1;
}

struct table *table_new(size_t key_bytes, size_t record_bytes, size_t records_max)
{
	assert(key_bytes <= record_bytes && records_max <= UINT32_MAX / 2);

	struct table *table = calloc(1, sizeof *table);
	if (table == NULL)
		return NULL;
	table->key_bytes = key_bytes;
	table->stride = sizeof(struct header) + (record_bytes + 7) / 8 * 8;
	while ((table->stride << (table->chunk_bits + 1)) <= CHUNK_BYTES)
		table->chunk_bits++;
	table->records_max = records_max;
	table->slot_count = INDEX_MIN;
	table->slots = calloc(table->slot_count, sizeof *table->slots);
	if (table->slots == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

static void free_chunks(struct table *table)
{
	for (size_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i]);
	free(table->chunks);
	table->chunks = NULL;
	table->chunk_count = 0;
	table->chunks_max = 0;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	free_chunks(table);
	free(table->slots);
	free(table);
}

static uint32_t fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

void *table_find(const struct table *table, const void *key, uint64_t hash)
{
	uint32_t folded = fold(hash);
	size_t mask = table->slot_count - 1;
	for (size_t i = folded & mask;; i = (i + 1) & mask) {
		const struct slot *slot = &table->slots[i];
		if (slot->number_plus_1 == SLOT_EMPTY)
			return NULL;
		if (slot->hash != folded)
			continue;
		void *record = record_of(header_at(table, slot->number_plus_1 - 1));
		if (memcmp(record, key, table->key_bytes) == 0)
			return record;
	}
}

void table_prefetch(const struct table *table, uint64_t hash)
{
	__builtin_prefetch(&table->slots[fold(hash) & (table->slot_count - 1)]);
}

void *table_guess(const struct table *table, uint64_t hash)
{
	uint32_t folded = fold(hash);
	size_t mask = table->slot_count - 1;
	for (size_t i = folded & mask;; i = (i + 1) & mask) {
		const struct slot *slot = &table->slots[i];
		if (slot->number_plus_1 == SLOT_EMPTY)
			return NULL;
		if (slot->hash == folded)
			return record_of(header_at(table, slot->number_plus_1 - 1));
	}
}

static void place(struct slot *slots, size_t slot_count, uint32_t hash, uint32_t number_plus_1)
{
	size_t mask = slot_count - 1;
	size_t i = hash & mask;
	while (slots[i].number_plus_1 != SLOT_EMPTY)
		i = (i + 1) & mask;
	slots[i] = (struct slot){.hash = hash, .number_plus_1 = number_plus_1};
}

static bool grow_index(struct table *table)
{
	size_t doubled = table->slot_count * 2;
	struct slot *slots = calloc(doubled, sizeof *slots);
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < table->slot_count; i++) {
		const struct slot *slot = &table->slots[i];
		if (slot->number_plus_1 != SLOT_EMPTY)
			place(slots, doubled, slot->hash, slot->number_plus_1);
	}
	free(table->slots);
	table->slots = slots;
	table->slot_count = doubled;
	return true;
}

static bool add_chunk(struct table *table)
{
	if (table->chunk_count == table->chunks_max) {
		size_t more = table->chunks_max == 0 ? 16 : table->chunks_max * 2;
		uint8_t **chunks = reallocarray(table->chunks, more, sizeof *chunks);
		if (chunks == NULL)
			return false;
		table->chunks = chunks;
		table->chunks_max = more;
	}
	uint8_t *chunk = calloc((size_t)1 << table->chunk_bits, table->stride);
	if (chunk == NULL)
		return false;
	table->chunks[table->chunk_count++] = chunk;
	return true;
}

static struct header *take_header(struct table *table)
{
	if (table->free_first != 0) {
		struct header *header = header_at(table, table->free_first - 1);
		table->free_first = header->next_free;
		return header;
	}
	if (table->high_water == table->chunk_count << table->chunk_bits && !add_chunk(table))
		return NULL;
	struct header *header = header_at(table, table->high_water);
	header->number = (uint32_t)table->high_water++;
	return header;
}

void *table_insert(struct table *table, const void *key, uint64_t hash)
{
	if (table->count >= table->records_max)
		return NULL;
	if ((table->count + 1) * 100 > table->slot_count * LOAD_PERCENT && !grow_index(table))
		return NULL;
	struct header *header = take_header(table);
	if (header == NULL)
		return NULL;

	header->live = 1;
	header->hash = fold(hash);
	header->next_free = 0;
	void *record = record_of(header);
	memset(record, 0, table->stride - sizeof *header);
	memcpy(record, key, table->key_bytes);
	place(table->slots, table->slot_count, header->hash, header->number + 1);
	table->count++;
	return record;
}

/* Backward-shift deletion: keeps probe sequences whole without tombstones (Knuth 6.4 R). */
static void unplace(struct table *table, const struct header *header)
{
	size_t mask = table->slot_count - 1;
	size_t hole = header->hash & mask;
	while (table->slots[hole].number_plus_1 != header->number + 1)
		hole = (hole + 1) & mask;
	for (size_t i = (hole + 1) & mask; table->slots[i].number_plus_1 != SLOT_EMPTY;
	     i = (i + 1) & mask) {
		size_t home = table->slots[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			table->slots[hole] = table->slots[i];
			hole = i;
		}
	}
	table->slots[hole] = (struct slot){0};
}

void table_remove(struct table *table, void *record)
{
	struct header *header = header_of(record);
	assert(header->live == 1);
	unplace(table, header);
	header->live = 0;
	header->next_free = table->free_first;
	table->free_first = header->number + 1;
	table->count--;
}

void table_clear(struct table *table)
{
	for (size_t number = 0; number < table->high_water; number++)
		header_at(table, number)->live = 0;
	memset(table->slots, 0, table->slot_count * sizeof *table->slots);
	table->count = 0;
	table->high_water = 0;
	table->free_first = 0;
}

void table_reset(struct table *table)
{
	table_clear(table);
	free_chunks(table);
	if (table->slot_count == INDEX_MIN)
		return;
	struct slot *slots = calloc(INDEX_MIN, sizeof *slots);
	if (slots == NULL)
		return; /* the larger one serves as well */
	free(table->slots);
	table->slots = slots;
	table->slot_count = INDEX_MIN;
}

size_t table_count(const struct table *table)
{
	return table->count;
}

size_t table_max(const struct table *table)
{
	return table->records_max;
}

size_t table_bytes(const struct table *table)
{
	return (table->chunk_count << table->chunk_bits) * table->stride +
	       table->chunks_max * sizeof *table->chunks +
	       table->slot_count * sizeof *table->slots + sizeof *table;
}

void *table_next(const struct table *table, size_t *position)
{
	while (*position < table->high_water) {
		struct header *header = header_at(table, (*position)++);
		if (header->live != 0)
			return record_of(header);
	}
	return NULL;
}
