/* notice_station.c - what letters show of the station that wrote them. */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/notice_verbs.h"
#include "cmd/station/config.h"
#include "cmd/station/wording_files.h"
#include "notify/letter.h"

struct notice_station {
	struct station_config config;
	struct wording_set *wording;
	struct zone *zone;
	struct letter_setting setting;
};

static int read_station(
    struct notice_station *station, struct manage *manage, struct complaint *complaint)
{
	struct station_config *config = &station->config;
	int result = station_config_read(&manage->dir, config, complaint);
	if (result == 0)
		result = wording_files_read(&manage->dir, &station->wording, complaint);
	if (result == 0)
		result = zone_open(config->station.zone, &station->zone, complaint);
	if (result != 0)
		return result;
	wording_use(station->wording);
	station->setting = (struct letter_setting){.language = manage->language,
	    .zone = station->zone,
	    .station = config->station.name[0] != '\0' ? config->station.name : NULL,
	    .desk = config->operator.mail[0] != '\0' ? config->operator.mail : NULL, };
	return 0;
}

int notice_station_open(struct manage *manage, struct notice_station **ret_station)
{
	struct complaint complaint = {"out of memory"};
	int status = manage_open_dir(manage);
	if (status != 0)
		return status;
	struct notice_station *station = calloc(1, sizeof *station);
	if (station == NULL || read_station(station, manage, &complaint) != 0) {
		notice_station_close(station);
		return cmd_fail("%s", complaint.text);
	}
	*ret_station = station;
	return 0;
}

const struct letter_setting *notice_station_setting(const struct notice_station *station)
{
	return &station->setting;
}

const char *notice_station_from(const struct notice_station *station)
{
	return station->config.mail.from;
}

void notice_station_close(struct notice_station *station)
{
	if (station == NULL)
		return;
	wording_use(NULL);
	wording_set_free(station->wording);
	zone_free(station->zone);
	free(station);
}
