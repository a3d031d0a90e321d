#include "cmd/station/surveys.h"

#include <assert.h>
#include <stddef.h>

/*
 * As they publish them for those who want to tell them apart or to opt out: Censys by "Censys
 * Internet Scanning Intro" (support.censys.io, article 360059603231), RWTH Aachen University by
 * researchscan.comsys.rwth-aachen.de. Most surveys publish none, and lists grow old: what is not
 * here may be one all the same.
 */
static const struct {
	const char *range;
	const char *name;
} published[] = {
    {"162.142.125.0/24", "Censys"},
    {"167.94.138.0/24", "Censys"},
    {"167.94.145.0/24", "Censys"},
    {"167.94.146.0/24", "Censys"},
    {"167.248.133.0/24", "Censys"},
    {"2602:80d:1000:b0cc:e::/80", "Censys"},
    {"2620:96:e000:b0cc:e::/80", "Censys"},
    {"137.226.113.0/26", "RWTH Aachen University"},
    {"2a00:8a60:1014:88::/64", "RWTH Aachen University"},
};
enum {
	PUBLISHED = sizeof published / sizeof published[0],
};

const char *survey_name(const struct prefix *source)
{
	static struct prefix ranges[PUBLISHED];
	static bool is_read;
	for (size_t i = 0; i < PUBLISHED && !is_read; i++) {
		const char *why;
		const int error = prefix_parse(published[i].range, &ranges[i], &why);
		assert(error == 0);
		(void)error;
	}
	is_read = true;
	for (size_t i = 0; i < PUBLISHED; i++)
		if (ranges[i].bits <= source->bits && prefix_contains(&ranges[i], &source->address))
			return published[i].name;
	return NULL;
}
