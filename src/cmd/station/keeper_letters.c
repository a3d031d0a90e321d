/* keeper_letters.c - what a keeper keeps so that the one after it writes the same letters. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/station/keeper_internal.h"

#define SETTLED_KEY "keeper.settled"

/* ---- Since when all hosts were heard of ---- */

void keeper_begin(struct keeper *keeper, int64_t observed_us)
{
	keeper->has_begun = true;
	keeper->settled_us = observed_us + keeper->options.settle_us;
	keeper->settled_is_new = true;
	correlator_set_settled(keeper->correlator, keeper->settled_us);
}

static int visit_settled(void *context, const void *record)
{
	const struct store_meta *meta = record;
	*(int64_t *)context = strtoll(meta->value, NULL, 10); /* 0 for what is none: long ago */
	return 0;
}

int keeper_resume(struct keeper *keeper, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = SETTLED_KEY}},
	};
	int result = store_each(
	    keeper->options.store, &query, visit_settled, &keeper->settled_us, complaint);
	keeper->has_begun = true;
	correlator_set_settled(keeper->correlator, keeper->settled_us);
	return result;
}

static int write_settled(struct keeper *keeper, struct complaint *complaint)
{
	char value[24];
	struct store_meta meta = {.key = SETTLED_KEY, .value = value};
	if (!keeper->settled_is_new)
		return 0;
	(void)snprintf(value, sizeof value, "%" PRId64, keeper->settled_us); /* fits */
	return store_put(keeper->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

/* ---- Regular reports ---- */

static struct digest_clock digest_clock_of(const struct keeper_clock *clock)
{
	return (struct digest_clock){clock->wall_us, clock->monotonic_us};
}

/* Those that were learned; the registry knows the declared ones. */
static uint64_t count_learned(void *context)
{
	const struct keeper *keeper = context;
	bool is_whole; /* if not, there are more */
	return greynet_count_dark(keeper->greynet, keeper->roster->registry, &is_whole);
}

int keeper_open_letters(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct digest_clock now = digest_clock_of(clock);
	const struct tally_options tally = {
	    .store = keeper->options.store,
	    .roster = (const struct roster *const *)&keeper->roster,
	    .members_max = TALLY_MEMBERS_MAX,
	};
	int result = tally_new(&tally, &keeper->tally, complaint);
	if (result != 0)
		return result;
	const struct digest_options digest = {
	    .store = keeper->options.store,
	    .outbox = keeper->outbox,
	    .tally = keeper->tally,
	    .is_on = keeper->options.digest.is_on,
	    .at = keeper->options.digest.at,
	    .count_learned = count_learned,
	    .context = keeper,
	};
	result = digest_new(&digest, &now, &keeper->digest, complaint);
	const struct certificate_watch_options certificates = {
	    .store = keeper->options.store,
	    .outbox = keeper->outbox,
	    .own = keeper->options.signing,
	    .address = keeper->options.outbox.from,
	};
	if (result == 0)
		result = certificate_watch_new(&certificates, &keeper->certificates, complaint);
	if (result == 0 &&
	    delivery_watch_new(keeper->options.store, keeper->outbox, &keeper->delivery) != 0)
		result = complain(complaint, -ENOMEM, "out of memory for the keeper");
	return result;
}

void keeper_close_letters(struct keeper *keeper)
{
	certificate_watch_free(keeper->certificates);
	delivery_watch_free(keeper->delivery);
	digest_free(keeper->digest);
	tally_free(keeper->tally);
}

void keeper_note_packets(struct keeper *keeper, uint64_t epoch, uint64_t packets)
{
	tally_note_packets(keeper->tally, epoch, packets);
}

static void report_delivery(void *context, const struct delivery_report *report)
{
	struct keeper *keeper = context;
	const struct alarm_report alarm = {
	    .alarm = report->alarm,
	    .what = report->what,
	    .detail = report->detail,
	    .is_on = report->is_on,
	    .since_us = report->since_us,
	    .number = report->number,
	};
	keeper_raise(keeper, &alarm, keeper->wall_us);
}

static void watch_delivery(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint = {""};
	const struct delivery_reporter reporter = {report_delivery, keeper};
	if (!store_is_suspect(keeper->options.store) &&
	    delivery_watch_look(
		keeper->delivery, keeper->roster, clock->monotonic_us, &reporter, &complaint) != 0)
		keeper_log(keeper, "store", complaint.text);
}

void keeper_follow_letters(struct keeper *keeper, const struct keeper_clock *clock)
{
	const int64_t ended_us = intake_ended_us(keeper->intake);
	watch_delivery(keeper, clock);
	tally_note_canary(keeper->tally, canary_last(keeper->canary));
	if (keeper->ended_us != INT64_MAX && ended_us != keeper->ended_us)
		digest_note_window(keeper->digest);
	keeper->ended_us = ended_us;
}

bool keeper_owes_letters(const struct keeper *keeper, const struct keeper_clock *clock)
{
	const struct digest_clock now = digest_clock_of(clock);
	return tally_is_due(keeper->tally, clock->monotonic_us) ||
	       digest_is_due(keeper->digest, keeper->roster, &now) ||
	       certificate_watch_is_due(
		   keeper->certificates, keeper->roster, clock->wall_us, clock->monotonic_us);
}

int keeper_write_reports(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct digest_clock now = digest_clock_of(clock);
	keeper->wrote_reports = keeper_owes_letters(keeper, clock);
	if (!keeper->wrote_reports)
		return 0;
	int result = digest_write(keeper->digest, keeper->roster, &now, complaint);
	if (result == 0)
		result = certificate_watch_write(
		    keeper->certificates, keeper->roster, clock->wall_us, complaint);
	return result != 0
		   ? result
		   : tally_write(keeper->tally, keeper->order_us, clock->monotonic_us, complaint);
}

/* ---- Writing ---- */

int keeper_write_letters(
    struct keeper *keeper, const struct casebook_clocks *clocks, struct complaint *complaint)
{
	size_t position = 0;
	struct incident told;
	int result = outbox_write_news(keeper->outbox, keeper->roster, clocks, complaint);
	while (result == 0 && outbox_next_told(keeper->outbox, &position, &told))
		result = archive_write_told(keeper->archive, &told, complaint);
	return result != 0 ? result : write_settled(keeper, complaint);
}

void keeper_commit_letters(struct keeper *keeper)
{
	outbox_commit(keeper->outbox);
	keeper->settled_is_new = false;
	if (!keeper->wrote_reports)
		return;
	keeper->wrote_reports = false;
	digest_commit(keeper->digest);
	certificate_watch_commit(keeper->certificates);
	tally_commit(keeper->tally);
}

void keeper_forget_letters(struct keeper *keeper)
{
	outbox_forget(keeper->outbox);
	if (!keeper->wrote_reports)
		return;
	keeper->wrote_reports = false;
	digest_forget(keeper->digest);
	certificate_watch_forget(keeper->certificates);
	tally_forget(keeper->tally);
}
