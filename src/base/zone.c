#include "base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/zone_rule.h"

#define FOLDER "/usr/share/zoneinfo/"

enum {
	KINDS_MAX = 256,                   /* their number is a byte */
	ABBREVIATIONS_MAX = 256,           /* so is where one begins */
	OFFSET_WEST_MAX_S = 25 * 3600 - 1, /* RFC 8536 section 3.2 */
	OFFSET_EAST_MAX_S = 26 * 3600 - 1,
	FOOTER_BYTES_MAX = 128, /* the longest there is has 45 */
	KIND_BYTES = 6,
};

struct kind {
	int32_t offset_s;
	uint8_t abbreviation_at;
};

struct zone {
	size_t transition_count;
	int64_t *starts_s;  /* rising */
	uint8_t *kind_from; /* from each of these on */
	size_t kind_count;
	struct kind kinds[KINDS_MAX];
	char abbreviations[ABBREVIATIONS_MAX + 1];
	bool has_rule; /* what holds from the last transition on */
	struct zone_rule rule;
};

/* The counts of a data block's header. */
struct counts {
	uint32_t universal;
	uint32_t standard;
	uint32_t leap;
	uint32_t transition;
	uint32_t kind;
	uint32_t abbreviation;
};

static int damaged(const char *name, struct complaint *complaint, const char *what)
{
	return complain(
	    complaint, -EBADMSG, "time zone %s: %s, expected a file of tzdata (TZif)", name, what);
}

static bool take_header(struct cursor *cursor, uint8_t *ret_version, struct counts *ret_counts)
{
	const uint8_t *magic = cursor_take(cursor, 4);
	if (magic == NULL || memcmp(magic, "TZif", 4) != 0)
		return false;
	*ret_version = cursor_u8(cursor);
	(void)cursor_take(cursor, 15); /* reserved */
	ret_counts->universal = cursor_u32(cursor);
	ret_counts->standard = cursor_u32(cursor);
	ret_counts->leap = cursor_u32(cursor);
	ret_counts->transition = cursor_u32(cursor);
	ret_counts->kind = cursor_u32(cursor);
	ret_counts->abbreviation = cursor_u32(cursor);
	return cursor_ok(cursor);
}

/* Numbers that a block may have; more would be no zone of this planet. */
static bool are_sound(const struct counts *counts)
{
	return counts->transition <= ZONE_TRANSITIONS_MAX && counts->kind >= 1 &&
	       counts->kind <= KINDS_MAX && counts->abbreviation >= 1 &&
	       counts->abbreviation <= ABBREVIATIONS_MAX && counts->leap <= ZONE_TRANSITIONS_MAX &&
	       counts->standard <= KINDS_MAX && counts->universal <= KINDS_MAX;
}

/* The block of 32-bit times says nothing that the next one does not. */
static void skip_old_block(struct cursor *cursor, const struct counts *counts)
{
	(void)cursor_take(cursor, counts->transition * 5 + counts->kind * KIND_BYTES +
				      counts->abbreviation + counts->leap * 8 + counts->standard +
				      counts->universal);
}

static int64_t take_i64(struct cursor *cursor)
{
	uint64_t high = cursor_u32(cursor);
	return (int64_t)(high << 32 | cursor_u32(cursor));
}

static bool read_transitions(struct zone *zone, struct cursor *cursor)
{
	for (size_t i = 0; i < zone->transition_count; i++) {
		zone->starts_s[i] = take_i64(cursor);
		if (i > 0 && zone->starts_s[i] <= zone->starts_s[i - 1])
			return false;
	}
	for (size_t i = 0; i < zone->transition_count; i++) {
		zone->kind_from[i] = cursor_u8(cursor);
		if (zone->kind_from[i] >= zone->kind_count)
			return false;
	}
	return cursor_ok(cursor);
}

static bool is_abbreviation(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < ZONE_ABBREVIATION_BYTES &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-") ==
		   length;
}

static bool read_kinds(struct zone *zone, struct cursor *cursor, const struct counts *counts)
{
	for (size_t i = 0; i < zone->kind_count; i++) {
		struct kind *kind = &zone->kinds[i];
		kind->offset_s = (int32_t)cursor_u32(cursor);
		(void)cursor_u8(cursor); /* summer or not: the abbreviation says it */
		kind->abbreviation_at = cursor_u8(cursor);
		if (kind->offset_s < -OFFSET_WEST_MAX_S || kind->offset_s > OFFSET_EAST_MAX_S ||
		    kind->abbreviation_at >= counts->abbreviation)
			return false;
	}
	const uint8_t *abbreviations = cursor_take(cursor, counts->abbreviation);
	if (abbreviations == NULL)
		return false;
	memcpy(zone->abbreviations, abbreviations, counts->abbreviation);
	for (size_t i = 0; i < zone->kind_count; i++) {
		if (!is_abbreviation(zone->abbreviations + zone->kinds[i].abbreviation_at))
			return false;
	}
	return true;
}

/* A line of its own, or an empty one where no rule is known. */
static bool read_footer(struct zone *zone, struct cursor *cursor)
{
	char text[FOOTER_BYTES_MAX];
	size_t length = 0;
	if (cursor_u8(cursor) != '\n')
		return false;
	for (uint8_t c = cursor_u8(cursor); c != '\n'; c = cursor_u8(cursor)) {
		if (c == '\0' || length == sizeof text - 1)
			return false;
		text[length++] = (char)c;
	}
	text[length] = '\0';
	zone->has_rule = length > 0;
	return length == 0 || zone_rule_parse(text, &zone->rule) == 0;
}

static int read_block(struct zone *zone, const char *name, struct cursor *cursor,
    const struct counts *counts, struct complaint *complaint)
{
	zone->transition_count = counts->transition;
	zone->kind_count = counts->kind;
	zone->starts_s = calloc(counts->transition + 1, sizeof *zone->starts_s);
	zone->kind_from = calloc(counts->transition + 1, sizeof *zone->kind_from);
	if (zone->starts_s == NULL || zone->kind_from == NULL)
		return complain(complaint, -ENOMEM, "time zone %s: out of memory", name);
	if (!read_transitions(zone, cursor))
		return damaged(name, complaint, "transitions out of order");
	if (!read_kinds(zone, cursor, counts))
		return damaged(name, complaint, "a clock out of range");
	(void)cursor_take(cursor, counts->leap * 12 + counts->standard + counts->universal);
	if (!read_footer(zone, cursor))
		return damaged(name, complaint, "no rule at its end that can be read");
	return 0;
}

static int read_zone(
    struct zone *zone, const char *name, struct cursor *cursor, struct complaint *complaint)
{
	uint8_t version;
	struct counts counts;
	if (!take_header(cursor, &version, &counts) || version < '2')
		return damaged(name, complaint, "not of version 2 or later");
	if (!are_sound(&counts))
		return damaged(name, complaint, "numbers out of range");
	skip_old_block(cursor, &counts);
	if (!take_header(cursor, &version, &counts) || !are_sound(&counts))
		return damaged(name, complaint, "numbers out of range");
	/* The times of this program count no leap seconds. */
	if (counts.leap > 0)
		return damaged(name, complaint, "it counts leap seconds");
	return read_block(zone, name, cursor, &counts, complaint);
}

int zone_parse(const char *name, const uint8_t *bytes, size_t length, struct zone **ret_zone,
    struct complaint *complaint)
{
	struct cursor cursor = cursor_over(bytes, length);
	struct zone *zone = calloc(1, sizeof *zone);
	if (zone == NULL)
		return complain(complaint, -ENOMEM, "time zone %s: out of memory", name);
	int result = read_zone(zone, name, &cursor, complaint);
	if (result != 0) {
		zone_free(zone);
		return result;
	}
	*ret_zone = zone;
	return 0;
}

/* Names lead nowhere else: no dots, no empty part, nothing at the ends but letters and digits. */
static bool is_name(const char *name)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t length = strlen(name);
	return length > 0 && length < ZONE_NAME_BYTES && strspn(name, letters) == length &&
	       name[0] != '/' && name[length - 1] != '/' && strstr(name, "//") == NULL;
}

int zone_open(const char *name, struct zone **ret_zone, struct complaint *complaint)
{
	char path[sizeof FOLDER + ZONE_NAME_BYTES];
	uint8_t *bytes = NULL;
	FILE *file = NULL;
	int result = 0;
	if (!is_name(name))
		return complain(complaint, -EINVAL,
		    "time zone %.80s: expected a name such as Asia/Tokyo", name);
	(void)snprintf(path, sizeof path, "%s%s", FOLDER, name); /* names are bounded */
	file = fopen(path, "rbe");
	if (file == NULL) {
		result = complain(complaint, errno == ENOTDIR ? -ENOENT : -errno,
		    "time zone %s: there is no such zone in " FOLDER
		    " (package tzdata), expected a name such as Asia/Tokyo",
		    name);
		goto out;
	}
	bytes = malloc(ZONE_FILE_BYTES_MAX + 1);
	if (bytes == NULL) {
		result = complain(complaint, -ENOMEM, "time zone %s: out of memory", name);
		goto out;
	}
	size_t length = fread(bytes, 1, ZONE_FILE_BYTES_MAX + 1, file);
	if (ferror(file) != 0)
		result = damaged(name, complaint, "it cannot be read");
	else if (length > ZONE_FILE_BYTES_MAX)
		result = complain(complaint, -EFBIG, "time zone %s: larger than %d bytes", name,
		    ZONE_FILE_BYTES_MAX);
	else
		result = zone_parse(name, bytes, length, ret_zone, complaint);
out:
	if (file != NULL)
		(void)fclose(file); /* was only read */
	free(bytes);
	return result;
}

void zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->starts_s);
	free(zone->kind_from);
	free(zone);
}

/* How many transitions lie at or before this time. */
static size_t transitions_until(const struct zone *zone, int64_t time_s)
{
	size_t low = 0;
	size_t high = zone->transition_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (zone->starts_s[middle] <= time_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_clock zone_clock_at(const struct zone *zone, int64_t time_us)
{
	if (zone == NULL)
		return (struct zone_clock){.offset_s = 0, .abbreviation = "UTC"};
	int64_t time_s = time_us / WHEN_SECOND_US - (time_us % WHEN_SECOND_US < 0);
	size_t passed = transitions_until(zone, time_s);
	if (passed == zone->transition_count && zone->has_rule) {
		const struct zone_season *season = zone_rule_at(&zone->rule, time_s);
		return (struct zone_clock){season->offset_s, season->abbreviation};
	}
	/* Before the first transition the first kind holds (RFC 8536 section 3.2). */
	const struct kind *kind = &zone->kinds[passed == 0 ? 0 : zone->kind_from[passed - 1]];
	return (struct zone_clock){kind->offset_s, zone->abbreviations + kind->abbreviation_at};
}

int64_t zone_shown_s(const struct zone *zone, int64_t time_us)
{
	return time_us / WHEN_SECOND_US - (time_us % WHEN_SECOND_US < 0) +
	       zone_clock_at(zone, time_us).offset_s;
}

int64_t zone_moment_us(const struct zone *zone, int64_t shown_s)
{
	int64_t best_s = INT64_MAX;
	int64_t before_s = 0;
	/* the offsets of the day before and of the day after: no zone changes twice between */
	for (int side = -1; side <= 1; side += 2) {
		const int64_t near_us =
		    (shown_s + side * (WHEN_DAY_US / WHEN_SECOND_US)) * WHEN_SECOND_US;
		const int64_t time_s = shown_s - zone_clock_at(zone, near_us).offset_s;
		if (side < 0)
			before_s = time_s;
		if (zone_shown_s(zone, time_s * WHEN_SECOND_US) == shown_s && time_s < best_s)
			best_s = time_s;
	}
	/* left out: by the clock that was not set yet */
	return (best_s == INT64_MAX ? before_s : best_s) * WHEN_SECOND_US;
}

void zone_format(const struct zone *zone, int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	struct zone_clock clock = zone_clock_at(zone, time_us);
	when_format_offset(time_us, clock.offset_s, clock.abbreviation, out);
}
