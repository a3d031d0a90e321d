/* A casebook keeps within its room: what goes first, what makes room for what. */
#include "casebook_help.h"

static void test_room(void)
{
	struct desk desk;
	open_desk_for(&desk, 16);
	for (uint32_t n = 0; n < 16; n++) {
		const struct finding finding = scan_by(&desk, n, 3);
		(void)take(&desk, TOWN, &finding);
	}
	const struct finding more = scan_by(&desk, 16, 3);
	OK(take(&desk, TOWN, &more) == -ENOSPC, "one more than there is room for is refused");
	struct casebook_counts counts;
	casebook_get_counts(desk.casebook, &counts);
	OK(counts.refused == 1 && counts.open == 16, "and counted");
	size_t position = 0;
	struct incident *incident;
	int64_t id = 1;
	const struct incident_deed fixed = {
	    .event = INCIDENT_CLOSE, .reason = CLOSE_FIXED, .by = "", .note = ""};
	while ((incident = casebook_next(desk.casebook, &position)) != NULL)
		incident->id = id++;
	(void)casebook_do(desk.casebook, first_of(&desk), &fixed, AT_US);
	OK(take(&desk, TOWN, &more) == 0 && count_of(&desk) == 17,
	    "once one is closed there is room, and that one is known");
	close_desk(&desk);
}

/* Of what is not open a quarter as many as may be open are known. */
static void test_rest(void)
{
	struct desk desk;
	struct incident stored = {.member_id = TOWN,
	    .rule = RULE_SCAN_DARK,
	    .severity = SEVERITY_MEDIUM,
	    .member = "town"};
	open_desk_for(&desk, 16);
	OK(casebook_open_max(desk.casebook) == 16 && casebook_max(desk.casebook) == 20,
	    "so many have room");
	for (uint32_t n = 0; n < 20; n++) {
		stored.id = n + 1;
		stored.subject = address_from_v4_u32(0xc6336400 + n);
		stored.state = n < 15 ? INCIDENT_NEW : n < 18 ? INCIDENT_CLOSED : INCIDENT_QUIET;
		if (casebook_load(desk.casebook, &stored) != 0)
			abort();
	}
	struct incident *closed = casebook_find(desk.casebook, 16);
	closed->is_changed = true;
	const struct finding more = scan_by(&desk, 20, 3);
	OK(take(&desk, TOWN, &more) == 0 && casebook_find(desk.casebook, 17) == NULL &&
		casebook_find(desk.casebook, 18) == NULL &&
		casebook_find(desk.casebook, 16) == closed && count_of(&desk) == 19,
	    "what is closed and written goes first, what is not written stays");
	const struct finding another = scan_by(&desk, 21, 3);
	OK(take(&desk, TOWN, &another) == -ENOSPC, "what may be open is bounded by itself");
	closed->is_changed = false;
	stored.id = 30;
	stored.subject = address_from_v4_u32(0xc6336400 + 30);
	stored.state = INCIDENT_NEW;
	OK(casebook_load(desk.casebook, &stored) == 0 && count_of(&desk) == 20 &&
		casebook_find(desk.casebook, 19) != NULL,
	    "what is quiet stays as long as there is room");
	stored.id = 31;
	stored.subject = address_from_v4_u32(0xc6336400 + 31);
	OK(casebook_load(desk.casebook, &stored) == 0 && casebook_find(desk.casebook, 16) == NULL &&
		casebook_find(desk.casebook, 19) != NULL,
	    "and goes after what is closed");
	close_desk(&desk);
}

/* What is quiet is closed before there is no room: forgotten as it is it would stay so for ever. */
static void test_thinning(void)
{
	struct desk desk;
	struct incident stored = {.member_id = TOWN,
	    .rule = RULE_SCAN_DARK,
	    .severity = SEVERITY_MEDIUM,
	    .member = "town"};
	struct casebook_counts counts;
	size_t position = 0;
	size_t closed = 0;
	open_desk_for(&desk, 128); /* 160 in all, of which 10 are to be free */
	for (uint32_t n = 0; n < 150; n++) {
		stored.id = n + 1;
		stored.subject = address_from_v4_u32(0xc6336400 + n);
		stored.state = n < 20 ? INCIDENT_CLOSED : INCIDENT_QUIET;
		stored.state_us = stored.last_us = AT_US;
		if (casebook_load(desk.casebook, &stored) != 0)
			abort();
	}
	pass(&desk, 1);
	OK(count_of(&desk) == 150, "as long as there are free places nothing goes");
	stored.id = 151;
	stored.subject = address_from_v4_u32(0xc6336400 + 150);
	if (casebook_load(desk.casebook, &stored) != 0)
		abort();
	pass(&desk, 1);
	OK(count_of(&desk) == 131, "with one more what is closed is forgotten");
	for (uint32_t n = 151; n < 171; n++) {
		stored.id = n + 1;
		stored.subject = address_from_v4_u32(0xc6336400 + n);
		if (casebook_load(desk.casebook, &stored) != 0)
			abort();
	}
	pass(&desk, 1);
	struct incident *incident;
	while ((incident = casebook_next(desk.casebook, &position)) != NULL)
		closed += incident->state == INCIDENT_CLOSED && incident->reason == CLOSE_NO_ROOM;
	size_t step_count;
	(void)casebook_steps(desk.casebook, &step_count);
	OK(closed == 21 && step_count == 21 && count_of(&desk) == 151,
	    "where nothing is, what is quiet is closed, which is written first");
	casebook_written(desk.casebook, true);
	pass(&desk, 1);
	casebook_get_counts(desk.casebook, &counts);
	OK(counts.incidents == 130 && counts.open == 0, "and then forgotten");
	close_desk(&desk);
}

/* A finding as severe as that. */
static int take_severe(struct desk *desk, uint32_t n, enum severity severity)
{
	struct finding finding = scan_by(desk, n, 3);
	finding.severity = severity;
	return take(desk, TOWN, &finding);
}

static struct incident *incident_of(const struct desk *desk, uint32_t n)
{
	const struct address subject = address_from_v4_u32(0xc6336400 + n);
	size_t position = 0;
	struct incident *incident;
	while ((incident = casebook_next(desk->casebook, &position)) != NULL)
		if (address_equal(&incident->subject, &subject))
			return incident;
	return NULL;
}

/* All are open: what is graver has the least urgent closed, of those nobody works on. */
static void test_graver(void)
{
	static const struct incident_deed working = {
	    .event = INCIDENT_WORK, .by = "noc", .note = ""};
	struct desk desk;
	struct casebook_counts counts;
	open_desk_for(&desk, 16);
	for (uint32_t n = 0; n < 16; n++)
		if (take_severe(&desk, n, n < 2 ? SEVERITY_LOW : SEVERITY_MEDIUM) != 0)
			abort();
	for (uint32_t n = 0; n < 16; n++)
		incident_of(&desk, n)->id = n + 1;
	casebook_written(desk.casebook, true);
	if (casebook_do(desk.casebook, incident_of(&desk, 0), &working, AT_US) != 0)
		abort();
	casebook_written(desk.casebook, true);
	pass(&desk, WHEN_MINUTE_US);
	OK(take_severe(&desk, 20, SEVERITY_LOW) == -ENOSPC, "what is as grave finds no room");
	OK(take_severe(&desk, 21, SEVERITY_MEDIUM) == 0, "what is graver does");
	OK(incident_of(&desk, 1)->state == INCIDENT_CLOSED &&
		incident_of(&desk, 1)->reason == CLOSE_NO_ROOM &&
		incident_of(&desk, 0)->state == INCIDENT_IN_PROGRESS,
	    "the least urgent is closed for it, and nothing that somebody works on");
	size_t step_count;
	const struct incident_step *steps = casebook_steps(desk.casebook, &step_count);
	OK(step_count > 0 && steps[0].incident == incident_of(&desk, 1) &&
		steps[0].event == INCIDENT_CLOSE && steps[0].to == INCIDENT_CLOSED,
	    "which its history says");
	OK(take_severe(&desk, 22, SEVERITY_MEDIUM) == -ENOSPC, "there is none less grave any more");
	pass(&desk, WHEN_MINUTE_US);
	OK(take_severe(&desk, 1, SEVERITY_LOW) == -ENOSPC &&
		incident_of(&desk, 1)->state == INCIDENT_CLOSED,
	    "what made room does not come back as long as there is none");
	casebook_get_counts(desk.casebook, &counts);
	OK(counts.open == 16 && counts.closed == 1 && counts.refused == 3, "all of it is counted");
	struct finding drill = scan_by(&desk, 30, 3);
	drill.drill = true;
	OK(take(&desk, TOWN, &drill) == 0, "the canary finds room all the same");

	const struct incident_deed fixed = {
	    .event = INCIDENT_CLOSE, .reason = CLOSE_FIXED, .by = "", .note = ""};
	for (uint32_t n = 2; n < 8; n++)
		(void)casebook_do(desk.casebook, incident_of(&desk, n), &fixed, AT_US);
	pass(&desk, WHEN_MINUTE_US);
	OK(take_severe(&desk, 1, SEVERITY_LOW) == 0 &&
		incident_of(&desk, 1)->state == INCIDENT_RELAPSED,
	    "once there is, it goes on");
	close_desk(&desk);
}

/* Nothing can be written: what made room stays, and no more than a bound of it. */
static void test_spare(void)
{
	struct desk desk;
	uint32_t taken = 0;
	open_desk_for(&desk, 1000);
	for (uint32_t n = 0; n < 1000; n++)
		if (take_severe(&desk, n, SEVERITY_LOW) != 0)
			abort();
	while (taken < 1000 && take_severe(&desk, 1000 + taken, SEVERITY_HIGH) == 0)
		taken++;
	OK(taken == 250, "so many make room at once");
	struct casebook_counts counts;
	casebook_get_counts(desk.casebook, &counts);
	OK(counts.incidents == 1250 && counts.open == 1000 && counts.closed == 250,
	    "and no more, nor is any closed for nothing");
	casebook_written(desk.casebook, true);
	size_t position = 0;
	struct incident *incident;
	for (int64_t id = 1; (incident = casebook_next(desk.casebook, &position)) != NULL; id++)
		incident->id = id;
	OK(take_severe(&desk, 1000 + taken, SEVERITY_HIGH) == 0 && count_of(&desk) <= 1250,
	    "once it is written there is room again");
	close_desk(&desk);
}

static void test_urgency(void)
{
	static const struct incident rows[] = {
	    {.state = INCIDENT_CLOSED, .severity = SEVERITY_CRITICAL},
	    {.state = INCIDENT_QUIET, .severity = SEVERITY_LOW, .last_us = 5},
	    {.state = INCIDENT_NEW, .severity = SEVERITY_CRITICAL, .drill = true},
	    {.state = INCIDENT_NEW, .severity = SEVERITY_LOW},
	    {.state = INCIDENT_NEW, .severity = SEVERITY_HIGH, .last_us = 1},
	    {.state = INCIDENT_RELAPSED, .severity = SEVERITY_HIGH, .last_us = 2},
	    {.state = INCIDENT_RELAPSED, .severity = SEVERITY_HIGH, .last_us = 2, .id = 1},
	    {.state = INCIDENT_ACKNOWLEDGED, .severity = SEVERITY_LOW},
	};
	int wrong = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++) {
			const int order = casebook_compare_urgency(&rows[i], &rows[j]);
			wrong += i < j ? order >= 0 : i > j ? order <= 0 : order != 0;
		}
	OK(wrong == 0, "what is more urgent is kept rather than what is less");
}

int main(void)
{
	test_room();
	test_rest();
	test_thinning();
	test_graver();
	test_spare();
	test_urgency();
	return test_done();
}
