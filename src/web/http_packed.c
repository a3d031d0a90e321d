/* http_packed.c - what was compressed lately, for whoever asks for the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/http_internal.h"

enum {
	BYTES_MAX = 256 << 10, /* of one; all of them together stay a few MiB */
};

static bool is_it(const struct http_packed *packed, const char *etag, size_t plain)
{
	return packed->bytes != NULL && packed->plain == plain && strcmp(packed->etag, etag) == 0;
}

const void *http_packed_find(
    const struct http *http, const char *etag, size_t plain, size_t *ret_count)
{
	for (size_t i = 0; etag != NULL && i < HTTP_PACKED_MAX; i++) {
		const struct http_packed *packed = &http->packed[i];
		if (!is_it(packed, etag, plain))
			continue;
		*ret_count = packed->count;
		return packed->bytes;
	}
	return NULL;
}

bool http_packed_keep(struct http *http, const char *etag, size_t plain, void *bytes, size_t count)
{
	struct http_packed *packed = &http->packed[http->packed_next];
	if (etag == NULL || count > BYTES_MAX || strlen(etag) >= sizeof packed->etag)
		return false;
	free(packed->bytes);
	(void)snprintf(packed->etag, sizeof packed->etag, "%s", etag); /* it fits */
	packed->plain = plain;
	packed->bytes = bytes;
	packed->count = count;
	http->packed_next = (http->packed_next + 1) % HTTP_PACKED_MAX;
	return true;
}

void http_packed_release(struct http *http)
{
	for (size_t i = 0; i < HTTP_PACKED_MAX; i++)
		free(http->packed[i].bytes);
}
