/*
 * manage_lists.h - lists that stand by themselves and within others: contacts, incidents, notices.
 */
#ifndef CMD_MANAGE_LISTS_H
#define CMD_MANAGE_LISTS_H

#include "cmd/manage.h"

enum {
	MANAGE_OPEN_STATES = 5,
	MANAGE_NAME_BYTES = 128, /* MEMBER_NAME_BYTES */
};

/* Of incidents that need somebody: all but quiet and closed ones. */
extern const char *const manage_open_states[MANAGE_OPEN_STATES];

/* Prints it, or that there is nothing; for formats other than text nothing. */
void manage_print_table(const struct manage *manage, const struct columns *table);
/* A title above what follows, with an empty line before; likewise. */
void manage_print_title(const struct manage *manage, enum manage_word title);

/* The name of a member; "" where it is gone, and for 0. An exit status. */
int manage_member_name(const struct manage *manage, int64_t id, char out[static MANAGE_NAME_BYTES]);
/* Its number. An exit status, after a message where there is none. */
int manage_member_id(const struct manage *manage, const char *name, int64_t *ret_id);

/* Contacts of one member, or of all (NULL), below a title (MANAGE_WORDS: none). */
int manage_list_contacts(struct manage *manage, const int64_t *member, enum manage_word title);

/* What of incidents is asked for. */
struct manage_incidents {
	const struct store_query *query;
	int severity_min; /* enum severity, or -1 */
	bool has_canaries;
	size_t listed; /* so many were */
};

/* An exit status. */
int manage_list_incidents(struct manage *manage, struct manage_incidents *incidents);
/* Those of a member that are open, below their title. */
int manage_list_open(struct manage *manage, int64_t member);

/* What of notices is asked for. */
struct manage_notices {
	const struct store_query *query;
	size_t listed;
	size_t failed;
};

int manage_list_notices(struct manage *manage, struct manage_notices *notices);

#endif
