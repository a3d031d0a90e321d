/* What findings become: one incident each, few letters, exceptions, relapses, bounds. */
#include "casebook_help.h"

/* Takes, and tells what is due. */
static void tell(struct desk *desk)
{
	if (news_of(desk) != NEWS_NONE)
		casebook_told(desk->casebook, first_of(desk), desk->clocks.observed_us);
}

static void test_grouping(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	for (uint64_t i = 0; i < 10000; i++) {
		finding.packets = finding.targets = 3 + i;
		(void)take(&desk, TOWN, &finding);
	}
	OK(count_of(&desk) == 1 && first_of(&desk)->extent == 10002,
	    "ten thousand findings of one machine are one incident");
	struct finding other = finding;
	other.rule = RULE_SCAN_LIVE;
	(void)take(&desk, TOWN, &other);
	OK(count_of(&desk) == 1 && first_of(&desk)->rule == RULE_SCAN_LIVE,
	    "a scan under its other name is the same");
	other.rule = RULE_SCAN_SWEEP;
	(void)take(&desk, TOWN, &other);
	OK(count_of(&desk) == 2, "another rule is another");
	other = finding;
	other.drill = true;
	(void)take(&desk, TOWN, &other);
	OK(count_of(&desk) == 3, "so is a drill");
	(void)take(&desk, SCHOOL, &finding);
	OK(count_of(&desk) == 4, "and another member's");
	other = finding;
	other.rule = RULE_SPOOF_MEMBER;
	(void)take(&desk, TOWN, &other);
	other.subject = address_from_v4_u32(1);
	(void)take(&desk, TOWN, &other);
	OK(count_of(&desk) == 5, "a crowd of forged addresses is one, whichever is named");
	close_desk(&desk);
}

/* A batch that comes late moves what a finding says, though all that is counted came before. */
static void test_wording(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 300);
	finding_add_reason(&finding, REASON_NET_FAILURES, 394, 766, 18);
	(void)take(&desk, TOWN, &finding);
	casebook_written(desk.casebook, true);
	(void)take(&desk, TOWN, &finding);
	OK(!first_of(&desk)->is_grown && !first_of(&desk)->is_changed,
	    "what is found once more, the same, need not be written");
	finding.reasons[0].numbers[0] = 762;
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->is_grown && !first_of(&desk)->is_changed,
	    "what says another number for a reason must be, if not at once");
	close_desk(&desk);
}

static void test_letters(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_NONE, "the first letter waits a second");
	desk.clocks.wall_us += WHEN_SECOND_US;
	OK(news_of(&desk) == NEWS_FIRST, "by the wall, where nothing more is observed");
	desk.clocks.wall_us -= WHEN_SECOND_US;
	pass(&desk, WHEN_SECOND_US);
	OK(news_of(&desk) == NEWS_FIRST, "then it is due");
	OK(news_of(&desk) == NEWS_FIRST, "until it is safe");
	tell(&desk);
	OK(news_of(&desk) == NEWS_NONE, "and not again");
	pass(&desk, WHEN_MINUTE_US);
	finding = scan_by(&desk, 5, 300);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_NONE, "a hundred times as many a minute later: that waits");
	finding.severity = SEVERITY_HIGH;
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_UPDATE, "where it is graver it does not");
	tell(&desk);
	pass(&desk, 10 * WHEN_MINUTE_US);
	finding = scan_by(&desk, 5, 3000);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_UPDATE, "ten minutes later an update may go");
	close_desk(&desk);
}

static void test_doubt(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	finding.spoof = SPOOF_POSSIBLE;
	(void)take(&desk, TOWN, &finding);
	pass(&desk, 10 * WHEN_MINUTE_US - 1);
	OK(news_of(&desk) == NEWS_NONE, "who may be forged is not accused at once");
	pass(&desk, 1);
	OK(news_of(&desk) == NEWS_FIRST, "but when no crowd of them was seen for ten minutes");
	close_desk(&desk);
	open_desk(&desk);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	finding.attribution = ATTRIBUTION_TWO_WAY;
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_FIRST, "or as soon as it was seen to answer");
	close_desk(&desk);
	open_desk(&desk);
	finding.attribution = ATTRIBUTION_ONE_WAY;
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	OK(news_of(&desk) == NEWS_NONE, "three packets to a port: one of a crowd may send so many");
	finding.packets = 4;
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_FIRST, "four: none of a crowd");
	close_desk(&desk);
	open_desk(&desk);
	finding.port_count = 2;
	finding.packets = 6;
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	OK(news_of(&desk) == NEWS_NONE, "three to each of two ports");
	finding.packets = 7;
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_FIRST, "more than three to one of two ports");
	close_desk(&desk);
}

static void test_info(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 1);
	finding.severity = SEVERITY_INFO;
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_MINUTE_US);
	OK(count_of(&desk) == 1 && news_of(&desk) == NEWS_NONE, "a watch is kept, and no letter");
	close_desk(&desk);
}

static void test_quiet_and_back(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	pass(&desk, 6 * WHEN_HOUR_US - WHEN_SECOND_US - 1);
	OK(incident_is_open(first_of(&desk)->state), "open until six hours after it was seen last");
	pass(&desk, 1);
	OK(first_of(&desk)->state == INCIDENT_QUIET && news_of(&desk) == NEWS_QUIET,
	    "then quiet, and that is told");
	tell(&desk);
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->state == INCIDENT_QUIET,
	    "what is judged again of before changes nothing");
	pass(&desk, WHEN_HOUR_US);
	finding = scan_by(&desk, 5, 4);
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->state == INCIDENT_RELAPSED && news_of(&desk) == NEWS_RELAPSE &&
		first_of(&desk)->relapses == 1 && first_of(&desk)->rested_us == AT_US,
	    "what is seen anew is a relapse, and told");
	tell(&desk);
	OK(news_of(&desk) == NEWS_NONE, "once");
	pass(&desk, 6 * WHEN_HOUR_US);
	pass(&desk, 14 * WHEN_DAY_US);
	OK(first_of(&desk)->state == INCIDENT_CLOSED && first_of(&desk)->reason == CLOSE_QUIET,
	    "quiet for two weeks: closed");
	finding = scan_by(&desk, 5, 5);
	pass(&desk, WHEN_HOUR_US);
	finding.last_us = desk.clocks.observed_us;
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->state == INCIDENT_RELAPSED && count_of(&desk) == 1,
	    "and still the same incident when it comes back");
	close_desk(&desk);
}

static void test_forgetting(void)
{
	struct desk desk;
	open_desk(&desk);
	const struct finding finding = scan_by(&desk, 5, 3);
	const struct incident_deed fixed = {
	    .event = INCIDENT_CLOSE, .reason = CLOSE_FIXED, .by = "", .note = ""};
	(void)take(&desk, TOWN, &finding);
	(void)casebook_do(desk.casebook, first_of(&desk), &fixed, AT_US);
	first_of(&desk)->id = 1;
	pass(&desk, 30 * WHEN_DAY_US);
	OK(count_of(&desk) == 1, "what is closed and not written is not forgotten");
	casebook_written(desk.casebook, true);
	desk.clocks.observed_us = AT_US + 30 * WHEN_DAY_US - 1;
	casebook_tick(desk.casebook, &desk.clocks);
	OK(count_of(&desk) == 1, "nor what was closed less than a month ago");
	pass(&desk, 1);
	OK(count_of(&desk) == 0, "all else is");
	close_desk(&desk);
}

static void test_quiet_untold(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	pass(&desk, 6 * WHEN_HOUR_US);
	desk.clocks.observed_us++;
	finding = scan_by(&desk, 5, 4);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_NONE,
	    "quiet and back before anybody was told of the quiet: no letter for either");
	close_desk(&desk);
}

static void test_deeds(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	struct incident *incident = first_of(&desk);
	const struct incident_deed ack = {.event = INCIDENT_ACK, .by = "hanako", .note = "we look"};
	OK(casebook_do(desk.casebook, incident, &ack, AT_US + 1) == 0 &&
		incident->state == INCIDENT_ACKNOWLEDGED,
	    "acknowledged");
	size_t count;
	const struct incident_step *steps = casebook_steps(desk.casebook, &count);
	OK(count == 2 && steps[0].to == INCIDENT_NEW && steps[1].from == INCIDENT_NEW &&
		steps[1].to == INCIDENT_ACKNOWLEDGED && strcmp(steps[1].by, "hanako") == 0 &&
		strcmp(steps[1].note, "we look") == 0,
	    "its history says who did what");
	casebook_written(desk.casebook, true);
	(void)casebook_steps(desk.casebook, &count);
	OK(count == 0 && !incident->is_changed, "once written it is not written again");
	const struct incident_deed harmless = {.event = INCIDENT_CLOSE,
	    .reason = CLOSE_HARMLESS,
	    .by = "hanako",
	    .note = "our scanner"};
	(void)casebook_do(desk.casebook, incident, &harmless, AT_US + 2);
	OK(casebook_do(desk.casebook, incident, &ack, AT_US + 3) == -EPERM,
	    "what is closed cannot be acknowledged");
	pass(&desk, WHEN_HOUR_US);
	finding = scan_by(&desk, 5, 4);
	(void)take(&desk, TOWN, &finding);
	OK(incident->state == INCIDENT_CLOSED, "a harmless machine that goes on stays closed");
	finding.severity = SEVERITY_HIGH;
	(void)take(&desk, TOWN, &finding);
	OK(incident->state == INCIDENT_RELAPSED, "unless it does worse");
	close_desk(&desk);
}

/* Somebody says otherwise of what a person has closed. */
static void test_amending(void)
{
	static const enum close_reason reasons[] = {CLOSE_FIXED, CLOSE_NOT_OURS, CLOSE_HARMLESS};
	const struct incident_deed work = {.event = INCIDENT_WORK, .by = "hanako", .note = ""};
	const struct incident_deed ack = {.event = INCIDENT_ACK, .by = "hanako", .note = ""};
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	struct incident *incident = first_of(&desk);
	OK(casebook_amend(desk.casebook, incident, &work, NULL, AT_US + 1) == -EPERM,
	    "of what is not closed there is nothing to amend");
	struct incident_deed close = {.event = INCIDENT_CLOSE, .by = "hanako", .note = ""};
	close.reason = CLOSE_FIXED;
	(void)casebook_do(desk.casebook, incident, &close, AT_US + 2);
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		close.reason = reasons[i];
		OK(casebook_amend(desk.casebook, incident, &close, NULL, AT_US + 3) == 0 &&
			incident->state == INCIDENT_CLOSED && incident->reason == reasons[i] &&
			incident->state_us == AT_US + 2 && incident->is_changed,
		    "another reason, closed as long as before");
	}
	OK(casebook_amend(desk.casebook, incident, &ack, NULL, AT_US + 3) == -EPERM,
	    "by nothing else than work and closing");
	OK(incident->finding == NULL &&
		casebook_amend(desk.casebook, incident, &work, &finding, AT_US + 4) == 0 &&
		incident->state == INCIDENT_IN_PROGRESS && incident->reason == CLOSE_NONE &&
		incident->finding != NULL && incident->state_us == AT_US + 4,
	    "it goes on, with what was found");
	size_t count;
	const struct incident_step *steps = casebook_steps(desk.casebook, &count);
	OK(count == 6 && steps[5].from == INCIDENT_CLOSED && steps[5].to == INCIDENT_IN_PROGRESS,
	    "all of it is history");
	close.reason = CLOSE_QUIET;
	(void)casebook_do(desk.casebook, incident, &close, AT_US + 5);
	OK(casebook_amend(desk.casebook, incident, &work, &finding, AT_US + 6) == -EPERM,
	    "what Hinomi itself has closed stays so");
	close_desk(&desk);
}

static void test_exceptions(void)
{
	struct desk desk;
	open_desk(&desk);
	struct exception exception = {.id = 1,
	    .member_id = TOWN,
	    .rule = RULE_SCAN_DARK,
	    .subject = {address_from_v4_u32(0xc6336400), 24 + 96},
	    .port = 23,
	    .until_us = AT_US + WHEN_HOUR_US};
	const char *why;
	if (prefix_parse("198.51.100.0/24", &exception.subject, &why) != 0)
		abort();
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	if (casebook_set_exceptions(desk.casebook, &exception, 1) != 0)
		abort();
	casebook_tick(desk.casebook, &desk.clocks);
	OK(first_of(&desk)->state == INCIDENT_CLOSED && first_of(&desk)->reason == CLOSE_EXCEPTION,
	    "an exception clears what is there already");
	finding = scan_by(&desk, 6, 3);
	(void)take(&desk, TOWN, &finding);
	OK(count_of(&desk) == 1, "and keeps new ones from opening");
	(void)take(&desk, SCHOOL, &finding);
	OK(count_of(&desk) == 2, "of its member only");
	finding.ports[0].port = 24;
	(void)take(&desk, TOWN, &finding);
	OK(count_of(&desk) == 3, "of its port only");
	finding = scan_by(&desk, 9, 3);
	finding.rule = RULE_SCAN_LIVE;
	(void)take(&desk, TOWN, &finding);
	OK(count_of(&desk) == 4, "of its rule only");
	finding = scan_by(&desk, 256, 3);
	(void)take(&desk, TOWN, &finding);
	OK(count_of(&desk) == 5, "of its addresses only");
	pass(&desk, WHEN_HOUR_US);
	finding = scan_by(&desk, 5, 4);
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->state == INCIDENT_RELAPSED, "and no longer than it says");
	close_desk(&desk);
}

/* The machine of a finding was judged again, all being known of it since then. */
static void withdraw(
    struct desk *desk, int64_t member, const struct finding *finding, int64_t known_us)
{
	const struct casebook_withdrawal withdrawal = {
	    .subject = finding->subject,
	    .rule = finding->rule,
	    .drill = finding->drill,
	    .known_us = known_us,
	    .why = RETRACTION_OTHER,
	    .other = RULE_CONFIG_STRAY,
	};
	casebook_withdraw(desk->casebook, member, &withdrawal, &desk->clocks);
}

static void test_withdrawing(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	withdraw(&desk, SCHOOL, &finding, AT_US);
	OK(incident_is_open(first_of(&desk)->state), "another's is not withdrawn with it");
	withdraw(&desk, TOWN, &finding, AT_US);
	OK(first_of(&desk)->state == INCIDENT_CLOSED &&
		first_of(&desk)->reason == CLOSE_WITHDRAWN && news_of(&desk) == NEWS_NONE,
	    "what nobody was told of is withdrawn in silence");
	pass(&desk, WHEN_MINUTE_US);
	finding = scan_by(&desk, 5, 4);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_FIRST, "when there is more after all, that is the first news");
	tell(&desk);
	withdraw(&desk, TOWN, &finding, AT_US + 1);
	OK(incident_is_open(first_of(&desk)->state),
	    "what began before all that is known of the machine is no mistake");
	withdraw(&desk, TOWN, &finding, AT_US);
	OK(news_of(&desk) == NEWS_RETRACTION && first_of(&desk)->finding != NULL &&
		first_of(&desk)->retraction == RETRACTION_OTHER &&
		first_of(&desk)->retraction_rule == RULE_CONFIG_STRAY,
	    "what was told is retracted, with the reason");
	tell(&desk);
	OK(news_of(&desk) == NEWS_NONE && first_of(&desk)->finding == NULL, "once");
	pass(&desk, WHEN_MINUTE_US);
	finding = scan_by(&desk, 5, 5);
	(void)take(&desk, TOWN, &finding);
	OK(news_of(&desk) == NEWS_FIRST, "what is there after all is told from the beginning");
	withdraw(&desk, TOWN, &finding, AT_US);
	OK(news_of(&desk) == NEWS_NONE, "what is not told again is not taken back again");
	close_desk(&desk);
}

/* Taken back, and there again before anybody was told: as if nothing had been. */
static void test_withdrawing_untold(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	withdraw(&desk, TOWN, &finding, AT_US);
	pass(&desk, WHEN_MINUTE_US);
	finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	OK(first_of(&desk)->state == INCIDENT_RELAPSED && news_of(&desk) == NEWS_NONE,
	    "what was withdrawn and came back before anybody heard of it is no news");
	close_desk(&desk);
}

static void cover(struct desk *desk)
{
	const struct exception exception = {.id = 1,
	    .rule = -1,
	    .subject = {.address = address_from_v4_u32(0xc6336405), .bits = 128},
	    .port = -1,
	    .until_us = INT64_MAX};
	if (casebook_set_exceptions(desk->casebook, &exception, 1) != 0)
		abort();
	casebook_tick(desk->casebook, &desk->clocks);
}

static void test_retracting_by_exception(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	cover(&desk);
	OK(first_of(&desk)->reason == CLOSE_EXCEPTION && news_of(&desk) == NEWS_RETRACTION &&
		first_of(&desk)->retraction == RETRACTION_EXCEPTION,
	    "who was told of what an exception covers now hears that it is known");
	tell(&desk);
	OK(news_of(&desk) == NEWS_NONE, "once");
	close_desk(&desk);

	open_desk(&desk);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	pass(&desk, 6 * WHEN_HOUR_US);
	tell(&desk); /* that it is quiet */
	cover(&desk);
	OK(first_of(&desk)->reason == CLOSE_EXCEPTION && news_of(&desk) == NEWS_NONE,
	    "of what was over there is nothing to take back");
	close_desk(&desk);
}

static void test_forget(void)
{
	struct desk desk;
	open_desk(&desk);
	struct incident stored = {.id = 7,
	    .member_id = TOWN,
	    .rule = RULE_SCAN_DARK,
	    .state = INCIDENT_QUIET,
	    .member = "town"};
	if (casebook_load(desk.casebook, &stored) != 0)
		abort();
	OK(!casebook_forget(desk.casebook, 7), "what may come back is not forgotten");
	OK(casebook_forget(desk.casebook, 8), "what is not here need not be");
	stored.state = INCIDENT_CLOSED;
	if (casebook_load(desk.casebook, &stored) != 0)
		abort();
	struct incident *incident = casebook_find(desk.casebook, 7);
	incident->is_changed = true;
	OK(!casebook_forget(desk.casebook, 7), "nor is what was not written yet");
	incident->is_changed = false;
	OK(casebook_forget(desk.casebook, 7) && casebook_find(desk.casebook, 7) == NULL,
	    "what is closed and written is");
	close_desk(&desk);
}

static void test_loading(void)
{
	struct desk desk;
	open_desk(&desk);
	struct finding finding = scan_by(&desk, 5, 3);
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	tell(&desk);
	struct incident stored = *first_of(&desk);
	stored.id = 42;
	stored.packets = 1000;
	stored.state = INCIDENT_NOTIFIED;
	stored.finding = NULL;
	close_desk(&desk);
	open_desk(&desk);
	if (casebook_load(desk.casebook, &stored) != 0)
		abort();
	OK(news_of(&desk) == NEWS_NONE, "after a start nothing is due by itself");
	(void)take(&desk, TOWN, &finding);
	pass(&desk, WHEN_SECOND_US);
	OK(count_of(&desk) == 1 && first_of(&desk)->id == 42 && news_of(&desk) == NEWS_NONE,
	    "what is judged again is the same incident, and was told");
	OK(first_of(&desk)->packets == 1000, "its numbers never shrink");
	OK(casebook_find(desk.casebook, 42) == first_of(&desk) &&
		casebook_find(desk.casebook, 43) == NULL,
	    "it is found by its number");
	close_desk(&desk);

	open_desk(&desk);
	struct finding known = finding;
	stored.finding = &known;
	if (casebook_load(desk.casebook, &stored) != 0)
		abort();
	known.packets = 1;
	OK(first_of(&desk)->finding != NULL && first_of(&desk)->finding->packets == 3,
	    "its finding is copied");
	pass(&desk, 6 * WHEN_HOUR_US);
	OK(news_of(&desk) == NEWS_QUIET, "so that its end is told by whoever comes after");
	close_desk(&desk);
}

static void test_spread(void)
{
	struct desk desk;
	open_desk(&desk);
	for (uint32_t n = 0; n < 5; n++) {
		const struct finding finding = scan_by(&desk, n, 3);
		(void)take(&desk, TOWN, &finding);
	}
	OK(casebook_raise_spread(desk.casebook) == 0 &&
		first_of(&desk)->severity == SEVERITY_CRITICAL,
	    "five machines of one member with the same scan: critical");
	const struct finding again = scan_by(&desk, 0, 4);
	(void)take(&desk, TOWN, &again);
	OK(first_of(&desk)->severity == SEVERITY_CRITICAL, "and it stays so");
	close_desk(&desk);
}

int main(void)
{
	test_grouping();
	test_wording();
	test_letters();
	test_doubt();
	test_info();
	test_quiet_and_back();
	test_forgetting();
	test_quiet_untold();
	test_deeds();
	test_amending();
	test_exceptions();
	test_withdrawing();
	test_withdrawing_untold();
	test_retracting_by_exception();
	test_forget();
	test_loading();
	test_spread();
	return test_done();
}
