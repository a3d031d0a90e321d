/*
 * client.h - asks a station for what service.h can do: the one that runs, by its control socket, or
 * where none runs, a keeper of our own, under the station's lock.
 */
#ifndef CMD_STATION_CLIENT_H
#define CMD_STATION_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/paths.h"

struct station_client;

/*
 * Who is at work on the station is waited for, for a quarter of a minute at most: another command,
 * or a station that is about to start. Returns 0, or a negative errno with a complaint.
 */
int station_client_open(
    const struct station_dir *dir, struct station_client **ret_client, struct complaint *complaint);
/* The same, but only one that runs: -ENOENT, without a complaint, when none does. */
int station_client_reach(
    const struct station_dir *dir, struct station_client **ret_client, struct complaint *complaint);
void station_client_close(struct station_client *client); /* NULL is allowed */

/* Else letters go out once it does. */
bool station_client_has_station(const struct station_client *client);

/*
 * Asks, and gives each line of the answer but the last, without its end, to `on_record` (which may
 * be NULL). Returns 0 when it was done; -EREMOTEIO with the station's own complaint when it was
 * not; another negative errno when there was no answer. What on_record returns other than 0 ends
 * it.
 */
int station_client_ask(struct station_client *client, const char *request, size_t length,
    int (*on_record)(void *context, const char *line), void *context);
/* Of the last call. */
const struct complaint *station_client_complaint(const struct station_client *client);

#endif
