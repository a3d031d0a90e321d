#include "cmd/read_station.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/config.h"
#include "cmd/station/paths.h"
#include "store/store.h"

struct taking {
	struct store *store;
	struct registry *registry;
	struct read_station *found;
	const char *member; /* of the prefixes that are visited */
	struct complaint *complaint;
};

static int visit_prefix(void *context, const void *record)
{
	const struct taking *taking = context;
	const struct store_prefix *prefix = record;
	int result = registry_add_member(
	    taking->registry, taking->member, prefix->prefix, taking->complaint);
	if (result == 0 && prefix->dark) {
		taking->found->has_dark = true;
		result = registry_add_dark(taking->registry, prefix->prefix, taking->complaint);
	}
	return result;
}

static int visit_member(void *context, const void *record)
{
	struct taking *taking = context;
	const struct store_member *member = record;
	const struct store_query prefixes = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .number = member->id}},
	};
	taking->found->has_members = true;
	taking->member = member->name;
	return store_each(taking->store, &prefixes, visit_prefix, taking, taking->complaint);
}

static int take_members(const struct station_dir *dir, struct taking *taking)
{
	char database[STATION_DIR_PATH_BYTES];
	const struct store_query members = {.kind = STORE_MEMBER};
	station_dir_path(dir, STATION_DATABASE, database);
	const struct store_options options = {
	    .engine = "sqlite", .path = database, .read_only = true};
	int result = store_open(&options, &taking->store, taking->complaint);
	if (result == 0)
		result =
		    store_each(taking->store, &members, visit_member, taking, taking->complaint);
	store_close(taking->store);
	return result;
}

static int take_dark(const struct station_config *config, const struct taking *taking)
{
	int result = 0;
	for (size_t i = 0; i < config->dark.count && result == 0; i++) {
		char text[PREFIX_TEXT_BYTES];
		prefix_format(&config->dark.list[i], text);
		taking->found->has_dark = true;
		result = registry_add_dark(taking->registry, text, taking->complaint);
	}
	return result;
}

int read_station(const char *directory, struct registry *registry,
    struct thresholds *ret_thresholds, struct read_station *ret_station,
    struct complaint *complaint)
{
	static struct station_config config; /* large */
	struct station_dir dir;
	struct taking taking = {.registry = registry, .found = ret_station, .complaint = complaint};
	*ret_station = (struct read_station){.has_members = false};
	int result = station_dir_open(directory, &dir, complaint);
	if (result != 0)
		return result;
	result = station_config_read(&dir, &config, complaint);
	if (result == 0)
		result = take_members(&dir, &taking);
	if (result == 0)
		result = take_dark(&config, &taking);
	if (result == 0)
		*ret_thresholds = config.thresholds;
	station_dir_close(&dir);
	return result;
}
