#include "cmd/station/routing.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	RULE_BYTES = 32,
	/* What is critical waits so much shorter, and what is medium so much longer. */
	CRITICAL_SHARE = 4,
	MEDIUM_TIMES = 3,
};

static_assert(RULE_COUNT <= 32, "a bit for each");

static const char *const tier_names[ROUTING_TIERS] = {"first", "second"};

int routing_parse_rules(const char *text, routing_rules *ret_rules, struct complaint *complaint)
{
	*ret_rules = 0;
	if (text[0] == '\0' || strcmp(text, "all") == 0)
		return 0;
	while (*text != '\0') {
		char name[RULE_BYTES];
		const size_t length = strcspn(text, ",");
		(void)snprintf(name, sizeof name, "%.*s", (int)length, text); /* or it is none */
		const int rule = length < sizeof name ? rule_find(name) : -1;
		if (rule < 0)
			return complain(complaint, -EINVAL,
			    "rules: %s: no such rule, expected all or names such as "
			    "scan.dark,scan.live",
			    name);
		*ret_rules |= 1U << rule;
		text += length;
		if (*text == ',' && *++text == '\0')
			return complain(complaint, -EINVAL,
			    "rules: expected the name of a rule after the comma");
	}
	return 0;
}

bool routing_has_rule(routing_rules rules, enum rule rule)
{
	return rules == 0 || (rules & 1U << rule) != 0;
}

int routing_find_tier(const char *name)
{
	for (int i = 0; i < ROUTING_TIERS; i++)
		if (strcmp(name, tier_names[i]) == 0)
			return i;
	return -1;
}

const char *routing_tier_name(int64_t tier)
{
	return tier_names[tier >= 0 && tier < ROUTING_TIERS ? tier : 0];
}

int routing_check_country(const char *country, struct complaint *complaint)
{
	const bool is_code = strlen(country) == 2 && isupper((unsigned char)country[0]) &&
			     isupper((unsigned char)country[1]);
	if (is_code || strcmp(country, "none") == 0)
		return 0;
	return complain(complaint, -EINVAL,
	    "country %s: expected two capital letters such as JP, or none for weekends alone",
	    country);
}

static bool waits_for_answer(const struct incident *incident)
{
	const bool is_open = incident->state == INCIDENT_NOTIFIED ||
			     incident->state == INCIDENT_NEW ||
			     incident->state == INCIDENT_RELAPSED;
	return is_open && incident->told.at_us != 0 && incident->severity >= SEVERITY_MEDIUM &&
	       incident->reminders < ROUTING_OPERATOR;
}

/* How long it waits by how grave it is. */
static int64_t wait_us(const struct routing_wait *wait)
{
	switch (wait->incident->severity) {
	case SEVERITY_CRITICAL:
		return wait->after_us / CRITICAL_SHARE;
	case SEVERITY_MEDIUM:
		return wait->after_us * MEDIUM_TIMES;
	case SEVERITY_INFO:
	case SEVERITY_LOW:
	case SEVERITY_HIGH:
	case SEVERITY_COUNT:
		break;
	}
	return wait->after_us;
}

static int64_t since_us(const struct incident *incident)
{
	return incident->reminded_us != 0 ? incident->reminded_us : incident->told.at_us;
}

bool routing_may_be_due(const struct routing_wait *wait, int64_t observed_us)
{
	return wait->after_us != 0 && waits_for_answer(wait->incident) &&
	       observed_us - since_us(wait->incident) >= wait_us(wait);
}

unsigned routing_due(const struct routing_wait *wait, int64_t observed_us)
{
	static const struct hours always = {.count = 0};
	const bool is_critical = wait->incident->severity == SEVERITY_CRITICAL;
	const struct hours *hours = is_critical ? &always : wait->hours;
	if (!routing_may_be_due(wait, observed_us) ||
	    hours_between(hours, wait->place, since_us(wait->incident), observed_us) <
		wait_us(wait))
		return 0;
	return wait->incident->reminders + 1;
}
