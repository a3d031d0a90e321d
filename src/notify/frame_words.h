/*
 * frame_words.h - one captured frame in words for people: what it asks of whom, and by what one can
 * see it. Any bytes give words; nothing of a payload is in them.
 */
#ifndef NOTIFY_FRAME_WORDS_H
#define NOTIFY_FRAME_WORDS_H

#include "base/json.h"
#include "notify/text.h"
#include "notify/wording.h"
#include "source/frame.h"

enum {
	FRAME_WORDS_BYTES = 512,   /* a sentence in any language */
	FRAME_SUMMARY_BYTES = 256, /* the line that is the same in all */
};

/* "198.51.100.77 asks 198.18.3.4 to open a connection to TCP 23 (Telnet); mark of Mirai" */
void frame_words_add(struct text *text, enum language language, const struct frame *frame);

/*
 * "198.51.100.77:49152 > 198.18.3.4:23 TCP SYN ttl 57 length 60 mirai": for who knows protocols, in
 * no language.
 */
void frame_words_add_summary(struct text *text, const struct frame *frame);

/*
 * The members of an object that is open: at, from, to, protocol, from_port, to_port, flags, ttl,
 * icmp_type, icmp_code, payload, tool, quoted, tunnelled, length, captured, verdict, drill,
 * summary, words {ja, en}; those that say something.
 */
void frame_words_write(struct json *json, const struct frame *frame);

#endif
