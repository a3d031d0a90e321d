#include "cmd/station/page_cache.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct entry {
	struct page_cached cached; /* key NULL: free */
	uint64_t hash;
	uint64_t used; /* when last, by the clock */
};

struct page_cache {
	struct entry entries[PAGE_CACHE_ENTRIES];
	size_t bytes;
	uint64_t version; /* of all that is kept */
	uint64_t clock;
	uint64_t seed;
};

int page_cache_new(struct page_cache **ret_cache)
{
	struct page_cache *cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		return -ENOMEM;
	cache->seed = hash_seed_random();
	*ret_cache = cache;
	return 0;
}

static void drop(struct page_cache *cache, struct entry *entry)
{
	union {
		const char *kept;
		void *freed;
	} key = {.kept = entry->cached.key}, bytes = {.kept = entry->cached.bytes};
	cache->bytes -= entry->cached.count;
	free(key.freed);
	free(bytes.freed);
	*entry = (struct entry){.hash = 0};
}

static void drop_all(struct page_cache *cache)
{
	for (size_t i = 0; i < PAGE_CACHE_ENTRIES; i++)
		if (cache->entries[i].cached.key != NULL)
			drop(cache, &cache->entries[i]);
}

void page_cache_free(struct page_cache *cache)
{
	if (cache == NULL)
		return;
	drop_all(cache);
	free(cache);
}

static void settle(struct page_cache *cache, uint64_t version)
{
	if (cache->version != version)
		drop_all(cache);
	cache->version = version;
}

static struct entry *find(struct page_cache *cache, const char *key, uint64_t hash)
{
	for (size_t i = 0; i < PAGE_CACHE_ENTRIES; i++) {
		struct entry *entry = &cache->entries[i];
		if (entry->cached.key != NULL && entry->hash == hash &&
		    strcmp(entry->cached.key, key) == 0)
			return entry;
	}
	return NULL;
}

const struct page_cached *page_cache_find(
    struct page_cache *cache, uint64_t version, const char *key)
{
	settle(cache, version);
	struct entry *entry = find(cache, key, hash_bytes(key, strlen(key), cache->seed));
	if (entry == NULL)
		return NULL;
	entry->used = ++cache->clock;
	return &entry->cached;
}

/* A free one, else the one that was used longest ago. */
static struct entry *oldest(struct page_cache *cache)
{
	struct entry *oldest = &cache->entries[0];
	for (size_t i = 0; i < PAGE_CACHE_ENTRIES; i++)
		if (cache->entries[i].used < oldest->used)
			oldest = &cache->entries[i];
	return oldest;
}

/* The one used longest ago that is not free, for its bytes. */
static void make_room(struct page_cache *cache, size_t count)
{
	while (cache->bytes + count > PAGE_CACHE_BYTES) {
		struct entry *leaving = NULL;
		for (size_t i = 0; i < PAGE_CACHE_ENTRIES; i++) {
			struct entry *entry = &cache->entries[i];
			if (entry->cached.key != NULL &&
			    (leaving == NULL || entry->used < leaving->used))
				leaving = entry;
		}
		if (leaving == NULL)
			return; /* there are bytes, so there is one */
		drop(cache, leaving);
	}
}

void page_cache_add(struct page_cache *cache, uint64_t version, const struct page_cached *cached)
{
	const uint64_t hash = hash_bytes(cached->key, strlen(cached->key), cache->seed);
	settle(cache, version);
	if (cached->count > PAGE_CACHE_BYTES / PAGE_CACHE_SHARE)
		return;
	struct entry *entry = find(cache, cached->key, hash);
	if (entry == NULL)
		entry = oldest(cache);
	if (entry->cached.key != NULL)
		drop(cache, entry);
	make_room(cache, cached->count);
	char *key = strdup(cached->key);
	char *bytes = malloc(cached->count + 1);
	if (key == NULL || bytes == NULL) {
		free(key);
		free(bytes);
		return;
	}
	memcpy(bytes, cached->bytes, cached->count);
	bytes[cached->count] = '\0';
	*entry = (struct entry){.cached = *cached, .hash = hash, .used = ++cache->clock};
	entry->cached.key = key;
	entry->cached.bytes = bytes;
	cache->bytes += cached->count;
}

void page_etag(const void *bytes, size_t count, char out[static PAGE_ETAG_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[EVP_MAX_MD_SIZE] = {0};
	unsigned length = 0;
	(void)EVP_Digest(bytes, count, hash, &length, EVP_sha256(), NULL); /* always there */
	for (size_t i = 0; i + 1 < PAGE_ETAG_BYTES; i++)
		out[i] = digits[i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0xf];
	out[PAGE_ETAG_BYTES - 1] = '\0';
}

size_t page_cache_bytes(const struct page_cache *cache)
{
	return cache->bytes;
}
