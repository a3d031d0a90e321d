#include "cmd/station/correlator.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "alert/judge.h"
#include "base/when.h"
#include "cmd/station/clock_watch.h"
#include "detect/ledger.h"

enum {
	/* Of findings at once; with more, the rest waits for the next look. */
	FINDINGS_BYTES = 16 * 1024 * 1024,
	SUBJECTS_AT_ONCE =
	    256, /* each rule finds something of each at most, in drill and earnest */
	FORGET_EVERY_WINDOWS = 10,
	ALL_EVERY_WINDOWS = 15, /* what was learned of others reaches everybody within these */
};

static_assert(FINDINGS_BYTES / 4096 >= SUBJECTS_AT_ONCE * (RULE_COUNT - 1) * 2,
    "none of them is ever left out, so that they stand in the order in which they were found");
static_assert(sizeof(struct finding) <= 4000, "as assumed");

struct correlator {
	struct correlator_options options;
	const struct roster *roster;
	struct observer_sink sink;
	struct ledger *ledger;
	struct judge *judge;
	struct casebook *casebook;
	int64_t observed_us;
	int64_t clock_step_us;
	bool members_are_due; /* a window ended: look at members as a whole */
	unsigned windows;     /* so far */
	struct correlator_counts counts;
};

/* A time that is so much behind is that of a clock that was set back. */
static void observe_time(struct correlator *correlator, int64_t time_us)
{
	if (time_us > correlator->observed_us ||
	    time_us + correlator->clock_step_us < correlator->observed_us)
		correlator->observed_us = time_us;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct correlator *correlator = context;
	correlator->counts.sightings++;
	if (sighting->packets > 0)
		observe_time(correlator, sighting->last_us);
	ledger_add_sighting(correlator->ledger, sighting);
}

static void on_host(void *context, const struct host *host)
{
	struct correlator *correlator = context;
	ledger_add_host(correlator->ledger, host);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	struct correlator *correlator = context;
	ledger_add_carrier(correlator->ledger, carrier);
}

/* Without memory they are looked at with the next window. */
static int mark_members(struct correlator *correlator)
{
	struct findings findings;
	findings_init(&findings, FINDINGS_BYTES);
	int result = judge_members(correlator->judge, &findings);
	findings_release(&findings);
	return result;
}

static void on_window_end(void *context, int64_t window_us)
{
	struct correlator *correlator = context;
	observe_time(correlator, window_us + SIGHTING_WINDOW_US);
	ledger_end_window(correlator->ledger, window_us);
	ledger_settle(correlator->ledger);
	correlator->members_are_due = true;
	correlator->windows++;
	if (correlator->windows % ALL_EVERY_WINDOWS == 0)
		ledger_mark_all_changed(correlator->ledger);
	if (correlator->windows % FORGET_EVERY_WINDOWS != 0)
		return;
	/* crowds are seen while they are whole, however many windows come between two looks */
	(void)mark_members(correlator); /* else with the next window */
	ledger_forget_before(
	    correlator->ledger, window_us - CORRELATOR_MEMORY_HOURS * WHEN_HOUR_US);
}

static int open_all(struct correlator *correlator)
{
	const struct ledger_options ledger_options = {
	    .registry = correlator->roster->registry,
	    .thresholds = correlator->options.thresholds,
	    .memory_bytes = correlator->options.memory_bytes,
	    .is_learned_dark = correlator->options.is_learned_dark,
	    .learned = correlator->options.learned,
	    .is_live = true,
	};
	int result = ledger_new(&ledger_options, &correlator->ledger);
	if (result == 0)
		result = judge_new(correlator->ledger, &correlator->judge);
	if (result == 0)
		result = casebook_new(&correlator->options.casebook, &correlator->casebook);
	return result != 0
		   ? result
		   : casebook_set_exceptions(correlator->casebook, correlator->roster->exceptions,
			 correlator->roster->exception_count);
}

int correlator_new(const struct correlator_options *options, const struct roster *roster,
    struct correlator **ret_correlator)
{
	struct correlator *correlator = calloc(1, sizeof *correlator);
	if (correlator == NULL)
		return -ENOMEM;
	correlator->options = *options;
	correlator->roster = roster;
	correlator->observed_us = INT64_MIN;
	correlator->clock_step_us = CLOCK_FALL_US;
	correlator->sink = (struct observer_sink){
	    .context = correlator,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
	int result = open_all(correlator);
	if (result != 0)
		correlator_free(correlator);
	else
		*ret_correlator = correlator;
	return result;
}

void correlator_free(struct correlator *correlator)
{
	if (correlator == NULL)
		return;
	casebook_free(correlator->casebook);
	judge_free(correlator->judge);
	ledger_free(correlator->ledger);
	free(correlator);
}

const struct observer_sink *correlator_sink(struct correlator *correlator)
{
	return &correlator->sink;
}

int correlator_set_roster(struct correlator *correlator, const struct roster *roster)
{
	correlator->roster = roster;
	ledger_set_registry(correlator->ledger, roster->registry);
	return casebook_set_exceptions(
	    correlator->casebook, roster->exceptions, roster->exception_count);
}

void correlator_set_settled(struct correlator *correlator, int64_t time_us)
{
	ledger_set_settled(correlator->ledger, time_us);
}

void correlator_set_clock_step(struct correlator *correlator, int64_t step_us)
{
	correlator->clock_step_us = step_us;
}

void correlator_know_router(struct correlator *correlator, const struct address *address)
{
	ledger_know_host(correlator->ledger, address, HOST_ROUTER);
}

static int take_finding(struct correlator *correlator, const struct finding *finding,
    const struct casebook_clocks *clocks)
{
	const struct roster_member *member = roster_member(correlator->roster, finding->member);
	if (member->id == ROSTER_CANARY_ID && !finding->drill)
		return 0; /* somebody borrows its address */
	correlator->counts.findings++;
	return casebook_take(correlator->casebook, member->id, member->name, finding, clocks);
}

static int take_findings(struct correlator *correlator, const struct findings *findings,
    const struct casebook_clocks *clocks)
{
	int result = 0;
	for (size_t i = 0; i < findings->count; i++) {
		int taken = take_finding(correlator, &findings->all[i], clocks);
		if (result == 0)
			result = taken;
	}
	return result;
}

/* A scan is one thing under either of its names. */
static bool is_same(enum rule a, enum rule b)
{
	return a == b || (a == RULE_SCAN_DARK && b == RULE_SCAN_LIVE) ||
	       (a == RULE_SCAN_LIVE && b == RULE_SCAN_DARK);
}

static bool was_found(const struct finding *findings, size_t count, enum rule rule, bool drill)
{
	for (size_t i = 0; i < count; i++)
		if (is_same(findings[i].rule, rule) && findings[i].drill == drill)
			return true;
	return false;
}

/* What of this machine, if anything, was another's doing in its name. */
static bool has_forged(const struct subject *subject, bool drill)
{
	for (const struct track *track = subject->tracks; track != NULL; track = track->next)
		if (track->forged != 0 && (track->sum.key.drill != 0) == drill)
			return true;
	return false;
}

/* One of these may turn out to be another of them; what a machine suffers explains nothing. */
static bool are_kin(enum rule a, enum rule b)
{
	static const unsigned kins[] = {
	    1U << RULE_SCAN_DARK | 1U << RULE_SCAN_LIVE | 1U << RULE_SCAN_SWEEP |
		1U << RULE_CONFIG_STRAY,
	    1U << RULE_DDOS_VICTIM | 1U << RULE_DDOS_REFLECTOR,
	};
	for (size_t i = 0; i < sizeof kins / sizeof kins[0]; i++)
		if ((kins[i] & 1U << a) != 0 && (kins[i] & 1U << b) != 0)
			return true;
	return false;
}

/* What there is about a machine that was judged again. */
struct verdicts {
	const struct subject *subject;
	const struct finding *all;
	size_t count;
	uint32_t host_flags;
	bool has_forged[2]; /* of earnest, of drills */
};

static void find_why(const struct verdicts *verdicts, struct casebook_withdrawal *withdrawal)
{
	withdrawal->why = RETRACTION_LATER;
	for (size_t i = 0; i < verdicts->count; i++) {
		const struct finding *other = &verdicts->all[i];
		if (other->drill != withdrawal->drill || other->watch ||
		    !are_kin(other->rule, withdrawal->rule))
			continue;
		withdrawal->why = RETRACTION_OTHER;
		withdrawal->other = other->rule;
	}
	if (withdrawal->rule == RULE_SCAN_SWEEP &&
	    (verdicts->host_flags & (HOST_ROUTER | HOST_DHCP_SERVER)) != 0)
		withdrawal->why = RETRACTION_ROUTER;
	if (verdicts->has_forged[withdrawal->drill])
		withdrawal->why = RETRACTION_FORGED;
}

/* Whatever else there was about this machine does not hold any more. */
static void withdraw_others(struct correlator *correlator, const struct verdicts *verdicts,
    const struct casebook_clocks *clocks)
{
	const struct subject *subject = verdicts->subject;
	const struct roster_member *member = roster_member(correlator->roster, subject->member);
	for (int rule = 0; rule < RULE_COUNT; rule++) {
		for (int drill = 0; drill <= 1 && rule != RULE_SPOOF_MEMBER; drill++) {
			struct casebook_withdrawal none = {.subject = subject->address,
			    .rule = (enum rule)rule,
			    .drill = drill != 0,
			    .known_us = subject->first_us};
			if (was_found(verdicts->all, verdicts->count, none.rule, none.drill))
				continue;
			find_why(verdicts, &none);
			casebook_withdraw(correlator->casebook, member->id, &none, clocks);
		}
	}
}

static void withdraw(struct correlator *correlator, const struct subject *subject,
    const struct findings *findings, size_t first, const struct casebook_clocks *clocks)
{
	const struct verdicts verdicts = {
	    .subject = subject,
	    .all = findings->count > first ? &findings->all[first] : NULL,
	    .count = findings->count - first,
	    .host_flags = ledger_host_flags(correlator->ledger, &subject->address),
	    .has_forged = {has_forged(subject, false), has_forged(subject, true)},
	};
	withdraw_others(correlator, &verdicts, clocks);
}

/* Some subjects of which something is new. *ret_more: there may be others. */
static int judge_some(
    struct correlator *correlator, const struct casebook_clocks *clocks, bool *ret_more)
{
	struct findings findings;
	const struct subject *subject;
	size_t count = 0;
	int result = 0;
	findings_init(&findings, FINDINGS_BYTES);
	while (result == 0 && count < SUBJECTS_AT_ONCE &&
	       (subject = ledger_take_changed(correlator->ledger)) != NULL) {
		const size_t first = findings.count;
		result = judge_subject(correlator->judge, subject, &findings);
		if (result == 0)
			withdraw(correlator, subject, &findings, first, clocks);
		count++;
	}
	correlator->counts.judged += count;
	*ret_more = count == SUBJECTS_AT_ONCE;
	int taken = take_findings(correlator, &findings, clocks);
	findings_release(&findings);
	return result != 0 ? result : taken;
}

/* It marks what was sent in members' names, which judging subjects then leaves out. */
static int judge_all_members(struct correlator *correlator, const struct casebook_clocks *clocks)
{
	struct findings findings;
	if (!correlator->members_are_due)
		return 0;
	correlator->members_are_due = false;
	findings_init(&findings, FINDINGS_BYTES);
	int result = judge_members(correlator->judge, &findings);
	int taken = take_findings(correlator, &findings, clocks);
	findings_release(&findings);
	return result != 0 ? result : taken;
}

void correlator_settle(struct correlator *correlator)
{
	ledger_settle(correlator->ledger);
}

void correlator_mark_members(struct correlator *correlator)
{
	if (mark_members(correlator) == 0)
		correlator->members_are_due = false;
}

int correlator_judge(struct correlator *correlator, const struct casebook_clocks *clocks)
{
	const uint64_t before = correlator->counts.findings;
	bool more = true;
	int result = judge_all_members(correlator, clocks);
	while (more) {
		int judged = judge_some(correlator, clocks, &more);
		if (result == 0)
			result = judged;
	}
	if (correlator->counts.findings > before) {
		int raised = casebook_raise_spread(correlator->casebook);
		if (result == 0)
			result = raised;
	}
	casebook_tick(correlator->casebook, clocks);
	return result;
}

int64_t correlator_observed_us(const struct correlator *correlator)
{
	return correlator->observed_us;
}

void correlator_judge_all(struct correlator *correlator)
{
	ledger_mark_all_changed(correlator->ledger);
	correlator->members_are_due = true;
}

struct casebook *correlator_casebook(const struct correlator *correlator)
{
	return correlator->casebook;
}

void correlator_get_counts(
    const struct correlator *correlator, struct correlator_counts *ret_counts)
{
	*ret_counts = correlator->counts;
	ret_counts->evicted = ledger_evicted(correlator->ledger);
	ret_counts->hosts = ledger_host_count(correlator->ledger);
}
