#include "cmd/station/store_create.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/when.h"
#include "detect/finding.h"
#include "registry/registry.h"
#include "store/store.h"

enum {
	CONTACT_BYTES = 160, /* "staff@NAME.example" */
};

static int64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	return (int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

static int put_prefixes(
    struct store *store, int64_t member, const char *list, struct complaint *complaint)
{
	int error = 0;
	while (error == 0 && *list != '\0') {
		char text[PREFIX_TEXT_BYTES];
		size_t bytes = strcspn(list, ",");
		(void)snprintf(text, sizeof text, "%.*s", (int)bytes, list); /* our own prefixes */
		struct store_prefix prefix = {.member_id = member, .prefix = text};
		error = store_put(store, STORE_RECORD(&prefix), STORE_REPLACE, complaint);
		list += bytes + (list[bytes] == ',');
	}
	return error;
}

/* In a domain that nobody can have (RFC 2606), so that no such letter ever leaves the machine. */
static int put_contact(
    struct store *store, const struct store_member *member, struct complaint *complaint)
{
	char address[CONTACT_BYTES];
	(void)snprintf(address, sizeof address, "staff@%s.example", member->name);
	struct store_contact contact = {
	    .member_id = member->id,
	    .kind = CONTACT_MAIL,
	    .address = address,
	    .language = member->language,
	    .severity_min = severity_name(SEVERITY_LOW),
	    .state = CONTACT_VERIFIED,
	    .verified_us = member->created_us,
	    .created_us = member->created_us,
	};
	return store_put(store, STORE_RECORD(&contact), STORE_REPLACE, complaint);
}

/* "NAME=PREFIX[,PREFIX...]" */
static int put_member(struct store *store, const struct station_seed *seed, const char *text,
    struct complaint *complaint)
{
	static const char *const languages[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "en", [LANGUAGE_JA] = "ja"};
	char name[MEMBER_NAME_BYTES];
	size_t bytes = strcspn(text, "=");
	(void)snprintf(name, sizeof name, "%.*s", (int)bytes, text); /* our own names */
	struct store_member member = {
	    .name = name,
	    .language = languages[seed->language],
	    .zone = seed->zone,
	    .note = "",
	    .created_us = now_us(),
	};
	int error = store_put(store, STORE_RECORD(&member), STORE_REPLACE, complaint);
	if (error == 0)
		error = put_prefixes(store, member.id, text + bytes + 1, complaint);
	return error == 0 ? put_contact(store, &member, complaint) : error;
}

static int put_seed(
    struct store *store, const struct station_seed *seed, struct complaint *complaint)
{
	int error = store_begin(store, complaint);
	for (const char *const *member = seed->members; error == 0 && *member != NULL; member++)
		error = put_member(store, seed, *member, complaint);
	return error == 0 ? store_commit(store, complaint) : error;
}

int station_store_create(
    const struct station_dir *dir, const struct station_seed *seed, struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	struct store *store = NULL;
	station_dir_path(dir, STATION_DATABASE, path);
	struct store_options options = {.engine = "sqlite", .path = path};
	int error = store_open(&options, &store, complaint);
	if (error == 0 && seed != NULL)
		error = put_seed(store, seed, complaint);
	store_close(store);
	return error;
}
