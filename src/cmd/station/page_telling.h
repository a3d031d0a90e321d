/*
 * page_telling.h - incidents in words, for answers of the API: the sentences of letters
 * (notify/letter.h), in every language at once, since whoever asks may switch.
 */
#ifndef CMD_STATION_PAGE_TELLING_H
#define CMD_STATION_PAGE_TELLING_H

#include "cmd/station/page_routes.h"
#include "detect/finding.h"
#include "registry/registry.h"

struct page_telling {
	const struct page_world *world;
	struct registry *registry; /* names of members that came up so far; NULL: none */
};

void page_telling_init(struct page_telling *telling, const struct page_world *world);
void page_telling_release(struct page_telling *telling);

/* What was found, out of the record. False where it cannot be told. */
bool page_telling_find(struct page_telling *telling, const struct store_incident *incident,
    struct finding *ret_finding);

/* "headline" and "first_step": each an object by language. */
void page_telling_put_short(
    struct page_telling *telling, struct json *json, const struct finding *finding);
/* "advice": all that a letter says of it, by language. 0 or -ENOMEM. */
int page_telling_put_advice(struct page_telling *telling, struct json *json, int64_t incident,
    const struct finding *finding);

/* "en", "ja" */
const char *page_language_name(enum language language);

#endif
