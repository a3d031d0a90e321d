/* What the API keeps and knows by itself: its cache, its names, addresses as text, settings. */
#include "cmd/station/page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "cmd/station/config_show.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_people.h"
#include "observe/sighting.h"
#include "test.h"

/* ---- Cache ---- */

static struct page_cached sample(const char *key, const char *bytes)
{
	struct page_cached cached = {
	    .key = key, .type = "text/plain", .bytes = bytes, .count = strlen(bytes)};
	page_etag(bytes, cached.count, cached.etag);
	return cached;
}

static void test_cache(void)
{
	struct page_cache *cache = NULL;
	struct page_cached one = sample("1 /a", "apple");
	struct page_cached other = sample("2 /a", "orange");
	OK(page_cache_new(&cache) == 0 && page_cache_find(cache, 1, "1 /a") == NULL,
	    "at first nothing is kept");
	page_cache_add(cache, 1, &one);
	page_cache_add(cache, 1, &other);
	const struct page_cached *found = page_cache_find(cache, 1, "1 /a");
	OK(found != NULL && strcmp(found->bytes, "apple") == 0 &&
		strcmp(found->etag, one.etag) == 0,
	    "what was kept is found");
	found = page_cache_find(cache, 1, "2 /a");
	OK(found != NULL && strcmp(found->bytes, "orange") == 0, "by who may see it");
	OK(strcmp(one.etag, other.etag) != 0 && strlen(one.etag) == 32, "each has its tag");
	one = sample("1 /a", "pear");
	page_cache_add(cache, 1, &one);
	found = page_cache_find(cache, 1, "1 /a");
	OK(found != NULL && strcmp(found->bytes, "pear") == 0 &&
		page_cache_bytes(cache) == strlen("pear") + strlen("orange"),
	    "the new takes the place of the old");
	OK(page_cache_find(cache, 2, "1 /a") == NULL && page_cache_bytes(cache) == 0,
	    "of another version nothing is left");
	page_cache_free(cache);
	page_cache_free(NULL);
}

static void test_bounds(void)
{
	const size_t share = PAGE_CACHE_BYTES / PAGE_CACHE_SHARE;
	char *large = calloc(1, share + 2);
	struct page_cache *cache = NULL;
	bool holds = true;
	memset(large, 'x', share + 1);
	OK(page_cache_new(&cache) == 0, "a cache");
	struct page_cached too_large = {
	    .key = "large", .type = "text/plain", .bytes = large, .count = share + 1};
	page_cache_add(cache, 1, &too_large);
	OK(page_cache_find(cache, 1, "large") == NULL, "one byte past a share is not kept");
	for (int i = 0; i < 3 * PAGE_CACHE_SHARE; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "%d", i);
		struct page_cached cached = {
		    .key = key, .type = "text/plain", .bytes = large, .count = share};
		page_cache_add(cache, 1, &cached);
		holds = holds && page_cache_bytes(cache) <= PAGE_CACHE_BYTES;
	}
	OK(holds && page_cache_find(cache, 1, "23") != NULL &&
		page_cache_find(cache, 1, "0") == NULL,
	    "what was used longest ago makes room");
	for (int i = 0; i < 2 * PAGE_CACHE_ENTRIES; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "s%d", i);
		struct page_cached cached = sample(key, "small");
		page_cache_add(cache, 2, &cached);
	}
	OK(page_cache_bytes(cache) == PAGE_CACHE_ENTRIES * strlen("small") &&
		page_cache_find(cache, 2, "s1023") != NULL &&
		page_cache_find(cache, 2, "s0") == NULL,
	    "there are so many at most");
	page_cache_free(cache);
	free(large);
}

/* ---- Names ---- */

static const char *state_at(int i)
{
	return incident_state_name((enum incident_state)i);
}

static const char *severity_at(int i)
{
	return severity_name((enum severity)i);
}

static const char *rule_at(int i)
{
	return rule_name((enum rule)i);
}

static const char *tool_at(int i)
{
	return tool_name((enum tool)i);
}

static bool is_same(const char *const *names, const char *(*name_at)(int i), int count)
{
	for (int i = 0; i < count; i++)
		if (names[i] == NULL || strcmp(names[i], name_at(i)) != 0)
			return false;
	return names[count] == NULL;
}

static void test_names(void)
{
	OK(is_same(page_states, state_at, INCIDENT_STATE_COUNT), "states");
	OK(is_same(page_severities, severity_at, SEVERITY_COUNT), "severities");
	OK(is_same(page_rules, rule_at, RULE_COUNT), "rules");
	OK(is_same(page_tools, tool_at, TOOL_COUNT), "tools");
}

/* ---- Addresses ---- */

static void test_ranges(void)
{
	static const struct {
		const char *prefix;
		const char *from; /* NULL: none */
		const char *below;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.", "192.0.2/"},
	    {"192.0.2.128/25", "192.0.2.", "192.0.2/"},
	    {"192.0.0.0/16", "192.0.", "192.0/"},
	    {"10.0.0.0/8", "10.", "10/"},
	    {"0.0.0.0/0", NULL, NULL},
	    {"128.0.0.0/1", NULL, NULL},
	    {"2001:db8::/32", "2001:db8:", "2001:db8;"},
	    {"2001:db8:a::/48", "2001:db8:a:", "2001:db8:a;"},
	    {"2001:db8:a:0::/64", "2001:db8:a:", "2001:db8:a;"},
	    {"2001:db8:8000::/33", "2001:db8:", "2001:db8;"},
	    {"::/0", NULL, NULL},
	    {"fe80::/10", NULL, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char from[PAGE_RANGE_BYTES];
		char below[PAGE_RANGE_BYTES];
		struct prefix prefix;
		const char *why;
		bool good = prefix_parse(rows[i].prefix, &prefix, &why) == 0;
		const bool is_range = page_subject_range(&prefix, from, below);
		good = good && is_range == (rows[i].from != NULL);
		if (is_range && rows[i].from != NULL)
			good = good && strcmp(from, rows[i].from) == 0 &&
			       strcmp(below, rows[i].below) == 0;
		OK(good, rows[i].prefix);
	}
}

static void test_hooks(void)
{
	char out[PAGE_ADDRESS_BYTES];
	page_people_show_address(CONTACT_WEBHOOK, "https://hooks.example/T0/secret", out);
	OK(strcmp(out, "https://hooks.example/...") == 0, "of a web hook where it leads");
	page_people_show_address(CONTACT_WEBHOOK, "https://hooks.example?key=secret", out);
	OK(strcmp(out, "https://hooks.example/...") == 0, "whatever stands behind it");
	page_people_show_address(CONTACT_MAIL, "noc@town.example", out);
	OK(strcmp(out, "noc@town.example") == 0, "a mailbox is no secret");
}

/* ---- Settings ---- */

static void test_settings(void)
{
	static const char text[] = "operator: {mail: noc@town.example, webhook: "
				   "\"https://hooks.example/T0/secret\"}\n"
				   "mail: {server: \"mail.example:587\"}\n"
				   "dark: [198.18.0.0/15, \"2001:db8:dead::/48\"]\n"
				   "notices: {cap: 7}\n";
	static struct station_config config;
	static struct config_shown shown;
	struct complaint complaint = {""};
	size_t count = 0;
	bool has_secret = false;
	bool is_explained = true;
	OK(station_config_parse("test", text, sizeof text - 1, &config, &complaint) == 0,
	    "a configuration");
	printf("# %s\n", complaint.text);
	static const char *const wanted[][2] = {{"operator.webhook", "https://hooks.example/..."},
	    {"operator.mail", "noc@town.example"}, {"mail.server", "mail.example:587"},
	    {"dark", "198.18.0.0/15, 2001:db8:dead::/48"}, {"notices.cap", "7"},
	    {"mail.security", "starttls"}, {"canary.every", "15m"}};
	size_t found = 0;
	for (; config_show(&config, count, &shown); count++) {
		has_secret = has_secret || strstr(shown.value, "secret") != NULL;
		is_explained = is_explained && shown.explanations[LANGUAGE_EN] != NULL &&
			       shown.explanations[LANGUAGE_JA] != NULL;
		for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
			found += strcmp(wanted[i][0], shown.key) == 0 &&
				 strcmp(wanted[i][1], shown.value) == 0;
	}
	OK(count > 40 && is_explained, "each key is shown, and explained in both languages");
	OK(found == sizeof wanted / sizeof wanted[0], "as a file would have it");
	OK(!has_secret, "no secret is");
}

int main(void)
{
	test_cache();
	test_bounds();
	test_names();
	test_ranges();
	test_hooks();
	test_settings();
	return test_done();
}
