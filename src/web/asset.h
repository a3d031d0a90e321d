/*
 * asset.h - the page, as it was made of web/ when the program was built: files in memory, with all
 * that an answer says of them. The program reads none from a disk, and the page asks no other host.
 */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request;

struct asset {
	const char *path; /* "/", or as "/assets/main-SJATVLFF.js": named by what it holds */
	const char *type;
	const char *etag;
	const uint8_t *bytes;
	size_t count;
	bool is_gzip;
	bool is_immutable; /* as HTTP_IMMUTABLE */
};

/* Made by scripts/make-page. */
extern const struct asset assets[];
extern const size_t asset_count;

/* NULL: there is none. */
const struct asset *asset_find(const char *path);

/*
 * What the page may do in a browser: Content-Security-Policy. Nothing is taken from elsewhere,
 * nothing that is written into it runs, and no other page shows it.
 */
#define ASSET_POLICY                                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "               \
	"frame-ancestors 'none'"

/* Answers with what is there for its path, or 404. A handler of routes; `context` is not used. */
void asset_answer(void *context, struct http_request *request);

#endif
