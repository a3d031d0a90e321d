/*
 * table.h - records found by key, in bounded memory, at addresses that do not move.
 *
 * Records live in chunks and are numbered in the order of their insertion (a removed record's
 * number is used again, last removed first). An open-addressing index of (hash, number) finds them;
 * it grows by doubling. So a record's address stays valid until it is removed, and walking by
 * number gives an order that depends on what was inserted and removed, never on the hash seed.
 *
 * The caller hashes keys (base/hash.h), so that a key hashed once serves several tables.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table;

/*
 * What a record costs beside itself at most: its header (16), its part of the index (8 for a slot,
 * of which 35 % are used after it has doubled, and as long as it doubles the old one as well) and
 * of the list of chunks.
 */
enum {
	TABLE_RECORD_COST = 16 + 35 + 5
};

/*
 * Every record is `record_bytes` long and starts with its key of `key_bytes`. At most `records_max`
 * records (at most 2^31) are ever held. Returns NULL when memory is out.
 */
struct table *table_new(size_t key_bytes, size_t record_bytes, size_t records_max);
void table_free(struct table *table); /* NULL is allowed */

/* NULL when there is none. */
void *table_find(const struct table *table, const void *key, uint64_t hash);
/* A new record, zeroed but for its key. The key must not be there. NULL when the table is full. */
void *table_insert(struct table *table, const void *key, uint64_t hash);
void table_remove(struct table *table, void *record);
/* Removes all records; memory is kept for the next ones. */
void table_clear(struct table *table);
/* Removes all records, and gives their memory back. */
void table_reset(struct table *table);

/*
 * For batches: asks for the part of the index that finding this hash reads; and, when that has
 * come, the record that will most probably be found, without a look at it (NULL: probably none).
 */
void table_prefetch(const struct table *table, uint64_t hash);
void *table_guess(const struct table *table, uint64_t hash);

size_t table_count(const struct table *table);
size_t table_max(const struct table *table);
/* What is allocated now, chunks and index. */
size_t table_bytes(const struct table *table);

/*
 * Walks by number: `*position` starts at 0. NULL at the end. Records may be removed on the way,
 * the one just given included.
 */
void *table_next(const struct table *table, size_t *position);

#endif
