/*
 * Mail servers and webhooks that fail, as a keeper lives through it: away for a day and for a week,
 * refusing, breaking off after the letter, hanging. Nothing is lost, what comes twice has the same
 * Message-ID and bytes, copies are bounded, and nobody waits for who is slow.
 */
#include "notify/retry.h"

#include "town_help.h"

enum {
	MACHINES = 5,
	CROWD = 60, /* more letters than may be on their way at once */
};

/* The longest wait between two attempts, with its spread. */
#define WAIT_MAX_US (WHEN_HOUR_US + WHEN_HOUR_US / 100 * RETRY_SPREAD_PERCENT)

static struct town town;
static bool is_away;

static enum courier_outcome serve_back(struct town *at, const struct town_letter *letter)
{
	(void)at;
	(void)letter;
	return is_away ? COURIER_TEMPORARY : COURIER_DELIVERED;
}

/* To the member's contact only. */
static bool is_to_member(const struct town_letter *letter)
{
	return strcmp(letter->address, "soc@town.example") == 0;
}

static enum courier_outcome serve_breaking_off(struct town *at, const struct town_letter *letter)
{
	(void)at;
	(void)letter;
	return COURIER_UNKNOWN;
}

static enum courier_outcome serve_breaking_off_once(
    struct town *at, const struct town_letter *letter)
{
	(void)at;
	return letter->attempts > 1 ? COURIER_DELIVERED : COURIER_UNKNOWN;
}

static enum courier_outcome serve_refusing_member(struct town *at, const struct town_letter *letter)
{
	(void)at;
	return is_to_member(letter) ? COURIER_PERMANENT : COURIER_DELIVERED;
}

static enum courier_outcome serve_hanging_at_member(
    struct town *at, const struct town_letter *letter)
{
	(void)at;
	return is_to_member(letter) && is_away ? TOWN_HANGS : COURIER_DELIVERED;
}

/* Mail hangs, webhooks do not. */
static enum courier_outcome serve_hanging_mail(struct town *at, const struct town_letter *letter)
{
	(void)at;
	return strchr(letter->address, '@') != NULL && is_away ? TOWN_HANGS : COURIER_DELIVERED;
}

static enum courier_outcome serve_hanging_hook(struct town *at, const struct town_letter *letter)
{
	(void)at;
	return strchr(letter->address, '@') == NULL ? TOWN_HANGS : COURIER_DELIVERED;
}

static void begin(void)
{
	town_init(&town, "memory", NULL);
	town.cap = 1000;
	is_away = true;
}

static struct town_sum sum_up(void)
{
	struct town_sum sum = {0};
	if (!town_sum_up(&town, &sum))
		abort();
	return sum;
}

static unsigned most_attempts(void)
{
	unsigned most = 0;
	for (size_t i = 0; i < town.letter_count; i++)
		if (town.letters[i].attempts > most)
			most = town.letters[i].attempts;
	return most;
}

/* How many letters came to this address. */
static int count_to(const char *address)
{
	int count = 0;
	for (size_t i = 0; i < town.letter_count; i++)
		count +=
		    town.letters[i].copies > 0 && strcmp(town.letters[i].address, address) == 0;
	return count;
}

static int64_t count_notices(enum notice_state state)
{
	int64_t count = -1;
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IS, .number = state}}};
	return store_count(town.store, &query, &count, NULL) == 0 ? count : -1;
}

/* Of the member's contact. */
static enum contact_state state_of_contact(void)
{
	const struct roster *roster = keeper_roster(town.keeper);
	for (size_t i = 0; i < roster->contact_count; i++)
		if (strcmp(roster->contacts[i].address, "soc@town.example") == 0)
			return roster->contacts[i].state;
	return CONTACT_STOPPED;
}

static void scan_all(uint32_t machines)
{
	for (uint32_t machine = 1; machine <= machines; machine++)
		town_scan(&town, machine, 0, 40);
}

/* It stands before others, and never goes. */
static void test_too_large(void)
{
	begin();
	(void)town_open_in_memory(&town);
	town.too_large = 1;
	scan_all(MACHINES);
	town_pass_by(&town, WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(count_notices(NOTICE_FAILED) == 1 && count_notices(NOTICE_DELIVERED) == MACHINES - 1,
	    "a letter that is too large for any parcel has failed, and keeps none back");
	town_release(&town);
}

/* Letters that are to go out, and are not there any more when there is room for them. */
static void test_removed(void)
{
	const struct store_query all = {.kind = STORE_NOTICE};
	int64_t removed = 0;
	begin();
	(void)town_open_in_memory(&town);
	town.has_no_room = true;
	scan_all(MACHINES);
	town_pass_by(&town, 10 * WHEN_SECOND_US, WHEN_SECOND_US);
	if (store_begin(town.store, NULL) != 0 ||
	    store_remove(town.store, &all, &removed, NULL) != 0 ||
	    store_commit(town.store, NULL) != 0)
		abort();
	town.has_no_room = false;
	town_pass_by(&town, 2 * WHEN_SECOND_US, WHEN_SECOND_US);
	town_scan(&town, MACHINES + 1, 0, 40);
	town_pass_by(&town, 10 * WHEN_SECOND_US, WHEN_SECOND_US);
	OK(removed == MACHINES && count_notices(NOTICE_DELIVERED) == 1 && town.letter_count == 1,
	    "letters that were removed meanwhile take no place on the way");
	town_release(&town);
}

static void test_day(void)
{
	begin();
	town.serve = serve_back;
	(void)town_open_in_memory(&town);
	scan_all(MACHINES - 1);
	town_pass_by(&town, 10 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(state_of_contact() == CONTACT_FAILING, "that no letter arrives is known after minutes");
	town_pass_by(&town, 12 * WHEN_HOUR_US, 5 * WHEN_SECOND_US);
	town_restart_in_memory(&town);
	town_scan(&town, MACHINES, 0, 40);
	town_pass_by(&town, 12 * WHEN_HOUR_US, 5 * WHEN_SECOND_US);
	struct town_sum sum = sum_up();
	OK(sum.letters == 0 && count_notices(NOTICE_FAILED) == 0 && sum.waiting >= MACHINES,
	    "a mail server that is away for a day: everything waits");
	OK(most_attempts() >= 24 && most_attempts() <= 32, "each is tried hourly");
	printf(
	    "# %" PRId64 " letters wait, tried %u times at most\n", sum.waiting, most_attempts());
	is_away = false;
	town_pass_by(&town, WAIT_MAX_US, 5 * WHEN_SECOND_US);
	sum = sum_up();
	OK(town_is_told(&town, MACHINES) && sum.waiting == 0 && sum.copies == 0 &&
		town_is_right(&town, &sum),
	    "when it is back each comes within the hour, once");
	OK(state_of_contact() == CONTACT_VERIFIED, "and its contact is well again");
	town_release(&town);
}

static void test_week(void)
{
	begin();
	town.serve = serve_back;
	(void)town_open_in_memory(&town);
	town_scan(&town, 1, 0, 40);
	town_pass_by(&town, 10 * WHEN_MINUTE_US, WHEN_SECOND_US);
	town_pass_by(&town, 7 * WHEN_DAY_US, WHEN_MINUTE_US);
	OK(most_attempts() == RETRY_ATTEMPTS_MAX && count_notices(NOTICE_FAILED) > 0,
	    "away for a week: after five days a letter is given up, and marked so");
	is_away = false;
	town_scan(&town, 2, 0, 40);
	town_pass_by(&town, WAIT_MAX_US, 5 * WHEN_SECOND_US);
	OK(count_to("soc@town.example") > 0 && sum_up().waiting == 0,
	    "what comes after it is delivered");
	town_release(&town);
}

static void test_breaking_off(void)
{
	begin();
	town.serve = serve_breaking_off_once;
	(void)town_open_in_memory(&town);
	scan_all(MACHINES - 1);
	town_pass_by(&town, 5 * WHEN_MINUTE_US, WHEN_SECOND_US);
	struct town_sum sum = sum_up();
	OK(town_is_told(&town, MACHINES - 1) && sum.copies == sum.letters && town.altered == 0 &&
		town_is_right(&town, &sum),
	    "broken off after the dot: the same comes once more, byte for byte");
	town_release(&town);

	begin();
	town.serve = serve_breaking_off;
	(void)town_open_in_memory(&town);
	town_scan(&town, 1, 0, 40);
	town_pass_by(&town, 2 * WHEN_SECOND_US, TOWN_TURN_US);
	for (int i = 0; i < 3; i++) {
		town_pass_by(&town, 4 * WHEN_HOUR_US, 5 * WHEN_SECOND_US);
		town_restart_in_memory(&town); /* what was tried is remembered */
	}
	OK(most_attempts() <= RETRY_UNKNOWN_MAX && town.altered == 0,
	    "always: as many copies as there may be, and no more");
	printf("# %u copies\n", most_attempts());
	OK(count_notices(NOTICE_FAILED) == (int64_t)town.letter_count && sum_up().waiting == 0,
	    "then it is given up, and marked so");
	town_release(&town);
}

static void test_refused(void)
{
	begin();
	town.serve = serve_refusing_member;
	const int64_t member = town_open_in_memory(&town);
	(void)town_add_contact(&town, member, CONTACT_MAIL, "mayor@town.example");
	town_restart_in_memory(&town);
	scan_all(MACHINES - 1);
	town_pass_by(&town, 5 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(count_to("mayor@town.example") >= MACHINES - 1 && count_to("soc@town.example") == 0,
	    "one contact's letters are refused for good: the other's come");
	OK(most_attempts() == 1 && state_of_contact() == CONTACT_FAILING,
	    "they are not tried again, and that is known");
	town_release(&town);
}

static void test_slow(void)
{
	begin();
	town.serve = serve_hanging_at_member;
	const int64_t member = town_open_in_memory(&town);
	(void)town_add_contact(&town, member, CONTACT_MAIL, "mayor@town.example");
	town_restart_in_memory(&town);
	scan_all(CROWD);
	town_pass(&town, 30 * WHEN_SECOND_US);
	OK(count_to("mayor@town.example") >= CROWD && count_to("soc@town.example") == 0,
	    "one contact's server hangs, with many letters for it: the other's come at once");
	printf("# %d came\n", count_to("mayor@town.example"));
	is_away = false;
	town_pass(&town, 30 * WHEN_SECOND_US);
	struct town_sum sum = sum_up();
	OK(count_to("soc@town.example") >= CROWD && sum.waiting == 0 && sum.copies == 0,
	    "and then those, each once");
	town_release(&town);
}

static void test_second_way(void)
{
	begin();
	town.serve = serve_hanging_mail;
	const int64_t member = town_open_in_memory(&town);
	(void)town_add_contact(&town, member, CONTACT_MAIL, "mayor@town.example");
	(void)town_add_contact(&town, member, CONTACT_MAIL, "board@town.example");
	(void)town_add_contact(&town, member, CONTACT_MAIL, "press@town.example");
	(void)town_add_contact(&town, member, CONTACT_WEBHOOK, "https://town.example/hook");
	town_restart_in_memory(&town);
	scan_all(MACHINES);
	town_pass(&town, 10 * WHEN_SECOND_US);
	OK(count_to("https://town.example/hook") >= MACHINES && count_to("mayor@town.example") == 0,
	    "a mail server that hangs keeps no webhook waiting");
	town_release(&town);

	begin();
	town.serve = serve_hanging_hook;
	const int64_t other = town_open_in_memory(&town);
	(void)town_add_contact(&town, other, CONTACT_WEBHOOK, "https://town.example/hook");
	(void)town_add_contact(&town, other, CONTACT_WEBHOOK, "https://town.example/hook/2");
	town_restart_in_memory(&town);
	scan_all(CROWD);
	town_pass(&town, 30 * WHEN_SECOND_US);
	OK(count_to("soc@town.example") >= CROWD, "webhooks that hang keep no mail waiting");
	town_release(&town);
}

static int visit_canary(void *context, const void *record)
{
	*(int *)context += ((const struct store_notice *)record)->kind == NOTICE_CANARY;
	return 0;
}

/* Their letters that wait. */
static int count_waiting_canaries(void)
{
	int count = 0;
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IS, .number = NOTICE_WAITING}}};
	return store_each(town.store, &query, visit_canary, &count, NULL) == 0 ? count : -1;
}

static int count_open_canaries(void)
{
	int count = 0;
	size_t position = 0;
	const struct incident *incident;
	while ((incident = casebook_next(keeper_casebook(town.keeper), &position)) != NULL)
		count += incident->drill && incident->state != INCIDENT_CLOSED;
	return count;
}

/* A mail server that is away for a day while canaries fly. */
static void test_canaries(void)
{
	begin();
	town.canary_every_us = 15 * WHEN_MINUTE_US;
	town.serve = serve_back;
	(void)town_open_in_memory(&town);
	int most = 0;
	for (int i = 0; i < 96; i++) {
		town_pass_by(&town, 15 * WHEN_MINUTE_US, WHEN_SECOND_US);
		const int now = count_waiting_canaries();
		most = now > most ? now : most;
	}
	OK(town.canaries >= 90 && most > 0 && most <= 6,
	    "of a day's canaries that nobody takes only those of an hour wait");
	printf("# %d flew, %d waited at most, %d are open\n", town.canaries, most,
	    count_open_canaries());
	OK(count_open_canaries() <= 2, "those before are given up");
	is_away = false;
	town_pass_by(&town, 30 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(canary_last(keeper_canary(town.keeper))->state == CANARY_IS_HOME &&
		count_waiting_canaries() <= 6,
	    "the next comes home");
	town_release(&town);
}

/* The store takes nothing for a while, and letters come back with answers. */
static void test_many(void)
{
	begin();
	is_away = false;
	town.serve = serve_back;
	(void)town_open_in_memory(&town);
	for (uint32_t machine = 1; machine <= CROWD; machine++) {
		town_scan(&town, machine, 0, 40);
		town_turn(&town, TOWN_TURN_US);
	}
	town_pass(&town, 20 * WHEN_SECOND_US);
	struct town_sum sum = sum_up();
	OK(town_is_told(&town, CROWD) && sum.waiting == 0 && sum.copies == 0 &&
		town_is_right(&town, &sum),
	    "more letters than may be on their way: all come, each once");
	town_release(&town);
}

int main(void)
{
	test_too_large();
	test_removed();
	test_day();
	test_week();
	test_breaking_off();
	test_refused();
	test_slow();
	test_second_way();
	test_canaries();
	test_many();
	return test_done();
}
