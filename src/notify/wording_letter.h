/*
 * wording_letter.h - the words of letters by name, beside those of notify/wording_internal.h.
 * Included by src/notify/ and its tests only.
 *
 * All are phrases (notify/text.h) with the meaning of their places here. A `stamp` is a time on the
 * reader's clocks and in UTC, a `time` one on the reader's clocks alone.
 */
#ifndef NOTIFY_WORDING_LETTER_H
#define NOTIFY_WORDING_LETTER_H

#include "notify/advice.h"
#include "notify/letter.h"
#include "notify/text.h"
#include "notify/wording.h"

enum phrase {
	/* Subjects. */
	PHRASE_TAG_DRILL,
	PHRASE_TAG_UPDATE,
	PHRASE_TAG_RELAPSE,
	PHRASE_TAG_REMINDER,
	PHRASE_TAG_ESCALATION,
	PHRASE_SUBJECT,              /* 1 tags, 2 severity, 3 urgency, 4 who, 5 what */
	PHRASE_SUBJECT_QUIET,        /* 1 who, 2 what */
	PHRASE_SUBJECT_RETRACTION,   /* 1 who, 2 what */
	PHRASE_SUBJECT_WHO,          /* 1 member, 2 address */
	PHRASE_WHAT_MAYBE_FORGED,    /* 1 what */
	PHRASE_WHAT_PROBABLY_FORGED, /* 1 what */
	/* Which machine. */
	PHRASE_HEADING_MACHINE,
	PHRASE_ADDRESS,      /* 1 address */
	PHRASE_ADDRESS_NONE, /* 1 address: one of those forged */
	PHRASE_SEEN_ONCE,    /* 1 stamp */
	PHRASE_SEEN_FIRST,   /* 1 stamp */
	PHRASE_SEEN_LAST,    /* 1 stamp */
	PHRASE_LOGS_FROM,    /* 1 address, 2 ports: what it asked for */
	PHRASE_LOGS_TO,      /* 1 address, 2 ports of it */
	PHRASE_LOGS_ANSWERS, /* 1 address, 2 ports of others */
	PHRASE_LOGS_SERVICE, /* 1 address, 2 ports of it, both ways */
	/* How sure. */
	PHRASE_HEADING_SURE,
	/* What to do. */
	PHRASE_HEADING_STEPS,
	/* Whom to call. */
	PHRASE_HEADING_WHOM,
	PHRASE_PASTE,
	PHRASE_PASTE_BEGIN,        /* 1 station */
	PHRASE_PASTE_TIMES,        /* 1 stamp, 2 stamp */
	PHRASE_PASTE_ONCE,         /* 1 stamp */
	PHRASE_PASTE_SOURCE_PORTS, /* 1 list, 2 how many */
	PHRASE_PASTE_DESTINATIONS, /* 1 addresses, 2 ports */
	PHRASE_PASTE_REFERENCE,    /* 1 incident */
	/* If nothing is done. */
	PHRASE_HEADING_NEGLECT,
	/* The link. */
	PHRASE_HEADING_ANSWER,
	PHRASE_ANSWER,
	PHRASE_ANSWER_CHOICES,
	/* Numbers. */
	PHRASE_HEADING_NUMBERS,
	PHRASE_INCIDENT, /* 1 incident, 2 rule */
	PHRASE_HEADING_PROGRAMS,
	PHRASE_ATTACHED,
	/* Updates. */
	PHRASE_HEADING_CHANGED,
	PHRASE_CHANGED_SEVERITY, /* 1 now, 2 before */
	PHRASE_CHANGED_SPREAD,   /* 1 now, 2 before */
	PHRASE_CHANGED_PORTS,    /* 1 now, 2 before */
	PHRASE_CHANGED_LASTING,  /* 1 duration since it was first seen */
	PHRASE_CHANGED_SINCE,    /* 1 time of the last letter */
	/* Quiet. */
	PHRASE_QUIET, /* 1 stamp */
	PHRASE_QUIET_ABOUT,
	PHRASE_HEADING_MEANING,
	PHRASE_QUIET_ACTOR_MEANS,
	PHRASE_QUIET_ACTOR_MENDED,
	PHRASE_QUIET_ACTOR_OPEN,
	PHRASE_QUIET_VICTIM_MEANS,
	PHRASE_QUIET_VICTIM_STEP,
	PHRASE_QUIET_FORGED_MEANS,
	PHRASE_QUIET_FORGED_STEP,
	PHRASE_QUIET_AGAIN,
	/* Relapse. */
	PHRASE_RELAPSE, /* 1 time of the quiet, 2 how often by now */
	PHRASE_RELAPSE_LOOK,
	/* Nobody has answered. */
	PHRASE_HEADING_UNANSWERED,
	PHRASE_REMINDER,   /* 1 time of the last letter */
	PHRASE_ESCALATION, /* 1 member, 2 time of the first */
	/* Several organisations behind an address. */
	PHRASE_EGRESS, /* 1 address, 2 which log tells whose it was */
	/* Retraction. */
	PHRASE_RETRACTION,     /* 1 time of the letter, 2 incident */
	PHRASE_RETRACTION_ALL, /* 1 time of the last letter, 2 incident */
	PHRASE_RETRACTION_SORRY,
	PHRASE_HEADING_RETRACTION,
	PHRASE_RETRACTION_LATER,
	PHRASE_RETRACTION_FORGED,
	PHRASE_RETRACTION_ROUTER,
	PHRASE_RETRACTION_OTHER, /* 1 what it is */
	PHRASE_RETRACTION_EXCEPTION,
	PHRASE_RETRACTION_NOTE, /* 1 what was noted with the exception */
	PHRASE_RETRACTION_NOTHING,
	PHRASE_RETRACTION_DONE, /* 1 whom to tell */
	/* The end of each letter. */
	PHRASE_SENT_MEMBER,   /* 1 station, 2 member */
	PHRASE_SENT_OPERATOR, /* 1 station */
	PHRASE_SENT_NEW,      /* 1 station: to an address that nobody has confirmed */
	PHRASE_DESK,          /* 1 whom to ask */
	PHRASE_DESK_UNKNOWN,  /* in place of a name */
	PHRASE_STATION,       /* in place of a name */
	/* Above each page on paper. */
	PHRASE_PRINT_INCIDENT, /* 1 incident */
	PHRASE_PRINT_WRITTEN,  /* 1 time */
	PHRASE_PRINT_STATION,  /* 1 station */
	PHRASE_PRINT_DESK,     /* 1 whom to ask */
	/* Verification. */
	PHRASE_VERIFY_SUBJECT,          /* 1 member */
	PHRASE_VERIFY_SUBJECT_OPERATOR, /* 1 station */
	PHRASE_VERIFY,                  /* 1 station, 2 member */
	PHRASE_VERIFY_OPERATOR,         /* 1 station */
	PHRASE_HEADING_CODE,
	PHRASE_VERIFY_UNTIL, /* 1 stamp */
	PHRASE_VERIFY_YES,   /* 1 whom to tell */
	PHRASE_VERIFY_NO,
	/* Canary. */
	PHRASE_CANARY_SUBJECT, /* 1 number */
	PHRASE_CANARY,         /* 1 number, 2 station */
	PHRASE_CANARY_MEANING, /* 1 how often */
	PHRASE_CANARY_ON_DEMAND,
	PHRASE_HEADING_TIMES,
	PHRASE_CANARY_MADE,    /* 1 stamp */
	PHRASE_CANARY_FOUND,   /* 1 stamp */
	PHRASE_CANARY_WRITTEN, /* 1 stamp */
	/* Alarms of the station. */
	PHRASE_ALARM_SUBJECT,      /* 1 title */
	PHRASE_ALARM_SUBJECT_OVER, /* 1 title */
	PHRASE_ALARM_OVER,         /* 1 title, 2 stamp, 3 duration */
	PHRASE_ALARM_DETAIL,       /* 1 what was reported */
	/* Many at once. */
	PHRASE_SUMMARY_SUBJECT, /* 1 member or station, 2 how many */
	PHRASE_SUMMARY,         /* 1 how many, 2 time, 3 letters that were sent */
	PHRASE_SUMMARY_WHY,
	PHRASE_HEADING_KINDS,
	PHRASE_SUMMARY_KIND, /* 1 what or how grave, 2 how many */
	PHRASE_HEADING_URGENT,
	PHRASE_SUMMARY_STEP_COMMON,
	PHRASE_SUMMARY_STEP_URGENT,
	PHRASE_SUMMARY_STEP_ASK,    /* 1 whom to ask */
	PHRASE_SUMMARY_TABLE,       /* 1 how many are in the table, 2 of */
	PHRASE_CERTIFICATE_SUBJECT, /* 1 title */
	/* Digest. */
	PHRASE_DIGEST_SUBJECT,       /* 1 member, 2 packets */
	PHRASE_DIGEST_SUBJECT_BLIND, /* 1 member */
	PHRASE_DIGEST_ALIVE,         /* 1 packets, 2 time, 3 time */
	PHRASE_DIGEST_BLIND,         /* 1 time, 2 time, 3 whom to tell */
	PHRASE_DIGEST_JUDGED,        /* 1 member, 2 packets */
	PHRASE_DIGEST_JUDGED_NONE,   /* 1 member */
	PHRASE_HEADING_WATCH,
	PHRASE_DIGEST_DARK,     /* 1 addresses */
	PHRASE_DIGEST_NO_GAP,   /* 1 duration that was watched */
	PHRASE_DIGEST_GAPS,     /* 1 duration that was watched, 2 how many, 3 duration */
	PHRASE_DIGEST_LOST,     /* 1 packets */
	PHRASE_DIGEST_CANARIES, /* 1 arrived, 2 sent */
	PHRASE_HEADING_INCIDENTS,
	PHRASE_DIGEST_NOTHING,
	PHRASE_DIGEST_INCIDENTS, /* 1 new, 2 closed, 3 open */
	PHRASE_DIGEST_INCIDENT,  /* 1 number, 2 line */
	PHRASE_HEADING_SMALL,
	PHRASE_DIGEST_LINE, /* 1 severity, 2 who, 3 what, 4 ports, 5 time */
	PHRASE_DIGEST_NONE,
	PHRASE_DIGEST_MORE, /* 1 how many */
	PHRASE_HEADING_ABSENCE,
	PHRASE_DIGEST_ABSENCE,       /* 1 days, 2 whom to tell */
	PHRASE_DIGEST_ABSENCE_DAILY, /* 2 whom to tell */
	PHRASE_COUNT,
};

/* Of an alarm: 1 what it is about, 2 duration, 3 number, 4 stamp of its beginning. */
struct letter_alarm_words {
	const char *title; /* a few words: of the places only 1 */
	const char *says;
	const char *means;
	const char *steps[ADVICE_STEPS_MAX]; /* NULL where there are fewer */
};

/*
 * Of a certificate: 1 address, 2 days that are left, 3 stamp of its end, 4 whom to tell, 5 number
 * of the contact, 6 member.
 */
struct letter_certificate_words {
	const char *title_soon;
	const char *title_over;
	const char *says_soon;
	const char *says_over;
	const char *means_soon;
	const char *means_over;
	const char *steps[ADVICE_STEPS_MAX]; /* NULL where there are fewer */
};

/* Strings only: a test walks it as an array. */
struct letter_vocabulary {
	const char *phrases[PHRASE_COUNT];
	const char *whats[RULE_COUNT];         /* what was seen, in a subject: a noun */
	const char *urgencies[SEVERITY_COUNT]; /* how soon somebody should look at it */
	const char *whom[ADVICE_COUNT];        /* sentences */
	const char *asks[ADVICE_COUNT];        /* what the vendor is asked for: sentences */
	const char *neglects[ADVICE_COUNT];    /* what happens if nothing is done: sentences */
	struct letter_alarm_words alarms[ALARM_COUNT];
	struct letter_certificate_words certificates[LETTER_CERTIFICATE_KINDS];
};

extern const struct letter_vocabulary wording_letter_en;
extern const struct letter_vocabulary wording_letter_ja;

/* Those in use: notify/wording_set.h. */
const struct letter_vocabulary *wording_letter_get(enum language language);

void wording_letter_add(struct text *text, enum language language, enum phrase phrase,
    const struct value *values, size_t value_count);

#endif
