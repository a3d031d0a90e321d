#include "drill/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "source/frame.h"

enum {
	NAME_LIST_BYTES = 256,
	KEY_BYTES = 16,
	VALUE_BYTES = 40,
};

/* A year: the longest that a telescope's statistics would be asked about. */
#define SECONDS_MAX ((uint64_t)SCENARIO_DAYS_MAX * 24 * 3600)
/* More than NICTER sees in a year; keeps every product inside 64 bits. */
#define PACKETS_MAX UINT64_C(1000000000000)

#define SAKURA_TOWN       "sakura-town=198.51.100.0/24"
#define ASAHI_HOSPITAL    "asahi-hospital=203.0.113.0/24"
#define MINATO_UNIVERSITY "minato-university=192.0.2.0/24,2001:db8:100::/48"
#define DARK_V4           "198.18.0.0/16"
#define DARK_V6           "2001:db8:dead::/48"

static const char *const nobody[] = {NULL};
static const char *const town[] = {SAKURA_TOWN, NULL};
static const char *const hospital[] = {ASAHI_HOSPITAL, NULL};
static const char *const university[] = {MINATO_UNIVERSITY, NULL};
static const char *const everybody[] = {SAKURA_TOWN, ASAHI_HOSPITAL, MINATO_UNIVERSITY, NULL};
static const char *const dark[] = {DARK_V4, DARK_V6, NULL};

static const struct scenario scenarios[] = {
    {
	.name = "darknet-background",
	.summary_en =
	    "what arrives at addresses nobody uses: scanners of every kind, echoes of floods",
	.summary_ja = "未使用アドレスに届く通信(各種スキャン、DDoS攻撃の跳ね返り)",
	.members = nobody,
	.dark = dark,
	.takes_size = true,
	.start = scenario_start_background,
    },
    {
	.name = "mirai-recorder",
	.summary_en = "a town's video recorder, infected by Mirai, scans the internet for telnet",
	.summary_ja = "Miraiに感染した町の録画装置がインターネットをtelnetで探索する",
	.members = town,
	.dark = dark,
	.start = scenario_start_recorder,
    },
    {
	.name = "smb-worm",
	.summary_en = "a PC in an office network sweeps it by ARP and tries SMB on all it finds",
	.summary_ja = "社内のPCがARPで機器を探し、見つけた機器へSMB接続を試みる",
	.members = nobody,
	.dark = nobody,
	.start = scenario_start_worm,
    },
    {
	.name = "flooded-server",
	.summary_en = "a hospital's web server, flooded by forged sources, answers into the dark",
	.summary_ja = "送信元詐称のDDoS攻撃を受けた病院のWebサーバの応答が未使用アドレスに届く",
	.members = hospital,
	.dark = dark,
	.start = scenario_start_flooded,
    },
    {
	.name = "dns-reflector",
	.summary_en = "a university's open resolver is misused to attack others",
	.summary_ja = "大学のオープンリゾルバが他者への攻撃に悪用される",
	.members = university,
	.dark = dark,
	.start = scenario_start_reflector,
    },
    {
	.name = "lost-printer",
	.summary_en = "a PC looks for hours for two printers where none are",
	.summary_ja = "PCが存在しない2台のプリンタを何時間も探し続ける",
	.members = town,
	.dark = dark,
	.start = scenario_start_printer,
    },
    {
	.name = "forged-member",
	.summary_en = "somebody elsewhere sends in the name of a town's addresses",
	.summary_ja = "何者かが町のアドレスを詐称して送信する",
	.members = town,
	.dark = dark,
	.start = scenario_start_forged,
    },
    {
	.name = "incoming-flood",
	.summary_en = "a SYN flood and a DNS amplification arrive at two of a hospital's servers",
	.summary_ja = "病院の2台のサーバにSYNフラッドとDNS増幅攻撃が届く",
	.members = hospital,
	.dark = nobody,
	.start = scenario_start_incoming,
    },
    {
	.name = "office-day",
	.summary_en = "eight hours of an office where all is well",
	.summary_ja = "問題のない事務所の8時間",
	.members = nobody,
	.dark = nobody,
	.start = scenario_start_office,
    },
    {
	.name = "forged-darknet",
	.summary_en = "forged sources knock on a darknet, each once; one of a town's is truly "
		      "infected",
	.summary_ja = "送信元詐称の通信に紛れ、実際に感染した町の1台が未使用アドレスを探索する",
	.members = town,
	.dark = dark,
	.takes_size = true,
	.start = scenario_start_forged_darknet,
    },
    {
	.name = "national-telescope",
	.summary_en = "darknet background of any size; three members' machines are among it",
	.summary_ja = "大規模な未使用アドレス観測に、3組織の異常な機器の通信が混じる",
	.members = everybody,
	.dark = dark,
	.takes_size = true,
	.start = scenario_start_telescope,
    },
    {
	.name = "campus-border",
	.summary_en = "ordinary conversations of many clients and servers, in which all is well",
	.summary_ja = "多数の端末とサーバの通常の通信(問題なし)",
	.members = nobody,
	.dark = nobody,
	.takes_size = true,
	.start = scenario_start_campus,
    },
    {
	.name = "ipv6-darknet",
	.summary_en = "what arrives at IPv6 addresses nobody uses",
	.summary_ja = "未使用のIPv6アドレスに届く通信",
	.members = nobody,
	.dark = dark,
	.takes_size = true,
	.start = scenario_start_v6_darknet,
    },
    {
	.name = "demo-day",
	.summary_en = "a day of three members and a darknet, with one of everything",
	.summary_ja = "3つの組織と未使用アドレス帯の1日(すべての事象を含む)",
	.members = everybody,
	.dark = dark,
	.start = scenario_start_demo,
    },
};

size_t scenario_count(void)
{
	return sizeof scenarios / sizeof scenarios[0];
}

const struct scenario *scenario_get(size_t number)
{
	assert(number < scenario_count());
	return &scenarios[number];
}

static const struct scenario *find(const char *name, size_t name_bytes)
{
	for (size_t i = 0; i < scenario_count(); i++) {
		const char *known = scenarios[i].name;
		if (strlen(known) == name_bytes && memcmp(known, name, name_bytes) == 0)
			return &scenarios[i];
	}
	return NULL;
}

static int complain_unknown(const char *name, size_t name_bytes, struct complaint *complaint)
{
	char list[NAME_LIST_BYTES] = "";
	size_t used = 0;
	for (size_t i = 0; i < scenario_count(); i++) {
		int written = snprintf(
		    list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", scenarios[i].name);
		assert(written > 0 && (size_t)written < sizeof list - used);
		used += (size_t)written;
	}
	return complain(complaint, -EINVAL, "there is no scenario \"%.*s\", expected one of %s",
	    (int)(name_bytes < 64 ? name_bytes : 64), name, list);
}

static int parse_count(const char *text, uint64_t max, uint64_t *ret_value)
{
	char *end = NULL;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || value > max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int scenario_parse_start(const char *text, int64_t *ret_time_us)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0')
		return -EINVAL;
	int64_t time_us = (int64_t)timegm(&tm) * WHEN_SECOND_US;
	/* A year of traffic must still fit. */
	if (time_us < FRAME_TIME_MIN_US ||
	    time_us > FRAME_TIME_MAX_US - (int64_t)SECONDS_MAX * WHEN_SECOND_US)
		return -EINVAL;
	*ret_time_us = time_us;
	return 0;
}

static int parse_days(const struct scenario *scenario, const char *value, uint64_t *ret_days,
    struct complaint *complaint)
{
	if (scenario->takes_size)
		return complain(complaint, -EINVAL,
		    "%s is as long as seconds= says, expected no days=", scenario->name);
	if (parse_count(value, SCENARIO_DAYS_MAX, ret_days) == 0 && *ret_days > 0)
		return 0;
	return complain(complaint, -EINVAL, "days=%s: expected a whole number from 1 to %d", value,
	    SCENARIO_DAYS_MAX);
}

static int parse_option(const struct scenario *scenario, const char *key, const char *value,
    struct scenario_options *options, struct complaint *complaint)
{
	const struct {
		const char *key;
		uint64_t *value;
		uint64_t max;
		bool is_size;
	} counts[] = {
	    {"seed", &options->seed, UINT64_MAX, false},
	    {"packets", &options->packets, PACKETS_MAX, true},
	    {"sources", &options->sources, PACKETS_MAX, true},
	    {"seconds", &options->seconds, SECONDS_MAX, true},
	};
	if (strcmp(key, "start") == 0) {
		if (scenario_parse_start(value, &options->start_us) == 0)
			return 0;
		return complain(complaint, -EINVAL,
		    "start=%s: expected a time such as 2026-04-01T00:00:00Z", value);
	}
	if (strcmp(key, "days") == 0)
		return parse_days(scenario, value, &options->days, complaint);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		if (strcmp(key, counts[i].key) != 0)
			continue;
		if (counts[i].is_size && !scenario->takes_size)
			return complain(complaint, -EINVAL,
			    "%s has its own size, expected only seed=, start= and days=",
			    scenario->name);
		if (parse_count(value, counts[i].max, counts[i].value) == 0)
			return 0;
		return complain(complaint, -EINVAL, "%s=%s: expected a whole number from 0 to %llu",
		    key, value, (unsigned long long)counts[i].max);
	}
	return complain(complaint, -EINVAL,
	    "there is no option \"%s\", expected seed, start, days, packets, sources or seconds",
	    key);
}

/* Copies KEY and VALUE out of "KEY=VALUE"; both must fit. */
static int split_option(
    const char *text, size_t bytes, char key[static KEY_BYTES], char value[static VALUE_BYTES])
{
	const char *equals = memchr(text, '=', bytes);
	if (equals == NULL)
		return -EINVAL;
	size_t key_bytes = (size_t)(equals - text);
	size_t value_bytes = bytes - key_bytes - 1;
	if (key_bytes >= KEY_BYTES || value_bytes >= VALUE_BYTES)
		return -EINVAL;
	memcpy(key, text, key_bytes);
	key[key_bytes] = '\0';
	memcpy(value, equals + 1, value_bytes);
	value[value_bytes] = '\0';
	return 0;
}

int scenario_parse(const char *address, const struct scenario **ret_scenario,
    struct scenario_options *ret_options, struct complaint *complaint)
{
	struct scenario_options options = {.seed = 1, .start_us = SCENARIO_START_US, .days = 1};
	size_t name_bytes = strcspn(address, "?");
	const struct scenario *scenario = find(address, name_bytes);
	if (scenario == NULL)
		return complain_unknown(address, name_bytes, complaint);

	const char *at = address + name_bytes;
	while (*at != '\0') {
		at++; /* over ? or & */
		char key[KEY_BYTES], value[VALUE_BYTES];
		size_t bytes = strcspn(at, "&");
		if (split_option(at, bytes, key, value) != 0)
			return complain(complaint, -EINVAL,
			    "%s: expected KEY=VALUE after ? and &, such as %s?seed=7", address,
			    scenario->name);
		int error = parse_option(scenario, key, value, &options, complaint);
		if (error != 0)
			return error;
		at += bytes;
	}
	*ret_scenario = scenario;
	*ret_options = options;
	return 0;
}
