/*
 * advice.h - which first steps fit a finding.
 *
 * By rule first; a search then by how surely the machine is the sender, by tool, by shape and by
 * what is sought, since a recorder is unplugged and restarted while a PC's memory must be kept, and
 * what looks for a printer is nearly always harmless. A misused service by its kind, since each is
 * closed by another setting.
 */
#ifndef NOTIFY_ADVICE_H
#define NOTIFY_ADVICE_H

#include "detect/finding.h"

/* Searches first, in the order in which they lead where several things are sought: see advice.c. */
enum advice {
	ADVICE_LOOKING,        /* something looks for a printer, a share, a screen */
	ADVICE_MONITORING,     /* as monitoring or an inventory does */
	ADVICE_PRINTER,        /* for printers */
	ADVICE_MACHINE,        /* something searches for other things */
	ADVICE_DATABASE,       /* a server searches for databases and the like */
	ADVICE_LOGIN,          /* for machines to log in to */
	ADVICE_ROUTER,         /* a router or the like searches for its like */
	ADVICE_DEVICE,         /* a camera or the like searches */
	ADVICE_REMOTE_DESKTOP, /* a PC searches for screens to take over */
	ADVICE_WINDOWS,        /* a PC searches for other PCs */
	ADVICE_TOOL,           /* with the mark of a scanning program */
	ADVICE_PROBE,          /* many ports or protocols of few machines */
	ADVICE_FORGED,         /* the sender's address may be forged */
	ADVICE_SWEEP,
	ADVICE_VICTIM,
	ADVICE_FLOODED,
	ADVICE_REFLECTED,
	ADVICE_REFLECTOR,
	ADVICE_REFLECTOR_DNS,
	ADVICE_REFLECTOR_NTP,
	ADVICE_REFLECTOR_MEMCACHED,
	ADVICE_REFLECTOR_DEVICE, /* of a router, a printer or the like: SSDP, SNMP, mDNS */
	ADVICE_STRAY,
	ADVICE_FORGED_MEMBER,
	ADVICE_STRANGER,
	ADVICE_COUNT,
};

enum {
	ADVICE_STEPS_MAX = 3, /* more are not done */
};

enum advice advice_for(const struct finding *finding);

/* Whether the finding holds this reason. */
bool advice_has_reason(const struct finding *finding, enum reason reason);

#endif
