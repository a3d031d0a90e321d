#include "detect/spoof_member/spoof_member.h"

#include <errno.h>
#include <stdlib.h>

#include "base/when.h"
#include "detect/confidence.h"
#include "detect/spoof_member/senders.h"

/*
 * What one address of a member did at one time: an interval of a track with very few packets.
 * Addresses whose machines are known to be there (two-way) do not make a crowd, but the crowd's
 * forger may use them as well.
 */
struct few {
	int member;
	bool two_way;
	bool counts;
	bool stands;  /* as far as is known it is of a crowd */
	bool settled; /* it is, and is not looked at again */
	uint8_t kind;
	uint8_t protocol;
	uint8_t interval; /* of its track */
	uint16_t port;
	int64_t first_us;
	uint64_t packets; /* of the address in its burst */
	struct subject *subject;
	struct track *track;
};

struct crowd {
	struct few *all;
	size_t count;
	size_t max;
	struct senders *senders; /* of all members */
	int error;               /* of a look at them that had no memory: all it asked for stands */
};

/*
 * Where one crowd falls, those that shared addresses with it may: each round costs a look at all.
 * What stands after so many rounds is believed.
 */
enum {
	ROUNDS_MAX = 16
};

static int compare_doings(const struct few *x, const struct few *y)
{
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

static int compare_few(const void *a, const void *b)
{
	const struct few *x = a;
	const struct few *y = b;
	int order = compare_doings(x, y);
	if (order != 0)
		return order;
	if (x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	order = address_compare(&x->subject->address, &y->subject->address);
	return order != 0 ? order : sighting_key_compare(&x->track->sum.key, &y->track->sum.key);
}

/* Within a burst: what one address did stands together. */
static int compare_in_burst(const void *a, const void *b)
{
	const struct few *x = a;
	const struct few *y = b;
	int order = address_compare(&x->subject->address, &y->subject->address);
	return order != 0 ? order : compare_few(a, b);
}

static int add_few(struct crowd *crowd, const struct few *few)
{
	if (crowd->count == crowd->max) {
		size_t more = crowd->max == 0 ? 256 : crowd->max * 2;
		struct few *all = reallocarray(crowd->all, more, sizeof *all);
		if (all == NULL)
			return -ENOMEM;
		crowd->all = all;
		crowd->max = more;
	}
	crowd->all[crowd->count++] = *few;
	return 0;
}

/* More than this in a day is no crowd's: of a track so many intervals are told apart. */
static uint64_t most_packets(const struct thresholds_spoof_member *limits)
{
	return (uint64_t)limits->packets * TRACK_INTERVALS_MAX;
}

/* Only what a forger can bring about: few packets, and nobody answered them. */
static bool may_be_forged(
    const struct track *track, bool drill, const struct thresholds_spoof_member *limits)
{
	uint8_t kind = track->sum.key.kind;
	/* no replies: each machine of a flooded range refuses once, and is real */
	bool asks = kind == SIGHTING_REQUEST || kind == SIGHTING_PROBE;
	return asks && (track->sum.key.drill != 0) == drill && track->sum.packets > 0 &&
	       track->sum.packets <= most_packets(limits) && track->sum.answers == 0;
}

/*
 * In a ledger that goes on: of a crowd of which some may be forgotten already, nothing new can be
 * said. What was found when it was whole stays.
 */
static bool is_settled(const struct ledger *ledger, const struct interval *interval)
{
	const struct thresholds_spoof_member *limits = &ledger_thresholds(ledger)->spoof_member;
	const int64_t forgotten_us = ledger_forgotten_us(ledger);
	return forgotten_us != INT64_MIN && interval->packets <= limits->packets &&
	       interval->first_us < forgotten_us + limits->window_s * WHEN_SECOND_US;
}

/* Likewise who was one of a crowd may have sent more since. */
static void clear_marks(
    struct ledger *ledger, struct subject *subject, struct track *track, bool drill)
{
	if (track->forged == 0 || (track->sum.key.drill != 0) != drill)
		return;
	for (size_t i = 0; i < track->interval_count; i++)
		if (!is_settled(ledger, &track->intervals[i]))
			track->forged &= (uint8_t) ~(1U << i);
	ledger_mark_changed(ledger, subject);
}

static int gather_track(
    struct crowd *crowd, const struct few *of_subject, const struct thresholds_spoof_member *limits)
{
	struct few few = *of_subject;
	few.kind = few.track->sum.key.kind;
	few.protocol = few.track->sum.key.protocol;
	few.port = few.track->sum.key.port;
	int result = 0;
	for (uint8_t i = 0; i < few.track->interval_count && result == 0; i++) {
		const struct interval *interval = &few.track->intervals[i];
		few.settled = (few.track->forged & 1U << i) != 0;
		if (interval->packets > limits->packets)
			continue;
		few.stands = few.settled;
		few.interval = i;
		few.first_us = interval->first_us;
		few.packets = interval->packets;
		result = add_few(crowd, &few);
	}
	return result;
}

static int gather_subject(
    struct ledger *ledger, bool drill, struct subject *subject, struct crowd *crowd)
{
	const struct thresholds_spoof_member *limits = &ledger_thresholds(ledger)->spoof_member;
	struct few few = {
	    .member = subject->member,
	    .two_way = (ledger_host_flags(ledger, &subject->address) & HOST_TWO_WAY) != 0,
	    .subject = subject,
	};
	int result = 0;
	for (few.track = subject->tracks; few.track != NULL && result == 0;
	     few.track = few.track->next) {
		clear_marks(ledger, subject, few.track, drill);
		if (may_be_forged(few.track, drill, limits))
			result = gather_track(crowd, &few, limits);
	}
	return result;
}

static int gather(struct ledger *ledger, bool drill, struct crowd *crowd)
{
	size_t position = 0;
	struct subject *subject;
	while ((subject = ledger_next_subject(ledger, &position)) != NULL) {
		if (subject->member == MEMBER_NONE)
			continue;
		int result = senders_add(crowd->senders, subject);
		if (result == 0)
			result = gather_subject(ledger, drill, subject, crowd);
		if (result != 0)
			return result;
	}
	if (crowd->count > 0)
		qsort(crowd->all, crowd->count, sizeof *crowd->all, compare_few);
	return 0;
}

static size_t end_of_run(const struct crowd *crowd, size_t first)
{
	size_t end = first + 1;
	while (end < crowd->count && compare_doings(&crowd->all[first], &crowd->all[end]) == 0)
		end++;
	return end;
}

static void set_stands(struct few *few, bool stands)
{
	const uint8_t bit = (uint8_t)(1U << few->interval);
	few->stands = stands || few->settled;
	few->track->forged =
	    (uint8_t)(few->stands ? few->track->forged | bit : few->track->forged & ~bit);
}

/*
 * A burst goes on while as many addresses as make a crowd begin within an interval's gap. In it
 * each sends few packets, all together: machines that go on by themselves, slowly, have no end
 * between them, and soon exceed that, however their intervals fall.
 */
static void weigh_burst(struct few *burst, size_t count, uint64_t packets_max)
{
	qsort(burst, count, sizeof *burst, compare_in_burst);
	for (size_t first = 0; first < count;) {
		size_t end = first;
		uint64_t packets = 0;
		while (end < count && burst[end].subject == burst[first].subject)
			packets += burst[end++].packets;
		for (; first < end; first++) {
			burst[first].packets = packets;
			set_stands(&burst[first], packets <= packets_max);
		}
	}
	qsort(burst, count, sizeof *burst, compare_few);
}

static void weigh_bursts(const struct ledger *ledger, const struct thresholds_spoof_member *limits,
    struct few *run, size_t count)
{
	const size_t addresses = limits->addresses;
	const int64_t event_us = ledger_event_gap_us(ledger, run->track);
	const int64_t window_us = limits->window_s * WHEN_SECOND_US;
	const int64_t gap_us = window_us > event_us ? window_us : event_us;
	size_t first = 0; /* of the burst; up to `end` it is known to go on */
	size_t end = 0;
	for (size_t i = 0; i + addresses <= count; i++) {
		if (run[i + addresses - 1].first_us - run[i].first_us > gap_us)
			continue;
		if (i >= end) {
			weigh_burst(&run[first], end - first, limits->packets);
			first = i;
		}
		end = i + addresses;
	}
	weigh_burst(&run[first], end - first, limits->packets);
}

static uint64_t forged_packets(const struct track *track)
{
	uint64_t packets = 0;
	for (size_t i = 0; i < track->interval_count; i++)
		if ((track->forged & 1U << i) != 0)
			packets += track->intervals[i].packets;
	return packets;
}

/* All that it sent, other than in crowds, is as little. */
static bool counts_for_crowd(const struct few *few, const struct thresholds_spoof_member *limits)
{
	if (few->settled)
		return true;
	if (few->two_way || few->subject->packets > most_packets(limits))
		return false;
	uint64_t in_crowds = 0;
	for (const struct track *track = few->subject->tracks; track != NULL; track = track->next)
		if (track->sum.key.drill == few->track->sum.key.drill)
			in_crowds += forged_packets(track);
	return few->subject->packets + few->packets <= limits->packets + in_crowds;
}

/* A part of a run: addresses that did the same of which at any time enough come within the window.
 */
struct stretch {
	size_t first;
	size_t end;
	size_t addresses;
	size_t counting;  /* of them */
	uint64_t percent; /* of the member's addresses that sent anything then */
};

/* The next stretch of a run from `from` on. False where there is none. */
static bool find_stretch(const struct few *run, size_t count, size_t from,
    const struct thresholds_spoof_member *limits, struct stretch *ret_stretch)
{
	const int64_t window_us = limits->window_s * WHEN_SECOND_US;
	size_t counting = 0; /* in the window that ends here */
	bool found = false;
	for (size_t first = from, end = from; end < count; end++) {
		counting += run[end].stands && run[end].counts;
		while (run[end].first_us - run[first].first_us > window_us) {
			counting -= run[first].stands && run[first].counts;
			first++;
		}
		if (counting < limits->addresses)
			continue;
		if (found && first >= ret_stretch->end)
			return true;
		if (!found)
			ret_stretch->first = first;
		ret_stretch->end = end + 1;
		found = true;
	}
	return found;
}

static void measure_stretch(struct crowd *crowd, const struct thresholds_spoof_member *limits,
    const struct few *run, struct stretch *stretch)
{
	stretch->addresses = stretch->counting = 0;
	for (size_t i = stretch->first; i < stretch->end; i++) {
		stretch->addresses += run[i].stands;
		stretch->counting += run[i].stands && run[i].counts;
	}
	const int result = senders_choose(crowd->senders, run->member);
	stretch->percent = 100;
	if (result != 0) {
		crowd->error = result;
		return;
	}
	/* with so many it is less than the share */
	const uint64_t enough = limits->share_percent == 0
				    ? UINT64_MAX
				    : stretch->counting * 100 / limits->share_percent + 1;
	const uint64_t senders = senders_count(
	    crowd->senders, run[stretch->first].first_us, run[stretch->end - 1].first_us, enough);
	if (senders > 0)
		stretch->percent = stretch->counting * 100 / senders;
}

/* Takes from those that stand; true where any fell. */
static bool let_fall(struct few *run, size_t first, size_t end)
{
	bool fell = false;
	for (size_t i = first; i < end; i++) {
		fell |= run[i].stands && !run[i].settled;
		if (run[i].stands)
			set_stands(&run[i], false);
	}
	return fell;
}

/* True where something fell that seemed to be of a crowd. */
static bool weigh_run(struct crowd *crowd, const struct thresholds_spoof_member *limits,
    struct few *run, size_t count)
{
	struct stretch stretch;
	bool fell = false;
	size_t from = 0;
	for (size_t i = 0; i < count; i++)
		run[i].counts = run[i].stands && counts_for_crowd(&run[i], limits);
	while (find_stretch(run, count, from, limits, &stretch)) {
		measure_stretch(crowd, limits, run, &stretch);
		fell |= let_fall(run, from, stretch.first);
		if (stretch.percent < limits->share_percent)
			fell |= let_fall(run, stretch.first, stretch.end);
		from = stretch.end;
	}
	return let_fall(run, from, count) || fell;
}

static bool weigh_runs(struct crowd *crowd, const struct thresholds_spoof_member *limits)
{
	bool fell = false;
	for (size_t first = 0; first < crowd->count;) {
		const size_t end = end_of_run(crowd, first);
		fell |= weigh_run(crowd, limits, &crowd->all[first], end - first);
		first = end;
	}
	return fell;
}

/* Finds those that stand. */
static void weigh(const struct ledger *ledger, struct crowd *crowd)
{
	const struct thresholds_spoof_member *limits = &ledger_thresholds(ledger)->spoof_member;
	for (size_t first = 0; first < crowd->count;) {
		const size_t end = end_of_run(crowd, first);
		weigh_bursts(ledger, limits, &crowd->all[first], end - first);
		first = end;
	}
	for (int round = 0; round < ROUNDS_MAX && weigh_runs(crowd, limits); round++)
		;
}

static uint64_t targets_within(const struct track *track, const struct interval *interval)
{
	const struct address_set *targets = &track->sum.targets;
	uint64_t count = 0;
	for (size_t i = 0; i < targets->count; i++)
		count += targets->items[i].first_us <= interval->last_us &&
			 targets->items[i].last_us >= interval->first_us;
	return track->interval_count == 1 ? address_set_distinct(targets) : count;
}

static void add_to_finding(struct finding *finding, const struct few *few)
{
	const struct track *track = few->track;
	const struct interval *interval = &track->intervals[few->interval];
	if (address_compare(&few->subject->address, &finding->subject) < 0)
		finding->subject = few->subject->address;
	finding->packets += interval->packets;
	finding->targets += targets_within(track, interval);
	if (interval->first_us < finding->first_us)
		finding->first_us = interval->first_us;
	if (interval->last_us > finding->last_us)
		finding->last_us = interval->last_us;
	/* once for each address, however often it was used */
	if ((track->forged & ((1U << few->interval) - 1)) != 0)
		return;
	finding->sources++;
	const size_t max = sizeof finding->frames / sizeof finding->frames[0];
	if (track->sum.frames_first != 0 && finding->frame_chains < max)
		finding->frames[finding->frame_chains++] = track->sum.frames_first;
}

static void describe(
    const struct few *run, size_t count, const struct stretch *fullest, struct finding *ret_finding)
{
	*ret_finding = (struct finding){
	    .rule = RULE_SPOOF_MEMBER,
	    .member = run->member,
	    .subject = run[fullest->first].subject->address,
	    .role = ROLE_VICTIM,
	    .drill = run->track->sum.key.drill != 0,
	    .first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	    .tool = -1,
	    .port_count = 1,
	};
	for (size_t i = 0; i < count; i++)
		if (run[i].stands)
			add_to_finding(ret_finding, &run[i]);
	ret_finding->ports[0] = (struct finding_port){
	    .port = run->port,
	    .protocol = run->protocol,
	    .bare = run->track->sum.key.variant == VARIANT_PROTOCOL,
	    .packets = ret_finding->packets,
	    .targets = ret_finding->targets,
	};
	ret_finding->ports_listed = 1;
	finding_add_reason(ret_finding, REASON_MEMBER_CROWD, (int64_t)fullest->addresses,
	    (int64_t)fullest->percent, 0);
}

struct judging {
	struct ledger *ledger;
	struct crowd *crowd;
	void (*give)(void *context, const struct finding *finding);
	void *context;
	int given_member; /* one finding per member: the first run speaks, all are marked */
};

/* `run` holds all few-packet addresses of one member, kind and port, in order of time. */
static void judge_run(struct judging *judging, struct few *run, size_t count)
{
	const struct thresholds_spoof_member *limits =
	    &ledger_thresholds(judging->ledger)->spoof_member;
	struct stretch fullest = {0};
	struct stretch stretch;
	for (size_t from = 0; find_stretch(run, count, from, limits, &stretch);
	     from = stretch.end) {
		measure_stretch(judging->crowd, limits, run, &stretch);
		if (stretch.counting > fullest.counting)
			fullest = stretch;
	}
	for (size_t i = 0; i < count; i++)
		if (run[i].stands)
			ledger_mark_changed(judging->ledger, run[i].subject);
	if (fullest.counting == 0 || judging->given_member == run->member)
		return;
	struct finding finding;
	describe(run, count, &fullest, &finding);
	finding.confidence = confidence_of(fullest.counting, limits->addresses);
	judging->given_member = run->member;
	judging->give(judging->context, &finding);
}

int spoof_member_judge(struct ledger *ledger, bool drill,
    void (*give)(void *context, const struct finding *finding), void *context)
{
	struct crowd crowd = {.senders = senders_new()};
	int result = crowd.senders == NULL ? -ENOMEM : gather(ledger, drill, &crowd);
	if (result != 0)
		goto out;
	weigh(ledger, &crowd);
	struct judging judging = {ledger, &crowd, give, context, MEMBER_NONE};
	for (size_t first = 0; first < crowd.count;) {
		const size_t end = end_of_run(&crowd, first);
		judge_run(&judging, &crowd.all[first], end - first);
		first = end;
	}
	result = crowd.error;
out:
	senders_free(crowd.senders);
	free(crowd.all);
	return result;
}
