/*
 * surveys.h - organisations that scan the whole internet and say from where: their scans are no
 * sign of anything, and would hide what is.
 *
 * For showing alone: what decides a detection never asks who somebody says he is.
 */
#ifndef CMD_STATION_SURVEYS_H
#define CMD_STATION_SURVEYS_H

#include "base/address.h"

/* The organisation whose published ranges hold all of this; NULL for any other source. */
const char *survey_name(const struct prefix *source);

#endif
