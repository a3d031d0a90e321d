/* answer_words.h - the words of the page behind a letter's link; of src/web/ and its tests only. */
#ifndef WEB_ANSWER_WORDS_H
#define WEB_ANSWER_WORDS_H

#include "web/answer_page.h"

struct answer_choice_words {
	const char *button;
	const char *effect; /* what it does: a sentence */
	const char *done;   /* what was done, and what comes next: sentences */
};

/* Strings only: a test walks it as an array. Phrases (notify/text.h) where places are named. */
struct answer_words {
	const char *other_language; /* in that language */
	const char *title;          /* 1 incident */
	const char *drill;
	const char *to; /* 1 member */
	const char *machine;
	const char *first;
	const char *last;
	const char *severity;
	const char *incident;
	const char *state;
	const char *states[INCIDENT_STATE_COUNT];
	const char *reasons[CLOSE_REASON_COUNT]; /* "" for CLOSE_NONE */
	const char *recorded;                    /* 1 the answer, 2 stamp */
	const char *your_note;                   /* 1 the note */
	const char *heading;
	const char *again; /* in its place where an answer was given */
	const char *note;
	const char *note_hint;
	struct answer_choice_words choices[ANSWER_COUNT];
	const char *until; /* 1 stamp */
	const char *desk;  /* 1 whom to ask */
	const char *sent;  /* 1 station */
	const char *sent_nameless;
	const char *troubles[ANSWER_TROUBLE_COUNT];
};

extern const struct answer_words answer_words_en;
extern const struct answer_words answer_words_ja;

const struct answer_words *answer_words_get(enum language language);

#endif
