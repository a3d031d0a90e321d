/*
 * names.h - what a machine calls itself, and its time zone, from its files.
 *
 * The domain may have come from whoever answered DHCP first, so only what is a name of a host is
 * believed. Nothing here fails: what cannot be found is "".
 */
#ifndef CMD_STATION_NAMES_H
#define CMD_STATION_NAMES_H

#include <stdbool.h>

#include "base/endpoint.h"
#include "base/zone.h"
#include "notify/wording.h"

enum {
	STATION_ZONE_BYTES = ZONE_NAME_BYTES
};

struct station_names {
	char host[HOST_BYTES];         /* as the kernel has it, with its domain or without */
	char domain[HOST_BYTES];       /* of the host's name, or the first to be searched */
	char mail_domain[HOST_BYTES];  /* /etc/mailname, or the domain where it has a dot */
	char zone[STATION_ZONE_BYTES]; /* IANA */
	enum language language;        /* of the environment */
};

/*
 * `root` stands before every path: "" for this machine, a folder for tests. Read are
 * /proc/sys/kernel/hostname, /etc/resolv.conf, /etc/mailname, /etc/localtime and /etc/timezone.
 */
void station_names_find(const char *root, struct station_names *ret_names);

/* "en", "ja": as files and the store name it (language_find() reads it). */
const char *station_language_name(enum language language);

/* Whether this machine has the file of a zone of this name; UTC needs none. */
bool station_zone_is_known(const char *name);

#endif
