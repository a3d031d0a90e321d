/*
 * wording_internal.h - the messages by name. Included by src/notify/ and its tests only.
 *
 * One vocabulary per language, all of them strings in UTF-8; those that are phrases (notify/text.h)
 * have the meaning of their places here. `who` names a machine with its member, `ports` is what
 * ports_add writes ("TCP 23, 2323 and 4 more"), a `stamp` a time.
 */
#ifndef NOTIFY_WORDING_INTERNAL_H
#define NOTIFY_WORDING_INTERNAL_H

#include "notify/advice.h"
#include "notify/service.h"
#include "notify/text.h"
#include "notify/wording.h"

enum message {
	MESSAGE_JOINT,        /* between two sentences */
	MESSAGE_ITEM_JOINT,   /* between the items of a list */
	MESSAGE_WHO_MEMBER,   /* 1 address, 2 member */
	MESSAGE_WHO_LOCAL,    /* 1 address: the member made for private addresses */
	MESSAGE_WHO_STRANGER, /* 1 address of no member */
	MESSAGE_LOCAL,        /* the member made for private addresses, in place of a name */
	/* The headline: 1 who, 2 what it is doing. */
	MESSAGE_SAYS_DIRECT,
	MESSAGE_SAYS_ONE_WAY,
	MESSAGE_SAYS_POSSIBLY_FORGED,
	MESSAGE_SAYS_LIKELY_FORGED,
	/* Headlines of those to whom something is done: 1 who, 2 ports. */
	MESSAGE_SAYS_VICTIM,
	MESSAGE_SAYS_FLOODED,
	MESSAGE_SAYS_REFLECTED,
	MESSAGE_SAYS_FORGED_CROWD,     /* 1 member, 2 addresses */
	MESSAGE_SAYS_FORGED_UNCOUNTED, /* 1 member */
	/* What it is doing. */
	MESSAGE_DOING_SEARCH,        /* 1 what is sought, 2 ports */
	MESSAGE_DOING_SEARCH_INSIDE, /* the same among members' addresses */
	MESSAGE_DOING_VERTICAL,      /* 1 number of ports, 2 ports */
	MESSAGE_DOING_BLOCK,         /* 1 number of ports, 2 number of targets, 3 ports */
	MESSAGE_DOING_PROTOCOL,      /* 1 number of protocols */
	MESSAGE_DOING_DARK,          /* 1 ports */
	MESSAGE_DOING_LIVE,          /* 1 ports */
	MESSAGE_DOING_SWEEP,         /* 1 number of targets, 2 ports */
	MESSAGE_DOING_REFLECT,       /* 1 ports */
	MESSAGE_DOING_STRAY,         /* 1 ports */
	/* Ports: 1 the port, or the ICMP type. */
	MESSAGE_PORT_TCP,
	MESSAGE_PORT_UDP,
	MESSAGE_PORT_SCTP,
	MESSAGE_PORT_ICMP,
	MESSAGE_PORT_ICMP6,
	MESSAGE_PORT_PING,
	MESSAGE_PORT_PING6,
	MESSAGE_PORT_ARP,
	MESSAGE_PORT_ND,
	MESSAGE_PORT_OTHER, /* 1 port, 2 protocol */
	MESSAGE_PORT_BARE,  /* 1 protocol */
	MESSAGE_PORT_NAMED, /* 1 one of the above, 2 service */
	MESSAGE_PORTS_MORE, /* 1 list, 2 how many more */
	MESSAGE_PORTS_NONE,
	MESSAGE_SOUGHT, /* 1 what is sought, 2 ports: one item, for the steps */
	/* Labels. */
	MESSAGE_LABEL_WHEN,
	MESSAGE_LABEL_SURE,
	MESSAGE_LABEL_STEPS,
	MESSAGE_LABEL_NUMBERS,
	MESSAGE_DRILL_TAG,
	MESSAGE_DRILL_NOTE,
	MESSAGE_SEVERITY_TAG, /* 1 severity */
	/* When. */
	MESSAGE_STAMP,        /* 1 local, 2 UTC */
	MESSAGE_WHEN_ONCE,    /* 1 stamp */
	MESSAGE_WHEN_FIRST,   /* 1 stamp */
	MESSAGE_WHEN_LAST,    /* 1 stamp */
	MESSAGE_WHEN_LONG,    /* 1 duration */
	MESSAGE_WHEN_EVENTS,  /* 1 how often */
	MESSAGE_EVENT,        /* 1 stamp, 2 duration, 3 packets, 4 targets */
	MESSAGE_EVENTS_MORE,  /* 1 how many more */
	MESSAGE_DAYS,         /* 1 days, 2 hours */
	MESSAGE_HOURS,        /* 1 hours, 2 minutes */
	MESSAGE_MINUTES,      /* 1 minutes, 2 seconds */
	MESSAGE_SECONDS,      /* 1 seconds */
	MESSAGE_DAYS_EVEN,    /* 1 days: no hour beside them */
	MESSAGE_HOURS_EVEN,   /* 1 hours */
	MESSAGE_MINUTES_EVEN, /* 1 minutes */
	MESSAGE_NO_SECOND,
	/* How sure: 1 percent. */
	MESSAGE_SURE_CERTAIN,
	MESSAGE_SURE_VERY_LIKELY,
	MESSAGE_SURE_LIKELY,
	MESSAGE_SURE_POSSIBLE,
	MESSAGE_SENDERS_NOT_ACCUSED,
	MESSAGE_DARK_PARTLY_INFERRED, /* as the reason: 2 inferred dark addresses */
	MESSAGE_TTL_ONE,              /* for SPOOF_TTL_STEADY where both are the same: 1 the TTL */
	/* The numbers. */
	MESSAGE_NUMBERS_SENT,         /* 1 packets, 2 targets */
	MESSAGE_NUMBERS_DARK,         /* 1 dark targets */
	MESSAGE_NUMBERS_ANSWERED,     /* 1 packets, 2 receivers */
	MESSAGE_NUMBERS_RECEIVED,     /* 1 packets, 2 senders */
	MESSAGE_NUMBERS_RATE,         /* 1 packets per second */
	MESSAGE_NUMBERS_TOOL,         /* 1 packets, 2 tool */
	MESSAGE_NUMBERS_ROLE,         /* 1 role */
	MESSAGE_NUMBERS_SHAPE,        /* 1 shape */
	MESSAGE_NUMBERS_PORT,         /* 1 port, 2 packets, 3 addresses */
	MESSAGE_NUMBERS_PORT_PACKETS, /* 1 port, 2 packets: addresses were not counted */
	MESSAGE_NUMBERS_PORTS_MORE,   /* 1 how many more */
	MESSAGE_NUMBERS_SOURCE_PORTS, /* 1 list, 2 how many */
	/* Around the findings. */
	MESSAGE_OVERVIEW,      /* 1 findings, 2 parts */
	MESSAGE_OVERVIEW_PART, /* 1 how many, 2 severity */
	MESSAGE_NO_FINDING,
	MESSAGE_NO_FINDING_MEMBERS,
	MESSAGE_NO_FINDING_LOCAL, /* the same where no member was given */
	MESSAGE_STRANGERS,        /* 1 findings */
	MESSAGE_COLUMN_ADDRESS,
	MESSAGE_COLUMN_WHAT,
	MESSAGE_COLUMN_PACKETS,
	MESSAGE_COLUMN_TARGETS,
	MESSAGE_COLUMN_PORTS,
	MESSAGE_STRANGERS_MORE, /* 1 how many more */
	MESSAGE_WATCH,          /* 1 findings */
	MESSAGE_WATCH_LINE,     /* 1 who, 2 ports, 3 time, 4 reason */
	MESSAGE_WATCH_MORE,     /* 1 how many more */
	/* What was read. */
	MESSAGE_LABEL_READ,
	MESSAGE_READ,         /* 1 files, 2 packets, 3 bytes, 4 hosts */
	MESSAGE_READ_SPAN,    /* 1 stamp, 2 stamp, 3 duration */
	MESSAGE_READ_NOTHING, /* 1 files */
	MESSAGE_FILTERED,     /* 1 packets */
	MESSAGE_UNREAD,       /* 1 packets, 2 truncated, 3 malformed, 4 unsupported */
	MESSAGE_UNREAD_LINK,  /* 1 packets, 2 link type */
	MESSAGE_DROPPED,      /* 1 packets */
	MESSAGE_EVICTED,      /* 1 records */
	MESSAGE_OMITTED,      /* 1 findings */
	MESSAGE_FORGED,       /* 1 packets */
	MESSAGE_CLOCK,        /* 1 times */
	MESSAGE_DARK,         /* 1 addresses */
	MESSAGE_DARK_REACH,   /* 1 mean time, 2 three times that */
	MESSAGE_DARK_V6,      /* where no IPv4 address was declared */
	MESSAGE_DARK_INFERRED,
	MESSAGE_DARK_NONE,
	/* Strangers that were only counted. */
	MESSAGE_COUNTED_STRANGERS,      /* 1 addresses, 2 packets */
	MESSAGE_COUNTED_STRANGERS_MOST, /* 1 addresses at most, 2 packets */
	MESSAGE_COUNTED_MEANING,
	MESSAGE_COUNTED_PORTS,   /* before the list */
	MESSAGE_COUNTED_PORT,    /* 1 port, 2 share, 3 senders */
	MESSAGE_SHARE,           /* 1 percent */
	MESSAGE_SHARE_BELOW,     /* 1 percent */
	MESSAGE_COUNTED_IN_SUMS, /* 1 one of these, or both */
	MESSAGE_COUNTED_FOLDED,  /* 1 records */
	MESSAGE_COUNTED_REFUSED, /* 1 packets */
	MESSAGE_COUNT,
};

/* Strings only: a test walks it as an array. Reasons have the places that detect/finding.h tells.
 */
struct vocabulary {
	const char *messages[MESSAGE_COUNT];
	const char *severities[SEVERITY_COUNT];
	const char *titles[RULE_COUNT]; /* a few words, for tables */
	const char *roles[ROLE_COUNT];
	const char *shapes[SHAPE_COUNT];
	const char *attributions[ATTRIBUTION_COUNT]; /* sentences */
	const char *spoofs[SPOOF_COUNT];             /* sentences */
	const char *reasons[REASON_COUNT]; /* 1-3 the numbers; 2 of MARK is the tool's name */
	const char *spoof_reasons[SPOOF_REASON_COUNT];
	const char *tools[TOOL_COUNT];
	const char *services[SERVICE_COUNT]; /* "Windows file sharing, SMB" */
	const char *sought[SERVICE_COUNT];   /* "Windows file shares" */
	/* 1 address, 2 what is sought with ports, 3 first time, 4 ports; NULL where there are
	 * fewer. */
	const char *steps[ADVICE_COUNT][ADVICE_STEPS_MAX];
};

extern const struct vocabulary wording_en;
extern const struct vocabulary wording_ja;

/* Those in use: notify/wording_set.h. */
const struct vocabulary *wording_get(enum language language);

void wording_add(struct text *text, enum language language, enum message message,
    const struct value *values, size_t value_count);
/* A duration (wording_add_duration) for what lies between two times, which may come from anybody's
 * clock. */
void wording_add_span(struct text *text, enum language language, int64_t first_us, int64_t last_us);
/* One reason alone, as wording_why joins them. */
void wording_add_reason(
    struct text *text, enum language language, const struct reason_given *reason);

#endif
