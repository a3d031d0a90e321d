/*
 * answer_key.h - the key of a station by which the links in its letters are signed: a file of its
 * own, made with the station, or where it has none when it is needed.
 */
#ifndef CMD_STATION_ANSWER_KEY_H
#define CMD_STATION_ANSWER_KEY_H

#include "base/complaint.h"
#include "cmd/station/paths.h"
#include "web/answer_link.h"

#define ANSWER_KEY_NAME "answers.key"
#define ANSWER_KEY_FILE STATION_KEYS "/" ANSWER_KEY_NAME

/*
 * Makes it, whole or not at all, for whom its folder belongs to. 0, -EEXIST where there is one, or
 * another negative errno, each with a complaint.
 */
int station_answer_key_make(const struct station_dir *dir, struct complaint *complaint);
/* Reads it. 0, -ENOENT where there is none, or another negative errno, each with a complaint. */
int station_answer_key_read(
    const struct station_dir *dir, struct answer_key *ret_key, struct complaint *complaint);
/* The same, and makes it first where there is none. */
int station_answer_key_get(
    const struct station_dir *dir, struct answer_key *ret_key, struct complaint *complaint);

/*
 * Takes it from a descriptor of another process, before a sandbox is entered; a negative one is
 * none, and no key is there. 0, or a negative errno with a complaint.
 */
int station_answer_key_take(int fd, struct answer_key *ret_key, struct complaint *complaint);

#endif
