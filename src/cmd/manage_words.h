/*
 * manage_words.h - what the commands that look after a station say to people, in each language, as
 * phrases (notify/text.h). A test holds that all languages have the same places.
 */
#ifndef CMD_MANAGE_WORDS_H
#define CMD_MANAGE_WORDS_H

#include "notify/text.h"
#include "notify/wording.h"

enum manage_word {
	/* Heads of tables. */
	HEAD_ID,
	HEAD_NAME,
	HEAD_RANGES,
	HEAD_LANGUAGE,
	HEAD_CONTACTS,
	HEAD_OPEN,
	HEAD_MEMBER,
	HEAD_ADDRESS,
	HEAD_LEAST,
	HEAD_STATE,
	HEAD_SEVERITY,
	HEAD_LAST,
	HEAD_MACHINE,
	HEAD_WHAT,
	HEAD_RULE,
	HEAD_PORT,
	HEAD_UNTIL,
	HEAD_BY,
	HEAD_REASON,
	HEAD_WRITTEN,
	HEAD_KIND,
	HEAD_TRIES,
	HEAD_REPLY,
	HEAD_SEAL, /* in a column of one letter */
	HEAD_WHEN,
	HEAD_WHAT_HAPPENED,
	HEAD_BY_WHOM,
	HEAD_NOTE,
	HEAD_TIER,
	HEAD_DELIVERED,
	HEAD_WAITING,
	HEAD_FAILED,
	HEAD_ROLE,
	HEAD_SIGNS_IN,
	HEAD_CHANGED,
	HEAD_KEY,
	HEAD_VALUE,
	HEAD_COMES_FROM,
	HEAD_MAY_BE,
	/* Labels of single things. */
	LABEL_MEMBER,
	LABEL_RANGES,
	LABEL_DARK,
	LABEL_LANGUAGE,
	LABEL_ZONE,
	LABEL_COUNTRY,
	LABEL_HOURS,
	LABEL_EGRESS,
	LABEL_NOTE,
	LABEL_SINCE,
	LABEL_INCIDENT,
	LABEL_STATE,
	LABEL_CONTACT,
	LABEL_KIND,
	LABEL_MESSAGE_ID,
	LABEL_SUBJECT,
	LABEL_WRITTEN,
	LABEL_TRIES,
	LABEL_LAST_TRY,
	LABEL_NEXT_TRY,
	LABEL_DELIVERED,
	LABEL_REPLY,
	LABEL_SEAL,
	LABEL_CERTIFICATE,
	LABEL_HOLDER,
	LABEL_ISSUER,
	LABEL_ALGORITHM,
	LABEL_FROM,
	LABEL_UNTIL,
	LABEL_FINGERPRINT,
	/* Above tables that follow something. */
	TITLE_CONTACTS,
	TITLE_OPEN,
	TITLE_HISTORY,
	TITLE_FRAMES,
	TITLE_NOTICES,
	/* In place of what is not there. */
	TERM_ANY,
	TERM_OPERATOR,
	TERM_NOBODY,  /* whose contact was removed */
	TERM_STATION, /* who did it: Hinomi itself */
	TERM_FOR_EVER,
	TERM_LOCKED,
	TERM_TIER_FIRST,
	TERM_TIER_SECOND,
	TERM_SIGNED,
	TERM_SEAL_SIGNED,
	TERM_SEAL_ENCRYPTED,
	TERM_UNSIGNED,
	TERM_PASSWORD,
	TERM_LINK_ONLY,
	TERM_DISABLED,
	TERM_SETTINGS, /* where a setting comes from: the page, or `hinomi setting` */
	TERM_DEFAULT,
	/* Sentences. */
	SAY_NONE,
	SAY_MORE,              /* 1 how many */
	SAY_MEMBER_ADDED,      /* 1 name */
	SAY_MEMBER_CHANGED,    /* 1 name */
	SAY_MEMBER_REMOVED,    /* 1 name */
	SAY_IMPORTED,          /* 1 added, 2 changed */
	SAY_CONTACT_ADDED,     /* 1 number, 2 address */
	SAY_CODE_SENT,         /* 1 number, 2 address */
	SAY_CONTACT_CHANGED,   /* 1 number, 2 address */
	SAY_CONTACT_ENCRYPTED, /* 1 until when */
	SAY_CONTACT_REMOVED,   /* 1 number */
	SAY_VERIFIED,          /* 1 number, 2 address */
	SAY_WAITS,
	SAY_INCIDENT,          /* 1 number, 2 state */
	SAY_STATE_REASON,      /* 1 state, 2 reason */
	SAY_NOTED,             /* 1 number */
	SAY_EXCEPTION_ADDED,   /* 1 number, 2 range, 3 until */
	SAY_EXCEPTION_REMOVED, /* 1 number */
	SAY_RESENT,            /* 1 number, 2 address */
	SAY_HOLDS_CODE,        /* in place of a letter's text */
	SAY_KEY_MADE,
	SAY_KEY_SELF_SIGNED,
	SAY_ENCRYPTED,     /* in place of a letter's text */
	SAY_UNREADABLE,    /* the finding of an incident */
	SAY_ACCOUNT_ADDED, /* 1 name, as what follows */
	SAY_ACCOUNT_LINK,
	SAY_ACCOUNT_CHANGED,
	SAY_ACCOUNT_REMOVED,
	SAY_SETTING_CHANGED, /* 1 key, 2 value, 3 the one before; as what follows */
	SAY_SETTING_SAME,
	SAY_SETTING_SOON,
	SAY_SETTING_START,
	MANAGE_WORDS
};

/* The phrase itself. */
const char *manage_word(enum language language, enum manage_word word);
void manage_words_add(struct text *text, enum language language, enum manage_word word,
    const struct value *values, size_t count);

/*
 * A name that records use ("in-progress", "high", "delivered") as people read it: in English as it
 * is. One that is not known stays as it is.
 */
const char *manage_term(enum language language, const char *name);

#endif
