#include "cmd/station/surveys.h"

#include <assert.h>
#include <stddef.h>

/* As they publish them for those who want to tell them apart: Censys on its page about opting out,
 * Shadowserver and Rapid7 (Project Sonar) on those about their scans. */
static const struct {
	const char *range;
	const char *name;
} published[] = {
    {"162.142.125.0/24", "Censys"},
    {"167.94.138.0/24", "Censys"},
    {"167.94.145.0/24", "Censys"},
    {"167.94.146.0/24", "Censys"},
    {"167.248.133.0/24", "Censys"},
    {"199.45.154.0/23", "Censys"},
    {"206.168.32.0/22", "Censys"},
    {"66.132.148.0/24", "Censys"},
    {"66.132.153.0/24", "Censys"},
    {"66.132.159.0/24", "Censys"},
    {"66.132.172.0/24", "Censys"},
    {"2602:80d:1000::/44", "Censys"},
    {"2620:96:e000::/48", "Censys"},
    {"64.62.202.96/27", "Shadowserver"},
    {"65.49.20.64/26", "Shadowserver"},
    {"74.82.47.0/26", "Shadowserver"},
    {"184.105.139.64/26", "Shadowserver"},
    {"184.105.143.128/26", "Shadowserver"},
    {"184.105.247.192/26", "Shadowserver"},
    {"216.218.206.64/26", "Shadowserver"},
    {"5.63.151.96/27", "Rapid7"},
    {"71.6.233.0/24", "Rapid7"},
    {"88.202.190.128/27", "Rapid7"},
    {"109.123.117.224/27", "Rapid7"},
    {"146.185.25.160/27", "Rapid7"},
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
