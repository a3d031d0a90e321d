#include "web/asset.h"

#include <string.h>

#include "web/http.h"

enum {
	STATUS_OK = 200,
};

const struct asset *asset_find(const char *path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (strcmp(path, assets[i].path) == 0)
			return &assets[i];
	return NULL;
}

void asset_answer(void *context, struct http_request *request)
{
	const struct asset *asset = asset_find(http_request_path(request));
	(void)context;
	if (asset == NULL) {
		http_refuse(request, ROUTE_NOT_FOUND, "there is nothing of this name here");
		return;
	}
	const struct http_reply reply = {.status = STATUS_OK,
	    .type = asset->type,
	    .bytes = asset->bytes,
	    .count = asset->count,
	    .etag = asset->etag,
	    .caching = asset->is_immutable ? HTTP_IMMUTABLE : HTTP_REVALIDATE,
	    .policy = ASSET_POLICY,
	    .is_gzip = asset->is_gzip};
	http_reply(request, &reply);
}
