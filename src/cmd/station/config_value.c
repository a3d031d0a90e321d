/* config_value.c - from the text of a value to the field of its key, type by type. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/quantity.h"
#include "base/utf8.h"
#include "cmd/station/config_key.h"
#include "cmd/station/routing.h"

enum {
	COUNT_DIGITS_MAX = 9,   /* stays within 32 bits */
	PREFIX_BITS_MIN_V4 = 8, /* nobody holds more; a typing error would make all of it dark */
	PREFIX_BITS_MIN_V6 = 16,
};

static bool is_auto(const struct station_key *key, const char *text)
{
	return strcmp(text, "auto") == 0 && strcmp(key->initial, "auto") == 0;
}

static int refuse(const struct station_key *key, struct complaint *complaint)
{
	return complain(complaint, -EINVAL, "%s", key->type->expected);
}

/* Every byte of a field is set, so that configurations can be compared. */
static int put_text(const struct station_key *key, const char *text, void *field)
{
	size_t bytes = strlen(text);
	assert(bytes < key->bytes); /* each type has its limit */
	memset(field, 0, key->bytes);
	memcpy(field, text, bytes);
	return 0;
}

static int put_nothing(const struct station_key *key, void *field)
{
	memset(field, 0, key->bytes);
	return 0;
}

/* UTF-8 of 1 byte to less than `room`, without control characters. */
static bool is_printable(const char *text, size_t room)
{
	size_t left = strlen(text);
	if (left == 0 || left >= room)
		return false;
	while (left > 0) {
		size_t bytes = utf8_step(text, left);
		if (bytes == 0 || utf8_is_control(text, bytes))
			return false;
		text += bytes;
		left -= bytes;
	}
	return true;
}

/* As members' names are (registry/registry.h). */
static bool is_name(const char *text)
{
	return is_printable(text, STATION_NAME_BYTES) && strpbrk(text, ",=") == NULL;
}

static int parse_name(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	if (is_auto(key, text))
		return put_nothing(key, field);
	return is_name(text) ? put_text(key, text, field) : refuse(key, complaint);
}

static int parse_language(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	int language = is_auto(key, text) ? -1 : language_find(text);
	if (language < 0 && !is_auto(key, text))
		return refuse(key, complaint);
	assert(key->bytes == sizeof language);
	memcpy(field, &language, sizeof language);
	return 0;
}

static int parse_zone(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	if (is_auto(key, text))
		return put_nothing(key, field);
	return station_zone_is_known(text) ? put_text(key, text, field) : refuse(key, complaint);
}

/* User names and paths. */
static int parse_printable(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	return is_printable(text, key->bytes) ? put_text(key, text, field) : refuse(key, complaint);
}

static int parse_host(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	if (is_auto(key, text))
		return put_nothing(key, field);
	return host_name_is_valid(text) ? put_text(key, text, field) : refuse(key, complaint);
}

/* A path, or imaps://HOST[:PORT]/FOLDER: what else a URL of IMAP may have is ours to say. */
static int parse_mailbox_place(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	static const char scheme[] = "imaps://";
	char plain[STATION_PATH_BYTES + sizeof "https://"];
	struct url url;
	const char *why;
	if (strstr(text, "://") == NULL)
		return parse_printable(key, text, field, complaint);
	if (strlen(text) >= key->bytes || strncmp(text, scheme, sizeof scheme - 1) != 0)
		return refuse(key, complaint);
	/* as the address of a web page, whose form it has */
	(void)snprintf(plain, sizeof plain, "https://%s", text + sizeof scheme - 1); /* fits */
	if (url_parse(plain, &url, &why) != 0 || strpbrk(text, ";?#%@") != NULL)
		return refuse(key, complaint);
	return put_text(key, text, field);
}

/* Whether there is one of this name is asked of OpenSSL where a file is read (config_rules.c). */
static int parse_algorithm(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	const char *wrong = text;
	while ((*wrong >= 'a' && *wrong <= 'z') || (*wrong >= 'A' && *wrong <= 'Z') ||
	       (*wrong >= '0' && *wrong <= '9') || *wrong == '-')
		wrong++;
	if (*wrong != '\0')
		return complain(complaint, -EINVAL, "%s", key->type->expected);
	return parse_printable(key, text, field, complaint);
}

static int parse_mailbox(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	if (is_auto(key, text))
		return put_nothing(key, field);
	return mail_check_address(text, NULL) == 0 ? put_text(key, text, field)
						   : refuse(key, complaint);
}

static int parse_url(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct url url;
	const char *why = NULL;
	if (url_parse(text, &url, &why) != 0)
		return complain(complaint, -EINVAL, "%s", why);
	return put_text(key, text, field);
}

static int parse_server(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct endpoint endpoint;
	const char *why = NULL;
	assert(key->bytes == sizeof endpoint);
	if (endpoint_parse(text, &endpoint, &why) != 0)
		return complain(complaint, -EINVAL, "%s", why);
	memcpy(field, &endpoint, sizeof endpoint);
	return 0;
}

static int parse_listen(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct endpoint endpoint;
	const char *why = NULL;
	if (strcmp(text, "off") == 0)
		return put_nothing(key, field);
	if (endpoint_parse(text, &endpoint, &why) != 0 || !endpoint.is_address)
		return refuse(key, complaint);
	memcpy(field, &endpoint, sizeof endpoint);
	return 0;
}

static bool is_within(const struct station_key *key, uint64_t value, uint64_t min, uint64_t max)
{
	return (value >= min && value <= max) || (value == 0 && key->or_zero);
}

static int parse_duration(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	int64_t us = 0, min = 0, max = 0;
	int error = duration_parse(text, &us);
	if (error == -EINVAL)
		return refuse(key, complaint);
	int limits = duration_parse(key->min, &min) | duration_parse(key->max, &max);
	assert(limits == 0 && key->bytes == sizeof us); /* our own table */
	(void)limits;
	if (error != 0 || !is_within(key, (uint64_t)us, (uint64_t)min, (uint64_t)max))
		return -ERANGE;
	memcpy(field, &us, sizeof us);
	return 0;
}

static int parse_size(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	uint64_t bytes = 0, min = 0, max = 0;
	int error = size_parse(text, &bytes);
	if (error == -EINVAL)
		return refuse(key, complaint);
	int limits = size_parse(key->min, &min) | size_parse(key->max, &max);
	assert(limits == 0 && key->bytes == sizeof bytes);
	(void)limits;
	if (error != 0 || !is_within(key, bytes, min, max))
		return -ERANGE;
	memcpy(field, &bytes, sizeof bytes);
	return 0;
}

/* A share of the disk, whose limits these are, or a size. */
static int parse_space(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct station_config_low_disk space;
	unsigned min = 0, max = 0;
	memset(&space, 0, sizeof space);
	int limits = percent_parse(key->min, &min) | percent_parse(key->max, &max);
	assert(limits == 0 && key->bytes == sizeof space);
	(void)limits;
	int share = percent_parse(text, &space.percent);
	int size = size_parse(text, &space.bytes);
	if (share == -ERANGE || size == -ERANGE || (share == 0 && space.percent > max))
		return -ERANGE;
	if (share != 0 && size != 0)
		return refuse(key, complaint);
	if ((share == 0 && space.percent < min) || (size == 0 && space.bytes == 0))
		return -ERANGE;
	memcpy(field, &space, sizeof space);
	return 0;
}

/* A whole number, as it is usual to write one. */
static int parse_count(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || text[digits] != '\0' || (digits > 1 && text[0] == '0'))
		return refuse(key, complaint);
	uint32_t count = digits > COUNT_DIGITS_MAX ? UINT32_MAX : (uint32_t)strtoul(text, NULL, 10);
	uint32_t min = (uint32_t)strtoul(key->min, NULL, 10);
	uint32_t max = (uint32_t)strtoul(key->max, NULL, 10);
	assert(key->bytes == sizeof count && max < UINT32_MAX);
	if (!is_within(key, count, min, max))
		return -ERANGE;
	memcpy(field, &count, sizeof count);
	return 0;
}

static int parse_flag(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	bool flag = strcmp(text, "true") == 0;
	assert(key->bytes == sizeof flag);
	if (!flag && strcmp(text, "false") != 0)
		return refuse(key, complaint);
	memcpy(field, &flag, sizeof flag);
	return 0;
}

static int refuse_choice(const struct station_key *key, struct complaint *complaint)
{
	char words[COMPLAINT_BYTES] = "";
	size_t used = 0;
	for (const char *const *word = key->words; *word != NULL; word++)
		used += (size_t)snprintf(words + used, sizeof words - used, "%s%s",
		    word == key->words ? "" : ", ", *word);
	assert(used < sizeof words); /* our own words */
	return complain(complaint, -EINVAL, "expected one of: %s", words);
}

static int parse_choice(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	unsigned choice = 0;
	while (key->words[choice] != NULL && strcmp(key->words[choice], text) != 0)
		choice++;
	if (key->words[choice] == NULL)
		return refuse_choice(key, complaint);
	assert(key->bytes == sizeof choice); /* of an enum */
	memcpy(field, &choice, sizeof choice);
	return 0;
}

static int parse_weekday(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct station_config_digest digest;
	memset(&digest, 0, sizeof digest);
	assert(key->bytes == sizeof digest);
	digest.is_on = strcmp(text, "off") != 0;
	if (digest.is_on && weekday_parse(text, &digest.at) != 0)
		return refuse(key, complaint);
	memcpy(field, &digest, sizeof digest);
	return 0;
}

static int parse_hours(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct hours hours;
	int result = hours_parse(text, &hours, complaint);
	return result != 0 ? result : put_text(key, text, field);
}

static int parse_country(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	if (is_auto(key, text))
		return put_nothing(key, field);
	return routing_check_country(text, NULL) == 0 ? put_text(key, text, field)
						      : refuse(key, complaint);
}

static int refuse_full(struct complaint *complaint, int max)
{
	return complain(complaint, -EINVAL, "expected at most %d of them", max);
}

static int add_source(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct station_config_sources *sources = field;
	struct station_source source;
	assert(key->bytes == sizeof *sources);
	if (is_auto(key, text)) {
		sources->is_auto = true;
		return 0;
	}
	int error = station_source_parse(text, &source, complaint);
	if (error != 0)
		return error;
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->list[i].address, source.address) == 0)
			return complain(complaint, -EINVAL, "expected each source once");
	if (sources->count == STATION_SOURCES_MAX)
		return refuse_full(complaint, STATION_SOURCES_MAX);
	memcpy(&sources->list[sources->count++], &source, sizeof source);
	return 0;
}

static int parse_range(const char *text, struct prefix *ret_prefix, struct complaint *complaint)
{
	struct prefix prefix;
	const char *why = NULL;
	if (prefix_parse(text, &prefix, &why) != 0)
		return complain(complaint, -EINVAL, "%s", why);
	bool is_v4 = prefix_is_v4(&prefix);
	if (prefix.bits < (is_v4 ? ADDRESS_V4_BITS + PREFIX_BITS_MIN_V4 : PREFIX_BITS_MIN_V6))
		return complain(complaint, -EINVAL,
		    "expected a range that one can hold: a length of %d or more",
		    is_v4 ? PREFIX_BITS_MIN_V4 : PREFIX_BITS_MIN_V6);
	if (address_is_multicast_or_broadcast(&prefix.address) ||
	    address_is_loopback(&prefix.address))
		return complain(complaint, -EINVAL,
		    "expected addresses of machines, not of groups or of the machine itself");
	memcpy(ret_prefix, &prefix, sizeof prefix);
	return 0;
}

static int add_prefix(
    const struct station_key *key, const char *text, void *field, struct complaint *complaint)
{
	struct station_config_prefixes *prefixes = field;
	struct prefix prefix;
	assert(key->bytes == sizeof *prefixes);
	if (is_auto(key, text)) {
		prefixes->is_auto = true;
		return 0;
	}
	int error = parse_range(text, &prefix, complaint);
	if (error != 0)
		return error;
	for (size_t i = 0; i < prefixes->count; i++)
		if (prefixes->list[i].bits == prefix.bits &&
		    address_equal(&prefixes->list[i].address, &prefix.address))
			return complain(complaint, -EINVAL, "expected each range once");
	if (prefixes->count == STATION_PREFIXES_MAX)
		return refuse_full(complaint, STATION_PREFIXES_MAX);
	prefixes->list[prefixes->count++] = prefix;
	return 0;
}

int value_add_pair(const struct station_key *key, const char *name, const char *text, void *field,
    struct complaint *complaint)
{
	struct station_config_expect *expect = field;
	struct station_key deadline = *key;
	int64_t us = 0;
	assert(key->bytes == sizeof *expect);
	if (!is_name(name))
		return complain(complaint, -EINVAL, "%s", value_name.expected);
	if (expect->count == STATION_EXPECT_MAX)
		return refuse_full(complaint, STATION_EXPECT_MAX);
	deadline.bytes = sizeof us;
	int error = parse_duration(&deadline, text, &us, complaint);
	if (error != 0)
		return error;
	struct station_expected *expected = &expect->list[expect->count++];
	memcpy(expected->name, name, strlen(name) + 1); /* is_name() bounds it */
	expected->deadline_us = us;
	return 0;
}

const struct value_type value_name = {"name", SHAPE_ONE,
    "expected a name of 1 to 127 bytes of UTF-8 without comma, = and control characters",
    parse_name};
const struct value_type value_language = {
    "language", SHAPE_ONE, "expected ja, en or auto", parse_language};
const struct value_type value_zone = {"time zone", SHAPE_ONE,
    "expected a time zone such as Asia/Tokyo (a file below /usr/share/zoneinfo), or auto",
    parse_zone};
const struct value_type value_user = {"text", SHAPE_ONE,
    "expected 1 to 255 bytes of UTF-8 without control characters", parse_printable};
const struct value_type value_mailbox_place = {"path or address of a mailbox", SHAPE_ONE,
    "expected the path of a Maildir, or imaps://HOST/FOLDER, such as "
    "imaps://mail.example.jp/INBOX",
    parse_mailbox_place};
const struct value_type value_algorithm = {
    "name", SHAPE_ONE, "expected the name of an algorithm such as ecdsa-p256", parse_algorithm};
const struct value_type value_path = {"path", SHAPE_ONE,
    "expected a path of 1 to 511 bytes without control characters", parse_printable};
const struct value_type value_host = {
    "host name", SHAPE_ONE, "expected the name of a host, such as mail.example.jp", parse_host};
const struct value_type value_mailbox = {"mail address", SHAPE_ONE,
    "expected a mail address such as operator@example.jp, without name or <>", parse_mailbox};
const struct value_type value_url = {"web address", SHAPE_ONE, "expected a web address", parse_url};
const struct value_type value_server = {
    "host and port", SHAPE_ONE, "expected HOST:PORT, such as mail.example.jp:587", parse_server};
const struct value_type value_listen = {"address and port", SHAPE_ONE,
    "expected ADDRESS:PORT, such as 127.0.0.1:9464 or [::1]:9464, or off", parse_listen};
const struct value_type value_duration = {
    "duration", SHAPE_ONE, "expected a duration such as 10s, 15m, 25h, 7d or 5y", parse_duration};
const struct value_type value_size = {
    "size", SHAPE_ONE, "expected a size such as 256M or 2G", parse_size};
const struct value_type value_space = {"share or size", SHAPE_ONE,
    "expected a share of the disk such as 5%, or a size such as 2G", parse_space};
const struct value_type value_count = {"number", SHAPE_ONE, "expected a whole number", parse_count};
const struct value_type value_flag = {"choice", SHAPE_ONE, "expected true or false", parse_flag};
const struct value_type value_choice = {
    "choice", SHAPE_ONE, "expected one of its words", parse_choice};
const struct value_type value_weekday = {"time of the week", SHAPE_ONE,
    "expected a day and a time, such as Mon 08:00 or daily 08:00, or off", parse_weekday};
const struct value_type value_hours = {
    "hours", SHAPE_ONE, "expected hours such as \"business 08:30-17:15\", or always", parse_hours};
const struct value_type value_country = {
    "country", SHAPE_ONE, "expected two capital letters such as JP, none or auto", parse_country};
const struct value_type value_sources = {"list of sources", SHAPE_LIST,
    "expected auto, or a list of sources such as ring:eth0", add_source};
const struct value_type value_prefixes = {
    "list of prefixes", SHAPE_LIST, "expected a list of ranges such as 198.18.0.0/16", add_prefix};
const struct value_type value_expect = {"names and durations", SHAPE_PAIRS,
    "expected lines such as \"other-station: 5m\" under it", NULL};
const struct value_type value_thresholds = {
    "rules", SHAPE_THRESHOLDS, "expected rules such as \"scan.dark:\" under it", NULL};
