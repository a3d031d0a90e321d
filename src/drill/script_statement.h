/* script_statement.h - one line of a script, understood. Included by script*.c only. */
#ifndef DRILL_SCRIPT_STATEMENT_H
#define DRILL_SCRIPT_STATEMENT_H

#include "base/complaint.h"
#include "drill/script_value.h"

enum {
	SCRIPT_WORDS_MAX = 320, /* a frame of 288 bytes in hexadecimal, a word each */
};

/* The words of one line, and what a complaint about it begins with. */
struct script_line {
	const char *name;
	unsigned number;
	char *words[SCRIPT_WORDS_MAX];
	size_t count;
	size_t at;
	struct complaint *complaint;
};

enum script_form {
	SCRIPT_PACKET,
	SCRIPT_HANDSHAKE, /* SYN, SYN+ACK, ACK */
	SCRIPT_SESSION,   /* handshake, data both ways, FIN */
};

enum script_mark {
	SCRIPT_MARK_NONE,
	SCRIPT_MARK_MIRAI,
	SCRIPT_MARK_ZMAP,
	SCRIPT_MARK_ZMAP41,
	SCRIPT_MARK_MASSCAN,
	SCRIPT_MARK_NMAP,
	SCRIPT_MARK_UNICORNSCAN,
};

enum script_field {
	SCRIPT_TTL,
	SCRIPT_IP_ID,
	SCRIPT_SEQ,
	SCRIPT_ACK,
	SCRIPT_WINDOW,
	SCRIPT_TSVAL,
	SCRIPT_LENGTH,
	SCRIPT_ECHO_ID,
	SCRIPT_ECHO_SEQ,
	SCRIPT_CODE,
	SCRIPT_PROTOCOL,
	SCRIPT_FIELD_COUNT,
};

struct script_statement {
	struct actor actor;
	int64_t gap_us;
	uint32_t count;
	uint32_t i;
	uint8_t form; /* enum script_form */
	uint8_t mark; /* enum script_mark */
	bool has_source_mac;
	bool has_target_mac;
	bool has_options;
	struct script_place source;
	struct script_place target;
	struct script_place inner_source; /* of an ICMP error */
	struct script_place inner_target;
	struct script_number fields[SCRIPT_FIELD_COUNT];
	uint64_t key;         /* a tool's constant for this run */
	struct packet packet; /* what does not change */
};

/* The next word, or NULL at the end of the line. */
char *script_take_word(struct script_line *line);
/* Fills the complaint with place, word (NULL: the end of the line) and reason; gives -EINVAL. */
int script_refuse(const struct script_line *line, const char *word, const char *why);

/* Understands the rest of a line, which describes a packet. The statement comes zeroed. */
int script_take_packet(struct script_line *line, struct script_statement *ret_statement);

/* The actor's step: sends the i-th packet of its statement. */
int64_t script_play(struct stage *stage, struct actor *actor);

#endif
