/* stats.c - `hinomi stats`: how much a station saw, what it could not see, and what it can. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/quantity.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/station/config.h"
#include "cmd/station/paths.h"
#include "cmd/station/sources.h"
#include "cmd/station/statistics.h"
#include "cmd/station/stats_report.h"
#include "cmd/station/surroundings.h"

enum {
	TOP_DEFAULT = 10,
	TOP_MAX = 100000,
	FILTERED_BYTES = 256,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PORT_MAX = 65535,
};

/* Without --since: a day. Without --period, what makes some dozen lines. */
#define SINCE_DEFAULT_US WHEN_DAY_US
#define FINE_US          (6 * WHEN_HOUR_US)
#define MEDIUM_US        (7 * WHEN_DAY_US)

struct stats_order {
	enum language language;
	const char *station;
	bool is_json;
	bool wants_help;
	bool has_period;
	int64_t since_us; /* how far back; 0: `from_us` says it */
	size_t top;
	char filtered[FILTERED_BYTES];
	struct traffic_filter filter;
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi stats [OPTIONS]\n"
	    "\n"
	    "Prints how much a station counted: traffic over time, the ports, countries and\n"
	    "networks with the most of it; what could not be observed; how many addresses that\n"
	    "nobody uses it watches, and what that means; what was removed by age.\n"
	    "\n"
	    "  --station DIR          the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
	    "  --since TIME|DURATION  from then on, or so far back from what was counted last "
	    "(1d)\n"
	    "  --period 5m|hour|day   what is added up (by the length of time)\n"
	    "  --port [tcp/|udp/]N    only this port\n"
	    "  --country XX           only senders of this country, two letters\n"
	    "  --network N            only senders of this autonomous system\n"
	    "  --kind KIND            only request, reply, neighbour, probe, flooded or reflected\n"
	    "  --top N                lines of each list (10)\n"
	    "  --format text|json     JSON Lines for programs\n"
	    "  --lang ja|en           language of the text (that of the locale)\n",
	    out);
}

/* ---- Options ---- */

enum stats_option {
	OPTION_STATION = 1,
	OPTION_SINCE,
	OPTION_PERIOD,
	OPTION_PORT,
	OPTION_COUNTRY,
	OPTION_NETWORK,
	OPTION_KIND,
	OPTION_TOP,
	OPTION_FORMAT,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"period", required_argument, NULL, OPTION_PERIOD},
    {"port", required_argument, NULL, OPTION_PORT},
    {"country", required_argument, NULL, OPTION_COUNTRY},
    {"network", required_argument, NULL, OPTION_NETWORK},
    {"kind", required_argument, NULL, OPTION_KIND},
    {"top", required_argument, NULL, OPTION_TOP},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* A whole number of at most `max`, and nothing after it. */
static bool read_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	const unsigned long long number = strtoull(text, &end, 10);
	if (*end != '\0' || errno != 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

static void note_filter(struct stats_order *order, const char *option, const char *value)
{
	const size_t used = strlen(order->filtered);
	(void)snprintf(order->filtered + used, sizeof order->filtered - used, "%s--%s %s",
	    used > 0 ? " " : "", option, value);
}

static int set_since(struct stats_order *order, const char *text)
{
	order->since_us = 0;
	if (duration_parse(text, &order->since_us) == 0 && order->since_us > 0)
		return 0;
	if (when_parse(text, &order->filter.from_us) == 0)
		return 0;
	return cmd_fail("--since %s: expected a duration such as 24h or 7d, or a time such as "
			"2026-04-01 or 2026-04-01T09:00:00Z",
	    text);
}

static int set_period(struct stats_order *order, const char *text)
{
	static const char *const names[STATISTICS_PERIODS] = {
	    [STATISTICS_5M] = "5m", [STATISTICS_HOUR] = "hour", [STATISTICS_DAY] = "day"};
	for (size_t i = 0; i < STATISTICS_PERIODS; i++) {
		if (strcmp(names[i], text) != 0)
			continue;
		order->filter.period = (enum statistics_period)i;
		order->has_period = true;
		return 0;
	}
	return cmd_fail("--period %s: expected 5m, hour or day", text);
}

static int set_port(struct stats_order *order, const char *text)
{
	const char *number = text;
	uint64_t port;
	if (strncmp(text, "tcp/", 4) == 0 || strncmp(text, "udp/", 4) == 0) {
		order->filter.protocol = text[0] == 't' ? PROTOCOL_TCP : PROTOCOL_UDP;
		number += 4;
	}
	if (!read_number(number, PORT_MAX, &port))
		return cmd_fail("--port %s: expected a port from 0 to 65535, or tcp/ or udp/ and "
				"one",
		    text);
	order->filter.port = (int)port;
	note_filter(order, "port", text);
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int set_country(struct stats_order *order, const char *text)
{
	if (!is_letter(text[0]) || !is_letter(text[1]) || text[2] != '\0')
		return cmd_fail("--country %s: expected two letters, such as JP", text);
	for (size_t i = 0; i < 2; i++)
		order->filter.country[i] = (char)(text[i] & ~0x20); /* capitals */
	note_filter(order, "country", order->filter.country);
	return 0;
}

static int set_network(struct stats_order *order, const char *text)
{
	const bool has_letters = strncmp(text, "AS", 2) == 0 || strncmp(text, "as", 2) == 0;
	uint64_t number;
	if (!read_number(has_letters ? text + 2 : text, UINT32_MAX, &number) || number == 0)
		return cmd_fail("--network %s: expected the number of an autonomous system, such "
				"as 2497",
		    text);
	order->filter.network = (int64_t)number;
	note_filter(order, "network", text);
	return 0;
}

static int set_kind(struct stats_order *order, const char *text)
{
	order->filter.kind = statistics_kind_find(text);
	if (order->filter.kind < 0)
		return cmd_fail("--kind %s: expected request, reply, neighbour, probe, flooded or "
				"reflected",
		    text);
	note_filter(order, "kind", text);
	return 0;
}

static int set_top(struct stats_order *order, const char *text)
{
	uint64_t top;
	if (!read_number(text, TOP_MAX, &top) || top == 0)
		return cmd_fail("--top %s: expected a number from 1 to %d", text, TOP_MAX);
	order->top = (size_t)top;
	return 0;
}

static int set_format(struct stats_order *order, const char *text)
{
	order->is_json = strcmp(text, "json") == 0;
	if (order->is_json || strcmp(text, "text") == 0)
		return 0;
	return cmd_fail("--format %s: expected text or json", text);
}

static int set_language(struct stats_order *order, const char *text)
{
	int language = language_find(text);
	if (language < 0)
		return cmd_fail("--lang %s: expected ja or en", text);
	order->language = (enum language)language;
	return 0;
}

static int set_station(struct stats_order *order, const char *text)
{
	if (text[0] == '\0')
		return cmd_fail("--station: expected the directory of a station");
	order->station = text;
	return 0;
}

static int take_option(struct stats_order *order, int option)
{
	static int (*const setters[])(struct stats_order * order, const char *text) = {
	    [OPTION_STATION] = set_station,
	    [OPTION_SINCE] = set_since,
	    [OPTION_PERIOD] = set_period,
	    [OPTION_PORT] = set_port,
	    [OPTION_COUNTRY] = set_country,
	    [OPTION_NETWORK] = set_network,
	    [OPTION_KIND] = set_kind,
	    [OPTION_TOP] = set_top,
	    [OPTION_FORMAT] = set_format,
	    [OPTION_LANG] = set_language,
	};
	if (option != OPTION_HELP)
		return setters[option](order, optarg);
	order->wants_help = true;
	return 0;
}

static int take_options(struct stats_order *order, int argc, char **argv)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		char letter[CMD_LETTER_BYTES];
		int option = getopt_long(argc, argv, ":", long_options, NULL);
		if (option == -1)
			return 0;
		if (option == ':' || option == '?')
			return cmd_fail("%s: %s; see `hinomi stats --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		int status = take_option(order, option);
		if (status != 0)
			return status;
	}
}

/* ---- What is looked at ---- */

struct viewing {
	struct stats_order *order;
	struct station_dir dir;
	struct station_config config;
	struct store *store;
	struct roster *roster;
	struct greynet *greynet;
	struct traffic *traffic;
	struct zone *zone;
	struct gap_list gaps;
	struct coverage coverage;
	struct upkeep_removed removed[UPKEEP_CLASSES];
	int64_t remembers_us;
};

static void log_nothing(void *context, const char *event, const char *text)
{
	(void)context;
	(void)event;
	(void)text;
}

static int open_station(struct viewing *viewing, struct complaint *complaint)
{
	const struct station_config *config = &viewing->config;
	char database[STATION_DIR_PATH_BYTES];
	int result =
	    station_dir_open(station_dir_find(viewing->order->station), &viewing->dir, complaint);
	if (result == 0)
		result = station_config_read(&viewing->dir, &viewing->config, complaint);
	if (result != 0)
		return result;
	station_dir_path(&viewing->dir, STATION_DATABASE, database);
	const struct store_options store = {
	    .engine = "sqlite", .path = database, .read_only = true};
	result = store_open(&store, &viewing->store, complaint);
	/* without the zone's file: UTC */
	if (result == 0 && zone_open(config->station.zone, &viewing->zone, NULL) != 0)
		viewing->zone = NULL;
	return result;
}

/* The networks of the interfaces that it watches; none where the machine does not tell. */
static void look_around(const struct viewing *viewing, struct surroundings *ret_surroundings)
{
	static struct station_facts facts; /* large */
	const struct station_config_sources *configured = &viewing->config.sources;
	struct station_source chosen[STATION_SOURCES_MAX];
	const struct station_source *sources = configured->list;
	size_t count = configured->count;
	struct complaint complaint;
	*ret_surroundings = (struct surroundings){.network_count = 0};
	if (station_facts_find(&facts, &complaint) != 0)
		return;
	if (configured->is_auto) {
		sources = chosen;
		count = station_sources_choose(&facts, chosen, STATION_SOURCES_MAX);
		count = count < STATION_SOURCES_MAX ? count : STATION_SOURCES_MAX;
	}
	surroundings_choose(&facts, sources, count, ret_surroundings);
}

static int open_greynet(struct viewing *viewing, struct complaint *complaint)
{
	const struct station_config_watch *watch = &viewing->config.watch;
	struct surroundings surroundings;
	look_around(viewing, &surroundings);
	const struct greynet_options options = {
	    .store = viewing->store,
	    .ranges = watch->ranges.list,
	    .range_count = watch->ranges.count,
	    .is_auto = watch->ranges.is_auto,
	    .networks = surroundings.networks,
	    .network_count = surroundings.network_count,
	    .gateways = surroundings.gateways,
	    .gateway_count = surroundings.gateway_count,
	    .quiet_us = watch->quiet_us,
	    .log = log_nothing,
	};
	return greynet_new(&options, &viewing->greynet, complaint);
}

/* As the station itself has it. */
static int open_roster(struct viewing *viewing, struct complaint *complaint)
{
	const struct station_config *config = &viewing->config;
	struct prefix *own = greynet_copy_prefixes(viewing->greynet);
	if (own == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	const struct roster_options roster = {
	    .dark = config->dark.list,
	    .dark_count = config->dark.count,
	    .own = own,
	    .own_count = greynet_range_count(viewing->greynet),
	    .language = (enum language)config->station.language,
	    .zone = config->station.zone,
	    .country = config->notices.country,
	};
	int result = roster_read(viewing->store, &roster, &viewing->roster, complaint);
	free(own);
	return result;
}

static enum statistics_period choose_period(int64_t length_us)
{
	if (length_us <= FINE_US)
		return STATISTICS_5M;
	return length_us <= MEDIUM_US ? STATISTICS_HOUR : STATISTICS_DAY;
}

static int64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* there is one */
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

/* From when to when, and in which periods. */
static int choose_time(struct viewing *viewing, struct complaint *complaint)
{
	struct stats_order *order = viewing->order;
	struct traffic_filter *filter = &order->filter;
	int64_t latest_us;
	int result = traffic_find_latest(viewing->store, STATISTICS_5M, &latest_us, complaint);
	if (result == 0 && latest_us == INT64_MIN) /* only older ones are left, or none */
		result = traffic_find_latest(viewing->store, STATISTICS_DAY, &latest_us, complaint);
	if (result != 0)
		return result;
	filter->to_us =
	    latest_us == INT64_MIN ? now_us() : latest_us + statistics_period_us(STATISTICS_5M);
	if (order->since_us != 0)
		filter->from_us = filter->to_us - order->since_us;
	if (!order->has_period)
		filter->period = choose_period(filter->to_us - filter->from_us);
	filter->from_us = statistics_period_start(filter->period, filter->from_us);
	return 0;
}

static int visit_oldest(void *context, const void *record)
{
	const struct store_batch *batch = record;
	*(int64_t *)context = batch->received_us;
	return 0;
}

static int find_memory(struct viewing *viewing, struct complaint *complaint)
{
	const struct store_query oldest = {.kind = STORE_BATCH, .order = "received_us", .limit = 1};
	viewing->remembers_us = INT64_MIN;
	return store_each(viewing->store, &oldest, visit_oldest, &viewing->remembers_us, complaint);
}

static int read_all(struct viewing *viewing, struct complaint *complaint)
{
	int result = choose_time(viewing, complaint);
	if (result == 0)
		result = traffic_read(
		    viewing->store, &viewing->order->filter, &viewing->traffic, complaint);
	if (result == 0)
		result = gap_list_read(
		    viewing->store, viewing->order->filter.from_us, &viewing->gaps, complaint);
	if (result == 0)
		result = open_greynet(viewing, complaint);
	if (result == 0)
		result = open_roster(viewing, complaint);
	const struct coverage_sources sources = {
	    viewing->store, &viewing->config, viewing->roster, viewing->greynet};
	if (result == 0)
		result = coverage_measure(&sources, &viewing->coverage, complaint);
	if (result == 0)
		result = upkeep_read_removed(viewing->store, viewing->removed, complaint);
	return result != 0 ? result : find_memory(viewing, complaint);
}

static int show(const struct viewing *viewing)
{
	const struct stats_order *order = viewing->order;
	const struct stats_report report = {
	    .language = order->language,
	    .zone = viewing->zone,
	    .station = viewing->config.station.name,
	    .filter = &order->filter,
	    .filtered = order->filtered,
	    .traffic = viewing->traffic,
	    .top = order->top,
	    .gaps = &viewing->gaps,
	    .coverage = &viewing->coverage,
	    .greynet = viewing->greynet,
	    .quiet_us = viewing->config.watch.quiet_us,
	    .removed = viewing->removed,
	    .remembers_us = viewing->remembers_us,
	};
	int result =
	    order->is_json ? stats_write_json(&report, stdout) : stats_write_text(&report, stdout);
	return result != 0 ? cmd_fail("out of memory") : cmd_flush_output();
}

static int run(struct stats_order *order)
{
	static struct viewing viewing = {.dir = {.fd = -1}};
	struct complaint complaint = {""};
	viewing.order = order;
	int result = open_station(&viewing, &complaint);
	if (result == 0)
		result = read_all(&viewing, &complaint);
	int status = result == 0 ? show(&viewing) : cmd_fail("%s", complaint.text);
	traffic_free(viewing.traffic);
	greynet_free(viewing.greynet);
	roster_free(viewing.roster);
	zone_free(viewing.zone);
	store_close(viewing.store);
	station_dir_close(&viewing.dir);
	return status;
}

int cmd_stats(int argc, char **argv)
{
	struct stats_order order = {
	    .language = language_of_environment(),
	    .since_us = SINCE_DEFAULT_US,
	    .top = TOP_DEFAULT,
	    .filter = {.port = TRAFFIC_ANY,
		.protocol = TRAFFIC_ANY,
		.kind = TRAFFIC_ANY,
		.network = TRAFFIC_ANY},
	};
	int status = take_options(&order, argc, argv);
	if (status != 0)
		return status;
	if (order.wants_help) {
		print_usage(stdout);
		return cmd_flush_output();
	}
	if (optind < argc)
		return cmd_fail("stats: %s: expected nothing more; a station is named by --station",
		    argv[optind]);
	return run(&order);
}
