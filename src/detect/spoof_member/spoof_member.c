#include "detect/spoof_member/spoof_member.h"

#include <errno.h>
#include <stdlib.h>

#include "base/when.h"
#include "detect/confidence.h"

/*
 * One address of a member that sent very few packets of one kind and port. Addresses whose machines
 * are known to be there (two-way) do not make a crowd, but the crowd's forger may use them as well.
 */
struct few {
	int member;
	bool counts;
	uint8_t kind;
	uint8_t protocol;
	uint16_t port;
	int64_t first_us;
	struct subject *subject;
	struct track *track;
};

struct crowd {
	struct few *all;
	size_t count;
	size_t max;
};

static int compare_few(const void *a, const void *b)
{
	const struct few *x = a;
	const struct few *y = b;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	return address_compare(&x->subject->address, &y->subject->address);
}

static bool same_doing(const struct few *a, const struct few *b)
{
	return a->member == b->member && a->kind == b->kind && a->protocol == b->protocol &&
	       a->port == b->port;
}

static int add_few(struct crowd *crowd, struct subject *subject, struct track *track)
{
	if (crowd->count == crowd->max) {
		size_t more = crowd->max == 0 ? 256 : crowd->max * 2;
		struct few *all = reallocarray(crowd->all, more, sizeof *all);
		if (all == NULL)
			return -ENOMEM;
		crowd->all = all;
		crowd->max = more;
	}
	crowd->all[crowd->count++] = (struct few){
	    .member = subject->member,
	    .kind = track->sum.key.kind,
	    .protocol = track->sum.key.protocol,
	    .port = track->sum.key.port,
	    .first_us = track->sum.first_us,
	    .subject = subject,
	    .track = track,
	};
	return 0;
}

/* Only what a forger can bring about: few packets, and nobody answered them. */
static bool may_be_forged(
    const struct track *track, bool drill, const struct thresholds_spoof_member *limits)
{
	uint8_t kind = track->sum.key.kind;
	/* no replies: each machine of a flooded range refuses once, and is real */
	bool asks = kind == SIGHTING_REQUEST || kind == SIGHTING_PROBE;
	return asks && (track->sum.key.drill != 0) == drill && track->sum.packets > 0 &&
	       track->sum.packets <= limits->packets && track->sum.answers == 0;
}

/* In a ledger that goes on, who was one of a crowd may have sent more since. */
static void clear_mark(
    struct ledger *ledger, struct subject *subject, struct track *track, bool drill)
{
	if (!track->forged || (track->sum.key.drill != 0) != drill)
		return;
	track->forged = false;
	ledger_mark_changed(ledger, subject);
}

static int gather_subject(
    struct ledger *ledger, bool drill, struct subject *subject, struct crowd *crowd)
{
	const struct thresholds_spoof_member *limits = &ledger_thresholds(ledger)->spoof_member;
	bool two_way = (ledger_host_flags(ledger, &subject->address) & HOST_TWO_WAY) != 0;
	bool counts = !two_way && subject->packets <= limits->packets;
	for (struct track *track = subject->tracks; track != NULL; track = track->next) {
		clear_mark(ledger, subject, track, drill);
		if (!may_be_forged(track, drill, limits))
			continue;
		int result = add_few(crowd, subject, track);
		if (result != 0)
			return result;
		crowd->all[crowd->count - 1].counts = counts;
	}
	return 0;
}

static int gather(struct ledger *ledger, bool drill, struct crowd *crowd)
{
	size_t position = 0;
	struct subject *subject;
	while ((subject = ledger_next_subject(ledger, &position)) != NULL) {
		if (subject->member == MEMBER_NONE)
			continue;
		int result = gather_subject(ledger, drill, subject, crowd);
		if (result != 0)
			return result;
	}
	if (crowd->count > 0)
		qsort(crowd->all, crowd->count, sizeof *crowd->all, compare_few);
	return 0;
}

/* Addresses of the member that sent anything in the window, forged or not. */
static uint64_t count_senders(
    const struct ledger *ledger, int member, int64_t first_us, int64_t last_us)
{
	uint64_t senders = 0;
	size_t position = 0;
	const struct subject *subject;
	while ((subject = ledger_next_subject(ledger, &position)) != NULL)
		senders += subject->member == member && subject->packets > 0 &&
			   subject->first_us <= last_us && subject->last_us >= first_us;
	return senders;
}

static void add_to_finding(struct finding *finding, const struct few *few)
{
	if (address_compare(&few->subject->address, &finding->subject) < 0)
		finding->subject = few->subject->address;
	few->track->forged = true;
	finding->sources++;
	finding->packets += few->track->sum.packets;
	finding->targets += address_set_distinct(&few->track->sum.targets);
	if (few->track->sum.first_us < finding->first_us)
		finding->first_us = few->track->sum.first_us;
	if (few->track->sum.last_us > finding->last_us)
		finding->last_us = few->track->sum.last_us;
	const size_t max = sizeof finding->frames / sizeof finding->frames[0];
	if (few->track->sum.frames_first != 0 && finding->frame_chains < max)
		finding->frames[finding->frame_chains++] = few->track->sum.frames_first;
}

static void describe(
    const struct few *run, size_t count, uint64_t percent, struct finding *ret_finding)
{
	*ret_finding = (struct finding){
	    .rule = RULE_SPOOF_MEMBER,
	    .member = run->member,
	    .subject = run->subject->address,
	    .role = ROLE_VICTIM,
	    .drill = run->track->sum.key.drill != 0,
	    .first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	    .tool = -1,
	    .port_count = 1,
	};
	for (size_t i = 0; i < count; i++)
		add_to_finding(ret_finding, &run[i]);
	ret_finding->ports[0] = (struct finding_port){
	    .port = run->port,
	    .protocol = run->protocol,
	    .bare = run->track->sum.key.variant == VARIANT_PROTOCOL,
	    .packets = ret_finding->packets,
	    .targets = ret_finding->targets,
	};
	ret_finding->ports_listed = 1;
	finding_add_reason(ret_finding, REASON_MEMBER_CROWD, (int64_t)count, (int64_t)percent, 0);
}

struct judging {
	struct ledger *ledger;
	void (*give)(void *context, const struct finding *finding);
	void *context;
	int given_member; /* one finding per member: the first run speaks, all are marked */
};

/* The stretch of a run that lies within one window and has the most addresses that count. */
struct stretch {
	size_t first;
	size_t count;
	size_t counting;
};

static struct stretch densest(const struct few *run, size_t count, int64_t window_us)
{
	struct stretch best = {0};
	size_t counting = 0;
	for (size_t first = 0, end = 0; end < count; end++) {
		counting += run[end].counts;
		while (run[end].first_us - run[first].first_us > window_us)
			counting -= run[first++].counts;
		if (counting > best.counting)
			best = (struct stretch){first, end - first + 1, counting};
	}
	return best;
}

/* `run` holds all few-packet addresses of one member, kind and port, in order of time. */
static void judge_run(struct judging *judging, const struct few *run, size_t count)
{
	const struct thresholds_spoof_member *limits =
	    &ledger_thresholds(judging->ledger)->spoof_member;
	const struct stretch best = densest(run, count, limits->window_s * WHEN_SECOND_US);
	if (best.counting < limits->addresses)
		return;
	const struct few *chosen = &run[best.first];
	uint64_t senders = count_senders(
	    judging->ledger, chosen->member, chosen[0].first_us, chosen[best.count - 1].first_us);
	uint64_t percent = best.counting * 100 / (senders == 0 ? best.counting : senders);
	if (percent < limits->share_percent)
		return;
	struct finding finding;
	describe(chosen, best.count, percent, &finding);
	for (size_t i = 0; i < best.count; i++)
		ledger_mark_changed(judging->ledger, chosen[i].subject);
	finding.confidence = confidence_of(best.counting, limits->addresses);
	if (judging->given_member == chosen->member)
		return;
	judging->given_member = chosen->member;
	judging->give(judging->context, &finding);
}

int spoof_member_judge(struct ledger *ledger, bool drill,
    void (*give)(void *context, const struct finding *finding), void *context)
{
	struct crowd crowd = {0};
	int result = gather(ledger, drill, &crowd);
	if (result != 0)
		goto out;
	struct judging judging = {ledger, give, context, MEMBER_NONE};
	for (size_t first = 0; first < crowd.count;) {
		size_t end = first + 1;
		while (end < crowd.count && same_doing(&crowd.all[first], &crowd.all[end]))
			end++;
		judge_run(&judging, &crowd.all[first], end - first);
		first = end;
	}
out:
	free(crowd.all);
	return result;
}
