/*
 * letter_internal.h - what the letters share: the sheet that a body is written on, names made fit
 * to be shown, subjects. Of src/notify/ and its tests only.
 */
#ifndef NOTIFY_LETTER_INTERNAL_H
#define NOTIFY_LETTER_INTERNAL_H

#include "notify/letter.h"
#include "notify/screen.h"
#include "notify/telling.h"
#include "notify/wording_letter.h"

enum {
	LETTER_NAME_BYTES = 1024, /* of a name or a whom-to-ask, with every byte made visible */
	LETTER_PARAGRAPH_BYTES = 4 * TELLING_BYTES, /* the text for a vendor has all of them */
};

struct sheet {
	const struct letter_setting *setting; /* borrowed */
	enum language language;
	struct screen screen;
	FILE *file;
	char *bytes;
	size_t length;
};

/* Returns 0, or -ENOMEM. */
int sheet_open(struct sheet *sheet, const struct letter_setting *setting);
/* Gives the finished text, to be freed by the caller. Returns 0, or -ENOMEM. */
int sheet_close(struct sheet *sheet, char **ret_body);

void sheet_heading(struct sheet *sheet, enum phrase phrase); /* with an empty line before */
void sheet_paragraph(struct sheet *sheet, const char *text); /* nothing where it is "" */
void sheet_say(
    struct sheet *sheet, enum phrase phrase, const struct value *values, size_t value_count);
/* A numbered step, from 1 on. */
void sheet_step(struct sheet *sheet, size_t number, const char *text);
void sheet_gap(struct sheet *sheet);
/* "-- ", after which mail programs set the end of a letter apart. */
void sheet_end_mark(struct sheet *sheet);

/* As telling_add_stamp, on the reader's clocks. */
void sheet_stamp(const struct sheet *sheet, int64_t time_us, char out[static TELLING_STAMP_BYTES]);
/* A sentence of one stamp. */
void sheet_say_time(struct sheet *sheet, enum phrase phrase, int64_t time_us);

/* The station's name, and whom to ask; words in their place where the setting has none. */
void letter_station(const struct letter_setting *setting, char out[static LETTER_NAME_BYTES]);
void letter_desk(const struct letter_setting *setting, char out[static LETTER_NAME_BYTES]);
/* A name of others with what is hidden in it made visible. */
void letter_visible(const char *name, char out[static LETTER_NAME_BYTES]);
/* The same, of at most this many columns; what is cut is told by "...". */
void letter_shorten(const char *name, int columns, char out[static LETTER_NAME_BYTES]);
/* A member's name as it is called in sentences: the one made for private addresses has none. */
void letter_member(
    enum language language, const char *member, int columns, char out[static LETTER_NAME_BYTES]);

/* The first of these lines, and how many more there are. */
void sheet_lines(struct sheet *sheet, const struct registry *registry,
    const struct letter_digest_line *lines, size_t listed, uint64_t count);
/* Closes the sheet and puts the subject beside it. Returns 0, or -ENOMEM. */
int letter_finish(struct sheet *sheet, const char *subject, struct letter *ret_letter);

/* Whom it was sent to, by whom, whom to ask. `member` NULL is the operator. */
void letter_put_sender(struct sheet *sheet, const char *member);

/* "[hinomi] ", the mark of a drill, and the rest. Returns 0, or -ENOMEM. */
int letter_give_subject(
    const struct letter_setting *setting, bool is_drill, const char *rest, char **ret_subject);

/* "example-town 192.0.2.5" and "search of the network (scan), address may be forged". */
void letter_add_who(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding);
void letter_add_what(struct text *text, enum language language, const struct finding *finding);

#endif
