/* checks_alarms.c - what a station told its operator, and is not over. */
#include <time.h>

#include "base/when.h"
#include "cmd/station/alarms.h"
#include "cmd/station/checks.h"

/* A time in UTC, as the other checks show theirs. */
static void say_standing(struct checking *checking, const struct alarm_standing *standing)
{
	char title[LETTER_SUBJECT_BYTES];
	char since[WHEN_TEXT_BYTES];
	const char *what = standing->what[0] != '\0' ? standing->what : NULL;
	letter_alarm_title(checking->language, standing->alarm, what, title);
	when_format_utc(standing->since_us, since);
	check_say(checking, CHECK_WARNING, WORD_ALARM_STANDS,
	    VALUES(value_of_text(title), value_of_text(since)));
}

static int say_all(struct checking *checking, struct store *store, struct complaint *complaint)
{
	const struct alarms_options options = {.store = store};
	struct alarm_standing standing;
	struct alarms *alarms = NULL;
	struct timespec now;
	size_t position = 0;
	bool stands = false;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	int result = alarms_new(&options, now.tv_sec * WHEN_SECOND_US, &alarms, complaint);
	while (result == 0 && alarms_next(alarms, &position, &standing)) {
		say_standing(checking, &standing);
		stands = true;
	}
	if (result == 0 && !stands)
		check_say(checking, CHECK_OK, WORD_ALARMS_OK, NULL, 0);
	alarms_free(alarms);
	return result;
}

void check_alarms(struct checking *checking)
{
	char database[STATION_DIR_PATH_BYTES];
	struct complaint complaint;
	struct store *store = NULL;
	station_dir_path(&checking->dir, STATION_DATABASE, database);
	const struct store_options options = {
	    .engine = "sqlite", .path = database, .read_only = true};
	int result = store_open(&options, &store, &complaint);
	if (result == 0)
		result = say_all(checking, store, &complaint);
	/* what else is wrong may be the reason, and was said */
	if (result != 0 && checking->counts[CHECK_WRONG] == 0)
		check_say(checking, CHECK_WRONG, WORD_SAYS, VALUES(value_of_text(complaint.text)));
	store_close(store);
}
