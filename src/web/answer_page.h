/*
 * answer_page.h - the page behind the link of a letter: what the incident is, and the five answers.
 *
 * One plain page of HTML, in Japanese or English: no script, nothing from elsewhere, and forms that
 * lead nowhere else (ANSWER_PAGE_POLICY). Whatever its texts hold, it is shown as text.
 *
 * A page that is no incident's is the same whatever the reason: in both languages, since of whoever
 * has no right link nothing is known.
 */
#ifndef WEB_ANSWER_PAGE_H
#define WEB_ANSWER_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "alert/incident.h"
#include "base/address.h"
#include "base/when.h"
#include "notify/headline.h"
#include "notify/telling.h"
#include "notify/wording.h"
#include "registry/registry.h"
#include "web/answer_link.h"

/* The style is inline, and known by its hash: nothing else is let in. A test holds them together.
 */
#define ANSWER_PAGE_POLICY                                                                         \
	"default-src 'none'; style-src 'sha256-PnoJLnX5gKH/O1uSeg+IykEu1bMgJz2uEHkSloVk5IU='; "    \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

enum answer {
	ANSWER_NONE, /* none was given yet */
	ANSWER_ON_IT,
	ANSWER_FIXED,
	ANSWER_NOT_OURS,
	ANSWER_HARMLESS,
	ANSWER_STOP,
	ANSWER_COUNT,
};

const char *answer_name(enum answer answer); /* "on-it" ...; "" for ANSWER_NONE */
int answer_find(const char *name);           /* -1 for an unknown name, and for "" */

enum {
	ANSWER_NOTE_CHARACTERS = 200, /* that the form takes: a sentence or two */
	/* As it comes, and as it is kept: a character has 4 bytes at most, and one that is made
	   visible 10. */
	ANSWER_NOTE_RAW_BYTES = 4 * ANSWER_NOTE_CHARACTERS + 1,
	ANSWER_NOTE_BYTES = 10 * ANSWER_NOTE_CHARACTERS + 1,
	ANSWER_NAME_BYTES =
	    1024, /* of a station, member or desk, with what is hidden made visible */
	ANSWER_STYLE_BYTES_MAX = 4096,
};

/* All texts are as people may see them (notify/glyph.h), in the page's language. */
struct answer_page {
	enum language language;
	int64_t incident;
	bool is_drill;
	enum incident_state state;
	enum close_reason reason;
	char station[ANSWER_NAME_BYTES]; /* "": it has no name */
	char member[ANSWER_NAME_BYTES];
	char desk[ANSWER_NAME_BYTES]; /* whom to ask; "": nobody is named */
	char machine[ADDRESS_TEXT_BYTES];
	char headline[HEADLINE_BYTES];
	char severity[64];
	char first[TELLING_STAMP_BYTES];
	char last[TELLING_STAMP_BYTES];
	char until[TELLING_STAMP_BYTES]; /* the link is good */
	enum answer answer;              /* the last one that this contact gave */
	char answered[TELLING_STAMP_BYTES];
	char note[ANSWER_NOTE_BYTES];
	char form[ANSWER_FORM_BYTES];
};

/* Whether all texts end, are UTF-8, and all else is within its bounds: of a page that came. */
bool answer_page_is_sound(const struct answer_page *page);

void answer_page_write(FILE *out, const struct answer_page *page);

/* Why there is no such page. */
enum answer_trouble {
	ANSWER_NO_LINK,  /* of no incident that could be answered by it, whatever the reason */
	ANSWER_FOREIGN,  /* what was posted did not come from the page */
	ANSWER_MANY,     /* more answers by this link than anybody needs */
	ANSWER_TOO_FAST, /* too many requests */
	ANSWER_AWAY,     /* nobody is there to answer now */
	ANSWER_TROUBLE_COUNT,
};

void answer_trouble_write(FILE *out, enum answer_trouble trouble);

/* The style of all of them, for the test of its hash. */
const char *answer_page_style(void);

#endif
