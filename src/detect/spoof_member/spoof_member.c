#include "detect/spoof_member/spoof_member.h"

#include <errno.h>
#include <stdlib.h>

#include "base/when.h"
#include "detect/confidence.h"

/* One address of a member that sent very few packets of one kind and port. */
struct few {
	int member;
	uint8_t kind;
	uint8_t protocol;
	uint16_t port;
	int64_t first_us;
	struct subject *subject;
	const struct track *track;
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

static int add_few(struct crowd *crowd, struct subject *subject, const struct track *track)
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

/* Only what a forger can bring about: packets towards others, from an address never heard back. */
static bool may_be_forged(struct ledger *ledger, const struct subject *subject)
{
	const struct thresholds_spoof_member *limits = &ledger_thresholds(ledger)->spoof_member;
	return subject->member != MEMBER_NONE && subject->packets > 0 &&
	       subject->packets <= limits->packets &&
	       (ledger_host_flags(ledger, &subject->address) & HOST_TWO_WAY) == 0;
}

static int gather(struct ledger *ledger, bool drill, struct crowd *crowd)
{
	size_t position = 0;
	struct subject *subject;
	while ((subject = ledger_next_subject(ledger, &position)) != NULL) {
		if (!may_be_forged(ledger, subject))
			continue;
		for (const struct track *track = subject->tracks; track != NULL;
		     track = track->next) {
			uint8_t kind = track->sum.key.kind;
			bool counts = kind == SIGHTING_REQUEST || kind == SIGHTING_REPLY ||
				      kind == SIGHTING_PROBE;
			if (!counts || (track->sum.key.drill != 0) != drill ||
			    track->sum.packets == 0)
				continue;
			int result = add_few(crowd, subject, track);
			if (result != 0)
				return result;
		}
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
	few->subject->forged = true;
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
	int given_member; /* one finding per member: the first and largest run speaks */
};

/* `run` holds all few-packet addresses of one member, kind and port, in order of time. */
static void judge_run(struct judging *judging, const struct few *run, size_t count)
{
	const struct thresholds_spoof_member *limits =
	    &ledger_thresholds(judging->ledger)->spoof_member;
	if (count < limits->addresses)
		return;
	int64_t window_us = limits->window_s * WHEN_SECOND_US;
	size_t best_first = 0;
	size_t best = 0;
	for (size_t first = 0, end = 0; end < count; end++) {
		while (run[end].first_us - run[first].first_us > window_us)
			first++;
		if (end - first + 1 > best) {
			best = end - first + 1;
			best_first = first;
		}
	}
	if (best < limits->addresses)
		return;
	const struct few *chosen = &run[best_first];
	uint64_t senders = count_senders(
	    judging->ledger, chosen->member, chosen[0].first_us, chosen[best - 1].first_us);
	if (best * 100 < senders * limits->share_percent)
		return;
	struct finding finding;
	describe(chosen, best, best * 100 / (senders == 0 ? best : senders), &finding);
	finding.confidence = confidence_of(best, limits->addresses);
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
