/* observer_live.c - what an observer needs that goes on for months: time that passes without
 * packets, members that change, strangers told of now and then. */
#include <errno.h>

#include "base/table.h"
#include "observe/observer_internal.h"
#include "observe/strangers.h"

void observer_tick(struct observer *observer, int64_t now_us)
{
	/* never backward: a packet alone may say that the clock fell back */
	if (observer->window_us == INT64_MIN || now_us > observer->judged_us)
		observer_follow_clock(observer, now_us);
}

void observer_set_clock_step(struct observer *observer, int64_t step_us)
{
	observer->clock_step_us = step_us;
}

void observer_set_registry(struct observer *observer, const struct registry *registry)
{
	observer->context.registry = registry;
	observer->rules.registry = registry_view(registry);
	for (size_t i = 0; i < OBSERVER_SHARDS; i++) {
		size_t position = 0;
		struct host *host;
		while ((host = table_next(observer->shards[i].hosts.table, &position)) != NULL)
			host->member = (int16_t)registry_find_member(registry, &host->address);
	}
}

void observer_tell_hosts_again(struct observer *observer)
{
	for (size_t i = 0; i < OBSERVER_SHARDS; i++) {
		size_t position = 0;
		struct host *host;
		while ((host = table_next(observer->shards[i].hosts.table, &position)) != NULL)
			if (!host->queued)
				host->flags = 0;
	}
}

int observer_drain_strangers(struct observer *observer, size_t budget_bytes)
{
	struct darknets emptied;
	if (observer->darknets.arena == NULL || observer->sink.on_sum == NULL)
		return 0;
	int result = darknets_open(&observer->darknet_options, &emptied);
	if (result == 0)
		result = strangers_each_sum(
		    observer, budget_bytes, observer->sink.on_sum, observer->sink.context);
	if (result != 0) {
		darknets_close(&emptied);
		return result;
	}
	observer_unite_hosts(observer);
	darknets_close(&observer->darknets);
	observer->darknets = emptied;
	return 0;
}
