#include "cmd/station/presence.h"

#include "observe/sighting.h"

enum presence_news presence_look(struct presence *presence, const struct presence_look *look)
{
	/* what was down at both ends of a time in which frames came (802.1X: dormant) is not */
	const bool brings = !presence->was_up && look->frames > presence->frames;
	const bool is_watching = look->is_open && (look->is_up || brings);
	const bool was_watching = presence->is_watching;
	presence->was_up = look->is_open && look->is_up;
	presence->is_watching = is_watching;
	presence->frames = look->is_open ? look->frames : 0;
	if (is_watching)
		presence->looked_us = look->now_us;
	if (is_watching == was_watching)
		return PRESENCE_SAME;
	if (is_watching)
		presence->since_us = look->now_us;
	else
		presence->until_us = presence->looked_us;
	return is_watching ? PRESENCE_BEGAN : PRESENCE_ENDED;
}

int64_t presence_until(const struct presence *presence, int64_t now_us, int64_t slack_us)
{
	if (!presence->is_watching)
		return presence->until_us;
	const int64_t settled_us = now_us - slack_us;
	const int64_t begun_us = settled_us - settled_us % SIGHTING_WINDOW_US;
	return begun_us > presence->since_us ? begun_us : presence->since_us;
}
