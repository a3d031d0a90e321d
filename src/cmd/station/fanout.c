#include "cmd/station/fanout.h"

#include <assert.h>

static void on_sighting(void *context, const struct sighting *sighting)
{
	const struct fanout *fanout = context;
	for (size_t i = 0; i < fanout->count; i++)
		fanout->to[i]->on_sighting(fanout->to[i]->context, sighting);
}

static void on_host(void *context, const struct host *host)
{
	const struct fanout *fanout = context;
	for (size_t i = 0; i < fanout->count; i++)
		fanout->to[i]->on_host(fanout->to[i]->context, host);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	const struct fanout *fanout = context;
	for (size_t i = 0; i < fanout->count; i++)
		fanout->to[i]->on_carrier(fanout->to[i]->context, carrier);
}

static void on_window_end(void *context, int64_t window_us)
{
	const struct fanout *fanout = context;
	for (size_t i = 0; i < fanout->count; i++)
		fanout->to[i]->on_window_end(fanout->to[i]->context, window_us);
}

static void on_sum(void *context, const struct sum *sum)
{
	const struct fanout *fanout = context;
	for (size_t i = 0; i < fanout->count; i++)
		if (fanout->to[i]->on_sum != NULL)
			fanout->to[i]->on_sum(fanout->to[i]->context, sum);
}

void fanout_init(struct fanout *fanout)
{
	*fanout = (struct fanout){
	    .sink =
		{
		    .context = fanout,
		    .on_sighting = on_sighting,
		    .on_host = on_host,
		    .on_carrier = on_carrier,
		    .on_window_end = on_window_end,
		    .on_sum = on_sum,
		},
	};
}

void fanout_add(struct fanout *fanout, const struct observer_sink *to)
{
	assert(fanout->count < FANOUT_MAX);
	fanout->to[fanout->count++] = to;
}
