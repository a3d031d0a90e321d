#include "detect/thresholds.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/config.h"
#include "base/nearest.h"

/* Past this no rule would ever fire within the state that is kept. */
enum {
	COUNT_MAX = 1000000,
	RATE_MAX = 100000000, /* packets/s: more than any link of ours carries */
	HOUR_S = 3600,
	DAY_S = 86400,
	WEEK_S = 604800,
};

struct threshold {
	const char *rule; /* the key of its mapping in the file */
	const char *name; /* its key there */
	size_t offset;    /* of a uint32_t in struct thresholds */
	uint32_t initial;
	uint32_t min;
	uint32_t max;
	const char *unit;
	const char *reason;
};

#define FIELD(section, field)   .name = #field, .offset = offsetof(struct thresholds, section.field)
#define RANGE(value, low, high) .initial = (value), .min = (low), .max = (high)
#define SCAN_DARK(field)        .rule = "scan.dark", FIELD(scan_dark, field)
#define SCAN_SWEEP(field)       .rule = "scan.sweep", FIELD(scan_sweep, field)
#define SCAN_LIVE(field)        .rule = "scan.live", FIELD(scan_live, field)
#define DDOS_VICTIM(field)      .rule = "ddos.victim", FIELD(ddos_victim, field)
#define DDOS_INCOMING(field)    .rule = "ddos.incoming", FIELD(ddos_incoming, field)
#define DDOS_REFLECTOR(field)   .rule = "ddos.reflector", FIELD(ddos_reflector, field)
#define CONFIG_STRAY(field)     .rule = "config.stray", FIELD(config_stray, field)
#define SPOOF_MEMBER(field)     .rule = "spoof.member", FIELD(spoof_member, field)

/* The rows of a rule stand together. Names of sources are spelt out in the rules' manual pages. */
static const struct threshold table[] = {
    {SCAN_DARK(targets), RANGE(3, 1, COUNT_MAX), "addresses",
	"distinct dark addresses that make a member's finding; nothing legitimate sends there"},
    {SCAN_DARK(window_s), RANGE(DAY_S, 60, WEEK_S), "s",
	"they are counted within this; a slow scanner needs a day"},
    {SCAN_DARK(marked_packets), RANGE(2, 1, COUNT_MAX), "packets",
	"with a tool's 32-bit mark; one alone happens by chance in 2^32 packets"},
    {SCAN_DARK(stranger_targets), RANGE(10, 1, COUNT_MAX), "addresses",
	"the same for an address of no member; Merit's lower bound"},
    {SCAN_DARK(stranger_rate), RANGE(10, 1, RATE_MAX), "packets/s",
	"of a stranger, extrapolated to all of IPv4; Merit's lower bound"},
    {SCAN_DARK(scan_rate), RANGE(100, 1, RATE_MAX), "packets/s",
	"the uniform scanner whose event a gap of ln(1000) * 2^32 / (rate * D) ends"},

    {SCAN_SWEEP(targets), RANGE(10, 2, COUNT_MAX), "addresses",
	"that nobody holds, asked for within window_s"},
    {SCAN_SWEEP(window_s), RANGE(300, 1, WEEK_S), "s", "a fast sweep"},
    {SCAN_SWEEP(slow_targets), RANGE(50, 2, COUNT_MAX), "addresses",
	"that nobody holds, asked for within slow_window_s"},
    {SCAN_SWEEP(slow_window_s), RANGE(DAY_S, 60, WEEK_S), "s", "a slow sweep"},

    {SCAN_LIVE(watch_failures), RANGE(7, 1, COUNT_MAX), "failures",
	"net, on one port: worth an info, one in 16,000 by chance (Jung 2004)"},
    {SCAN_LIVE(failures), RANGE(10, 1, COUNT_MAX), "failures",
	"net: one false alarm in 10^6 with theta 0.8 and 0.2 (Jung 2004)"},
    {SCAN_LIVE(udp_failures), RANGE(30, 1, COUNT_MAX), "failures",
	"net, on one port: silence means little in UDP"},
    {SCAN_LIVE(dark_failures), RANGE(10, 1, COUNT_MAX), "failures",
	"silent UDP contacts to dark addresses, which prove more"},
    {SCAN_LIVE(ports), RANGE(15, 2, 65535), "ports",
	"of one target refused or silent: a vertical scan"},
    {SCAN_LIVE(protocols), RANGE(15, 2, 255), "protocols",
	"IP protocol numbers tried on one target: a protocol scan"},
    {SCAN_LIVE(answer_timeout_s), RANGE(5, 1, 300), "s",
	"no answer within this is a failure; slow links take 3 s"},
    {SCAN_LIVE(web_failures), RANGE(25, 1, COUNT_MAX), "failures",
	"on 80 and 443 of public addresses without order or density; browsers meet dead servers"},

    {DDOS_VICTIM(packets), RANGE(25, 1, COUNT_MAX), "packets",
	"of backscatter in all (Moore et al. 2006)"},
    {DDOS_VICTIM(duration_s), RANGE(60, 1, DAY_S), "s",
	"that a flood lasts at least (Moore et al. 2006)"},
    {DDOS_VICTIM(peak_packets), RANGE(30, 1, COUNT_MAX), "packets",
	"within some 60 s, sliding by 10 s (Moore et al. 2006)"},
    {DDOS_VICTIM(many_packets), RANGE(100, 1, COUNT_MAX), "packets",
	"unsolicited replies within 24 h that are a flood however short"},
    {DDOS_VICTIM(many_targets), RANGE(50, 1, COUNT_MAX), "addresses",
	"that these went to: forged sources are spread"},
    {DDOS_VICTIM(end_s), RANGE(300, 10, DAY_S), "s",
	"a vector ends after so long without a packet (Moore et al. 2006)"},

    {DDOS_INCOMING(sources), RANGE(500, 10, COUNT_MAX), "addresses",
	"that the victim never contacted, on one port; a school's break brings fewer"},
    {DDOS_INCOMING(window_s), RANGE(60, 1, HOUR_S), "s", "they are counted within this"},
    {DDOS_INCOMING(exchange_percent), RANGE(20, 0, 100), "%",
	"of senders with further exchange; above it is a crowd, not a flood"},

    {DDOS_REFLECTOR(packets), RANGE(10, 1, COUNT_MAX), "packets",
	"of an amplifying service to dark addresses"},
    {DDOS_REFLECTOR(targets), RANGE(3, 1, COUNT_MAX), "addresses",
	"dark, that never asked; one or two may be a typing error of somebody else"},
    {DDOS_REFLECTOR(window_s), RANGE(600, 1, WEEK_S), "s", "they are counted within this"},

    {CONFIG_STRAY(targets), RANGE(2, 1, 100), "addresses",
	"at most: a lost printer knows one or two, a scanner many"},
    {CONFIG_STRAY(packets), RANGE(6, 1, COUNT_MAX), "packets", "at least: again and again"},
    {CONFIG_STRAY(duration_s), RANGE(HOUR_S, 1, WEEK_S), "s",
	"at least: a mistyped address is given up sooner"},

    {SPOOF_MEMBER(addresses), RANGE(20, 2, COUNT_MAX), "addresses",
	"of one member that send the same kind to the same port at once"},
    {SPOOF_MEMBER(packets), RANGE(3, 1, COUNT_MAX), "packets",
	"of each at most: who forges draws a new address each time"},
    {SPOOF_MEMBER(window_s), RANGE(600, 1, WEEK_S), "s", "they are counted within this"},
    {SPOOF_MEMBER(share_percent), RANGE(80, 1, 100), "%",
	"of the member's senders then, at least: true infections leave others"},
};

enum {
	ROWS = sizeof table / sizeof table[0],
	KEY_COLUMNS = 32, /* the longest key and rule with ": " between them have 31 */
};

static_assert(sizeof(struct thresholds) == ROWS * sizeof(uint32_t), "a row for each field");

/* What would silence a rule without anybody noticing. Both are of one rule. */
static const struct order {
	size_t lesser;
	size_t greater;
	const char *names[2];
} orders[] = {
#define ORDER(section, less, more)                                                                 \
	{                                                                                          \
		offsetof(struct thresholds, section.less),                                         \
		    offsetof(struct thresholds, section.more), {#less, #more},                     \
	}
    ORDER(scan_sweep, targets, slow_targets),
    ORDER(scan_sweep, window_s, slow_window_s),
    ORDER(scan_live, watch_failures, failures),
    ORDER(ddos_victim, many_targets, many_packets),
    ORDER(ddos_reflector, targets, packets),
};

static const char section_name[] = "thresholds";

/* A file being read: what it sets so far, and where. */
struct reading {
	const struct config *config;
	struct complaint *complaint;
	struct thresholds thresholds;
	const struct config_node *set_by[ROWS]; /* NULL where the default stands */
};

static uint32_t *value_at(struct thresholds *thresholds, size_t offset)
{
	return (uint32_t *)(void *)((char *)thresholds + offset);
}

void thresholds_init(struct thresholds *ret_thresholds)
{
	for (size_t row = 0; row < ROWS; row++)
		*value_at(ret_thresholds, table[row].offset) = table[row].initial;
}

/* The names of all rules, or with a rule those of its thresholds. Returns how many. */
static size_t known_names(const char *rule, const char *names[static ROWS])
{
	size_t count = 0;
	for (size_t row = 0; row < ROWS; row++) {
		bool is_same_rule = row > 0 && strcmp(table[row].rule, table[row - 1].rule) == 0;
		if (rule == NULL && !is_same_rule)
			names[count++] = table[row].rule;
		else if (rule != NULL && strcmp(table[row].rule, rule) == 0)
			names[count++] = table[row].name;
	}
	return count;
}

static int refuse_unknown(
    const struct reading *reading, const struct config_node *node, const char *rule)
{
	const char *names[ROWS];
	char known[COMPLAINT_BYTES] = "";
	size_t count = known_names(rule, names);
	size_t used = 0;
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(
		    known + used, sizeof known - used, "%s%s", i == 0 ? "" : ", ", names[i]);
	assert(used < sizeof known); /* our own names */
	return config_refuse(reading->config, node, reading->complaint,
	    "%s \"%s\" is not known, did you mean \"%s\"? Expected one of: %s",
	    rule == NULL ? "rule" : "threshold", node->key, nearest_name(node->key, names, count),
	    known);
}

static int refuse_kind(const struct reading *reading, const struct config_node *node,
    const struct threshold *threshold)
{
	bool is_text = node->kind == CONFIG_TEXT;
	return config_refuse(reading->config, node, reading->complaint,
	    is_text ? "%s: %s: found \"%s\"%s, expected a whole number from %u to %u (%s)"
		    : "%s: %s: found %s%s, expected a whole number from %u to %u (%s)",
	    threshold->rule, threshold->name, is_text ? node->text : config_kind_name(node),
	    node->is_quoted ? " in quotes" : "", threshold->min, threshold->max, threshold->unit);
}

static int read_value(struct reading *reading, const struct config_node *node, size_t row)
{
	const struct threshold *threshold = &table[row];
	uint64_t value = 0;
	int error = config_unsigned(node, &value);
	if (error == -EINVAL)
		return refuse_kind(reading, node, threshold);
	if (error != 0 || value < threshold->min || value > threshold->max)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: %s: %s is out of range, expected %u to %u (%s)", threshold->rule,
		    threshold->name, node->text, threshold->min, threshold->max, threshold->unit);

	*value_at(&reading->thresholds, threshold->offset) = (uint32_t)value;
	reading->set_by[row] = node;
	return 0;
}

static int read_threshold(struct reading *reading, const struct config_node *node, const char *rule)
{
	for (size_t row = 0; row < ROWS; row++) {
		if (strcmp(table[row].rule, rule) == 0 && strcmp(table[row].name, node->key) == 0)
			return read_value(reading, node, row);
	}
	return refuse_unknown(reading, node, rule);
}

/* A key whose values are all commented out is no mapping, and no mistake. */
static int check_mapping(
    const struct reading *reading, const struct config_node *node, const char *expected)
{
	if (node->kind == CONFIG_MAPPING || node->kind == CONFIG_NOTHING)
		return 0;
	return config_refuse(reading->config, node, reading->complaint, "%s: found %s, expected %s",
	    node->key, config_kind_name(node), expected);
}

static int read_rule(struct reading *reading, const struct config_node *node)
{
	const char *names[ROWS];
	if (known_names(node->key, names) == 0)
		return refuse_unknown(reading, node, NULL);
	int error = check_mapping(reading, node, "lines such as \"targets: 3\" under it");
	for (const struct config_node *child = node->first; error == 0 && child != NULL;
	     child = child->next)
		error = read_threshold(reading, child, node->key);
	return error;
}

static int read_section(struct reading *reading, const struct config_node *node)
{
	if (strcmp(node->key, section_name) != 0)
		return config_refuse(reading->config, node, reading->complaint,
		    "section \"%s\" is not known, expected \"%s\"", node->key, section_name);
	int error = check_mapping(reading, node, "rules such as \"scan.dark:\" under it");
	for (const struct config_node *child = node->first; error == 0 && child != NULL;
	     child = child->next)
		error = read_rule(reading, child);
	return error;
}

static size_t row_at(size_t offset)
{
	size_t row = 0;
	while (table[row].offset != offset)
		row++;
	return row;
}

/* Between two thresholds of one rule; whichever the file sets later in the table is named. */
static int check_order(struct reading *reading, const struct order *order)
{
	uint32_t lesser = *value_at(&reading->thresholds, order->lesser);
	uint32_t greater = *value_at(&reading->thresholds, order->greater);
	if (lesser <= greater)
		return 0;

	size_t row = row_at(order->lesser);
	const struct config_node *node = reading->set_by[row];
	if (node == NULL)
		node = reading->set_by[row_at(order->greater)];
	return config_refuse(reading->config, node, reading->complaint,
	    "%s: %s (%u) is above %s (%u), expected at most that", table[row].rule, order->names[0],
	    lesser, order->names[1], greater);
}

int thresholds_overlay(const struct config *config, const struct config_node *section,
    struct thresholds *thresholds, struct complaint *complaint)
{
	struct reading reading = {
	    .config = config, .complaint = complaint, .thresholds = *thresholds};
	int error = read_section(&reading, section);
	for (size_t i = 0; error == 0 && i < sizeof orders / sizeof orders[0]; i++)
		error = check_order(&reading, &orders[i]);
	if (error == 0)
		*thresholds = reading.thresholds;
	return error;
}

/* The whole of a file, which has no other section. */
static int overlay(
    const struct config *config, struct thresholds *ret_thresholds, struct complaint *complaint)
{
	struct thresholds thresholds;
	thresholds_init(&thresholds);

	int error = 0;
	for (const struct config_node *node = config_top(config)->first; error == 0 && node != NULL;
	     node = node->next)
		error = thresholds_overlay(config, node, &thresholds, complaint);
	if (error == 0)
		*ret_thresholds = thresholds;
	return error;
}

int thresholds_read(
    const char *path, struct thresholds *ret_thresholds, struct complaint *complaint)
{
	struct config *config = NULL;
	int error = config_read(path, &config, complaint);
	if (error == 0)
		error = overlay(config, ret_thresholds, complaint);
	config_free(config);
	return error;
}

int thresholds_parse(const char *name, const char *text, size_t length,
    struct thresholds *ret_thresholds, struct complaint *complaint)
{
	struct config *config = NULL;
	int error = config_parse(name, text, length, &config, complaint);
	if (error == 0)
		error = overlay(config, ret_thresholds, complaint);
	config_free(config);
	return error;
}

void thresholds_explain(FILE *out)
{
	fprintf(out, "%-*s %10s %10s %10s  %-10s %s\n", KEY_COLUMNS, "threshold", "default",
	    "smallest", "largest", "unit", "reason");
	for (size_t row = 0; row < ROWS; row++) {
		const struct threshold *t = &table[row];
		int width = fprintf(out, "%s: %s", t->rule, t->name);
		fprintf(out, "%*s %10u %10u %10u  %-10s %s\n",
		    width < KEY_COLUMNS ? KEY_COLUMNS - width : 0, "", t->initial, t->min, t->max,
		    t->unit, t->reason);
	}
}
