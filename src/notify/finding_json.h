/*
 * finding_json.h - one finding as JSON, the same wherever a program reads it: the lines of
 * `hinomi read --format json`, the attachment of a letter, the body of a webhook, the store.
 */
#ifndef NOTIFY_FINDING_JSON_H
#define NOTIFY_FINDING_JSON_H

#include "base/json.h"
#include "detect/finding.h"
#include "notify/wording.h"

/*
 * Writes an object with the fields that hinomi-read(1) tells. `key` as for json_open_object;
 * `member` is the member's name as it was given, NULL for strangers. `why` and the reasons of the
 * spoof estimate are in `language`.
 */
void finding_json_write(struct json *json, const char *key, enum language language,
    const char *member, const struct finding *finding);

#endif
