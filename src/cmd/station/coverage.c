#include "cmd/station/coverage.h"

#include "base/when.h"

#define ADDRESSES_V4 INT64_C(4294967296)

struct coverage_reach coverage_reach(uint64_t dark_v4)
{
	if (dark_v4 == 0)
		return (struct coverage_reach){INT64_MAX, INT64_MAX};
	const double mean_s = (double)ADDRESSES_V4 / (COVERAGE_RATE * (double)dark_v4);
	const int64_t mean_us = (int64_t)(mean_s * 1e6);
	return (struct coverage_reach){mean_us, 3 * mean_us};
}

static int visit_prefix(void *context, const void *record)
{
	const struct store_prefix *stored = record;
	struct coverage *coverage = context;
	struct prefix prefix;
	const char *why;
	if (stored->dark && prefix_parse(stored->prefix, &prefix, &why) == 0 &&
	    !prefix_is_v4(&prefix))
		coverage->declared_v6++;
	return 0;
}

static int visit_heard(void *context, const void *record)
{
	const struct store_heard *heard = record;
	struct coverage *coverage = context;
	if (address_is_v4(&heard->address))
		coverage->heard_v4++;
	else
		coverage->heard_v6++;
	return 0;
}

int coverage_measure(const struct coverage_sources *sources, struct coverage *ret_coverage,
    struct complaint *complaint)
{
	const struct registry *registry = sources->roster->registry;
	const struct store_query prefixes = {.kind = STORE_PREFIX};
	const struct store_query heard = {.kind = STORE_HEARD};
	struct greynet_counts counts;
	struct coverage coverage = {.declared_v4 = registry_dark_v4_count(registry)};
	for (size_t i = 0; i < sources->config->dark.count; i++)
		coverage.declared_v6 += !prefix_is_v4(&sources->config->dark.list[i]);
	int result = store_each(sources->store, &prefixes, visit_prefix, &coverage, complaint);
	if (result == 0)
		result = store_each(sources->store, &heard, visit_heard, &coverage, complaint);
	if (result != 0)
		return result;
	coverage.learned_v4 = greynet_count_dark(sources->greynet, registry, &coverage.is_whole);
	greynet_get_counts(sources->greynet, &counts);
	coverage.is_blind = counts.is_blind;
	*ret_coverage = coverage;
	return 0;
}
