/*
 * page_cache.h - answers of the API, kept until anything in the database changes.
 *
 * What is asked for by several who may see the same is made once. A key says who may see it and
 * what was asked; the version is that of the database (page_store_version): answers of another one
 * are not given any more. What is used longest ago makes room, and what is larger than a share of
 * all room is not kept.
 */
#ifndef CMD_STATION_PAGE_CACHE_H
#define CMD_STATION_PAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PAGE_CACHE_BYTES = 32 << 20,
	PAGE_CACHE_ENTRIES = 512,
	PAGE_CACHE_SHARE = 8, /* of all room for one answer */
	PAGE_ETAG_BYTES = 33, /* half of a SHA-256 is enough to tell answers apart */
};

struct page_cache;

struct page_cached {
	const char *key;
	const char *type; /* static */
	const char *bytes;
	size_t count;
	char etag[PAGE_ETAG_BYTES];
};

int page_cache_new(struct page_cache **ret_cache); /* 0 or -ENOMEM */
void page_cache_free(struct page_cache *cache);    /* NULL is allowed */

/* NULL: none is kept. Valid until the next call that adds. */
const struct page_cached *page_cache_find(
    struct page_cache *cache, uint64_t version, const char *key);
/* Copies all but the type. What finds no room or no memory is not kept. */
void page_cache_add(struct page_cache *cache, uint64_t version, const struct page_cached *cached);

/* Of these bytes: the same for the same, and for no others. */
void page_etag(const void *bytes, size_t count, char out[static PAGE_ETAG_BYTES]);

size_t page_cache_bytes(const struct page_cache *cache); /* that are kept */

#endif
