/*
 * words.h - what `hinomi init` and `hinomi check` say to people, in each language, as phrases
 * (notify/text.h). A test holds that all languages have the same places.
 */
#ifndef CMD_STATION_WORDS_H
#define CMD_STATION_WORDS_H

#include <stddef.h>

#include "notify/text.h"
#include "notify/wording.h"

enum station_word {
	WORD_JOINT, /* between the items of a list */

	/* What was found out about the machine. */
	WORD_HEADING,       /* 1 name of the station, 2 command: the first lines of station.yaml */
	WORD_HEADING_FOUND, /* before the lines that follow */
	WORD_INTERFACE,     /* 1 name, 2 kind, 3 state, 4 networks */
	WORD_KIND_OTHER,
	WORD_KIND_LOOPBACK,
	WORD_KIND_ETHERNET,
	WORD_KIND_GUEST,
	WORD_KIND_VIRTUAL,
	WORD_STATE_UP,
	WORD_STATE_NO_CARRIER,
	WORD_STATE_DOWN,
	WORD_NO_NETWORK,
	WORD_MORE_INTERFACES, /* 1 how many */
	WORD_GATEWAY,         /* 1 address, 2 interface */
	WORD_ZONE,            /* 1 zone */
	WORD_MAIL_DOMAIN,     /* 1 domain */

	/* hinomi init */
	WORD_MADE,  /* 1 directory */
	WORD_FOUND, /* 1 list */
	WORD_FOUND_NOTHING,
	WORD_WATCHES, /* 1 sources */
	WORD_WATCHES_NONE,
	WORD_IS_DOWN,      /* 1 interface */
	WORD_TELLS_NOBODY, /* 1 file */
	WORD_DEMO,         /* 1 members, 2 mail server */
	WORD_NEXT,         /* 1 command */

	/* hinomi backup and restore */
	WORD_BACKED_UP, /* 1 directory, 2 archive, 3 its size */
	WORD_BACKED_UP_KEYS,
	WORD_BACKED_UP_NO_KEYS,
	WORD_RESTORED, /* 1 directory, 2 when it was copied */
	WORD_RESTORED_BESIDE,
	WORD_RESTORED_LACKS, /* 1 a message in English, as it is */

	/* hinomi check: how it went, what was checked, what came out. */
	WORD_LEVEL_OK,
	WORD_LEVEL_WARNING,
	WORD_LEVEL_WRONG,
	WORD_CHECK_DIRECTORY,
	WORD_CHECK_CONFIGURATION,
	WORD_CHECK_SETTINGS,
	WORD_CHECK_WORDING,
	WORD_CHECK_FILES,
	WORD_CHECK_DISK,
	WORD_CHECK_SOURCES,
	WORD_CHECK_LISTEN,
	WORD_CHECK_DARK,
	WORD_CHECK_NOTICES,
	WORD_CHECK_MAIL,
	WORD_CHECK_SIGNING,
	WORD_CHECK_PAGE,
	WORD_CHECK_CLOCK,
	WORD_CHECK_ALARMS,
	WORD_SAYS,             /* 1 a message in English, as it is */
	WORD_CONFIGURATION_OK, /* 1 file */
	WORD_SETTINGS_NONE,
	WORD_SETTINGS_DIFFERENT, /* 1 key, 2 value, 3 without the file, 4 file */
	WORD_SETTINGS_SAME,      /* 1 key, 2 value, 3 file */
	WORD_SETTINGS_ALONE,     /* 1 why station.yaml is not right without them, 2 file */
	WORD_WORDING_BUILT_IN,
	WORD_FILES_OK,
	WORD_FILE_MODE,    /* 1 file, 2 mode, 3 expected */
	WORD_FILE_OWNER,   /* 1 file, 2 owner */
	WORD_FILE_MISSING, /* 1 file */
	WORD_FILE_KIND,    /* 1 file */
	WORD_DISK_OK,      /* 1 free, 2 of so much */
	WORD_DISK_LOW,     /* 1 free, 2 wanted */
	WORD_SOURCES_OK,   /* 1 sources */
	WORD_SOURCES_NONE,
	WORD_SOURCE_MISSING,    /* 1 source, 2 interfaces */
	WORD_SOURCE_DOWN,       /* 1 interface */
	WORD_SOURCE_NO_CARRIER, /* 1 interface */
	WORD_SOURCE_FILE,       /* 1 file, 2 error */
	WORD_LISTEN_OK,
	WORD_LISTEN_UNNEEDED,
	WORD_LISTEN_REFUSED, /* 1 error */
	WORD_DARK_OK,        /* 1 how many ranges */
	WORD_DARK_LEARNED,
	WORD_DARK_OURS,  /* 1 our address, 2 interface, 3 range */
	WORD_NOTICES_OK, /* 1 ways */
	WORD_NOTICES_NOBODY,
	WORD_NOTICES_ONE_WAY, /* 1 the way */
	WORD_NOTICES_SENDER,  /* 1 sender */
	WORD_MAIL_UNNEEDED,
	WORD_MAIL_OK,          /* 1 server, 2 address */
	WORD_MAIL_UNKNOWN,     /* 1 server, 2 error */
	WORD_MAIL_UNREACHABLE, /* 1 server, 2 error */
	WORD_SIGNING_UNNEEDED,
	WORD_SIGNING_OK,    /* 1 algorithm, 2 until */
	WORD_SIGNING_ENDED, /* 1 when */
	WORD_SIGNING_LATER, /* 1 from when */
	WORD_SIGNING_ENDS,  /* 1 when */
	WORD_SIGNING_OTHER, /* 1 whose it is, 2 sender */
	WORD_SIGNING_SELF,
	WORD_PAGE_OFF,
	WORD_PAGE_OK,      /* 1 address and port */
	WORD_PAGE_OPEN,    /* 1 address and port */
	WORD_PAGE_ENDED,   /* 1 file, 2 when */
	WORD_PAGE_LATER,   /* 1 file, 2 from when */
	WORD_PAGE_ENDS,    /* 1 file, 2 when */
	WORD_CLOCK_OK,     /* 1 now */
	WORD_CLOCK_BEHIND, /* 1 now, 2 a time that has passed */
	WORD_CLOCK_ALONE,  /* 1 now */
	WORD_ALARMS_OK,
	WORD_ALARM_STANDS, /* 1 what is wrong, 2 since when */
	WORD_SUM_OK,
	WORD_SUM, /* 1 warnings, 2 wrong */

	/* hinomi check --end-to-end: stages of a canary (canary.h), in their order, */
	WORD_STAGE_SENT,
	WORD_STAGE_FOUND,
	WORD_STAGE_WRITTEN,
	WORD_STAGE_ACCEPTED,
	WORD_STAGE_ARRIVED,
	/* what is said of each: 1 seconds since it was begun, */
	WORD_WAS_SENT, /* 2 source */
	WORD_WAS_FOUND,
	WORD_WAS_WRITTEN,
	WORD_WAS_ACCEPTED, /* 2 list of these */
	WORD_BY_MAIL,
	WORD_BY_WEBHOOK,
	WORD_WAS_ARRIVED,       /* 2 mailbox */
	WORD_WAS_ARRIVED_BLIND, /* where no mailbox is named */
	/* and where it did not get there: 1 how long that may take, */
	WORD_NOT_SENT,
	WORD_NOT_FOUND,
	WORD_NOT_WRITTEN,
	WORD_NOT_ACCEPTED, /* 2 what the server said */
	WORD_NOT_ANSWERED, /* the server has said nothing */
	WORD_NOT_ARRIVED,  /* 2 mailbox */
	WORD_REFUSED,      /* 1 what the server said */
	WORD_NOT_YET,      /* 1 what the server said */
	WORD_WAS_FLYING,
	WORD_ARRIVES, /* 1 seconds */
	WORD_ARRIVES_NOT,
	STATION_WORDS
};

void station_words_add(struct text *text, enum language language, enum station_word word,
    const struct value *values, size_t count);

/* The values of a phrase, and how many: station_words_add(&text, language, word, VALUES(a, b)). */
#define VALUES(...)                                                                                \
	(const struct value[]){__VA_ARGS__},                                                       \
	    sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)

/* The phrase itself. */
const char *station_word(enum language language, enum station_word word);

#endif
