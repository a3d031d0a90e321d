/* notice_verbs.h - verbs of `hinomi notice` that have files of their own. */
#ifndef CMD_NOTICE_VERBS_H
#define CMD_NOTICE_VERBS_H

#include "cmd/manage.h"

/* notice_preview.c: a letter about a made-up finding; and all words of a language. */
extern const char *const notice_preview_options[];
int notice_preview(struct manage *manage);
extern const char *const notice_wording_options[];
int notice_wording(struct manage *manage);

/*
 * What stands above and below a letter that a station wrote: its names and its clocks. Reads
 * station.yaml and the words of the directory that is open. An exit status.
 */
struct notice_station;
int notice_station_open(struct manage *manage, struct notice_station **ret_station);
const struct letter_setting *notice_station_setting(const struct notice_station *station);
const char *notice_station_from(const struct notice_station *station); /* its address for mail */
void notice_station_close(struct notice_station *station);             /* NULL is allowed */

#endif
