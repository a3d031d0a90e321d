#include "cmd/station/presence.h"

#include "base/when.h"
#include "observe/sighting.h"

enum {
	/* The kernel takes up to a second to call up what is, or down what was for a moment. */
	DOWNS_MIN = 2,
};

/* So late it calls down what is (linkwatch): within it nothing may have come any more. */
static int64_t until(const struct presence *presence, bool is_open)
{
	const int64_t late_us = is_open ? WHEN_SECOND_US : 0;
	const int64_t until_us = presence->looked_us - late_us;
	return until_us > presence->since_us ? until_us : presence->since_us;
}

enum presence_news presence_look(struct presence *presence, const struct presence_look *look)
{
	/* what brings frames while it is called down for some time (802.1X: dormant) is not */
	const bool brings = presence->downs >= DOWNS_MIN && look->frames > presence->frames;
	const bool is_watching = look->is_open && (look->is_up || brings);
	const bool was_watching = presence->is_watching;
	if (look->is_open && look->is_up)
		presence->downs = 0;
	else if (presence->downs < DOWNS_MIN)
		presence->downs++;
	presence->is_watching = is_watching;
	presence->frames = look->is_open ? look->frames : 0;
	if (is_watching)
		presence->looked_us = look->now_us;
	if (is_watching == was_watching)
		return PRESENCE_SAME;
	if (is_watching)
		presence->since_us = look->now_us;
	else
		presence->until_us = until(presence, look->is_open);
	return is_watching ? PRESENCE_BEGAN : PRESENCE_ENDED;
}

int64_t presence_until(const struct presence *presence, int64_t now_us, int64_t slack_us)
{
	if (!presence->is_watching)
		return presence->until_us;
	const int64_t settled_us = now_us - slack_us;
	const int64_t begun_us = settled_us - settled_us % SIGHTING_WINDOW_US;
	/* where the clock was set back since, it began in the future */
	const bool is_later = begun_us > presence->since_us || now_us < presence->since_us;
	return is_later ? begun_us : presence->since_us;
}
