/*
 * wording_table.h - all words that an operator may change, as a table: by sections and names, with
 * what stands in the places of each and what must hold of it. Of src/notify/ and its tests only.
 *
 * A word more is a row in wording_entries.c; a test names those that lack one.
 */
#ifndef NOTIFY_WORDING_TABLE_H
#define NOTIFY_WORDING_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notify/wording_internal.h"
#include "notify/wording_letter.h"

enum {
	WORDING_PLACES_MAX = 5,
	/* Above all that stand in a sentence, and so that a paragraph holds them with all values.
	 */
	WORDING_BYTES_MAX = 800,
};

/* All words of one language. */
struct words {
	struct vocabulary report;
	struct letter_vocabulary letter;
};

struct wording_entry {
	const char *name; /* NULL: it cannot be changed */
	/* What stands for {1}, {2} and on; NULL ends. "!address": it must be named. */
	const char *places[WORDING_PLACES_MAX];
	const char *holds;  /* these characters must be in it; NULL: none */
	uint16_t bytes_max; /* 0: as its section says */
	bool may_be_empty;
};

/* Tables of names. */
enum wording_kind {
	WORDING_MESSAGE,
	WORDING_PHRASE,
	WORDING_REASON,
	WORDING_SPOOF_REASON,
	WORDING_SERVICE,
	WORDING_ADVICE,
};
const struct wording_entry *wording_entries(enum wording_kind kind);

enum wording_form {
	WORDING_SENTENCES, /* name: text */
	WORDING_STEPS,     /* name: a list of 1 to ADVICE_STEPS_MAX */
	WORDING_ALARMS,    /* name: title, says, means, steps */
};

struct wording_section {
	const char *name;
	const char *about; /* for whoever reads the file: a line */
	enum wording_form form;
	size_t offset; /* of its strings in struct words */
	size_t count;
	const struct wording_entry *(*entry)(size_t index); /* where it has rows of their own, */
	const char *(*key)(size_t index);                   /* else only names */
	/* Of all of them, where rows have no places of their own. */
	const char *places[WORDING_PLACES_MAX];
	uint16_t bytes_max;
};

enum {
	WORDING_SECTIONS = 19,
};
extern const struct wording_section wording_sections[WORDING_SECTIONS];

/* The row of one of its words; false where it cannot be changed. */
bool wording_section_entry(
    const struct wording_section *section, size_t index, struct wording_entry *ret_entry);
/* Of an alarm: its title has other places than the rest. */
extern const struct wording_entry wording_alarm_title;

/* Where its strings lie: one, ADVICE_STEPS_MAX, or a struct letter_alarm_words. */
const char **wording_at(struct words *words, const struct wording_section *section, size_t index);
const char *const *wording_at_const(
    const struct words *words, const struct wording_section *section, size_t index);

/* The words as they are built in. */
void wording_built_in(enum language language, struct words *ret_words);

/*
 * Why a text may not stand there, for a complaint "found ..., expected ...", in `why`; true where
 * it may. It is UTF-8, nothing in it is hidden, its places are among those that the entry has, and
 * none is missing that must be named.
 */
bool wording_check(
    const struct wording_entry *entry, const char *text, char *why, size_t why_bytes);

#endif
