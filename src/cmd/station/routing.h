/*
 * routing.h - whom an incident is told to, and when: by what each contact wants to hear of, by the
 * hours of each, and by what happened to earlier notices.
 *
 * The first contacts are told at once; what is critical at any hour, the rest within the hours that
 * a contact gave. Where nobody answers (by acknowledging, working on it or closing), they are
 * reminded, then the second contacts are told, then the operator. The waits between are counted in
 * the hours of the member, on its business days; of what is critical by the clock.
 */
#ifndef CMD_STATION_ROUTING_H
#define CMD_STATION_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/calendar.h"
#include "base/complaint.h"
#include "base/hours.h"
#include "detect/finding.h"

enum {
	ROUTING_RULES_BYTES = 128, /* of a list of all rules, with its NUL */
	ROUTING_TIERS = 2,
	/* Reminders so far of what nobody answered. */
	ROUTING_REMINDED = 1, /* the first contacts were reminded */
	ROUTING_SECOND = 2,   /* the second ones were told */
	ROUTING_OPERATOR = 3, /* the operator was: nothing more comes */
};

/* Bits of rules; all of them where none is given. */
typedef uint32_t routing_rules;

/* "scan.dark,scan.live"; "" and "all" are all. Returns 0, or -EINVAL with a complaint. */
int routing_parse_rules(const char *text, routing_rules *ret_rules, struct complaint *complaint);
bool routing_has_rule(routing_rules rules, enum rule rule);

/* "first", "second"; -1 for another word. */
int routing_find_tier(const char *name);
const char *routing_tier_name(int64_t tier);

/* Two letters in upper case; "none": weekends alone. Returns 0, or -EINVAL with a complaint. */
int routing_check_country(const char *country, struct complaint *complaint);

/* What waits for an answer, and of when its wait counts. */
struct routing_wait {
	const struct incident *incident;
	const struct hours *hours;       /* of the member */
	const struct hours_place *place; /* likewise */
	int64_t after_us;                /* of its hours; 0: nobody is reminded */
};

/*
 * The step that is due (ROUTING_REMINDED ...), or 0. Only what is medium or graver, and open, and
 * was told of, waits for an answer.
 */
unsigned routing_due(const struct routing_wait *wait, int64_t observed_us);
/* Whether it would be, were all of the time since within its hours; neither those nor its place are
 * looked at. */
bool routing_may_be_due(const struct routing_wait *wait, int64_t observed_us);

#endif
