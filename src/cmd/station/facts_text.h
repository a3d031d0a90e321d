/*
 * facts_text.h - what was found out about a machine, in words.
 */
#ifndef CMD_STATION_FACTS_TEXT_H
#define CMD_STATION_FACTS_TEXT_H

#include "cmd/station/discover.h"
#include "notify/text.h"
#include "notify/wording.h"

/* A line for each interface, gateway and name, each begun by two blanks and ended by a newline. */
void station_facts_add_lines(
    struct text *text, enum language language, const struct station_facts *facts);

/* The same as a list in one line: interfaces that are up, with their networks. "" for nothing. */
void station_facts_add_list(
    struct text *text, enum language language, const struct station_facts *facts);

#endif
