#include "cmd/station/keeper_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/operator.h"

enum {
	IDENTITY_BYTES = 17,
};

static int visit_identity(void *context, const void *record)
{
	const struct store_meta *meta = record;
	char *identity = context;
	(void)snprintf(identity, IDENTITY_BYTES, "%s", meta->value);
	return 0;
}

/* What tells this station's Message-IDs from those of others: made once. */
static int find_identity(
    struct store *store, char identity[static IDENTITY_BYTES], struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = "identity"}},
	};
	int result = store_each(store, &query, visit_identity, identity, complaint);
	if (result != 0 || identity[0] != '\0')
		return result;
	(void)snprintf(identity, IDENTITY_BYTES, "%016" PRIx64, hash_seed_random());
	struct store_meta meta = {.key = "identity", .value = identity};
	result = store_begin(store, complaint);
	if (result == 0)
		result = store_put(store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
	if (result != 0) {
		store_rollback(store);
		return result;
	}
	return store_commit(store, complaint);
}

static struct canary_rules canary_rules_of(const struct station_config *config)
{
	const enum station_channel to = config->canary.to;
	return (struct canary_rules){
	    .every_us = config->canary.every_us,
	    .deadline_us = config->canary.deadline_us,
	    .by_mail = to != STATION_CHANNEL_WEBHOOK,
	    .by_webhook = to != STATION_CHANNEL_MAIL,
	    .maildir = config->canary.maildir,
	};
}

static struct greynet_options greynet_of(const struct keeper_setup *setup)
{
	static const struct surroundings none;
	const struct station_config_watch *watch = &setup->config->watch;
	const struct surroundings *around =
	    setup->surroundings != NULL ? setup->surroundings : &none;
	return (struct greynet_options){
	    .ranges = watch->ranges.list,
	    .range_count = watch->ranges.count,
	    .is_auto = watch->ranges.is_auto,
	    .networks = around->networks,
	    .network_count = around->network_count,
	    .gateways = around->gateways,
	    .gateway_count = around->gateway_count,
	    .quiet_us = watch->quiet_us,
	};
}

static struct keeper_options options_of(
    const struct keeper_setup *setup, const char *identity, const struct message_secret *secret)
{
	const struct station_config *config = setup->config;
	const char *at = strrchr(config->mail.from, '@');
	return (struct keeper_options){
	    .store = setup->store,
	    .roster = {.dark = config->dark.list,
		.dark_count = config->dark.count,
		.language = (enum language)config->station.language,
		.zone = config->station.zone,
		.country = config->notices.country,
		.hours = config->notices.hours,
		.directory = setup->directory},
	    .correlator = {.thresholds = &config->thresholds,
		.memory_bytes = setup->memory_bytes,
		.casebook = {.quiet_us = 6 * WHEN_HOUR_US,
		    .close_us = 14 * WHEN_DAY_US,
		    .settle_us = config->notices.settle_us,
		    .doubt_us = config->thresholds.spoof_member.window_s * WHEN_SECOND_US,
		    .doubt_packets = config->thresholds.spoof_member.packets,
		    .update_gap_us = 10 * WHEN_MINUTE_US,
		    .incidents_max = 16384}},
	    .outbox = {.station = config->station.name,
		.from = config->mail.server.port != 0 ? config->mail.from : "",
		.desk = config->operator.mail,
		.host = at != NULL ? at + 1 : "hinomi.invalid",
		.identity = identity,
		.secret = secret,
		.canary_by_mail = canary_rules_of(config).by_mail,
		.canary_by_webhook = canary_rules_of(config).by_webhook,
		.canary_every_us = config->canary.every_us,
		.cap = config->notices.cap,
		.remind_us = config->notices.remind_us,
		.answers = {setup->answer_key, config->web.url, config->answers.valid_us}},
	    .canary = canary_rules_of(config),
	    .digest = {config->notices.digest.is_on, config->notices.digest.at},
	    .signing = setup->signing,
	    .posts = {config->alarms.down_us, config->alarms.silent_us},
	    .rest_us = config->alarms.rest_us,
	    .began_us = setup->began_us,
	    .settle_us = config->watch.settle_us,
	    .batches_us = setup->batches_us,
	    .frames = config->evidence.frames,
	    .greynet = greynet_of(setup),
	    .geo = setup->geo,
	    .is_exercise = station_config_is_exercise(setup->config),
	    .config = config,
	    .directory = setup->directory,
	    .io = setup->io,
	};
}

int keeper_set_up(const struct keeper_setup *setup, const struct keeper_clock *clock,
    struct keeper **ret_keeper, struct complaint *complaint)
{
	char identity[IDENTITY_BYTES] = "";
	struct message_secret secret;
	int result = find_identity(setup->store, identity, complaint);
	if (result == 0)
		result = message_secret_find(setup->store, &secret, complaint);
	if (result == 0)
		result = operator_settle(setup->store, setup->config, clock->wall_us, complaint);
	if (result != 0)
		return result;
	const struct keeper_options options = options_of(setup, identity, &secret);
	return keeper_new(&options, clock, ret_keeper, complaint);
}
