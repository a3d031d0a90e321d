/* A canary that somebody asks for: what is answered at each stage, and why there is none. */
#include "cmd/station/service.h"
#include "town_help.h"

static struct town town;
static char *answer;

static void begin(void)
{
	town_init(&town, "memory", NULL);
	town.canary_every_us = WHEN_DAY_US;
	(void)town_open_in_memory(&town);
	town_restart_in_memory(&town);
}

static void end(void)
{
	town_release(&town);
	free(answer);
	answer = NULL;
}

/* Whether it was done; `answer` is what was said. */
static bool ask(const char *request)
{
	const struct service service = {.keeper = town.keeper};
	const struct keeper_clock clock = town_clock(&town);
	size_t length = 0;
	free(answer);
	FILE *out = open_memstream(&answer, &length);
	if (out == NULL)
		abort();
	int result = service_answer(&service, &clock, request, strlen(request), out);
	(void)fclose(out); /* memory; a lack of it shows in the text */
	return result == 0;
}

static bool says(const char *part)
{
	bool said = strstr(answer, part) != NULL;
	if (!said)
		printf("# said %s", answer);
	return said;
}

static bool is_state(const char *state)
{
	char part[64];
	(void)snprintf(part, sizeof part, "\"state\":\"%s\",", state);
	return ask("{\"do\":\"canary.state\"}") && says(part);
}

static enum courier_outcome take_nothing(struct town *asked, const struct town_letter *letter)
{
	(void)asked;
	(void)letter;
	return COURIER_TEMPORARY;
}

static enum courier_outcome refuse(struct town *asked, const struct town_letter *letter)
{
	(void)asked;
	(void)letter;
	return COURIER_PERMANENT;
}

static void test_arrives(void)
{
	begin();
	OK(is_state("none") && says("\"number\":0,") && says("\"has_reader\":true") &&
		says("\"deadline_us\":120000000,\"stages\":[],\"letters\":[]}\n{\"ok\":true}\n"),
	    "before there was one");
	OK(ask("{\"do\":\"canary.begin\"}") && says("\"type\":\"canary\"") &&
		says("\"state\":\"flying\",\"was_flying\":false,") && town.canaries == 1,
	    "one is sent at once");
	OK(ask("{\"do\":\"canary.begin\"}") && says("\"was_flying\":true,") && town.canaries == 1,
	    "not another one before that ended");
	town.wall_us += WHEN_SECOND_US / 4;
	canary_note_sent(
	    keeper_canary(town.keeper), (uint16_t)(town.canary + 1), "ring:eth1", town.wall_us);
	OK(is_state("flying") && says("\"stages\":[],"), "a report of another one is not its own");
	canary_note_sent(keeper_canary(town.keeper), town.canary, "ring:eth0", town.wall_us);
	OK(is_state("flying") && says("\"source\":\"ring:eth0\",") &&
		says("\"stages\":[{\"stage\":\"sent\",") && says(",\"after_us\":250000}],"),
	    "its source, and when");
	town_pass(&town, 5 * WHEN_SECOND_US);
	OK(is_state("arrived") && says("\"stage\":\"found\"") && says("\"stage\":\"written\"") &&
		says("\"stage\":\"accepted\"") && says("\"stage\":\"arrived\"") &&
		says("\"letters\":[{\"notice\":") &&
		says("\"kind\":\"mail\",\"state\":\"delivered\",\"attempts\":1,") &&
		strstr(answer, "ops@") == NULL,
	    "all stages, and its letter without the address");
	const uint16_t first = town.canary;
	OK(ask("{\"do\":\"canary.begin\"}") && town.canaries == 2 && town.canary != first &&
		says("\"stages\":[],") && strstr(answer, "ring:eth0") == NULL,
	    "the next one begins anew");
	end();
}

static void test_does_not(void)
{
	begin();
	town.serve = take_nothing;
	OK(ask("{\"do\":\"canary.begin\"}"), "one for a server that takes nothing");
	town_pass(&town, 9 * WHEN_SECOND_US);
	OK(is_state("flying") && says("\"state\":\"waiting\"") &&
		strstr(answer, "\"stage\":\"accepted\"") == NULL,
	    "its letter waits");
	town_pass(&town, 2 * WHEN_MINUTE_US - 10 * WHEN_SECOND_US);
	OK(is_state("flying"), "within its time");
	town_pass(&town, 2 * WHEN_SECOND_US);
	OK(is_state("late") && says("\"was_flying\":false,"), "and past it");
	town.serve = refuse;
	OK(ask("{\"do\":\"canary.begin\"}") && says("\"state\":\"flying\""),
	    "one that is late keeps no other one back");
	town_pass(&town, 5 * WHEN_SECOND_US);
	OK(is_state("flying") && says("\"state\":\"failed\""),
	    "a letter that was refused for good");
	end();
}

/* Somebody sets the clock while its letter, of which the incident knows, is on its way. */
static void test_clock(void)
{
	begin();
	town.serve = take_nothing;
	OK(ask("{\"do\":\"canary.begin\"}"), "one flies");
	town_pass(&town, 5 * WHEN_SECOND_US);
	town.wall_us += WHEN_HOUR_US;
	town.serve = NULL;
	town_pass(&town, 90 * WHEN_SECOND_US);
	OK(is_state("arrived"), "a clock that is set forward does not make it late");
	end();
}

/* Nobody watches anything. */
static void test_barred(void)
{
	const struct alarms *alarms;
	begin();
	town.canary_every_us = 0; /* the capture sends none */
	town_pass(&town, WHEN_MINUTE_US);
	alarms = keeper_alarms(town.keeper);
	OK(is_state("none") && !alarms_is_on(alarms, ALARM_CANARY_LATE, ""),
	    "without a source none flies, which may pass");
	town_pass(&town, 2 * WHEN_MINUTE_US);
	OK(is_state("late") && says("\"stages\":[],\"letters\":[]") &&
		alarms_is_on(alarms, ALARM_CANARY_LATE, ""),
	    "as long as one may fly, and it is late");
	town.canary_every_us = WHEN_DAY_US;
	town_pass(&town, 10 * WHEN_SECOND_US);
	OK(is_state("arrived") && town.canaries == 1, "the first one after that comes home");
	town_pass(&town, 3 * WHEN_MINUTE_US);
	OK(!alarms_is_on(alarms, ALARM_CANARY_LATE, ""), "and ends the alarm");
	end();
}

static int64_t count_canary_letters(void)
{
	int64_t count = -1;
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "kind", .test = STORE_IS, .number = NOTICE_CANARY}}};
	return store_count(town.store, &query, &count, NULL) == 0 ? count : -1;
}

/* The keeper before sent it; nobody waits for it any more. */
static void test_cut_short(void)
{
	begin();
	OK(ask("{\"do\":\"canary.begin\"}"), "one flies");
	town.serve = take_nothing;
	town_pass(&town, 3 * WHEN_SECOND_US);
	const int64_t before = count_canary_letters();
	town_restart_in_memory(&town);
	town.serve = NULL;
	town.canary_every_us = 0;
	for (int hour = 0; hour < 8; hour++) {
		town_pass_by(&town, WHEN_HOUR_US, WHEN_MINUTE_US);
		town_scan(&town, 1, 0, 1);
		town_end_window(&town);
	}
	OK(before == 1 && count_canary_letters() == 1,
	    "a canary of the keeper before is no second letter when its incident rests");
	end();
}

static void test_none(void)
{
	begin();
	town.canary_every_us = 0; /* the capture sends none */
	OK(!ask("{\"do\":\"canary.begin\"}") &&
		says("{\"error\":\"no source can carry a canary now, expected one that watches: "
		     "look at `hinomi check` and at what the station logs\","
		     "\"code\":\"canary.no-source\",\"values\":[]}\n"),
	    "no source");
	OK(is_state("none"), "then none flies");
	OK(!ask("{\"do\":\"canary.begin\",\"number\":7}") &&
		says("number: is no argument of this, which has none"),
	    "its number is not for others to choose");
	end();
	const struct store_options options = {.engine = "memory"};
	town_init(&town, "memory", NULL);
	town.canary_every_us = WHEN_DAY_US;
	if (store_open(&options, &town.store, NULL) != 0 || town_open_keeper(&town) != 0)
		abort();
	OK(!ask("{\"do\":\"canary.begin\"}") && town.canaries == 0 &&
		says("{\"error\":\"there is nobody to send a canary to, expected operator.mail "
		     "with mail.server, or operator.webhook, as canary.to says\","
		     "\"code\":\"canary.nobody\",\"values\":[]}\n"),
	    "nobody to tell");
	OK(is_state("none") && says("\"has_reader\":false"), "which can be seen before");
	end();
}

static void test_names(void)
{
	OK(strcmp(canary_stage_name(CANARY_SENT), "sent") == 0 &&
		strcmp(canary_stage_name(CANARY_ARRIVED), "arrived") == 0 &&
		strcmp(canary_state_name(CANARY_IS_LATE), "late") == 0,
	    "names");
}

int main(void)
{
	test_arrives();
	test_does_not();
	test_clock();
	test_barred();
	test_cut_short();
	test_none();
	test_names();
	return test_done();
}
